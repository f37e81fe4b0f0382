(** CalmRow - tier 1 of `correctly_rounded` is right: in a row whose valid logits are floats in [-300, 300], the word of
    an entry of which the test is sure is the exact probability, correctly rounded.
    SPDX-License-Identifier: MIT *)
From Coq Require Import Reals ZArith List Lra Lia Arith Psatz.
From Flocq Require Import Core.
From Interval Require Import Tactic.
From Maskproof Require Import Kernel Sums Spec Leak Format Relative Bound RoundingTest ExpDouble RowSum WordTest.
Open Scope R_scope.

(** --- the C --- *)
Definition ROUNDED_BOUND := bpow radix2 (-49).
Definition error_bound n := let n := v_mul (RN f64 (INR n)) 0x1p-57 in v_add ROUNDED_BOUND (v_mul n n).
Definition bound n := v_add (error_bound n) (2 * bpow radix2 (-53)).

Section Row.
Variables (fused : bool) (halvings n : nat) (x : nat -> R) (m : nat -> bool).
Definition exp_where j := if m j then exp_of fused (x j) else 0.

(* The sum of any row, or of a short one. *)
Definition is_sum s := s = row_sum halvings n exp_where \/
  (n <= 16 * lanes halvings)%nat /\ s = short_sum halvings n exp_where.

Hypothesis up_to_8_lanes : (halvings <= 3)%nat.
Hypothesis length : INR n <= bpow radix2 24.
Hypothesis calm : forall j, (j < n)%nat -> m j = true -> representable f32 (x j) /\ Rabs (x j) <= 300.

(** --- its error --- *)
Lemma bound_range : 18 * u <= bound n <= bpow radix2 (-47).
Proof.
  assert (N : RN f64 (INR n) = INR n).
  { rewrite INR_IZR_INZ in *. apply RN_exact with (Z.of_nat n) 0%Z; [easy | | simpl; ring].
    assert (A : IZR (Z.of_nat n) <= IZR (2 ^ 24)) by (simpl in *; exact length). apply le_IZR in A. simpl. lia. }
  unfold bound, error_bound, v_add, v_mul. cbv zeta. rewrite N. pose proof (pos_INR n).
  assert (B : forall k, (-1074 <= k)%Z -> RN f64 (bpow radix2 k) = bpow radix2 k).
  { intros k Hk. apply RN_exact with 1%Z k; simpl; auto; try lia. ring. }
  set (z := RN f64 (INR n * 0x1p-57)).
  assert (Z : 0 <= z <= bpow radix2 (-33)).
  { unfold z. rewrite <- (B (-33)%Z), <- (RN_0 f64) by easy. split; apply RN_le; simpl in *; lra. }
  set (s := RN f64 (z * z)).
  assert (S : 0 <= s <= bpow radix2 (-66)).
  { unfold s. rewrite <- (B (-66)%Z), <- (RN_0 f64) by easy. split; apply RN_le; [nra|].
    replace (bpow radix2 (-66)) with (bpow radix2 (-33) * bpow radix2 (-33)) by (rewrite <- bpow_plus; reflexivity).
    apply Rmult_le_compat; lra. }
  set (t := RN f64 (ROUNDED_BOUND + s)).
  assert (T : bpow radix2 (-49) <= t <= bpow radix2 (-48)).
  { unfold t, ROUNDED_BOUND. split; [rewrite <- (B (-49)%Z) at 1 by easy | rewrite <- (B (-48)%Z) by easy];
      apply RN_le; simpl in *; lra. }
  split; [|rewrite <- (B (-47)%Z) by easy; apply RN_le; simpl in *; lra].
  replace (18 * u) with (RN f64 (18 * u)); [apply RN_le; unfold unit_roundoff; simpl in *; lra|].
  apply RN_exact with 18%Z (-53)%Z; easy.
Qed.

Lemma exp_of_representable a : representable f64 (exp_of fused a).
Proof. unfold exp_of, v_fma. cbv zeta. destruct fused; apply RN_representable. Qed.

(* the terms of the sum, as they should be *)
Definition term j := if m j then exp (x j) else 0.

Lemma terms j : (j < n)%nat -> representable f64 (exp_where j) /\ 0 <= term j /\ near (2 * u) (exp_where j) (term j).
Proof.
  intros Hj. unfold exp_where, term. destruct (m j) eqn:Hm.
  - destruct (calm j Hj Hm) as [R C]. split; [apply exp_of_representable|]. split; [left; apply exp_pos|].
    apply exp_double_bound; [now left | lra].
  - split; [apply representable_0|]. split; [lra|]. unfold near. lra.
Qed.

Lemma mass_of_terms : mass n x (Spec.bits m) = sum (seq 0 n) term.
Proof. apply sum_ext. intros j _. unfold Spec.bits, term. destruct (m j); ring. Qed.

(** What is proved of the sum: 11 u and a square. *)
Notation K := (2 * u + (2 * u + 9 * u + ((INR n / 16 + 2) * u) ^ 2) + 2 * u).

Lemma square : 0 <= ((INR n / 16 + 2) * u) ^ 2 <= 0.001 * u.
Proof.
  pose proof (pos_INR n). unfold unit_roundoff. simpl in *. split; [apply pow2_ge_0 || nra | nra].
Qed.

Theorem sum_of_exponentials s : is_sum s ->
  near (2 * u + 9 * u + ((INR n / 16 + 2) * u) ^ 2) s (mass n x (Spec.bits m)).
Proof.
  intros Hs. rewrite mass_of_terms. pose proof square. pose proof u_small.
  assert (H1 : INR n * u <= / 64).
  { unfold unit_roundoff. simpl in *. lra. }
  destruct Hs as [->|[Hn ->]].
  - apply row_sum_error; auto; [apply terms | lra].
  - apply near_weaken with (2 * u + 8 * u); try lra.
    + apply sum_nonneg. intros j Hj. apply in_seq in Hj. now apply terms.
    + apply short_sum_error; auto; [apply terms | lra].
Qed.

(** v, and how far it is from the probability; C the largest magnitude of a valid logit *)
Lemma quotient_error s i C : is_sum s -> (i < n)%nat -> m i = true ->
  (forall j, (j < n)%nat -> m j = true -> Rabs (x j) <= C) -> C <= 300 ->
  let v := double_quotient (exp_where i) s in Rabs (v - p n x m i) <= K / (1 - K) * v /\
  exp (- 2 * C) * bpow radix2 (-24) * (1 - K) <= v.
Proof.
  intros Hs Hi Hm HC HC3 v. pose proof square. pose proof u_small.
  set (S := mass n x (Spec.bits m)). assert (Ns := sum_of_exponentials s Hs). fold S in Ns.
  assert (Hv : has_valid n m) by (exists i; auto).
  assert (S0 : 0 < S) by now apply mass_pos.
  assert (X : forall j, (j < n)%nat -> m j = true -> exp (- C) <= exp (x j) <= exp C).
  { intros j Hj Hmj. assert (A := HC j Hj Hmj). apply Rabs_le_inv in A.
    split; apply Raux.exp_le; lra. }
  assert (C0 : 0 <= C) by (pose proof (HC i Hi Hm); pose proof (Rabs_pos (x i)); lra).
  assert (S1 : exp (- C) <= S).
  { apply Rle_trans with (exp (x i)); [now apply X|]. now apply mass_ge. }
  assert (S2 : S <= bpow radix2 24 * exp C).
  { unfold S. rewrite mass_of_terms. apply Rle_trans with (sum (seq 0 n) (fun _ => exp C)).
    - apply sum_le. intros j Hj. apply in_seq in Hj. unfold term.
      destruct (m j) eqn:Hmj; [apply X; auto; lia | left; apply exp_pos].
    - rewrite sum_const, seq_length. apply Rmult_le_compat_r; [left; apply exp_pos | exact length]. }
  assert (E1 : bpow radix2 (-440) <= exp (- C)).
  { apply Rle_trans with (exp (- (300))); [simpl bpow; interval with (i_prec 60) | apply Raux.exp_le; lra]. }
  assert (E2 : exp C <= bpow radix2 433).
  { apply Rle_trans with (exp 300); [apply Raux.exp_le; lra | simpl bpow; interval with (i_prec 60)]. }
  assert (Ne : near (2 * u) (exp_where i) (exp (x i))).
  { replace (exp (x i)) with (term i); [now apply terms | unfold term; now rewrite Hm]. }
  destruct (X i Hi Hm) as [Xi1 Xi2].
  assert (T1 : bpow radix2 (-440) = 1024 * bpow radix2 (-450)).
  { change (-440)%Z with (10 + -450)%Z. rewrite bpow_plus. reflexivity. }
  assert (T2 : bpow radix2 460 = 8 * (bpow radix2 24 * bpow radix2 433)).
  { rewrite <- bpow_plus. change 460%Z with (3 + (24 + 433))%Z. rewrite bpow_plus. reflexivity. }
  assert (P1 := bpow_gt_0 radix2 (-450)). assert (P2 := bpow_gt_0 radix2 24).
  assert (S3 : S <= bpow radix2 24 * bpow radix2 433).
  { apply Rle_trans with (1 := S2). apply Rmult_le_compat_l; lra. }
  assert (B : near K v (exp (x i) / S)).
  { apply double_quotient_error; auto; try lra; try apply exp_pos.
    - destruct Ne as [Ne _]. nra.
    - destruct Ns as [N1 N2]. split; nra. }
  replace (p n x m i) with (exp (x i) / S) by (unfold p, S; rewrite prob_bits, Hm; reflexivity).
  assert (Q : 0 < exp (x i) / S) by (apply Rdiv_lt_0_compat; [apply exp_pos | auto]).
  assert (V : 0 <= v) by (apply (near_nonneg K _ (exp (x i) / S)); auto; lra). split.
  - rewrite Rabs_minus_sym. apply near_error; [lra | auto | now apply near_sym].
  - destruct B as [B _]. apply Rle_trans with (2 := B). rewrite (Rmult_comm (1 - K)). apply Rmult_le_compat_r; [lra|].
    (* e^-C / (2^24 e^C) *)
    apply Rmult_le_reg_r with S; auto. replace (exp (x i) / S * S) with (exp (x i)) by (field; lra).
    apply Rle_trans with (exp (- 2 * C) * bpow radix2 (-24) * (bpow radix2 24 * exp C)).
    + apply Rmult_le_compat_l; auto. apply Rmult_le_pos; [left; apply exp_pos | apply bpow_ge_0].
    + replace (exp (- 2 * C) * bpow radix2 (-24) * (bpow radix2 24 * exp C)) with
        ((exp (- 2 * C) * exp C) * (bpow radix2 (-24) * bpow radix2 24)) by ring.
      rewrite <- exp_plus, <- bpow_plus. replace (- 2 * C + C) with (- C) by ring. simpl (bpow radix2 _). lra.
Qed.

(* a masked entry: 0 *)
Lemma quotient_of_masked s i : m i = false -> double_quotient (exp_where i) s = 0 /\ p n x m i = 0.
Proof.
  intros Hm. unfold double_quotient, exp_where, p. rewrite prob_bits, Hm. split.
  - now rewrite Rmult_0_l, RN_0.
  - unfold Rdiv. ring.
Qed.

(** --- the words --- *)

(** QUICK: floats, whose valid logits all lie in [-35, 35]. *)
Theorem quick_row_is_right s i : is_sum s -> (i < n)%nat ->
  (forall j, (j < n)%nat -> m j = true -> Rabs (x j) <= 35) -> let v := double_quotient (exp_where i) s in
  pick_off_midpoint v (2 ^ 28 + 16) (2 ^ 29 - 32) = true -> RN f32 v = RN f32 (p n x m i).
Proof.
  intros Hs Hi HC v Hv. pose proof u_small. pose proof square. destruct (m i) eqn:Hm.
  - destruct (quotient_error s i 35 Hs Hi Hm HC ltac:(lra)) as [E L]. fold v in E, L.
    assert (L' : bpow radix2 (-126) <= v).
    { apply Rle_trans with (2 := L). apply Rle_trans with (bpow radix2 (-101) * bpow radix2 (-24) * / 2).
      - change (/ 2) with (bpow radix2 (-1)). rewrite <- 2!bpow_plus. now apply bpow_le.
      - apply Rmult_le_compat; [|lra| |lra]; [rewrite <- bpow_plus; apply bpow_ge_0|].
        apply Rmult_le_compat_r; [apply bpow_ge_0|]. simpl bpow. interval with (i_prec 60). }
    apply quick_is_right; auto; [apply RN_representable|]. apply Rle_trans with (1 := E).
    apply Rmult_le_compat_r; [pose proof (bpow_gt_0 radix2 (-126)); lra|]. replace (bpow radix2 (-49)) with (16 * u).
    + apply Rmult_le_reg_r with (1 - K); [lra|]. replace (K / (1 - K) * (1 - K)) with K by (field; lra). nra.
    + unfold unit_roundoff. simpl. lra.
  - unfold v. now destruct (quotient_of_masked s i Hm) as [-> ->].
Qed.

(** On any grid: the word, and that it is a float, so that storing it changes nothing. *)
Variable f : format.
Hypothesis of_the_suite : f = f32 \/ f = bf16 \/ f = f16.

Theorem calm_row_is_right s i word : is_sum s -> (i < n)%nat ->
  let bound := v_add (error_bound n) (2 * bpow radix2 (-53)) in
  narrowed f fused bound (double_quotient (exp_where i) s) = (true, word) ->
  word = RN f (p n x m i) /\ representable f32 word.
Proof.
  intros Hs Hi b Hw. assert (F : forall a, representable f a -> representable f32 a).
  { intros a Ha. apply generic_inclusion_mag with (2 := Ha). intros _.
    destruct of_the_suite as [->|[->| ->]]; unfold FLT_exp; simpl; lia. }
  assert (W : word = RN f (p n x m i)); [|split; [exact W | rewrite W; apply F, RN_representable]].
  change b with (bound n) in Hw. pose proof bound_range as [B1 B2]. pose proof u_small. pose proof square.
  apply narrowed_is_right with (exact := p n x m i) in Hw; auto; try (destruct of_the_suite as [->|[->| ->]]; easy).
  - apply RN_representable.
  - destruct (m i) eqn:Hm; [right | left; now apply quotient_of_masked].
    destruct (quotient_error s i 300 Hs Hi Hm) as [_ L]; [apply calm | lra |].
    apply Rle_trans with (2 := L). apply Rle_trans with (bpow radix2 (-870) * bpow radix2 (-24) * / 2).
    + change (/ 2) with (bpow radix2 (-1)). rewrite <- 2!bpow_plus. now apply bpow_le.
    + apply Rmult_le_compat; [|lra| |lra]; [rewrite <- bpow_plus; apply bpow_ge_0|].
      apply Rmult_le_compat_r; [apply bpow_ge_0|]. simpl bpow. interval with (i_prec 60).
  - split.
    + apply Rle_trans with (2 := B1). unfold unit_roundoff. simpl. lra.
    + apply Rle_trans with (1 := B2). now apply bpow_le.
  - destruct (m i) eqn:Hm.
    + destruct (quotient_error s i 300 Hs Hi Hm) as [E L]; [apply calm | lra |].
      apply Rle_trans with (1 := E). apply Rmult_le_compat_r.
      * apply Rle_trans with (2 := L). repeat apply Rmult_le_pos; [left; apply exp_pos | apply bpow_ge_0 | lra].
      * assert (R : K / (1 - K) <= bpow radix2 (-49) + (INR n * bpow radix2 (-57)) ^ 2).
        { apply rounded_bound_is_enough. apply Rle_trans with (1 := length). now apply bpow_le. }
        assert (Q : (INR n * bpow radix2 (-57)) ^ 2 <= bpow radix2 (-66)).
        { pose proof (pos_INR n). simpl in *. nra. }
        apply Rle_trans with (18 * u * (1 - u)); [|apply Rmult_le_compat_r; lra].
        apply Rle_trans with (1 := R). unfold unit_roundoff. simpl in *. lra.
    + destruct (quotient_of_masked s i Hm) as [-> ->]. rewrite Rminus_0_r, Rabs_R0, Rmult_0_r. lra.
Qed.
End Row.
