(** Equivalence - over the reals, all ways to write it are one: renormalize, log_mask, where, gather, safe; for every n.
    The article shows it for three classes.  A value and the lack of one agree too, but for `gather` and `safe`, which
    fill rows without a valid entry with zeros: they are `spec`, or else 0.
    SPDX-License-Identifier: MIT *)
From Coq Require Import Reals List Lra Lia Bool Arith.
From Coquelicot Require Import Rbar.
From Maskproof Require Import Sums Spec.
Import ListNotations.
Open Scope R_scope.

(** renormalize: softmax of everything, times the mask, divided by what is left. *)
Definition softmax n x (i : nat) : R := exp (x i) / sum (entries n) (fun j => exp (x j)).
Definition renormalize n x (w : nat -> R) (i : nat) : option R :=
  ratio (softmax n x i * w i) (sum (entries n) (fun j => softmax n x j * w j)).

(** log_mask: softmax(x + log w) in the extended reals, where log 0 = -oo and exp(-oo) = 0.  (+oo does not occur.) *)
Definition log_weight (w : R) : Rbar := if Rlt_dec 0 w then Finite (ln w) else m_infty.
Definition exp_bar (y : Rbar) : R := match y with Finite r => exp r | _ => 0 end.
Definition softmax_bar n (y : nat -> Rbar) (i : nat) : option R :=
  ratio (exp_bar (y i)) (sum (entries n) (fun j => exp_bar (y j))).
Definition log_mask n x w : nat -> option R := softmax_bar n (fun j => Rbar_plus (Finite (x j)) (log_weight (w j))).

(** where: softmax(where(m, x, -oo)). *)
Definition where_ n x (m : nat -> bool) : nat -> option R := softmax_bar n (fun j => if m j then Finite (x j) else
  m_infty).

(** gather: the valid logits as a shorter list, its softmax, and each result back in its place, among zeros. *)
Definition softmax_list (v : list R) : list R := map (fun y => exp y / fold_right Rplus 0 (map exp v)) v.
Fixpoint scatter (places : list nat) (v : list R) (out : nat -> R) : nat -> R :=
  match places, v with
  | k :: places', y :: v' => scatter places' v' (fun i => if Nat.eq_dec i k then y else out i)
  | _, _ => out
  end.
Definition gather n x (m : nat -> bool) : nat -> R :=
  let valid := filter m (entries n) in scatter valid (softmax_list (map x valid)) (fun _ => 0).

(** safe: zeros where nothing is valid, else exp(x - max) / sum on valid entries and 0 on others; `top` is the maximum
    here, and the theorem holds for any. *)
Definition safe n x (m : nat -> bool) (top : R) (i : nat) : R :=
  if existsb m (entries n)
  then if m i then exp (x i - top) / sum (entries n) (fun j => if m j then exp (x j - top) else 0) else 0
  else 0.

(** `spec`, or else 0. *)
Definition or_zero (p : option R) : R := match p with Some r => r | None => 0 end.

Lemma sum_exp_pos n x : (0 < n)%nat -> 0 < sum (entries n) (fun j => exp (x j)).
Proof.
  intros Hn. apply Rlt_le_trans with (exp (x O)); [apply exp_pos|].
  apply (sum_ge_term _ (fun j => exp (x j))); [intros; left; apply exp_pos | apply in_entries; lia].
Qed.

Lemma ratio_scale c a b : c <> 0 -> ratio (c * a) (c * b) = ratio a b.
Proof.
  intros Hc. unfold ratio. destruct (Req_EM_T _ 0) as [H|H], (Req_EM_T _ 0) as [H'|H']; auto.
  - apply Rmult_integral in H; tauto.
  - exfalso; apply H; rewrite H'; ring.
  - f_equal; field; auto.
Qed.

(** Softmax, mask and renormalize is the masked softmax, for every mask, of zeros and ones or not. *)
Theorem renormalize_is_spec n x w i : (0 < n)%nat -> renormalize n x w i = spec n x w i.
Proof.
  intros Hn. unfold renormalize, spec, mass, softmax. pose proof (sum_exp_pos n x Hn) as HS.
  set (S := sum (entries n) (fun j => exp (x j))) in *.
  rewrite (sum_ext _ _ (fun j => / S * (w j * exp (x j)))) by (intros; unfold Rdiv; ring).
  rewrite sum_scale. replace (exp (x i) / S * w i) with (/ S * (w i * exp (x i))) by (unfold Rdiv; ring).
  apply ratio_scale. apply Rinv_neq_0_compat; lra.
Qed.

Lemma exp_log_weight y w : 0 <= w -> exp_bar (Rbar_plus (Finite y) (log_weight w)) = w * exp y.
Proof.
  intros Hw. unfold log_weight. destruct (Rlt_dec 0 w) as [H|H]; simpl.
  - rewrite exp_plus, exp_ln by auto. ring.
  - replace w with 0 by lra. ring.
Qed.

(** Adding the logarithm of the mask is the masked softmax. *)
Theorem log_mask_is_spec n x w i : (forall j, 0 <= w j) -> log_mask n x w i = spec n x w i.
Proof.
  intros Hw. unfold log_mask, softmax_bar, spec, mass. rewrite exp_log_weight by auto. f_equal.
  apply sum_ext; intros; now apply exp_log_weight.
Qed.

(** The article's claim (A7), for every number of classes and every nonnegative mask: the two are equal, or both
    divide by 0. *)
Theorem article_equivalence n x w i :
  (0 < n)%nat -> (forall j, 0 <= w j) -> renormalize n x w i = log_mask n x w i.
Proof. intros. rewrite log_mask_is_spec by auto. now apply renormalize_is_spec. Qed.

(** The article's footnote 3 (A8): where(mask, 0, -inf) is the logarithm of the mask. *)
Theorem log_of_mask m i : log_weight (bits m i) = if m i then Finite 0 else m_infty.
Proof.
  unfold log_weight, bits. destruct (m i), (Rlt_dec 0 _); try lra; auto. now rewrite ln_1.
Qed.

(** Selecting -inf under the mask is the masked softmax. *)
Theorem where_is_spec n x m i : where_ n x m i = spec n x (bits m) i.
Proof.
  rewrite <- log_mask_is_spec by (intros; apply bits_nonneg). unfold where_, log_mask, softmax_bar.
  assert (E : forall j, exp_bar (if m j then Finite (x j) else m_infty) =
                        exp_bar (Rbar_plus (Finite (x j)) (log_weight (bits m j)))).
  { intros j. rewrite log_of_mask. destruct (m j); simpl; auto. now rewrite Rplus_0_r. }
  rewrite E. f_equal. apply sum_ext; auto.
Qed.

Lemma scatter_elsewhere places : forall v out i, ~ In i places -> scatter places v out i = out i.
Proof.
  induction places as [|k places IH]; intros [|y v] out i Hi; simpl in *; auto.
  rewrite IH by tauto. destruct (Nat.eq_dec i k); subst; tauto.
Qed.

Lemma scatter_place places : forall (f : nat -> R) out i, NoDup places -> In i places ->
  scatter places (map f places) out i = f i.
Proof.
  induction places as [|k places IH]; intros f out i Hd Hi; simpl in *; [easy|].
  inversion Hd; subst. destruct Hi as [<-|Hi].
  - rewrite scatter_elsewhere by auto. destruct (Nat.eq_dec k k); congruence.
  - now apply IH.
Qed.

Lemma fold_sum s (f : nat -> R) : fold_right Rplus 0 (map f s) = sum s f.
Proof. induction s; simpl; congruence. Qed.

Lemma or_zero_spec n x m i : or_zero (spec n x (bits m) i) = if m i then prob n x (bits m) i else 0.
Proof.
  unfold spec, ratio, prob, bits. destruct (m i) eqn:Hm, (Req_EM_T _ 0) as [H|H]; simpl; auto.
  - rewrite H. unfold Rdiv. now rewrite Rinv_0, Rmult_0_r.
  - unfold Rdiv; ring.
Qed.

(** Gathering the valid logits and scattering the results is the masked softmax, and 0 where nothing is valid. *)
Theorem gather_is_spec n x m i : (i < n)%nat -> gather n x m i = or_zero (spec n x (bits m) i).
Proof.
  intros Hi. rewrite or_zero_spec. unfold gather, softmax_list.
  rewrite !map_map, (fold_sum _ (fun j => exp (x j))), <- mass_bits.
  assert (Hin : In i (filter m (entries n)) <-> m i = true) by (rewrite filter_In, in_entries; tauto).
  destruct (m i) eqn:Hm.
  - rewrite (scatter_place _ (fun j => exp (x j) / mass n x (bits m))).
    + rewrite prob_bits. now rewrite Hm.
    + apply NoDup_filter, seq_NoDup.
    + now apply Hin.
  - apply scatter_elsewhere. rewrite Hin. discriminate.
Qed.

(** `safe` is the masked softmax, and 0 where nothing is valid. *)
Theorem safe_is_spec n x m top i : (i < n)%nat -> safe n x m top i = or_zero (spec n x (bits m) i).
Proof.
  intros Hi. rewrite <- (shift_invariant n x (bits m) top i), or_zero_spec, prob_bits, mass_bits, sum_filter.
  unfold safe. destruct (existsb m (entries n)) eqn:Ex; destruct (m i) eqn:Hm; auto.
  assert (existsb m (entries n) = true); [|congruence]. apply existsb_exists. exists i. split;
    auto. now apply in_entries.
Qed.
