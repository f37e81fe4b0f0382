(** Online - maximum and sum in one pass, in blocks, or by many threads: states (maximum, scaled sum) are merged, in any
    order and any grouping, and give the masked softmax.  Over the reals; Bound.v has the roundings.
    SPDX-License-Identifier: MIT *)
From Coq Require Import Reals List Lra Lia Bool Arith Permutation.
From Maskproof Require Import Sums Spec.
Import ListNotations.
Open Scope R_scope.

(** None: nothing valid so far (maximum -oo, sum 0).  Some (max, s): s = sum of exp(x - max). *)
Definition state := option (R * R).
Definition of_entry (x : nat -> R) (m : nat -> bool) i : state := if m i then Some (x i, 1) else None.
Definition merge (a b : state) : state := match a, b with
  | None, c | c, None => c
  | Some (max1, s1), Some (max2, s2) =>
      let top := Rmax max1 max2 in Some (top, s1 * exp (max1 - top) + s2 * exp (max2 - top))
  end.

(** A way to go through entries: one by one, in blocks, as a tree of threads. *)
Inductive order := Empty | Entry (i : nat) | Merge (a b : order).
Fixpoint covered o := match o with Empty => [] | Entry i => [i] | Merge a b => covered a ++ covered b end.
Fixpoint run x m o : state :=
  match o with Empty => None | Entry i => of_entry x m i | Merge a b => merge (run x m a) (run x m b) end.

(** The answer: exp(x - max) / s on valid entries, no value where nothing is valid. *)
Definition answer (a : state) x (m : nat -> bool) i : option R := match a with
  | None => None
  | Some (max, s) => Some ((if m i then exp (x i - max) else 0) / s)
  end.

(** The sum of exp that a state stands for. *)
Definition total (a : state) : R := match a with None => 0 | Some (max, s) => s * exp max end.
Definition maximum (a : state) : option R := match a with None => None | Some (max, _) => Some max end.

Lemma total_merge a b : total (merge a b) = total a + total b.
Proof.
  destruct a as [[m1 s1]|], b as [[m2 s2]|]; simpl; try ring.
  rewrite Rmult_plus_distr_r, !Rmult_assoc, <- !exp_plus. do 2 f_equal; f_equal; f_equal; ring.
Qed.

Lemma state_eq a b : maximum a = maximum b -> total a = total b -> a = b.
Proof.
  destruct a as [[m1 s1]|], b as [[m2 s2]|]; simpl; intros H E; try discriminate; auto.
  injection H as ->. pose proof (exp_pos m2). do 2 f_equal. apply Rmult_eq_reg_r with (exp m2); lra.
Qed.

(** Which of two blocks comes first does not matter. *)
Theorem merge_commutative a b : merge a b = merge b a.
Proof.
  apply state_eq; [|rewrite !total_merge; ring].
  destruct a as [[m1 s1]|], b as [[m2 s2]|]; simpl; auto. now rewrite Rmax_comm.
Qed.

(** How blocks are grouped does not matter. *)
Theorem merge_associative a b c : merge a (merge b c) = merge (merge a b) c.
Proof.
  apply state_eq; [|rewrite !total_merge; ring].
  destruct a as [[m1 s1]|], b as [[m2 s2]|], c as [[m3 s3]|]; simpl; auto. now rewrite Rmax_assoc.
Qed.

Lemma total_run x m o : total (run x m o) = sum (covered o) (fun i => bits m i * exp (x i)).
Proof.
  induction o as [|i|a IHa b IHb]; simpl; auto.
  - unfold of_entry, bits. destruct (m i); simpl; ring.
  - now rewrite total_merge, IHa, IHb, sum_app.
Qed.

Lemma run_positive x m o max s : run x m o = Some (max, s) -> 0 < s.
Proof.
  revert max s. induction o as [|i|a IHa b IHb]; simpl; intros max s H; [discriminate| |].
  - unfold of_entry in H. destruct (m i); [|discriminate]. injection H as <- <-. lra.
  - destruct (run x m a) as [[m1 s1]|], (run x m b) as [[m2 s2]|]; simpl in H; try discriminate; eauto.
    specialize (IHa _ _ eq_refl). specialize (IHb _ _ eq_refl). injection H as <- <-.
    pose proof (exp_pos (m1 - Rmax m1 m2)). pose proof (exp_pos (m2 - Rmax m1 m2)). nra.
Qed.

Lemma sum_permutation {A} (s t : list A) f : Permutation s t -> sum s f = sum t f.
Proof. induction 1; simpl; lra. Qed.

(** However the entries of a row are gone through, each once, the answer is the masked softmax. *)
Theorem online_is_spec n x m o i :
  Permutation (covered o) (entries n) -> answer (run x m o) x m i = spec n x (bits m) i.
Proof.
  intros Hp. assert (T := total_run x m o). rewrite (sum_permutation _ _ _ Hp) in T. fold (mass n x (bits m)) in T.
  unfold spec, ratio. destruct (run x m o) as [[max s]|] eqn:E; simpl in *.
  - pose proof (run_positive _ _ _ _ _ E) as Hs. pose proof (exp_pos max) as He.
    assert (0 < s * exp max) by now apply Rmult_lt_0_compat. destruct (Req_EM_T _ 0) as [H'|_]; [lra|].
    f_equal. rewrite <- T. unfold bits. destruct (m i).
    + unfold Rminus. rewrite exp_plus, exp_Ropp. field. lra.
    + unfold Rdiv; ring.
  - destruct (Req_EM_T _ 0) as [_|H']; [auto | congruence].
Qed.
