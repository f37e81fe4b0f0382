(** Format - the four formats, and what a finite fill and an early rounding come to in each.
    Rounding is to nearest even with gradual underflow (Flocq's FLT); overflow is outside the model.
    SPDX-License-Identifier: MIT *)
From Coq Require Import Reals ZArith List Lra Lia Bool Arith.
From Flocq Require Import Core.
From Interval Require Import Tactic.
From Maskproof Require Import Sums Spec Equivalence Leak.
Open Scope R_scope.
Implicit Types (x c : nat -> R) (m : nat -> bool).

(** A format: precision in bits, and the exponent of its smallest subnormal. *)
Record format := { prec : Z; emin : Z; prec_positive : (0 < prec)%Z }.
Definition f64 : format := Build_format 53 (-1074) eq_refl.
Definition f32 : format := Build_format 24 (-149) eq_refl.
Definition bf16 : format := Build_format 8 (-133) eq_refl.
Definition f16 : format := Build_format 11 (-24) eq_refl.

(** The representable numbers, the rounding to nearest even, the unit roundoff. *)
Definition representable f : R -> Prop := generic_format radix2 (FLT_exp (emin f) (prec f)).
Definition RN f : R -> R := round radix2 (FLT_exp (emin f) (prec f)) ZnearestE.
Definition unit_roundoff f : R := bpow radix2 (- prec f).

Lemma valid_exp f : Valid_exp (FLT_exp (emin f) (prec f)).
Proof. apply FLT_exp_valid. exact (prec_positive f). Qed.

Lemma RN_0 f : RN f 0 = 0.
Proof. apply round_0. apply valid_rnd_N. Qed.

Lemma RN_le f a b : a <= b -> RN f a <= RN f b.
Proof. apply round_le; [apply valid_exp | apply valid_rnd_N]. Qed.

Lemma RN_representable f a : representable f (RN f a).
Proof. apply generic_format_round; [apply valid_exp | apply valid_rnd_N]. Qed.

Lemma RN_id f a : representable f a -> RN f a = a.
Proof. apply round_generic, valid_rnd_N. Qed.

(** Less than half the smallest subnormal rounds to 0. *)
Lemma RN_tiny f a : 0 <= a < bpow radix2 (emin f - 1) -> RN f a = 0.
Proof.
  intros [H0 H]. destruct (Req_dec a 0) as [->|Ha]; [apply RN_0|].
  unfold RN. apply round_N_small_pos with (ex := mag radix2 a).
  - destruct (mag radix2 a) as [e He]; simpl. specialize (He Ha). now rewrite Rabs_pos_eq in He.
  - assert (mag radix2 a <= emin f - 1)%Z by (apply mag_le_bpow; auto; now rewrite Rabs_pos_eq).
    unfold FLT_exp. lia.
Qed.

(** Adding log 1 = 0 to a representable logit changes no bit: on finite logits `log_mask` is `where`. *)
Theorem adding_log_1 f a : representable f a -> RN f (a + ln 1) = a.
Proof. intros Ha. rewrite ln_1, Rplus_0_r. now apply RN_id. Qed.

(** How far below the maximum exp(x - max) is less than half the smallest subnormal. *)
Definition underflows_below f (T : R) : Prop := exp (- T) < bpow radix2 (emin f - 1).

(** That is 745.14, 103.98, 92.89 and 17.33, rounded up to hundredths. *)
Theorem underflow_f64 : underflows_below f64 745.14 /\ ~ underflows_below f64 745.13.
Proof. unfold underflows_below; simpl emin; split; [|apply Rle_not_lt]; simpl bpow; interval with (i_prec 100). Qed.
Theorem underflow_f32 : underflows_below f32 103.98 /\ ~ underflows_below f32 103.97.
Proof. unfold underflows_below; simpl emin; split; [|apply Rle_not_lt]; simpl bpow; interval with (i_prec 100). Qed.
Theorem underflow_bf16 : underflows_below bf16 92.89 /\ ~ underflows_below bf16 92.88.
Proof. unfold underflows_below; simpl emin; split; [|apply Rle_not_lt]; simpl bpow; interval with (i_prec 100). Qed.
Theorem underflow_f16 : underflows_below f16 17.33 /\ ~ underflows_below f16 17.32.
Proof. unfold underflows_below; simpl emin; split; [|apply Rle_not_lt]; simpl bpow; interval with (i_prec 100). Qed.

(** A finite fill that lies T below some valid logit leaks nothing that the format can hold. *)
Theorem fill_rounds_to_zero f T n x m c i k : underflows_below f T ->
  (i < n)%nat -> m i = false -> (k < n)%nat -> m k = true -> c i <= x k - T -> RN f (fill n x m c i) = 0.
Proof.
  intros HT Hi Hm Hk Hmk Hc. apply RN_tiny. destruct (fill_bound n x m c i k) as [Hp Hb]; auto.
  split; [lra|]. apply Rle_lt_trans with (1 := Hb). apply Rle_lt_trans with (2 := HT).
  destruct (Req_dec (c i - x k) (- T)) as [->|]; [lra|]. left. apply exp_increasing. lra.
Qed.

(** Adding C to masked logits (-1e4, -1e9, ...) with all logits in [-B, B]: nothing leaks if C - 2B is at least T. *)
Theorem additive_fill_rounds_to_zero f T n x m B C i k : underflows_below f T ->
  (forall j, (j < n)%nat -> - B <= x j <= B) -> 2 * B + T <= C ->
  (i < n)%nat -> m i = false -> (k < n)%nat -> m k = true -> RN f (fill n x m (fun j => x j - C) i) = 0.
Proof.
  intros HT HB HC Hi Hm Hk Hmk. apply (fill_rounds_to_zero f T n x m _ i k); auto.
  pose proof (HB i Hi). pose proof (HB k Hk). lra.
Qed.
