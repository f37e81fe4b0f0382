(** Renormalize - the rounding error of the article's softmax, mask, renormalize while nothing underflows: some 2 u more than
    of the forms that mask first.  Starve.v says where that ends.
    SPDX-License-Identifier: MIT *)
From Coq Require Import Reals ZArith List Lra Lia Psatz.
From Flocq Require Import Core Relative.
From Maskproof Require Import Sums Format Relative Bound.
Open Scope R_scope.

Section Renormalize.
Variable f : format.
Notation u := (unit_roundoff f).
Notation smallest := (bpow radix2 (emin f + prec f - 1)).

(** The row: t is the order in which the valid entries are summed, c the shift, of whatever entry. *)
Variables (x : nat -> R) (t : tree) (c : R).
Hypothesis row : forall j, In j (leaves t) -> representable f (x j).
Hypothesis shift : representable f c.

(** exp of the rounded difference is right to eps, and differences are at most range. *)
Variables (kernel : nat -> R) (range eps : R).
Hypothesis kernel_right : forall j, In j (leaves t) -> representable f (kernel j) /\ Rabs (x j - c) <= range /\
  exists d, Rabs d <= eps /\ kernel j = exp (RN f (x j - c)) * (1 + d).
Hypothesis sizes : 0 <= range /\ 0 <= eps.

Lemma RN_normal a : smallest <= a -> near u (RN f a) a.
Proof.
  intros Ha. assert (0 < smallest) by apply bpow_gt_0. pose proof (unit_roundoff_range f).
  destruct (relative_error_N_FLT_ex radix2 (emin f) (prec f) (prec_positive f) (fun z => negb (Z.even z)) a)
    as (d & Hd & E); [now rewrite Rabs_pos_eq by lra|].
  unfold RN. rewrite E. apply near_rnd; [lra | lra | rewrite <- u_ro_unit_roundoff; exact Hd].
Qed.

Lemma kernel_near_exp j : eps + u * range <= 1 -> In j (leaves t) -> near (eps + u * range) (kernel j) (exp (x j - c)).
Proof.
  intros H1 Hj. destruct sizes as (Hr & He). pose proof (unit_roundoff_range f) as Hu.
  assert (0 <= u * range) by (apply Rmult_le_pos; lra).
  destruct (kernel_right j Hj) as (_ & Hx & d & Hd & ->).
  apply near_trans with (exp (RN f (x j - c))); try lra; [left; apply exp_pos | |].
  - apply near_rnd; [lra | left; apply exp_pos | exact Hd].
  - apply near_exp. destruct (RN_plus f (x j) (- c)) as (dl & Hdl & E); auto using representable_opp.
    fold (x j - c) in E. rewrite E. replace ((x j - c) * (1 + dl) - (x j - c)) with (dl * (x j - c)) by ring.
    rewrite Rabs_mult. apply Rmult_le_compat; auto using Rabs_pos.
Qed.

(** Any weights that are right to k up to a common factor, summed in any order, divided by their sum. *)
Lemma divided_by_sum (w : nat -> R) (factor k : R) i : 0 < factor -> 0 <= k ->
  (forall j, In j (leaves t) -> representable f (w j) /\ near k (w j) (exp (x j - c) * factor)) -> In i (leaves t) ->
  smallest <= w i / rounded_sum f w t ->
  let K := (INR (height t) + 1) * u + 2 * k in K < 1 ->
  Rabs (RN f (w i / rounded_sum f w t) - exact x t i) <= K / (1 - K) * exact x t i.
Proof.
  intros Hf Hk Hw Hi Hn K HK. pose proof (unit_roundoff_range f) as Hu. pose proof (pos_INR (height t)) as Hh.
  assert (Hhu : 0 <= INR (height t) * u) by (apply Rmult_le_pos; lra). unfold K in HK.
  set (E := fun j => exp (x j - c) * factor).
  assert (HE : forall j, 0 < E j) by (intros; apply Rmult_lt_0_compat; [apply exp_pos | lra]).
  assert (HT : 0 < sum (leaves t) E).
  { apply Rlt_le_trans with (E i); auto. apply sum_ge_term; auto. intros; left; auto. }
  assert (NS : near (INR (height t) * u + k) (rounded_sum f w t) (sum (leaves t) E)).
  { apply near_trans with (sum (leaves t) w); try lra.
    - apply sum_any_order; [|lra]. intros j Hj. destruct (Hw j Hj) as [Hr N]. split; auto.
      apply (near_nonneg k _ (E j)); [lra | left; auto | exact N].
    - apply near_sum. intros j Hj. now apply Hw. }
  assert (EX : exact x t i = E i / sum (leaves t) E).
  { rewrite (exact_shift x t c). unfold E.
    rewrite (sum_ext (leaves t) (fun j => exp (x j - c) * factor) (fun j => factor * exp (x j - c))) by (intros; ring).
    rewrite sum_scale. assert (0 < sum (leaves t) (fun j => exp (x j - c))).
    { apply Rlt_le_trans with (exp (x i - c)); [apply exp_pos|].
      apply (sum_ge_term _ (fun j => exp (x j - c))); auto. intros; left; apply exp_pos. }
    field. split; lra. }
  assert (Hp : 0 < exact x t i) by (rewrite EX; now apply Rdiv_lt_0_compat).
  assert (N : near K (RN f (w i / rounded_sum f w t)) (exact x t i)).
  { replace K with (u + (k + (INR (height t) * u + k))) by (unfold K; ring).
    apply near_trans with (w i / rounded_sum f w t); try lra; [now apply RN_normal|].
    rewrite EX. apply near_div; try lra; auto; [left; auto | now apply Hw]. }
  apply near_error; [exact HK | lra | exact N].
Qed.

(** exp(x - c) of the valid entries over their sum, c the largest logit of all, as max_all. *)
Theorem max_of_all_bound i : In i (leaves t) -> smallest <= kernel i / rounded_sum f kernel t ->
  let K := (INR (height t) + 1) * u + 2 * (eps + u * range) in K < 1 ->
  Rabs (RN f (kernel i / rounded_sum f kernel t) - exact x t i) <= K / (1 - K) * exact x t i.
Proof.
  intros Hi Hn K HK. destruct sizes as (Hr & He). pose proof (unit_roundoff_range f) as Hu.
  pose proof (pos_INR (height t)) as Hh. assert (0 <= INR (height t) * u) by (apply Rmult_le_pos; lra).
  assert (0 <= u * range) by (apply Rmult_le_pos; lra). unfold K in HK.
  apply divided_by_sum with 1; auto; try lra. intros j Hj. rewrite Rmult_1_r. split; [now apply kernel_right|].
  apply kernel_near_exp; [lra | exact Hj].
Qed.

(** Softmax of all, of which S is the sum as it was computed, then what is kept over its sum. *)
Definition kept S j := RN f (kernel j / S).
Theorem renormalize_bound S i : 0 < S -> (forall j, In j (leaves t) -> smallest <= kernel j / S) -> In i (leaves t) ->
  smallest <= kept S i / rounded_sum f (kept S) t ->
  let K := (INR (height t) + 1) * u + 2 * (eps + u * range + u) in K < 1 ->
  Rabs (RN f (kept S i / rounded_sum f (kept S) t) - exact x t i) <= K / (1 - K) * exact x t i.
Proof.
  intros HS Hall Hi Hn K HK. destruct sizes as (Hr & He). pose proof (unit_roundoff_range f) as Hu.
  pose proof (pos_INR (height t)) as Hh. assert (0 <= INR (height t) * u) by (apply Rmult_le_pos; lra).
  assert (0 <= u * range) by (apply Rmult_le_pos; lra). unfold K in HK.
  assert (HiS : 0 < / S) by now apply Rinv_0_lt_compat.
  apply divided_by_sum with (/ S); auto; try lra. intros j Hj. split; [apply RN_representable|].
  replace (eps + u * range + u) with (u + (eps + u * range)) by ring. pose proof (exp_pos (x j - c)).
  apply near_trans with (kernel j / S); try lra.
  - apply Rmult_le_pos; lra.
  - apply RN_normal. now apply Hall.
  - apply near_mult_r; [lra|]. apply kernel_near_exp; [lra | exact Hj].
Qed.
End Renormalize.
