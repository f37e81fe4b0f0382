(** FastWords - `round_all` of the oracle's fast engine (oracle/fast_words.c): where what lies 10 u below a double p and
    10 u above rounds to one word, that word is right for every real within 8 u of p.
    SPDX-License-Identifier: MIT *)
From Coq Require Import Reals ZArith Lra Lia Psatz.
From Flocq Require Import Core.
From Maskproof Require Import Format Relative RoundingTest Kernel RowSum WordTest.
Open Scope R_scope.

(** A word of a format, sign 0, as an integer: the number that it means. *)
Definition value_of f (word : Z) : R :=
  let hidden := (2 ^ (prec f - 1))%Z in let exponent := (word / hidden)%Z in let fraction := (word mod hidden)%Z in
  if (exponent =? 0)%Z then IZR fraction * bpow radix2 (emin f)
  else IZR (hidden + fraction) * bpow radix2 (emin f + exponent - 1).

(** --- the C, on one entry --- *)
Section C.
Variables (f : format) (p : R).
Definition least_normal := bpow radix2 (emin f + prec f - 1).
Definition magic := 0x1.8p52 * bpow radix2 (1 - prec f).
Definition binade := Rmax (bpow radix2 (mag radix2 p - 1)) least_normal.
Definition ulps := RN f64 (binade * magic).
Definition exponent := (bits binade / 2 ^ 52 - bits least_normal / 2 ^ 52)%Z.
Definition word below := (exponent * 2 ^ (prec f - 1) + (bits below - bits ulps))%Z.
End C.

(** --- what it means --- *)
Lemma value_of_multiple f j n : let hidden := (2 ^ (prec f - 1))%Z in
  (0 <= j)%Z -> (0 <= n <= 2 * hidden)%Z -> j = 0%Z \/ (hidden <= n)%Z ->
  value_of f (j * hidden + n) = IZR n * bpow radix2 (emin f + j).
Proof.
  intros h Hj Hn Hl. unfold value_of. fold h. cbv zeta. pose proof (prec_positive f).
  assert (H0 : (0 < h)%Z) by (apply Z.pow_pos_nonneg; lia).
  assert (C : (n < h \/ h <= n < 2 * h \/ n = 2 * h)%Z) by lia. destruct C as [C|[C|C]].
  - replace j with 0%Z by lia. rewrite Z.mul_0_l, Z.add_0_l, Z.div_small, Z.mod_small by lia. now rewrite Z.add_0_r.
  - replace (j * h + n)%Z with ((n - h) + (j + 1) * h)%Z by ring.
    rewrite Z.div_add, Z.mod_add, Z.div_small, Z.mod_small by lia. destruct (Z.eqb_spec (0 + (j + 1)) 0); [lia|].
    replace (h + (n - h))%Z with n by ring. now replace (emin f + (0 + (j + 1)) - 1)%Z with (emin f + j)%Z by ring.
  - replace (j * h + n)%Z with (0 + (j + 2) * h)%Z by lia.
    rewrite Z.div_add, Z.mod_add, Z.div_small, Z.mod_small by lia. destruct (Z.eqb_spec (0 + (j + 2)) 0); [lia|].
    rewrite C, Z.add_0_r, mult_IZR. replace (emin f + (0 + (j + 2)) - 1)%Z with (1 + (emin f + j))%Z by ring.
    rewrite bpow_plus. change (bpow radix2 1) with 2. ring.
Qed.

Theorem round_all_is_right f p exact : (prec f <= 24)%Z -> (-900 <= emin f)%Z -> bpow radix2 (-900) <= p ->
  Rabs (p - exact) <= 8 * u * p ->
  let below := RN f64 (RN f64 (p * (1 - 10 * u)) + ulps f p) in
  let above := RN f64 (RN f64 (p * (1 + 10 * u)) + ulps f p) in
  below = above -> value_of f (word f p below) = RN f exact.
Proof.
  intros Hp He Hv Hx below above Hn. pose proof (prec_positive f) as Hp0. pose proof u_small as Hu.
  assert (P : forall i, 0 < bpow radix2 i) by (intros; apply bpow_gt_0).
  assert (Hv0 : 0 < p) by (pose proof (P (-900)%Z); lra).
  (* binade = 2^k, ulps = 1.5 2^(52+e) *)
  assert (K : exists k, binade f p = bpow radix2 k /\ (emin f + prec f - 1 <= k)%Z /\ p < bpow radix2 (k + 1) /\
    (k = (emin f + prec f - 1)%Z \/ bpow radix2 k <= p)).
  { unfold binade, least_normal. set (j := (emin f + prec f - 1)%Z). destruct (mag radix2 p) as [i Hi]. simpl.
    specialize (Hi ltac:(lra)). rewrite Rabs_pos_eq in Hi by lra. destruct (Z.le_gt_cases j (i - 1)) as [C|C].
    - exists (i - 1)%Z. rewrite Rmax_left by (apply bpow_le; lia). replace (i - 1 + 1)%Z with i by ring.
      repeat split; auto; try lra.
    - exists j. rewrite Rmax_right by (apply bpow_le; lia). repeat split; auto; try lia.
      apply Rlt_le_trans with (1 := proj2 Hi). apply bpow_le. lia. }
  destruct K as (k & EP & Hk & Hvk & Hvl). set (e := (k + 1 - prec f)%Z).
  assert (C : ulps f p = 3 * bpow radix2 (e + 51)).
  { unfold ulps, magic. rewrite EP.
    replace (bpow radix2 k * (0x1.8p52 * bpow radix2 (1 - prec f))) with (IZR 3 * bpow radix2 (e + 51)).
    - apply RN_exact with 3%Z (e + 51)%Z; simpl; auto; unfold e; lia.
    - replace (e + 51)%Z with (51 + (k + (1 - prec f)))%Z by (unfold e; ring). rewrite 2!bpow_plus.
      simpl (bpow radix2 51). lra. }
  assert (J : exponent f p = (k - (emin f + prec f - 1))%Z).
  { unfold exponent, least_normal. rewrite EP.
    assert (X : forall i, (-1000 <= i)%Z -> bits (bpow radix2 i) = ((i + 1023) * 2 ^ 52)%Z).
    { intros i Hi. rewrite (bits_of_double (2 ^ 52) (i - 52)); [ring | | lia | easy].
      rewrite (IZR_Zpower radix2), <- bpow_plus by easy. f_equal. ring. }
    rewrite !X, !Z.div_mul by (easy || lia). ring. }
  unfold below, above, word in *. clear below above. rewrite J, C in *. clear EP.
  (* both ends *)
  assert (N : forall c, 1 / 2 <= c -> near u (RN f64 (p * c)) (p * c)).
  { intros c Hc. apply RN_normal_near. apply Rle_trans with (bpow radix2 (-900) * bpow radix2 (-1)).
    - rewrite <- bpow_plus. now apply bpow_le.
    - change (bpow radix2 (-1)) with (/ 2). apply Rmult_le_compat; try lra. apply bpow_ge_0. }
  destruct (N (1 - 10 * u)) as [La Lb]; [lra|]. destruct (N (1 + 10 * u)) as [Ua Ub]; [lra|]. clear N.
  set (a := RN f64 (p * (1 - 10 * u))) in *. set (b := RN f64 (p * (1 + 10 * u))) in *. apply Rabs_le_inv in Hx.
  assert (A : 0 <= a < exact) by nra. assert (B : exact < b) by nra. assert (B2 : p < b <= 2 * p) by nra.
  assert (A2 : a < p) by nra.
  assert (E50 : 2 * bpow radix2 (k + 1) <= bpow radix2 (e + 50)).
  { replace (2 * bpow radix2 (k + 1)) with (bpow radix2 (1 + (k + 1))) by (rewrite bpow_plus; reflexivity).
    apply bpow_le. unfold e. lia. }
  destruct (RN_magic_at e a) as (n & Ma & Da); [unfold e; lia | lra |].
  destruct (RN_magic_at e b) as (n' & Mb & Db); [unfold e; lia | lra |].
  pose proof (P e) as Pe. rewrite Ma, Mb in Hn. apply Rmult_eq_reg_r in Hn; [|lra]. apply eq_IZR in Hn.
  assert (n' = n) by lia. subst n'. rewrite Ma. clear Ma Mb Hn. set (w := IZR n * bpow radix2 e) in *.
  apply Rabs_le_inv in Da. apply Rabs_le_inv in Db.
  assert (E1 : bpow radix2 e = 2 * bpow radix2 (e - 1)).
  { replace e with (1 + (e - 1))%Z at 1 by ring. now rewrite bpow_plus. }
  assert (Kp : forall i, (0 <= i)%Z -> bpow radix2 (e + i) = IZR (2 ^ i) * bpow radix2 e).
  { intros i Hi. rewrite (IZR_Zpower radix2), <- bpow_plus by lia. f_equal. ring. }
  assert (Kk : bpow radix2 (k + 1) = IZR (2 ^ prec f) * bpow radix2 e).
  { rewrite <- Kp by lia. f_equal. unfold e. ring. }
  assert (K1 : bpow radix2 k = IZR (2 ^ (prec f - 1)) * bpow radix2 e).
  { rewrite <- Kp by lia. f_equal. unfold e. ring. }
  assert (N : (0 <= n <= 2 ^ prec f)%Z).
  { split; apply Z.lt_succ_r, lt_IZR; unfold Z.succ; rewrite ?plus_IZR; apply Rmult_lt_reg_r with (bpow radix2 e); auto;
      rewrite ?Rmult_plus_distr_r; fold w; try rewrite <- Kk; lra. }
  assert (Z24 : (2 ^ prec f <= 2 ^ 24)%Z) by (apply Z.pow_le_mono_r; lia). simpl (2 ^ 24)%Z in Z24.
  assert (L : k = (emin f + prec f - 1)%Z \/ (2 ^ (prec f - 1) <= n)%Z).
  { destruct Hvl as [Hvl|Hvl]; [now left|right]. apply Z.lt_succ_r, lt_IZR. unfold Z.succ. rewrite plus_IZR.
    apply Rmult_lt_reg_r with (bpow radix2 e); auto. rewrite Rmult_plus_distr_r. fold w. rewrite <- K1. lra. }
  (* the word *)
  rewrite (bits_of_double (n + 3 * 2 ^ 51) e _ eq_refl) by (simpl in *; unfold e; lia).
  rewrite (bits_of_double (3 * 2 ^ 51) e) by first [rewrite bpow_plus; simpl; lra | simpl; unfold e; lia].
  replace (n + 3 * 2 ^ 51 + (e + 1074) * 2 ^ 52 - (3 * 2 ^ 51 + (e + 1074) * 2 ^ 52))%Z with n by ring.
  rewrite value_of_multiple; [|lia| |destruct L; [left; lia | now right]].
  2: { split; [lia|]. replace (2 * 2 ^ (prec f - 1))%Z with (2 ^ prec f)%Z; [lia|].
       replace (prec f) with (1 + (prec f - 1))%Z at 1 by ring. now rewrite Z.pow_add_r by lia. }
  replace (emin f + (k - (emin f + prec f - 1)))%Z with e by (unfold e; ring). fold w.
  symmetry. apply (word_of_all_near f k n exact); fold e; fold w; auto.
  - split; [unfold w; apply Rmult_le_pos; [apply IZR_le; lia | lra]|].
    rewrite Kk. apply Rmult_le_compat_r; [lra | apply IZR_le; lia].
  - apply Rabs_lt. lra.
  - destruct Hvl as [Hvl|Hvl]; [now left|]. destruct L as [L|L]; [now left|]. right. split.
    + rewrite K1. apply Rmult_le_compat_r; [lra | now apply IZR_le].
    + assert (B3 : 8 * u * bpow radix2 k < bpow radix2 (e - 2)).
      { replace (8 * u) with (bpow radix2 (-50)) by (unfold unit_roundoff; simpl; lra).
        rewrite <- bpow_plus. apply bpow_lt. unfold e. lia. }
      assert ((1 - 8 * u) * bpow radix2 k <= (1 - 8 * u) * p) by (apply Rmult_le_compat_l; lra). lra.
Qed.
