(** WordTest - the two tests of impls/kernels/rounded_rows.h whether a midpoint of two words lies near a probability v,
    `narrowed` and QUICK: where they are sure, the word is that of every real within the error bound of v.
    SPDX-License-Identifier: MIT *)
From Coq Require Import Reals ZArith Lra Lia Psatz.
From Flocq Require Import Core Sterbenz.
From Maskproof Require Import Format Relative RoundingTest Kernel ExpDouble RowSum.
Open Scope R_scope.

(** --- the C --- *)
Section C.
Variables (f : format) (fused : bool) (bound : R).
Notation v_fnma := (v_fnma fused).

(* for v >= 0 *)
Definition v_power_of_2_in v := if Rle_dec (bpow radix2 (-1022)) v then bpow radix2 (mag radix2 v - 1) else 0.
Definition v_max := Rmax.
Definition v_farther a b := Rmax a (Rabs b).
Definition pick_above a b := if Rlt_dec b a then true else false.

(* format_of *)
Definition least := bpow radix2 (emin f + prec f - 1).
Definition factor := 1.5 * bpow radix2 (53 - prec f).
Definition half := bpow radix2 (- prec f).

Definition narrowed v :=
  let power := v_max (v_power_of_2_in v) least in let c := v_mul power factor in
  let word := v_sub (v_add v c) c in let off := v_farther 0 (v_sub v word) in
  (pick_above (v_fnma v bound (v_mul power half)) off, word).

(* QUICK: v is no midpoint *)
Definition pick_off_midpoint v add mask := negb (Z.land (bits v + add) mask =? 0)%Z.
End C.

(** --- words --- *)
Lemma multiple_of_least f x : representable f x -> exists m, x = IZR m * bpow radix2 (emin f).
Proof.
  intros Hx. unfold representable, generic_format, F2R in Hx. simpl in Hx.
  assert (L : (emin f <= cexp radix2 (FLT_exp (emin f) (prec f)) x)%Z) by (unfold cexp, FLT_exp; lia).
  set (c := cexp radix2 (FLT_exp (emin f) (prec f)) x) in *. set (z := Ztrunc _) in Hx.
  exists (z * 2 ^ (c - emin f))%Z. rewrite mult_IZR, (IZR_Zpower radix2) by lia.
  rewrite Rmult_assoc, <- bpow_plus. replace (c - emin f + emin f)%Z with c by ring. exact Hx.
Qed.

Lemma same_multiple n m e : Rabs (IZR m * bpow radix2 e - IZR n * bpow radix2 e) < bpow radix2 e -> m = n.
Proof.
  intros H. pose proof (bpow_gt_0 radix2 e). rewrite <- Rmult_minus_distr_r, <- minus_IZR, Rabs_mult in H.
  rewrite (Rabs_pos_eq (bpow radix2 e)), <- abs_IZR in H by lra.
  assert (B : IZR (Z.abs (m - n)) < 1) by nra. apply lt_IZR in B. lia.
Qed.

(** A multiple w of the spacing in [2^k, 2^(k+1)) is the word of every real r nearer than half a spacing; where w may be
    2^k, a quarter below, for there the spacing is finer. *)
Theorem word_of_all_near f k n r : let e := (k + 1 - prec f)%Z in let w := IZR n * bpow radix2 e in
  (emin f + prec f - 1 <= k)%Z -> 0 <= w <= bpow radix2 (k + 1) -> Rabs (r - w) < bpow radix2 (e - 1) ->
  k = (emin f + prec f - 1)%Z \/ bpow radix2 k <= w /\ bpow radix2 k - bpow radix2 (e - 2) < r -> RN f r = w.
Proof.
  intros e w Hk Hw Hr Hl. pose proof (prec_positive f) as Hp. pose proof (valid_exp f).
  assert (P : forall i, 0 < bpow radix2 i) by (intros; apply bpow_gt_0).
  assert (E1 : bpow radix2 e = 2 * bpow radix2 (e - 1)).
  { replace e with (1 + (e - 1))%Z at 1 by ring. now rewrite bpow_plus. }
  assert (E2 : bpow radix2 (e - 1) = 2 * bpow radix2 (e - 2)).
  { replace (e - 1)%Z with (1 + (e - 2))%Z by ring. now rewrite bpow_plus. }
  assert (K : bpow radix2 (k + 1) = IZR (2 ^ prec f) * bpow radix2 e).
  { rewrite (IZR_Zpower radix2), <- bpow_plus by lia. f_equal. unfold e. ring. }
  assert (W : representable f w).
  { destruct (Req_dec w (bpow radix2 (k + 1))) as [->|N].
    - apply generic_format_bpow. unfold FLT_exp. lia.
    - apply generic_format_FLT. exists (Float radix2 n e); simpl; [reflexivity | | unfold e; lia].
      assert (A : IZR n < IZR (2 ^ prec f)) by (apply Rmult_lt_reg_r with (bpow radix2 e); auto; fold w; lra).
      assert (B : 0 <= IZR n) by (apply Rmult_le_reg_r with (bpow radix2 e); auto; fold w; lra).
      apply lt_IZR in A. apply le_IZR in B. lia. }
  destruct (round_N_pt radix2 (FLT_exp (emin f) (prec f)) (fun z => negb (Z.even z)) r) as [G N].
  fold (RN f r) in G, N. set (g := RN f r) in *. assert (Nw := N w W).
  assert (D : Rabs (g - w) < bpow radix2 e).
  { replace (g - w) with ((g - r) + (r - w)) by ring. eapply Rle_lt_trans; [apply Rabs_triang|].
    rewrite (Rabs_minus_sym w r) in Nw. lra. }
  assert (S : (exists m, g = IZR m * bpow radix2 e) -> g = w).
  { intros (m & Hm). unfold w in *. rewrite Hm in *. f_equal. f_equal. now apply same_multiple with e. }
  destruct Hl as [Hl|[Hl Hr1]].
  - apply S. replace e with (emin f) by (unfold e; lia). now apply multiple_of_least.
  - destruct (Rle_dec (bpow radix2 k) g) as [Hg|Hg].
    { apply S. apply (multiple_of_unit f k); auto. rewrite Rabs_pos_eq; auto. pose proof (P k). lra. }
    exfalso. apply Rnot_le_lt in Hg. (* g below 2^k: then 2^k would be nearer to r *)
    assert (Rk : representable f (bpow radix2 k)) by (apply generic_format_bpow; unfold FLT_exp; lia).
    assert (Nk := N _ Rk). destruct (Rle_dec (bpow radix2 k) r) as [H2|H2].
    { rewrite Rabs_minus_sym, (Rabs_pos_eq (r - g)), Rabs_minus_sym, Rabs_pos_eq in Nk by lra. lra. }
    rewrite (Rabs_pos_eq (bpow radix2 k - r)) in Nk by lra. apply Rabs_le_inv in Nk.
    assert (Kh : bpow radix2 k = 2 * bpow radix2 (k - 1)).
    { replace k with (1 + (k - 1))%Z at 1 by ring. now rewrite bpow_plus. }
    assert (Ke : bpow radix2 (e - 1) <= bpow radix2 (k - 1)) by (apply bpow_le; unfold e; lia).
    destruct (multiple_of_unit f (k - 1) g G) as (m & Hm); [rewrite Rabs_pos_eq; pose proof (P (k - 1)%Z); lra|].
    replace (k - 1 + 1 - prec f)%Z with (e - 1)%Z in Hm by (unfold e; ring).
    assert (Km : bpow radix2 k = IZR (2 ^ prec f) * bpow radix2 (e - 1)).
    { rewrite (IZR_Zpower radix2), <- bpow_plus by lia. f_equal. unfold e. ring. }
    assert (X : m = (2 ^ prec f)%Z).
    { apply same_multiple with (e - 1)%Z. rewrite <- Hm, <- Km. apply Rabs_lt. lra. }
    subst m. lra.
Qed.

(** Adding 1.5 2^(52+e) rounds to a multiple of 2^e. *)
Lemma RN_magic_at e v : (-1074 <= e)%Z -> 0 <= v <= bpow radix2 (e + 50) -> exists n,
  RN f64 (v + 3 * bpow radix2 (e + 51)) = IZR (n + 3 * 2 ^ 51) * bpow radix2 e /\
  Rabs (v - IZR n * bpow radix2 e) <= bpow radix2 (e - 1).
Proof.
  intros He Hv. pose proof (bpow_gt_0 radix2 e) as P. rewrite bpow_plus in Hv. rewrite (bpow_plus _ e 51).
  simpl (bpow radix2 50) in Hv. simpl (bpow radix2 51). set (w := v + _).
  assert (M : mag radix2 w = (e + 53)%Z :> Z).
  { apply mag_unique_pos. replace (e + 53 - 1)%Z with (e + 52)%Z by ring. rewrite 2!bpow_plus. unfold w. simpl. lra. }
  set (s := w * bpow radix2 (- e)). exists (ZnearestE s - 3 * 2 ^ 51)%Z.
  replace (ZnearestE s - 3 * 2 ^ 51 + 3 * 2 ^ 51)%Z with (ZnearestE s) by ring. split.
  - unfold RN, round, scaled_mantissa, cexp, F2R. rewrite M. unfold FLT_exp. simpl (emin f64). simpl (prec f64).
    rewrite Z.max_l by lia. now replace (e + 53 - 53)%Z with e by ring.
  - pose proof (Znearest_half (fun z => negb (Z.even z)) s) as H.
    assert (W : w = s * bpow radix2 e).
    { unfold s. rewrite Rmult_assoc, <- bpow_plus, Z.add_opp_diag_l. simpl; ring. }
    replace (e - 1)%Z with (-1 + e)%Z by ring. rewrite bpow_plus. change (bpow radix2 (-1)) with (/ 2).
    replace (v - IZR (ZnearestE s - 3 * 2 ^ 51) * bpow radix2 e) with ((s - IZR (ZnearestE s)) * bpow radix2 e).
    + rewrite Rabs_mult, (Rabs_pos_eq (bpow radix2 e)) by lra. apply Rmult_le_compat_r; [lra | exact H].
    + replace ((s - IZR (ZnearestE s)) * bpow radix2 e) with (w - IZR (ZnearestE s) * bpow radix2 e)
        by (rewrite W; ring).
      unfold w. rewrite minus_IZR. simpl. lra.
Qed.

(** --- narrowed: for a v that is 0 or far from the lower end of the doubles --- *)
Theorem narrowed_is_right f fused bound v exact word : (prec f <= 24)%Z -> (-900 <= emin f)%Z ->
  representable f64 v -> v = 0 \/ bpow radix2 (-900) <= v -> bpow radix2 (-60) <= bound <= bpow radix2 (-27) ->
  Rabs (v - exact) <= bound * (1 - u) * v -> narrowed f fused bound v = (true, word) -> word = RN f exact.
Proof.
  intros Hp He Rv Hv Hb Hx Hn. pose proof (prec_positive f) as Hp0. pose proof u_small as Hu.
  assert (P : forall i, 0 < bpow radix2 i) by (intros; apply bpow_gt_0).
  assert (K : exists k, v_max (v_power_of_2_in v) (least f) = bpow radix2 k /\ (emin f + prec f - 1 <= k)%Z /\
    0 <= v < bpow radix2 (k + 1) /\ (k = (emin f + prec f - 1)%Z \/ bpow radix2 k <= v)).
  { set (j := (emin f + prec f - 1)%Z). destruct Hv as [->|Hv].
    - exists j. unfold v_power_of_2_in. destruct (Rle_dec _ 0); [pose proof (P (-1022)%Z); lra|].
      pose proof (P j). unfold v_max, least. fold j. rewrite Rmax_right by lra. repeat split; auto; try lia; try lra.
    - assert (Hv0 : 0 < v) by (pose proof (P (-900)%Z); lra). unfold v_power_of_2_in, v_max, least. fold j.
      assert (bpow radix2 (-1022) <= bpow radix2 (-900)) by now apply bpow_le.
      destruct (Rle_dec _ v) as [_|N]; [|lra].
      destruct (mag radix2 v) as [i Hi]. simpl. specialize (Hi ltac:(lra)). rewrite Rabs_pos_eq in Hi by lra.
      destruct (Z.le_gt_cases j (i - 1)) as [C|C].
      + exists (i - 1)%Z. rewrite Rmax_left by (apply bpow_le; lia). replace (i - 1 + 1)%Z with i by ring.
        repeat split; auto; try lra.
      + exists j. rewrite Rmax_right by (apply bpow_le; lia). repeat split; auto; try lia; try lra.
        apply Rlt_le_trans with (1 := proj2 Hi). apply bpow_le. lia. }
  destruct K as (k & EP & Hk & Hvk & Hvl). set (e := (k + 1 - prec f)%Z).
  assert (C : v_mul (bpow radix2 k) (factor f) = 3 * bpow radix2 (e + 51)).
  { unfold v_mul, factor.
    replace (bpow radix2 k * (1.5 * bpow radix2 (53 - prec f))) with (IZR 3 * bpow radix2 (e + 51)).
    - apply RN_exact with 3%Z (e + 51)%Z; simpl; auto; unfold e; lia.
    - replace (e + 51)%Z with (-1 + (k + (53 - prec f)))%Z by (unfold e; ring). rewrite 2!bpow_plus.
      change (bpow radix2 (-1)) with (/ 2). lra. }
  assert (H : v_mul (bpow radix2 k) (half f) = bpow radix2 (e - 1)).
  { unfold v_mul, half. rewrite <- bpow_plus. replace (k + - prec f)%Z with (e - 1)%Z by (unfold e; ring).
    apply RN_exact with 1%Z (e - 1)%Z; simpl; auto; try (unfold e; lia). ring. }
  unfold narrowed in Hn. cbv zeta in Hn. rewrite EP, C, H in Hn. unfold v_add in Hn.
  destruct (RN_magic_at e v) as (n & M & D); [unfold e; lia | |].
  { split; [lra|]. apply Rle_trans with (bpow radix2 (k + 1)); [lra|]. apply bpow_le. unfold e. lia. }
  rewrite M in Hn. set (w := IZR n * bpow radix2 e) in *.
  assert (E1 : bpow radix2 e = 2 * bpow radix2 (e - 1)).
  { replace e with (1 + (e - 1))%Z at 1 by ring. now rewrite bpow_plus. }
  assert (Kp : bpow radix2 (k + 1) = IZR (2 ^ prec f) * bpow radix2 e).
  { rewrite (IZR_Zpower radix2), <- bpow_plus by lia. f_equal. unfold e. ring. }
  pose proof (P e) as Pe. apply Rabs_le_inv in D.
  assert (N : (0 <= n <= 2 ^ prec f)%Z).
  { split; apply Z.lt_succ_r, lt_IZR; unfold Z.succ; rewrite ?plus_IZR; apply Rmult_lt_reg_r with (bpow radix2 e); auto;
      rewrite ?Rmult_plus_distr_r; fold w; try rewrite <- Kp; lra. }
  assert (Z24 : (2 ^ prec f <= 2 ^ 24)%Z) by (apply Z.pow_le_mono_r; lia). simpl (2 ^ 24)%Z in Z24.
  assert (Rw : representable f64 w).
  { apply generic_format_FLT. exists (Float radix2 n e); simpl; [reflexivity | lia | unfold e; lia]. }
  assert (W : v_sub (IZR (n + 3 * 2 ^ 51) * bpow radix2 e) (3 * bpow radix2 (e + 51)) = w).
  { unfold v_sub. replace (_ - _) with w; [now apply RN_id|]. unfold w. rewrite plus_IZR, bpow_plus. simpl. lra. }
  rewrite W in Hn. assert (Rd : representable f64 (v - w)).
  { destruct (Z.eq_dec n 0) as [N0|N0].
    - replace (v - w) with v by (unfold w; rewrite N0; ring). exact Rv.
    - assert (W1 : bpow radix2 e <= w).
      { unfold w. assert (1 <= IZR n) by (apply IZR_le; lia). nra. }
      pose proof (valid_exp f64). unfold Rminus. apply generic_format_plus_weak; auto.
      + apply FLT_exp_monotone.
      + now apply generic_format_opp.
      + fold (v - w). rewrite Rabs_Ropp, (Rabs_pos_eq v), (Rabs_pos_eq w) by lra. apply Rmin_glb; apply Rabs_le; lra. }
  unfold v_sub, v_farther in Hn. rewrite RN_id, Rmax_right in Hn by (auto using Rabs_pos).
  injection Hn as Hs <-. unfold pick_above in Hs. destruct (Rlt_dec _ _) as [T|]; [clear Hs | discriminate].
  (* the test, in real numbers *)
  assert (A : Rabs (v - w) + bound * (1 - u) * v < bpow radix2 (e - 1)).
  { assert (S : forall x, Rabs (v - w) < RN f64 (bpow radix2 (e - 1) - x) -> Rabs (v - w) + x < bpow radix2 (e - 1)).
    { intros x Hx'. apply Rnot_le_lt. intros B. apply (Rlt_not_le _ _ Hx').
      assert (Ra : representable f64 (Rabs (v - w))) by now apply generic_format_abs.
      rewrite <- (RN_id f64 _ Ra). apply RN_le. lra. }
    assert (Q : 0 <= bound * v * u) by (pose proof (P (-60)%Z); repeat apply Rmult_le_pos; lra).
    unfold v_fnma, v_mul in T. destruct fused; [apply S in T; lra|]. apply S in T. destruct Hv as [->|Hv].
    - rewrite Rmult_0_l, RN_0 in T. lra.
    - assert (L : bpow radix2 (-1022) <= v * bound).
      { apply Rle_trans with (bpow radix2 (-900) * bpow radix2 (-60)).
        - rewrite <- bpow_plus. now apply bpow_le.
        - pose proof (P (-900)%Z). pose proof (P (-60)%Z). apply Rmult_le_compat; lra. }
      destruct (RN_normal_near _ L) as [[X _] _]. lra. }
  symmetry. apply (word_of_all_near f k n); fold e; fold w; auto.
  - split; [unfold w; apply Rmult_le_pos; [apply IZR_le; lia | lra]|].
    rewrite Kp. apply Rmult_le_compat_r; [lra | apply IZR_le; lia].
  - replace (exact - w) with ((v - w) - (v - exact)) by ring. eapply Rle_lt_trans; [apply Rabs_triang|].
    rewrite Rabs_Ropp. lra.
  - destruct Hvl as [Hvl|Hvl]; [now left|]. right. split.
    + assert (Kk : bpow radix2 k = IZR (2 ^ (prec f - 1)) * bpow radix2 e).
      { rewrite (IZR_Zpower radix2), <- bpow_plus by lia. f_equal. unfold e. ring. }
      rewrite Kk. apply Rmult_le_compat_r; [lra|]. apply IZR_le, Z.lt_succ_r, lt_IZR. unfold Z.succ. rewrite plus_IZR.
      apply Rmult_lt_reg_r with (bpow radix2 e); auto. rewrite Rmult_plus_distr_r. fold w. lra.
    + apply Rabs_le_inv in Hx.
      assert (B1 : bound * (1 - u) * v <= bpow radix2 (-27) * v).
      { apply Rmult_le_compat_r; [lra|]. pose proof (P (-60)%Z).
        assert (0 <= bound * u) by (apply Rmult_le_pos; lra). lra. }
      assert (B2 : bpow radix2 (-27) * bpow radix2 k <= bpow radix2 (e - 2) / 2).
      { rewrite <- bpow_plus. replace (bpow radix2 (e - 2) / 2) with (bpow radix2 (-1 + (e - 2))).
        - apply bpow_le. unfold e. lia.
        - rewrite bpow_plus. change (bpow radix2 (-1)) with (/ 2). lra. }
      assert (B3 : (1 - bpow radix2 (-27)) * bpow radix2 k <= (1 - bpow radix2 (-27)) * v).
      { apply Rmult_le_compat_l; [simpl; lra | exact Hvl]. }
      pose proof (P (e - 2)%Z). lra.
Qed.

(** --- QUICK: the bits of v, for floats that are normal --- *)
Lemma off_midpoint v : pick_off_midpoint v (2 ^ 28 + 16) (2 ^ 29 - 32) = true ->
  (32 <= (bits v + (2 ^ 28 + 16)) mod 2 ^ 29)%Z.
Proof.
  unfold pick_off_midpoint. set (b := (bits v + _)%Z). intros H. apply Z.le_ngt. intros S.
  apply Bool.negb_true_iff, Z.eqb_neq in H. apply H.
  assert (M : (2 ^ 29 - 32)%Z = Z.land (Z.ones 29) (Z.lnot (Z.ones 5))) by reflexivity.
  rewrite M, Z.land_assoc, Z.land_ones by easy.
  assert (L : (b mod 2 ^ 29)%Z = Z.land (b mod 2 ^ 29) (Z.ones 5)).
  { rewrite Z.land_ones by easy. symmetry. apply Z.mod_small. split; [now apply Z.mod_pos_bound | exact S]. }
  now rewrite L, <- Z.land_assoc, Z.land_lnot_diag, Z.land_0_r.
Qed.

Theorem quick_is_right v exact : representable f64 v -> bpow radix2 (-126) <= v ->
  Rabs (v - exact) <= bpow radix2 (-49) * v -> pick_off_midpoint v (2 ^ 28 + 16) (2 ^ 29 - 32) = true ->
  RN f32 v = RN f32 exact.
Proof.
  intros Rv Hv Hx Hq. assert (P : forall i, 0 < bpow radix2 i) by (intros; apply bpow_gt_0).
  assert (Hv0 : 0 < v) by (pose proof (P (-126)%Z); lra).
  destruct (mag radix2 v) as [i Hi]. specialize (Hi ltac:(lra)). rewrite Rabs_pos_eq in Hi by lra.
  assert (I : (-126 < i)%Z) by (apply (lt_bpow radix2); lra).
  destruct (multiple_of_unit f64 (i - 1) v Rv) as (m & V); [rewrite Rabs_pos_eq; lra|].
  replace (i - 1 + 1 - prec f64)%Z with (i - 53)%Z in V by (simpl; ring). set (q := (i - 53)%Z) in *.
  assert (Q := P q).
  assert (U : forall k, (0 <= k)%Z -> bpow radix2 (q + k) = IZR (2 ^ k) * bpow radix2 q).
  { intros k Hk. rewrite (IZR_Zpower radix2), <- bpow_plus by auto. f_equal. ring. }
  assert (M : (2 ^ 52 <= m < 2 ^ 53)%Z).
  { replace (i - 1)%Z with (q + 52)%Z in Hi by (unfold q; ring). replace i with (q + 53)%Z in Hi by (unfold q; ring).
    rewrite 2!U, V in Hi by easy. destruct Hi as [H1 H2]. apply Rmult_le_reg_r in H1; auto.
    apply Rmult_lt_reg_r in H2; auto. split; [now apply le_IZR | now apply lt_IZR]. }
  (* the word next to v, n 2^29 of its units, is less than 2^28 - 16 of them away *)
  apply off_midpoint in Hq. rewrite (bits_of_double m q v V) in Hq by (auto; unfold q; lia).
  assert (N : exists n, (Z.abs (m - n * 2 ^ 29) <= 2 ^ 28 - 16)%Z).
  { pose proof (Z.div_mod m (2 ^ 29) ltac:(easy)) as D. pose proof (Z.mod_pos_bound m (2 ^ 29) ltac:(easy)) as B.
    replace (m + (q + 1074) * 2 ^ 52 + (2 ^ 28 + 16))%Z with
      (m mod 2 ^ 29 + (2 ^ 28 + 16) + (m / 2 ^ 29 + (q + 1074) * 2 ^ 23) * 2 ^ 29)%Z in Hq by lia.
    rewrite Z.mod_add in Hq by easy. set (s := (m mod 2 ^ 29)%Z) in *. set (a := (m / 2 ^ 29)%Z) in *. clearbody s a.
    destruct (Z.lt_ge_cases s (2 ^ 28 - 16)) as [S|S]; [exists a; lia|]. exists (a + 1)%Z.
    destruct (Z.lt_ge_cases s (2 ^ 28 + 16)) as [S'|S'].
    - exfalso. replace (s + (2 ^ 28 + 16))%Z with ((s - (2 ^ 28 - 16)) + 1 * 2 ^ 29)%Z in Hq by lia.
      rewrite Z.mod_add, Z.mod_small in Hq by lia. lia.
    - lia. }
  destruct N as (n & N). assert (B : (2 ^ 23 <= n <= 2 ^ 24)%Z) by lia.
  assert (E : (q + 52 + 1 - prec f32)%Z = (q + 29)%Z) by (simpl; ring).
  pose proof (word_of_all_near f32 (q + 52) n) as W. cbv zeta in W. rewrite E in W.
  replace (q + 52 + 1)%Z with (q + 53)%Z in W by ring. replace (q + 29 - 1)%Z with (q + 28)%Z in W by ring.
  replace (q + 29 - 2)%Z with (q + 27)%Z in W by ring. rewrite !U in W by easy.
  assert (X : Rabs (v - exact) < 16 * bpow radix2 q).
  { apply Rle_lt_trans with (1 := Hx). rewrite V. replace (16 * bpow radix2 q) with (bpow radix2 (-49) *
      (IZR (2 ^ 53) * bpow radix2 q)) by (simpl; lra).
    apply Rmult_lt_compat_l; [apply P|]. apply Rmult_lt_compat_r; [auto | now apply IZR_lt]. }
  assert (D : Rabs (v - IZR n * (IZR (2 ^ 29) * bpow radix2 q)) <= IZR (2 ^ 28 - 16) * bpow radix2 q).
  { rewrite V, <- Rmult_assoc, <- mult_IZR, <- Rmult_minus_distr_r, <- minus_IZR, Rabs_mult, <- abs_IZR.
    rewrite (Rabs_pos_eq (bpow radix2 q)) by lra. apply Rmult_le_compat_r; [lra | now apply IZR_le]. }
  set (w := IZR n * (IZR (2 ^ 29) * bpow radix2 q)) in *.
  assert (Ew : w = IZR (n * 2 ^ 29) * bpow radix2 q) by (unfold w; rewrite mult_IZR; ring).
  assert (B' : 0 <= w <= IZR (2 ^ 53) * bpow radix2 q /\ IZR (2 ^ 52) * bpow radix2 q <= w).
  { rewrite Ew. split; [split; [apply Rmult_le_pos; [apply IZR_le; lia | lra]|]|];
      (apply Rmult_le_compat_r; [lra | apply IZR_le; lia]). }
  assert (B3 : IZR (2 ^ 52) * bpow radix2 q <= v) by (rewrite V; apply Rmult_le_compat_r; [lra | now apply IZR_le]).
  clearbody w. rewrite minus_IZR in D. apply Rabs_lt_inv in X. apply Rabs_le_inv in D.
  destruct B' as [B1 B2].
  change (2 ^ 53)%Z with 0x20000000000000%Z in *. change (2 ^ 52)%Z with 0x10000000000000%Z in *.
  change (2 ^ 28)%Z with 0x10000000%Z in *. change (2 ^ 27)%Z with 0x8000000%Z in *.
  assert (Y : forall r, Rabs (r - v) < 16 * bpow radix2 q -> RN f32 r = w).
  { intros r Hr. apply Rabs_lt_inv in Hr. apply W; auto; [unfold q; simpl; lia | apply Rabs_lt; lra|].
    right. split; lra. }
  rewrite (Y exact), (Y v); auto; apply Rabs_lt; lra.
Qed.
