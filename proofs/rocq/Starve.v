(** Starve - where floating point ends the article's equivalence (A7): `renormalize` divides 0 by 0 as soon as a masked
    logit lies far enough above all valid ones, whatever the quality of exp.  Shifted by a valid maximum it never does.
    SPDX-License-Identifier: MIT *)
From Coq Require Import Reals ZArith List Lra Lia Bool.
From Flocq Require Import Core BinarySingleNaN.
From Interval Require Import Tactic.
From Maskproof Require Import Sums Spec Format Bound.
Import ListNotations.
Open Scope R_scope.
Implicit Types (x : nat -> R) (m : nat -> bool) (f : format).

(** renormalize with every step rounded correctly: exp(x - c), c the maximum over ALL entries; divided by S, whatever
    the sum came out as; kept where valid. *)
Definition rounded_exp f x c j : R := RN f (exp (RN f (x j - c))).
Definition rounded_kept f x m c S j : R := if m j then RN f (rounded_exp f x c j / S) else 0.

(** If all valid logits lie T below c, what is kept sums to exactly 0, in any order. *)
Theorem renormalize_denominator_is_zero f T x m c S t :
  representable f T -> underflows_below f T ->
  (forall j, In j (leaves t) -> m j = true -> x j <= c - T) ->
  rounded_sum f (rounded_kept f x m c S) t = 0.
Proof.
  intros RT HT far. assert (Z : forall j, In j (leaves t) -> rounded_kept f x m c S j = 0).
  { intros j Hj. unfold rounded_kept. destruct (m j) eqn:Hm; auto.
    replace (rounded_exp f x c j) with 0; [unfold Rdiv; rewrite Rmult_0_l; apply RN_0|].
    symmetry. unfold rounded_exp. apply RN_tiny. split; [left; apply exp_pos|].
    apply Rle_lt_trans with (2 := HT).
    assert (H : RN f (x j - c) <= - T).
    { rewrite <- (RN_id f (- T)) by now apply representable_opp. apply RN_le. specialize (far j Hj Hm). lra. }
    destruct H as [H| ->]; [left; now apply exp_increasing | lra]. }
  clear far. induction t as [i|a IHa b IHb]; simpl; [apply Z; now left|].
  rewrite IHa, IHb by (intros; apply Z, in_or_app; auto). rewrite Rplus_0_r. apply RN_0.
Qed.

Lemma representable_integer f (k : Z) : (emin f <= 0)%Z -> (Z.abs k < 2 ^ prec f)%Z -> representable f (IZR k).
Proof.
  intros He Hk. replace (IZR k) with (F2R (Float radix2 k 0)) by (unfold F2R; simpl; ring).
  apply generic_format_FLT. apply (FLT_spec _ _ _ _ (Float radix2 k 0)); simpl; auto.
Qed.

(** Far enough is 746 in f64, 104 in f32, 93 in bf16, 18 in f16. *)
Theorem starving_gaps :
  (representable f64 746 /\ underflows_below f64 746) /\ (representable f32 104 /\ underflows_below f32 104) /\
  (representable bf16 93 /\ underflows_below bf16 93) /\ (representable f16 18 /\ underflows_below f16 18).
Proof.
  unfold underflows_below.
  repeat split; try (apply representable_integer; [easy | reflexivity]); simpl emin; simpl bpow;
    interval with (i_prec 100).
Qed.

(** And 0 / 0 is NaN: Flocq computes IEEE 754's division of binary32. *)
Theorem zero_by_zero_is_nan :
  @Bdiv 24 128 eq_refl eq_refl mode_NE (B754_zero false) (B754_zero false) = B754_nan.
Proof. reflexivity. Qed.
