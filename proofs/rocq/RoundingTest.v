(** RoundingTest - why `correctly_rounded` may return what it does: if both ends of an enclosure of the exact value
    round to the same number, that number is the exact value correctly rounded.
    SPDX-License-Identifier: MIT *)
From Coq Require Import Reals Lra.
From Flocq Require Import Core.
From Maskproof Require Import Format.
Open Scope R_scope.

(** Any enclosure. *)
Theorem rounds_alike f low high exact :
  low <= exact <= high -> RN f low = RN f high -> RN f exact = RN f low.
Proof.
  intros [Hl Hh] E. apply Rle_antisym; [rewrite E|]; now apply RN_le.
Qed.

(** A value v with a relative error of at most B, in units of v: the test looks at v (1 - B) and v (1 + B). *)
Theorem rounding_test f v B exact : 0 <= v -> Rabs (v - exact) <= B * v ->
  RN f (v * (1 - B)) = RN f (v * (1 + B)) -> RN f exact = RN f (v * (1 - B)).
Proof.
  intros Hv He E. apply Rabs_le_inv in He. apply (rounds_alike f _ (v * (1 + B))); [lra | exact E].
Qed.

(** The same, with the error in units of the exact value. *)
Theorem rounding_test_exact f v B exact : 0 <= B < 1 -> 0 < exact -> Rabs (v / exact - 1) <= B ->
  RN f (v / (1 + B)) = RN f (v / (1 - B)) -> RN f exact = RN f (v / (1 + B)).
Proof.
  intros HB Hp He E. apply Rabs_le_inv in He.
  assert (V : exact * (1 - B) <= v <= exact * (1 + B)).
  { replace v with (v / exact * exact) by (field; lra). split; nra. }
  apply (rounds_alike f _ (v / (1 - B))); [|exact E]. split.
  - apply Rmult_le_reg_r with (1 + B); [lra|]. replace (v / (1 + B) * (1 + B)) with v by (field; lra). lra.
  - apply Rmult_le_reg_r with (1 - B); [lra|]. replace (v / (1 - B) * (1 - B)) with v by (field; lra). lra.
Qed.
