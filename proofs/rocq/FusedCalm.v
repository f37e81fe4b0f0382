(** FusedCalm - what `fused` returns for a calm row (impls/kernels/fused_calm.h), from its logits to its probabilities:
    the exponential of ExpFused.v and the row of FusedRow.v, with no premise but the range of the logits.
    SPDX-License-Identifier: MIT *)
From Coq Require Import Reals ZArith List Lra Lia Psatz.
From Flocq Require Import Core.
From Interval Require Import Tactic.
From Maskproof Require Import Sums Format Relative Bound Kernel ExpFused FusedRow.
Open Scope R_scope.

Lemma leaves_of_height t : (height t < length (leaves t))%nat.
Proof. induction t as [|a IHa b IHb]; simpl; [lia|]. rewrite app_length. lia. Qed.

(** The processor has fused multiply-adds; CALM is 22. *)
Definition calm_exp x := exp_where true true x ExpFused.MAGIC.

Lemma calm_exp_near x : representable f32 x -> Rabs x <= 22 ->
  near (1.28 * u) (calm_exp x) (exp x) /\ bpow radix2 (-32) <= calm_exp x <= bpow radix2 32.
Proof.
  intros Hx X. apply Rabs_le_inv in X.
  assert (B : 0x1.01p-32 <= exp x <= 0x1.fp31) by (split; interval with (i_prec 60)).
  assert (N : near (1.28 * u) (calm_exp x) (exp x)).
  { unfold calm_exp. replace ExpFused.MAGIC with (ExpFused.MAGIC - STEPS * IZR 0) by ring.
    replace (exp x) with (exp x * bpow radix2 (- 0)) by (simpl; ring).
    apply exp_fused_relative; [exact Hx | apply Rabs_le; lra|]. simpl. lra. }
  split; [exact N|]. destruct N as [N1 N2]. unfold unit_roundoff in *. simpl in *. lra.
Qed.

(** In C, s is the sum of the row in double, in the order of the instruction set, and times(e, 1/s) is what is stored. *)
Theorem fused_calm_row x t i :
  (forall j, In j (leaves t) -> representable f32 (x j) /\ Rabs (x j) <= 22) -> In i (leaves t) ->
  INR (length (leaves t)) <= 2 ^ 24 ->
  let e j := calm_exp (x j) in let s := rounded_sum f64 e t in
  near (3.56 * u + (INR (height t) + 2) * v + bpow radix2 (-46)) (times (e i) (RN f64 (1 / s))) (exact x t i).
Proof.
  intros Hx Hi Hn e s. assert (He : forall j, In j (leaves t) -> representable f32 (e j) /\
    near (1.28 * u) (e j) (exp (x j)) /\ bpow radix2 (-32) <= e j <= bpow radix2 32).
  { intros j Hj. split; [unfold e, calm_exp, exp_where; apply v_fma_representable|]. apply calm_exp_near; now apply Hx. }
  assert (Hh : INR (height t) <= 2 ^ 24).
  { apply Rle_trans with (2 := Hn). apply le_INR. pose proof (leaves_of_height t). lia. }
  pose proof (pos_INR (height t)) as Hh0. assert (Hv : 0 < v <= / 9000000000000000) by (unfold unit_roundoff; simpl; lra).
  assert (Hhv : 0 <= INR (height t) * v <= / 100000000) by nra.
  assert (P : forall k, 0 < bpow radix2 k) by (intros; apply bpow_gt_0).
  assert (S : bpow radix2 (-32) <= s <= bpow radix2 57).
  { assert (R : forall j, In j (leaves t) -> representable f64 (e j) /\ 0 <= e j).
    { intros j Hj. destruct (He j Hj) as (H & _ & B). pose proof (P (-32)%Z). split; [now apply f64_of_f32 | lra]. }
    split; [apply Rle_trans with (e i); [now apply He | now apply rounded_sum_ge]|].
    destruct (sum_any_order f64 e t R ltac:(lra)) as [_ U]. fold s in U.
    assert (T : sum (leaves t) e <= INR (length (leaves t)) * bpow radix2 32).
    { rewrite <- sum_const. apply sum_le. intros j Hj. now apply He. }
    pose proof (P 32%Z). change 57%Z with (1 + 24 + 32)%Z. rewrite 2!bpow_plus. simpl (bpow radix2 1).
    simpl (bpow radix2 24). nra. }
  assert (I : bpow radix2 (-57) <= 1 / s).
  { unfold Rdiv. rewrite Rmult_1_l. change (-57)%Z with (- (57))%Z. rewrite bpow_opp. apply Rinv_le_contravar; [|apply S].
    pose proof (P (-32)%Z). lra. }
  replace (3.56 * u + (INR (height t) + 2) * v + bpow radix2 (-46)) with
    (2 * (1.28 * u) + (INR (height t) + 2) * v + u + bpow radix2 (-46)) by lra.
  replace (exact x t i) with (1 * (exp (x i) / sum (leaves t) (fun j => exp (x j)))) by (unfold exact; ring).
  apply (fused_row e (fun j => exp (x j)) t (1.28 * u) 1 i); auto; try lra.
  - intros j Hj. destruct (He j Hj) as (H & N & _). repeat split; auto; try apply N. apply exp_pos.
  - unfold unit_roundoff. simpl. lra.
  - apply Rle_trans with (2 := I). now apply bpow_le.
  - apply Rle_trans with (bpow radix2 (-32) * bpow radix2 (-57)); [rewrite <- bpow_plus; now apply bpow_le|].
    apply Rmult_le_compat; try (left; apply P); [now apply He | exact I].
  - unfold unit_roundoff in *. simpl in *. lra.
Qed.
