(** FusedRow - the rounding error of `fused` (impls/kernels/fused_exp.h, fused_calm.h, fused_wide.h) in f32: exponentials in
    float, their sum and its inverse in double, and the inverse as an unevaluated sum of two floats.
    SPDX-License-Identifier: MIT *)
From Coq Require Import Reals ZArith List Lra Lia Psatz.
From Flocq Require Import Core.
From Maskproof Require Import Sums Format Relative Bound Kernel.
Open Scope R_scope.
Notation u := (unit_roundoff f32).
Notation v := (unit_roundoff f64).

(** times(e, factor_of(g)): high + low stands for g, and the product is rounded once but for its low part. *)
Definition high g := RN f32 g.
Definition low g := RN f32 (g - high g).
Definition times e g := RN f32 (e * high g + RN f32 (e * low g)).

Lemma f64_of_f32 a : representable f32 a -> representable f64 a.
Proof.
  unfold representable. apply generic_inclusion_mag. intros _. unfold FLT_exp. simpl. lia.
Qed.

Lemma RN_near f k a : bpow radix2 (emin f - 1) <= k * a -> 0 <= a -> unit_roundoff f + k <= 1 -> 0 <= k ->
  near (unit_roundoff f + k) (RN f a) a.
Proof.
  intros H Ha H1 Hk. assert (E := Bound.RN_error f a Ha). unfold half_subnormal in E. pose proof (unit_roundoff_range f).
  apply Rabs_le_inv in E. set (K := unit_roundoff f + k) in *.
  assert (Rabs (RN f a - a) <= K * a) by (apply Rabs_le; unfold K; lra).
  apply Rabs_le_inv in H2. split; [lra|]. apply Rle_trans with ((a + K * a) * (1 - K)); [apply Rmult_le_compat_r; lra|].
  assert (0 <= K) by (unfold K; lra). nra.
Qed.

(** The product with the pair loses u, and 2^-46 for the parts of parts. *)
Lemma times_near e g : 0 <= e -> bpow radix2 (-60) <= g -> bpow radix2 (-100) <= e * g ->
  near (u + bpow radix2 (-46)) (times e g) (e * g).
Proof.
  intros He Hg Hp. assert (Hu : u = / 16777216) by (unfold unit_roundoff; simpl; lra).
  assert (P : forall i, 0 < bpow radix2 i) by (intros; apply bpow_gt_0).
  assert (Hg0 : 0 < g) by (pose proof (P (-60)%Z); lra). set (p := e * g) in *.
  assert (Hp0 : 0 < p) by (pose proof (P (-100)%Z); lra).
  (* a half subnormal of f32 beside g and beside p *)
  assert (T1 : half_subnormal f32 <= bpow radix2 (-90) * g).
  { apply Rle_trans with (bpow radix2 (-90) * bpow radix2 (-60)); [rewrite <- bpow_plus; apply Rle_refl|].
    apply Rmult_le_compat_l; [left; apply P | lra]. }
  assert (T2 : half_subnormal f32 <= bpow radix2 (-50) * p).
  { apply Rle_trans with (bpow radix2 (-50) * bpow radix2 (-100)); [rewrite <- bpow_plus; apply Rle_refl|].
    apply Rmult_le_compat_l; [left; apply P | lra]. }
  set (t := half_subnormal f32) in *. assert (Ht : 0 <= t) by (left; apply P).
  assert (A : forall a, Rabs (RN f32 a - a) <= u * Rabs a + t).
  { intros a. destruct (Rle_dec 0 a) as [Ha|Ha]; [rewrite (Rabs_pos_eq a) by auto; now apply Bound.RN_error|].
    rewrite (Rabs_left a) by lra. replace (RN f32 a - a) with (- (RN f32 (- a) - (- a))).
    - rewrite Rabs_Ropp. apply Bound.RN_error. lra.
    - unfold RN. rewrite round_NE_opp. ring. }
  pose proof (A g) as E1. rewrite (Rabs_pos_eq g) in E1 by lra. fold (high g) in E1.
  pose proof (A (g - high g)) as E2. fold (low g) in E2. pose proof (A (e * low g)) as E3.
  set (h := high g) in *. set (l := low g) in *. set (m := RN f32 (e * l)) in *.
  assert (B : 0 < bpow radix2 (-90) <= / 1000000000000000000000000000 /\ 0 < bpow radix2 (-50) <= / 1000000000000000) by
    (simpl; lra). destruct B as [B90 B50].
  set (b90 := bpow radix2 (-90)) in *. set (b50 := bpow radix2 (-50)) in *. rewrite Hu in *.
  assert (D1 : Rabs (g - h) <= / 16777216 * g + b90 * g) by (rewrite Rabs_minus_sym; lra).
  assert (D2 : Rabs (h + l - g) <= / 16777216 * (/ 16777216 * g + b90 * g) + b90 * g).
  { replace (h + l - g) with (l - (g - h)) by ring. lra. }
  assert (D3 : Rabs l <= (/ 16777216 * g + b90 * g) * (1 + / 16777216) + b90 * g).
  { replace l with ((l - (g - h)) + (g - h)) by ring. eapply Rle_trans; [apply Rabs_triang|]. lra. }
  assert (D4 : Rabs (e * l) <= / 16000000 * p).
  { rewrite Rabs_mult, (Rabs_pos_eq e) by auto. unfold p. replace (/ 16000000 * (e * g)) with (e * (/ 16000000 * g)) by
      ring. apply Rmult_le_compat_l; auto. apply Rle_trans with (1 := D3). nra. }
  assert (D5 : Rabs (e * (h + l) - p) <= 1.1 * (/ 16777216 * / 16777216) * p).
  { replace (e * (h + l) - p) with (e * (h + l - g)) by (unfold p; ring). rewrite Rabs_mult, (Rabs_pos_eq e) by auto.
    unfold p. replace (1.1 * (/ 16777216 * / 16777216) * (e * g)) with (e * (1.1 * (/ 16777216 * / 16777216) * g)) by ring.
    apply Rmult_le_compat_l; auto. apply Rle_trans with (1 := D2). nra. }
  set (y := e * h + m). assert (D6 : Rabs (y - p) <= 3.4 * (/ 16777216 * / 16777216) * p).
  { replace (y - p) with ((e * (h + l) - p) + (m - e * l)) by (unfold y; ring).
    eapply Rle_trans; [apply Rabs_triang|]. assert (b50 <= 1.1 * (/ 16777216 * / 16777216) * 1.1) by
      (unfold b50; simpl; lra). nra. }
  assert (Hb46 : bpow radix2 (-46) = 4 * (/ 16777216 * / 16777216)) by (simpl; lra). rewrite Hb46.
  apply Rabs_le_inv in D6. assert (Hy : 0 <= y) by nra.
  pose proof (A y) as E4. rewrite (Rabs_pos_eq y) in E4 by auto. change (times e g) with (RN f32 y).
  set (z := RN f32 y) in *. apply Rabs_le_inv in E4.
  assert (Hz : Rabs (z - p) <= (/ 16777216 + 3.99 * (/ 16777216 * / 16777216)) * p).
  { apply Rabs_le. assert (t <= / 1000000000000000 * p) by nra. split; nra. }
  apply Rabs_le_inv in Hz. split; [nra|].
  apply Rle_trans with ((p + (/ 16777216 + 3.99 * (/ 16777216 * / 16777216)) * p) *
    (1 - (/ 16777216 + 4 * (/ 16777216 * / 16777216)))); [apply Rmult_le_compat_r; lra | nra].
Qed.

(** The row, held C times too large so that no product is subnormal: exponentials e that are right to ke, added in any
    order. *)
Theorem fused_row (e E : nat -> R) t ke C i : let s := rounded_sum f64 e t in
  (forall j, In j (leaves t) -> representable f32 (e j) /\ 0 < E j /\ near ke (e j) (E j)) -> In i (leaves t) ->
  0 <= ke -> 0 < C -> bpow radix2 (-59) <= C / s -> bpow radix2 (-99) <= e i * (C / s) ->
  let K := 2 * ke + (INR (height t) + 2) * v + u + bpow radix2 (-46) in K < 1 ->
  near K (times (e i) (RN f64 (C / s))) (C * (E i / sum (leaves t) E)).
Proof.
  intros s He Hi Hke HC Hf Hp K HK. assert (Hv : 0 < v <= / 1000000) by (unfold unit_roundoff; simpl; lra).
  assert (Hu : 0 < u) by apply bpow_gt_0. assert (P : forall i, 0 < bpow radix2 i) by (intros; apply bpow_gt_0).
  pose proof (P (-46)%Z) as H46. pose proof (pos_INR (height t)) as Hh.
  assert (Hhv : 0 <= INR (height t) * v) by (apply Rmult_le_pos; lra). unfold K in HK.
  assert (HE : 0 < sum (leaves t) E).
  { apply Rlt_le_trans with (E i); [now apply He|]. apply sum_ge_term; auto. intros; left; now apply He. }
  assert (Hpos : forall j, In j (leaves t) -> 0 < e j).
  { intros j Hj. apply (near_pos ke _ (E j)); [unfold K in *; lra | |]; now apply He. }
  assert (Ns : near (INR (height t) * v + ke) s (sum (leaves t) E)).
  { apply near_trans with (sum (leaves t) e); try lra.
    - apply sum_any_order; [|lra]. intros j Hj. split; [apply f64_of_f32; now apply He | left; auto].
    - apply near_sum. intros j Hj. now apply He. }
  assert (Hs : 0 < s) by (apply (near_pos (INR (height t) * v + ke) s (sum (leaves t) E)); [lra | exact HE | exact Ns]).
  assert (HCs : 0 < C / s) by now apply Rdiv_lt_0_compat.
  assert (Ng : near (v + v) (RN f64 (C / s)) (C / s)).
  { apply RN_near; try lra. apply Rle_trans with (v * bpow radix2 (-59)); [|apply Rmult_le_compat_l; lra].
    unfold unit_roundoff. rewrite <- bpow_plus. apply bpow_le. easy. }
  set (g := RN f64 (C / s)) in *. assert (Hg : (1 - (v + v)) * (C / s) <= g) by apply Ng.
  assert (Hei : 0 < e i) by auto.
  assert (B60 : bpow radix2 (-60) <= g).
  { change (-59)%Z with (-60 + 1)%Z in Hf. rewrite bpow_plus in Hf. change (bpow radix2 1) with 2 in Hf. nra. }
  assert (B100 : bpow radix2 (-100) <= e i * g).
  { change (-99)%Z with (-100 + 1)%Z in Hp. rewrite bpow_plus in Hp. change (bpow radix2 1) with 2 in Hp.
    apply Rle_trans with (e i * ((1 - (v + v)) * (C / s))); [|apply Rmult_le_compat_l; lra].
    replace (e i * ((1 - (v + v)) * (C / s))) with ((1 - (v + v)) * (e i * (C / s))) by ring.
    pose proof (P (-100)%Z). nra. }
  assert (HEi : 0 < E i) by now apply He.
  assert (HQ : 0 < C * (E i / sum (leaves t) E)) by (apply Rmult_lt_0_compat; [lra | now apply Rdiv_lt_0_compat]).
  replace K with ((u + bpow radix2 (-46)) + ((v + v) + (ke + (INR (height t) * v + ke)))) by (unfold K; ring).
  apply near_trans with (e i * g); try lra; [apply times_near; lra|].
  apply near_trans with (e i * (C / s)); try lra.
  - rewrite 2!(Rmult_comm (e i)). apply near_mult_r; [lra | exact Ng].
  - replace (e i * (C / s)) with (e i / s * C) by (unfold Rdiv; ring). rewrite (Rmult_comm C).
    apply near_mult_r; [lra|].
    apply near_div; try lra; auto. now apply He.
Qed.

(** Made C = 2^c times smaller, a float is exact, or subnormal and off by at most half the smallest. *)
Lemma lowered z c : representable f32 z -> (0 <= c)%Z ->
  Rabs (RN f32 (z * bpow radix2 (- c)) - z * bpow radix2 (- c)) <= half_subnormal f32.
Proof.
  intros Hz Hc. set (a := z * bpow radix2 (- c)). destruct (Rlt_dec (Rabs a) (bpow radix2 (-125))) as [Ha|Ha].
  { apply (RN_error f32 (-125)); [easy | exact Ha]. }
  assert (Z0 : z <> 0).
  { intros ->. apply Ha. unfold a. rewrite Rmult_0_l, Rabs_R0. apply bpow_gt_0. }
  destruct (multiple_of_unit f32 (mag radix2 z - 1) z Hz) as (m & M); [now apply bpow_mag_le|].
  replace (mag radix2 z - 1 + 1 - prec f32)%Z with (mag radix2 z - 24)%Z in M by (simpl; ring).
  assert (A : a = IZR m * bpow radix2 (mag radix2 z - 24 - c)).
  { unfold a. rewrite M at 1. rewrite Rmult_assoc, <- bpow_plus. do 2 f_equal. }
  rewrite (RN_exact f32 m (mag radix2 z - 24 - c) a); [| | | exact A].
  - rewrite Rminus_diag_eq, Rabs_R0 by reflexivity. apply bpow_ge_0.
  - simpl. assert (D : bpow radix2 (-125) < bpow radix2 (mag radix2 z - c)); [|apply lt_bpow in D; lia].
    apply Rle_lt_trans with (Rabs a); [lra|]. unfold a.
    rewrite Rabs_mult, (Rabs_pos_eq (bpow radix2 (- c))) by apply bpow_ge_0.
    replace (mag radix2 z - c)%Z with (mag radix2 z + - c)%Z by ring. rewrite bpow_plus.
    apply Rmult_lt_compat_r; [apply bpow_gt_0 | apply bpow_mag_gt].
  - apply lt_IZR. rewrite abs_IZR. change (prec f32) with 24%Z.
    assert (D := bpow_mag_gt radix2 z). rewrite M in D at 1. rewrite Rabs_mult, (Rabs_pos_eq (bpow radix2 _)) in D by
      apply bpow_ge_0. replace (mag radix2 z : Z) with (24 + (mag radix2 z - 24))%Z in D at 2 by ring.
    rewrite bpow_plus in D. apply Rmult_lt_reg_r in D; [|apply bpow_gt_0]. exact D.
Qed.

(** The result: relatively K / (1 - K), absolutely half the smallest subnormal. *)
Theorem fused_row_bound (e E : nat -> R) t ke c i : let s := rounded_sum f64 e t in let C := bpow radix2 c in
  (forall j, In j (leaves t) -> representable f32 (e j) /\ 0 < E j /\ near ke (e j) (E j)) -> In i (leaves t) ->
  0 <= ke -> (0 <= c)%Z -> bpow radix2 (-59) <= C / s -> bpow radix2 (-99) <= e i * (C / s) ->
  let K := 2 * ke + (INR (height t) + 2) * v + u + bpow radix2 (-46) in K < 1 ->
  let p := E i / sum (leaves t) E in
  Rabs (RN f32 (times (e i) (RN f64 (C / s)) * bpow radix2 (- c)) - p) <= K / (1 - K) * p + half_subnormal f32.
Proof.
  intros s C He Hi Hke Hc Hf Hp K HK p.
  assert (N := fused_row e E t ke C i He Hi Hke (bpow_gt_0 _ _) Hf Hp HK). fold s K p in N.
  set (z := times _ _) in *. assert (D := lowered z c (RN_representable f32 _) Hc).
  assert (HE : 0 < sum (leaves t) E).
  { apply Rlt_le_trans with (E i); [now apply He|]. apply sum_ge_term; auto. intros; left; now apply He. }
  assert (Hp0 : 0 < p) by (apply Rdiv_lt_0_compat; [now apply He | exact HE]).
  assert (N2 : near K (z * bpow radix2 (- c)) p).
  { replace p with (C * p * bpow radix2 (- c)); [apply near_mult_r; [apply bpow_ge_0 | exact N]|].
    rewrite (Rmult_comm C), Rmult_assoc. unfold C. rewrite <- bpow_plus. replace (c + - c)%Z with 0%Z by ring.
    simpl; ring. }
  apply near_error in N2; [|exact HK | lra].
  replace (RN f32 (z * bpow radix2 (- c)) - p) with
    ((RN f32 (z * bpow radix2 (- c)) - z * bpow radix2 (- c)) + (z * bpow radix2 (- c) - p)) by ring.
  eapply Rle_trans; [apply Rabs_triang|]. lra.
Qed.
