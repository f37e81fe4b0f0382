(** Kernel - what the error bounds of the exp kernels share: an absolute bound for one rounding, sums and differences
    that are exact, an integer found by adding 1.5 2^(precision - 1), and a double's bits as an integer.
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
Lemma RN_exact f m e a : (emin f <= e)%Z -> (Z.abs m < 2 ^ prec f)%Z -> a = IZR m * bpow radix2 e -> RN f a = a.
Proof.
  intros He Hm ->. apply RN_id. pose proof (prec_positive f). apply generic_format_FLT.
  exists (Float radix2 m e); simpl; auto.
Qed.

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

(** The bits of a positive double, as an integer: its significand as one, plus 2^52 for each step of the exponent; and
    the normal double that has these bits. *)
Definition bits (a : R) : Z :=
  (Ztrunc (scaled_mantissa radix2 (FLT_exp (-1074) 53) a) + (cexp radix2 (FLT_exp (-1074) 53) a + 1074) * 2 ^ 52)%Z.
Definition double_of_bits (b : Z) : R := IZR (2 ^ 52 + b mod 2 ^ 52) * bpow radix2 (b / 2 ^ 52 - 1075).

Lemma bits_of_double m e a : a = IZR m * bpow radix2 e -> (-1074 <= e)%Z -> (2 ^ 52 <= m < 2 ^ 53)%Z ->
  bits a = (m + (e + 1074) * 2 ^ 52)%Z.
Proof.
  intros -> He [H1 H2]. assert (P := bpow_gt_0 radix2 e).
  assert (M : mag radix2 (IZR m * bpow radix2 e) = (e + 53)%Z :> Z).
  { apply mag_unique_pos. split.
    - replace (e + 53 - 1)%Z with (52 + e)%Z by ring. rewrite bpow_plus. apply Rmult_le_compat_r; [lra|].
      rewrite <- IZR_Zpower by lia. now apply IZR_le.
    - replace (e + 53)%Z with (53 + e)%Z by ring. rewrite bpow_plus. apply Rmult_lt_compat_r; [lra|].
      rewrite <- IZR_Zpower by lia. now apply IZR_lt. }
  unfold bits, scaled_mantissa, cexp. rewrite M. unfold FLT_exp. rewrite Z.max_l by lia.
  replace (e + 53 - 53)%Z with e by ring. rewrite Rmult_assoc, <- bpow_plus. replace (e + - e)%Z with 0%Z by ring.
  simpl (bpow radix2 0). now rewrite Rmult_1_r, Ztrunc_IZR.
Qed.

Lemma double_of_bits_of_double m e : (2 ^ 52 <= m < 2 ^ 53)%Z ->
  double_of_bits (m + (e + 1074) * 2 ^ 52) = IZR m * bpow radix2 e.
Proof.
  intros H. unfold double_of_bits.
  replace (m + (e + 1074) * 2 ^ 52)%Z with ((m - 2 ^ 52) + (e + 1075) * 2 ^ 52)%Z by ring.
  rewrite Z.mod_add, Z.div_add by easy. rewrite Z.mod_small, Z.div_small by lia.
  now replace (2 ^ 52 + (m - 2 ^ 52))%Z with m by ring; replace (0 + (e + 1075) - 1075)%Z with e by ring.
Qed.

(** A step of the exponent is a factor 2. *)
Lemma double_of_bits_scaled b k : double_of_bits (b + k * 2 ^ 52) = double_of_bits b * bpow radix2 k.
Proof.
  unfold double_of_bits. rewrite Z.mod_add, Z.div_add by easy.
  replace (b / 2 ^ 52 + k - 1075)%Z with (b / 2 ^ 52 - 1075 + k)%Z by ring. now rewrite bpow_plus, Rmult_assoc.
Qed.

(** An absolute error w is a relative one of w/L where the value is at least L. *)
Lemma near_where_at_least L K w y x : 0 <= K <= 1 -> L <= x -> 0 <= w <= K * L -> Rabs (y - x) <= w ->
  near K y x.
Proof.
  intros HK HL Hw H. apply Rabs_le_inv in H. assert (w <= K * x) by nra. split; [lra|].
  apply Rle_trans with ((x + w) * (1 - K)); [apply Rmult_le_compat_r; lra | nra].
Qed.
