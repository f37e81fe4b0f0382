(** Relative - a calculus of relative errors that needs no O(u^2): budgets K add up under composition and division, and
    sums of nonnegative terms keep them.
    SPDX-License-Identifier: MIT *)
From Coq Require Import Reals List Lra Lia Psatz.
From Maskproof Require Import Sums.
Open Scope R_scope.

(** y is x up to a relative error K:  (1 - K) x <= y <= x / (1 - K), for x >= 0 and K < 1. *)
Definition near (K y x : R) : Prop := (1 - K) * x <= y /\ y * (1 - K) <= x.

Lemma near_refl x : near 0 x x. Proof. unfold near; lra. Qed.

Lemma near_sym K y x : near K y x -> near K x y. Proof. unfold near; lra. Qed.

Lemma near_plus K a' a b' b : near K a' a -> near K b' b -> near K (a' + b') (a + b).
Proof. unfold near; lra. Qed.

Lemma near_nonneg K xh x : K <= 1 -> 0 <= x -> near K xh x -> 0 <= xh.
Proof. unfold near; nra. Qed.

Lemma near_pos K xh x : K < 1 -> 0 < x -> near K xh x -> 0 < xh.
Proof. unfold near; nra. Qed.

Lemma near_weaken K L xh x : K <= L -> L <= 1 -> 0 <= x -> near K xh x -> near L xh x.
Proof.
  intros H HL Hx Ha. assert (0 <= xh) by (apply (near_nonneg K xh x); auto; lra).
  unfold near in *; nra.
Qed.

Lemma near_trans K L x2 x1 x : 0 <= K -> 0 <= L -> K + L <= 1 -> 0 <= x ->
  near K x2 x1 -> near L x1 x -> near (K + L) x2 x.
Proof.
  intros HK HL HKL Hx H1 H2.
  assert (X1 : 0 <= x1) by (apply (near_nonneg L x1 x); auto; lra).
  assert (X2 : 0 <= x2) by (apply (near_nonneg K x2 x1); auto; lra).
  destruct H1 as [A B], H2 as [C D]. split.
  - apply Rle_trans with ((1 - K) * x1); auto.
    apply Rle_trans with ((1 - K) * ((1 - L) * x)).
    + assert (0 <= K * L * x) by (repeat apply Rmult_le_pos; auto). lra.
    + apply Rmult_le_compat_l; lra.
  - apply Rle_trans with (x1 * (1 - L)); auto.
    apply Rle_trans with (x2 * (1 - K) * (1 - L)).
    + assert (0 <= K * L * x2) by (repeat apply Rmult_le_pos; auto). lra.
    + apply Rmult_le_compat_r; lra.
Qed.

Lemma near_rnd u x d : u <= 1 -> 0 <= x -> Rabs d <= u -> near u (x * (1 + d)) x.
Proof.
  intros Hu Hx Hd. assert (- u <= d <= u) by (unfold Rabs in Hd; destruct Rcase_abs; lra).
  split.
  - nra.
  - assert (0 <= u) by lra.
    assert ((1 + d) * (1 - u) <= 1).
    { assert (d * (1 - u) <= u); [|lra]. apply Rle_trans with (u * (1 - u)); nra. }
    replace (x * (1 + d) * (1 - u)) with (x * ((1 + d) * (1 - u))) by ring. nra.
Qed.

Lemma near_inv K xh x : K < 1 -> 0 < x -> near K xh x -> near K (/ xh) (/ x).
Proof.
  intros HK Hx Ha. assert (Hh := near_pos K xh x HK Hx Ha). destruct Ha as [A B]. split.
  - apply Rmult_le_reg_r with (x * xh); [nra|].
    replace ((1 - K) * / x * (x * xh)) with (xh * (1 - K)) by (field; lra).
    replace (/ xh * (x * xh)) with x by (field; lra). auto.
  - apply Rmult_le_reg_r with (x * xh); [nra|].
    replace (/ xh * (1 - K) * (x * xh)) with ((1 - K) * x) by (field; lra).
    replace (/ x * (x * xh)) with xh by (field; lra). auto.
Qed.

Lemma near_mult_r K a' a b : 0 <= b -> near K a' a -> near K (a' * b) (a * b).
Proof. unfold near; nra. Qed.

Lemma near_div K L a' a b' b : 0 <= K -> 0 <= L -> K + L <= 1 -> L < 1 -> 0 <= a -> 0 < b ->
  near K a' a -> near L b' b -> near (K + L) (a' / b') (a / b).
Proof.
  intros HK HL HKL HL1 Ha Hb Haa Hbb.
  assert (Hb' := near_pos L b' b HL1 Hb Hbb).
  assert (0 < / b) by now apply Rinv_0_lt_compat.
  assert (0 < / b') by now apply Rinv_0_lt_compat.
  apply near_trans with (a / b'); auto.
  - apply Rmult_le_pos; lra.
  - apply near_mult_r; auto; lra.
  - unfold Rdiv. rewrite (Rmult_comm a (/ b')), (Rmult_comm a (/ b)).
    apply near_mult_r; auto. now apply near_inv.
Qed.

Lemma exp_ge1 x : 1 + x <= exp x.
Proof. destruct (Req_dec x 0) as [->|H]; [rewrite exp_0; lra|]. left; now apply exp_ineq1. Qed.

Lemma near_exp X y x : Rabs (y - x) <= X -> near X (exp y) (exp x).
Proof.
  intros H. assert (- X <= y - x <= X) by (unfold Rabs in H; destruct Rcase_abs; lra).
  assert (E : forall a b, b - X <= a -> (1 - X) * exp b <= exp a).
  { intros a b Hab. apply Rle_trans with (exp (- X) * exp b).
    - apply Rmult_le_compat_r; [left; apply exp_pos|]. pose proof (exp_ge1 (- X)). lra.
    - rewrite <- exp_plus. destruct (Req_dec (- X + b) a) as [->|]; [lra|].
      left; apply exp_increasing; lra. }
  split; [apply E; lra|]. rewrite Rmult_comm. apply E; lra.
Qed.

Lemma near_sum {A} K (s : list A) f g : (forall i, In i s -> near K (f i) (g i)) -> near K (sum s f) (sum s g).
Proof. induction s as [|a s IH]; simpl; intros H; [unfold near; lra | apply near_plus; auto]. Qed.

(** An absolute error is a relative one where the value is at least 1. *)
Lemma near_absolute K w y x : 0 <= K -> 0 <= w -> K + w < 1 -> 1 <= x -> near K y x ->
  forall z, Rabs (z - y) <= w -> near (K + w) z x.
Proof.
  intros HK Hw H1 Hx [A B] z Hz. assert (- w <= z - y <= w) by (unfold Rabs in Hz; destruct Rcase_abs; lra). split.
  - nra.
  - assert (y * (1 - K) + w * (1 - K) <= x + w) by nra. apply Rle_trans with ((y + w) * (1 - (K + w))); [nra|].
    assert ((y + w) * (1 - K) <= x + w * (1 - K)) by lra.
    assert (Hy : 0 <= y) by nra.
    assert (w * (1 - K) <= w * (y + w) \/ y + w < 1 - K) as [H'|H'] by (destruct (Rle_dec (1 - K) (y + w)); [left;
      nra | right; lra]).
    + nra.
    + nra.
Qed.

(** What the budget says of the value. *)
Lemma near_error K y x : K < 1 -> 0 <= x -> near K y x -> Rabs (y - x) <= K / (1 - K) * x.
Proof.
  intros HK Hx [A B]. assert (0 < / (1 - K)) by (apply Rinv_0_lt_compat; lra).
  assert (HK0 : K <= K / (1 - K)).
  { apply Rmult_le_reg_r with (1 - K); [lra|]. replace (K / (1 - K) * (1 - K)) with K by (field; lra). nra. }
  apply Rabs_le. split.
  - assert (K * x <= K / (1 - K) * x) by (apply Rmult_le_compat_r; auto). lra.
  - apply Rmult_le_reg_r with (1 - K); [lra|].
    replace (K / (1 - K) * x * (1 - K)) with (K * x) by (field; lra). lra.
Qed.
