(** Kernel - what the error bounds of the exp kernels share: an absolute bound for one rounding, sums and differences
    that are exact, an integer found by adding 1.5 2^(precision - 1), and a number's word, which is an integer.
    SPDX-License-Identifier: MIT *)
From Coq Require Import Reals ZArith List Lra Lia Psatz.
From Flocq Require Import Core.
From Maskproof Require Import Format Relative.
Open Scope R_scope.

(** One rounding of a number below 2^e is off by at most half a unit of [2^(e-1), 2^e). *)
Lemma RN_error f e a : (emin f + prec f <= e)%Z -> Rabs a < bpow radix2 e ->
  Rabs (RN f a - a) <= bpow radix2 (e - prec f - 1).
Proof.
  intros He Ha. pose proof (prec_positive f) as Hp. pose proof (valid_exp f).
  destruct (Req_dec a 0) as [->|Hz].
  { rewrite RN_0, Rminus_0_r, Rabs_R0. apply bpow_ge_0. }
  apply Rle_trans with (1 := error_le_half_ulp radix2 (FLT_exp (emin f) (prec f)) _ a).
  rewrite ulp_neq_0 by auto. unfold cexp, FLT_exp.
  assert (M : (mag radix2 a <= e)%Z) by now apply mag_le_bpow.
  replace (e - prec f - 1)%Z with (-1 + (e - prec f))%Z by ring.
  rewrite bpow_plus. change (bpow radix2 (-1)) with (/ 2).
  apply Rmult_le_compat_l; [lra|]. apply bpow_le. lia.
Qed.

(** A multiple m of 2^e, |m| < 2^precision, is not rounded. *)
Lemma multiple_representable f m e a : (emin f <= e)%Z -> (Z.abs m < 2 ^ prec f)%Z -> a = IZR m * bpow radix2 e ->
  representable f a.
Proof.
  intros He Hm ->. pose proof (prec_positive f). apply generic_format_FLT. exists (Float radix2 m e); simpl; auto.
Qed.

Lemma RN_exact f m e a : (emin f <= e)%Z -> (Z.abs m < 2 ^ prec f)%Z -> a = IZR m * bpow radix2 e -> RN f a = a.
Proof. intros. apply RN_id. now apply multiple_representable with m e. Qed.

(** A float of at least 2^e is a multiple of a unit of [2^e, 2^(e+1)). *)
Lemma multiple_of_unit f e x : representable f x -> bpow radix2 e <= Rabs x ->
  exists m, x = IZR m * bpow radix2 (e + 1 - prec f).
Proof.
  intros Hx He.
  assert (M : (e + 1 <= mag radix2 x)%Z) by (apply mag_ge_bpow; replace (e + 1 - 1)%Z with e by ring; auto).
  assert (L : (e + 1 - prec f <= cexp radix2 (FLT_exp (emin f) (prec f)) x)%Z) by (unfold cexp, FLT_exp; lia).
  unfold representable, generic_format, F2R in Hx. simpl in Hx.
  set (c := cexp radix2 (FLT_exp (emin f) (prec f)) x) in *. set (z := Ztrunc _) in Hx.
  exists (z * 2 ^ (c - (e + 1 - prec f)))%Z. rewrite mult_IZR, (IZR_Zpower radix2) by lia.
  rewrite Rmult_assoc, <- bpow_plus. replace (c - (e + 1 - prec f) + (e + 1 - prec f))%Z with c by ring. exact Hx.
Qed.

(** Adding 1.5 2^(p - 1) rounds to the nearest integer. *)
Lemma RN_magic f a b : (emin f <= 0)%Z -> bpow radix2 (prec f - 1) <= a + IZR b < bpow radix2 (prec f) ->
  exists n, RN f (a + IZR b) = IZR (n + b) /\ Rabs (a - IZR n) <= / 2.
Proof.
  intros He Ha. set (w := a + IZR b) in *. assert (M : mag radix2 w = prec f :> Z) by now apply mag_unique_pos.
  exists (ZnearestE w - b)%Z. replace (ZnearestE w - b + b)%Z with (ZnearestE w) by ring. split.
  - unfold RN, round, scaled_mantissa, cexp, F2R. rewrite M. unfold FLT_exp. rewrite Z.max_l by lia.
    replace (prec f - prec f)%Z with 0%Z by ring. simpl. now rewrite 2!Rmult_1_r.
  - replace (a - IZR (ZnearestE w - b)) with (w - IZR (ZnearestE w)) by (rewrite minus_IZR; unfold w; ring).
    apply Znearest_half.
Qed.

(** The word of a positive number: its significand as an integer, plus 2^(precision - 1) for each step of the exponent;
    and the normal number that has this word. *)
Definition word f (a : R) : Z :=
  (Ztrunc (scaled_mantissa radix2 (FLT_exp (emin f) (prec f)) a) +
   (cexp radix2 (FLT_exp (emin f) (prec f)) a - emin f) * 2 ^ (prec f - 1))%Z.
Definition value f (w : Z) : R :=
  IZR (2 ^ (prec f - 1) + w mod 2 ^ (prec f - 1)) * bpow radix2 (w / 2 ^ (prec f - 1) + emin f - 1).

Lemma double_power f : (2 ^ prec f = 2 * 2 ^ (prec f - 1))%Z.
Proof. rewrite <- Z.pow_succ_r by (pose proof (prec_positive f); lia). f_equal. ring. Qed.

Lemma power_positive f : (0 < 2 ^ (prec f - 1))%Z.
Proof. apply Z.pow_pos_nonneg; [easy | pose proof (prec_positive f); lia]. Qed.

Lemma word_of f m e a : a = IZR m * bpow radix2 e -> (emin f <= e)%Z -> (2 ^ (prec f - 1) <= m < 2 ^ prec f)%Z ->
  word f a = (m + (e - emin f) * 2 ^ (prec f - 1))%Z.
Proof.
  intros -> He [H1 H2]. assert (P := bpow_gt_0 radix2 e). pose proof (prec_positive f) as Hp.
  assert (M : mag radix2 (IZR m * bpow radix2 e) = (e + prec f)%Z :> Z).
  { apply mag_unique_pos. split.
    - replace (e + prec f - 1)%Z with ((prec f - 1) + e)%Z by ring. rewrite bpow_plus.
      apply Rmult_le_compat_r; [lra|]. rewrite <- IZR_Zpower by lia. now apply IZR_le.
    - replace (e + prec f)%Z with (prec f + e)%Z by ring. rewrite bpow_plus. apply Rmult_lt_compat_r; [lra|].
      rewrite <- IZR_Zpower by lia. now apply IZR_lt. }
  unfold word, scaled_mantissa, cexp. rewrite M. unfold FLT_exp. rewrite Z.max_l by lia.
  replace (e + prec f - prec f)%Z with e by ring. rewrite Rmult_assoc, <- bpow_plus.
  replace (e + - e)%Z with 0%Z by ring. simpl (bpow radix2 0). now rewrite Rmult_1_r, Ztrunc_IZR.
Qed.

Lemma value_of_word f m e : (2 ^ (prec f - 1) <= m < 2 ^ prec f)%Z ->
  value f (m + (e - emin f) * 2 ^ (prec f - 1)) = IZR m * bpow radix2 e.
Proof.
  rewrite double_power. intros H. pose proof (power_positive f). unfold value. set (c := (2 ^ (prec f - 1))%Z) in *.
  replace (m + (e - emin f) * c)%Z with ((m - c) + (e - emin f + 1) * c)%Z by ring.
  rewrite Z.mod_add, Z.div_add by lia. rewrite Z.mod_small, Z.div_small by lia.
  now replace (c + (m - c))%Z with m by ring; replace (0 + (e - emin f + 1) + emin f - 1)%Z with e by ring.
Qed.

(** A step of the exponent is a factor 2. *)
Lemma value_scaled f w k : value f (w + k * 2 ^ (prec f - 1)) = value f w * bpow radix2 k.
Proof.
  pose proof (power_positive f). unfold value. rewrite Z.mod_add, Z.div_add by lia.
  replace (w / 2 ^ (prec f - 1) + k + emin f - 1)%Z with (w / 2 ^ (prec f - 1) + emin f - 1 + k)%Z by ring.
  now rewrite bpow_plus, Rmult_assoc.
Qed.

Lemma value_representable f w : (2 ^ (prec f - 1) <= w)%Z -> representable f (value f w).
Proof.
  intros H. pose proof (power_positive f) as P. pose proof (Z.mod_pos_bound w _ P).
  apply multiple_representable with (3 := eq_refl).
  - assert (1 <= w / 2 ^ (prec f - 1))%Z by (apply Z.div_le_lower_bound; lia). lia.
  - rewrite double_power. lia.
Qed.

(** The same of doubles. *)
Definition bits : R -> Z := word f64.
Definition double_of_bits : Z -> R := value f64.

Lemma bits_of_double m e a : a = IZR m * bpow radix2 e -> (-1074 <= e)%Z -> (2 ^ 52 <= m < 2 ^ 53)%Z ->
  bits a = (m + (e + 1074) * 2 ^ 52)%Z.
Proof. exact (word_of f64 m e a). Qed.

Lemma double_of_bits_of_double m e : (2 ^ 52 <= m < 2 ^ 53)%Z ->
  double_of_bits (m + (e + 1074) * 2 ^ 52) = IZR m * bpow radix2 e.
Proof. exact (value_of_word f64 m e). Qed.

Lemma double_of_bits_scaled b k : double_of_bits (b + k * 2 ^ 52) = double_of_bits b * bpow radix2 k.
Proof. exact (value_scaled f64 b k). Qed.

(** An absolute error w is a relative one of w/L where the value is at least L. *)
Lemma near_where_at_least L K w y x : 0 <= K <= 1 -> L <= x -> 0 <= w <= K * L -> Rabs (y - x) <= w ->
  near K y x.
Proof.
  intros HK HL Hw H. apply Rabs_le_inv in H. assert (w <= K * x) by nra. split; [lra|].
  apply Rle_trans with ((x + w) * (1 - K)); [apply Rmult_le_compat_r; lra | nra].
Qed.
