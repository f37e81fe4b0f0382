(** Gradient - the vjp of the masked softmax is g_i = p_i (dy_i - sum_j p_j dy_j), and 0 under the mask.
    SPDX-License-Identifier: MIT *)
From Coq Require Import Reals List Lra Lia Bool Arith.
From Coquelicot Require Import Coquelicot.
From Maskproof Require Import Sums Spec.
Import ListNotations.
Open Scope R_scope.
Implicit Types (x w dy : nat -> R) (m : nat -> bool).

(** The logits with entry i moved to t. *)
Definition move x i (t : R) : nat -> R := fun j => if Nat.eqb i j then t else x j.

(** What the gradient is of: the probabilities, weighed by dy. *)
Definition weighed n x w dy : R := sum (entries n) (fun j => dy j * prob n x w j).

(** The formula. *)
Definition gradient n x w dy i : R := prob n x w i * (dy i - sum (entries n) (fun j => prob n x w j * dy j)).

Lemma move_here x i j : move x i (x i) j = x j.
Proof. unfold move. destruct (Nat.eqb i j) eqn:E; auto. apply Nat.eqb_eq in E. now subst. Qed.

(** d/dt of a sum of c_j exp(x_j), entry i moved. *)
Lemma is_derive_sum n x i c : (i < n)%nat ->
  is_derive (fun t => sum (entries n) (fun j => c j * exp (move x i t j))) (x i) (c i * exp (x i)).
Proof.
  intros Hi. rewrite <- (sum_single Nat.eqb (entries n) (fun j => c j * exp (x j)) i);
    [| intros; apply Nat.eqb_eq | apply seq_NoDup | now apply in_entries].
  induction (entries n) as [|a s IH]; simpl; [apply @is_derive_const|].
  refine (is_derive_plus _ _ _ _ _ _ IH). unfold move. destruct (Nat.eqb i a) eqn:E.
  - apply Nat.eqb_eq in E. subst. auto_derive; [easy | ring].
  - apply @is_derive_const.
Qed.

(** The formula is the derivative of sum_j dy_j p_j by logit i: on every row with a valid entry, for every entry. *)
Theorem gradient_is_derivative n x m dy i : (i < n)%nat -> has_valid n m ->
  is_derive (fun t => weighed n (move x i t) (bits m) dy) (x i) (gradient n x (bits m) dy i).
Proof.
  intros Hi Hv. pose proof (mass_pos n x m Hv) as HZ. set (Z := mass n x (bits m)) in *.
  set (N := fun t => sum (entries n) (fun j => dy j * bits m j * exp (move x i t j))).
  set (D := fun t => sum (entries n) (fun j => bits m j * exp (move x i t j))).
  assert (HD : D (x i) = Z) by (apply sum_ext; intros; now rewrite move_here).
  apply (is_derive_ext (fun t => N t / D t)).
  { intros t. unfold weighed, prob, N, Rdiv. rewrite Rmult_comm, <- sum_scale. apply sum_ext; intros j _.
    unfold D, mass. ring. }
  assert (E : gradient n x (bits m) dy i
              = (dy i * bits m i * exp (x i) * D (x i) - N (x i) * (bits m i * exp (x i))) / D (x i) ^ 2).
  { unfold gradient. rewrite HD. replace (sum (entries n) (fun j => prob n x (bits m) j * dy j)) with (N (x i) / Z).
    - unfold prob. fold Z. field. lra.
    - unfold N, Rdiv. rewrite Rmult_comm, <- sum_scale. apply sum_ext; intros j _. rewrite move_here.
      unfold prob, Rdiv. fold Z. ring. }
  rewrite E. apply is_derive_div; [now apply is_derive_sum | now apply is_derive_sum | lra].
Qed.

(** Under the mask the gradient is 0. *)
Theorem masked_gradient_zero n x m dy i : m i = false -> gradient n x (bits m) dy i = 0.
Proof. intros H. unfold gradient, prob, bits. rewrite H. unfold Rdiv. ring. Qed.

(** What dy holds under the mask changes no gradient. *)
Theorem masked_dy_irrelevant n x m dy dy' i : (forall j, m j = true -> dy j = dy' j) ->
  gradient n x (bits m) dy i = gradient n x (bits m) dy' i.
Proof.
  intros H. unfold gradient. destruct (m i) eqn:Hm.
  - rewrite (H i Hm). do 2 f_equal. apply sum_ext; intros j _. unfold prob, bits.
    specialize (H j). destruct (m j); [rewrite H; auto | unfold Rdiv; ring].
  - unfold prob, bits. rewrite Hm. unfold Rdiv. ring.
Qed.

(** Gradients sum to 0, as the probabilities sum to 1 whatever the logits. *)
Theorem gradients_sum_to_zero n x m dy : has_valid n m -> sum (entries n) (gradient n x (bits m) dy) = 0.
Proof.
  intros Hv. unfold gradient. set (S := sum (entries n) (fun j => prob n x (bits m) j * dy j)).
  rewrite (sum_ext _ _ (fun j => prob n x (bits m) j * dy j - S * prob n x (bits m) j)) by (intros; ring).
  rewrite sum_minus, sum_scale, sums_to_one by auto. fold S. ring.
Qed.
