(** Sums - finite sums of reals over a list, with the few laws that the other files use.
    SPDX-License-Identifier: MIT *)
From Coq Require Import Reals List Lra Lia.
Import ListNotations.
Open Scope R_scope.

Section Sums.
Context {A : Type}.
Implicit Types (s : list A) (f g : A -> R).

(** sum s f = f(s_0) + f(s_1) + ... *)
Fixpoint sum s f : R := match s with [] => 0 | i :: s' => f i + sum s' f end.

Lemma sum_ext s f g : (forall i, In i s -> f i = g i) -> sum s f = sum s g.
Proof. induction s as [|a s IH]; simpl; intros H; [reflexivity | rewrite (H a), IH; auto]. Qed.

Lemma sum_scale s f c : sum s (fun i => c * f i) = c * sum s f.
Proof. induction s as [|a s IH]; simpl; [ring | rewrite IH; ring]. Qed.

Lemma sum_plus s f g : sum s (fun i => f i + g i) = sum s f + sum s g.
Proof. induction s as [|a s IH]; simpl; [ring | rewrite IH; ring]. Qed.

Lemma sum_minus s f g : sum s (fun i => f i - g i) = sum s f - sum s g.
Proof. induction s as [|a s IH]; simpl; [ring | rewrite IH; ring]. Qed.

Lemma sum_const s c : sum s (fun _ => c) = INR (length s) * c.
Proof. induction s as [|a s IH]; [simpl; ring | cbn [sum length]; rewrite IH, S_INR; ring]. Qed.

Lemma sum_zero s f : (forall i, In i s -> f i = 0) -> sum s f = 0.
Proof. induction s as [|a s IH]; simpl; intros H; [reflexivity | rewrite H, IH; auto; ring]. Qed.

Lemma sum_app s t f : sum (s ++ t) f = sum s f + sum t f.
Proof. induction s as [|a s IH]; simpl; [ring | rewrite IH; ring]. Qed.

Lemma sum_le s f g : (forall i, In i s -> f i <= g i) -> sum s f <= sum s g.
Proof.
  induction s as [|a s IH]; simpl; intros H; [lra|].
  pose proof (H a (or_introl eq_refl)). assert (sum s f <= sum s g) by auto. lra.
Qed.

Lemma sum_nonneg s f : (forall i, In i s -> 0 <= f i) -> 0 <= sum s f.
Proof.
  intros H. replace 0 with (sum s (fun _ => 0)) by (apply sum_zero; auto). now apply sum_le.
Qed.

(** A sum of nonnegative terms is at least each of them. *)
Lemma sum_ge_term s f k : (forall i, In i s -> 0 <= f i) -> In k s -> f k <= sum s f.
Proof.
  induction s as [|a s IH]; simpl; intros H Hk; [easy|].
  pose proof (H a (or_introl eq_refl)). destruct Hk as [->|Hk].
  - assert (0 <= sum s f) by (apply sum_nonneg; auto). lra.
  - assert (f k <= sum s f) by auto. lra.
Qed.

(** Leaving terms out is the same as summing zeros in their place. *)
Lemma sum_filter s (m : A -> bool) f : sum (filter m s) f = sum s (fun i => if m i then f i else 0).
Proof.
  induction s as [|a s IH]; simpl; [reflexivity|]. destruct (m a); simpl; rewrite IH; ring.
Qed.

(** A mask splits a sum in two. *)
Lemma sum_split s (m : A -> bool) f : sum s f = sum (filter m s) f + sum (filter (fun i => negb (m i)) s) f.
Proof. induction s as [|a s IH]; simpl; [ring|]. destruct (m a); simpl; rewrite IH; ring. Qed.
End Sums.

Lemma sum_map {A B} (h : A -> B) s f : sum (map h s) f = sum s (fun i => f (h i)).
Proof. induction s as [|a s IH]; simpl; congruence. Qed.

(** The product of two sums is the sum over all pairs. *)
Lemma sum_prod {A B} (s : list A) (t : list B) f g :
  sum (list_prod s t) (fun ij => f (fst ij) * g (snd ij)) = sum s f * sum t g.
Proof.
  induction s as [|a s IH]; simpl; [ring|]. rewrite sum_app, IH, sum_map. simpl.
  rewrite (sum_scale t g (f a)). ring.
Qed.

(** One term of a list without repetition. *)
Lemma sum_single {A} (eqb : A -> A -> bool) (s : list A) f k :
  (forall i j, eqb i j = true <-> i = j) -> NoDup s -> In k s -> sum s (fun i => if eqb k i then f i else 0) = f k.
Proof.
  intros E. induction s as [|a s IH]; simpl; intros Hd Hk; [easy|]. inversion Hd; subst.
  destruct Hk as [->|Hk].
  - rewrite (proj2 (E k k) eq_refl), sum_zero; [ring|]. intros i Hi.
    destruct (eqb k i) eqn:Ei; auto. apply E in Ei; subst; contradiction.
  - rewrite IH by auto. destruct (eqb k a) eqn:Ea; [apply E in Ea; subst; contradiction | ring].
Qed.
