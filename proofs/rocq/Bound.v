(** Bound - how far the shifted masked softmax can be off in floating point: for any summation order, any exp kernel,
    any format, with exps and quotients that underflow, gradually or to 0.
    The shape is that of Blanchard, Higham & Higham (IMA J. Numer. Anal. 41(4), 2021), without O(u^2).
    SPDX-License-Identifier: MIT *)
From Coq Require Import Reals ZArith List Lra Lia Bool Arith Psatz.
From Flocq Require Import Core Relative Plus_error.
From Maskproof Require Import Sums Spec Format Relative.
Import ListNotations.
Open Scope R_scope.
Implicit Types (x : nat -> R) (f : format).

(** A summation order of indices: left to right is a comb of height n - 1, pairwise has height log2 n, vectors mix. *)
Inductive tree := Leaf (i : nat) | Node (a b : tree).
Fixpoint leaves t := match t with Leaf i => [i] | Node a b => leaves a ++ leaves b end.
Fixpoint height t := match t with Leaf _ => O | Node a b => S (max (height a) (height b)) end.

(** The sum in format f, every addition rounded. *)
Fixpoint rounded_sum f (e : nat -> R) t : R :=
  match t with Leaf i => e i | Node a b => RN f (rounded_sum f e a + rounded_sum f e b) end.

Lemma representable_opp f a : representable f a -> representable f (- a).
Proof. apply generic_format_opp. Qed.

Lemma unit_roundoff_range f : 0 <= unit_roundoff f <= 1 / 2.
Proof.
  unfold unit_roundoff. split; [apply bpow_ge_0|]. replace (1 / 2) with (bpow radix2 (-1)) by (simpl; lra).
  apply bpow_le. pose proof (prec_positive f). lia.
Qed.

Lemma u_ro_unit_roundoff f : u_ro radix2 (prec f) = unit_roundoff f.
Proof.
  unfold u_ro, unit_roundoff. replace (- prec f + 1)%Z with (- prec f + 1)%Z by ring.
  rewrite bpow_plus. simpl (bpow radix2 1). lra.
Qed.

(** Additions never underflow: a sum of representable numbers has a relative error of at most u. *)
Lemma RN_plus f a b : representable f a -> representable f b ->
  exists d, Rabs d <= unit_roundoff f /\ RN f (a + b) = (a + b) * (1 + d).
Proof.
  intros Ha Hb. pose proof (unit_roundoff_range f).
  destruct (@FLT_plus_error_N_ex radix2 (emin f) (prec f) (prec_positive f) (fun z => negb (Z.even z)) a b Ha Hb) as
    (d & Hd & E).
  exists d. split; [|exact E]. rewrite u_ro_unit_roundoff in Hd. eapply Rle_trans; [apply Hd|].
  apply Rmult_le_reg_r with (1 + unit_roundoff f); [lra|].
  replace (unit_roundoff f / (1 + unit_roundoff f) * (1 + unit_roundoff f)) with (unit_roundoff f) by (field; lra). nra.
Qed.

Lemma rounded_sum_representable f e t : (forall i, In i (leaves t) -> representable f (e i)) ->
  representable f (rounded_sum f e t).
Proof. destruct t; simpl; intros H; [apply H; auto | apply RN_representable]. Qed.

(** A sum of nonnegative numbers, in any order: relative error h u / (1 - h u), h the height of the tree. *)
Theorem sum_any_order f e t : let h := INR (height t) in let u := unit_roundoff f in
  (forall i, In i (leaves t) -> representable f (e i) /\ 0 <= e i) -> h * u <= 1 ->
  near (h * u) (rounded_sum f e t) (sum (leaves t) e).
Proof.
  intros h u H Hh. unfold h in *. clear h. pose proof (unit_roundoff_range f) as Hu. fold u in Hu.
  induction t as [i|a IHa b IHb].
  - simpl. rewrite Rmult_0_l, Rplus_0_r. apply near_refl.
  - cbn [leaves rounded_sum height] in *. rewrite sum_app. rewrite S_INR in *.
    set (k := max (height a) (height b)) in *.
    assert (Ka : INR (height a) <= INR k) by (apply le_INR; lia).
    assert (Kb : INR (height b) <= INR k) by (apply le_INR; lia).
    pose proof (pos_INR k). pose proof (pos_INR (height a)). pose proof (pos_INR (height b)).
    assert (Ha : forall i, In i (leaves a) -> representable f (e i) /\ 0 <= e i) by (intros; apply H, in_or_app; auto).
    assert (Hb : forall i, In i (leaves b) -> representable f (e i) /\ 0 <= e i) by (intros; apply H, in_or_app; auto).
    assert (Sa : 0 <= sum (leaves a) e) by (apply sum_nonneg; intros; now apply Ha).
    assert (Sb : 0 <= sum (leaves b) e) by (apply sum_nonneg; intros; now apply Hb).
    assert (Na : near (INR k * u) (rounded_sum f e a) (sum (leaves a) e)).
    { apply near_weaken with (INR (height a) * u); auto; try nra. apply IHa; auto. nra. }
    assert (Nb : near (INR k * u) (rounded_sum f e b) (sum (leaves b) e)).
    { apply near_weaken with (INR (height b) * u); auto; try nra. apply IHb; auto. nra. }
    destruct (RN_plus f (rounded_sum f e a) (rounded_sum f e b)) as (d & Hd & ->);
      try (apply rounded_sum_representable; intros; first [now apply Ha | now apply Hb]).
    replace ((INR k + 1) * u) with (u + INR k * u) by ring.
    assert (N := near_plus _ _ _ _ _ Na Nb).
    apply near_trans with (rounded_sum f e a + rounded_sum f e b); try nra; auto.
    apply near_rnd; [lra | | auto].
    apply (near_nonneg (INR k * u) _ (sum (leaves a) e + sum (leaves b) e)); auto; nra.
Qed.

Lemma rounded_sum_nonneg f e t : (forall i, In i (leaves t) -> 0 <= e i) -> 0 <= rounded_sum f e t.
Proof.
  induction t as [i|a IHa b IHb]; simpl; intros H; [apply H; auto|].
  rewrite <- (RN_0 f). apply RN_le.
  assert (0 <= rounded_sum f e a) by (apply IHa; intros; apply H, in_or_app; auto).
  assert (0 <= rounded_sum f e b) by (apply IHb; intros; apply H, in_or_app; auto). lra.
Qed.

(** A sum of nonnegative numbers is at least each of them, roundings included. *)
Lemma rounded_sum_ge f e t k : (forall i, In i (leaves t) -> representable f (e i) /\ 0 <= e i) -> In k (leaves t) ->
  e k <= rounded_sum f e t.
Proof.
  intros H Hk. assert (Rk : representable f (e k)) by now apply H.
  induction t as [i|a IHa b IHb]; simpl in *; [destruct Hk as [->|[]]; lra|].
  assert (Ha : forall i, In i (leaves a) -> representable f (e i) /\ 0 <= e i) by (intros; apply H, in_or_app; auto).
  assert (Hb : forall i, In i (leaves b) -> representable f (e i) /\ 0 <= e i) by (intros; apply H, in_or_app; auto).
  assert (Pa : 0 <= rounded_sum f e a) by (apply rounded_sum_nonneg; intros; now apply Ha).
  assert (Pb : 0 <= rounded_sum f e b) by (apply rounded_sum_nonneg; intros; now apply Hb).
  rewrite <- (RN_id f (e k) Rk). apply RN_le.
  apply in_app_or in Hk as [Hk|Hk]; [specialize (IHa Ha Hk) | specialize (IHb Hb Hk)]; lra.
Qed.

Section Softmax.
Variable f : format.
Notation u := (unit_roundoff f).

(** The row: t is the order in which the valid entries are summed, c the shift. *)
Variables (x : nat -> R) (t : tree) (c : R).
Hypothesis row : forall j, In j (leaves t) -> representable f (x j).
Hypothesis shift : representable f c /\ exists k, In k (leaves t) /\ c = x k.

(** The kernel: exp of the rounded difference is right up to a relative error eps and an absolute error w, for
    differences down to -range; what lies below is at most w. *)
Variables (kernel : nat -> R) (range eps w : R).
Definition difference j := RN f (x j - c).
Hypothesis kernel_nonneg : forall j, In j (leaves t) -> representable f (kernel j) /\ 0 <= kernel j.
Hypothesis kernel_one : forall j, In j (leaves t) -> difference j = 0 -> kernel j = 1.
Hypothesis kernel_error : forall j, In j (leaves t) ->
  Rabs (x j - c) <= range /\
    (exists d a, Rabs d <= eps /\ Rabs a <= w /\ kernel j = exp (difference j) * (1 + d) + a) \/
  exp (x j - c) <= w /\ kernel j <= w.
Hypothesis sizes : 0 <= range /\ 0 <= eps /\ 0 <= w.

(** The exact probability of a valid entry, and the computed one before its last rounding. *)
Definition exact i := exp (x i) / sum (leaves t) (fun j => exp (x j)).
Definition quotient i := kernel i / rounded_sum f kernel t.

(** The relative budget: h additions, the division, twice the exp and its rounded argument; and what underflows. *)
Definition budget : R := (INR (height t) + 1 + 2 * range) * u + 2 * eps + INR (length (leaves t)) * w.

Lemma exact_shift i : exact i = exp (x i - c) / sum (leaves t) (fun j => exp (x j - c)).
Proof.
  unfold exact. rewrite (sum_ext _ (fun j => exp (x j - c)) (fun j => exp (- c) * exp (x j)))
    by (intros; unfold Rminus; rewrite exp_plus; ring).
  rewrite sum_scale. unfold Rminus. rewrite exp_plus. pose proof (exp_pos (- c)).
  unfold Rdiv. rewrite Rinv_mult. set (i1 := / sum _ _).
  transitivity (exp (x i) * i1 * (exp (- c) * / exp (- c))); [|ring]. rewrite Rinv_r; lra.
Qed.

Lemma kernel_near j : eps + u * range <= 1 -> In j (leaves t) ->
  exists a, near (eps + u * range) a (exp (x j - c)) /\ Rabs (kernel j - a) <= w.
Proof.
  intros H1 Hj. destruct sizes as (Hr & He & Hw). pose proof (unit_roundoff_range f) as Hu.
  destruct (kernel_error j Hj) as [(Hrange & d & a & Hd & Ha & E)|[Hx Hk]].
  - exists (exp (difference j) * (1 + d)). split.
    + destruct (RN_plus f (x j) (- c)) as (dl & Hdl & Er); [now apply row | now apply representable_opp|].
      fold (x j - c) in Er. fold (difference j) in Er.
      apply near_trans with (exp (difference j)); try nra; try (left; apply exp_pos).
      * apply near_rnd; [nra | left; apply exp_pos | auto].
      * apply near_exp. rewrite Er. replace ((x j - c) * (1 + dl) - (x j - c)) with (dl * (x j - c)) by ring.
        rewrite Rabs_mult. apply Rmult_le_compat; auto using Rabs_pos.
    + rewrite E. replace (_ + a - _) with a by ring. auto.
  - exists (exp (x j - c)). pose proof (exp_pos (x j - c)). split.
    + apply near_weaken with 0; try nra. apply near_refl.
    + destruct (kernel_nonneg j Hj). apply Rabs_le. lra.
Qed.

(** The sum that the softmax divides by is at least 1. *)
Theorem denominator_at_least_1 : 1 <= rounded_sum f kernel t.
Proof.
  destruct shift as (_ & k & Hk & Hc). rewrite <- (kernel_one k Hk).
  - now apply rounded_sum_ge.
  - unfold difference. rewrite Hc, Rminus_diag_eq by reflexivity. apply RN_0.
Qed.

Lemma kernel_sum_near s : eps + u * range <= 1 -> (forall j, In j s -> In j (leaves t)) ->
  exists a, near (eps + u * range) a (sum s (fun j => exp (x j - c))) /\ Rabs (sum s kernel - a) <= INR (length s) * w.
Proof.
  intros H1. induction s as [|j s IH]; intros H.
  - exists 0. simpl. split; [unfold near; lra|]. rewrite Rmult_0_l, Rminus_0_r, Rabs_R0. lra.
  - destruct IH as (a & Na & Ea); [intros; apply H; now right|].
    destruct (kernel_near j H1) as (b & Nb & Eb); [apply H; now left|].
    exists (b + a). split; [now apply near_plus|]. cbn [sum length]. rewrite S_INR.
    replace (kernel j + sum s kernel - (b + a)) with ((kernel j - b) + (sum s kernel - a)) by ring.
    eapply Rle_trans; [apply Rabs_triang|]. lra.
Qed.

(** The mixed bound.  A result that is the quotient up to u, and up to an absolute e where it underflows, is the exact
    probability up to K / (1 - K) relatively and 2 w + e absolutely. *)
Theorem mixed_bound i e result : budget < 1 -> In i (leaves t) -> 0 <= e ->
  Rabs (result - quotient i) <= u * quotient i + e ->
  Rabs (result - exact i) <= budget / (1 - budget) * exact i + 2 * w + e.
Proof.
  intros HK Hi He0 Hres. unfold budget in HK. destruct sizes as (Hr & He & Hw).
  pose proof (unit_roundoff_range f) as Hu. pose proof (pos_INR (height t)) as Hh.
    pose proof (pos_INR (length (leaves t))) as Hn.
  set (h := INR (height t)) in *. set (n := INR (length (leaves t))) in *.
  set (k := eps + u * range). assert (Hk : 0 <= k) by (unfold k; nra). assert (Hk1 : k <= 1) by (unfold k; nra).
  assert (Hnw : 0 <= n * w) by nra.
  set (T := sum (leaves t) (fun j => exp (x j - c))).
  assert (HT : 1 <= T).
  { destruct shift as (_ & j & Hj & Hc). replace 1 with (exp (x j - c)) by (rewrite Hc, Rminus_diag_eq, exp_0; auto).
    apply (sum_ge_term _ (fun j => exp (x j - c))); auto. intros; left; apply exp_pos. }
  pose proof denominator_at_least_1 as HS. set (S := rounded_sum f kernel t) in *.
  assert (NS : near (h * u + (k + n * w)) S T).
  { apply near_trans with (sum (leaves t) kernel); try (unfold k in *; nra).
    - apply sum_any_order; [apply kernel_nonneg | fold h; unfold k in *; nra].
    - destruct (kernel_sum_near (leaves t) Hk1) as (a & Na & Ea); auto.
      apply (near_absolute k (n * w) a); auto. unfold k in *; nra. }
  destruct (kernel_near i Hk1 Hi) as (a & Na & Ea). pose proof (exp_pos (x i - c)) as Hx.
  assert (Ha : 0 <= a) by (apply (near_nonneg k _ (exp (x i - c))); auto; lra).
  assert (Nq : near (k + (h * u + (k + n * w))) (a / S) (exact i)).
  { rewrite exact_shift. fold T. apply near_div; auto; try (unfold k in *; nra). }
  assert (Hp : 0 <= exact i) by (rewrite exact_shift; fold T; apply Rmult_le_pos; [lra | left;
    apply Rinv_0_lt_compat; lra]).
  assert (Hi1 : 0 < / S <= 1) by (split; [apply Rinv_0_lt_compat; lra | rewrite <- Rinv_1; apply Rinv_le_contravar;
    lra]).
  assert (Hq : Rabs (quotient i - a / S) <= w).
  { unfold quotient. fold S. unfold Rdiv. rewrite <- Rmult_minus_distr_r, Rabs_mult, (Rabs_pos_eq (/ S)) by lra.
    pose proof (Rabs_pos (kernel i - a)). nra. }
  assert (Hv : 0 <= a / S) by (apply Rmult_le_pos; lra).
  (* the rounded quotient is v (1 + d), |d| <= u, up to (1 + u) w + e *)
  set (v := a / S) in *. assert (Q : quotient i <= v + w) by (apply Rabs_le_inv in Hq; lra).
  assert (Hrv : Rabs (result - v) <= u * v + ((1 + u) * w + e)).
  { replace (result - v) with ((result - quotient i) + (quotient i - v)) by ring.
    eapply Rle_trans; [apply Rabs_triang|]. nra. }
  assert (B : forall d, Rabs d <= u -> Rabs (v * (1 + d) - exact i) <= budget / (1 - budget) * exact i).
  { intros d Hd. apply near_error; auto. unfold budget. fold h n.
    apply near_weaken with (u + (k + (h * u + (k + n * w)))); try (unfold k; nra); auto.
    apply near_trans with v; try (unfold k in *; nra); auto. apply near_rnd; auto; lra. }
  pose proof (B u ltac:(rewrite Rabs_pos_eq; lra)) as Bu. pose proof (B (- u) ltac:(rewrite Rabs_Ropp, Rabs_pos_eq;
    lra)) as Bl.
  apply Rabs_le_inv in Hrv. apply Rabs_le_inv in Bu. apply Rabs_le_inv in Bl. apply Rabs_le. nra.
Qed.

(** Half the smallest subnormal: the most that gradual underflow takes. *)
Definition half_subnormal : R := bpow radix2 (emin f - 1).

Lemma RN_error a : 0 <= a -> Rabs (RN f a - a) <= u * a + half_subnormal.
Proof.
  intros Ha. destruct (error_N_FLT radix2 (emin f) (prec f) (prec_positive f) (fun z => negb (Z.even z)) a)
    as (d & e & Hd & He & _ & E). unfold RN. rewrite E.
  replace (a * (1 + d) + e - a) with (d * a + e) by ring. eapply Rle_trans; [apply Rabs_triang|].
  rewrite Rabs_mult, (Rabs_pos_eq a) by auto.
  assert (Rabs d <= u) by (rewrite <- u_ro_unit_roundoff; exact Hd).
  assert (Rabs e <= half_subnormal).
  { unfold half_subnormal, Zminus. rewrite bpow_plus. change (bpow radix2 (- (1))) with (/ 2). lra. }
  nra.
Qed.

(** With gradual underflow. *)
Theorem softmax_bound i : budget < 1 -> In i (leaves t) ->
  Rabs (RN f (quotient i) - exact i) <= budget / (1 - budget) * exact i + 2 * w + half_subnormal.
Proof.
  intros HK Hi. apply mixed_bound; auto; [apply bpow_ge_0|]. apply RN_error.
  apply Rmult_le_pos; [now apply kernel_nonneg|]. left. apply Rinv_0_lt_compat. pose proof denominator_at_least_1. lra.
Qed.

(** With subnormal results flushed to 0, e is the smallest normal number.  A kernel that flushes has w as large; a sum
    of numbers that were flushed is 0 or normal. *)
Definition smallest_normal : R := bpow radix2 (emin f + prec f - 1).
Definition flushed (a : R) : R := if Rlt_dec a smallest_normal then 0 else a.

Theorem softmax_bound_flushed i : budget < 1 -> In i (leaves t) ->
  Rabs (flushed (RN f (quotient i)) - exact i) <= budget / (1 - budget) * exact i + 2 * w + smallest_normal.
Proof.
  intros HK Hi. assert (Hq : 0 <= quotient i).
  { apply Rmult_le_pos; [now apply kernel_nonneg|]. left. apply Rinv_0_lt_compat.
    pose proof denominator_at_least_1. lra. }
  assert (Hu : 0 <= u) by apply bpow_ge_0. assert (Hm : 0 < smallest_normal) by apply bpow_gt_0.
  apply mixed_bound; auto; [lra|]. unfold flushed. destruct (Rlt_dec _ _) as [H|H].
  - rewrite Rabs_minus_sym, Rminus_0_r, Rabs_pos_eq by auto.
    assert (quotient i <= smallest_normal); [|nra]. apply Rnot_lt_le. intros H'. apply (Rlt_not_le _ _ H).
    rewrite <- (RN_id f smallest_normal); [apply RN_le; lra|].
    apply generic_format_bpow. pose proof (prec_positive f). unfold FLT_exp. lia.
  - eapply Rle_trans; [now apply RN_error|]. unfold half_subnormal, smallest_normal.
    assert (bpow radix2 (emin f - 1) <= bpow radix2 (emin f + prec f - 1)); [|lra].
    apply bpow_le. pose proof (prec_positive f). lia.
Qed.

(** Where the quotient is a normal number, and the kernel has a relative error alone. *)
Theorem softmax_relative_bound i : w = 0 -> budget < 1 -> In i (leaves t) ->
  bpow radix2 (emin f + prec f - 1) <= quotient i ->
  Rabs (RN f (quotient i) / exact i - 1) <= budget / (1 - budget).
Proof.
  intros Hw HK Hi Hq. assert (Hp : 0 < exact i).
  { apply Rdiv_lt_0_compat; [apply exp_pos|]. apply Rlt_le_trans with (exp (x i)); [apply exp_pos|].
    apply (sum_ge_term _ (fun j => exp (x j))); auto. intros; left; apply exp_pos. }
  assert (B := mixed_bound i 0 (RN f (quotient i)) HK Hi (Rle_refl 0)). rewrite Hw in B.
  assert (0 < quotient i) by (apply Rlt_le_trans with (2 := Hq); apply bpow_gt_0).
  destruct (relative_error_N_FLT_ex radix2 (emin f) (prec f) (prec_positive f) (fun z => negb (Z.even z)) (quotient i))
    as (d & Hd & E); [now rewrite Rabs_pos_eq by lra|].
  assert (Hd' : Rabs d <= u) by (rewrite <- u_ro_unit_roundoff; exact Hd).
  assert (B' : Rabs (RN f (quotient i) - exact i) <= budget / (1 - budget) * exact i + 2 * 0 + 0).
  { apply B. unfold RN. rewrite E. replace (quotient i * (1 + d) - quotient i) with (d * quotient i) by ring.
    rewrite Rabs_mult, (Rabs_pos_eq (quotient i)) by lra. nra. }
  replace (RN f (quotient i) / exact i - 1) with ((RN f (quotient i) - exact i) * / exact i) by (field; lra).
  rewrite Rabs_mult, (Rabs_pos_eq (/ exact i)) by (left; now apply Rinv_0_lt_compat).
  apply Rmult_le_reg_r with (exact i); auto. rewrite Rmult_assoc, Rinv_l, Rmult_1_r by lra. lra.
Qed.
End Softmax.
