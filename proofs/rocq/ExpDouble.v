(** ExpDouble - the exponential of `correctly_rounded`'s tier 1 (impls/kernels/exp_double.h) is right to 2 u, with fused
    multiply-adds and without.  Constants and operations are those of the C, in order; `make proofs` compares them.
    SPDX-License-Identifier: MIT *)
From Coq Require Import Reals ZArith List Lra Lia Psatz.
From Flocq Require Import Core.
From Interval Require Import Tactic.
From Maskproof Require Import Format Relative RoundingTest Kernel.
Import ListNotations.
Open Scope R_scope.

(** --- the C --- *)
Section C.

(* With one rounding to a multiply-add (AVX2, AVX-512), or two (portable). *)
Variable fused : bool.
Definition v_sub a b := RN f64 (a - b).
Definition v_mul a b := RN f64 (a * b).
Definition v_fma a b c := if fused then RN f64 (a * b + c) else RN f64 (v_mul a b + c).
Definition v_fnma a b c := if fused then RN f64 (c - a * b) else RN f64 (c - v_mul a b).

(* constants of power16.h *)
Definition SIXTEEN_BY_LN2 := 0x1.71547652b82fep4.
Definition LN2_BY_16_A := 0x1.62e42fefap-5.
Definition LN2_BY_16_REST := 0x1.cf79abc9e3b3ap-44.
Definition MAGIC := 0x1.8p52.
Definition power16_less : list R := [
  0x1p0;
  0x1.fb5586cf9890fp-1;
  0x1.f72b83c7d517bp-1;
  0x1.f387a6e756238p-1;
  0x1.f06fe0a31b715p-1;
  0x1.edea64c123422p-1;
  0x1.ebfdad5362a27p-1;
  0x1.eab07dd485429p-1;
  0x1.ea09e667f3bcdp-1;
  0x1.ea11473eb0187p-1;
  0x1.eace5422aa0dbp-1;
  0x1.ec49182a3f09p-1;
  0x1.ee89f995ad3adp-1;
  0x1.f199bdd85529cp-1;
  0x1.f5818dcfba487p-1;
  0x1.fa4afa2a490dap-1].

Definition v_entry_of_16 table t := nth (Z.to_nat (bits t mod 16)) table 0.
Definition v_add_bits_48 a t := double_of_bits ((bits a + bits t * 2 ^ 48) mod 2 ^ 64).

(* exp_double.h *)
Definition exp_of x :=
  let t := v_fma x SIXTEEN_BY_LN2 MAGIC in let k := v_sub t MAGIC in
  let r := v_fnma k LN2_BY_16_REST (v_fnma k LN2_BY_16_A x) in
  let q := v_fma 0x1.6c14c92f68026p-10 r 0x1.11123aae51182p-7 in
  let q := v_fma q r 0x1.55555558f9667p-5 in
  let q := v_fma q r 0x1.555555548f893p-3 in
  let q := v_fma q r 0x1.fffffffffffb9p-2 in
  let p := v_fma (v_mul r r) q r in let s := v_add_bits_48 (v_entry_of_16 power16_less t) t in
  v_fma s p s.
End C.

(** --- its error --- *)

(** A multiply-add whose product is below 2^i and whose sum is below 2^j, with what the product loses. *)
Lemma v_fma_error fused i j a b c : (-1000 <= i)%Z -> (-1000 <= j)%Z -> Rabs (a * b) < bpow radix2 i ->
  Rabs (a * b + c) < bpow radix2 j - bpow radix2 (i - 54) ->
  exists d, v_fma fused a b c = a * b + c + d /\ Rabs d <= bpow radix2 (j - 54) + bpow radix2 (i - 54).
Proof.
  intros Hi Hj Hp Hs. pose proof (bpow_gt_0 radix2 (i - 54)). apply Rabs_lt_inv in Hs. unfold v_fma, v_mul.
  destruct fused.
  - exists (RN f64 (a * b + c) - (a * b + c)). split; [ring|].
    pose proof (RN_error f64 j (a * b + c) ltac:(simpl; lia) ltac:(apply Rabs_lt; lra)) as E. simpl in E.
    replace (j - 53 - 1)%Z with (j - 54)%Z in E by ring. lra.
  - pose proof (RN_error f64 i (a * b) ltac:(simpl; lia) Hp) as E. simpl in E.
    replace (i - 53 - 1)%Z with (i - 54)%Z in E by ring.
    set (p := RN f64 (a * b)) in *. apply Rabs_le_inv in E.
    pose proof (RN_error f64 j (p + c) ltac:(simpl; lia) ltac:(apply Rabs_lt; lra)) as F. simpl in F.
    replace (j - 53 - 1)%Z with (j - 54)%Z in F by ring. apply Rabs_le_inv in F.
    exists (RN f64 (p + c) - (a * b + c)). split; [ring|]. apply Rabs_le. lra.
Qed.

Notation L := (ln 2 / 16).

(** k: an integer next to 16 x / ln 2, and the last bits of t. *)
Lemma reduction fused x : Rabs x <= 450 -> exists n : Z,
  v_fma fused x SIXTEEN_BY_LN2 MAGIC = IZR (n + 3 * 2 ^ 51) /\ Rabs (x - IZR n * L) <= 0.02167 /\ (Z.abs n <= 10400)%Z.
Proof.
  intros Hx. apply Rabs_le_inv in Hx.
  assert (S : Rabs (SIXTEEN_BY_LN2 - 1 / L) <= 0x1p-48) by (unfold SIXTEEN_BY_LN2; interval with (i_prec 80)).
  assert (HM : MAGIC = IZR (3 * 2 ^ 51)) by (unfold MAGIC; simpl; lra).
  assert (B : Rabs (x * SIXTEEN_BY_LN2) <= 10388) by (unfold SIXTEEN_BY_LN2; interval with (i_prec 60)).
  assert (C : exists y, v_fma fused x SIXTEEN_BY_LN2 MAGIC = RN f64 (y + IZR (3 * 2 ^ 51)) /\
                        Rabs (y - x * SIXTEEN_BY_LN2) <= 0x1p-40).
  { unfold v_fma, v_mul. rewrite HM. destruct fused.
    - exists (x * SIXTEEN_BY_LN2). split; [reflexivity|]. rewrite Rminus_eq_0, Rabs_R0. lra.
    - exists (RN f64 (x * SIXTEEN_BY_LN2)). split; [reflexivity|].
      apply Rle_trans with (bpow radix2 (14 - 53 - 1)); [|simpl; lra].
      apply (RN_error f64 14); [easy|]. apply Rle_lt_trans with (1 := B). simpl; lra. }
  destruct C as (y & -> & Y). apply Rabs_le_inv in B. apply Rabs_le_inv in Y.
  destruct (RN_magic f64 y (3 * 2 ^ 51)) as (n & -> & N); [easy | simpl; lra|]. exists n. split; [reflexivity|].
  apply Rabs_le_inv in N. apply Rabs_le_inv in S. split.
  - assert (D : Rabs (x * (1 / L) - IZR n) <= 0.5000001).
    { replace (x * (1 / L) - IZR n) with
        ((y - IZR n) - (y - x * SIXTEEN_BY_LN2) - x * (SIXTEEN_BY_LN2 - 1 / L)) by ring.
      set (z := SIXTEEN_BY_LN2 - 1 / L) in *. set (v := y - IZR n) in *. set (w := y - x * _) in *.
      interval with (i_prec 60). }
    assert (0 < L) by interval with (i_prec 60).
    replace (x - IZR n * L) with ((x * (1 / L) - IZR n) * L) by (field; lra).
    set (z := x * (1 / L) - IZR n) in *. interval with (i_prec 60).
  - assert (E : -10400 <= IZR n <= 10400) by lra. destruct E as [E1 E2].
    apply le_IZR in E1. apply le_IZR in E2. lia.
Qed.

(** r: what is left of x, rounded once. *)
Lemma reduced fused x n : (exists m, x = IZR m * bpow radix2 (-29)) \/ (n = 0%Z /\ representable f64 x) ->
  Rabs (x - IZR n * L) <= 0.02167 -> (Z.abs n <= 10400)%Z ->
  Rabs (v_fnma fused (IZR n) LN2_BY_16_REST (v_fnma fused (IZR n) LN2_BY_16_A x) - (x - IZR n * L)) <= 0x1.1p-59.
Proof.
  intros Hx Hr Hn. assert (Hz : -10400 <= IZR n <= 10400) by (split; apply IZR_le; lia).
  assert (R1 : v_fnma fused (IZR n) LN2_BY_16_A x = x - IZR n * LN2_BY_16_A).
  { destruct Hx as [(m & ->)|[-> Hx]].
    - assert (A : LN2_BY_16_A = IZR 0x162e42fefa * bpow radix2 (-41)) by (unfold LN2_BY_16_A; simpl; lra).
      assert (P : RN f64 (IZR n * LN2_BY_16_A) = IZR n * LN2_BY_16_A).
      { apply RN_exact with (n * 0x162e42fefa)%Z (-41)%Z; [easy | simpl; nia | rewrite A, mult_IZR; ring]. }
      assert (D : RN f64 (IZR m * bpow radix2 (-29) - IZR n * LN2_BY_16_A) =
                  IZR m * bpow radix2 (-29) - IZR n * LN2_BY_16_A).
      { set (d := (m * 2 ^ 12 - n * 0x162e42fefa)%Z).
        assert (E : IZR m * bpow radix2 (-29) - IZR n * LN2_BY_16_A = IZR d * bpow radix2 (-41)).
        { unfold d. rewrite A, minus_IZR, 2!mult_IZR. simpl. lra. }
        apply RN_exact with d (-41)%Z; [easy | | exact E].
        assert (F : Rabs (IZR d * bpow radix2 (-41)) <= 0.022).
        { rewrite <- E. replace (IZR m * bpow radix2 (-29) - IZR n * LN2_BY_16_A) with
            ((IZR m * bpow radix2 (-29) - IZR n * L) + IZR n * (L - LN2_BY_16_A)) by ring.
          set (z := _ - IZR n * L) in *. unfold LN2_BY_16_A. interval with (i_prec 80). }
        apply Rabs_le_inv in F. simpl in F. assert (G : -0x10000000000000 < IZR d < 0x10000000000000) by lra.
        destruct G as [G1 G2]. apply lt_IZR in G1. apply lt_IZR in G2. simpl. lia. }
      unfold v_fnma, v_mul. destruct fused; [|rewrite P]; exact D.
    - unfold v_fnma, v_mul. rewrite Rmult_0_l, RN_0, Rminus_0_r, RN_id by auto. now destruct fused. }
  rewrite R1. set (r1 := x - IZR n * LN2_BY_16_A).
  assert (H1 : Rabs r1 <= 0.0217).
  { unfold r1. replace (x - IZR n * LN2_BY_16_A) with ((x - IZR n * L) + IZR n * (L - LN2_BY_16_A)) by ring.
    set (z := x - IZR n * L) in *. unfold LN2_BY_16_A. interval with (i_prec 80). }
  assert (H2 : Rabs (IZR n * LN2_BY_16_REST) < bpow radix2 (-29)).
  { unfold LN2_BY_16_REST. simpl bpow. interval with (i_prec 60). }
  assert (E2 : Rabs (IZR n * (L - LN2_BY_16_A - LN2_BY_16_REST)) <= 0x1p-80).
  { unfold LN2_BY_16_A, LN2_BY_16_REST. interval with (i_prec 150). }
  assert (E : exists d, v_fnma fused (IZR n) LN2_BY_16_REST r1 = r1 - IZR n * LN2_BY_16_REST + d /\
                        Rabs d <= bpow radix2 (-59) + bpow radix2 (-83)).
  { destruct (v_fma_error fused (-29) (-5) (- IZR n) LN2_BY_16_REST r1) as (d & E & D); try easy.
    - now rewrite Ropp_mult_distr_l_reverse, Rabs_Ropp.
    - apply Rabs_le_inv in H1. apply Rabs_lt_inv in H2. apply Rabs_lt. simpl in *. lra.
    - exists d. split; [|exact D]. replace (r1 - IZR n * LN2_BY_16_REST) with (- IZR n * LN2_BY_16_REST + r1) by ring.
      rewrite <- E. unfold v_fma, v_fnma, v_mul. rewrite Ropp_mult_distr_l_reverse. destruct fused; [f_equal; ring|].
      replace (RN f64 (- (IZR n * LN2_BY_16_REST))) with (- RN f64 (IZR n * LN2_BY_16_REST)); [f_equal; ring|].
      symmetry. apply round_NE_opp. }
  destruct E as (d & -> & D). unfold r1.
  replace (x - IZR n * LN2_BY_16_A - IZR n * LN2_BY_16_REST + d - (x - IZR n * L)) with
    (IZR n * (L - LN2_BY_16_A - LN2_BY_16_REST) + d) by ring.
  set (z := IZR n * (L - _ - _)) in *. apply Rabs_le_inv in E2. apply Rabs_le_inv in D. simpl in D. apply Rabs_le. lra.
Qed.

(** q, p: r + r^2 q is e^r - 1. *)
Definition series fused r :=
  let v_fma := v_fma fused in
  let q := v_fma 0x1.6c14c92f68026p-10 r 0x1.11123aae51182p-7 in
  let q := v_fma q r 0x1.55555558f9667p-5 in
  let q := v_fma q r 0x1.555555548f893p-3 in
  let q := v_fma q r 0x1.fffffffffffb9p-2 in
  v_fma (v_mul r r) q r.

Lemma series_error fused r : Rabs r <= 0.02168 ->
  Rabs (series fused r) <= 0.022 /\ Rabs (1 + series fused r - exp r) <= 0.13 * bpow radix2 (-53).
Proof.
  intros Hr. unfold series, v_mul.
  destruct (v_fma_error fused (-14) (-6) 0x1.6c14c92f68026p-10 r 0x1.11123aae51182p-7) as (d1 & -> & D1);
    try easy; [simpl bpow; interval with (i_prec 60)..|].
  set (q1 := _ + d1). assert (Q1 : 0.008 <= q1 <= 0.0085) by (unfold q1; simpl bpow in *; interval with (i_prec 60)).
  destruct (v_fma_error fused (-12) (-4) q1 r 0x1.55555558f9667p-5) as (d2 & -> & D2);
    try easy; [simpl bpow; interval with (i_prec 60)..|].
  set (q2 := _ + d2). assert (Q2 : 0.041 <= q2 <= 0.042) by (unfold q2; simpl bpow in *; interval with (i_prec 60)).
  destruct (v_fma_error fused (-10) (-2) q2 r 0x1.555555548f893p-3) as (d3 & -> & D3);
    try easy; [simpl bpow; interval with (i_prec 60)..|].
  set (q3 := _ + d3). assert (Q3 : 0.165 <= q3 <= 0.168) by (unfold q3; simpl bpow in *; interval with (i_prec 60)).
  destruct (v_fma_error fused (-8) 0 q3 r 0x1.fffffffffffb9p-2) as (d4 & -> & D4);
    try easy; [simpl bpow; interval with (i_prec 60)..|].
  set (q4 := _ + d4). assert (Q4 : 0.496 <= q4 <= 0.504) by (unfold q4; simpl bpow in *; interval with (i_prec 60)).
  pose proof (RN_error f64 (-11) (r * r) ltac:(easy) ltac:(simpl bpow; interval with (i_prec 60))) as D5.
  set (d5 := RN f64 (r * r) - r * r) in *. replace (RN f64 (r * r)) with (r * r + d5) by (unfold d5; ring).
  destruct (v_fma_error fused (-12) (-5) (r * r + d5) q4 r) as (d6 & -> & D6);
    try easy; [simpl bpow in *; interval with (i_prec 60)..|].
  simpl bpow in *. split; [interval with (i_prec 60)|].
  assert (A : Rabs (1 + (r + (r * r) * (0x1.fffffffffffb9p-2 + r * (0x1.555555548f893p-3 + r * (0x1.55555558f9667p-5 +
    r * (0x1.11123aae51182p-7 + r * 0x1.6c14c92f68026p-10))))) - exp r) <= 0.112 * 0x1p-53).
  { interval with (i_bisect r, i_taylor r, i_degree 14, i_prec 120). }
  set (poly := 1 + _) in A. replace (1 + ((r * r + d5) * q4 + r + d6) - exp r) with
    ((poly - exp r) + (d6 + d5 * q4 + r * r * (d4 + r * (d3 + r * (d2 + r * d1))))) by
    (unfold poly, q4, q3, q2, q1; ring).
  set (e := poly - exp r) in *. clearbody q4 e d5. interval with (i_prec 60).
Qed.

(** s: 2^(n/16), as near as the table. *)
Definition entry_error j := exists b, bits (nth (Z.to_nat j) power16_less 0) = (b - j * 2 ^ 48)%Z /\
  (2 ^ 52 * 1023 <= b < 2 ^ 52 * 1024)%Z /\ near (0.7385 * u) (double_of_bits b) (exp (IZR j * L)) /\
  1 <= double_of_bits b < 2.

Lemma entry_from m e j : nth (Z.to_nat j) power16_less 0 = IZR m * bpow radix2 e -> (-1074 <= e)%Z ->
  (2 ^ 52 <= m < 2 ^ 53)%Z -> (let b := (m + (e + 1074) * 2 ^ 52 + j * 2 ^ 48)%Z in
  (2 ^ 52 * 1023 <= b < 2 ^ 52 * 1024)%Z /\ near (0.7385 * u) (double_of_bits b) (exp (IZR j * L)) /\
  1 <= double_of_bits b < 2) -> entry_error j.
Proof.
  intros H1 H2 H3 H4. exists (m + (e + 1074) * 2 ^ 52 + j * 2 ^ 48)%Z. split; [|exact H4].
  rewrite (bits_of_double m e); auto. ring.
Qed.

Ltac entry m e := apply (entry_from m e); [simpl; lra | easy | easy |
  cbv zeta; split; [easy|]; match goal with |- context [double_of_bits ?b] =>
    let b' := eval vm_compute in b in change b with b' end;
  unfold double_of_bits, value; match goal with |- context [IZR ?a * bpow radix2 ?b] =>
    let a' := eval vm_compute in a in let b' := eval vm_compute in b in change a with a'; change b with b' end;
  unfold near, unit_roundoff; simpl bpow; repeat split; interval with (i_prec 100)].

Lemma table j : (0 <= j < 16)%Z -> entry_error j.
Proof.
  intros H.
  assert (C : (j = 0 \/ j = 1 \/ j = 2 \/ j = 3 \/ j = 4 \/ j = 5 \/ j = 6 \/ j = 7 \/ j = 8 \/ j = 9 \/ j = 10 \/
    j = 11 \/ j = 12 \/ j = 13 \/ j = 14 \/ j = 15)%Z) by lia.
  repeat (destruct C as [C|C]); subst j.
  - entry 0x10000000000000%Z (-52)%Z.
  - entry 0x1fb5586cf9890f%Z (-53)%Z.
  - entry 0x1f72b83c7d517b%Z (-53)%Z.
  - entry 0x1f387a6e756238%Z (-53)%Z.
  - entry 0x1f06fe0a31b715%Z (-53)%Z.
  - entry 0x1edea64c123422%Z (-53)%Z.
  - entry 0x1ebfdad5362a27%Z (-53)%Z.
  - entry 0x1eab07dd485429%Z (-53)%Z.
  - entry 0x1ea09e667f3bcd%Z (-53)%Z.
  - entry 0x1ea11473eb0187%Z (-53)%Z.
  - entry 0x1eace5422aa0db%Z (-53)%Z.
  - entry 0x1ec49182a3f090%Z (-53)%Z.
  - entry 0x1ee89f995ad3ad%Z (-53)%Z.
  - entry 0x1f199bdd85529c%Z (-53)%Z.
  - entry 0x1f5818dcfba487%Z (-53)%Z.
  - entry 0x1fa4afa2a490da%Z (-53)%Z.
Qed.

Lemma power_error n : (Z.abs n <= 10400)%Z -> let t := IZR (n + 3 * 2 ^ 51) in
  let s := v_add_bits_48 (v_entry_of_16 power16_less t) t in
  near (0.7385 * u) s (exp (IZR n * L)) /\ bpow radix2 (n / 16) <= s < bpow radix2 (n / 16 + 1).
Proof.
  intros Hn t s.
  assert (T : bits t = (n + (0x433 * 2 ^ 48 + 2 ^ 47) * 16)%Z).
  { rewrite (bits_of_double (n + 3 * 2 ^ 51) 0 t); [ring | unfold t; simpl; lra | easy | simpl in *; lia]. }
  assert (J : (bits t mod 16)%Z = (n mod 16)%Z) by (rewrite T; now rewrite Z.mod_add by easy).
  assert (Hm : n = (16 * (n / 16) + n mod 16)%Z) by now apply Z.div_mod.
  assert (Hj := Z.mod_pos_bound n 16 ltac:(easy)).
  assert (S : s = v_add_bits_48 (v_entry_of_16 power16_less t) t) by reflexivity.
  unfold v_add_bits_48, v_entry_of_16 in S. rewrite J, T in S. clearbody s.
  set (m := (n / 16)%Z) in *. set (j := (n mod 16)%Z) in *. clearbody m j. clear J T.
  destruct (table j Hj) as (b & B & B1 & N & V). rewrite B in S.
  assert (Hm' : (-651 <= m <= 651)%Z) by lia.
  replace (b - j * 2 ^ 48 + (n + (0x433 * 2 ^ 48 + 2 ^ 47) * 16) * 2 ^ 48)%Z with
    (b + m * 2 ^ 52 + (0x433 * 2 ^ 36 + 2 ^ 35) * 2 ^ 64)%Z in S by (rewrite Hm; ring).
  rewrite Z.mod_add, Z.mod_small in S by (simpl in *; lia). rewrite double_of_bits_scaled in S.
  assert (P := bpow_gt_0 radix2 m). rewrite S, bpow_plus. change (bpow radix2 1) with 2. split; [|nra].
  replace (exp (IZR n * L)) with (exp (IZR j * L) * bpow radix2 m); [now apply near_mult_r; [lra|]|].
  rewrite Hm, plus_IZR, mult_IZR, bpow_exp, <- exp_plus. f_equal. change (IZR radix2) with 2. lra.
Qed.

(** For floats, and for what lies a multiple of 2^-16 away from 0: wide rows, which are shifted. *)
Theorem exp_double_bound fused x : representable f32 x \/ (exists m, x = IZR m * bpow radix2 (-16)) -> Rabs x <= 450 ->
  near (2 * u) (exp_of fused x) (exp x).
Proof.
  intros Hx HR. destruct (reduction fused x HR) as (n & T & R & N).
  assert (X : (exists m, x = IZR m * bpow radix2 (-29)) \/ (n = 0%Z /\ representable f64 x)).
  { destruct Hx as [Hx|(m & ->)].
    - destruct (Rle_dec (bpow radix2 (-6)) (Rabs x)) as [Hb|Hb].
      + left. exact (multiple_of_unit f32 (-6) x Hx Hb).
      + right. split.
        * apply Rnot_le_lt in Hb. apply Rabs_lt_inv in Hb. simpl in Hb. apply Rabs_le_inv in R.
          assert (A : Rabs (IZR n * L) <= 0.0373) by (apply Rabs_le; lra).
          assert (0.0433 < L) by interval with (i_prec 60).
          apply Rabs_le_inv in A. assert (B : -1 < IZR n < 1) by nra. destruct B as [B1 B2].
          apply lt_IZR in B1. apply lt_IZR in B2. lia.
        * apply generic_inclusion_mag with (2 := Hx). intros _. unfold FLT_exp; simpl. lia.
    - left. exists (m * 2 ^ 13)%Z. rewrite mult_IZR. simpl. lra. }
  assert (K : RN f64 (IZR (n + 3 * 2 ^ 51) - MAGIC) = IZR n).
  { replace (IZR (n + 3 * 2 ^ 51) - MAGIC) with (IZR n) by (rewrite plus_IZR; unfold MAGIC; simpl; lra).
    apply RN_exact with n 0%Z; [easy | simpl; lia | simpl; lra]. }
  pose proof (reduced fused x n X R N) as Q. destruct (power_error n N) as [S1 S2].
  unfold exp_of, v_sub. cbv zeta. rewrite T, K. set (r := v_fnma fused (IZR n) _ _) in *.
  change (v_fma fused (v_mul r r) _ r) with (series fused r).
  assert (Hr : Rabs r <= 0.02168).
  { apply Rabs_le_inv in R. apply Rabs_le_inv in Q. apply Rabs_le. lra. }
  destruct (series_error fused r Hr) as [P1 P2]. set (p := series fused r) in *.
  set (s := v_add_bits_48 _ _) in *. set (m := (n / 16)%Z) in *.
  assert (Hm : (-651 <= m <= 651)%Z).
  { pose proof (Z.div_mod n 16 ltac:(easy)). pose proof (Z.mod_pos_bound n 16 ltac:(easy)). lia. }
  assert (E : exists e, v_fma fused s p s = RN f64 (s * (1 + (p + e))) /\ Rabs e <= bpow radix2 (-58)).
  { unfold v_fma, v_mul. assert (0 < bpow radix2 m) by apply bpow_gt_0. destruct fused.
    - exists 0. split; [f_equal; ring|]. rewrite Rabs_R0. apply bpow_ge_0.
    - exists ((RN f64 (s * p) - s * p) / s). split; [f_equal; field; lra|].
      assert (M : (-1021 <= m - 4)%Z) by lia. pose proof (RN_error f64 (m - 4) (s * p) M) as E.
      replace (m - 4 - prec f64 - 1)%Z with (-58 + m)%Z in E by (change (prec f64) with 53%Z; ring).
      rewrite bpow_plus in E.
      unfold Rdiv. rewrite Rabs_mult, Rabs_inv, (Rabs_pos_eq s) by lra.
      apply Rmult_le_reg_r with s; [lra|]. rewrite Rmult_assoc, Rinv_l, Rmult_1_r by lra.
      apply Rle_trans with (bpow radix2 (-58) * bpow radix2 m).
      + apply E. rewrite Rabs_mult, (Rabs_pos_eq s) by lra. unfold Zminus. rewrite bpow_plus in *.
        change (bpow radix2 1) with 2 in *. simpl (bpow radix2 (- (4))). pose proof (Rabs_pos p). nra.
      + apply Rmult_le_compat_l; [apply bpow_ge_0 | lra]. }
  destruct E as (e & -> & E).
  set (rho := x - IZR n * L) in *. replace x with (IZR n * L + rho) by (unfold rho; ring). rewrite exp_plus.
  assert (Er : 0.978 <= exp r) by interval with (i_prec 60). assert (Ex : 0 < exp rho) by apply exp_pos.
  assert (En : 0 < exp (IZR n * L)) by apply exp_pos.
  apply near_weaken with (u + (0.165 * u + (0.017 * u + 0.7385 * u))); [unfold unit_roundoff; simpl; lra.. | nra|].
  assert (V : near (0.165 * u) (1 + (p + e)) (exp r)).
  { apply near_where_at_least with 0.978 (0.13 * u + bpow radix2 (-58)); [unfold unit_roundoff; simpl; lra | exact Er |
      unfold unit_roundoff; simpl; lra|].
    apply Rabs_le_inv in P2. apply Rabs_le_inv in E. apply Rabs_le. unfold unit_roundoff. simpl in *. lra. }
  assert (W : near (0.017 * u) (exp r) (exp rho)).
  { apply near_exp. apply Rle_trans with (1 := Q). unfold unit_roundoff. simpl. lra. }
  assert (G : 0 < bpow radix2 m) by apply bpow_gt_0.
  assert (Hu : 0 < u <= / 1000000) by (unfold unit_roundoff; simpl; lra).
  apply near_trans with (s * (1 + (p + e))); [lra | lra | lra | nra | |].
  - apply RN_normal_near. apply Rabs_le_inv in P1. apply Rabs_le_inv in E. simpl (bpow radix2 (-58)) in E.
    apply Rle_trans with (bpow radix2 (m + -1)); [apply bpow_le; lia|]. rewrite bpow_plus.
    simpl (bpow radix2 (-1)). nra.
  - apply near_trans with (s * exp r); [lra | lra | lra | nra | |].
    + rewrite 2!(Rmult_comm s). apply near_mult_r; [lra | exact V].
    + apply near_trans with (s * exp rho); [lra | lra | lra | nra | |].
      * rewrite 2!(Rmult_comm s). apply near_mult_r; [lra | exact W].
      * apply near_mult_r; [lra | exact S1].
Qed.
