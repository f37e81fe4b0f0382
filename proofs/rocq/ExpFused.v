(** ExpFused - the exponential of `fused` (impls/kernels/fused_exp.h) is right to 0.64 ulp, with fused multiply-adds and
    through doubles.  Constants and operations are those of the C, in order; `make proofs` compares them.
    SPDX-License-Identifier: MIT *)
From Coq Require Import Reals ZArith List Lra Lia Psatz.
From Flocq Require Import Core.
From Interval Require Import Tactic.
From Maskproof Require Import Format Relative Kernel.
Import ListNotations.
Open Scope R_scope.

(** --- the C --- *)
Section C.

(* fused_table.h *)
Definition STEP := 0x1.62e42fefa39efp-4.
Definition STEP_HIGH := 0x1.62e43p-4.
Definition STEP_LOW := -0x1.05c61p-32.
Local Open Scope Z_scope.
Definition power_bits : list Z := [
  0x3f800000; 0x3f7b95c2; 0x3f7837f0; 0x3f75fed7;
  0x3f7504f3; 0x3f75672a; 0x3f7744fd; 0x3f7ac0c7].
Local Close Scope Z_scope.
Definition power_lacks : list R := [
  0x0p0; -0x1.9c0c22p-27; 0x1.125002p-25; -0x1.0a3550p-25;
  0x1.26055cp-26; 0x1.67a1cap-28; -0x1.f9c304p-27; -0x1.a5217cp-28].

(* With fused multiply-adds (AVX2, AVX-512, NEON), or through doubles (portable). *)
Variable fused : bool.
Definition v_sub a b := RN f32 (a - b).
Definition v_fma a b c := if fused then RN f32 (a * b + c) else RN f32 (RN f64 (RN f64 (a * b) + c)).
Definition v_minus_steps x k :=
  if fused then RN f32 (RN f32 (x - k * STEP_HIGH) - k * STEP_LOW) else RN f32 (RN f64 (x - RN f64 (k * STEP))).
Definition v_power_lacks t := nth (Z.to_nat (word f32 t mod 8)) power_lacks 0.
Definition v_power t :=
  value f32 ((word f32 t * 2 ^ 20 + nth (Z.to_nat (word f32 t mod 8)) power_bits 0) mod 2 ^ 32)%Z.
Definition v_fma_where (valid : bool) a b c := if valid then v_fma a b c else 0.

(* fused_exp.h *)
Definition MAGIC := 0x1.8p23.
Definition STEPS := 8.
Definition STEPS_PER_E := 0x1.715476p3.
Definition exp_where valid x magic :=
  let t := v_fma x STEPS_PER_E magic in let r := v_minus_steps x (v_sub t magic) in
  let q := v_fma 0x1.554842p-5 r 0x1.555c76p-3 in
  let q := v_fma q r 0.5 in
  let q := v_fma q r 1 in
  let q := v_fma q r (v_power_lacks t) in
  let power := v_power t in
  v_fma_where valid power q power.
End C.

(** The distance of neighbouring numbers of the format, where a lies. *)
Definition ulp f a := Ulp.ulp radix2 (FLT_exp (emin f) (prec f)) a.

(** --- its error --- *)
Local Notation L := (ln 2 / 8).
Ltac enclose := interval with (i_prec 60). (* by integers: without a precision it would be the processor's doubles *)

Lemma power_representable f e : (emin f + prec f <= e)%Z -> representable f (bpow radix2 e).
Proof. intros He. pose proof (prec_positive f). apply generic_format_bpow. unfold FLT_exp. lia. Qed.

(** A bound of the argument that may be reached. *)
Lemma RN_error_to f e a : (emin f + prec f <= e)%Z -> Rabs a <= bpow radix2 e ->
  Rabs (RN f a - a) <= bpow radix2 (e - prec f - 1) /\ Rabs (RN f a) <= bpow radix2 e.
Proof.
  intros He Ha. pose proof (power_representable f e He) as B. pose proof (valid_exp f). split.
  - destruct Ha as [Ha|Ha]; [now apply RN_error|]. rewrite RN_id.
    + rewrite Rminus_eq_0, Rabs_R0. apply bpow_ge_0.
    + apply generic_format_abs_inv. now rewrite Ha.
  - apply abs_round_le_generic; auto. apply valid_rnd_N.
Qed.

Lemma product_exact a b : representable f32 a -> representable f32 b -> RN f64 (a * b) = a * b.
Proof.
  intros Ha Hb. pose proof (prec_positive f32).
  apply FLT_format_generic in Ha; [|easy]. apply FLT_format_generic in Hb; [|easy].
  destruct Ha as [[m e] -> M E], Hb as [[m' e'] -> M' E']. simpl in *.
  apply RN_exact with (m * m')%Z (e + e')%Z; [simpl; lia | simpl; rewrite Z.abs_mul; nia |].
  unfold F2R. simpl. rewrite mult_IZR, bpow_plus. ring.
Qed.

Lemma v_fma_representable fused a b c : representable f32 (v_fma fused a b c).
Proof. unfold v_fma. destruct fused; apply RN_representable. Qed.

(** A multiply-add of at most 2^i: what it loses. *)
Lemma v_fma_error fused i a b c : representable f32 a -> representable f32 b -> (-125 <= i)%Z ->
  Rabs (a * b + c) <= bpow radix2 i ->
  exists d, v_fma fused a b c = a * b + c + d /\ Rabs d <= bpow radix2 (i - 25) + bpow radix2 (i - 54).
Proof.
  intros Ha Hb Hi H. exists (v_fma fused a b c - (a * b + c)). split; [ring|]. unfold v_fma.
  pose proof (bpow_gt_0 radix2 (i - 54)). destruct fused.
  - destruct (RN_error_to f32 i (a * b + c)) as [E _]; [simpl; lia | exact H|]. simpl prec in E.
    replace (i - 24 - 1)%Z with (i - 25)%Z in E by ring. lra.
  - rewrite product_exact by auto. destruct (RN_error_to f64 i (a * b + c)) as [E D]; [simpl; lia | exact H|].
    destruct (RN_error_to f32 i (RN f64 (a * b + c))) as [F _]; [simpl; lia | exact D|]. simpl prec in *.
    replace (i - 24 - 1)%Z with (i - 25)%Z in F by ring. replace (i - 53 - 1)%Z with (i - 54)%Z in E by ring.
    apply Rabs_le_inv in E. apply Rabs_le_inv in F. apply Rabs_le. lra.
Qed.

(** Rounding a value that is next to one below 2^i loses half a unit of [2^(i-1), 2^i), even where it is not below. *)
Lemma RN_error_near f i z E w : (emin f + prec f <= i)%Z -> 0 <= E < bpow radix2 i -> Rabs (z - E) <= w ->
  w <= bpow radix2 (i - prec f - 1) -> Rabs (RN f z - E) <= bpow radix2 (i - prec f - 1) + w.
Proof.
  intros Hi HE Hz Hw. pose proof (valid_exp f). pose proof (prec_positive f) as Hp. apply Rabs_le_inv in Hz.
  assert (B : bpow radix2 (i - prec f - 1) < bpow radix2 i) by (apply bpow_lt; lia).
  assert (R : Rabs (RN f z - z) <= bpow radix2 (i - prec f - 1)).
  { destruct (Rle_dec z (bpow radix2 i)) as [Hl|Hl].
    - apply RN_error_to; [exact Hi | apply Rabs_le; lra].
    - apply Rle_trans with (Rabs (bpow radix2 i - z)).
      + apply (round_N_pt radix2 (FLT_exp (emin f) (prec f)) (fun t => negb (Z.even t)) z).
        now apply power_representable.
      + rewrite Rabs_left1; lra. }
  apply Rabs_le_inv in R. apply Rabs_le. lra.
Qed.

Lemma v_fma_near fused i a b c E w : representable f32 a -> representable f32 b -> (-125 <= i)%Z ->
  0 <= E < bpow radix2 i -> Rabs (a * b + c - E) <= w -> w + bpow radix2 (i - 53) <= bpow radix2 (i - 25) ->
  Rabs (v_fma fused a b c - E) <= bpow radix2 (i - 25) + (w + bpow radix2 (i - 53)).
Proof.
  intros Ha Hb Hi HE Hz Hw. pose proof (bpow_gt_0 radix2 (i - 53)).
  assert (W : forall z, Rabs (z - E) <= w + bpow radix2 (i - 53) ->
    Rabs (RN f32 z - E) <= bpow radix2 (i - 25) + (w + bpow radix2 (i - 53))).
  { intros z G. replace (i - 25)%Z with (i - prec f32 - 1)%Z in * by (simpl; ring).
    apply RN_error_near; [simpl; lia | exact HE | exact G | exact Hw]. }
  apply Rabs_le_inv in Hz. unfold v_fma. destruct fused; [apply W, Rabs_le; lra|].
  rewrite product_exact by auto. apply W.
  destruct (RN_error_to f64 (i + 1) (a * b + c)) as [D _]; [simpl; lia | |].
  - assert (bpow radix2 (i - 25) < bpow radix2 i) by (apply bpow_lt; lia). rewrite bpow_plus.
    change (bpow radix2 1) with 2. apply Rabs_le. lra.
  - simpl prec in D. replace (i + 1 - 53 - 1)%Z with (i - 53)%Z in D by ring.
    apply Rabs_le_inv in D. apply Rabs_le. lra.
Qed.

Ltac representable_as m e := apply multiple_representable with m e; [easy | easy | unfold STEPS_PER_E; simpl; lra].

(** k: an integer next to 8 x / ln 2, and, less 8 n, the last bits of t. *)
Lemma reduction fused n x : representable f32 x -> Rabs x <= 65648 -> -126 * ln 2 <= x - IZR n * ln 2 <= 127 * ln 2 ->
  exists N, v_fma fused x STEPS_PER_E (MAGIC - STEPS * IZR n) = IZR (N - 8 * n + 3 * 2 ^ 22) /\
    Rabs (x - IZR N * L) <= 0.0442 /\ (Z.abs N <= 758000)%Z /\ (-1008 <= N - 8 * n <= 1016)%Z.
Proof.
  intros Hx X Y. apply Rabs_le_inv in X.
  assert (S : -0x1.4b0p-23 <= STEPS_PER_E - 1 / L <= 0x1.4b0p-23) by (unfold STEPS_PER_E; interval with (i_prec 80)).
  assert (L0 : 0 < L) by enclose.
  set (a := x * STEPS_PER_E). set (b := (3 * 2 ^ 22 - 8 * n)%Z).
  assert (Hm : MAGIC - STEPS * IZR n = IZR b).
  { unfold b, MAGIC, STEPS. rewrite minus_IZR, 2!mult_IZR. simpl. lra. }
  assert (A : -1020 <= a - 8 * IZR n <= 1020).
  { unfold a. replace (x * STEPS_PER_E - 8 * IZR n) with
      (x * (STEPS_PER_E - 1 / L) + (x - IZR n * ln 2) * (8 / ln 2)) by (field; lra).
    set (y := x - IZR n * ln 2) in *. set (z := STEPS_PER_E - 1 / L) in *. enclose. }
  assert (B : a + IZR b = 3 * 2 ^ 22 + (a - 8 * IZR n)) by (unfold b; rewrite minus_IZR, 2!mult_IZR; simpl; lra).
  assert (C : exists y, v_fma fused x STEPS_PER_E (IZR b) = RN f32 (y + IZR b) /\ -0x1p-30 <= y - a <= 0x1p-30).
  { unfold v_fma. destruct fused; [exists a; split; [reflexivity | lra]|].
    rewrite product_exact; [|exact Hx | representable_as 0xb8aa3b%Z (-20)%Z]. fold a.
    exists (RN f64 (a + IZR b) - IZR b). split; [f_equal; ring|].
    pose proof (RN_error f64 24 (a + IZR b) ltac:(easy) ltac:(rewrite B; simpl bpow; apply Rabs_lt; lra)) as E.
    apply Rabs_le_inv in E. simpl bpow in E. lra. }
  destruct C as (y & F & D). destruct (RN_magic f32 y b) as (N & M & H).
  { easy. } { replace (y + IZR b) with ((y - a) + (a + IZR b)) by ring. rewrite B. simpl bpow. lra. }
  exists N. rewrite Hm, F, M. apply Rabs_le_inv in H.
  assert (R : -0.0442 <= x - IZR N * L <= 0.0442).
  { replace (x - IZR N * L) with (((y - IZR N) - (y - a) - x * (STEPS_PER_E - 1 / L)) * L) by
      (unfold a; field; lra).
    set (v := y - IZR N) in *. set (w := y - a) in *. set (z := STEPS_PER_E - 1 / L) in *. enclose. }
  split; [f_equal; unfold b; ring|]. split; [apply Rabs_le; lra|].
  assert (Q : -758000 <= IZR N <= 758000).
  { replace (IZR N) with ((x - (x - IZR N * L)) / L) by (field; lra). set (z := x - IZR N * L) in *. enclose. }
  assert (P : -1009 < IZR (N - 8 * n) < 1017).
  { replace (IZR (N - 8 * n)) with (((x - IZR n * ln 2) - (x - IZR N * L)) / L) by
      (rewrite minus_IZR, mult_IZR; field; lra).
    set (z := x - IZR N * L) in *. set (v := x - IZR n * ln 2) in *.
    assert (V : -1008 <= v / L <= 1016).
    { split; apply Rmult_le_reg_r with L; auto; replace (v / L * L) with v by (field; lra); lra. }
    replace ((v - z) / L) with (v / L - z / L) by (field; lra). set (g := v / L) in *. split; enclose. }
  destruct Q as [Q1 Q2], P as [P1 P2]. apply le_IZR in Q1. apply le_IZR in Q2. apply lt_IZR in P1. apply lt_IZR in P2.
  split; lia.
Qed.

(** r: what is left of x, rounded once. *)
Lemma reduced fused x N : representable f32 x -> Rabs (x - IZR N * L) <= 0.0442 -> (Z.abs N <= 758000)%Z ->
  Rabs (v_minus_steps fused x (IZR N) - (x - IZR N * L)) <= 0x1.02p-29.
Proof.
  intros Hx Hr Hn. assert (Hz : -758000 <= IZR N <= 758000) by (split; apply IZR_le; lia). unfold v_minus_steps.
  destruct fused.
  - assert (E2 : Rabs (IZR N * (L - STEP_HIGH - STEP_LOW)) <= 0x1p-36).
    { unfold STEP_HIGH, STEP_LOW. interval with (i_prec 100). }
    assert (H1 : Rabs (x - IZR N * STEP_HIGH) <= 0.0444).
    { replace (x - IZR N * STEP_HIGH) with ((x - IZR N * L) + IZR N * (L - STEP_HIGH)) by ring.
      set (z := x - IZR N * L) in *. unfold STEP_HIGH. interval with (i_prec 80). }
    assert (R1 : RN f32 (x - IZR N * STEP_HIGH) = x - IZR N * STEP_HIGH).
    { destruct (Z.eq_dec N 0) as [->|H0]; [rewrite Rmult_0_l, Rminus_0_r; now apply RN_id|].
      assert (1 <= Rabs (IZR N)) by (rewrite <- abs_IZR; apply IZR_le; lia).
      assert (Hb : bpow radix2 (-5) <= Rabs x).
      { assert (T : Rabs (IZR N * L) <= Rabs x + 0.0442).
        { replace (IZR N * L) with (x - (x - IZR N * L)) by ring.
          eapply Rle_trans; [apply Rabs_triang|]. rewrite Rabs_Ropp. lra. }
        rewrite Rabs_mult in T. assert (0.0866 <= Rabs L) by enclose. simpl bpow. nra. }
      destruct (multiple_of_unit f32 (-5) x Hx Hb) as (m & M). change (-5 + 1 - prec f32)%Z with (-28)%Z in M.
      set (d := (m - N * 0x162e43 * 2 ^ 4)%Z).
      assert (E : x - IZR N * STEP_HIGH = IZR d * bpow radix2 (-28)).
      { unfold d, STEP_HIGH. rewrite M, minus_IZR, 2!mult_IZR. simpl. lra. }
      apply RN_exact with d (-28)%Z; [easy | | exact E]. rewrite E in H1. apply Rabs_le_inv in H1. simpl in H1.
      assert (G : -0x1000000 < IZR d < 0x1000000) by lra.
      destruct G as [G1 G2]. apply lt_IZR in G1. apply lt_IZR in G2. simpl. lia. }
    rewrite R1. replace (x - IZR N * STEP_HIGH - IZR N * STEP_LOW) with
      ((x - IZR N * L) + IZR N * (L - STEP_HIGH - STEP_LOW)) by ring.
    set (z := x - IZR N * L) in *. set (e := IZR N * (L - _ - _)) in *.
    apply Rabs_le_inv in E2. apply Rabs_le_inv in Hr.
    pose proof (RN_error f32 (-4) (z + e) ltac:(easy) ltac:(simpl bpow; apply Rabs_lt; lra)) as D.
    apply Rabs_le_inv in D. simpl bpow in D. apply Rabs_le. lra.
  - assert (E2 : Rabs (IZR N * (L - STEP)) <= 0x1p-38) by (unfold STEP; interval with (i_prec 100)).
    pose proof (RN_error f64 17 (IZR N * STEP) ltac:(easy)
      ltac:(unfold STEP; simpl bpow; apply Rabs_lt; split; enclose)) as D1.
    replace (x - RN f64 (IZR N * STEP)) with
      ((x - IZR N * L) + IZR N * (L - STEP) - (RN f64 (IZR N * STEP) - IZR N * STEP)) by ring.
    set (z := x - IZR N * L) in *. set (e := IZR N * (L - STEP)) in *. set (d1 := RN f64 (IZR N * STEP) - _) in *.
    apply Rabs_le_inv in E2. apply Rabs_le_inv in Hr. apply Rabs_le_inv in D1. simpl bpow in D1.
    pose proof (RN_error f64 (-4) (z + e - d1) ltac:(easy) ltac:(simpl bpow; apply Rabs_lt; lra)) as D2.
    apply Rabs_le_inv in D2. simpl bpow in D2.
    pose proof (RN_error f32 (-4) (RN f64 (z + e - d1)) ltac:(easy) ltac:(simpl bpow; apply Rabs_lt; lra)) as D3.
    apply Rabs_le_inv in D3. simpl bpow in D3. apply Rabs_le. lra.
Qed.

(** r times the polynomial is e^r - 1. *)
Definition series fused r :=
  let v_fma := v_fma fused in
  let q := v_fma 0x1.554842p-5 r 0x1.555c76p-3 in let q := v_fma q r 0.5 in v_fma q r 1.

Lemma series_error fused r : representable f32 r -> Rabs r <= 0.0443 ->
  Rabs (r * series fused r - (exp r - 1)) <= 0.051 * 0x1p-24 /\
  (r <= 0x1p-28 -> Rabs (r * series fused r - (exp r - 1)) <= 0.029 * 0x1p-24).
Proof.
  intros Hf Hr. unfold series.
  destruct (v_fma_error fused (-2) 0x1.554842p-5 r 0x1.555c76p-3) as (d1 & E1 & D1);
    [representable_as 0xaaa421%Z (-28)%Z | exact Hf | easy | simpl bpow; enclose|].
  pose proof (v_fma_representable fused 0x1.554842p-5 r 0x1.555c76p-3) as F1. cbv zeta. rewrite E1 in *.
  simpl bpow in D1. set (q1 := _ + d1) in *. assert (Q1 : 0.16 <= q1 <= 0.17) by (unfold q1; enclose).
  destruct (v_fma_error fused 0 q1 r 0.5) as (d2 & E2 & D2); [exact F1 | exact Hf | easy | simpl bpow; enclose|].
  pose proof (v_fma_representable fused q1 r 0.5) as F2. rewrite E2 in *.
  simpl bpow in D2. set (q2 := _ + d2) in *. assert (Q2 : 0.49 <= q2 <= 0.51) by (unfold q2; enclose).
  destruct (v_fma_error fused 1 q2 r 1) as (d3 & E3 & D3); [exact F2 | exact Hf | easy | simpl bpow; enclose|].
  rewrite E3.
  assert (A : Rabs (r * (1 + r * (0.5 + r * (0x1.555c76p-3 + r * 0x1.554842p-5))) - (exp r - 1)) <= 0.0048 * 0x1p-24).
  { interval with (i_bisect r, i_taylor r, i_degree 8, i_prec 80). }
  set (poly := r * (1 + _)) in A. replace (r * (q2 * r + 1 + d3) - (exp r - 1)) with
    ((poly - (exp r - 1)) + r * (d3 + r * (d2 + r * d1))) by (unfold poly, q2, q1; ring).
  set (z := poly - _) in *. clearbody z. simpl bpow in D3. split; [enclose|]. intros Hs.
  assert (D : r <= 0 -> Rabs d3 <= 0x1.001p-25).
  { intros H0. destruct (v_fma_error fused 0 q2 r 1) as (d & E & D); [exact F2 | exact Hf | easy | |].
    - simpl bpow. apply Rabs_le. clearbody q2. apply Rabs_le_inv in Hr. nra.
    - simpl bpow in D. replace d3 with d by lra. lra. }
  clearbody q2. destruct (Rle_dec r 0) as [H0|H0].
  - specialize (D H0). clear D3. enclose.
  - assert (0 <= r <= 0x1p-28) by lra. clear Hr. enclose.
Qed.

(** An entry w of the table, less j 2^20 there, and what it lacks of 2^(j/8). *)
Definition entry_right j := exists w l, nth (Z.to_nat j) power_bits 0%Z = (w - j * 2 ^ 20)%Z /\
  (2 ^ 23 * 127 <= w < 2 ^ 23 * 128)%Z /\ nth (Z.to_nat j) power_lacks 0 = l /\
  (1 <= value f32 w <= 1.8341 /\ Rabs l <= 0x1.13p-25 /\ Rabs (value f32 w * (1 + l) - exp (IZR j * L)) <= 0x1p-46) /\
  (j = 0%Z -> value f32 w = 1 /\ l = 0).

Lemma entry_from w j : nth (Z.to_nat j) power_bits 0%Z = (w - j * 2 ^ 20)%Z -> (2 ^ 23 * 127 <= w < 2 ^ 23 * 128)%Z ->
  (let l := nth (Z.to_nat j) power_lacks 0 in
   1 <= value f32 w <= 1.8341 /\ Rabs l <= 0x1.13p-25 /\ Rabs (value f32 w * (1 + l) - exp (IZR j * L)) <= 0x1p-46) ->
  (j <> 0 \/ w = 2 ^ 23 * 127)%Z -> entry_right j.
Proof.
  intros H1 H2 H3 H4. exists w, (nth (Z.to_nat j) power_lacks 0). repeat (split; [assumption || apply H3|]).
  split; [reflexivity|]. split; [exact H3|].
  intros ->. destruct H4 as [H4| ->]; [easy|]. unfold value. simpl. lra.
Qed.

Ltac entry w := apply (entry_from w); [reflexivity | easy | |
  (left; discriminate) || (right; reflexivity)];
  unfold value; match goal with |- context [IZR ?a * bpow radix2 ?b] =>
    let a' := eval vm_compute in a in let b' := eval vm_compute in b in change a with a'; change b with b' end;
  simpl nth; simpl bpow; cbv zeta; repeat split; interval with (i_prec 80).

Lemma table j : (0 <= j < 8)%Z -> entry_right j.
Proof.
  intros H. assert (C : (j = 0 \/ j = 1 \/ j = 2 \/ j = 3 \/ j = 4 \/ j = 5 \/ j = 6 \/ j = 7)%Z) by lia.
  repeat (destruct C as [C|C]); subst j.
  - entry 0x3f800000%Z.
  - entry 0x3f8b95c2%Z.
  - entry 0x3f9837f0%Z.
  - entry 0x3fa5fed7%Z.
  - entry 0x3fb504f3%Z.
  - entry 0x3fc5672a%Z.
  - entry 0x3fd744fd%Z.
  - entry 0x3feac0c7%Z.
Qed.

(** The power that the last bits of t say, k = 8 s + j: 2^s times an entry p, which with what it lacks is T, 2^(j/8). *)
Lemma power_error k : (-1008 <= k <= 1016)%Z -> let t := IZR (k + 3 * 2 ^ 22) in
  exists s p T, (-126 <= s <= 127)%Z /\ v_power t = p * bpow radix2 s /\ representable f32 (v_power t) /\
    exp (IZR k * L) = T * bpow radix2 s /\ 1 <= p <= 1.8341 /\ Rabs (v_power_lacks t) <= 0x1.13p-25 /\
    Rabs (p * (1 + v_power_lacks t) - T) <= 0x1p-46 /\
    (T = 1 /\ p = 1 /\ v_power_lacks t = 0 \/ 1.09 <= T <= 1.8341).
Proof.
  intros Hk t. assert (W : word f32 t = (k + (3 * 2 ^ 19 + 149 * 2 ^ 20) * 8)%Z).
  { rewrite (word_of f32 (k + 3 * 2 ^ 22) 0 t); [simpl; ring | unfold t; simpl; lra | easy | simpl in *; lia]. }
  assert (J : (word f32 t mod 8)%Z = (k mod 8)%Z) by (rewrite W; now rewrite Z.mod_add by easy).
  assert (Hm : k = (8 * (k / 8) + k mod 8)%Z) by now apply Z.div_mod.
  assert (Hj := Z.mod_pos_bound k 8 ltac:(easy)).
  unfold v_power, v_power_lacks. rewrite J, W. set (s := (k / 8)%Z) in *. set (j := (k mod 8)%Z) in *.
  destruct (table j Hj) as (w & l & B & R & A & (P & A' & N) & Z0). rewrite B, A. clearbody s j.
  assert (Hs : (-126 <= s <= 127)%Z) by lia.
  replace ((k + (3 * 2 ^ 19 + 149 * 2 ^ 20) * 8) * 2 ^ 20 + (w - j * 2 ^ 20))%Z with
    (w + s * 2 ^ 23 + (3 * 2 ^ 10 + 149 * 2 ^ 11) * 2 ^ 32)%Z by (rewrite Hm; ring).
  rewrite Z.mod_add, Z.mod_small by (simpl in *; lia).
  exists s, (value f32 w), (exp (IZR j * L)). split; [exact Hs|].
  split; [exact (value_scaled f32 w s)|]. split; [apply value_representable; simpl in *; lia|].
  split. { rewrite Hm, plus_IZR, mult_IZR, bpow_exp, <- exp_plus. f_equal. change (IZR radix2) with 2. lra. }
  repeat (split; [assumption|]).
  destruct (Z.eq_dec j 0) as [->|H0]; [left; rewrite Rmult_0_l, exp_0; now destruct Z0 | right].
  assert (1 <= IZR j <= 7) by (split; apply IZR_le; lia). split; enclose.
Qed.

Lemma ulp_between f e a : (emin f + prec f <= e)%Z -> bpow radix2 (e - 1) <= a < bpow radix2 e ->
  ulp f a = bpow radix2 (e - prec f).
Proof.
  intros He Ha. pose proof (bpow_gt_0 radix2 (e - 1)). unfold ulp. rewrite ulp_neq_0 by lra. unfold cexp, FLT_exp.
  rewrite (mag_unique_pos radix2 a e Ha). f_equal. lia.
Qed.

(** Of every float that `fused` meets, and for every shift n, where the result is a normal float: in rows that are not
    shifted, the maximum is below 2^16 (HUGE_SHIFT), and nothing is looked at below 112 (DEPTH) from there. *)
Theorem exp_fused_bound fused n x : representable f32 x -> Rabs x <= 2 ^ 16 + 112 ->
  let e := exp x * bpow radix2 (- n) in bpow radix2 (-126) <= e <= bpow radix2 127 ->
  Rabs (exp_where fused true x (MAGIC - STEPS * IZR n) - e) <= 0.64 * ulp f32 e.
Proof.
  intros Hx X e He. assert (E : e = exp (x - IZR n * ln 2)).
  { unfold e. rewrite bpow_exp, <- exp_plus, opp_IZR. f_equal. change (IZR radix2) with 2. ring. }
  assert (Y : -126 * ln 2 <= x - IZR n * ln 2 <= 127 * ln 2).
  { rewrite E, 2!bpow_exp in He. change (IZR radix2) with 2 in He.
    split; apply Rnot_lt_le; intros C; apply exp_increasing in C; simpl in *; lra. }
  destruct (reduction fused n x Hx ltac:(lra) Y) as (N & T & R & HN & Hk).
  pose proof (reduced fused x N Hx R HN) as Q.
  assert (K : v_sub (IZR (N - 8 * n + 3 * 2 ^ 22)) (MAGIC - STEPS * IZR n) = IZR N).
  { unfold v_sub. replace (IZR (N - 8 * n + 3 * 2 ^ 22) - (MAGIC - STEPS * IZR n)) with (IZR N) by
      (rewrite plus_IZR, minus_IZR, mult_IZR; unfold MAGIC, STEPS; simpl; lra).
    apply RN_exact with N 0%Z; [easy | simpl; lia | simpl; lra]. }
  unfold exp_where. cbv zeta. rewrite T, K. set (r := v_minus_steps fused x (IZR N)) in *.
  assert (Hr : representable f32 r) by (unfold r, v_minus_steps; destruct fused; apply RN_representable).
  change (v_fma fused (v_fma fused _ r 0.5) r 1) with (series fused r).
  set (rho := x - IZR N * L) in *.
  assert (Rr : Rabs r <= 0.0443).
  { apply Rabs_le_inv in R. apply Rabs_le_inv in Q. apply Rabs_le. lra. }
  destruct (series_error fused r Hr Rr) as [S S0].
  pose proof (v_fma_representable fused (v_fma fused (v_fma fused 0x1.554842p-5 r 0x1.555c76p-3) r 0.5) r 1) as Hq.
  change (v_fma fused (v_fma fused _ r 0.5) r 1) with (series fused r) in Hq.
  set (q := series fused r) in *. clearbody q.
  destruct (power_error (N - 8 * n) Hk) as (s & p & t & Hs & P & Hp & EP & P1 & HL & PT & J).
  set (power := v_power _) in *. set (l := v_power_lacks _) in *. clearbody l power.
  assert (E' : e = t * exp rho * bpow radix2 s).
  { rewrite E. replace (x - IZR n * ln 2) with (IZR (N - 8 * n) * L + rho) by
      (unfold rho; rewrite minus_IZR, mult_IZR; field).
    rewrite exp_plus, EP. ring. }
  rewrite E' in *. clear T K E e E' EP. set (F := exp r - 1). set (eps := r * q - F).
  assert (HF : Rabs F <= 0.0454) by (unfold F; enclose). change (r * q - (exp r - 1)) with eps in *.
  assert (Hrho : 0.956 <= exp rho <= 1.0453) by enclose.
  assert (D : Rabs (exp r - exp rho) <= 0x1.03p-29 * exp rho).
  { apply Rle_trans with (1 := near_error 0x1.02p-29 (exp r) (exp rho) ltac:(lra) ltac:(lra) (near_exp _ _ _ Q)). nra. }
  destruct (v_fma_error fused (-4) q r l) as (d & E4 & D4); [exact Hq | exact Hr | easy | |].
  { replace (q * r + l) with (F + eps + l) by (unfold eps; ring). simpl bpow. enclose. }
  pose proof (v_fma_representable fused q r l) as H4. simpl bpow in D4. rewrite E4 in *. unfold v_fma_where.
  set (V := p * (1 + (q * r + l + d)) - t * exp rho).
  assert (EV : V = (p * (1 + l) - t) * exp r + t * (exp r - exp rho) - p * l * F + p * eps + p * d).
  { unfold V, eps, F. ring. }
  assert (Z : power * (q * r + l + d) + power - t * exp rho * bpow radix2 s = V * bpow radix2 s).
  { rewrite P. unfold V. ring. }
  assert (B : forall i, bpow radix2 (i - 1) <= t * exp rho * bpow radix2 s < bpow radix2 i ->
    Rabs V * bpow radix2 s <= 0.137 * bpow radix2 (i - 24) ->
    Rabs (v_fma fused power (q * r + l + d) power - t * exp rho * bpow radix2 s) <=
      0.64 * ulp f32 (t * exp rho * bpow radix2 s)).
  { intros i I W. assert (Hi : (-126 < i)%Z) by (apply (lt_bpow radix2); lra).
    rewrite (ulp_between f32 i) by (simpl; lia || exact I). change (prec f32) with 24%Z.
    pose proof (bpow_gt_0 radix2 (i - 1)). pose proof (bpow_gt_0 radix2 (i - 24)).
    replace (i - 1)%Z with ((i - 24) + 23)%Z in * by ring.
    assert (U : bpow radix2 (i - 25) = bpow radix2 (i - 24) * 0x1p-1 /\
      bpow radix2 (i - 53) = bpow radix2 (i - 24) * 0x1p-29).
    { replace (i - 25)%Z with ((i - 24) + -1)%Z by ring. replace (i - 53)%Z with ((i - 24) + -29)%Z by ring.
      rewrite 2!bpow_plus. simpl. lra. }
    destruct U as [U1 U2].
    eapply Rle_trans; [apply (v_fma_near fused i) with (w := 0.137 * bpow radix2 (i - 24)); try assumption|];
      rewrite ?U1, ?U2; [lia | lra | | lra..].
    rewrite Z, Rabs_mult, (Rabs_pos_eq (bpow radix2 s)) by apply bpow_ge_0. exact W. }
  assert (G : 0 < bpow radix2 s) by apply bpow_gt_0.
  assert (C : t * exp rho < 1 -> t = 1 /\ p = 1 /\ l = 0).
  { intros C. destruct J as [J|J]; [exact J | exfalso; nra]. }
  destruct (Rlt_dec (t * exp rho) 1) as [H|H].
  - destruct (C H) as (-> & -> & ->). clear C J PT P1 HL. rewrite Rmult_1_l in *.
    assert (S1 : r <= 0x1p-28).
    { assert (rho < 0) by (apply Rnot_le_lt; intros [H0|H0];
        [apply exp_increasing in H0; rewrite exp_0 in H0 | rewrite <- H0, exp_0 in H]; lra).
      apply Rabs_le_inv in Q. lra. }
    apply S0 in S1. apply (B s).
    + unfold Zminus. rewrite bpow_plus. simpl (bpow radix2 (- (1))). nra.
    + unfold Zminus. rewrite bpow_plus, (Rmult_comm (bpow _ s)), <- Rmult_assoc. apply Rmult_le_compat_r; [lra|].
      replace V with ((exp r - exp rho) + eps + d) by (rewrite EV; ring). simpl bpow.
      set (g := exp r - exp rho) in *. clearbody eps. clear S EV.
      assert (D' : Rabs g <= 0x1.03p-29) by lra. enclose.
  - assert (Ht : 1 <= t <= 1.8341) by (destruct J; lra). apply (B (s + 1)%Z).
    + replace (s + 1 - 1)%Z with s by ring. rewrite bpow_plus. simpl (bpow radix2 1).
      assert (t * exp rho < 2) by enclose. nra.
    + unfold Zminus. rewrite 2!bpow_plus, Rmult_assoc, (Rmult_comm (bpow _ s)), <- Rmult_assoc.
      apply Rmult_le_compat_r; [lra|]. rewrite EV. simpl bpow.
      assert (D' : Rabs (exp r - exp rho) <= 0x1.03p-29 * 1.0453) by lra.
      set (g := exp r - exp rho) in *. set (v := p * (1 + l) - t) in *. clearbody eps v g F. enclose.
Qed.

(** The same as a relative error. *)
Corollary exp_fused_relative fused n x : representable f32 x -> Rabs x <= 2 ^ 16 + 112 ->
  let e := exp x * bpow radix2 (- n) in bpow radix2 (-126) <= e <= bpow radix2 127 ->
  near (1.28 * unit_roundoff f32) (exp_where fused true x (MAGIC - STEPS * IZR n)) e.
Proof.
  intros Hx X e He. pose proof (exp_fused_bound fused n x Hx X He) as E. fold e in E.
  assert (0 < bpow radix2 (-126)) by apply bpow_gt_0.
  assert (U : ulp f32 e <= e * bpow radix2 (1 - 24)).
  { rewrite <- (Rabs_pos_eq e) at 2 by lra. apply (ulp_FLT_le radix2 (-149) 24).
    rewrite Rabs_pos_eq by lra. apply He. }
  apply Rabs_le_inv in E. unfold near, unit_roundoff. simpl bpow in *. split; nra.
Qed.
