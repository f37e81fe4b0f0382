(** Rationality - why the oracle's loop ends: with rational logits, and floats are, an exact result is rational only in
    the cases that the oracle detects; every other lies on no word and on no midpoint, so that more bits decide.
    Lindemann-Weierstrass is a premise here (a Section Hypothesis), not proved: Baker, Transcendental Number
    Theory, theorem 1.4.
    SPDX-License-Identifier: MIT *)
From Coq Require Import Reals List Lra Lia Bool Arith ZArith.
From Maskproof Require Import Sums Spec Leak.
Import ListNotations.
Open Scope R_scope.

Definition rational (r : R) : Prop := exists a b : BinNums.Z, b <> 0%Z /\ r = IZR a / IZR b.

(** A linear combination of exponentials of distinct rationals, with rational coefficients, is 0 only if all of these
    are: Lindemann-Weierstrass says so for algebraic numbers. *)
Definition lindemann_weierstrass_for_rationals : Prop := forall (values : list R) (c : R -> R), NoDup values ->
  (forall v, In v values -> rational v /\ rational (c v)) ->
  sum values (fun v => c v * exp v) = 0 -> forall v, In v values -> c v = 0.

Lemma rational_Z z : rational (IZR z).
Proof. exists z, 1%Z. split; [easy | field]. Qed.

Lemma rational_plus a b : rational a -> rational b -> rational (a + b).
Proof.
  intros (p & q & Hq & ->) (r & s & Hs & ->). exists (p * s + r * q)%Z, (q * s)%Z. split; [nia|].
  rewrite plus_IZR, !mult_IZR. field. split; now apply not_0_IZR.
Qed.

Lemma rational_mult a b : rational a -> rational b -> rational (a * b).
Proof.
  intros (p & q & Hq & ->) (r & s & Hs & ->). exists (p * r)%Z, (q * s)%Z. split; [nia|].
  rewrite !mult_IZR. field. split; now apply not_0_IZR.
Qed.

Lemma rational_opp a : rational a -> rational (- a).
Proof. intros H. replace (- a) with (-1 * a) by ring. apply rational_mult; auto. apply (rational_Z (-1)). Qed.

Lemma rational_minus a b : rational a -> rational b -> rational (a - b).
Proof. intros. apply rational_plus; auto. now apply rational_opp. Qed.

Lemma rational_sum {A} (s : list A) f : (forall i, In i s -> rational (f i)) -> rational (sum s f).
Proof.
  induction s as [|a s IH]; simpl; intros H; [apply (rational_Z 0)|]. apply rational_plus; auto.
Qed.

(** The sum over the terms whose exponent is v. *)
Definition same (v y : R) : bool := if Req_EM_T v y then true else false.
Definition group {A} (s : list A) (c y : A -> R) (v : R) : R := sum s (fun i => if same v (y i) then c i else 0).

Lemma same_iff v y : same v y = true <-> v = y.
Proof. unfold same. destruct (Req_EM_T v y); split; auto; discriminate. Qed.

Lemma same_refl v : same v v = true.
Proof. now apply same_iff. Qed.

Lemma sum_by_value {A} (s : list A) (c y : A -> R) values : NoDup values -> (forall i, In i s -> In (y i) values) ->
  sum s (fun i => c i * exp (y i)) = sum values (fun v => group s c y v * exp v).
Proof.
  intros Hd. induction s as [|a s IH]; intros H.
  - simpl. symmetry. apply sum_zero. intros; unfold group; simpl; ring.
  - simpl. rewrite IH by (intros; apply H; now right). clear IH. unfold group. simpl.
    rewrite (sum_ext _ (fun v => (_ + _) * exp v)
      (fun v => (if same (y a) v then c a * exp v else 0) + sum s (fun i => if same v (y i) then c i else 0) * exp v)).
    + rewrite sum_plus. f_equal. rewrite (sum_single same values (fun v => c a * exp v)); auto.
      * intros; apply same_iff.
      * apply H; now left.
    + intros v _. destruct (same v (y a)) eqn:E1, (same (y a) v) eqn:E2; rewrite ?same_iff in *; subst;
        try (rewrite same_refl in *; discriminate); ring.
Qed.

Lemma group_const {A} (s : list A) (y : A -> R) c v : group s (fun _ => c) y v = INR (length (filter (fun i => same v
  (y i)) s)) * c.
Proof. unfold group. now rewrite <- sum_filter, sum_const. Qed.

Lemma count_pos {A} (s : list A) (f : A -> bool) i : In i s -> f i = true -> 1 <= INR (length (filter f s)).
Proof.
  intros Hi Hf. assert (In i (filter f s)) by now apply filter_In. change 1 with (INR 1). apply le_INR.
  destruct (filter f s); [easy | simpl; lia].
Qed.

Lemma has_maximum {A} (s : list A) (y : A -> R) : s <> [] -> exists i, In i s /\ forall j, In j s -> y j <= y i.
Proof.
  induction s as [|a s IH]; [congruence|]. intros _. destruct s as [|b s].
  - exists a. split; [now left|]. intros j [->|[]]; lra.
  - destruct IH as (i & Hi & Hmax); [congruence|]. destruct (Rle_dec (y i) (y a)).
    + exists a. split; [now left|]. intros j [->|Hj]; [lra|]. specialize (Hmax j Hj). lra.
    + exists i. split; [now right|]. intros j [->|Hj]; [lra | auto].
Qed.

Section Rationality.
Hypothesis lindemann_weierstrass : lindemann_weierstrass_for_rationals.

(** The same for any list of terms: those of equal exponent cancel among themselves. *)
Lemma groups_vanish {A} (s : list A) (c y : A -> R) : (forall i, In i s -> rational (c i) /\ rational (y i)) ->
  sum s (fun i => c i * exp (y i)) = 0 -> forall v, group s c y v = 0.
Proof.
  intros Hr H0 v. set (values := nodup Req_EM_T (map y s)).
  destruct (in_dec Req_EM_T v values) as [Hv|Hv].
  - rewrite (sum_by_value s c y values) in H0.
    + apply (lindemann_weierstrass values (group s c y)); auto; [apply NoDup_nodup|].
      intros w Hw. split.
      * apply nodup_In, in_map_iff in Hw as (i & <- & Hi). now apply Hr.
      * apply rational_sum. intros i Hi. destruct (same w (y i)); [now apply Hr | apply (rational_Z 0)].
    + apply NoDup_nodup.
    + intros i Hi. apply nodup_In. now apply in_map.
  - unfold group. apply sum_zero. intros i Hi. destruct (same v (y i)) eqn:E; auto.
    apply same_iff in E. exfalso; apply Hv, nodup_In. rewrite E. now apply in_map.
Qed.

Variables (n : nat) (x : nat -> R) (m : nat -> bool).
Hypothesis rational_logits : forall i, m i = true -> rational (x i).

Lemma valid_rational i : In i (valid n m) -> rational (x i).
Proof. intros H. apply in_valid in H. now apply rational_logits. Qed.

(** softmax: the probability of a valid entry is rational only if all valid logits are equal. *)
Theorem softmax_rational_only_if_equal i : (i < n)%nat -> m i = true -> rational (p n x m i) ->
  forall j, (j < n)%nat -> m j = true -> x j = x i.
Proof.
  intros Hi Hm Hr j Hj Hmj. set (r := p n x m i) in *.
  assert (Iv : In i (valid n m)) by now apply in_valid. assert (Jv : In j (valid n m)) by now apply in_valid.
  assert (Hv : has_valid n m) by (exists i; auto). pose proof (mass_pos n x m Hv) as HZ.
  assert (Hr0 : 0 < r).
  { unfold r, p. rewrite prob_bits, Hm. apply Rdiv_lt_0_compat; auto. apply exp_pos. }
  (* exp(x_i) - r sum_j exp(x_j) = 0, a combination over the valid entries *)
  set (c := fun k => (if Nat.eqb i k then 1 else 0) - r).
  assert (H0 : sum (valid n m) (fun k => c k * exp (x k)) = 0).
  { unfold c. rewrite (sum_ext _ _ (fun k => (if Nat.eqb i k then exp (x k) else 0) - r * exp (x k)))
      by (intros k _; destruct (Nat.eqb i k); ring).
    rewrite sum_minus, sum_scale, (sum_single Nat.eqb), <- valid_mass_sum; auto.
    - unfold r, p. rewrite prob_bits, Hm. unfold valid_mass. field. lra.
    - intros; apply Nat.eqb_eq.
    - apply NoDup_filter, seq_NoDup. }
  assert (G := groups_vanish (valid n m) c x). specialize (G ltac:(
    intros k Hk; split; [unfold c; apply rational_minus; auto; destruct (Nat.eqb i k);
      [apply (rational_Z 1) | apply (rational_Z 0)]
    | now apply valid_rational]) H0 (x j)).
  destruct (Req_EM_T (x j) (x i)) as [|Hne]; auto. exfalso.
  unfold group, c in G. rewrite (sum_ext _ _ (fun k => if same (x j) (x k) then - r else 0)) in G.
  - rewrite <- sum_filter, sum_const in G.
    pose proof (count_pos (valid n m) (fun k => same (x j) (x k)) j Jv (same_refl _)). nra.
  - intros k _. destruct (same (x j) (x k)) eqn:E; auto. apply same_iff in E.
    destruct (Nat.eqb i k) eqn:Ek; [apply Nat.eqb_eq in Ek; subst; congruence | ring].
Qed.

(** log_softmax: x_i - LSE is rational only if entry i is the only valid one; then it is 0. *)
Theorem log_softmax_rational_only_if_single i : (i < n)%nat -> m i = true -> rational (x i - lse n x m) ->
  forall j, (j < n)%nat -> m j = true -> j = i.
Proof.
  intros Hi Hm Hr j Hj Hmj.
  assert (Iv : In i (valid n m)) by now apply in_valid. assert (Jv : In j (valid n m)) by now apply in_valid.
  assert (Hv : has_valid n m) by (exists i; auto). pose proof (mass_pos n x m Hv) as HZ.
  assert (Hq : rational (lse n x m)).
  { replace (lse n x m) with (x i - (x i - lse n x m)) by ring. apply rational_minus; auto. }
  set (q := lse n x m) in *.
  (* sum_j exp(x_j) - exp(q) = 0: terms are pairs of a coefficient and an exponent *)
  set (terms := (-1, q) :: map (fun k => (1, x k)) (valid n m)).
  assert (H0 : sum terms (fun t => fst t * exp (snd t)) = 0).
  { unfold terms. simpl. rewrite sum_map. simpl.
    rewrite (sum_ext _ _ (fun k => exp (x k))), <- valid_mass_sum by (intros; ring).
    unfold q, lse. rewrite exp_ln by auto. ring. }
  assert (G : forall v, group terms fst snd v = 0).
  { apply groups_vanish; auto. intros t [<-|Ht]; simpl; [split; auto; apply (rational_Z (-1))|].
    apply in_map_iff in Ht as (k & <- & Hk). simpl. split; [apply (rational_Z 1) | now apply valid_rational]. }
  assert (C : forall v, (if same v q then -1 else 0) + INR (length (filter (fun k => same v (x k)) (valid n m))) = 0).
  { intros v. pose proof (G v) as E. unfold group, terms in E. simpl in E. rewrite sum_map in E. simpl in E.
    now rewrite <- sum_filter, sum_const, Rmult_1_r in E. }
  assert (Q : forall k, In k (valid n m) -> x k = q).
  { intros k Hk. specialize (C (x k)). pose proof (count_pos (valid n m) (fun h => same (x k) (x h)) k Hk (same_refl
    _)).
    destruct (same (x k) q) eqn:E; [now apply same_iff|]. lra. }
  specialize (C q). rewrite same_refl in C.
  assert (L : length (filter (fun k => same q (x k)) (valid n m)) = 1%nat) by (apply INR_eq; simpl; lra).
  assert (Fi : In i (filter (fun k => same q (x k)) (valid n m))) by (apply filter_In; split; auto; apply same_iff;
    symmetry; auto).
  assert (Fj : In j (filter (fun k => same q (x k)) (valid n m))) by (apply filter_In; split; auto; apply same_iff;
    symmetry; auto).
  destruct (filter _ _) as [|a [|b t]]; simpl in *; try discriminate.
  destruct Fi as [<-|[]], Fj as [<-|[]]; auto.
Qed.

(** The gradient: g_i = p_i (dy_i - sum_j p_j dy_j). *)
Variable dy : nat -> R.
Definition gradient i : R := p n x m i * (dy i - sum (entries n) (fun j => p n x m j * dy j)).

Lemma gradient_numerator i : has_valid n m -> m i = true ->
  gradient i * (valid_mass n x m * valid_mass n x m) = sum (valid n m) (fun j => (dy i - dy j) * exp (x i + x j)).
Proof.
  intros Hv Hm. pose proof (mass_pos n x m Hv) as HZ. fold (valid_mass n x m) in HZ.
  assert (E : sum (entries n) (fun j => p n x m j * dy j) * valid_mass n x m = sum (valid n m) (fun j => dy j * exp (x
    j))).
  { rewrite Rmult_comm, <- sum_scale. unfold valid. rewrite sum_filter. apply sum_ext. intros j _. unfold p.
    rewrite prob_bits. fold (valid_mass n x m). destruct (m j); field; lra. }
  rewrite (sum_ext _ _ (fun j => exp (x i) * (dy i * exp (x j) - dy j * exp (x j)))) by (intros; rewrite exp_plus;
    ring).
  rewrite sum_scale, sum_minus, sum_scale, <- E, <- valid_mass_sum.
  unfold gradient, p at 1. rewrite prob_bits, Hm. fold (valid_mass n x m). field. lra.
Qed.

Hypothesis rational_dy : forall i, m i = true -> rational (dy i).

(** vjp: a gradient is rational only if all valid logits are equal, or it is 0. *)
Theorem vjp_rational_only_if_equal_or_zero i : (i < n)%nat -> m i = true -> rational (gradient i) ->
  gradient i = 0 \/ forall j, (j < n)%nat -> m j = true -> x j = x i.
Proof.
  intros Hi Hm Hr. set (r := gradient i) in *. set (s := valid n m).
  assert (Iv : In i s) by now apply in_valid. assert (Hv : has_valid n m) by (exists i; auto).
  assert (Hne : s <> []) by (intros E; rewrite E in Iv; easy).
  (* r S^2 = sum_j (dy_i - dy_j) exp(x_i + x_j): all pairs against the pairs with i *)
  set (terms := map (fun jk => (r, x (fst jk) + x (snd jk))) (list_prod s s)
                ++ map (fun j => (- (dy i - dy j), x i + x j)) s).
  assert (H0 : sum terms (fun t => fst t * exp (snd t)) = 0).
  { unfold terms. rewrite sum_app, !sum_map. simpl.
    rewrite (sum_ext (list_prod s s) _ (fun jk => r * (exp (x (fst jk)) * exp (x (snd jk))))) by (intros;
      rewrite exp_plus; ring).
    rewrite sum_scale, (sum_prod s s (fun j => exp (x j)) (fun j => exp (x j))).
    unfold s. rewrite <- valid_mass_sum. unfold r. rewrite gradient_numerator by auto.
    rewrite <- sum_plus. apply sum_zero. intros; ring. }
  assert (G : forall v, group terms fst snd v = 0).
  { apply groups_vanish; auto. intros t Ht. unfold terms in Ht. apply in_app_or in Ht as [Ht|Ht].
    - apply in_map_iff in Ht as ([j k] & <- & Hjk). apply in_prod_iff in Hjk as [Hj Hk]. simpl. split; auto.
      apply rational_plus; now apply valid_rational.
    - apply in_map_iff in Ht as (j & <- & Hj). simpl. split.
      + apply rational_opp, rational_minus; apply rational_dy; auto. now apply in_valid in Hj.
      + apply rational_plus; [now apply rational_logits | now apply valid_rational]. }
  (* at twice an extreme value of x, all pairs include that entry with itself, the pairs with i nothing *)
  assert (X : forall k, In k s -> (forall j, In j s -> x i + x j <> x k + x k) -> r = 0).
  { intros k Hk Hfar. specialize (G (x k + x k)). unfold group, terms in G.
    rewrite sum_app, !sum_map in G. simpl in G. rewrite (sum_zero s) in G.
    - rewrite <- sum_filter, sum_const, Rplus_0_r in G.
      pose proof (count_pos (list_prod s s) (fun jk => same (x k + x k) (x (fst jk) + x (snd jk))) (k, k)
        ltac:(now apply in_prod) (same_refl _)). apply Rmult_integral in G as [G|G]; auto. lra.
    - intros j Hj. destruct (same _ _) eqn:E; auto. apply same_iff in E. exfalso; apply (Hfar j Hj); auto. }
  destruct (has_maximum s x Hne) as (top & Htop & Hmax).
  destruct (has_maximum s (fun j => - x j) Hne) as (low & Hlow & Hmin).
  destruct (Req_EM_T (x i) (x top)) as [Et|Nt].
  - destruct (Req_EM_T (x i) (x low)) as [El|Nl].
    + right. intros j Hj Hmj. assert (Jv : In j s) by now apply in_valid.
      specialize (Hmax j Jv). specialize (Hmin j Jv). simpl in Hmin. lra.
    + left. apply (X low); auto. intros j Hj. pose proof (Hmin j Hj). pose proof (Hmin i Iv). simpl in *. lra.
  - left. apply (X top); auto. intros j Hj. pose proof (Hmax j Hj). pose proof (Hmax i Iv). lra.
Qed.

(** vjp: a gradient is 0 if and only if in every group of equal logits the mean of dy is dy_i, written without the
    division: the sum of dy_i - dy_j over the group is 0. *)
Theorem vjp_zero_iff_means_agree i : (i < n)%nat -> m i = true ->
  (gradient i = 0 <-> forall v, group (valid n m) (fun j => dy i - dy j) x v = 0).
Proof.
  intros Hi Hm. assert (Hv : has_valid n m) by (exists i; auto). pose proof (mass_pos n x m Hv) as HZ.
    fold (valid_mass n x m) in HZ.
  assert (E := gradient_numerator i Hv Hm).
  rewrite (sum_ext _ _ (fun j => exp (x i) * ((dy i - dy j) * exp (x j)))), sum_scale in E by (intros;
    rewrite exp_plus; ring).
  pose proof (exp_pos (x i)) as Hx. split; intros H.
  - apply groups_vanish.
    + intros j Hj. split; [|now apply valid_rational]. apply in_valid in Hj. apply rational_minus; apply rational_dy;
      tauto.
    + rewrite H, Rmult_0_l in E. symmetry in E. apply Rmult_integral in E as [E|E]; [lra | auto].
  - rewrite (sum_by_value _ _ _ (nodup Req_EM_T (map x (valid n m)))) in E.
    + rewrite (sum_zero (nodup _ _)), Rmult_0_r in E by (intros v _; rewrite H; ring).
      apply Rmult_integral in E as [E|E]; auto. apply Rmult_integral in E as [E|E]; lra.
    + apply NoDup_nodup.
    + intros j Hj. apply nodup_In. now apply in_map.
Qed.
End Rationality.
