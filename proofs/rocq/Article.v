(** Article - the numbers that *Masked Softmax Layers in PyTorch* prints: every digit, as an interval
    around the exact value.
    SPDX-License-Identifier: MIT *)
From Coq Require Import Reals List Lra Bool.
From Interval Require Import Tactic.
From Maskproof Require Import Sums Spec Equivalence Leak.
Import ListNotations.
Open Scope R_scope.

(** The article's logits and its mask 10110. *)
Definition ell (i : nat) : R :=
  match i with 0%nat => 1.2355 | 1%nat => -0.1710 | 2%nat => -0.6606 | 3%nat => -0.2050 | _ => -1.4690 end.
Definition m10110 (i : nat) : bool := match i with 0 | 2 | 3 => true | _ => false end%nat.

(** y is x rounded to the four decimals that the article prints. *)
Notation "x 'prints' y" := (Rabs (x - y) <= 0.00005) (at level 70).

Lemma some_valid : has_valid 5 m10110.
Proof. exists 0%nat. split; [repeat constructor | reflexivity]. Qed.

Ltac digits := intros; unfold p, prob, mass, multiply, softmax, bits; cbn [seq sum ell m10110];
  rewrite ?Rmult_0_r, ?Rmult_0_l, ?Rmult_1_r, ?Rmult_1_l, ?exp_0; interval with (i_prec 60).
Ltac nothing := unfold p, prob, bits; cbn [m10110]; unfold Rdiv; ring.

(** A1: softmax(ell). *)
Theorem article_softmax :
  softmax 5 ell 0 prints 0.5886 /\ softmax 5 ell 1 prints 0.1442 /\ softmax 5 ell 2 prints 0.0884 /\
  softmax 5 ell 3 prints 0.1394 /\ softmax 5 ell 4 prints 0.0394.
Proof. repeat split; digits. Qed.

(** A2: the masked softmax. *)
Theorem article_masked :
  p 5 ell m10110 0 prints 0.7210 /\ p 5 ell m10110 1 = 0 /\ p 5 ell m10110 2 prints 0.1083 /\
  p 5 ell m10110 3 prints 0.1707 /\ p 5 ell m10110 4 = 0.
Proof. repeat split; first [nothing | digits]. Qed.

(** A3: softmax(ell * mask), which is wrong. *)
Theorem article_multiply :
  multiply 5 ell m10110 0 prints 0.5080 /\ multiply 5 ell m10110 1 prints 0.1477 /\
  multiply 5 ell m10110 2 prints 0.0763 /\ multiply 5 ell m10110 3 prints 0.1203 /\
  multiply 5 ell m10110 4 prints 0.1477.
Proof. repeat split; digits. Qed.

(** A5: softmax times mask, before it is renormalized, and A2 after. *)
Theorem article_renormalize :
  (softmax 5 ell 0 * bits m10110 0 prints 0.5886 /\ softmax 5 ell 1 * bits m10110 1 = 0 /\
   softmax 5 ell 2 * bits m10110 2 prints 0.0884 /\ softmax 5 ell 3 * bits m10110 3 prints 0.1394 /\
   softmax 5 ell 4 * bits m10110 4 = 0) /\
  forall i, renormalize 5 ell (bits m10110) i = Some (p 5 ell m10110 i).
Proof.
  split; [repeat split; first [nothing | digits]|].
  intros i. rewrite renormalize_is_spec by repeat constructor. apply spec_prob, some_valid.
Qed.

(** A6: softmax(ell + log(mask)) is A2. *)
Theorem article_log_mask i : log_mask 5 ell (bits m10110) i = Some (p 5 ell m10110 i).
Proof. rewrite log_mask_is_spec by (intros; apply bits_nonneg). apply spec_prob, some_valid. Qed.

(** The leak of A3: 29.54 % of the probability stands on the two masked classes, each with more than two of the three
    valid ones have (A4). *)
Theorem article_leak :
  Rabs (leak 5 m10110 (multiply 5 ell m10110) - 0.2954) <= 0.00005 /\
  multiply 5 ell m10110 2 < multiply 5 ell m10110 1 /\ multiply 5 ell m10110 3 < multiply 5 ell m10110 1.
Proof.
  repeat split.
  - rewrite leak_multiply_fill, fill_leak, zero_fill_mass. unfold n_masked, masked, valid_mass. rewrite mass_bits.
    cbn [seq sum ell m10110 filter negb length INR]. interval with (i_prec 60).
  - rewrite masked_beats_valid_iff by (auto; repeat constructor). unfold ell. lra.
  - rewrite masked_beats_valid_iff by (auto; repeat constructor). unfold ell. lra.
Qed.

(** A14: a leak of 0.1 % is an LSE of 14.43, one of 5.1 % an LSE of 10.45, with the 1850 masked of 1880 classes that a
    chess position with 30 legal moves has. *)
Theorem article_maia :
  Rabs (ln (1850 * (1 / 0.001 - 1)) - 14.43) <= 0.005 /\ Rabs (ln (1850 * (1 / 0.051 - 1)) - 10.45) <= 0.005.
Proof. split; interval with (i_prec 60). Qed.
