(** ExpPair - the exponential of the oracle's fast engine in pairs of doubles (oracle/fast_exp.h, exp_of_pair) is right
    to 16 u^2.  Operations and constants are those of the C, in order; `make proofs` compares them.
    SPDX-License-Identifier: MIT *)
From Coq Require Import Reals ZArith Lra Lia Psatz.
From Flocq Require Import Core Relative Plus_error Mult_error Pff2Flocq.
From Interval Require Import Tactic.
From Maskproof Require Import Format Relative RoundingTest Bound Kernel ExpOracle.
Open Scope R_scope.

(** --- the C --- *)
Local Infix "+" := plus : double_scope.
Local Infix "-" := minus : double_scope.
Local Infix "*" := times : double_scope.
Local Open Scope double_scope.
Definition pair_of '(high, low) := Build_pair high low.

Definition LN2_B := 0x1.ef35793c76p-45.
Definition LN2_C := 0x1.cc01f97b57a08p-87.

Definition sum_of '(a, b) :=
  let s := a + b in let c := s - a in
  pair_of(s, (a - (s - c)) + (b - c)).
Definition sum_of_ordered '(a, b) :=
  let s := a + b in
  pair_of(s, b - (s - a)).
Definition pair_add '(a, b) :=
  let s := sum_of_ordered(a.(high), b.(high)) in
  sum_of_ordered(s.(high), s.(low) + (a.(low) + b.(low))).
Definition pair_multiply '(a, b) :=
  let p := a.(high) * b.(high) in let lost := fma(a.(high), b.(high), -p) in
  sum_of_ordered(p, lost + fma(a.(high), b.(low), a.(low) * b.(high))).
Definition horner '(high, low, r, p) :=
  pair_add(pair_of(high, low), pair_multiply(r, p)).
Local Notation "k ;; e" := (k, e) (at level 100, e at level 200). (* *k = ... and what is returned *)
Definition exp_of_pair (d : pair) : Z * pair :=
  let t := fma(d.(high), LOG2_E, MAGIC) in let whole := t - MAGIC in
  (bits_of_double(t) - bits_of_double(MAGIC))%Z;;
  let rest := sum_of(d.(low), -whole * LN2_B) in let r := sum_of(d.(high) - whole * LN2_A, rest.(high)) in
  let r := sum_of_ordered(r.(high), r.(low) + (rest.(low) - whole * LN2_C)) in

  let q := fma(0x1.0ce396db7f853p-70, r.(high), 0x1.71b8ef6dcf572p-66) in
  let q := fma(q, r.(high), 0x1.e542ba4020225p-62) in
  let q := fma(q, r.(high), 0x1.2f49b46814157p-57) in
  let q := fma(q, r.(high), 0x1.6827863b97d97p-53) in
  let q := fma(q, r.(high), 0x1.952c77030ad4ap-49) in
  let q := fma(q, r.(high), 0x1.ae7f3e733b81fp-45) in
  let q := fma(q, r.(high), 0x1.ae7f3e733b81fp-41) in
  let q := fma(q, r.(high), 0x1.93974a8c07c9dp-37) in
  let p := pair_of(q, 0) in
  let p := horner(0x1.6124613a86d09p-33, 0x1.f28e0cc748ebep-87, r, p) in
  let p := horner(0x1.1eed8eff8d898p-29, -0x1.2aec959e14c06p-83, r, p) in
  let p := horner(0x1.ae64567f544e4p-26, -0x1.c062e06d1f209p-80, r, p) in
  let p := horner(0x1.27e4fb7789f5cp-22, 0x1.cbbc05b4fa99ap-76, r, p) in
  let p := horner(0x1.71de3a556c734p-19, -0x1.c154f8ddc6cp-73, r, p) in
  let p := horner(0x1.a01a01a01a01ap-16, 0x1.a01a01a01a01ap-76, r, p) in
  let p := horner(0x1.a01a01a01a01ap-13, 0x1.a01a01a01a01ap-73, r, p) in
  let p := horner(0x1.6c16c16c16c17p-10, -0x1.f49f49f49f49fp-65, r, p) in
  let p := horner(0x1.1111111111111p-7, 0x1.1111111111111p-63, r, p) in
  let p := horner(0x1.5555555555555p-5, 0x1.5555555555555p-59, r, p) in
  let p := horner(0x1.5555555555555p-3, 0x1.5555555555555p-57, r, p) in
  let p := horner(0x1p-1, 0, r, p) in
  let p := horner(1, 0, r, p) in
  horner(1, 0, r, p).
Local Close Scope double_scope.

(** --- sums and products --- *)
Notation eta := (bpow radix2 (-1075)).
Definition whole p := p.(high) + p.(low).
Definition wf p := representable f64 p.(high) /\ representable f64 p.(low) /\ Rabs p.(low) <= u * Rabs p.(high).

Lemma RN_any x : Rabs (RN f64 x - x) <= u * Rabs x + eta.
Proof.
  destruct (error_N_FLT radix2 (-1074) 53 (prec_positive f64) (fun t => negb (Z.even t)) x) as (e & n & E & N & _ & H).
  unfold RN. simpl emin. simpl prec. rewrite H. replace (x * (1 + e) + n - x) with (e * x + n) by ring.
  eapply Rle_trans; [apply Rabs_triang|]. rewrite Rabs_mult. apply Rplus_le_compat.
  - apply Rmult_le_compat_r; [apply Rabs_pos|]. apply Rle_trans with (1 := E). unfold unit_roundoff. simpl. lra.
  - apply Rle_trans with (1 := N). rewrite <- (bpow_plus radix2 (-1)). apply Rle_refl.
Qed.

Lemma even_sym z : negb (Z.even z) = negb (negb (Z.even (- (z + 1)))).
Proof. rewrite Z.even_opp, Z.even_add. now destruct (Z.even z). Qed.

Lemma sum_rounded a b : representable f64 a -> representable f64 b ->
  Rabs (a + b - RN f64 (a + b)) <= u * Rabs (RN f64 (a + b)).
Proof.
  intros Ha Hb. assert (P : Prec_gt_0 53) by easy.
  destruct (Rle_dec (bpow radix2 (-1074 + 53 - 1)) (Rabs (a + b))) as [H|H].
  - rewrite Rabs_minus_sym.
    eapply Rle_trans; [now apply (relative_error_N_FLT_round radix2 (-1074) 53 (prec_positive f64))|].
    apply Rmult_le_compat_r; [apply Rabs_pos | unfold unit_roundoff; simpl; lra].
  - rewrite RN_id.
    + rewrite Rminus_eq_0, Rabs_R0. apply Rmult_le_pos; [apply bpow_ge_0 | apply Rabs_pos].
    + apply (FLT_format_plus_small radix2 (-1074) 53); auto.
      apply Rlt_le, Rlt_trans with (bpow radix2 (-1074 + 53 - 1)); [lra | now apply bpow_lt].
Qed.

(** A sum and what it lost. *)
Definition exact_sum s x :=
  representable f64 s.(high) /\ representable f64 s.(low) /\ whole s = x /\ s.(high) = RN f64 x.

Lemma exact_wf s a b : representable f64 a -> representable f64 b -> exact_sum s (a + b) -> wf s.
Proof.
  intros Ha Hb (H & L & W & R). repeat split; auto. unfold whole in W.
  replace (low s) with (a + b - RN f64 (a + b)) by lra.
  rewrite R. now apply sum_rounded.
Qed.

(** Both sums lose nothing; Dekker's if |b| <= |a|. *)
Lemma sum_of_exact a b : representable f64 a -> representable f64 b -> exact_sum (sum_of (a, b)) (a + b).
Proof.
  intros Ha Hb. unfold exact_sum, whole, sum_of, pair_of. cbn [high low]. unfold plus, minus.
  split; [apply RN_representable|]. split; [apply RN_representable|]. split; [|reflexivity].
  assert (P : Prec_gt_0 53) by easy.
  apply (TwoSum_correct (-1074) 53 (fun z => negb (Z.even z))); auto; try easy. exact even_sym.
Qed.

(* Or if both are so small that sums are exact. *)
Lemma sum_of_ordered_exact a b : representable f64 a -> representable f64 b ->
  Rabs b <= Rabs a \/ Rabs a <= bpow radix2 (-1022) /\ Rabs b <= bpow radix2 (-1022) ->
  exact_sum (sum_of_ordered (a, b)) (a + b).
Proof.
  intros Ha Hb H. unfold exact_sum, whole, sum_of_ordered, pair_of. cbn [high low]. unfold plus, minus.
  split; [apply RN_representable|]. split; [apply RN_representable|]. split; [|reflexivity].
  assert (P : Prec_gt_0 53) by easy. destruct H as [H|[H1 H2]].
  - replace (RN f64 (b - RN f64 (RN f64 (a + b) - a))) with (RN f64 (b + RN f64 (a - RN f64 (a + b)))).
    + apply (Fast2Sum_correct (-1074) 53 (fun z => negb (Z.even z))); auto; try easy. exact even_sym.
    + f_equal. replace (a - RN f64 (a + b)) with (- (RN f64 (a + b) - a)) by ring.
      replace (RN f64 (- (RN f64 (a + b) - a))) with (- RN f64 (RN f64 (a + b) - a)); [ring|].
      symmetry. apply round_NE_opp.
  - assert (S : RN f64 (a + b) = a + b).
    { apply RN_id, (FLT_format_plus_small radix2 (-1074) 53); auto.
      change (bpow radix2 (53 + -1074)) with (bpow radix2 (1 + -1022)). rewrite bpow_plus.
      change (bpow radix2 1) with 2.
      eapply Rle_trans; [apply Rabs_triang|]. lra. }
    rewrite S. replace (a + b - a) with b by ring. rewrite (RN_id f64 b Hb), Rminus_eq_0, RN_0. ring.
Qed.

(** a b, where |a.low| <= m u |a.high|. *)
Lemma multiply_error a b m : representable f64 a.(high) -> representable f64 a.(low) -> 1 <= m <= 3 ->
  Rabs a.(low) <= m * u * Rabs a.(high) -> wf b ->
  let p := pair_multiply (a, b) in wf p /\
  Rabs (whole p - whole a * whole b) <= (3.1 + 4.1 * m) * u ^ 2 * (Rabs a.(high) * Rabs b.(high)) + 20 * eta.
Proof.
  destruct a as [x x'], b as [y y']. unfold wf, whole. cbn [high low]. intros Hx Hx' Hm Hl (Hy & Hy' & Hk).
  assert (P : Prec_gt_0 53) by easy.
  unfold pair_multiply, times, plus, fma. cbn [high low].
  set (A := Rabs x * Rabs y). assert (A0 : 0 <= A) by (apply Rmult_le_pos; apply Rabs_pos).
  assert (He : 0 < eta <= / 10 ^ 300) by (split; [apply bpow_gt_0|]; interval with (i_prec 60)).
  assert (Hu : u = 0x1p-53) by (unfold unit_roundoff; simpl; lra).
  assert (EA : Rabs (x * y) = A) by apply Rabs_mult.
  assert (B1 : Rabs (x' * y) <= m * u * A).
  { rewrite Rabs_mult. unfold A. pose proof (Rabs_pos y). nra. }
  assert (B2 : Rabs (x * y') <= u * A).
  { rewrite Rabs_mult. unfold A. pose proof (Rabs_pos x). nra. }
  assert (B3 : Rabs (x' * y') <= m * u ^ 2 * A).
  { rewrite Rabs_mult. unfold A. pose proof (Rabs_pos x'). pose proof (Rabs_pos y').
    apply Rle_trans with ((m * u * Rabs x) * (u * Rabs y)); [apply Rmult_le_compat; auto | lra]. }
  pose proof (RN_any (x * y)) as E1. rewrite EA in E1. set (p := RN f64 (x * y)) in *.
  assert (E2 : Rabs (RN f64 (x * y + - p) - (x * y - p)) <= 3 * eta).
  { replace (x * y + - p) with (- (p - x * y)) by ring. replace (x * y - p) with (- (p - x * y)) by ring.
    destruct (Rle_dec (bpow radix2 (-1074 + 2 * 53 - 1)) (Rabs (x * y))) as [Hb|Hb].
    - rewrite RN_id; [rewrite Rminus_eq_0, Rabs_R0; lra|]. apply generic_format_opp.
      apply (mult_error_FLT radix2 (-1074) 53); auto. apply valid_rnd_N.
    - apply Rnot_le_lt in Hb. rewrite EA in Hb. eapply Rle_trans; [apply RN_any|]. rewrite Rabs_Ropp.
      assert (u * (u * A + eta) <= 2 * eta); [|rewrite Hu in *; lra].
      apply Rle_trans with (u * (u * bpow radix2 (-1074 + 2 * 53 - 1) + eta)).
      + rewrite Hu. lra.
      + change (-1074 + 2 * 53 - 1)%Z with (-1075 + 106)%Z. rewrite bpow_plus.
        change (bpow radix2 106) with (IZR (2 ^ 106)). rewrite Hu. simpl (2 ^ 106)%Z. lra. }
  set (lost := RN f64 (x * y + - p)) in *.
  pose proof (RN_any (x' * y)) as E3. set (z := RN f64 (x' * y)) in *.
  pose proof (RN_any (x * y' + z)) as E4. set (f := RN f64 (x * y' + z)) in *.
  pose proof (RN_any (lost + f)) as E5. set (g := RN f64 (lost + f)) in *.
  assert (R : representable f64 p /\ representable f64 g) by (split; apply RN_representable). destruct R as [Rp Rg].
    assert (U2 : u ^ 2 = 0x1p-106) by (rewrite Hu; lra). rewrite U2, Hu in *.
  set (mA := m * A) in *. assert (MA : A <= mA <= 3 * A) by (unfold mA; nra).
  replace (m * 0x1p-53 * A) with (0x1p-53 * mA) in B1 by (unfold mA; ring).
  replace (m * 0x1p-106 * A) with (0x1p-106 * mA) in B3 by (unfold mA; ring).
  assert (C3 : Rabs z <= 0x1.0001p-53 * mA + eta).
  { replace z with ((z - x' * y) + x' * y) by ring. eapply Rle_trans; [apply Rabs_triang|]. lra. }
  assert (C3' : Rabs (x * y' + z) <= 0x1.0001p-53 * (A + mA) + eta).
  { eapply Rle_trans; [apply Rabs_triang|]. lra. }
  assert (C4 : Rabs f <= 0x1.0002p-53 * (A + mA) + 3 * eta).
  { replace f with ((f - (x * y' + z)) + (x * y' + z)) by ring. eapply Rle_trans; [apply Rabs_triang|]. lra. }
  assert (C2 : Rabs lost <= 0x1p-53 * A + 4 * eta).
  { replace lost with ((lost - (x * y - p)) + - (p - x * y)) by ring.
    eapply Rle_trans; [apply Rabs_triang|]. rewrite Rabs_Ropp. lra. }
  assert (C4' : Rabs (lost + f) <= 0x1.0002p-53 * (2 * A + mA) + 7 * eta).
  { eapply Rle_trans; [apply Rabs_triang|]. lra. }
  assert (C5 : Rabs g <= 0x1.0003p-53 * (2 * A + mA) + 9 * eta).
  { replace g with ((g - (lost + f)) + (lost + f)) by ring. eapply Rle_trans; [apply Rabs_triang|]. lra. }
  assert (X : exact_sum (sum_of_ordered (p, g)) (p + g)).
  { assert (Ee : eta = 0x1p-5 * bpow radix2 (-1070)).
    { change (-1075)%Z with (-5 + -1070)%Z. rewrite bpow_plus. simpl (bpow radix2 (-5)). lra. }
    assert (D : A - (0x1p-53 * A + eta) <= Rabs p <= A + (0x1p-53 * A + eta)).
    { rewrite <- EA at 1 3. replace p with (x * y - (x * y - p)) by ring. split.
      - eapply Rle_trans; [|apply Rabs_triang_inv]. rewrite (Rabs_minus_sym (x * y) p). lra.
      - eapply Rle_trans; [apply Rabs_triang|]. rewrite Rabs_Ropp, (Rabs_minus_sym (x * y) p). lra. }
    apply sum_of_ordered_exact; auto. destruct (Rle_dec (bpow radix2 (-1070)) A) as [Hb|Hb]; [left; lra|right].
    assert (T : bpow radix2 (-1022) = 2 ^ 48 * bpow radix2 (-1070)).
    { change (-1022)%Z with (48 + -1070)%Z. rewrite bpow_plus. simpl (bpow radix2 48). lra. }
    lra. }
  split; [destruct (exact_wf _ _ _ Rp Rg X) as (W1 & W2 & W3); rewrite Hu in W3; auto|].
  destruct X as (_ & _ & W & _). unfold whole in W. rewrite W.
  replace (p + g - (x + x') * (y + y')) with
    ((g - (lost + f)) + (f - (x * y' + z)) + (z - x' * y) + (lost - (x * y - p)) - x' * y') by ring.
  replace ((3.1 + 4.1 * m) * 0x1p-106 * A) with (3.1 * 0x1p-106 * A + 4.1 * 0x1p-106 * mA) by (unfold mA; ring).
  apply Rabs_le_inv in B3. apply Rabs_le_inv in E2. apply Rabs_le_inv in E3. apply Rabs_le_inv in E4.
  apply Rabs_le_inv in E5. apply Rabs_le. lra.
Qed.

(** a + b, |b| at most about half of |a|. *)
Lemma add_error a b : wf a -> wf b -> bpow radix2 (-200) <= Rabs a.(high) -> Rabs b.(high) <= 0.6 * Rabs a.(high) ->
  let s := pair_add (a, b) in wf s /\
  Rabs (whole s - (whole a + whole b)) <= 3.01 * u ^ 2 * (Rabs a.(high) + Rabs b.(high)).
Proof.
  destruct a as [x x'], b as [y y']. unfold wf, whole. cbn [high low]. intros (Hx & Hx' & Hk) (Hy & Hy' & Hl) Hb Hs.
  unfold pair_add. cbn [high low].
  assert (Hu : u = 0x1p-53) by (unfold unit_roundoff; simpl; lra).
  assert (U2 : u ^ 2 = 0x1p-106) by (rewrite Hu; lra).
  assert (He : 0 < eta <= 0x1p-300 * Rabs x).
  { split; [apply bpow_gt_0|]. apply Rle_trans with (0x1p-300 * bpow radix2 (-200)); [|apply Rmult_le_compat_l; lra].
    apply Rle_trans with (bpow radix2 (-300) * bpow radix2 (-200)); [rewrite <- bpow_plus; now apply bpow_le|].
    simpl (bpow radix2 (-300)). pose proof (bpow_gt_0 radix2 (-200)). nra. }
  assert (X : exact_sum (sum_of_ordered (x, y)) (x + y)).
  { apply sum_of_ordered_exact; auto. left. pose proof (Rabs_pos x). lra. }
  destruct (exact_wf _ _ _ Hx Hy X) as (S1 & S2 & S3). destruct X as (_ & _ & W & Hh). unfold whole in W.
  set (s := high (sum_of_ordered (x, y))) in *. set (s' := low (sum_of_ordered (x, y))) in *.
  set (X := Rabs x) in *. set (Y := Rabs y) in *. assert (Y0 : 0 <= Y) by apply Rabs_pos.
  rewrite U2, Hu in *.
  assert (D : X - Y <= Rabs (x + y) <= X + Y).
  { split; [|apply Rabs_triang]. replace (x + y) with (x - - y) by ring. eapply Rle_trans; [|apply Rabs_triang_inv].
    rewrite Rabs_Ropp. apply Rle_refl. }
  pose proof (RN_any (x + y)) as E0. rewrite <- Hh, Hu in E0.
  assert (H1 : X - Y - (0x1p-53 * (X + Y) + eta) <= Rabs s <= X + Y + (0x1p-53 * (X + Y) + eta)).
  { replace s with ((x + y) + (s - (x + y))) by ring. split.
    - replace ((x + y) + (s - (x + y))) with ((x + y) - - (s - (x + y))) by ring.
      eapply Rle_trans; [|apply Rabs_triang_inv]. rewrite Rabs_Ropp. lra.
    - eapply Rle_trans; [apply Rabs_triang|]. lra. }
  unfold plus. pose proof (RN_any (x' + y')) as E1. rewrite Hu in E1. set (e := RN f64 (x' + y')) in *.
  assert (C1 : Rabs (x' + y') <= 0x1p-53 * (X + Y)) by (eapply Rle_trans; [apply Rabs_triang|]; lra).
  assert (C2 : Rabs e <= 0x1.01p-53 * (X + Y)).
  { replace e with ((e - (x' + y')) + (x' + y')) by ring. eapply Rle_trans; [apply Rabs_triang|]. lra. }
  pose proof (RN_any (s' + e)) as E2. rewrite Hu in E2. set (f := RN f64 (s' + e)) in *.
  assert (C3 : Rabs (s' + e) <= 0x1.02p-52 * (X + Y)) by (eapply Rle_trans; [apply Rabs_triang|]; lra).
  assert (C4 : Rabs f <= 0x1.03p-52 * (X + Y)).
  { replace f with ((f - (s' + e)) + (s' + e)) by ring. eapply Rle_trans; [apply Rabs_triang|]. lra. }
  assert (Rf : representable f64 f) by apply RN_representable.
  assert (Z : exact_sum (sum_of_ordered (s, f)) (s + f)).
  { apply sum_of_ordered_exact; auto. left. lra. }
  split; [destruct (exact_wf _ _ _ S1 Rf Z) as (W1 & W2 & W3); rewrite Hu in W3; auto|].
  destruct Z as (_ & _ & Z & _). unfold whole in Z. rewrite Z.
  replace (s + f - (x + x' + (y + y'))) with ((f - (s' + e)) + (e - (x' + y'))) by lra.
  eapply Rle_trans; [apply Rabs_triang|].
  assert (0x1p-53 * Rabs (s' + e) <= 0x1p-53 * (Rabs s' + Rabs e)) by
    (apply Rmult_le_compat_l; [lra | apply Rabs_triang]).
  lra.
Qed.

(** --- Horner's scheme --- *)

(** What is left of the argument: low is up to three times what it should be where high is tiny. *)
Definition left_over r := representable f64 r.(high) /\ representable f64 r.(low) /\ Rabs r.(high) <= 0.3467 /\
  exists m, 1 <= m <= 3 /\ Rabs r.(low) <= m * u * Rabs r.(high) /\ (3.1 + 4.1 * m) * Rabs r.(high) <= 2.49624.

Lemma left_over_whole r : left_over r -> Rabs (whole r) <= 0.34671 /\ Rabs (whole r - r.(high)) <= 0x1.1p-53.
Proof.
  intros (_ & _ & H & m & M & L & _). unfold whole. replace (high r + low r - high r) with (low r) by ring.
  assert (Rabs (low r) <= 0x1.1p-53).
  { apply Rle_trans with (1 := L). unfold unit_roundoff. simpl. pose proof (Rabs_pos (high r)). nra. }
  split; [|assumption]. eapply Rle_trans; [apply Rabs_triang|]. lra.
Qed.

(** c + r T in doubles, of T < P known to E. *)
Lemma double_step r q T E P ch c D E' P' : left_over r -> Rabs (q - T) <= E /\ Rabs T <= P ->
  Rabs (ch - c) <= D -> 0 <= c <= ch + D -> 0.3468 * E + 1.001 * D + 0x1.01p-53 * (ch + 1.45 * P) + 0x1p-1000 <= E' ->
  c + 0.34671 * P <= P' ->
  Rabs (fma (q, r.(high), ch) - (c + whole r * T)) <= E' /\ Rabs (c + whole r * T) <= P'.
Proof.
  intros Hr [Hq HT] Hc Hc0 HE HP. destruct (left_over_whole r Hr) as [W1 W2]. destruct Hr as (_ & _ & R & _).
  unfold fma. pose proof (RN_any (q * high r + ch)) as E1.
  assert (Hu : u = 0x1p-53) by (unfold unit_roundoff; simpl; lra). rewrite Hu in E1.
  assert (He : eta <= 0x1p-1000) by (simpl; lra).
  set (h := high r) in *. set (w := whole r) in *. set (f := RN f64 (q * h + ch)) in *.
  assert (Hq2 : Rabs q <= P + E).
  { replace q with ((q - T) + T) by ring. eapply Rle_trans; [apply Rabs_triang|]. lra. }
  assert (E0 : 0 <= E /\ 0 <= P /\ 0 <= D) by
    (pose proof (Rabs_pos (q - T)); pose proof (Rabs_pos T); pose proof (Rabs_pos (ch - c)); lra).
  assert (M : forall a b A B, Rabs a <= A -> Rabs b <= B -> Rabs (a * b) <= A * B).
  { intros a b A B HA HB. rewrite Rabs_mult. apply Rmult_le_compat; auto; apply Rabs_pos. }
  split.
  - assert (C : Rabs (q * h + ch) <= 0.3467 * (P + E) + (ch + 2 * D)).
    { eapply Rle_trans; [apply Rabs_triang|]. apply Rplus_le_compat.
      - rewrite (Rmult_comm q). now apply M.
      - apply Rabs_le. apply Rabs_le_inv in Hc. lra. }
    replace (f - (c + w * T)) with ((f - (q * h + ch)) + h * (q - T) - (w - h) * T + (ch - c)) by ring.
    pose proof (M _ _ _ _ R Hq) as M1. pose proof (M _ _ _ _ W2 HT) as M2.
    apply Rabs_le_inv in E1. apply Rabs_le_inv in M1. apply Rabs_le_inv in M2. apply Rabs_le_inv in Hc. apply Rabs_le.
    lra.
  - eapply Rle_trans; [apply Rabs_triang|]. rewrite (Rabs_pos_eq c) by lra. pose proof (M _ _ _ _ W1 HT). lra.
Qed.

(** c + r T in pairs. *)
Lemma pair_step r p T E P ch cl c D E' P' : left_over r -> wf p /\ Rabs (whole p - T) <= E /\ Rabs T <= P ->
  representable f64 ch -> representable f64 cl -> Rabs cl <= u * ch -> 0x1p-100 <= ch -> 0 <= c ->
  Rabs (ch + cl - c) <= D -> E <= 0x1p-40 * P -> 0.348 * P <= 0.59 * ch ->
  0.3468 * E + D + 0x1p-106 * (3.02 * ch + 3.55 * P) <= E' -> c + 0.34671 * P <= P' ->
  let q := horner (ch, cl, r, p) in wf q /\ Rabs (whole q - (c + whole r * T)) <= E' /\ Rabs (c + whole r * T) <= P'.
Proof.
  intros Hr (Hp & Hq & HT) Hch Hcl Hl Hb Hc0 Hc HEP Hlt HE HP. destruct (left_over_whole r Hr) as [W1 W2].
  destruct Hr as (Rh & Rl & R & m & Hm & Lm & Bm). unfold horner, pair_of.
  assert (Hu : u = 0x1p-53) by (unfold unit_roundoff; simpl; lra).
  assert (U2 : u ^ 2 = 0x1p-106) by (rewrite Hu; lra). assert (He : 0 < eta <= 0x1p-1000) by (simpl; lra).
  destruct (multiply_error r p m Rh Rl Hm Lm Hp) as [Hb1 Hb2]. set (b := pair_multiply (r, p)) in *.
  assert (E0 : 0 <= E /\ 0 <= P) by (pose proof (Rabs_pos (whole p - T)); pose proof (Rabs_pos T); lra).
  assert (M : forall a b A B, Rabs a <= A -> Rabs b <= B -> Rabs (a * b) <= A * B).
  { intros x y A B HA HB. rewrite Rabs_mult. apply Rmult_le_compat; auto; apply Rabs_pos. }
  assert (Wp : Rabs (whole p) <= 1.00001 * P).
  { replace (whole p) with ((whole p - T) + T) by ring. eapply Rle_trans; [apply Rabs_triang|]. lra. }
  assert (High : forall z, wf z -> Rabs (high z) <= 1.00001 * Rabs (whole z)).
  { intros z (_ & _ & L). rewrite Hu in L. unfold whole.
    assert (Rabs (high z) <= Rabs (high z + low z) + Rabs (low z)); [|pose proof (Rabs_pos (high z)); lra].
    replace (high z) with ((high z + low z) + - low z) at 1 by ring. eapply Rle_trans; [apply Rabs_triang|].
    rewrite Rabs_Ropp. lra. }
  assert (Hph : Rabs (high p) <= 1.0001 * P) by (pose proof (High p Hp); lra).
  assert (Eb : Rabs (whole b - whole r * whole p) <= 0x1p-106 * (2.497 * P) + 20 * eta).
  { rewrite U2 in Hb2. apply Rle_trans with (1 := Hb2). apply Rplus_le_compat_r.
    replace ((3.1 + 4.1 * m) * 0x1p-106 * (Rabs (high r) * Rabs (high p))) with
      (0x1p-106 * (((3.1 + 4.1 * m) * Rabs (high r)) * Rabs (high p))) by ring. apply Rmult_le_compat_l; [lra|].
    apply Rle_trans with (2.49624 * (1.0001 * P)); [|lra]. apply Rmult_le_compat; auto; try apply Rabs_pos.
    apply Rmult_le_pos; [lra | apply Rabs_pos]. }
  assert (Wb : Rabs (whole b) <= 0.3469 * P + 20 * eta).
  { replace (whole b) with ((whole b - whole r * whole p) + whole r * whole p) by ring.
    eapply Rle_trans; [apply Rabs_triang|]. pose proof (M _ _ _ _ W1 Wp). lra. }
  assert (Hbh : Rabs (high b) <= 0.347 * P + 21 * eta) by (pose proof (High b Hb1); lra).
  set (a := {| high := ch; low := cl |}). assert (Ha : wf a).
  { unfold wf, a. cbn [high low]. repeat split; auto. rewrite (Rabs_pos_eq ch) by lra. exact Hl. }
  assert (Ca : Rabs (high a) = ch) by (unfold a; cbn [high]; apply Rabs_pos_eq; lra).
  destruct (add_error a b Ha Hb1) as [S1 S2].
  { rewrite Ca. apply Rle_trans with (2 := Hb). simpl. lra. } { rewrite Ca. lra. }
  set (s := pair_add (a, b)) in *. split; [exact S1|]. rewrite Ca, U2 in S2. unfold whole in S2 at 2. unfold a in S2.
  cbn [high low] in S2. split.
  - replace (whole s - (c + whole r * T)) with ((whole s - (ch + cl + whole b)) + (whole b - whole r * whole p) +
      whole r * (whole p - T) + (ch + cl - c)) by ring.
    pose proof (M _ _ _ _ W1 Hq) as M1.
    apply Rabs_le_inv in S2. apply Rabs_le_inv in Eb. apply Rabs_le_inv in M1. apply Rabs_le_inv in Hc. apply Rabs_le.
    lra.
  - eapply Rle_trans; [apply Rabs_triang|]. rewrite (Rabs_pos_eq c) by lra. pose proof (M _ _ _ _ W1 HT). lra.
Qed.

(** The pair of a row in doubles. *)
Lemma start q T E P : representable f64 q -> Rabs (q - T) <= E /\ Rabs T <= P ->
  let p := {| high := q; low := 0 |} in wf p /\ Rabs (whole p - T) <= E /\ Rabs T <= P.
Proof.
  intros Hq H. unfold wf, whole. cbn [high low]. rewrite Rplus_0_r, Rabs_R0. repeat split; try apply H; auto.
  - apply generic_format_0.
  - apply Rmult_le_pos; [apply bpow_ge_0 | apply Rabs_pos].
Qed.

Definition series r :=
  let q := fma (0x1.0ce396db7f853p-70, r.(high), 0x1.71b8ef6dcf572p-66) in
  let q := fma (q, r.(high), 0x1.e542ba4020225p-62) in
  let q := fma (q, r.(high), 0x1.2f49b46814157p-57) in
  let q := fma (q, r.(high), 0x1.6827863b97d97p-53) in
  let q := fma (q, r.(high), 0x1.952c77030ad4ap-49) in
  let q := fma (q, r.(high), 0x1.ae7f3e733b81fp-45) in
  let q := fma (q, r.(high), 0x1.ae7f3e733b81fp-41) in
  let q := fma (q, r.(high), 0x1.93974a8c07c9dp-37) in
  let p := pair_of (q, 0) in
  let p := horner (0x1.6124613a86d09p-33, 0x1.f28e0cc748ebep-87, r, p) in
  let p := horner (0x1.1eed8eff8d898p-29, -0x1.2aec959e14c06p-83, r, p) in
  let p := horner (0x1.ae64567f544e4p-26, -0x1.c062e06d1f209p-80, r, p) in
  let p := horner (0x1.27e4fb7789f5cp-22, 0x1.cbbc05b4fa99ap-76, r, p) in
  let p := horner (0x1.71de3a556c734p-19, -0x1.c154f8ddc6cp-73, r, p) in
  let p := horner (0x1.a01a01a01a01ap-16, 0x1.a01a01a01a01ap-76, r, p) in
  let p := horner (0x1.a01a01a01a01ap-13, 0x1.a01a01a01a01ap-73, r, p) in
  let p := horner (0x1.6c16c16c16c17p-10, -0x1.f49f49f49f49fp-65, r, p) in
  let p := horner (0x1.1111111111111p-7, 0x1.1111111111111p-63, r, p) in
  let p := horner (0x1.5555555555555p-5, 0x1.5555555555555p-59, r, p) in
  let p := horner (0x1.5555555555555p-3, 0x1.5555555555555p-57, r, p) in
  let p := horner (0x1p-1, 0, r, p) in
  let p := horner (1, 0, r, p) in
  horner (1, 0, r, p).

(* One step: the coefficient, what it stands for, and new bounds of coefficient, error and value, which only have to be
   large enough; for pairs the coefficient as integers times powers of 2, too. *)
Ltac numbers := clear; interval with (i_prec 200).
Ltac representable_as m e := apply multiple_representable with m e; [easy | easy | simpl; lra].
Ltac double_next H ch c D E P := let G := fresh in
  match goal with Hr : left_over ?r |- _ => pose proof (double_step r _ _ _ _ ch c D E P Hr H ltac:(numbers)
    ltac:(split; numbers) ltac:(numbers) ltac:(numbers)) as G end; clear H; rename G into H.
Ltac pair_next H ch cl c D E P m e m' e' := let G := fresh in
  match goal with Hr : left_over ?r |- _ => pose proof (pair_step r _ _ _ _ ch cl c D E P Hr H
    ltac:(representable_as m e) ltac:(representable_as m' e') ltac:(unfold unit_roundoff; simpl; numbers) ltac:(numbers)
    ltac:(numbers) ltac:(numbers) ltac:(numbers) ltac:(numbers) ltac:(numbers) ltac:(numbers)) as G end;
  clear H; rename G into H.

Lemma series_error r : left_over r -> wf (series r) /\ Rabs (whole (series r) - exp (whole r)) <= 9.5 * u ^ 2.
Proof.
  intros Hr.
  assert (H : Rabs (0x1.0ce396db7f853p-70 - / 1124000727777607680000) <= 0x1.aecp-124 /\
    Rabs (/ 1124000727777607680000) <= 0x1.0cfp-70) by (split; numbers).
  double_next H 0x1.71b8ef6dcf572p-66 (/ 51090942171709440000) 0x1.d05p-120 0x1.3c6p-118 0x1.779p-66.
  double_next H 0x1.e542ba4020225p-62 (/ 2432902008176640000) 0x1.ea8p-120 0x1.134p-114 0x1.ed7p-62.
  double_next H 0x1.2f49b46814157p-57 (/ 121645100408832000) 0x1.266p-112 0x1.969p-110 0x1.34bp-57.
  double_next H 0x1.6827863b97d97p-53 (/ 6402373705728000) 0x1.eedp-107 0x1.431p-105 0x1.6eep-53.
  double_next H 0x1.952c77030ad4ap-49 (/ 355687428096000) 0x1.acap-103 0x1.4e6p-101 0x1.9d2p-49.
  double_next H 0x1.ae7f3e733b81fp-45 (/ 20922789888000) 0x1.1d9p-101 0x1.04p-97 0x1.b78p-45.
  double_next H 0x1.ae7f3e733b81fp-41 (/ 1307674368000) 0x1.1d9p-97 0x1.03ap-93 0x1.b81p-41.
  double_next H 0x1.93974a8c07c9dp-37 (/ 87178291200) 0x1.05ep-92 0x1.05p-89 0x1.9d3p-37.
  apply start in H; [|apply RN_representable].
  pair_next H 0x1.6124613a86d09p-33 0x1.f28e0cc748ebep-87 (/ 6227020800) 0x1.7b3p-141 0x1.6a1p-91 0x1.6a2p-33
    0x16124613a86d09%Z (-85)%Z 0xf9470663a475f%Z (-138)%Z.
  pair_next H 0x1.1eed8eff8d898p-29 (-0x1.2aec959e14c06p-83) (/ 479001600) 0x1.2fcp-139 0x1.f65p-93 0x1.26dp-29
    0x23ddb1dff1b13%Z (-78)%Z (-0x95764acf0a603)%Z (-134)%Z.
  pair_next H 0x1.ae64567f544e4p-26 (-0x1.c062e06d1f209p-80) (/ 39916800) 0x1.c79p-136 0x1.5c7p-94 0x1.bb3p-26
    0x6b99159fd5139%Z (-76)%Z (-0x1c062e06d1f209)%Z (-132)%Z.
  pair_next H 0x1.27e4fb7789f5cp-22 0x1.cbbc05b4fa99ap-76 (/ 3628800) 0x1.c6ep-132 0x1.e36p-96 0x1.318p-22
    0x49f93edde27d7%Z (-72)%Z 0xe5de02da7d4cd%Z (-127)%Z.
  pair_next H 0x1.71de3a556c734p-19 (-0x1.c154f8ddc6cp-73) (/ 362880) 0x1.71ep-127 0x1.4f5p-97 0x1.7f2p-19
    0x5c778e955b1cd%Z (-69)%Z (-0x70553e3771b)%Z (-115)%Z.
  pair_next H 0x1.a01a01a01a01ap-16 0x1.a01a01a01a01ap-76 (/ 40320) 0x1.a02p-136 0x1.d13p-99 0x1.b0cp-16
    0xd00d00d00d00d%Z (-67)%Z 0xd00d00d00d00d%Z (-127)%Z.
  pair_next H 0x1.a01a01a01a01ap-13 0x1.a01a01a01a01ap-73 (/ 5040) 0x1.a02p-133 0x1.42bp-100 0x1.b2ep-13
    0xd00d00d00d00d%Z (-64)%Z 0xd00d00d00d00d%Z (-124)%Z.
  pair_next H 0x1.6c16c16c16c17p-10 (-0x1.f49f49f49f49fp-65) (/ 720) 0x1.27ep-119 0x1.bfcp-102 0x1.7efp-10
    0x16c16c16c16c17%Z (-62)%Z (-0x1f49f49f49f49f)%Z (-117)%Z.
  pair_next H 0x1.1111111111111p-7 0x1.1111111111111p-63 (/ 120) 0x1.112p-119 0x1.379p-103 0x1.21bp-7
    0x11111111111111%Z (-59)%Z 0x11111111111111%Z (-115)%Z.
  pair_next H 0x1.5555555555555p-5 0x1.5555555555555p-59 (/ 24) 0x1.556p-113 0x1.c5bp-105 0x1.6e8p-5
    0x15555555555555%Z (-57)%Z 0x15555555555555%Z (-111)%Z.
  pair_next H 0x1.5555555555555p-3 0x1.5555555555555p-57 (/ 6) 0x1.556p-111 0x1.eeep-106 0x1.752p-3
    0x15555555555555%Z (-55)%Z 0x15555555555555%Z (-109)%Z.
  pair_next H 0x1p-1 0 (/ 2) 0 0x1.69fp-105 0x1.206p-1 0x1%Z (-1)%Z 0%Z 0%Z.
  pair_next H 1 0 1 0 0x1.801p-104 0x1.32p0 0x1%Z 0%Z 0%Z 0%Z.
  pair_next H 1 0 1 0 0x1.2b1p-103 0x1.6a2p0 0x1%Z 0%Z 0%Z 0%Z.
  unfold series, pair_of. cbv zeta. destruct H as (W & E & _). split; [exact W|].
  destruct (left_over_whole r Hr) as [Hw _]. apply Rabs_le_inv in Hw. clear Hr.
  match type of E with Rabs (_ - ?T) <= _ => assert (A : Rabs (T - exp (whole r)) <= 0x1.9p-110) end.
  { clear - Hw. set (w := whole r) in *. clearbody w. interval with (i_taylor w, i_degree 26, i_prec 180). }
  assert (U2 : u ^ 2 = 0x1p-106) by (unfold unit_roundoff; simpl; lra). rewrite U2.
  match type of E with Rabs (?X - ?T) <= _ => change (Rabs (X - exp (whole r)) <= 9.5 * 0x1p-106);
    set (x := X) in *; set (t := T) in *; clearbody x t end.
  clear - E A. apply Rabs_le_inv in E. apply Rabs_le_inv in A. apply Rabs_le. lra.
Qed.

(** --- the reduction --- *)

(** The last sum of it: of its parts the first may be tiny, but then the second is, too. *)
Lemma last_sum a b : representable f64 a -> representable f64 b -> Rabs a <= 0.34665 ->
  Rabs b <= 0x1.01p-53 * Rabs a + 0x1.8p-75 ->
  let r := sum_of_ordered (a, b) in left_over r /\ Rabs (whole r - (a + b)) <= 0x1p-125.
Proof.
  intros Ha Hb HA HB r. assert (Hu : u = 0x1p-53) by (unfold unit_roundoff; simpl; lra).
  assert (Hr : Rabs (high r) <= 0.3467).
  { unfold r, sum_of_ordered, pair_of, plus. cbn [high]. replace (RN f64 (a + b)) with
      ((RN f64 (a + b) - (a + b)) + (a + b)) by ring. eapply Rle_trans; [apply Rabs_triang|].
    pose proof (RN_any (a + b)) as E. rewrite Hu in E. assert (eta <= 0x1p-100) by (simpl; lra).
    assert (Rabs (a + b) <= 0.34666) by (eapply Rle_trans; [apply Rabs_triang | lra]). lra. }
  destruct (Rle_dec (Rabs b) (Rabs a)) as [H|H].
  - assert (X : exact_sum r (a + b)) by (apply sum_of_ordered_exact; auto).
    destruct (exact_wf _ _ _ Ha Hb X) as (W1 & W2 & W3). destruct X as (_ & _ & W & _). split.
    + repeat split; auto. exists 1. repeat split; lra.
    + rewrite W, Rminus_eq_0, Rabs_R0. lra.
  - assert (H1 : Rabs a <= 0x1.9p-75) by lra. assert (H2 : Rabs b <= 0x1.9p-75) by lra.
    unfold r, sum_of_ordered, pair_of, plus, minus, left_over, whole in *. cbn [high low] in *.
    pose proof (sum_rounded a b Ha Hb) as D1. set (s := RN f64 (a + b)) in *.
    assert (Rs : representable f64 s) by apply RN_representable.
    assert (D2 : Rabs (RN f64 (s - a) - (s - a)) <= Rabs (b - (s - a))).
    { assert (P : Prec_gt_0 53) by easy.
      destruct (round_N_pt radix2 (FLT_exp (-1074) 53) (fun t => negb (Z.even t)) (s - a)) as [_ G]. exact (G b Hb). }
    set (t := RN f64 (s - a)) in *. assert (Rt : representable f64 t) by apply RN_representable.
    replace (b - (s - a)) with (a + b - s) in D2 by ring.
    assert (Rt' : representable f64 (- t)) by now apply generic_format_opp.
    pose proof (sum_rounded b (- t) Hb Rt') as D3. change (b + - t) with (b - t) in D3. set (l := RN f64 (b - t)) in *.
    assert (D4 : Rabs (b - t) <= 2 * u * Rabs s).
    { replace (b - t) with ((a + b - s) - (t - (s - a))) by ring. unfold Rminus at 1.
      eapply Rle_trans; [apply Rabs_triang|]. rewrite Rabs_Ropp. lra. }
    assert (D5 : Rabs s <= 0x1p-73).
    { replace s with ((a + b) - (a + b - s)) by ring. unfold Rminus at 1. rewrite Hu in D1.
      assert (Rabs s <= Rabs (a + b) + 0x1p-53 * Rabs s).
      { replace s with ((a + b) + - (a + b - s)) at 1 by ring. eapply Rle_trans; [apply Rabs_triang|].
        rewrite Rabs_Ropp. lra. }
      replace (a + b + - (a + b - s)) with s by ring.
      assert (Rabs (a + b) <= 0x1.9p-74) by (eapply Rle_trans; [apply Rabs_triang | lra]). lra. }
    assert (D6 : Rabs l <= 2.1 * u * Rabs s).
    { rewrite Hu in *. pose proof (Rabs_pos s). assert (Rabs l <= Rabs (b - t) + 0x1p-53 * Rabs l); [|lra].
      replace l with ((b - t) + - (b - t - l)) at 1 by ring. eapply Rle_trans; [apply Rabs_triang|].
      rewrite Rabs_Ropp. lra. }
    rewrite Hu in *. split.
    + split; [exact Rs|]. split; [apply RN_representable|]. split; [exact Hr|]. exists 3.
      pose proof (Rabs_pos s). repeat split; lra.
    + replace (s + l - (a + b)) with (- (t - (s - a)) + - (b - t - l)) by ring.
      eapply Rle_trans; [apply Rabs_triang|]. rewrite 2!Rabs_Ropp. lra.
Qed.

Lemma reduced_pair x y n : representable f64 x -> representable f64 y -> -800 <= x <= 0 -> Rabs y <= u * Rabs x ->
  Rabs (x - IZR n * ln 2) <= 0.3466 -> (Z.abs n <= 1155)%Z ->
  let rest := sum_of (y, times (- IZR n) LN2_B) in
  let r := sum_of (minus x (times (IZR n) LN2_A), rest.(high)) in
  let r := sum_of_ordered (r.(high), plus r.(low) (minus rest.(low) (times (IZR n) LN2_C))) in
  left_over r /\ Rabs (whole r - (x + y - IZR n * ln 2)) <= 0.35 * u ^ 2.
Proof.
  intros Hx Hy Hr Hl HR Hn. assert (Hz : -1155 <= IZR n <= 1155) by (split; apply IZR_le; lia).
  assert (Hu : u = 0x1p-53) by (unfold unit_roundoff; simpl; lra).
  assert (U2 : u ^ 2 = 0x1p-106) by (unfold unit_roundoff; simpl; lra).
  assert (He : 0 <= eta <= 0x1p-300) by (simpl; lra).
  assert (Ly : Rabs y <= 0x1.9p-44).
  { apply Rle_trans with (1 := Hl). rewrite (Rabs_left1 x), Hu by lra. lra. }
  destruct (high_part x n Hx HR Hn) as [H1 R1].
  assert (A : times (IZR n) LN2_A = IZR n * LN2_A).
  { unfold times. apply RN_exact with (n * 0x58b90bfbe8e)%Z (-43)%Z; [easy | simpl; lia |].
    unfold LN2_A. rewrite mult_IZR. simpl. lra. }
  assert (B : times (- IZR n) LN2_B = - IZR n * LN2_B).
  { unfold times. apply RN_exact with (- n * 0x1ef35793c76)%Z (-85)%Z; [easy | simpl; lia |].
    unfold LN2_B. rewrite mult_IZR, opp_IZR. simpl. lra. }
  assert (RB : representable f64 (times (- IZR n) LN2_B)) by apply RN_representable.
  rewrite A. unfold minus at 1. rewrite R1.
  assert (RA : representable f64 (x - IZR n * LN2_A)) by (rewrite <- R1; apply RN_representable).
  pose proof (sum_of_exact y _ Hy RB) as S. destruct (exact_wf _ _ _ Hy RB S) as (T1 & T2 & T3).
  destruct S as (_ & _ & S & _). rewrite B in *. unfold whole in S.
  set (rest := sum_of (y, - IZR n * LN2_B)) in *.
  pose proof (sum_of_exact _ _ RA T1) as V. destruct (exact_wf _ _ _ RA T1 V) as (W1 & W2 & W3).
  destruct V as (_ & _ & V & _). unfold whole in V. set (r := sum_of (_, high rest)) in *.
  cbv zeta. rewrite Hu in T3, W3. clearbody rest r.
  assert (CB : Rabs (- IZR n * LN2_B) <= 0x1.2p-34) by (unfold LN2_B; interval with (i_prec 60)).
  assert (CC : Rabs (IZR n * LN2_C) <= 0x1.1p-76) by (unfold LN2_C; interval with (i_prec 60)).
  assert (CD : Rabs (IZR n * (ln 2 - LN2_A - LN2_B - LN2_C)) <= 0x1p-129).
  { unfold LN2_A, LN2_B, LN2_C. interval with (i_prec 200). }
  assert (K : forall a b c, a + b = c -> Rabs b <= 0x1p-53 * Rabs a -> Rabs a <= 0x1.00001p0 * Rabs c).
  { intros a b c <- L. pose proof (Rabs_pos (a + b)). assert (Rabs a <= Rabs (a + b) + Rabs b); [|lra].
    replace a with ((a + b) + - b) at 1 by ring. eapply Rle_trans; [apply Rabs_triang|]. rewrite Rabs_Ropp. lra. }
  assert (L1 : Rabs (high rest) <= 0x1.3p-34).
  { pose proof (K _ _ _ S T3). assert (Rabs (y + - IZR n * LN2_B) <= 0x1.29p-34); [|lra].
    eapply Rle_trans; [apply Rabs_triang|]. lra. }
  assert (L2 : Rabs (high r) <= 0.34665).
  { pose proof (K _ _ _ V W3). assert (Rabs (x - IZR n * LN2_A + high rest) <= 0.346611); [|lra].
    eapply Rle_trans; [apply Rabs_triang|]. lra. }
  unfold times, minus, plus. pose proof (RN_any (IZR n * LN2_C)) as E1. set (c1 := RN f64 (IZR n * LN2_C)) in *.
  pose proof (RN_any (low rest - c1)) as E2. set (c2 := RN f64 (low rest - c1)) in *.
  pose proof (RN_any (low r + c2)) as E3. set (c3 := RN f64 (low r + c2)) in *. rewrite Hu in E1, E2, E3.
  assert (M1 : Rabs (low rest - c1) <= 0x1.2p-76).
  { replace (low rest - c1) with (low rest + (- (c1 - IZR n * LN2_C) + - (IZR n * LN2_C))) by ring.
    eapply Rle_trans; [apply Rabs_triang|]. eapply Rle_trans; [apply Rplus_le_compat_l, Rabs_triang|].
    rewrite 2!Rabs_Ropp. lra. }
  assert (M2 : Rabs c2 <= 0x1.3p-76).
  { replace c2 with ((c2 - (low rest - c1)) + (low rest - c1)) by ring. eapply Rle_trans; [apply Rabs_triang|]. lra. }
  assert (M3 : Rabs (low r + c2) <= 0x1p-53 * Rabs (high r) + 0x1.3p-76).
  { eapply Rle_trans; [apply Rabs_triang|]. lra. }
  assert (M4 : Rabs c3 <= 0x1.01p-53 * Rabs (high r) + 0x1.8p-75).
  { replace c3 with ((c3 - (low r + c2)) + (low r + c2)) by ring. eapply Rle_trans; [apply Rabs_triang|].
    pose proof (Rabs_pos (high r)). lra. }
  destruct (last_sum (high r) c3 W1 (RN_representable _ _) L2 M4) as [F G]. split; [exact F|]. set (w := whole _) in *.
  replace (w - (x + y - IZR n * ln 2)) with ((w - (high r + c3)) + (c3 - (low r + c2)) + (c2 - (low rest - c1)) -
    (c1 - IZR n * LN2_C) + IZR n * (ln 2 - LN2_A - LN2_B - LN2_C)) by lra.
  rewrite U2. set (g := IZR n * (ln 2 - _ - _ - _)) in *. apply Rabs_le_inv in G. apply Rabs_le_inv in CD.
  apply Rabs_le_inv in E1. apply Rabs_le_inv in E2. apply Rabs_le_inv in E3. apply Rabs_le. lra.
Qed.

(** For every pair of which the low part is no more than the high part may have lost: e^d = (result) 2^k. *)
Theorem exp_of_pair_bound d : representable f64 d.(high) -> representable f64 d.(low) -> -800 <= d.(high) <= 0 ->
  Rabs d.(low) <= u * Rabs d.(high) ->
  let '(k, e) := exp_of_pair d in
  near (16 * u ^ 2) ((e.(high) + e.(low)) * bpow radix2 k) (exp (d.(high) + d.(low))).
Proof.
  destruct d as [x y]. cbn [high low]. intros Hx Hy Hr Hl. destruct (reduction x Hr) as (n & T & R & N).
  destruct (reduced_pair x y n Hx Hy Hr Hl R N) as [L Q].
  assert (K : minus (IZR (n + 3 * 2 ^ 51)) MAGIC = IZR n).
  { unfold minus. replace (IZR (n + 3 * 2 ^ 51) - MAGIC) with (IZR n) by (rewrite plus_IZR; unfold MAGIC; simpl; lra).
    apply RN_exact with n 0%Z; [easy | simpl; lia | simpl; lra]. }
  assert (I : (bits_of_double (IZR (n + 3 * 2 ^ 51)) - bits_of_double MAGIC = n)%Z).
  { unfold bits_of_double. rewrite (Kernel.bits_of_double (n + 3 * 2 ^ 51) 0); [| simpl; lra | easy | simpl in *; lia].
    rewrite (Kernel.bits_of_double (3 * 2 ^ 51) 0); [ring | unfold MAGIC; simpl; lra | easy | easy]. }
  change (exp_of_pair {| high := x; low := y |}) with
    (let t := fma (x, LOG2_E, MAGIC) in let whole := minus t MAGIC in
     let rest := sum_of (y, times (- whole) LN2_B) in
     let r := sum_of (minus x (times whole LN2_A), rest.(high)) in
     ((bits_of_double t - bits_of_double MAGIC)%Z,
      series (sum_of_ordered (r.(high), plus r.(low) (minus rest.(low) (times whole LN2_C)))))).
  cbv zeta in *. rewrite T, K, I. set (r := sum_of_ordered _) in *. clearbody r.
  change (high (series r) + low (series r)) with (whole (series r)).
  destruct (series_error r L) as [_ E]. destruct (left_over_whole r L) as [B _]. apply Rabs_le_inv in B.
  assert (Hu : 0 < u ^ 2 <= / 1000000) by (unfold unit_roundoff; simpl; lra).
  set (rho := x + y - IZR n * ln 2) in *. replace (exp (x + y)) with (exp rho * bpow radix2 n).
  2: { rewrite bpow_exp, <- exp_plus. f_equal. change (IZR radix2) with 2. unfold rho. ring. }
  apply near_mult_r; [apply bpow_ge_0|].
  assert (Er : 0.707 <= exp (whole r)) by interval with (i_prec 60). assert (Ex : 0 < exp rho) by apply exp_pos.
  apply near_weaken with (13.5 * u ^ 2 + 0.35 * u ^ 2); [lra.. |].
  apply near_trans with (exp (whole r)); [lra.. | |].
  - apply near_where_at_least with 0.707 (9.5 * u ^ 2); [lra | exact Er | lra | exact E].
  - apply near_exp. exact Q.
Qed.
