(** FastRow - the oracle's fast engine in doubles (oracle/fast_words.c) is right: exponentials to 2 u (ExpOracle.v),
    their sum by two-sums, lane by lane, the probability to 8 u, and so the word that `round_all` makes of it.
    SPDX-License-Identifier: MIT *)
From Coq Require Import Reals ZArith List Lra Lia Arith Psatz.
From Flocq Require Import Core Plus_error.
From Interval Require Import Tactic.
From Maskproof Require ExpOracle RoundedRow.
From Maskproof Require Import Kernel Sums Format Relative Bound RoundingTest ExpDouble RowSum WordTest FastWords.
Open Scope R_scope.

(** --- the C, on a row of entries that are all valid, gathered --- *)
Section C.
Variables (vectors : nat) (e : nat -> R).
Definition LANES := 16%nat.

(* A lane's sum and what it lost; the sums of the lanes, a pair. *)
Definition lane_pair l := fold_left add_block (map (fun k => e (k * LANES + l)%nat) (seq 0 vectors)) (0, 0).
Definition add_lane '(high, low) '(sum, lost) :=
  let '(s_low, s_high) := sum_and_loss high sum in (s_high, v_add low (v_add s_low lost)).
Definition exponentials :=
  let '(high, low) := fold_left (fun total l => add_lane total (lane_pair l)) (seq 0 LANES) (0, 0) in v_add high low.

(* e^(x - max), or e^FLOOR where that is farther below, and beyond the row; x - max is a pair, exactly. *)
Definition FLOOR := (-150).
Definition exponential (n : nat) (x : nat -> R) max j :=
  let '(low, high) := sum_and_loss (x j) (- max) in
  let far := ExpOracle.Build_pair FLOOR 0 in
  ExpOracle.exp_of (if (j <? n)%nat then if Rlt_dec FLOOR high then ExpOracle.Build_pair high low else far else far).
End C.

(** --- its error --- *)
Lemma add_lane_known k c s t T U : (1 <= k <= c)%nat -> INR c * u <= / 64 -> 0 <= T -> 0 <= U ->
  known c s T -> known k t U -> known (c + 3) (add_lane s t) (T + U).
Proof.
  intros Hk Hc HT HU. pose proof u_small as Hu. destruct s as [s low], t as [t lost].
  intros (l & Rs & Rl & Hs & E & A & D) (m & Rt & Rm & Ht & F & B & G).
  destruct (sum_and_loss_exact s t Rs Rt) as (n & P & M). unfold add_lane. rewrite P.
  destruct (RN_plus f64 s t Rs Rt) as (d & Hd & Ed). fold (v_add s t) in Ed.
  assert (Rn : representable f64 n) by (assert (Q := f_equal fst P); simpl in Q; rewrite <- Q; apply RN_representable).
  destruct (RN_plus f64 n lost Rn Rm) as (g & Hg & Eg). fold (v_add n lost) in Eg.
  assert (Rr : representable f64 (v_add n lost)) by apply RN_representable. set (r := v_add n lost) in *.
  destruct (RN_plus f64 low r Rl Rr) as (h & Hh & Eh). fold (v_add low r) in Eh.
  assert (Kc : INR k <= INR c) by (apply le_INR; lia). assert (K1 : 1 <= INR k) by (now apply (le_INR 1)).
  assert (C3 : INR (c + 3) = INR c + 3) by (rewrite plus_INR; simpl; ring).
  set (C := INR c) in *. set (K := INR k) in *.
  assert (KU : 1.1 * K * u * U <= 1.1 * C * u * U) by (apply Rmult_le_compat_r; [auto | nra]).
  assert (KS : (K * u) ^ 2 * U <= (C * u) ^ 2 * U) by (apply Rmult_le_compat_r; [auto | apply pow_incr; nra]).
  apply Rabs_le_inv in A. apply Rabs_le_inv in B. apply Rabs_le_inv in D. apply Rabs_le_inv in G.
  set (z := C * u) in *. assert (C1 : 1 <= C) by lra.
  assert (Hz : u <= z <= / 64) by (split; [unfold z; nra | exact Hc]).
  replace (1.1 * C * u) with (1.1 * z) in * by (unfold z; ring).
  assert (S1 : 0 <= s + t <= 1.05 * (T + U)) by nra.
  assert (Bn : Rabs n <= 1.05 * u * (T + U)).
  { replace n with (- (d * (s + t))) by lra. rewrite Rabs_Ropp, Rabs_mult, (Rabs_pos_eq (s + t)) by lra.
    apply Rle_trans with (u * (s + t)); [apply Rmult_le_compat_r; lra | nra]. }
  apply Rabs_le_inv in Bn. set (W := T + U) in *. assert (HW : 0 <= W) by (unfold W; lra).
  (* the inner sum and the outer: |n + lost| and |low + r| are below 2.3 c u W *)
  assert (zU : z * U <= z * W) by (apply Rmult_le_compat_l; unfold W; lra).
  assert (zzU : z ^ 2 * U <= / 64 * (z * W)).
  { replace (z ^ 2 * U) with (z * (z * U)) by ring. apply Rmult_le_compat; nra. }
  assert (uW : u * W <= z * W) by (apply Rmult_le_compat_r; lra).
  assert (I1 : Rabs (n + lost) <= 2.3 * (z * W)) by (apply Rabs_le; lra).
  assert (I2 : Rabs (g * (n + lost)) <= u * (2.3 * (z * W)))
    by (rewrite Rabs_mult; apply Rmult_le_compat; auto using Rabs_pos).
  assert (zzT : z ^ 2 * T + z ^ 2 * U = z ^ 2 * W) by (unfold W; ring).
  assert (zzW : z ^ 2 * W <= / 64 * (z * W)).
  { replace (z ^ 2 * W) with (z * (z * W)) by ring. apply Rmult_le_compat_r; nra. }
  assert (zTU : z * T + z * U = z * W) by (unfold W; ring).
  apply Rabs_le_inv in I2. assert (uzW : u * (2.3 * (z * W)) <= 0.001 * (z * W)) by nra.
  assert (I3 : Rabs (low + r) <= 2.3 * (z * W)) by (apply Rabs_le; rewrite Eg; lra).
  assert (I4 : Rabs (h * (low + r)) <= u * (2.3 * (z * W)))
    by (rewrite Rabs_mult; apply Rmult_le_compat; auto using Rabs_pos).
  apply Rabs_le_inv in I4.
  exists (l + m + n). rewrite C3. repeat split; try apply RN_representable; try lra.
  - rewrite Ed. apply Rmult_le_pos; [lra|]. apply Rabs_le_inv in Hd. lra.
  - unfold W. lra.
  - replace (1.1 * (C + 3) * u * W) with (1.1 * (z * W) + 3.3 * (u * W)) by (unfold z; lra). apply Rabs_le. lra.
  - rewrite Eh. replace ((low + r) * (1 + h) - (l + m + n)) with ((low - l) + (r - (n + m)) + h * (low + r)) by ring.
    replace (((C + 3) * u) ^ 2 * W) with (z ^ 2 * W + 6 * (u * (z * W)) + 9 * u * (u * W)) by (unfold z; ring).
    assert (0 <= u * (u * W)) by nra. assert (0 <= u * (z * W)) by nra. apply Rabs_le. lra.
Qed.

(** The sum of a row, K the error of its terms. *)
Theorem exponentials_error vectors e g K : (1 <= vectors)%nat -> INR (vectors + 48) * u <= / 64 -> 0 <= K <= / 1000 ->
  (forall j, (j < vectors * LANES)%nat -> representable f64 (e j) /\ 0 <= g j /\ near K (e j) (g j)) ->
  near (K + u + (INR (vectors + 48) * u) ^ 2) (exponentials vectors e) (sum (seq 0 (vectors * LANES)) g).
Proof.
  intros HV Hu HK H. pose proof u_small.
  assert (P : forall j, (j < vectors * LANES)%nat -> 0 <= e j).
  { intros j Hj. destruct (H j Hj) as (_ & A & B). apply (near_nonneg K _ (g j)); auto; lra. }
  set (T := fun l => sum (seq 0 vectors) (fun k => e (k * LANES + l)%nat)).
  assert (In : forall k l, In k (seq 0 vectors) -> (l < LANES)%nat -> (k * LANES + l < vectors * LANES)%nat).
  { intros k l Hk Hl. apply in_seq in Hk. nia. }
  assert (L : forall l, (l < LANES)%nat -> known vectors (lane_pair vectors e l) (T l) /\ 0 <= T l).
  { intros l Hl. split; [|apply sum_nonneg; intros; apply P; now apply In]. unfold lane_pair, T.
    set (bs := map (fun k => e (k * LANES + l)%nat) (seq 0 vectors)).
    assert (B : length bs = vectors) by (unfold bs; now rewrite map_length, seq_length).
    rewrite <- B at 1. replace (sum (seq 0 vectors) _) with (sum bs (fun b => b)) by (unfold bs; now rewrite sum_map).
    apply blocks_known.
    - rewrite B. apply Rle_trans with (INR (vectors + 48) * u); [|lra].
      apply Rmult_le_compat_r; [lra | apply le_INR; lia].
    - intros b Hb. apply in_map_iff in Hb. destruct Hb as (k & <- & Hk). split; [apply H | apply P]; now apply In. }
  assert (F : forall ls c s U, (vectors <= c)%nat -> INR (c + 3 * length ls) * u <= / 64 -> 0 <= U ->
    (forall l, List.In l ls -> (l < LANES)%nat) -> known c s U ->
    known (c + 3 * length ls) (fold_left (fun total l => add_lane total (lane_pair vectors e l)) ls s) (U + sum ls T)).
  { induction ls as [|l ls IH]; intros c s U Hc Hcu HU Hls Hs.
    - simpl. now rewrite Nat.add_0_r, Rplus_0_r.
    - cbn [length fold_left sum] in *. destruct (L l) as [Kl Pl]; [apply Hls; now left|].
      rewrite <- Rplus_assoc. replace (c + 3 * S (length ls))%nat with ((c + 3) + 3 * length ls)%nat in * by lia.
      apply IH; [lia | exact Hcu | lra | intros; apply Hls; now right|].
      apply add_lane_known with vectors; auto.
      apply Rle_trans with (2 := Hcu). apply Rmult_le_compat_r; [lra | apply le_INR; lia]. }
  assert (K0 : known vectors (0, 0) 0).
  { exists 0. repeat split; auto using representable_0; try lra; rewrite ?Rminus_0_r, Rabs_R0; lra. }
  apply (F (seq 0 LANES)) in K0;
    [|lia | rewrite seq_length; exact Hu | lra | intros l Hl; apply in_seq in Hl; lia].
  rewrite seq_length in K0. change (3 * LANES)%nat with 48%nat in K0. rewrite Rplus_0_l in K0.
  assert (Q : 0 <= (INR (vectors + 48) * u) ^ 2 <= / 1000).
  { assert (0 <= INR (vectors + 48) * u) by (apply Rmult_le_pos; [apply pos_INR | lra]).
    set (z := INR (vectors + 48) * u) in *. clearbody z. split; nra. }
  assert (E : sum (seq 0 LANES) T = sum (seq 0 (vectors * LANES)) e) by (symmetry; apply sum_lanes).
  rewrite E in K0. apply known_sum in K0; [|lra | apply sum_nonneg; intros j Hj; apply in_seq in Hj; apply P; lia].
  unfold exponentials. destruct (fold_left _ (seq 0 LANES) (0, 0)) as [high low].
  replace (K + u + (INR (vectors + 48) * u) ^ 2) with ((u + (INR (vectors + 48) * u) ^ 2) + K) by ring.
  apply near_trans with (sum (seq 0 (vectors * LANES)) e); try lra; auto.
  - apply sum_nonneg. intros j Hj. apply in_seq in Hj. apply H. lia.
  - apply near_sum. intros j Hj. apply in_seq in Hj. apply H. lia.
Qed.

(** An exponential. *)
Definition floored n x max j :=
  if (j <? n)%nat then if Rlt_dec FLOOR (RN f64 (x j - max)) then x j - max else FLOOR else FLOOR.

Lemma double_of_bits_representable b : bpow radix2 (-1000) <= double_of_bits b -> representable f64 (double_of_bits b).
Proof.
  intros H. apply value_representable, Z.le_ngt. intros C. apply (Rle_not_lt _ _ H).
  unfold double_of_bits, value. change (2 ^ (prec f64 - 1))%Z with (2 ^ 52)%Z in *. simpl (emin f64).
  pose proof (Z.mod_pos_bound b (2 ^ 52) ltac:(easy)) as B. assert (D : (b / 2 ^ 52 <= 0)%Z).
  { apply Z.lt_succ_r, Z.div_lt_upper_bound; lia. }
  apply Rle_lt_trans with (IZR (2 ^ 53) * bpow radix2 (-1075)).
  - apply Rmult_le_compat; [apply IZR_le; lia | apply bpow_ge_0 | apply IZR_le; lia | apply bpow_le; lia].
  - rewrite (IZR_Zpower radix2), <- bpow_plus by easy. now apply bpow_lt.
Qed.

Lemma exponential_error n x max j : representable f64 max ->
  ((j < n)%nat -> representable f64 (x j) /\ x j <= max) ->
  representable f64 (exponential n x max j) /\ near (2 * u) (exponential n x max j) (exp (floored n x max j)).
Proof.
  intros Rm Hx. pose proof u_small. unfold exponential, floored.
  assert (E : forall d, representable f64 (ExpOracle.high d) -> -151 <= ExpOracle.high d <= 0 ->
    Rabs (ExpOracle.low d) <= u * Rabs (ExpOracle.high d) -> representable f64 (ExpOracle.exp_of d) /\
    near (2 * u) (ExpOracle.exp_of d) (exp (ExpOracle.high d + ExpOracle.low d))).
  { intros d Rd Hd Hl. assert (N := ExpOracle.exp_oracle_bound d Rd ltac:(lra) Hl). split; [|exact N].
    assert (L : bpow radix2 (-1000) <= ExpOracle.exp_of d).
    { destruct N as [N _]. apply Rle_trans with (2 := N). apply Rle_trans with (bpow radix2 (-999) * / 2).
      - change (/ 2) with (bpow radix2 (-1)). rewrite <- bpow_plus. now apply bpow_le.
      - rewrite Rmult_comm. apply Rmult_le_compat; [lra | apply bpow_ge_0 | lra|].
        apply Rle_trans with (exp (-152)).
        + apply Rle_trans with (bpow radix2 (-250)); [now apply bpow_le | simpl bpow; interval with (i_prec 60)].
        + apply Raux.exp_le. rewrite (Rabs_left1 (ExpOracle.high d)) in Hl by lra. apply Rabs_le_inv in Hl.
          assert (u * - ExpOracle.high d <= u * 151) by (apply Rmult_le_compat_l; lra). lra. }
    now apply double_of_bits_representable. }
  assert (F : representable f64 FLOOR).
  { unfold FLOOR. apply multiple_representable with (-150)%Z 0%Z; [easy | easy | simpl; ring]. }
  assert (B : representable f64 (ExpOracle.exp_of (ExpOracle.Build_pair FLOOR 0)) /\
              near (2 * u) (ExpOracle.exp_of (ExpOracle.Build_pair FLOOR 0)) (exp FLOOR)).
  { pose proof (E (ExpOracle.Build_pair FLOOR 0)) as G. simpl in G. rewrite Rplus_0_r in G. apply G; auto.
    - unfold FLOOR. lra.
    - rewrite Rabs_R0. apply Rmult_le_pos; [lra | apply Rabs_pos]. }
  destruct (Nat.ltb_spec j n) as [Hj|Hj]; [|now destruct (sum_and_loss _ _)].
  destruct (Hx Hj) as [Rx Lx]. assert (Ro : representable f64 (- max)) by now apply representable_opp.
  destruct (sum_and_loss_exact (x j) (- max) Rx Ro) as (l & -> & M). unfold v_add in *. fold (x j - max) in *.
  destruct (Rlt_dec FLOOR (RN f64 (x j - max))) as [A|A]; [|exact B].
  assert (G := E (ExpOracle.Build_pair (RN f64 (x j - max)) l)). simpl in G. rewrite M in G. apply G.
  - apply RN_representable.
  - unfold FLOOR in A. split; [lra|]. rewrite <- (RN_0 f64). apply RN_le. lra.
  - destruct (@FLT_plus_error_N_round_ex radix2 (emin f64) (prec f64) (prec_positive f64) (fun z => negb (Z.even z))
      (x j) (- max) Rx Ro) as (d & Hd & Ed).
    fold (x j - max) in Ed. fold (RN f64 (x j - max)) in Ed. replace l with (RN f64 (x j - max) * d) by lra.
    rewrite Rabs_mult, Rmult_comm. apply Rmult_le_compat_r; [apply Rabs_pos|]. now rewrite <- (u_ro_unit_roundoff f64).
Qed.

(** --- the words --- *)

Lemma words_of_exponentials f n vectors x max e i : f = f32 \/ f = bf16 \/ f = f16 -> INR n <= bpow radix2 24 ->
  (n <= vectors * LANES < n + LANES)%nat -> (forall j, (j < n)%nat -> x j <= max) ->
  (exists k, (k < n)%nat /\ x k = max) -> (forall j, (j < vectors * LANES)%nat ->
    representable f64 (e j) /\ near (2 * u) (e j) (exp (floored n x max j))) -> (i < n)%nat ->
  let p := double_quotient (e i) (exponentials vectors e) in
  let below := RN f64 (RN f64 (p * (1 - 10 * u)) + ulps f p) in
  let above := RN f64 (RN f64 (p * (1 + 10 * u)) + ulps f p) in
  below = above -> value_of f (word f p below) = RN f (exp (x i) / sum (seq 0 n) (fun j => exp (x j))).
Proof.
  intros Hf Hn HV Hmax (k & Hk & Ek) He Hi p below above Hw. pose proof u_small.
  assert (Pf : (prec f <= 24)%Z /\ (-900 <= emin f)%Z /\ (-149 <= emin f)%Z) by (destruct Hf as [->|[->| ->]]; easy).
  set (g := fun j => exp (floored n x max j)). set (S := sum (seq 0 n) (fun j => exp (x j - max))).
  assert (N1 : 1 <= INR n) by (apply (le_INR 1); lia).
  assert (V1 : INR (vectors + 48) * u <= bpow radix2 (-28)).
  { assert (A : (vectors <= n)%nat) by (unfold LANES in *; lia). apply le_INR in A. rewrite plus_INR.
    unfold unit_roundoff. simpl in *. lra. }
  assert (V0 : 0 <= INR (vectors + 48) * u) by (apply Rmult_le_pos; [apply pos_INR | lra]).
  assert (Sq : 0 <= (INR (vectors + 48) * u) ^ 2 <= 0.2 * u).
  { set (z := INR (vectors + 48) * u) in *. clearbody z. unfold unit_roundoff. simpl in *. split; nra. }
  (* the floor changes the sum by less than 2^-150 *)
  assert (S1 : 1 <= S).
  { replace 1 with (exp (x k - max)) by (rewrite Ek, Rminus_diag_eq, exp_0; auto).
    apply (sum_ge_term _ (fun j => exp (x j - max))); [intros; left; apply exp_pos | apply in_seq; lia]. }
  assert (E150 : exp (-149.5) <= bpow radix2 (-215)) by (simpl bpow; interval with (i_prec 60)).
  assert (Far : forall a, RN f64 a <= -150 -> exp a <= exp (-149.5)).
  { intros a Ha. apply Raux.exp_le, Rnot_lt_le. intros C.
    assert (B : RN f64 (IZR (-299) * bpow radix2 (-1)) <= RN f64 a) by (apply RN_le; simpl; lra).
    rewrite (RN_exact f64 (-299) (-1) _ ltac:(easy) ltac:(easy) eq_refl) in B. simpl in B. lra. }
  assert (G : Rabs (sum (seq 0 (vectors * LANES)) g - S) <= bpow radix2 (-180)).
  { set (h := fun j => if (j <? n)%nat then exp (x j - max) else 0).
    assert (Sh : S = sum (seq 0 (vectors * LANES)) h).
    { replace (vectors * LANES)%nat with (n + (vectors * LANES - n))%nat by lia.
      rewrite seq_app, sum_app, (sum_zero (seq (0 + n) _)), Rplus_0_r.
      - apply sum_ext. intros j Hj. apply in_seq in Hj. unfold h. destruct (Nat.ltb_spec j n); [reflexivity | lia].
      - intros j Hj. apply in_seq in Hj. unfold h. destruct (Nat.ltb_spec j n); [lia | reflexivity]. }
    set (c := exp (-149.5)) in *. assert (C0 : 0 < c) by apply exp_pos.
    assert (C1 : exp (-150) <= c) by (apply Raux.exp_le; lra). pose proof (exp_pos (-150)).
    assert (D : forall j, g j <= h j + c /\ h j <= g j + c).
    { intros j. unfold g, h, floored, FLOOR. destruct (j <? n)%nat; [|lra]. pose proof (exp_pos (x j - max)).
      destruct (Rlt_dec (-150) (RN f64 (x j - max))) as [A|A]; [lra|].
      pose proof (Far (x j - max) (Rnot_lt_le _ _ A)). lra. }
    assert (T : INR (vectors * LANES) * c <= bpow radix2 (-180)).
    { assert (A : (vectors * LANES <= n + 16)%nat) by (unfold LANES in *; lia).
      apply le_INR in A. rewrite plus_INR in A.
      apply Rle_trans with (bpow radix2 25 * bpow radix2 (-215)); [|rewrite <- bpow_plus; now apply bpow_le].
      apply Rmult_le_compat; [apply pos_INR | lra | simpl in *; lra | exact E150]. }
    rewrite Sh. assert (A1 : sum (seq 0 (vectors * LANES)) g <= sum (seq 0 (vectors * LANES)) (fun j => h j + c)).
    { apply sum_le. intros. apply D. }
    assert (A2 : sum (seq 0 (vectors * LANES)) h <= sum (seq 0 (vectors * LANES)) (fun j => g j + c)).
    { apply sum_le. intros. apply D. }
    rewrite sum_plus, sum_const, seq_length in A1, A2. apply Rabs_le. lra. }
  assert (NG : near (bpow radix2 (-150)) (sum (seq 0 (vectors * LANES)) g) S).
  { apply near_where_at_least with 1 (bpow radix2 (-180)); auto; [simpl; lra|]. split; [apply bpow_ge_0|].
    rewrite Rmult_1_r. now apply bpow_le. }
  assert (Z0 : 0 <= bpow radix2 (-150) <= 0.001 * u) by (unfold unit_roundoff; simpl; lra).
  set (s := exponentials vectors e) in *.
  assert (NE : near (2 * u + u + (INR (vectors + 48) * u) ^ 2) s (sum (seq 0 (vectors * LANES)) g)).
  { apply exponentials_error; try lra.
    - destruct vectors; lia.
    - apply Rle_trans with (1 := V1). simpl. lra.
    - intros j Hj. destruct (He j Hj). split; [auto|]. split; [left; apply exp_pos | auto]. }
  set (ks := 2 * u + u + (INR (vectors + 48) * u) ^ 2 + bpow radix2 (-150)).
  assert (Ks : 0 <= ks <= 3.3 * u) by (unfold ks; lra).
  assert (NS : near ks s S) by (apply near_trans with (sum (seq 0 (vectors * LANES)) g); auto; lra).
  assert (S2 : S <= bpow radix2 24).
  { apply Rle_trans with (sum (seq 0 n) (fun _ => 1)).
    - apply sum_le. intros j Hj. apply in_seq in Hj. rewrite <- exp_0. apply Raux.exp_le.
      pose proof (Hmax j ltac:(lia)). lra.
    - rewrite sum_const, seq_length. lra. }
  (* the exact probability *)
  assert (EX : exp (x i) / sum (seq 0 n) (fun j => exp (x j)) = exp (x i - max) / S).
  { replace (sum (seq 0 n) (fun j => exp (x j))) with (exp max * S).
    - pose proof (exp_pos max). unfold Rminus. rewrite exp_plus, exp_Ropp. field. split; lra.
    - unfold S. rewrite <- sum_scale. apply sum_ext. intros j _. rewrite <- exp_plus. f_equal. ring. }
  rewrite EX. destruct (He i ltac:(lia)) as [Re Ne].
  assert (Sb : bpow radix2 (-700) <= s <= bpow radix2 700 /\ / 2 <= s <= bpow radix2 25).
  { destruct NS as [A B]. assert (A' : / 2 <= s) by nra. assert (B1 : s * / 2 <= S) by nra.
    assert (B' : s <= bpow radix2 25) by (simpl in *; lra).
    split; [|lra]. split; [apply Rle_trans with (2 := A'); change (/ 2) with (bpow radix2 (-1)) |
      apply Rle_trans with (1 := B')]; now apply bpow_le. }
  destruct Sb as [Sb1 Sb2].
  assert (Lo : bpow radix2 (-250) <= exp (floored n x max i)).
  { apply Rle_trans with (exp (-151)); [simpl bpow; interval with (i_prec 60)|].
    apply Raux.exp_le. unfold floored, FLOOR.
    destruct (i <? n)%nat; [|lra]. destruct (Rlt_dec _ _) as [A|A]; [|lra]. apply Rnot_lt_le. intros C.
    assert (B : RN f64 (x i - max) <= RN f64 (IZR (-151) * bpow radix2 0)) by (apply RN_le; simpl; lra).
    rewrite (RN_exact f64 (-151) 0 _ ltac:(easy) ltac:(easy) eq_refl) in B. simpl in B. lra. }
  assert (Q1 : bpow radix2 (-300) <= e i / s).
  { destruct Ne as [A _]. apply Rmult_le_reg_r with s; [lra|]. replace (e i / s * s) with (e i) by (field; lra).
    apply Rle_trans with (bpow radix2 (-300) * bpow radix2 25); [apply Rmult_le_compat_l; [apply bpow_ge_0 | lra]|].
    rewrite <- bpow_plus. apply Rle_trans with (bpow radix2 (-250) * / 2).
    2: { pose proof (exp_pos (floored n x max i)). assert (U2 : / 2 <= 1 - 2 * u) by lra.
         apply Rle_trans with (2 := A). rewrite Rmult_comm. apply Rmult_le_compat; lra || apply bpow_ge_0. }
    change (/ 2) with (bpow radix2 (-1)). rewrite <- bpow_plus. now apply bpow_le. }
  assert (Np : near (2 * u + ks + 2 * u) p (exp (floored n x max i) / S)).
  { apply double_quotient_error; auto; try lra; [apply exp_pos|]. apply Rle_trans with (2 := Q1). now apply bpow_le. }
  assert (P0 : 0 < exp (floored n x max i) / S) by (apply Rdiv_lt_0_compat; [apply exp_pos | lra]).
  assert (P1 : 0 < p) by (apply (near_pos (2 * u + ks + 2 * u) _ (exp (floored n x max i) / S)); auto; lra).
  assert (P2 : bpow radix2 (-900) <= p).
  { destruct Np as [A _]. apply Rle_trans with (2 := A).
    apply Rle_trans with (/ 2 * (bpow radix2 (-250) * bpow radix2 (-24))).
    - change (/ 2) with (bpow radix2 (-1)). rewrite <- 2!bpow_plus. now apply bpow_le.
    - apply Rmult_le_compat; [lra | rewrite <- bpow_plus; apply bpow_ge_0 | lra |].
      apply Rmult_le_compat; try apply bpow_ge_0; auto. change (-24)%Z with (- (24))%Z. rewrite bpow_opp.
      apply Rinv_le_contravar; lra. }
  destruct (Rlt_dec (-150) (RN f64 (x i - max))) as [A|A].
  - assert (Fi : floored n x max i = x i - max).
    { unfold floored, FLOOR. destruct (Nat.ltb_spec i n); [|lia]. now destruct (Rlt_dec _ _). }
    rewrite Fi in Np, P0. apply round_all_is_right; auto; try apply Pf. rewrite Rabs_minus_sym.
    apply Rle_trans with ((2 * u + ks + 2 * u) / (1 - (2 * u + ks + 2 * u)) * p).
    + apply near_error; try lra. now apply near_sym.
    + apply Rmult_le_compat_r; [lra|]. apply Rmult_le_reg_r with (1 - (2 * u + ks + 2 * u)); [lra|].
      replace ((2 * u + ks + 2 * u) / (1 - (2 * u + ks + 2 * u)) * (1 - (2 * u + ks + 2 * u))) with
        (2 * u + ks + 2 * u) by (field; lra). nra.
  - (* far below: 0 of both *)
    assert (Fi : floored n x max i = -150).
    { unfold floored, FLOOR. destruct (Nat.ltb_spec i n); [|lia]. now destruct (Rlt_dec _ _). }
    assert (Tiny : forall a, 0 <= a <= 2 * exp (-149.5) -> RN f a = 0).
    { intros a Ha. apply RN_tiny. split; [lra|]. apply Rle_lt_trans with (2 * bpow radix2 (-215)); [lra|].
      replace (2 * bpow radix2 (-215)) with (bpow radix2 (1 + -215)) by now rewrite bpow_plus. apply bpow_lt. lia. }
    rewrite (Tiny (exp (x i - max) / S)).
    + transitivity (RN f p); [|apply Tiny].
      * apply round_all_is_right; auto; try apply Pf. rewrite Rminus_eq_0, Rabs_R0. nra.
      * rewrite Fi in Np, P0. destruct Np as [_ B]. split; [lra|].
        assert (C : exp (-150) / S <= exp (-149.5)).
        { apply Rle_trans with (exp (-150) / 1); [|unfold Rdiv; rewrite Rinv_1, Rmult_1_r; apply Raux.exp_le; lra].
          apply Rmult_le_compat_l; [left; apply exp_pos | apply Rinv_le_contravar; lra]. }
        nra.
    + split; [apply Rmult_le_pos; [left; apply exp_pos | left; apply Rinv_0_lt_compat; lra]|].
      apply Rle_trans with (exp (x i - max) / 1).
      { apply Rmult_le_compat_l; [left; apply exp_pos | apply Rinv_le_contravar; lra]. }
      unfold Rdiv. rewrite Rinv_1, Rmult_1_r. pose proof (Far (x i - max) (Rnot_lt_le _ _ A)).
      pose proof (exp_pos (-149.5)). lra.
Qed.

(** The whole: the row is gathered, so that all of its n logits are valid; max is the largest. *)
Theorem fast_row_is_right f n vectors x max i : f = f32 \/ f = bf16 \/ f = f16 -> INR n <= bpow radix2 24 ->
  (n <= vectors * LANES < n + LANES)%nat -> (forall j, (j < n)%nat -> representable f32 (x j) /\ x j <= max) ->
  (exists k, (k < n)%nat /\ x k = max) -> (i < n)%nat -> let e := exponential n x max in
  let p := double_quotient (e i) (exponentials vectors e) in
  let below := RN f64 (RN f64 (p * (1 - 10 * u)) + ulps f p) in
  let above := RN f64 (RN f64 (p * (1 + 10 * u)) + ulps f p) in
  below = above -> value_of f (word f p below) = RN f (exp (x i) / sum (seq 0 n) (fun j => exp (x j))).
Proof.
  intros Hf Hn HV Hx Hmax Hi e p below above Hw. apply (words_of_exponentials f n vectors x max e i); auto.
  - intros j Hj. now apply Hx.
  - intros j _. destruct Hmax as (k & Hk & <-). apply exponential_error.
    + now apply RoundedRow.float_is_double, Hx.
    + intros Hj. split; [|now apply Hx]. now apply RoundedRow.float_is_double, Hx.
Qed.
