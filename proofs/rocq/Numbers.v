(** Numbers - the bound of Bound.v in the four formats, for exp to one ulp (eps = 2 u) and logits within 20 of
    the maximum.  In units of u: divide by 2^-53, 2^-24, 2^-8, 2^-11.
    SPDX-License-Identifier: MIT *)
From Coq Require Import Reals ZArith Lra.
From Flocq Require Import Core.
From Interval Require Import Tactic.
From Maskproof Require Import Format.
Open Scope R_scope.

(** K / (1 - K) for a tree of height h, a range, and a kernel of relative error eps without underflow. *)
Definition relative_bound f (h range eps : R) : R :=
  let K := (h + 1 + 2 * range) * unit_roundoff f + 2 * eps in K / (1 - K).

Ltac number := unfold relative_bound, unit_roundoff; simpl bpow; cbv zeta; interval with (i_prec 100).

(** 1024 entries from left to right, and in pairs. *)
Theorem left_to_right_f64 : relative_bound f64 1023 20 (2 * unit_roundoff f64) <= 1.19e-13.
Proof. number. Qed.
Theorem pairwise_f64 : relative_bound f64 10 20 (2 * unit_roundoff f64) <= 6.11e-15.
Proof. number. Qed.
Theorem left_to_right_f32 : relative_bound f32 1023 20 (2 * unit_roundoff f32) <= 6.37e-5.
Proof. number. Qed.
Theorem pairwise_f32 : relative_bound f32 10 20 (2 * unit_roundoff f32) <= 3.28e-6.
Proof. number. Qed.

(** The online form, entry by entry (OnlineBound.v): its sum has as many merges as entries but one, and is scaled down
    whenever a logit is above all before it: at every entry, if they ascend; some ln n times in random order. *)
Definition online_relative_bound f (merges rescalings range : R) : R :=
  let u := unit_roundoff f in let eps := 2 * u in
  let K := (eps + u * range) + (merges * u + rescalings * (eps + u) + u * range) + u in K / (1 - K).
Ltac online_number := unfold online_relative_bound, unit_roundoff; simpl bpow; cbv zeta; interval with (i_prec 100).
Theorem online_f32 : online_relative_bound f32 1023 8 20 <= 6.5e-5.
Proof. online_number. Qed.
Theorem online_ascending_f32 : online_relative_bound f32 1023 1023 20 <= 2.47e-4.
Proof. online_number. Qed.

(** The 16-bit formats compute in f32 (masked_softmax.h) and round once more: half an ulp, or e where that is subnormal. *)
Theorem rounded_to_16_bits f b a e computed exact : 0 <= exact -> 0 <= b -> 0 <= a -> 0 <= e ->
  Rabs (computed - exact) <= b * exact + a -> 0 <= computed ->
  forall result, Rabs (result - computed) <= unit_roundoff f * computed + e ->
  Rabs (result - exact) <= (unit_roundoff f + b + unit_roundoff f * b) * exact + ((1 + unit_roundoff f) * a + e).
Proof.
  intros He Hb Ha He0 H Hc result Hr. assert (0 <= unit_roundoff f) by apply bpow_ge_0.
  apply Rabs_le_inv in H. apply Rabs_le_inv in Hr. apply Rabs_le. nra.
Qed.
Theorem left_to_right_bf16 : let b := relative_bound f32 1023 20 (2 * unit_roundoff f32) in
  unit_roundoff bf16 + b + unit_roundoff bf16 * b <= 3.98e-3.
Proof. cbv zeta. number. Qed.
Theorem left_to_right_f16 : let b := relative_bound f32 1023 20 (2 * unit_roundoff f32) in
  unit_roundoff f16 + b + unit_roundoff f16 * b <= 5.53e-4.
Proof. cbv zeta. number. Qed.
