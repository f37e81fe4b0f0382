(** RoundedRow - tier 1 of `correctly_rounded` (impls/kernels/rounded_rows.h) is right: in a row of finite floats, the
    word of an entry of which the test is sure is the exact probability, correctly rounded.
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

Section Sum.
Variables (fused : bool) (halvings n : nat) (x : nat -> R) (m : nat -> bool).
Definition exp_if_valid j := if m j then exp_of fused (x j) else 0.

(* The sum of any row, or of a short one. *)
Definition is_sum s := s = row_sum halvings n exp_if_valid \/
  (n <= 16 * lanes halvings)%nat /\ s = short_sum halvings n exp_if_valid.
End Sum.

(* Wide rows are shifted, by 0 or their largest valid logit; and what lies DEEP below is left out. *)
Definition shift_of max := if Rlt_dec 300 (Rabs max) then max else 0.
Definition not_below a b := if Rle_dec b a then true else false.

(** --- the bound, rounded as it is --- *)
Notation K n := (2 * u + (2 * u + 9 * u + ((INR n / 16 + 2) * u) ^ 2) + 2 * u) (only parsing).

Lemma RN_power k : (-1074 <= k)%Z -> RN f64 (bpow radix2 k) = bpow radix2 k.
Proof. intros Hk. apply RN_exact with 1%Z k; simpl; auto; try lia. ring. Qed.

Lemma square n : INR n <= bpow radix2 32 -> 0 <= ((INR n / 16 + 2) * u) ^ 2 <= 9 * u.
Proof.
  intros Hn. pose proof (pos_INR n). assert (Z : 0 <= (INR n / 16 + 2) * u <= 0x1.000001p-25).
  { unfold unit_roundoff. simpl in *. lra. }
  set (z := (INR n / 16 + 2) * u) in *. clearbody z. unfold unit_roundoff. simpl. nra.
Qed.

(** It is more than the error of a quotient, and that of 2^-150 by which another sum may differ. *)
Lemma bound_range n d : INR n <= bpow radix2 32 -> 0 <= d <= bpow radix2 (-150) ->
  bpow radix2 (-60) <= bound n <= bpow radix2 (-27) /\ (K n + d) / (1 - (K n + d)) <= bound n * (1 - u).
Proof.
  intros Hn Hd. pose proof u_small. pose proof (square n Hn) as Q. pose proof (pos_INR n) as N0.
  assert (N : RN f64 (INR n) = INR n).
  { rewrite INR_IZR_INZ in *. apply RN_exact with (Z.of_nat n) 0%Z; [easy | | simpl; ring].
    assert (A : IZR (Z.of_nat n) <= IZR (2 ^ 32)) by (simpl in *; exact Hn). apply le_IZR in A. simpl. lia. }
  pose proof (rounded_bound_is_enough n Hn) as R. cbv zeta in R.
  set (z := INR n * bpow radix2 (-57)) in *.
  assert (Z : v_mul (RN f64 (INR n)) 0x1p-57 = z).
  { unfold v_mul. rewrite N. replace (INR n * 0x1p-57) with z by (unfold z; simpl; lra).
    unfold z. rewrite INR_IZR_INZ in *. apply RN_exact with (Z.of_nat n) (-57)%Z; [easy | | reflexivity].
    assert (A : IZR (Z.of_nat n) <= IZR (2 ^ 32)) by (simpl in *; exact Hn). apply le_IZR in A. simpl. lia. }
  assert (Z1 : 0 <= z <= bpow radix2 (-25)) by (unfold z; simpl in *; lra).
  assert (S : z * z * (1 - u) <= RN f64 (z * z) <= bpow radix2 (-50)).
  { split.
    - destruct (Nat.eq_dec n 0) as [E|E].
      + assert (z = 0) by (unfold z; rewrite E; simpl; lra). replace (z * z) with 0 by (rewrite H0; ring).
        rewrite RN_0. lra.
      + assert (1 <= INR n) by (apply (le_INR 1); lia). rewrite Rmult_comm. apply RN_normal_near.
        apply Rle_trans with (bpow radix2 (-57) * bpow radix2 (-57)); [rewrite <- bpow_plus; now apply bpow_le|].
        pose proof (bpow_gt_0 radix2 (-57)). assert (bpow radix2 (-57) <= z) by (unfold z; nra). nra.
    - rewrite <- (RN_power (-50)) by easy. apply RN_le. simpl in *. nra. }
  unfold bound, error_bound. cbv zeta. rewrite Z. unfold v_mul, v_add. set (s := RN f64 (z * z)) in *.
  assert (L : forall a, bpow radix2 (-1022) <= a -> a * (1 - u) <= RN f64 a).
  { intros a Ha. rewrite Rmult_comm. now apply RN_normal_near. }
  assert (B : bpow radix2 (-1022) <= bpow radix2 (-49)) by now apply bpow_le.
  assert (S0 : 0 <= s) by (pose proof (Rle_0_sqr z) as Z2; unfold Rsqr in Z2; nra).
  pose proof (L (ROUNDED_BOUND + s)) as T1. unfold ROUNDED_BOUND in *.
  assert (T2 : RN f64 (bpow radix2 (-49) + s) <= bpow radix2 (-48)).
  { rewrite <- (RN_power (-48)) by easy. apply RN_le. simpl in *. lra. }
  set (t := RN f64 (bpow radix2 (-49) + s)) in *. assert (T3 := T1 ltac:(lra)).
  assert (V1 : RN f64 (t + 2 * bpow radix2 (-53)) <= bpow radix2 (-47)).
  { rewrite <- (RN_power (-47)) by easy. apply RN_le. simpl in *. lra. }
  assert (T4 : bpow radix2 (-50) <= t).
  { replace (bpow radix2 (-50)) with (bpow radix2 (-49) * / 2) by (simpl; lra).
    pose proof (bpow_gt_0 radix2 (-49)). nra. }
  assert (V2 := L (t + 2 * bpow radix2 (-53))). set (v := RN f64 (t + 2 * bpow radix2 (-53))) in *.
  assert (V3 : bpow radix2 (-1022) <= t + 2 * bpow radix2 (-53)).
  { apply Rle_trans with (bpow radix2 (-50)); [now apply bpow_le|]. pose proof (bpow_gt_0 radix2 (-53)). lra. }
  specialize (V2 V3). clear L V3 T1 B.
  assert (D : (K n + d) / (1 - (K n + d)) <= bpow radix2 (-49) + z ^ 2 + 2 * d).
  { apply Rle_trans with (K n / (1 - K n) + 2 * d); [|lra]. simpl (bpow radix2 (-150)) in Hd.
    set (k := K n) in *. assert (Hk : 0 <= k <= 24 * u) by (unfold k; lra). clearbody k.
    apply Rmult_le_reg_r with (1 - (k + d)); [lra|].
    replace ((k + d) / (1 - (k + d)) * (1 - (k + d))) with (k + d) by (field; lra).
    replace (k / (1 - k)) with (k + k * (k / (1 - k))) by (field; lra).
    assert (0 <= k / (1 - k)) by (apply Rmult_le_pos; [lra | left; apply Rinv_0_lt_compat; lra]).
    replace ((k + k * (k / (1 - k)) + 2 * d) * (1 - (k + d))) with
      (k + (k * (k / (1 - k)) * (1 - k) - k * k) + d * (2 - 3 * k - 2 * d - k * (k / (1 - k)))) by ring.
    replace (k * (k / (1 - k)) * (1 - k) - k * k) with 0 by (field; lra).
    assert (k / (1 - k) <= 1) by (apply Rmult_le_reg_r with (1 - k); [lra|];
      replace (k / (1 - k) * (1 - k)) with k by (field; lra); lra).
    assert (k * (k / (1 - k)) <= k) by nra.
    assert (d * 1 <= d * (2 - 3 * k - 2 * d - k * (k / (1 - k)))) by (apply Rmult_le_compat_l; lra). lra. }
  split; [split|].
  - apply Rle_trans with (bpow radix2 (-50) * (1 - u)); [unfold unit_roundoff; simpl; lra|].
    apply Rle_trans with (2 := V2). apply Rmult_le_compat_r; [lra|]. pose proof (bpow_gt_0 radix2 (-53)). lra.
  - apply Rle_trans with (1 := V1). now apply bpow_le.
  - apply Rle_trans with (1 := D). unfold unit_roundoff in *. simpl in *. nra.
Qed.

(** --- the quotient --- *)
Lemma exp_of_representable fused a : representable f64 (exp_of fused a).
Proof. unfold exp_of, v_fma. cbv zeta. destruct fused; apply RN_representable. Qed.

(** Logits for which exp_double_bound holds. *)
Definition tame a := (representable f32 a \/ exists i, a = IZR i * bpow radix2 (-16)) /\ Rabs a <= 450.

Section Quotient.
Variables (fused : bool) (halvings n : nat) (x : nat -> R) (m : nat -> bool).
Hypothesis up_to_8_lanes : (halvings <= 3)%nat.
Hypothesis length : INR n <= bpow radix2 32.
Hypothesis logits : forall j, (j < n)%nat -> m j = true -> tame (x j).
Notation e := (exp_if_valid fused x m).

(* the terms of the sum, as they should be *)
Definition term j := if m j then exp (x j) else 0.

Lemma terms j : (j < n)%nat -> representable f64 (e j) /\ 0 <= term j /\ near (2 * u) (e j) (term j).
Proof.
  intros Hj. unfold exp_if_valid, term. destruct (m j) eqn:Hm.
  - destruct (logits j Hj Hm) as [R C]. split; [apply exp_of_representable|]. split; [left; apply exp_pos|].
    now apply exp_double_bound.
  - split; [apply representable_0|]. split; [lra|]. unfold near. lra.
Qed.

Lemma mass_of_terms : mass n x (Spec.bits m) = sum (seq 0 n) term.
Proof. apply sum_ext. intros j _. unfold Spec.bits, term. destruct (m j); ring. Qed.

(** The sum: 2 u of its terms, 9 u, and a square. *)
Theorem sum_of_exponentials s : is_sum fused halvings n x m s ->
  near (2 * u + 9 * u + ((INR n / 16 + 2) * u) ^ 2) s (mass n x (Spec.bits m)).
Proof.
  intros Hs. rewrite mass_of_terms. pose proof (square n length). pose proof u_small.
  assert (H1 : INR n * u <= / 64) by (unfold unit_roundoff; simpl in *; lra).
  destruct Hs as [->|[Hn ->]].
  - apply row_sum_error; auto; [apply terms | lra].
  - apply near_weaken with (2 * u + 8 * u); try lra.
    + apply sum_nonneg. intros j Hj. apply in_seq in Hj. now apply terms.
    + apply short_sum_error; auto; [apply terms | lra].
Qed.

(** The quotient of a valid entry, all valid logits in [low, high]: its error, and that it is far from the lower end of
    the doubles. *)
Lemma quotient_near low high s i : is_sum fused halvings n x m s -> (i < n)%nat -> m i = true ->
  (forall j, (j < n)%nat -> m j = true -> low <= x j <= high) -> -451 <= low -> high <= 300 -> high - low <= 600 ->
  let v := double_quotient (e i) s in near (K n) v (p n x m i) /\ exp (low - high) * / INR n / 2 <= v.
Proof.
  intros Hs Hi Hm HC Hlow Hhigh Hwide v. pose proof (square n length). pose proof u_small.
  set (S := mass n x (Spec.bits m)). assert (Ns := sum_of_exponentials s Hs). fold S in Ns.
  assert (Hv : has_valid n m) by (exists i; auto). assert (S0 : 0 < S) by now apply mass_pos.
  assert (X : forall j, (j < n)%nat -> m j = true -> exp low <= exp (x j) <= exp high).
  { intros j Hj Hmj. pose proof (HC j Hj Hmj). split; apply Raux.exp_le; lra. }
  destruct (X i Hi Hm) as [Xi1 Xi2]. assert (N1 : 1 <= INR n) by (apply (le_INR 1); lia).
  assert (S1 : exp low <= S) by (apply Rle_trans with (1 := Xi1); now apply mass_ge).
  assert (S2 : S <= INR n * exp high).
  { unfold S. rewrite mass_of_terms. apply Rle_trans with (sum (seq 0 n) (fun _ => exp high)).
    - apply sum_le. intros j Hj. apply in_seq in Hj. unfold term.
      destruct (m j) eqn:Hmj; [apply X; auto; lia | left; apply exp_pos].
    - rewrite sum_const, seq_length. lra. }
  assert (E1 : bpow radix2 (-660) <= exp low).
  { apply Rle_trans with (exp (- (451))); [simpl bpow; interval with (i_prec 60) | apply Raux.exp_le; lra]. }
  assert (E2 : exp high <= bpow radix2 433).
  { apply Rle_trans with (exp 300); [apply Raux.exp_le; lra | simpl bpow; interval with (i_prec 60)]. }
  assert (E3 : bpow radix2 (-866) <= exp (low - high)).
  { apply Rle_trans with (exp (- (600))); [simpl bpow; interval with (i_prec 60) | apply Raux.exp_le; lra]. }
  assert (Ne : near (2 * u) (e i) (exp (x i))).
  { replace (exp (x i)) with (term i); [now apply terms | unfold term; now rewrite Hm]. }
  assert (T1 : bpow radix2 (-660) = 1024 * bpow radix2 (-670)).
  { change (-660)%Z with (10 + -670)%Z. rewrite bpow_plus. reflexivity. }
  assert (T2 : bpow radix2 470 = 32 * (bpow radix2 32 * bpow radix2 433)).
  { rewrite <- bpow_plus. change 470%Z with (5 + (32 + 433))%Z. rewrite bpow_plus. reflexivity. }
  assert (T3 : bpow radix2 (-866) * bpow radix2 (-32) = 4 * bpow radix2 (-900)).
  { rewrite <- bpow_plus. change (-866 + -32)%Z with (2 + -900)%Z. rewrite bpow_plus. reflexivity. }
  assert (S3 : S <= bpow radix2 32 * bpow radix2 433).
  { apply Rle_trans with (1 := S2). apply Rmult_le_compat; try lra. left; apply exp_pos. }
  assert (Q : exp (low - high) * / INR n <= exp (x i) / S).
  { apply Rmult_le_reg_r with S; auto. replace (exp (x i) / S * S) with (exp (x i)) by (field; lra).
    apply Rle_trans with (exp (low - high) * / INR n * (INR n * exp high)).
    - apply Rmult_le_compat_l; auto. apply Rmult_le_pos; [left; apply exp_pos | left; apply Rinv_0_lt_compat; lra].
    - replace (exp (low - high) * / INR n * (INR n * exp high)) with (exp (low - high) * exp high) by (field; lra).
      rewrite <- exp_plus. now replace (low - high + high) with low by ring. }
  assert (Q0 : 4 * bpow radix2 (-900) <= exp (x i) / S).
  { apply Rle_trans with (2 := Q). rewrite <- T3. apply Rmult_le_compat; try apply bpow_ge_0; auto.
    change (-32)%Z with (- (32))%Z. rewrite bpow_opp. apply Rinv_le_contravar; lra. }
  assert (P1 := bpow_gt_0 radix2 (-670)). assert (P2 := bpow_gt_0 radix2 (-900)).
  assert (Nq : near (2 * u + (2 * u + 9 * u + ((INR n / 16 + 2) * u) ^ 2)) (e i / s) (exp (x i) / S)).
  { apply near_div; auto; lra. }
  assert (B : near (K n) v (exp (x i) / S)).
  { apply double_quotient_error; auto; try lra; try apply exp_pos.
    - destruct Ns as [A1 A2]. split.
      + apply Rle_trans with (bpow radix2 (-670)); [now apply bpow_le | nra].
      + apply Rle_trans with (bpow radix2 470); [nra | now apply bpow_le].
    - destruct Nq as [A1 _]. nra. }
  replace (p n x m i) with (exp (x i) / S) by (unfold p, S; rewrite prob_bits, Hm; reflexivity). split; [exact B|].
  destruct B as [B _]. apply Rle_trans with (2 := B). nra.
Qed.

(* a masked entry: 0 *)
Lemma quotient_of_masked s i : m i = false -> double_quotient (e i) s = 0 /\ p n x m i = 0.
Proof.
  intros Hm. unfold double_quotient, exp_if_valid, p. rewrite prob_bits, Hm. split.
  - now rewrite Rmult_0_l, RN_0.
  - unfold Rdiv. ring.
Qed.
End Quotient.

(** Where v is near to a probability, the narrowed test is right. *)
Lemma word_is_right f fused n v exact d word : f = f32 \/ f = bf16 \/ f = f16 -> INR n <= bpow radix2 32 ->
  representable f64 v -> bpow radix2 (-900) <= v \/ v = 0 /\ RN f exact = 0 -> 0 <= exact ->
  0 <= d <= bpow radix2 (-150) -> v = 0 \/ near (K n + d) v exact -> narrowed f fused (bound n) v = (true, word) ->
  word = RN f exact /\ representable f32 word.
Proof.
  intros Hf Hn Rv Hv Hx Hd N Hw. pose proof u_small. pose proof (square n Hn).
  destruct (bound_range n d Hn Hd) as [B1 B2].
  assert (F : forall a, representable f a -> representable f32 a).
  { intros a Ha. apply generic_inclusion_mag with (2 := Ha). intros _.
    destruct Hf as [->|[->| ->]]; unfold FLT_exp; simpl; lia. }
  assert (W : word = RN f exact); [|split; [exact W | rewrite W; apply F, RN_representable]].
  assert (P : (prec f <= 24)%Z /\ (-900 <= emin f)%Z) by (destruct Hf as [->|[->| ->]]; easy).
  destruct Hv as [Hv|[Hv E]].
  - destruct N as [N|N]; [pose proof (bpow_gt_0 radix2 (-900)); lra|].
    apply (narrowed_is_right f fused (bound n) v); auto; try apply P.
    rewrite Rabs_minus_sym. assert (bpow radix2 (-150) <= u) by now apply bpow_le.
    assert (V : 0 <= v) by (pose proof (bpow_gt_0 radix2 (-900)); lra).
    apply Rle_trans with ((K n + d) / (1 - (K n + d)) * v); [apply near_error; try lra; now apply near_sym|].
    now apply Rmult_le_compat_r.
  - rewrite E. assert (Z : word = RN f 0); [|now rewrite Z, RN_0].
    apply (narrowed_is_right f fused (bound n) v); auto; try apply P. rewrite Hv, Rminus_0_r, Rabs_R0. lra.
Qed.

Lemma wide_enough n a i : INR n <= bpow radix2 32 -> (i < n)%nat -> -600 <= a ->
  bpow radix2 (-900) <= exp a * / INR n / 2.
Proof.
  intros Hn Hi Ha. assert (N1 : 1 <= INR n) by (apply (le_INR 1); lia).
  replace (-900)%Z with (-867 + - (32) + -1)%Z by easy. rewrite 2!bpow_plus, bpow_opp.
  change (bpow radix2 (-1)) with (/ 2). apply Rmult_le_compat_r; [lra|]. apply Rmult_le_compat.
  - apply bpow_ge_0.
  - left. apply Rinv_0_lt_compat, bpow_gt_0.
  - apply Rle_trans with (exp (- (600))); [simpl bpow; interval with (i_prec 60) | apply Raux.exp_le; lra].
  - apply Rinv_le_contravar; lra.
Qed.

Lemma probability_nonneg n x m i : (i < n)%nat -> m i = true -> 0 <= p n x m i.
Proof. intros Hi Hm. unfold p. apply in_unit_interval; auto. now exists i. Qed.

(** --- the words --- *)

(** Calm rows, and the test for any grid. *)
Theorem calm_row_is_right fused halvings n x m f s i word : (halvings <= 3)%nat -> INR n <= bpow radix2 32 ->
  (forall j, (j < n)%nat -> m j = true -> representable f32 (x j) /\ Rabs (x j) <= 300) ->
  f = f32 \/ f = bf16 \/ f = f16 -> is_sum fused halvings n x m s -> (i < n)%nat ->
  let bound := v_add (error_bound n) (2 * bpow radix2 (-53)) in
  narrowed f fused bound (double_quotient (exp_if_valid fused x m i) s) = (true, word) ->
  word = RN f (p n x m i) /\ representable f32 word.
Proof.
  intros Hl Hn Hx Hf Hs Hi b Hw. change b with (bound n) in Hw. pose proof u_small. pose proof (square n Hn).
  assert (T : forall j, (j < n)%nat -> m j = true -> tame (x j)).
  { intros j Hj Hmj. destruct (Hx j Hj Hmj). split; [now left | lra]. }
  set (v := double_quotient _ s) in *. assert (Rv : representable f64 v) by apply RN_representable.
  assert (Zd : 0 <= 0 <= bpow radix2 (-150)) by (split; [lra | apply bpow_ge_0]).
  destruct (m i) eqn:Hm.
  - destruct (quotient_near fused halvings n x m Hl Hn T (-300) 300 s i Hs Hi Hm) as [N L]; try lra.
    { intros j Hj Hmj. apply Rabs_le_inv. now apply Hx. }
    apply (word_is_right f fused n v _ 0); auto.
    + left. apply Rle_trans with (2 := L). apply wide_enough with (i := i); auto; lra.
    + now apply probability_nonneg.
    + right. now rewrite Rplus_0_r.
  - destruct (quotient_of_masked fused n x m s i Hm) as [V P]. fold v in V.
    apply (word_is_right f fused n v _ 0); auto; [right; rewrite P, RN_0; auto | rewrite P; lra].
Qed.

(** Calm floats, by QUICK. *)
Theorem quick_row_is_right fused halvings n x m s i : (halvings <= 3)%nat -> INR n <= bpow radix2 24 ->
  (forall j, (j < n)%nat -> m j = true -> representable f32 (x j) /\ Rabs (x j) <= 35) ->
  is_sum fused halvings n x m s -> (i < n)%nat -> let v := double_quotient (exp_if_valid fused x m i) s in
  pick_off_midpoint v (2 ^ 28 + 16) (2 ^ 29 - 32) = true -> RN f32 v = RN f32 (p n x m i).
Proof.
  intros Hl Hn Hx Hs Hi v Hv. pose proof u_small.
  assert (Hn' : INR n <= bpow radix2 32) by (apply Rle_trans with (1 := Hn); now apply bpow_le).
  assert (T : forall j, (j < n)%nat -> m j = true -> tame (x j)).
  { intros j Hj Hmj. destruct (Hx j Hj Hmj). split; [now left | lra]. }
  destruct (m i) eqn:Hm; [|unfold v; now destruct (quotient_of_masked fused n x m s i Hm) as [-> ->]].
  destruct (quotient_near fused halvings n x m Hl Hn' T (-35) 35 s i Hs Hi Hm) as [N L]; try lra.
  { intros j Hj Hmj. apply Rabs_le_inv. now apply Hx. }
  fold v in N, L. assert (N1 : 1 <= INR n) by (apply (le_INR 1); lia).
  assert (L' : bpow radix2 (-126) <= v).
  { apply Rle_trans with (2 := L). replace (-126)%Z with (-101 + - (24) + -1)%Z by easy. rewrite 2!bpow_plus, bpow_opp.
    change (bpow radix2 (-1)) with (/ 2). apply Rmult_le_compat_r; [lra|]. apply Rmult_le_compat.
    - apply bpow_ge_0.
    - left. apply Rinv_0_lt_compat, bpow_gt_0.
    - simpl bpow. interval with (i_prec 60).
    - apply Rinv_le_contravar; lra. }
  apply quick_is_right; auto; [apply RN_representable|].
  assert (Q : 0 <= ((INR n / 16 + 2) * u) ^ 2 <= 0.001 * u).
  { unfold unit_roundoff. simpl in *. split; [apply pow2_ge_0 || nra | nra]. }
  rewrite Rabs_minus_sym. apply Rle_trans with (K n / (1 - K n) * v).
  - apply near_error; [lra | pose proof (bpow_gt_0 radix2 (-126)); lra | now apply near_sym].
  - apply Rmult_le_compat_r; [pose proof (bpow_gt_0 radix2 (-126)); lra|]. replace (bpow radix2 (-49)) with (16 * u).
    + apply Rmult_le_reg_r with (1 - K n); [lra|].
      replace (K n / (1 - K n) * (1 - K n)) with (K n) by (field; lra). nra.
    + unfold unit_roundoff. simpl. lra.
Qed.

(** --- wide rows --- *)
Lemma float_is_double a : representable f32 a -> representable f64 a.
Proof. intros Ha. apply generic_inclusion_mag with (2 := Ha). intros _. unfold FLT_exp; simpl. lia. Qed.

Section Wide.
Variables (n : nat) (x : nat -> R) (m : nat -> bool) (max : R).
Hypothesis length : INR n <= bpow radix2 32.
Hypothesis floats : forall j, (j < n)%nat -> m j = true -> representable f32 (x j) /\ x j <= max.
Hypothesis maximum : exists k, (k < n)%nat /\ m k = true /\ x k = max.
Notation shift := (shift_of max).
Notation y := (fun j => v_sub (x j) shift).
Notation least := (v_sub (v_sub max shift) 150).
Notation kept := (fun j => andb (m j) (not_below (v_sub (x j) shift) least)).

Lemma RN_integer k : (Z.abs k < 2 ^ 53)%Z -> RN f64 (IZR k * / 2) = IZR k * / 2.
Proof. intros Hk. apply RN_exact with k (-1)%Z; [easy | exact Hk | reflexivity]. Qed.

(* the shift is exact, where it is not 0: both are multiples of 2^-16 *)
Lemma shifted j : (j < n)%nat -> m j = true -> let top := max - shift in top <= 300 /\ -300 <= top /\
  (not_below (v_sub (x j) shift) least = true ->
    v_sub (x j) shift = x j - shift /\ tame (x j - shift) /\ top - 151 <= x j - shift <= top) /\
  (not_below (v_sub (x j) shift) least = false -> x j - max <= -149).
Proof.
  intros Hj Hm. destruct (floats j Hj Hm) as [Fx Lx]. destruct maximum as (k & Hk & Hmk & Ek).
  destruct (floats k Hk Hmk) as [Fm _]. rewrite Ek in Fm. clear k Hk Hmk Ek.
  assert (I := RN_integer). unfold not_below, shift_of. destruct (Rlt_dec 300 (Rabs max)) as [W|W]; cbv zeta.
  - unfold v_sub. rewrite Rminus_eq_0, RN_0, Rminus_0_l.
    replace (RN f64 (- (150))) with (-150) by
      (replace (- (150)) with (IZR (-300) * / 2) by lra; rewrite I by easy; lra).
    split; [lra|]. split; [lra|]. split; intros H; destruct (Rle_dec _ _) as [G|G]; try discriminate.
    + assert (A : -150.5 <= x j - max).
      { apply Rnot_lt_le. intros C. assert (B : RN f64 (x j - max) <= RN f64 (IZR (-301) * / 2)) by (apply RN_le; lra).
        rewrite I in B by easy. lra. }
      assert (M : exists a b, x j = IZR a * bpow radix2 (-16) /\ max = IZR b * bpow radix2 (-16)).
      { assert (B : bpow radix2 7 <= Rabs max) by (simpl; lra). destruct (multiple_of_unit f32 7 max Fm B) as (b & Hb).
        assert (C : bpow radix2 7 <= Rabs (x j)).
        { simpl. unfold Rabs in *. destruct (Rcase_abs max), (Rcase_abs (x j)); lra. }
        destruct (multiple_of_unit f32 7 (x j) Fx C) as (a & Ha). exists a, b. split; [exact Ha | exact Hb]. }
      destruct M as (a & b & Ha & Hb).
      assert (E : x j - max = IZR (a - b) * bpow radix2 (-16)) by (rewrite Ha, Hb, minus_IZR; ring).
      assert (D : RN f64 (x j - max) = x j - max).
      { apply RN_exact with (a - b)%Z (-16)%Z; [easy | | exact E].
        assert (C : -150.5 <= IZR (a - b) * bpow radix2 (-16) <= 0) by (rewrite <- E; lra). simpl in C.
        assert (C' : -10000000 <= IZR (a - b) <= 0) by lra. destruct C' as [C1 C2].
        apply le_IZR in C1. apply le_IZR in C2. simpl. lia. }
      split; [exact D|]. split; [|lra]. split; [right; exists (a - b)%Z; exact E | apply Rabs_le; lra].
    + apply Rnot_lt_le. intros C. apply G. replace (-150) with (RN f64 (IZR (-300) * / 2)) by (rewrite I by easy; lra).
      apply RN_le. lra.
  - apply Rnot_lt_le, Rabs_le_inv in W. unfold v_sub. rewrite !Rminus_0_r.
    rewrite (RN_id f64 max), (RN_id f64 (x j)) by now apply float_is_double.
    pose proof (Kernel.RN_error f64 9 (max - 150) ltac:(easy) ltac:(simpl; apply Rabs_lt; lra)) as E.
    apply Rabs_le_inv in E. simpl in E.
    split; [lra|]. split; [lra|]. split; intros H; destruct (Rle_dec _ _) as [G|G]; try discriminate; [|lra].
    split; [reflexivity|]. split; [|lra]. split; [now left|]. apply Rabs_le. split; [|lra].
    assert (B : RN f64 (IZR (-900) * / 2) <= RN f64 (max - 150)) by (apply RN_le; lra). rewrite I in B by easy. lra.
Qed.

(* what is left out adds nothing *)
Lemma mass_of_kept : exists d, 0 <= d <= bpow radix2 (-150) * mass n y (Spec.bits kept) /\
  mass n x (Spec.bits m) = exp shift * (mass n y (Spec.bits kept) + d) /\
  exp (max - shift) <= mass n y (Spec.bits kept).
Proof.
  assert (T : exp (max - shift) <= mass n y (Spec.bits kept)).
  { destruct maximum as (k & Hk & Hmk & Ek). destruct (shifted k Hk Hmk) as (_ & _ & A & B).
    destruct (not_below (v_sub (x k) shift) least) eqn:N.
    - destruct (A eq_refl) as [C _]. rewrite Ek in C. replace (max - shift) with (y k) by (rewrite Ek; exact C).
      apply (mass_ge n y kept k); auto. now rewrite Hmk, N.
    - specialize (B eq_refl). lra. }
  set (d := fun j => if andb (m j) (negb (not_below (v_sub (x j) shift) least)) then exp (x j - shift) else 0).
  exists (sum (seq 0 n) d). split; [|split; [|exact T]].
  - split; [apply sum_nonneg; intros j _; unfold d; destruct (andb _ _); [left; apply exp_pos | lra]|].
    apply Rle_trans with (INR n * (exp (-149) * exp (max - shift))).
    + replace (INR n) with (INR (List.length (seq 0 n))) by now rewrite seq_length. rewrite <- sum_const. apply sum_le.
      intros j Hj. apply in_seq in Hj. unfold d. pose proof (exp_pos (-149)). pose proof (exp_pos (max - shift)).
      destruct (m j) eqn:Hm; simpl; [|nra]. destruct (shifted j ltac:(lia) Hm) as (_ & _ & _ & B).
      destruct (not_below (v_sub (x j) shift) least); simpl; [nra|]. specialize (B eq_refl).
      rewrite <- exp_plus. apply Raux.exp_le. lra.
    + rewrite <- Rmult_assoc. assert (0 < exp (max - shift)) by apply exp_pos.
      assert (INR n * exp (-149) <= bpow radix2 (-150)).
      { apply Rle_trans with (bpow radix2 32 * exp (-149)).
        - apply Rmult_le_compat_r; [left; apply exp_pos | exact length].
        - simpl bpow. interval with (i_prec 60). }
      assert (0 <= INR n * exp (-149)) by (apply Rmult_le_pos; [apply pos_INR | left; apply exp_pos]).
      apply Rmult_le_compat; lra.
  - unfold mass. rewrite <- sum_plus, <- sum_scale. apply sum_ext. intros j Hj. apply in_seq in Hj. unfold d, Spec.bits.
    destruct (m j) eqn:Hm; simpl; [|ring]. destruct (shifted j ltac:(lia) Hm) as (_ & _ & A & _).
    destruct (not_below (v_sub (x j) shift) least); simpl.
    + destruct (A eq_refl) as [-> _]. rewrite 2!Rmult_1_l, Rplus_0_r, <- exp_plus. f_equal. ring.
    + rewrite Rmult_1_l, Rmult_0_l, Rplus_0_l, <- exp_plus. f_equal. ring.
Qed.
End Wide.

(** Any other row of finite floats, max its largest valid logit. *)
Theorem wide_row_is_right fused halvings n x m max f s i word : (halvings <= 3)%nat -> INR n <= bpow radix2 32 ->
  (forall j, (j < n)%nat -> m j = true -> representable f32 (x j) /\ x j <= max) ->
  (exists k, (k < n)%nat /\ m k = true /\ x k = max) -> f = f32 \/ f = bf16 \/ f = f16 ->
  let shift := if Rlt_dec 300 (Rabs max) then max else 0 in let y j := v_sub (x j) shift in
  let kept j := andb (m j) (not_below (y j) (v_sub (v_sub max shift) 150)) in
  is_sum fused halvings n y kept s -> (i < n)%nat ->
  let bound := v_add (error_bound n) (2 * bpow radix2 (-53)) in
  narrowed f fused bound (double_quotient (exp_if_valid fused y kept i) s) = (true, word) ->
  word = RN f (p n x m i) /\ representable f32 word.
Proof.
  intros Hl Hn Hx Hmax Hf shift y kept Hs Hi b Hw. change b with (bound n) in Hw. clear b.
  assert (Es : shift = shift_of max) by reflexivity. pose proof u_small as Hu. pose proof (square n Hn) as Q.
  assert (Sh : forall j, (j < n)%nat -> m j = true -> _) by exact (shifted n x m max Hx Hmax).
  set (S := mass n y (Spec.bits kept)).
  assert (Mass : exists d, 0 <= d <= bpow radix2 (-150) * S /\ mass n x (Spec.bits m) = exp shift * (S + d) /\
    exp (max - shift) <= S) by exact (mass_of_kept n x m max Hn Hx Hmax).
  destruct Mass as (d & Hd & M & Top). assert (S0 : 0 < S) by (pose proof (exp_pos (max - shift)); lra).
  assert (T : forall j, (j < n)%nat -> kept j = true -> tame (y j) /\ max - shift - 151 <= y j <= max - shift).
  { intros j Hj Hk. unfold kept in Hk. apply Bool.andb_true_iff in Hk as [Hm Hk].
    destruct (Sh j Hj Hm) as (_ & _ & A & _). destruct (A Hk) as (E & A1 & A2). unfold y. rewrite <- Es in E, A1, A2.
    rewrite E. now split. }
  assert (Range : -300 <= max - shift <= 300).
  { destruct Hmax as (k & Hk & Hmk & _). destruct (Sh k Hk Hmk) as (A & B & _). rewrite <- Es in A, B. now split. }
  set (v := double_quotient _ s) in *. assert (Rv : representable f64 v) by apply RN_representable.
  assert (Zd : 0 <= bpow radix2 (-150) <= bpow radix2 (-150)) by (split; [apply bpow_ge_0 | lra]).
  assert (Zu : bpow radix2 (-150) <= u) by now apply bpow_le.
  destruct (kept i) eqn:Hk.
  - destruct (T i Hi Hk) as [_ Ri]. assert (Hk' := Hk). unfold kept in Hk'. apply Bool.andb_true_iff in Hk' as [Hm Hki].
    destruct (quotient_near fused halvings n y kept Hl Hn (fun j Hj Hkj => proj1 (T j Hj Hkj)) (max - shift - 151)
      (max - shift) s i Hs Hi Hk) as [N L]; try lra; [intros; now apply T|]. fold v in N, L.
    apply (word_is_right f fused n v _ (bpow radix2 (-150))); auto.
    + left. apply Rle_trans with (2 := L). apply wide_enough with (i := i); auto. lra.
    + now apply probability_nonneg.
    + right. assert (P : 0 <= p n x m i) by now apply probability_nonneg.
      apply near_trans with (p n y kept i); auto; try lra. (* 1/S and 1/(S + d) *)
      assert (Ex : exp (x i) = exp shift * exp (y i)).
      { destruct (Sh i Hi Hm) as (_ & _ & A & _). destruct (A Hki) as (E & _). rewrite <- Es in E. unfold y.
        rewrite E, <- exp_plus. f_equal. ring. }
      assert (Eq : p n y kept i = exp (y i) / S) by (unfold p, S; rewrite prob_bits, Hk; reflexivity).
      pose proof (exp_pos shift) as P1. pose proof (exp_pos (y i)) as P2.
      assert (Ep : p n x m i = exp (y i) / (S + d)).
      { unfold p. rewrite prob_bits, Hm, M, Ex. field. lra. }
      rewrite Eq, Ep. set (a := exp (y i)) in *. set (z := bpow radix2 (-150)) in *.
      assert (Z1 : 0 <= z <= / 2) by (unfold z; simpl; lra). split.
      * apply Rle_trans with (1 * (a / (S + d))); [apply Rmult_le_compat_r; [rewrite <- Ep; auto | lra]|].
        rewrite Rmult_1_l. apply Rmult_le_compat_l; [lra|]. apply Rinv_le_contravar; lra.
      * apply Rmult_le_reg_r with (S + d); [lra|]. replace (a / (S + d) * (S + d)) with a by (field; lra).
        apply Rmult_le_reg_r with S; auto.
        replace (a / S * (1 - z) * (S + d) * S) with (a * ((1 - z) * (S + d))) by (field; lra).
        apply Rmult_le_compat_l; [lra|]. nra.
  - destruct (quotient_of_masked fused n y kept s i Hk) as [V _]. fold v in V.
    assert (P : 0 <= p n x m i < bpow radix2 (emin f - 1)).
    { destruct (m i) eqn:Hm.
      - split; [now apply probability_nonneg|]. unfold kept in Hk. rewrite Hm in Hk. simpl in Hk.
        destruct (Sh i Hi Hm) as (_ & _ & _ & B). specialize (B Hk). destruct Hmax as (k & Hk' & Hmk & Ek).
        pose proof (mass_ge n x m k Hk' Hmk) as Mk. rewrite Ek in Mk. pose proof (exp_pos max). unfold p.
        rewrite prob_bits, Hm. apply Rle_lt_trans with (exp (-149)).
        + apply Rmult_le_reg_r with (mass n x (Spec.bits m)); [lra|].
          replace (exp (x i) / mass n x (Spec.bits m) * mass n x (Spec.bits m)) with (exp (x i)) by (field; lra).
          apply Rle_trans with (exp (-149) * exp max); [|apply Rmult_le_compat_l; [left; apply exp_pos | lra]].
          rewrite <- exp_plus. apply Raux.exp_le. lra.
        + apply Rlt_le_trans with (bpow radix2 (-200)); [simpl bpow; interval with (i_prec 60)|].
          apply bpow_le. destruct Hf as [->|[->| ->]]; easy.
      - unfold p. rewrite prob_bits, Hm. unfold Rdiv. rewrite Rmult_0_l. split; [lra | apply bpow_gt_0]. }
    apply (word_is_right f fused n v _ (bpow radix2 (-150))); auto; [right; split; auto; now apply RN_tiny | apply P].
Qed.
