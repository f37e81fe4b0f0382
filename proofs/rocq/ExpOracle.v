(** ExpOracle - the exponential of the oracle's fast engine in doubles (oracle/fast_exp.h, exp_of) is right to 2 u.
    Constants and operations are those of the C, in order; `make proofs` compares them.
    SPDX-License-Identifier: MIT *)
From Coq Require Import Reals ZArith Lra Lia Psatz.
From Flocq Require Import Core.
From Interval Require Import Tactic.
From Maskproof Require Import Format Relative RoundingTest Kernel.
Open Scope R_scope.

(** --- the C: every operation rounded once; words of 64 bits --- *)
Record pair := { high : R; low : R }.
Definition plus a b := RN f64 (a + b).
Definition minus a b := RN f64 (a - b).
Definition times a b := RN f64 (a * b).
Definition fma '(a, b, c) := RN f64 (a * b + c).
Definition bits_of_double := bits.
Definition double_of_bits b := Kernel.double_of_bits (b mod 2 ^ 64).

Definition LOG2_E := 0x1.71547652b82fep0.
Definition LN2_A := 0x1.62e42fefa38p-1.
Definition LN2_REST := 0x1.ef35793c7673p-45.
Definition MAGIC := 0x1.8p52.
Definition DOUBLE_FRACTION : Z := 52.

Declare Scope double_scope.
Arguments plus (_ _)%double_scope. (* an operand that is an operation is rounded, too *)
Arguments minus (_ _)%double_scope.
Arguments times (_ _)%double_scope.
Local Infix "+" := plus : double_scope.
Local Infix "-" := minus : double_scope.
Local Infix "*" := times : double_scope.
Local Infix "<<" := Z.shiftl (at level 30) : Z_scope.
Local Open Scope double_scope.
Definition exp_of d :=
  let t := fma(d.(high), LOG2_E, MAGIC) in let k := t - MAGIC in
  let r := fma(-k, LN2_A, d.(high)) + fma(-k, LN2_REST, d.(low)) in
  let q := fma(0x1.6124613a86d09p-33, r, 0x1.1eed8eff8d898p-29) in
  let q := fma(q, r, 0x1.ae64567f544e4p-26) in
  let q := fma(q, r, 0x1.27e4fb7789f5cp-22) in
  let q := fma(q, r, 0x1.71de3a556c734p-19) in
  let q := fma(q, r, 0x1.a01a01a01a01ap-16) in
  let q := fma(q, r, 0x1.a01a01a01a01ap-13) in
  let q := fma(q, r, 0x1.6c16c16c16c17p-10) in
  let q := fma(q, r, 0x1.1111111111111p-7) in
  let q := fma(q, r, 0x1.5555555555555p-5) in
  let q := fma(q, r, 0x1.5555555555555p-3) in
  let q := fma(q, r, 0x1p-1) in
  let e := 1 + fma(r * r, q, r) in
  double_of_bits(bits_of_double(e) + (bits_of_double(t) << DOUBLE_FRACTION)).
Local Close Scope double_scope.

(** --- its error --- *)
Lemma fma_error i a b c : (-1000 <= i)%Z -> Rabs (a * b + c) < bpow radix2 i ->
  exists d, fma (a, b, c) = a * b + c + d /\ Rabs d <= bpow radix2 (i - 54).
Proof.
  intros Hi H. exists (fma (a, b, c) - (a * b + c)). split; [ring|].
  replace (i - 54)%Z with (i - prec f64 - 1)%Z by (simpl; ring). apply RN_error; [simpl; lia | exact H].
Qed.

(** k: an integer next to x / ln 2, and the last bits of t. *)
Lemma reduction x : -800 <= x <= 0 -> exists n : Z, fma (x, LOG2_E, MAGIC) = IZR (n + 3 * 2 ^ 51) /\
  Rabs (x - IZR n * ln 2) <= 0.3466 /\ (Z.abs n <= 1155)%Z.
Proof.
  intros Hx. assert (S : Rabs (LOG2_E - 1 / ln 2) <= 0x1p-53) by (unfold LOG2_E; interval with (i_prec 80)).
  assert (HM : MAGIC = IZR (3 * 2 ^ 51)) by (unfold MAGIC; simpl; lra).
  assert (B : -1155 <= x * LOG2_E <= 0.1) by (unfold LOG2_E; interval with (i_prec 60)).
  unfold fma. rewrite HM. destruct (RN_magic f64 (x * LOG2_E) (3 * 2 ^ 51)) as (n & -> & N);
    [easy | simpl; lra|]. exists n. split; [reflexivity|]. apply Rabs_le_inv in N. apply Rabs_le_inv in S. split.
  - assert (D : Rabs (x * (1 / ln 2) - IZR n) <= 0.5000001).
    { replace (x * (1 / ln 2) - IZR n) with ((x * LOG2_E - IZR n) - x * (LOG2_E - 1 / ln 2)) by ring.
      set (z := LOG2_E - 1 / ln 2) in *. set (v := x * LOG2_E - IZR n) in *. interval with (i_prec 60). }
    assert (0 < ln 2) by interval with (i_prec 60).
    replace (x - IZR n * ln 2) with ((x * (1 / ln 2) - IZR n) * ln 2) by (field; lra).
    set (z := x * (1 / ln 2) - IZR n) in *. interval with (i_prec 60).
  - assert (E : -1156 < IZR n < 1156) by lra. destruct E as [E1 E2]. apply lt_IZR in E1. apply lt_IZR in E2. lia.
Qed.

(** Its first part is exact. *)
Lemma high_part x n : representable f64 x -> Rabs (x - IZR n * ln 2) <= 0.3466 -> (Z.abs n <= 1155)%Z ->
  Rabs (x - IZR n * LN2_A) <= 0.34661 /\ RN f64 (x - IZR n * LN2_A) = x - IZR n * LN2_A.
Proof.
  intros Hx Hr Hn. assert (Hz : -1155 <= IZR n <= 1155) by (split; apply IZR_le; lia).
  assert (H1 : Rabs (x - IZR n * LN2_A) <= 0.34661).
  { replace (x - IZR n * LN2_A) with ((x - IZR n * ln 2) + IZR n * (ln 2 - LN2_A)) by ring.
    set (z := x - IZR n * ln 2) in *. unfold LN2_A. interval with (i_prec 80). }
  split; [exact H1|]. destruct (Z.eq_dec n 0) as [->|H0]; [rewrite Rmult_0_l, Rminus_0_r; now apply RN_id|].
  assert (1 <= Rabs (IZR n)) by (rewrite <- abs_IZR; apply IZR_le; lia).
  assert (Hb : bpow radix2 (-2) <= Rabs x).
  { assert (T : Rabs (IZR n * ln 2) <= Rabs x + 0.3466).
    { replace (IZR n * ln 2) with (x - (x - IZR n * ln 2)) by ring.
      eapply Rle_trans; [apply Rabs_triang|]. rewrite Rabs_Ropp. lra. }
    rewrite Rabs_mult in T. assert (0.693 <= Rabs (ln 2)) by interval with (i_prec 60). simpl bpow. nra. }
  destruct (multiple_of_unit f64 (-2) x Hx Hb) as (m & M). change (-2 + 1 - prec f64)%Z with (-54)%Z in M.
  set (d := (m - n * 0x58b90bfbe8e * 2 ^ 11)%Z).
  assert (E : x - IZR n * LN2_A = IZR d * bpow radix2 (-54)).
  { unfold d, LN2_A. rewrite M, minus_IZR, 2!mult_IZR. simpl. lra. }
  apply RN_exact with d (-54)%Z; [easy | | exact E]. rewrite E in H1. apply Rabs_le_inv in H1. simpl in H1.
  assert (G : -0x20000000000000 < IZR d < 0x20000000000000) by lra.
  destruct G as [G1 G2]. apply lt_IZR in G1. apply lt_IZR in G2. simpl. lia.
Qed.

(** r: what is left of x + y, rounded once. *)
Lemma reduced x y n : representable f64 x -> -300 <= x <= 0 -> Rabs y <= u * Rabs x ->
  Rabs (x - IZR n * ln 2) <= 0.3466 -> (Z.abs n <= 434)%Z ->
  Rabs (plus (fma (- IZR n, LN2_A, x)) (fma (- IZR n, LN2_REST, y)) - (x + y - IZR n * ln 2)) <= 0x1.01p-55
  /\ Rabs (x + y - IZR n * ln 2) <= 0.34661.
Proof.
  intros Hd Hx Hl Hr Hn. assert (Hz : -434 <= IZR n <= 434) by (split; apply IZR_le; lia).
  assert (Hl' : Rabs y <= 0x1p-44).
  { apply Rle_trans with (1 := Hl). rewrite (Rabs_left1 x) by lra. unfold unit_roundoff. simpl. lra. }
  destruct (high_part x n Hd Hr ltac:(lia)) as [H1 R1].
  replace (x - IZR n * LN2_A) with (- IZR n * LN2_A + x) in R1 at 1 by ring.
  change (RN f64 _) with (fma (- IZR n, LN2_A, x)) in R1.
  rewrite R1. destruct (fma_error (-34) (- IZR n) LN2_REST y) as (e & -> & E); [easy | |].
  { unfold LN2_REST. simpl bpow. interval with (i_prec 60). }
  assert (E2 : Rabs (IZR n * (ln 2 - LN2_A - LN2_REST)) <= 0x1p-90).
  { unfold LN2_A, LN2_REST. interval with (i_prec 150). }
  assert (S : Rabs (x - IZR n * LN2_A + (- IZR n * LN2_REST + y + e)) < bpow radix2 (-1)).
  { set (z := x - IZR n * LN2_A) in *. unfold LN2_REST. simpl bpow in *. interval with (i_prec 60). }
  apply (RN_error f64) in S; [|easy]. change (-1 - prec f64 - 1)%Z with (-55)%Z in S. unfold plus.
  set (s := x - IZR n * LN2_A + _) in *.
  assert (V : s - (x + y - IZR n * ln 2) = IZR n * (ln 2 - LN2_A - LN2_REST) + e) by (unfold s; ring).
  apply Rabs_le_inv in S. apply Rabs_le_inv in E. apply Rabs_le_inv in E2. apply Rabs_le_inv in Hl'.
  apply Rabs_le_inv in Hr. simpl in *. split; apply Rabs_le; lra.
Qed.

(** What exp_of adds to 1: e^r - 1. *)
Definition series r :=
  let q := fma (0x1.6124613a86d09p-33, r, 0x1.1eed8eff8d898p-29) in
  let q := fma (q, r, 0x1.ae64567f544e4p-26) in
  let q := fma (q, r, 0x1.27e4fb7789f5cp-22) in
  let q := fma (q, r, 0x1.71de3a556c734p-19) in
  let q := fma (q, r, 0x1.a01a01a01a01ap-16) in
  let q := fma (q, r, 0x1.a01a01a01a01ap-13) in
  let q := fma (q, r, 0x1.6c16c16c16c17p-10) in
  let q := fma (q, r, 0x1.1111111111111p-7) in
  let q := fma (q, r, 0x1.5555555555555p-5) in
  let q := fma (q, r, 0x1.5555555555555p-3) in
  let q := fma (q, r, 0x1p-1) in
  fma (times r r, q, r).

(* One step of Horner's scheme, the result a variable in [lo, hi]. *)
Tactic Notation "horner" constr(i) constr(a) constr(b) constr(c) ident(d) ident(D) ident(q) constr(lo) constr(hi) :=
  destruct (fma_error i a b c) as (d & -> & D); [easy | simpl bpow; interval with (i_prec 60)|];
  simpl bpow in D; set (q := a * b + c + d); assert (lo <= q <= hi) by (unfold q; interval with (i_prec 60)).

Lemma polynomial_error r : - (0.34662) <= r <= 0.34662 ->
  Rabs (1 + (r + r * r * (0x1p-1 + r * (0x1.5555555555555p-3 + r * (0x1.5555555555555p-5 +
    r * (0x1.1111111111111p-7 + r * (0x1.6c16c16c16c17p-10 + r * (0x1.a01a01a01a01ap-13 + r * (0x1.a01a01a01a01ap-16 +
    r * (0x1.71de3a556c734p-19 + r * (0x1.27e4fb7789f5cp-22 + r * (0x1.ae64567f544e4p-26 +
    r * (0x1.1eed8eff8d898p-29 + r * 0x1.6124613a86d09p-33)))))))))))) - exp r) <= 0.05 * 0x1p-53.
Proof. intros Hr. interval with (i_taylor r, i_degree 18, i_prec 140). Qed.

Lemma series_error r : Rabs r <= 0.34662 ->
  -0.3 <= series r <= 0.42 /\ Rabs (1 + series r - exp r) <= 0.42 * bpow radix2 (-53).
Proof.
  intros Hr. unfold series, times. cbv zeta.
  horner (-28)%Z 0x1.6124613a86d09p-33 r 0x1.1eed8eff8d898p-29 d1 D1 q1 0 0x1p-28.
  horner (-25)%Z q1 r 0x1.ae64567f544e4p-26 d2 D2 q2 0 0x1p-25.
  horner (-21)%Z q2 r 0x1.27e4fb7789f5cp-22 d3 D3 q3 0 0x1p-21.
  horner (-18)%Z q3 r 0x1.71de3a556c734p-19 d4 D4 q4 0 0x1p-18.
  horner (-15)%Z q4 r 0x1.a01a01a01a01ap-16 d5 D5 q5 0 0x1p-15.
  horner (-12)%Z q5 r 0x1.a01a01a01a01ap-13 d6 D6 q6 0 0x1p-12.
  horner (-9)%Z q6 r 0x1.6c16c16c16c17p-10 d7 D7 q7 0 0.0015.
  horner (-6)%Z q7 r 0x1.1111111111111p-7 d8 D8 q8 0 0.0089.
  horner (-4)%Z q8 r 0x1.5555555555555p-5 d9 D9 q9 0 0.0448.
  horner (-2)%Z q9 r 0x1.5555555555555p-3 d10 D10 q10 0 0.183.
  horner (0)%Z q10 r 0x1p-1 d11 D11 q11 0.43 0.564.
  pose proof (RN_error f64 (-3) (r * r) ltac:(easy) ltac:(simpl bpow; interval with (i_prec 60))) as D12.
  set (d12 := RN f64 (r * r) - r * r) in *. replace (RN f64 (r * r)) with (r * r + d12) by (unfold d12; ring).
  simpl bpow in D12. clearbody d12.
  destruct (fma_error (-1) (r * r + d12) q11 r) as (d13 & -> & D13); [easy | |].
  { simpl bpow. clearbody q11. apply Rabs_lt. split; interval with (i_prec 60, i_bisect r). }
  simpl bpow in *. split; [clearbody q11; split; interval with (i_prec 60, i_bisect r)|].
  apply Rabs_le_inv in Hr. pose proof (polynomial_error r Hr) as A.
  set (poly := 1 + _) in A. replace (1 + ((r * r + d12) * q11 + r + d13) - exp r) with
    ((poly - exp r) + (d13 + d12 * q11 + r * r * (d11 + r * (d10 + r * (d9 + r * (d8 + r * (d7 + r * (d6 + r * (d5 +
      r * (d4 + r * (d3 + r * (d2 + r * d1))))))))))))
    by (unfold poly, q11, q10, q9, q8, q7, q6, q5, q4, q3, q2, q1; ring).
  set (z := poly - exp r) in *. clearbody q11 z. interval with (i_prec 60).
Qed.

(** A double in [1/2, 2), scaled by the last bits of t. *)
Lemma scaled e n : representable f64 e -> / 2 <= e < 2 -> (Z.abs n <= 434)%Z ->
  double_of_bits (bits_of_double e + (bits_of_double (IZR (n + 3 * 2 ^ 51)) << DOUBLE_FRACTION)) = e * bpow radix2 n.
Proof.
  intros He Hr Hn.
  assert (M : exists m c, e = IZR m * bpow radix2 c /\ (2 ^ 52 <= m < 2 ^ 53)%Z /\ (c = -53 \/ c = -52)%Z).
  { assert (B : exists c, bpow radix2 (52 + c) <= e < bpow radix2 (53 + c) /\ (c = -53 \/ c = -52)%Z).
    { destruct (Rlt_dec e 1); [exists (-53)%Z | exists (-52)%Z]; simpl; split; auto; lra. }
    destruct B as (c & C & Hc). destruct (multiple_of_unit f64 (52 + c) e He) as (m & M); [rewrite Rabs_pos_eq; lra|].
    replace (52 + c + 1 - prec f64)%Z with c in M by (change (prec f64) with 53%Z; ring). exists m, c.
    rewrite M, 2!bpow_plus in C. pose proof (bpow_gt_0 radix2 c). repeat split; auto.
    - apply le_IZR, Rmult_le_reg_r with (bpow radix2 c); simpl bpow in *; lra.
    - apply lt_IZR, Rmult_lt_reg_r with (bpow radix2 c); simpl bpow in *; lra. }
  destruct M as (m & c & -> & Hm & Hc). unfold bits_of_double, double_of_bits, DOUBLE_FRACTION.
  rewrite (Kernel.bits_of_double m c), (Kernel.bits_of_double (n + 3 * 2 ^ 51) 0);
    [| simpl; lra | easy | simpl in *; lia | reflexivity | lia | exact Hm].
  rewrite Z.shiftl_mul_pow2 by easy.
  replace (m + (c + 1074) * 2 ^ 52 + (n + 3 * 2 ^ 51 + (0 + 1074) * 2 ^ 52) * 2 ^ 52)%Z with
    (m + (c + 1074) * 2 ^ 52 + n * 2 ^ 52 + (0x433 * 2 ^ 40 + 2 ^ 39) * 2 ^ 64)%Z by ring.
  rewrite Z.mod_add, Z.mod_small by (simpl in *; lia).
  now rewrite double_of_bits_scaled, double_of_bits_of_double.
Qed.

(** For every pair whose low part is no more than its high part may have lost. *)
Theorem exp_oracle_bound d : representable f64 d.(high) -> -300 <= d.(high) <= 0 ->
  Rabs d.(low) <= u * Rabs d.(high) -> near (2 * u) (exp_of d) (exp (d.(high) + d.(low))).
Proof.
  destruct d as [x y]. unfold exp_of. simpl high. simpl low. intros Hd Hr Hl.
  destruct (reduction x ltac:(lra)) as (n & T & R & N0).
  assert (N : (Z.abs n <= 434)%Z).
  { assert (E : -435 < IZR n < 435).
    { replace (IZR n) with ((x - (x - IZR n * ln 2)) / ln 2) by (field; interval with (i_prec 60)).
      set (z := x - IZR n * ln 2) in *. split; interval with (i_prec 60). }
    destruct E as [E1 E2]. apply lt_IZR in E1. apply lt_IZR in E2. lia. }
  destruct (reduced x y n Hd Hr Hl R N) as [Q R'].
  assert (K : minus (IZR (n + 3 * 2 ^ 51)) MAGIC = IZR n).
  { unfold minus. replace (IZR (n + 3 * 2 ^ 51) - MAGIC) with (IZR n) by (rewrite plus_IZR; unfold MAGIC; simpl; lra).
    apply RN_exact with n 0%Z; [easy | simpl; lia | simpl; lra]. }
  cbv zeta. rewrite T, K. set (r := plus (fma (_, _, x)) _) in *.
  change (fma (times r r, _, r)) with (series r).
  assert (Hr' : Rabs r <= 0.34662).
  { apply Rabs_le_inv in R'. apply Rabs_le_inv in Q. apply Rabs_le. lra. }
  destruct (series_error r Hr') as [P1 P2]. set (p := series r) in *. unfold plus at 1. set (e := RN f64 (1 + p)).
  assert (Hu : 0 < u <= / 1000000) by (unfold unit_roundoff; simpl; lra).
  destruct (RN_normal_near (1 + p)) as [Ne _]; [simpl; lra|]. fold e in Ne.
  rewrite scaled; [| apply generic_format_round; [apply valid_exp | apply valid_rnd_N] | unfold near in Ne; nra |
    exact N].
  set (rho := x + y - IZR n * ln 2) in *.
  replace (exp (x + y)) with (exp rho * bpow radix2 n).
  2: { rewrite bpow_exp, <- exp_plus. f_equal. change (IZR radix2) with 2. unfold rho. ring. }
  apply near_mult_r; [apply bpow_ge_0|].
  assert (Er : 0.707 <= exp r) by interval with (i_prec 60). assert (Ex : 0 < exp rho) by apply exp_pos.
  apply near_weaken with (u + (0.6 * u + 0.26 * u)); [lra.. |].
  apply near_trans with (1 + p); [lra.. | exact Ne |]. apply near_trans with (exp r); [lra.. | |].
  - apply near_where_at_least with 0.707 (0.42 * u); [lra | exact Er | lra | exact P2].
  - apply near_exp. apply Rle_trans with (1 := Q). unfold unit_roundoff. simpl. lra.
Qed.
