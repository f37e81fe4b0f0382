(** OnlineBound - the rounding error of the online and the blockwise form: a block has a reference c and a sum of
    exp(x - c); where two are merged, the sum of the lower reference is scaled down to the higher, every step rounded.
    Online.v is the same over the reals.
    SPDX-License-Identifier: MIT *)
From Coq Require Import Reals ZArith List Lra Lia Bool Arith Psatz.
From Flocq Require Import Core Relative Plus_error.
From Maskproof Require Import Sums Spec Format Relative Bound.
Import ListNotations.
Open Scope R_scope.

(** Blocks of entries, each with its reference and the sum that was computed, merged in some order and grouping. *)
Inductive blocks := Block (s : list nat) (c v : R) | Merge (a b : blocks).
Fixpoint covered o := match o with Block s _ _ => s | Merge a b => covered a ++ covered b end.
Fixpoint top o := match o with Block _ c _ => c | Merge a b => Rmax (top a) (top b) end.
Fixpoint low o := match o with Block _ c _ => c | Merge a b => Rmin (low a) (low b) end.

(** The longest way of a block's sum: merges, and those of them that scale it down. *)
Definition lower c top : nat := if Req_EM_T c top then 0 else 1.
Fixpoint merges o : nat := match o with Block _ _ _ => 0 | Merge a b => S (max (merges a) (merges b)) end.
Fixpoint rescalings o : nat := match o with
  | Block _ _ _ => 0
  | Merge a b => max (rescalings a + lower (top a) (top o)) (rescalings b + lower (top b) (top o))
  end.

Section Online.
Variable f : format.
Notation u := (unit_roundoff f).
Notation tiny := (half_subnormal f).
Variable x : nat -> R.

(** exp of a difference of references, up to eps relatively and w absolutely, exact at 0. *)
Variables (kernel : R -> R) (eps w : R).
Hypothesis kernel_nonneg : forall d, d <= 0 -> representable f d -> representable f (kernel d) /\ 0 <= kernel d.
Hypothesis kernel_one : kernel 0 = 1.
Hypothesis kernel_error : forall d, d <= 0 -> representable f d -> Rabs (kernel d - exp d) <= eps * exp d + w.
Hypothesis sizes : 0 <= eps /\ 0 <= w.

Definition rescaled c top v := RN f (v * kernel (RN f (c - top))).
Fixpoint value o := match o with
  | Block _ _ v => v
  | Merge a b => RN f (rescaled (top a) (top o) (value a) + rescaled (top b) (top o) (value b))
  end.

(** A block's sum is right up to k; its entries lie at most 1/2 above the reference, and one at most 1/2 below. *)
Variable k : R.
Hypothesis k_nonneg : 0 <= k.
Definition mass s c := sum s (fun j => exp (x j - c)).
Fixpoint right o : Prop := match o with
  | Block s c v => representable f c /\ representable f v /\ near k v (mass s c) /\
                   (forall j, In j s -> x j <= c + / 2) /\ exists j, In j s /\ c - / 2 <= x j
  | Merge a b => right a /\ right b
  end.

(** Merges, with what underflows at each, rescalings, and the roundings of the differences on the way down. *)
Definition sum_budget o n :=
  k + INR (merges o) * (u + (12 * INR n * w + 4 * tiny)) + INR (rescalings o) * (eps + u) + u * (top o - low o).

Lemma half_subnormal_range : 0 < tiny.
Proof. apply bpow_gt_0. Qed.

Lemma exp_half : exp (/ 2) <= 2.
Proof.
  assert (H : exp (/ 2) * exp (/ 2) <= 2 * 2); [|pose proof (exp_pos (/ 2)); nra].
  rewrite <- exp_plus. replace (/ 2 + / 2) with 1 by lra. pose proof exp_le_3. lra.
Qed.

Lemma mass_range o : right o -> / 2 <= mass (covered o) (top o) <= 2 * INR (length (covered o)).
Proof.
  assert (Up : forall s c, (forall j, In j s -> x j <= c + / 2) -> mass s c <= 2 * INR (length s)).
  { intros s c. unfold mass. induction s as [|j s IH]; intros H; [simpl; lra|]. cbn [sum length]. rewrite S_INR.
    assert (exp (x j - c) <= exp (/ 2)).
    { assert (J : x j - c <= / 2) by (specialize (H j (or_introl eq_refl)); lra).
      destruct J as [J| ->]; [left; now apply exp_increasing | lra]. }
    pose proof exp_half. assert (sum s (fun j => exp (x j - c)) <= 2 * INR (length s)) by
      (apply IH; intros; apply H; now right). lra. }
  assert (Top : forall o, right o -> (forall j, In j (covered o) -> x j <= top o + / 2) /\
                                     exists j, In j (covered o) /\ top o - / 2 <= x j).
  { clear o. induction o as [s c v|a IHa b IHb]; simpl; [now intros (_ & _ & _ & H)|]. intros [Ha Hb].
    destruct (IHa Ha) as [A (i & Ai & Bi)], (IHb Hb) as [B (j & Aj & Bj)].
    pose proof (Rmax_l (top a) (top b)). pose proof (Rmax_r (top a) (top b)). split.
    - intros l Hl. apply in_app_or in Hl as [Hl|Hl]; [specialize (A l Hl) | specialize (B l Hl)]; lra.
    - unfold Rmax in *. destruct (Rle_dec _ _); [exists j | exists i]; split; auto using in_or_app. }
  intros Hr. destruct (Top o Hr) as [A (j & Hj & B)]. split; [|now apply Up].
  apply Rle_trans with (exp (x j - top o)).
  - apply Rle_trans with (exp (- / 2)).
    + rewrite exp_Ropp. apply Rinv_le_contravar; [apply exp_pos | apply exp_half].
    + assert (J : - / 2 <= x j - top o) by lra. destruct J as [J|<-]; [left; now apply exp_increasing | lra].
  - apply (sum_ge_term _ (fun j => exp (x j - top o))); auto. intros; left; apply exp_pos.
Qed.

Lemma mass_shift s c c' : mass s c' = mass s c * exp (c - c').
Proof.
  unfold mass. rewrite (sum_ext _ (fun j => exp (x j - c')) (fun j => exp (c - c') * exp (x j - c))).
  - rewrite sum_scale. ring.
  - intros j _. rewrite <- exp_plus. f_equal. ring.
Qed.

Lemma top_low o : low o <= top o.
Proof.
  induction o as [s c v|a IHa b IHb]; simpl; [lra|].
  pose proof (Rmax_l (top a) (top b)). pose proof (Rmin_l (low a) (low b)). lra.
Qed.

Lemma sum_budget_nonneg o n : 0 <= sum_budget o n.
Proof.
  destruct sizes. unfold sum_budget. pose proof (pos_INR (merges o)). pose proof (pos_INR (rescalings o)).
  pose proof (top_low o). pose proof half_subnormal_range. pose proof (pos_INR n). pose proof (unit_roundoff_range f).
  assert (0 <= 12 * INR n * w) by nra. nra.
Qed.

Lemma top_representable o : right o -> representable f (top o).
Proof.
  induction o as [s c v|a IHa b IHb]; simpl; [tauto|]. intros [Ha Hb]. unfold Rmax. destruct (Rle_dec _ _); auto.
Qed.

Lemma value_representable o : right o -> representable f (value o).
Proof. destruct o; simpl; [tauto | intros _; apply RN_representable]. Qed.

(** The kernel's error as a relative and an absolute one. *)
Lemma kernel_split d : d <= 0 -> representable f d ->
  exists r a, Rabs r <= eps /\ Rabs a <= w /\ kernel d = exp d * (1 + r) + a.
Proof.
  intros Hd0 Rd. destruct sizes as [He Hw]. pose proof (kernel_error d Hd0 Rd) as Hke. pose proof (exp_pos d) as Hd.
  set (g := kernel d - exp d) in *. destruct (Rle_dec (Rabs g) (eps * exp d)) as [G|G].
  - exists (g / exp d), 0. rewrite Rabs_R0. split; [|split; [lra | unfold g; field; lra]].
    unfold Rdiv. rewrite Rabs_mult, (Rabs_pos_eq (/ exp d)) by (left; now apply Rinv_0_lt_compat).
    apply Rmult_le_reg_r with (exp d); auto. rewrite Rmult_assoc, Rinv_l, Rmult_1_r; lra.
  - destruct (Rle_dec 0 g) as [S|S].
    + exists eps, (g - eps * exp d). rewrite (Rabs_pos_eq eps) by auto. rewrite (Rabs_pos_eq g) in * by auto.
      split; [lra | split; [apply Rabs_le; lra | unfold g; ring]].
    + exists (- eps), (g + eps * exp d). rewrite Rabs_Ropp, (Rabs_pos_eq eps) by auto. rewrite (Rabs_left g) in * by lra.
      split; [lra | split; [apply Rabs_le; lra | unfold g; ring]].
Qed.

(** What one merge does to one side. *)
Lemma rescaled_near K c t v T n : representable f c -> representable f t -> representable f v -> c <= t ->
  0 <= K -> K + INR (lower c t) * (eps + u) + u * (t - c) <= / 2 -> / 2 <= T <= 2 * n -> near K v T ->
  exists a, near (K + INR (lower c t) * (eps + u) + u * (t - c)) a (T * exp (c - t)) /\
            Rabs (rescaled c t v - a) <= 6 * n * w + tiny.
Proof.
  intros Rc Rt Rv Hct HK HK1 HT Nv. destruct sizes as [He Hw]. pose proof (unit_roundoff_range f) as Hu.
  pose proof half_subnormal_range as Ht0. unfold rescaled, lower in *. destruct (Req_EM_T c t) as [E|E].
  - subst t. exists v. rewrite (Rminus_diag_eq c c), RN_0, kernel_one, exp_0, 2!Rmult_1_r, Rmult_0_r by reflexivity.
    change (INR 0) with 0. split; [now replace (K + 0 * (eps + u) + 0) with K by ring|].
    rewrite RN_id by auto. rewrite Rminus_diag_eq, Rabs_R0 by reflexivity. assert (0 <= 6 * n * w) by nra. lra.
  - change (INR 1) with 1 in *. rewrite Rmult_1_l in *. set (d := RN f (c - t)).
    assert (Hd0 : d <= 0) by (unfold d; rewrite <- (RN_0 f); apply RN_le; lra).
    assert (Rd : representable f d) by apply RN_representable.
    destruct (kernel_nonneg d Hd0 Rd) as [_ Hk].
    pose proof (exp_pos d) as Hd. pose proof (exp_pos (c - t)) as Hct'.
    assert (Hv : 0 <= v) by (apply (near_nonneg K v T); auto; nra).
    assert (Hq0 : 0 <= u * (t - c)) by (apply Rmult_le_pos; lra).
    assert (Hv4 : v <= 4 * n).
    { destruct Nv as [_ Nv]. assert (0 <= v * (/ 2 - K)) by (apply Rmult_le_pos; lra). lra. }
    destruct (kernel_split d Hd0 Rd) as (r & a & Hr & Ha & Ek).
    (* the rounded difference *)
    assert (Nd : near (u * (t - c)) (exp d) (exp (c - t))).
    { apply near_exp. destruct (RN_plus f c (- t)) as (dl & Hdl & Er); auto using representable_opp.
      fold (c - t) in Er. fold d in Er. rewrite Er.
      replace ((c - t) * (1 + dl) - (c - t)) with (dl * (c - t)) by ring. rewrite Rabs_mult, (Rabs_left1 (c - t)) by lra.
      replace (- (c - t)) with (t - c) by ring. apply Rmult_le_compat_r; [lra | auto]. }
    set (q := u * (t - c)) in *. assert (Hq : 0 <= q) by (unfold q; nra).
    set (y := v * (exp d * (1 + r))). assert (Hy : 0 <= y).
    { unfold y. apply Rmult_le_pos; auto. apply Rmult_le_pos; [lra|]. apply Rabs_le_inv in Hr. nra. }
    assert (Ny : near (K + eps + q) y (T * exp (c - t))).
    { unfold y. replace (v * (exp d * (1 + r))) with (v * exp d * (1 + r)) by ring.
      replace (K + eps + q) with (eps + (q + K)) by ring.
      assert (0 <= T * exp (c - t)) by (apply Rmult_le_pos; lra).
      apply near_trans with (v * exp d); try lra.
      - apply near_rnd; auto; [lra | apply Rmult_le_pos; lra].
      - apply near_trans with (v * exp (c - t)); try lra.
        + rewrite 2!(Rmult_comm v). now apply near_mult_r.
        + apply near_mult_r; [lra | exact Nv]. }
    (* one rounding of the product *)
    destruct (error_N_FLT radix2 (emin f) (prec f) (prec_positive f) (fun z => negb (Z.even z)) (v * kernel d))
      as (dl & e & Hdl & Hee & _ & Er).
    assert (Hdl' : Rabs dl <= u) by (rewrite <- u_ro_unit_roundoff; exact Hdl).
    assert (Hee' : Rabs e <= tiny).
    { unfold half_subnormal, Zminus. rewrite bpow_plus. change (bpow radix2 (- (1))) with (/ 2). lra. }
    exists (y * (1 + dl)). split.
    + replace (K + (eps + u) + q) with (u + (K + eps + q)) by ring.
      apply near_trans with y; auto; try lra; [apply Rmult_le_pos; lra|]. apply near_rnd; auto; lra.
    + unfold RN. rewrite Er, Ek.
      replace (v * (exp d * (1 + r) + a) * (1 + dl) + e - y * (1 + dl)) with (v * a * (1 + dl) + e)
        by (unfold y; ring).
      eapply Rle_trans; [apply Rabs_triang|]. rewrite 2!Rabs_mult, (Rabs_pos_eq v) by auto.
      assert (Rabs (1 + dl) <= 3 / 2).
      { apply Rabs_le_inv in Hdl'. apply Rabs_le. lra. }
      pose proof (Rabs_pos a). pose proof (Rabs_pos (1 + dl)).
      assert (v * Rabs a <= 4 * n * w) by (apply Rmult_le_compat; lra).
      assert (v * Rabs a * Rabs (1 + dl) <= 4 * n * w * (3 / 2)) by (apply Rmult_le_compat; nra). lra.
Qed.

(** The merged sum: one addition, one product and one exp where it is scaled down, and the roundings of differences of
    references, which add up to no more than the whole way down. *)
Theorem online_sum_bound o n : right o -> (length (covered o) <= n)%nat -> sum_budget o n <= / 2 ->
  near (sum_budget o n) (value o) (mass (covered o) (top o)).
Proof.
  intros Hr Hn HB. destruct sizes as [He Hw]. pose proof (unit_roundoff_range f) as Hu.
  pose proof half_subnormal_range as Ht0.
  induction o as [s c v|a IHa b IHb].
  - unfold sum_budget in *. simpl in *. destruct Hr as (_ & _ & N & _).
    replace (k + 0 * _ + 0 * _ + u * (c - c)) with k by ring. exact N.
  - destruct Hr as [Ha Hb]. set (t := Rmax (top a) (top b)).
    assert (La : top a <= t) by apply Rmax_l. assert (Lb : top b <= t) by apply Rmax_r.
    assert (Hl : length (covered (Merge a b)) = (length (covered a) + length (covered b))%nat) by apply app_length.
    rewrite Hl in Hn. set (W := u + (12 * INR n * w + 4 * tiny)).
    assert (Hn0 := pos_INR n). assert (HW : 0 <= W) by (unfold W; nra).
    set (m := max (merges a) (merges b)).
    assert (EB : sum_budget (Merge a b) n = k + INR m * W + W + INR (rescalings (Merge a b)) * (eps + u) +
      u * (t - low (Merge a b))).
    { unfold sum_budget. fold W. cbn [merges]. fold m. rewrite S_INR. cbn [top]. fold t. ring. }
    assert (Side : forall o, (merges o <= m)%nat -> (rescalings o + lower (top o) t <= rescalings (Merge a b))%nat ->
      low (Merge a b) <= low o -> sum_budget o n + INR (lower (top o) t) * (eps + u) + u * (t - top o) <=
        sum_budget (Merge a b) n - W).
    { intros o H1 H2 H3. rewrite EB. unfold sum_budget. fold W. apply le_INR in H1. apply le_INR in H2.
      rewrite plus_INR in H2. nra. }
    assert (Sa := Side a (Nat.le_max_l _ _) (Nat.le_max_l _ _) (Rmin_l _ _)).
    assert (Sb := Side b (Nat.le_max_r _ _) (Nat.le_max_r _ _) (Rmin_r _ _)).
    assert (Pos := fun o => sum_budget_nonneg o n).
    assert (Ga := pos_INR (lower (top a) t)). assert (Gb := pos_INR (lower (top b) t)).
    assert (0 <= INR (lower (top a) t) * (eps + u) /\ 0 <= u * (t - top a)) as [? ?] by (split; apply Rmult_le_pos; lra).
    assert (0 <= INR (lower (top b) t) * (eps + u) /\ 0 <= u * (t - top b)) as [? ?] by (split; apply Rmult_le_pos; lra).
    assert (Na := IHa Ha ltac:(lia) ltac:(lra)). assert (Nb := IHb Hb ltac:(lia) ltac:(lra)).
    assert (Ma := mass_range a Ha). assert (Mb := mass_range b Hb).
    assert (Mo := mass_range (Merge a b) (conj Ha Hb)).
    assert (Rt : representable f t) by exact (top_representable (Merge a b) (conj Ha Hb)).
    destruct (rescaled_near _ (top a) t (value a) _ (INR (length (covered a))) (top_representable a Ha) Rt
      (value_representable a Ha) La (Pos a) ltac:(lra) Ma Na) as (ya & Ya & Ea).
    destruct (rescaled_near _ (top b) t (value b) _ (INR (length (covered b))) (top_representable b Hb) Rt
      (value_representable b Hb) Lb (Pos b) ltac:(lra) Mb Nb) as (yb & Yb & Eb).
    rewrite <- mass_shift in Ya, Yb. set (B := sum_budget (Merge a b) n - W) in *.
    assert (HB0 : 0 <= B <= / 2) by (split; [pose proof (Pos a); lra | unfold B; lra]).
    assert (Wa : 0 <= mass (covered a) t) by (unfold mass; apply sum_nonneg; intros; left; apply exp_pos).
    assert (Wb : 0 <= mass (covered b) t) by (unfold mass; apply sum_nonneg; intros; left; apply exp_pos).
    apply near_weaken with (L := B) in Ya; [|lra..]. apply near_weaken with (L := B) in Yb; [|lra..].
    assert (N := near_plus _ _ _ _ _ Ya Yb).
    assert (EM : mass (covered a) t + mass (covered b) t = mass (covered (Merge a b)) (top (Merge a b))).
    { unfold mass. cbn [covered top]. fold t. now rewrite sum_app. }
    rewrite EM in N. set (M := mass (covered (Merge a b)) (top (Merge a b))) in *.
    set (ra := rescaled (top a) t (value a)) in *. set (rb := rescaled (top b) t (value b)) in *.
    assert (Habs : Rabs (ra + rb - (ya + yb)) <= 6 * INR n * w + 2 * tiny).
    { replace (ra + rb - (ya + yb)) with ((ra - ya) + (rb - yb)) by ring. eapply Rle_trans; [apply Rabs_triang|].
      apply le_INR in Hn. rewrite plus_INR in Hn. nra. }
    (* what underflowed, beside a sum of at least 1/2 *)
    assert (N2 : near (B + (12 * INR n * w + 4 * tiny)) (2 * (ra + rb)) (2 * M)).
    { assert (0 <= 12 * INR n * w) by nra. apply near_absolute with (2 * (ya + yb)).
      1: lra. 1: lra. 1: unfold B, W in *; lra. 1: lra.
      - unfold near in *. lra.
      - replace (2 * (ra + rb) - 2 * (ya + yb)) with (2 * (ra + rb - (ya + yb))) by ring.
        rewrite Rabs_mult, (Rabs_pos_eq 2) by lra. lra. }
    assert (N3 : near (B + (12 * INR n * w + 4 * tiny)) (ra + rb) M) by (unfold near in *; lra).
    change (value (Merge a b)) with (RN f (ra + rb)).
    destruct (RN_plus f ra rb) as (d & Hd & ->); try apply RN_representable.
    replace (sum_budget (Merge a b) n) with (u + (B + (12 * INR n * w + 4 * tiny))) by (unfold B, W; ring).
    assert (Hlost : 0 <= 12 * INR n * w + 4 * tiny) by nra.
    assert (HB2 : u + (B + (12 * INR n * w + 4 * tiny)) <= / 2) by (unfold B, W; lra).
    apply near_trans with (ra + rb); [lra | lra | lra | lra | | exact N3].
    apply near_rnd; [lra | | exact Hd].
    apply (near_nonneg (B + (12 * INR n * w + 4 * tiny)) _ M); [lra | lra | exact N3].
Qed.

(** The probability: a numerator that is right up to kn and wn, divided by the merged sum. *)
Definition exact_of o i := exp (x i) / sum (covered o) (fun j => exp (x j)).
Theorem online_bound o n i g kn wn : right o -> (length (covered o) <= n)%nat -> sum_budget o n <= / 2 ->
  0 <= kn -> 0 <= wn -> kn + sum_budget o n + u < 1 ->
  (exists a, near kn a (exp (x i - top o)) /\ Rabs (g - a) <= wn) -> 0 <= g ->
  let K := kn + sum_budget o n + u in
  Rabs (RN f (g / value o) - exact_of o i) <= K / (1 - K) * exact_of o i + 8 * wn + tiny.
Proof.
  intros Hr Hn HB Hkn Hwn HK (a & Na & Ea) Hg K. destruct sizes as [He Hw]. pose proof (unit_roundoff_range f) as Hu.
  assert (NS := online_sum_bound o n Hr Hn HB). assert (HM := mass_range o Hr).
  set (S := value o) in *. set (T := mass (covered o) (top o)) in *. set (k1 := sum_budget o n) in *.
  assert (Hk1 : 0 <= k1) by apply sum_budget_nonneg.
  assert (HS : / 4 <= S) by (destruct NS as [NS _]; nra). pose proof (exp_pos (x i - top o)) as Hx.
  assert (Ha : 0 <= a) by (apply (near_nonneg kn _ (exp (x i - top o))); auto; lra).
  assert (EX : exact_of o i = exp (x i - top o) / T).
  { unfold exact_of, T. rewrite (mass_shift _ 0). unfold mass.
    rewrite (sum_ext _ (fun j => exp (x j - 0)) (fun j => exp (x j))) by (intros; now rewrite Rminus_0_r).
    set (m := sum _ _). assert (0 < m).
    { unfold m. destruct HM as [HM _]. unfold T, mass in HM. apply Rnot_le_lt. intros Hm.
      assert (H0 : sum (covered o) (fun j => exp (x j - top o)) = m * exp (0 - top o)).
      { change (mass (covered o) (top o) = m * exp (0 - top o)). rewrite (mass_shift _ 0). f_equal. unfold mass, m.
        apply sum_ext. intros; now rewrite Rminus_0_r. }
      pose proof (exp_pos (0 - top o)). fold m in Hm. nra. }
    unfold Rminus. rewrite exp_plus, Rplus_0_l. pose proof (exp_pos (- top o)). field. split; lra. }
  assert (Hp : 0 < exact_of o i) by (rewrite EX; apply Rdiv_lt_0_compat; lra).
  assert (Nq : near (kn + k1) (a / S) (exact_of o i)) by (rewrite EX; apply near_div; auto; lra).
  assert (Hi1 : 0 < / S <= 4) by (split; [apply Rinv_0_lt_compat; lra | replace 4 with (/ / 4) by field;
    apply Rinv_le_contravar; lra]).
  assert (Hq : Rabs (g / S - a / S) <= 4 * wn).
  { unfold Rdiv. rewrite <- Rmult_minus_distr_r, Rabs_mult, (Rabs_pos_eq (/ S)) by lra.
    pose proof (Rabs_pos (g - a)). nra. }
  set (v := a / S) in *. assert (Hv : 0 <= v) by (unfold v; apply Rmult_le_pos; lra).
  assert (Hgq : 0 <= g / S) by (apply Rmult_le_pos; lra).
  pose proof (RN_error f (g / S) Hgq) as Hres. set (result := RN f (g / S)) in *.
  assert (Q : g / S <= v + 4 * wn) by (apply Rabs_le_inv in Hq; lra).
  assert (Hrv : Rabs (result - v) <= u * v + (8 * wn + tiny)).
  { replace (result - v) with ((result - g / S) + (g / S - v)) by ring.
    eapply Rle_trans; [apply Rabs_triang|]. nra. }
  assert (B : forall d, Rabs d <= u -> Rabs (v * (1 + d) - exact_of o i) <= K / (1 - K) * exact_of o i).
  { intros d Hd. apply near_error; [exact HK | lra |]. unfold K.
    apply near_weaken with (u + (kn + k1)); try lra.
    apply near_trans with v; try lra; auto. apply near_rnd; auto; lra. }
  pose proof (B u ltac:(rewrite Rabs_pos_eq; lra)) as Bu.
  pose proof (B (- u) ltac:(rewrite Rabs_Ropp, Rabs_pos_eq; lra)) as Bl.
  apply Rabs_le_inv in Hrv. apply Rabs_le_inv in Bu. apply Rabs_le_inv in Bl. apply Rabs_le. nra.
Qed.

(** The kernel of a rounded difference. *)
Lemma kernel_of_difference a t : representable f a -> representable f t -> a <= t -> eps + u * (t - a) <= 1 ->
  exists e, near (eps + u * (t - a)) e (exp (a - t)) /\ Rabs (kernel (RN f (a - t)) - e) <= w.
Proof.
  intros Ra Rt Hat H1. destruct sizes as [He Hw]. pose proof (unit_roundoff_range f) as Hu. set (d := RN f (a - t)).
  assert (Hd0 : d <= 0) by (unfold d; rewrite <- (RN_0 f); apply RN_le; lra).
  assert (Rd : representable f d) by apply RN_representable. pose proof (exp_pos d) as Hd.
  pose proof (exp_pos (a - t)) as Ht. assert (0 <= u * (t - a)) by (apply Rmult_le_pos; lra).
  destruct (kernel_split d Hd0 Rd) as (r & b & Hr & Hb & E). exists (exp d * (1 + r)). split.
  - apply near_trans with (exp d); try lra; [apply near_rnd; lra|]. apply near_exp.
    destruct (RN_plus f a (- t)) as (dl & Hdl & Er); auto using representable_opp.
    fold (a - t) in Er. fold d in Er. rewrite Er.
    replace ((a - t) * (1 + dl) - (a - t)) with (dl * (a - t)) by ring. rewrite Rabs_mult, (Rabs_left1 (a - t)) by lra.
    replace (- (a - t)) with (t - a) by ring. apply Rmult_le_compat_r; [lra | auto].
  - rewrite E. replace (_ + b - _) with b by ring. exact Hb.
Qed.

(** Entry by entry, as online.c: the numerator is the kernel of x - top, below which the logit lies by at most range. *)
Theorem online_entry_bound o n i range : right o -> (length (covered o) <= n)%nat -> sum_budget o n <= / 2 ->
  representable f (x i) -> 0 <= top o - x i <= range ->
  let K := (eps + u * range) + sum_budget o n + u in K < 1 ->
  Rabs (RN f (kernel (RN f (x i - top o)) / value o) - exact_of o i) <=
    K / (1 - K) * exact_of o i + 8 * w + tiny.
Proof.
  intros Hr Hn HB Rx Hi K HK. destruct sizes as [He Hw]. pose proof (unit_roundoff_range f) as Hu.
  assert (Hrange : 0 <= u * range) by (apply Rmult_le_pos; lra).
  assert (Hs := sum_budget_nonneg o n). unfold K in HK. assert (Hle : u * (top o - x i) <= u * range) by
    (apply Rmult_le_compat_l; lra).
  apply online_bound; auto; [lra | |].
  - destruct (kernel_of_difference (x i) (top o)) as (e & Ne & Ee); auto using top_representable; try lra.
    exists e. split; [|exact Ee]. apply near_weaken with (2 := ltac:(lra) : eps + u * range <= 1) (4 := Ne); [lra|].
    left; apply exp_pos.
  - apply kernel_nonneg; [|apply RN_representable]. rewrite <- (RN_0 f). apply RN_le. lra.
Qed.

(** As two_pass.c: the numerator is the entry's own block, one entry v = exp(x - c), scaled down to the top. *)
Theorem two_pass_entry_bound o n i c v range : right o -> (length (covered o) <= n)%nat -> sum_budget o n <= / 2 ->
  right (Block [i] c v) -> 0 <= top o - c <= range ->
  let kn := k + (eps + u) + u * range in kn <= / 2 -> let K := kn + sum_budget o n + u in K < 1 ->
  Rabs (RN f (rescaled c (top o) v / value o) - exact_of o i) <=
    K / (1 - K) * exact_of o i + 8 * (6 * w + tiny) + tiny.
Proof.
  intros Hr Hn HB Hi Hc kn Hkn K HK. destruct sizes as [He Hw]. pose proof (unit_roundoff_range f) as Hu.
  pose proof half_subnormal_range as Ht0. assert (Hs := sum_budget_nonneg o n).
  assert (Hrange : 0 <= u * (top o - c) <= u * range) by (split; [apply Rmult_le_pos | apply Rmult_le_compat_l]; lra).
  assert (HM := mass_range (Block [i] c v) Hi). destruct Hi as (Rc & Rv & Nv & _). simpl in HM.
  assert (HL : 0 <= INR (lower c (top o)) <= 1).
  { unfold lower. destruct (Req_EM_T c (top o)); simpl; lra. }
  assert (Hl : INR (lower c (top o)) * (eps + u) <= eps + u) by nra.
  assert (Hl0 : 0 <= INR (lower c (top o)) * (eps + u)) by (apply Rmult_le_pos; lra). unfold kn in *.
  destruct (rescaled_near k c (top o) v (mass [i] c) 1) as (a & Na & Ea); auto using top_representable; try lra.
  assert (EM : mass [i] c * exp (c - top o) = exp (x i - top o)).
  { unfold mass. simpl. rewrite Rplus_0_r, <- exp_plus. f_equal. ring. }
  rewrite EM in Na. apply online_bound; auto; try lra.
  - exists a. split; [|lra]. refine (near_weaken _ _ _ _ _ _ _ Na); [lra | lra |]. left; apply exp_pos.
  - unfold rescaled. rewrite <- (RN_0 f). apply RN_le. apply Rmult_le_pos.
    + apply (near_nonneg k _ (mass [i] c)); auto; lra.
    + apply kernel_nonneg; [|apply RN_representable]. rewrite <- (RN_0 f). apply RN_le. lra.
Qed.
End Online.
