(** RoundingTest - why `correctly_rounded` may return what it does: if both ends of an enclosure of the exact value
    round to the same number, that number is the exact value correctly rounded.
    SPDX-License-Identifier: MIT *)
From Coq Require Import Reals ZArith Lra Psatz.
From Flocq Require Import Core Relative.
From Maskproof Require Import Format Relative.
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

(** --- a probability in double, as the kernels of `correctly_rounded` compute it: e times 1/s, both rounded --- *)
Notation u := (unit_roundoff f64).
Definition double_quotient (e s : R) : R := RN f64 (e * RN f64 (1 / s)).

Lemma RN_normal_near a : bpow radix2 (-1022) <= a -> near u (RN f64 a) a /\ a / 2 <= RN f64 a.
Proof.
  intros Ha. assert (0 < bpow radix2 (-1022)) by apply bpow_gt_0.
  destruct (relative_error_N_FLT_ex radix2 (-1074) 53 (prec_positive f64) (fun z => negb (Z.even z)) a)
    as (d & Hd & E).
  { rewrite Rabs_pos_eq by lra. exact Ha. }
  assert (Hu : 0 <= u <= 1 / 2) by (unfold unit_roundoff; simpl; lra).
  assert (Hd' : Rabs d <= u) by (apply Rle_trans with (1 := Hd); unfold unit_roundoff; simpl; lra).
  unfold RN. simpl emin. simpl prec. rewrite E. split; [apply near_rnd; auto; lra|]. apply Rabs_le_inv in Hd'. nra.
Qed.

(** Its error: that of the exponential and of the sum, and two roundings, if nothing comes near the ends of the
    format. *)
Theorem double_quotient_error ke ks E S e s : 0 <= ke -> 0 <= ks -> ke + ks + 2 * u <= 1 -> ks < 1 -> 0 < E -> 0 < S ->
  near ke e E -> near ks s S -> bpow radix2 (-700) <= s <= bpow radix2 700 -> bpow radix2 (-900) <= e / s ->
  near (ke + ks + 2 * u) (double_quotient e s) (E / S).
Proof.
  intros Hke Hks HK Hks1 HE HS Ne Ns Hs Hes.
  assert (Hu : 0 < u <= / 1000000) by (unfold unit_roundoff; simpl; lra).
  assert (P : forall k, 0 < bpow radix2 k) by (intros; apply bpow_gt_0).
  assert (Hs0 : 0 < s) by (pose proof (P (-700)%Z); lra).
  assert (Hi : bpow radix2 (-1022) <= 1 / s).
  { apply Rle_trans with (bpow radix2 (-700)); [now apply bpow_le|].
    unfold Rdiv. rewrite Rmult_1_l. change (-700)%Z with (- (700))%Z. rewrite bpow_opp. apply Rinv_le_contravar; lra. }
  destruct (RN_normal_near (1 / s) Hi) as [N1 L1]. unfold double_quotient. set (r := RN f64 (1 / s)) in *.
  assert (He0 : 0 < e).
  { replace e with (e / s * s) by (field; lra). apply Rmult_lt_0_compat; [pose proof (P (-900)%Z); lra | auto]. }
  assert (M2 : bpow radix2 (-1022) <= e * r).
  { apply Rle_trans with (e / s / 2).
    - apply Rle_trans with (bpow radix2 (-900) * bpow radix2 (-1)); [rewrite <- bpow_plus; now apply bpow_le|].
      change (bpow radix2 (-1)) with (/ 2). lra.
    - unfold Rdiv in *. rewrite Rmult_1_l in L1. rewrite Rmult_assoc. apply Rmult_le_compat_l; lra. }
  destruct (RN_normal_near (e * r) M2) as [N2 _].
  assert (Hes0 : 0 < e / s) by now apply Rdiv_lt_0_compat. assert (HQ : 0 < E / S) by now apply Rdiv_lt_0_compat.
  replace (ke + ks + 2 * u) with (u + (u + (ke + ks))) by ring.
  apply near_trans with (e * r); try lra; [exact N2|].
  apply near_trans with (e / s); try lra.
  - unfold Rdiv. rewrite (Rmult_comm e r), (Rmult_comm e (/ s)). apply near_mult_r; [lra|].
    unfold Rdiv in N1. rewrite Rmult_1_l in N1. exact N1.
  - apply near_div; auto; lra.
Qed.

(** So if e and s are right to ke and ks, the test with any B of at least K / (1 - K), K = ke + ks + 2 u, decides
    rightly, for any format. *)
Theorem double_quotient_decides f ke ks B E S e s : let K := ke + ks + 2 * u in let v := double_quotient e s in
  0 <= ke -> 0 <= ks -> K < 1 -> K / (1 - K) <= B -> 0 < E -> 0 < S ->
  near ke e E -> near ks s S -> bpow radix2 (-700) <= s <= bpow radix2 700 -> bpow radix2 (-900) <= e / s ->
  RN f (v * (1 - B)) = RN f (v * (1 + B)) -> RN f (E / S) = RN f (v * (1 - B)).
Proof.
  intros K v Hke Hks HK HB HE HS Ne Ns Hs Hes.
  assert (Hu : 0 < u) by (unfold unit_roundoff; simpl; lra). fold K in HK, HB.
  assert (N : near K v (E / S)) by (apply double_quotient_error; auto; unfold K in HK; lra).
  assert (HQ : 0 < E / S) by now apply Rdiv_lt_0_compat.
  assert (Hv : 0 <= v) by (apply (near_nonneg K v (E / S)); auto; lra). destruct N as [A C].
  apply rounding_test; auto.
  (* E/S <= v / (1 - K) = v + K / (1 - K) v, and E/S >= v (1 - K) *)
  assert (D : K * v <= K / (1 - K) * v).
  { apply Rmult_le_compat_r; auto. apply Rmult_le_reg_r with (1 - K); [lra|].
    replace (K / (1 - K) * (1 - K)) with K by (field; lra). assert (0 <= K) by (unfold K; lra). nra. }
  assert (F : E / S <= v + K / (1 - K) * v).
  { apply Rmult_le_reg_l with (1 - K); [lra|].
    replace ((1 - K) * (v + K / (1 - K) * v)) with v by (field; lra). exact A. }
  assert (G : K / (1 - K) * v <= B * v) by (apply Rmult_le_compat_r; auto). apply Rabs_le. lra.
Qed.
