(** Spec - what a masked softmax is:  p_i = w_i exp(x_i) / sum_j w_j exp(x_j),  and that it is a distribution.
    Logits are reals; a mask is a list of weights, 1 for valid and 0 for masked (`bits`).  Nothing valid: no value.
    SPDX-License-Identifier: MIT *)
From Coq Require Import Reals List Lra Lia Bool Arith.
From Maskproof Require Import Sums.
Import ListNotations.
Open Scope R_scope.

(** A row of n logits x has the entries 0, 1, ..., n - 1. *)
Notation entries n := (seq 0 n).

(** a / b, where it is a number.  (In Rocq a / 0 is some unknown real; no statement here should rest on it.) *)
Definition ratio (a b : R) : option R := if Req_EM_T b 0 then None else Some (a / b).

(** What the denominator sums: the mass of the valid entries. *)
Definition mass n (x w : nat -> R) : R := sum (entries n) (fun j => w j * exp (x j)).

(** The specification. *)
Definition spec n x w (i : nat) : option R := ratio (w i * exp (x i)) (mass n x w).

(** The same number, for rows that have one. *)
Definition prob n x w (i : nat) : R := w i * exp (x i) / mass n x w.

(** A mask of truth values as weights. *)
Definition bits (m : nat -> bool) (i : nat) : R := if m i then 1 else 0.

(** Some entry is valid. *)
Definition has_valid n (m : nat -> bool) : Prop := exists k, (k < n)%nat /\ m k = true.

Lemma in_entries i n : In i (entries n) <-> (i < n)%nat.
Proof. rewrite in_seq; lia. Qed.

Lemma bits_nonneg m i : 0 <= bits m i.
Proof. unfold bits; destruct (m i); lra. Qed.

Lemma mass_bits n x m : mass n x (bits m) = sum (filter m (entries n)) (fun j => exp (x j)).
Proof. rewrite sum_filter. apply sum_ext; intros j _. unfold bits; destruct (m j); ring. Qed.

Lemma mass_nonneg n x m : 0 <= mass n x (bits m).
Proof. rewrite mass_bits. apply sum_nonneg; intros; left; apply exp_pos. Qed.

Lemma mass_ge n x m k : (k < n)%nat -> m k = true -> exp (x k) <= mass n x (bits m).
Proof.
  intros Hk Hm. rewrite mass_bits. apply (sum_ge_term _ (fun j => exp (x j))); [intros; left; apply exp_pos|].
  apply filter_In; split; [now apply in_entries | auto].
Qed.

Lemma mass_pos n x m : has_valid n m -> 0 < mass n x (bits m).
Proof. intros (k & Hk & Hm). apply Rlt_le_trans with (exp (x k)); [apply exp_pos | now apply mass_ge]. Qed.

Lemma mass_zero n x m : ~ has_valid n m -> mass n x (bits m) = 0.
Proof.
  intros H. apply sum_zero; intros i Hi. unfold bits. destruct (m i) eqn:Hm; [|ring].
  exfalso; apply H; exists i; split; auto; now apply in_entries.
Qed.

Lemma prob_bits n x m i : prob n x (bits m) i = (if m i then exp (x i) else 0) / mass n x (bits m).
Proof. unfold prob, bits. destruct (m i); f_equal; ring. Qed.

(** A row has a distribution if and only if some entry is valid. *)
Theorem spec_defined n x m i : spec n x (bits m) i <> None <-> has_valid n m.
Proof.
  unfold spec, ratio. destruct (Req_EM_T _ 0) as [E|E]; split; try easy.
  - intros H. pose proof (mass_pos n x m H). lra.
  - intros _. unfold has_valid. destruct (existsb m (entries n)) eqn:Ex.
    + apply existsb_exists in Ex as (k & Hk & Hm). exists k. split; auto. now apply in_entries.
    + exfalso; apply E, mass_zero. intros (k & Hk & Hm).
      assert (existsb m (entries n) = true); [|congruence]. apply existsb_exists. exists k.
      split; auto. now apply in_entries.
Qed.

(** Where it has one, the specification is the number `prob`. *)
Theorem spec_prob n x m i : has_valid n m -> spec n x (bits m) i = Some (prob n x (bits m) i).
Proof.
  intros H. unfold spec, ratio. destruct (Req_EM_T _ 0) as [E|E]; auto.
  pose proof (mass_pos n x m H). lra.
Qed.

(** The probabilities sum to 1. *)
Theorem sums_to_one n x m : has_valid n m -> sum (entries n) (prob n x (bits m)) = 1.
Proof.
  intros H. pose proof (mass_pos n x m H).
  rewrite (sum_ext _ _ (fun i => / mass n x (bits m) * (bits m i * exp (x i))))
    by (intros; unfold prob, Rdiv; ring).
  rewrite sum_scale. fold (mass n x (bits m)). field; lra.
Qed.

(** A probability is 0 if and only if its entry is masked. *)
Theorem zero_iff_masked n x m i : has_valid n m -> (prob n x (bits m) i = 0 <-> m i = false).
Proof.
  intros H. pose proof (mass_pos n x m H). rewrite prob_bits. destruct (m i); split; auto; try discriminate.
  - intros E. assert (0 < exp (x i) / mass n x (bits m)) by (apply Rdiv_lt_0_compat; auto; apply exp_pos). lra.
  - intros _. unfold Rdiv; ring.
Qed.

(** A probability lies between 0 and 1. *)
Theorem in_unit_interval n x m i : (i < n)%nat -> has_valid n m -> 0 <= prob n x (bits m) i <= 1.
Proof.
  intros Hi H. pose proof (mass_pos n x m H).
  assert (P : forall j, 0 <= prob n x (bits m) j).
  { intros j. rewrite prob_bits. apply Rmult_le_pos; [|left; now apply Rinv_0_lt_compat].
    destruct (m j); [left; apply exp_pos | lra]. }
  split; auto. rewrite <- (sums_to_one n x m H).
  apply (sum_ge_term _ (prob n x (bits m))); auto. now apply in_entries.
Qed.

(** Subtracting any constant from all logits changes nothing: the maximum of the valid entries, of all, or any other. *)
Theorem shift_invariant n x w c i : spec n (fun j => x j - c) w i = spec n x w i.
Proof.
  unfold spec, mass. pose proof (exp_pos (- c)) as Hc.
  assert (E : forall j, w j * exp (x j - c) = exp (- c) * (w j * exp (x j)))
    by (intros; unfold Rminus; rewrite exp_plus; ring).
  rewrite E, (sum_ext _ _ (fun j => exp (- c) * (w j * exp (x j)))), sum_scale by auto.
  unfold ratio. destruct (Req_EM_T _ 0) as [H|H], (Req_EM_T _ 0) as [H'|H']; auto.
  - exfalso; apply H'. nra.
  - exfalso; apply H. rewrite H'; ring.
  - f_equal. field. split; [auto | lra].
Qed.

(** What stands under the mask changes nothing. *)
Theorem masked_irrelevant n x y m i :
  (forall j, m j = true -> x j = y j) -> spec n x (bits m) i = spec n y (bits m) i.
Proof.
  intros H. assert (E : forall j, bits m j * exp (x j) = bits m j * exp (y j)).
  { intros j. unfold bits. specialize (H j). destruct (m j); [rewrite H; auto | ring]. }
  unfold spec, mass. rewrite E. f_equal. apply sum_ext; auto.
Qed.
