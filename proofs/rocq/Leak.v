(** Leak - what the wrong ways return instead, exactly: multiply, finite fills, no renormalizing, epsilons, one sum
    for a whole batch.
    SPDX-License-Identifier: MIT *)
From Coq Require Import Reals List Lra Lia Bool Arith.
From Maskproof Require Import Sums Spec Equivalence.
Import ListNotations.
Open Scope R_scope.

Implicit Types (x c : nat -> R) (m : nat -> bool).

Section Row.
Variable n : nat.
Variables (x : nat -> R) (m : nat -> bool).

Definition valid : list nat := filter m (entries n).
Definition masked : list nat := filter (fun i => negb (m i)) (entries n).
Definition n_valid : R := INR (length valid).
Definition n_masked : R := INR (length masked).
Definition valid_mass : R := mass n x (bits m).
Definition p : nat -> R := prob n x (bits m).

(** The log-sum-exp of the valid logits. *)
Definition lse : R := ln valid_mass.

(** softmax(where(m, x, c)), for a fill c which may differ from entry to entry: every masked entry stands at c. *)
Definition fill (c : nat -> R) : nat -> R := softmax n (fun j => if m j then x j else c j).

(** softmax(x * m): every masked entry stands at 0. *)
Definition multiply : nat -> R := softmax n (fun j => x j * bits m j).

(** The leak: total probability on masked entries. *)
Definition leak (q : nat -> R) : R := sum masked q.

(** The mass that the fill gives to masked entries. *)
Definition fill_mass (c : nat -> R) : R := sum masked (fun j => exp (c j)).
End Row.

Lemma in_valid n m i : In i (valid n m) <-> (i < n)%nat /\ m i = true.
Proof. unfold valid. now rewrite filter_In, in_entries. Qed.

Lemma valid_mass_sum n x m : valid_mass n x m = sum (valid n m) (fun j => exp (x j)).
Proof. apply mass_bits. Qed.

Lemma in_masked n m i : In i (masked n m) <-> (i < n)%nat /\ m i = false.
Proof. unfold masked. rewrite filter_In, in_entries, negb_true_iff. tauto. Qed.

Lemma fill_mass_nonneg n m c : 0 <= fill_mass n m c.
Proof. apply sum_nonneg; intros; left; apply exp_pos. Qed.

Lemma fill_denominator n x m c :
  sum (entries n) (fun j => exp (if m j then x j else c j)) = fill_mass n m c + valid_mass n x m.
Proof.
  rewrite (sum_split _ m), Rplus_comm. unfold valid_mass, fill_mass. rewrite mass_bits. f_equal; apply sum_ext;
    intros i Hi.
  - apply in_masked in Hi as [_ ->]; auto.
  - apply in_valid in Hi as [_ ->]; auto.
Qed.

(** The leak of a finite fill: A / (A + E), where A sums exp(c) over the masked entries and E = exp(LSE). *)
Theorem fill_leak n x m c : leak n m (fill n x m c) = fill_mass n m c / (fill_mass n m c + valid_mass n x m).
Proof.
  unfold leak, fill, softmax. rewrite fill_denominator. unfold Rdiv.
  rewrite (sum_ext _ _ (fun j => / (fill_mass n m c + valid_mass n x m) * exp (c j))).
  - rewrite sum_scale. unfold fill_mass. ring.
  - intros j Hj. apply in_masked in Hj as [_ ->]. ring.
Qed.

(** On valid entries a finite fill gives the right answer times 1 - leak. *)
Theorem fill_valid n x m c i : has_valid n m -> m i = true ->
  fill n x m c i = (1 - leak n m (fill n x m c)) * p n x m i.
Proof.
  intros Hv Hm. rewrite fill_leak. unfold fill, softmax, p. rewrite fill_denominator, prob_bits, Hm.
    fold (valid_mass n x m).
  pose proof (mass_pos n x m Hv) as HZ. fold (valid_mass n x m) in HZ. pose proof (fill_mass_nonneg n m c). field. lra.
Qed.

(** A finite fill is right if and only if nothing is masked. *)
Theorem fill_right_iff n x m c i : has_valid n m -> m i = true ->
  (fill n x m c i = p n x m i <-> masked n m = []).
Proof.
  intros Hv Hm. rewrite fill_valid, fill_leak by auto.
  assert (Hp : p n x m i <> 0) by (unfold p; rewrite zero_iff_masked by auto; congruence).
  pose proof (mass_pos n x m Hv) as HZ. fold (valid_mass n x m) in HZ. split; intros H.
  - destruct (masked n m) as [|k s] eqn:E; auto. exfalso.
    assert (HA : 0 < fill_mass n m c).
    { unfold fill_mass. rewrite E. simpl. pose proof (exp_pos (c k)).
      assert (0 <= sum s (fun j => exp (c j))) by (apply sum_nonneg; intros; left; apply exp_pos). lra. }
    set (A := fill_mass n m c) in *. assert (0 < A / (A + valid_mass n x m)) by (apply Rdiv_lt_0_compat; lra). nra.
  - unfold fill_mass. rewrite H. simpl. unfold Rdiv. ring.
Qed.

(** A masked entry that was filled with c gets at most exp(c - x_k), for every valid logit x_k. *)
Theorem fill_bound n x m c i k :
  (i < n)%nat -> m i = false -> (k < n)%nat -> m k = true -> 0 < fill n x m c i <= exp (c i - x k).
Proof.
  intros Hi Hm Hk Hmk. unfold fill, softmax. rewrite fill_denominator, Hm.
  pose proof (fill_mass_nonneg n m c) as HA. pose proof (exp_pos (c i)) as Hc. pose proof (exp_pos (x k)) as Hx.
  assert (HZ : exp (x k) <= valid_mass n x m) by (now apply mass_ge). split; [apply Rdiv_lt_0_compat; lra|].
  unfold Rminus. rewrite exp_plus, exp_Ropp. unfold Rdiv.
  apply Rmult_le_compat_l; [lra|]. apply Rinv_le_contravar; lra.
Qed.

(** A masked entry beats a valid one if and only if the fill is above the valid logit: so a finite fill loses to it. *)
Theorem fill_beats_valid_iff n x m c i j : (0 < n)%nat -> m i = true -> m j = false ->
  (fill n x m c i < fill n x m c j <-> x i < c j).
Proof.
  intros Hn Hi Hj. unfold fill, softmax. rewrite Hi, Hj.
  pose proof (sum_exp_pos n (fun j => if m j then x j else c j) Hn) as HS. cbv beta in HS. set (S := sum _ _) in *.
  assert (0 < / S) by now apply Rinv_0_lt_compat. split; intros H'.
  - apply exp_lt_inv. apply Rmult_lt_reg_r with (/ S); auto.
  - apply Rmult_lt_compat_r; auto. now apply exp_increasing.
Qed.

Lemma multiply_is_fill n x m i : multiply n x m i = fill n x m (fun _ => 0) i.
Proof.
  assert (E : forall j, x j * bits m j = if m j then x j else 0) by (intros j; unfold bits; destruct (m j); ring).
  unfold multiply, fill, softmax. rewrite E. f_equal. apply sum_ext; intros j _. now rewrite E.
Qed.

Lemma leak_multiply_fill n x m : leak n m (multiply n x m) = leak n m (fill n x m (fun _ => 0)).
Proof. apply sum_ext; intros; apply multiply_is_fill. Qed.

Lemma zero_fill_mass n m : fill_mass n m (fun _ => 0) = n_masked n m.
Proof. unfold fill_mass, n_masked. rewrite sum_const, exp_0. ring. Qed.

(** The leak law of softmax(x * m): N / (N + exp(LSE)), N masked entries, LSE of the valid logits (A3, A4, A14). *)
Theorem leak_law n x m : has_valid n m ->
  leak n m (multiply n x m) = n_masked n m / (n_masked n m + exp (lse n x m)).
Proof.
  intros Hv. unfold lse. rewrite exp_ln by now apply mass_pos.
  now rewrite leak_multiply_fill, fill_leak, zero_fill_mass.
Qed.

(** Every masked entry gets the same probability (A3). *)
Theorem multiply_masked_equal n x m i j : m i = false -> m j = false -> multiply n x m i = multiply n x m j.
Proof. intros Hi Hj. unfold multiply, softmax, bits. rewrite Hi, Hj. now rewrite !Rmult_0_r. Qed.

(** A masked entry beats a valid one if and only if the valid logit is negative (A4): then it may win the argmax. *)
Theorem masked_beats_valid_iff n x m i j : (0 < n)%nat -> m i = true -> m j = false ->
  (multiply n x m i < multiply n x m j <-> x i < 0).
Proof. rewrite !multiply_is_fill. apply (fill_beats_valid_iff n x m (fun _ => 0)). Qed.

(** Masked entries together hold more than half if and only if there are more of them than exp(LSE) (A4). *)
Theorem masked_hold_most_iff n x m : has_valid n m ->
  (1/2 < leak n m (multiply n x m) <-> exp (lse n x m) < n_masked n m).
Proof.
  intros Hv. rewrite leak_law by auto. pose proof (exp_pos (lse n x m)) as HZ.
    pose proof (pos_INR (length (masked n m))).
  fold (n_masked n m) in *. set (N := n_masked n m) in *. set (E := exp _) in *. split; intros H'.
  - apply (Rmult_lt_compat_r (N + E)) in H'; [|lra]. replace (N / (N + E) * (N + E)) with N in H' by (field; lra). lra.
  - apply Rmult_lt_reg_r with (N + E); [lra|]. replace (N / (N + E) * (N + E)) with N by (field; lra). lra.
Qed.

(** The leak comes as near to 1 as one likes, as soon as one entry is masked: there is no worst case below 1. *)
Theorem leak_supremum n m eps : has_valid n m -> masked n m <> [] -> 0 < eps ->
  exists x, 1 - eps < leak n m (multiply n x m).
Proof.
  intros Hv Hm He. assert (HN : 1 <= n_masked n m).
  { unfold n_masked. change 1 with (INR 1). apply le_INR. destruct (masked n m); [congruence | simpl; lia]. }
  set (N := n_masked n m) in *. assert (HV : 0 <= n_valid n m) by apply pos_INR.
  assert (Hd : 0 < / (1 + n_valid n m)) by (apply Rinv_0_lt_compat; lra).
  assert (He' : 0 < eps * / (1 + n_valid n m)) by now apply Rmult_lt_0_compat.
  exists (fun _ => ln (eps * / (1 + n_valid n m))). rewrite leak_law by auto. fold N. unfold lse.
  rewrite exp_ln by now apply mass_pos. set (E := valid_mass n _ m).
  assert (HE : E = n_valid n m * (eps * / (1 + n_valid n m))).
  { unfold E, valid_mass. rewrite mass_bits, exp_ln by auto. apply sum_const. }
  assert (HE0 : 0 <= E) by (rewrite HE; nra). assert (HE1 : E < eps).
  { rewrite HE. apply Rmult_lt_reg_r with (1 + n_valid n m); [lra|].
    replace (n_valid n m * (eps * / (1 + n_valid n m)) * (1 + n_valid n m)) with (n_valid n m * eps) by (field; lra).
    nra. }
  apply Rmult_lt_reg_r with (N + E); [lra|]. replace (N / (N + E) * (N + E)) with N by (field; lra). nra.
Qed.

(** softmax(x) * m without renormalizing: a row sums to 1 less what softmax gave to the masked entries. *)
Theorem unnormalized_sum n x m : (0 < n)%nat ->
  sum (entries n) (fun i => softmax n x i * bits m i) = 1 - leak n m (softmax n x).
Proof.
  intros Hn. assert (S1 : sum (entries n) (softmax n x) = 1).
  { unfold softmax. pose proof (sum_exp_pos n x Hn). set (S := sum _ _) in *. unfold Rdiv.
    rewrite (sum_ext _ _ (fun i => / S * exp (x i))) by (intros; ring). rewrite sum_scale. fold S. field; lra. }
  rewrite (sum_split _ m) in S1. fold (masked n m) in S1. unfold leak. rewrite <- S1.
  rewrite (sum_ext _ _ (fun i => if m i then softmax n x i else 0)) by (intros i _; unfold bits; destruct (m i); ring).
  rewrite <- sum_filter. ring.
Qed.

(** What softmax leaves on the valid entries, before it is rescaled. *)
Definition kept n x m : R := sum (entries n) (fun i => softmax n x i * bits m i).

Lemma kept_pos n x m : has_valid n m -> 0 < kept n x m.
Proof.
  intros (k & Hk & Hm). pose proof (sum_exp_pos n x ltac:(lia)) as HS.
  assert (Hs : forall i, 0 < softmax n x i) by (intros; apply Rdiv_lt_0_compat; auto; apply exp_pos).
  apply Rlt_le_trans with (softmax n x k * bits m k).
  - unfold bits. rewrite Hm, Rmult_1_r. auto.
  - apply (sum_ge_term _ (fun i => softmax n x i * bits m i)); [|now apply in_entries].
    intros i _. pose proof (Hs i). pose proof (bits_nonneg m i). nra.
Qed.

Lemma softmax_kept n x m i : has_valid n m -> softmax n x i * bits m i = kept n x m * p n x m i.
Proof.
  intros Hv. assert (Hn : (0 < n)%nat) by (destruct Hv as (k & Hk & _); lia).
  assert (E := renormalize_is_spec n x (bits m) i Hn). rewrite spec_prob in E by auto.
  unfold renormalize, ratio in E. fold (kept n x m) in E. pose proof (kept_pos n x m Hv) as HK.
  destruct (Req_EM_T (kept n x m) 0) as [H|H]; [lra|]. injection E as E. unfold p. rewrite <- E. field; auto.
Qed.

(** Dividing by what is left + eps: every probability is right times s / (s + eps), s the mass that was kept. *)
Theorem renormalize_eps_bias n x m eps i : has_valid n m -> 0 <= eps ->
  softmax n x i * bits m i / (kept n x m + eps) = p n x m i * (kept n x m / (kept n x m + eps)).
Proof. intros Hv He. rewrite softmax_kept by auto. pose proof (kept_pos n x m Hv). field; lra. Qed.

(** Adding eps to every probability, then masking and renormalizing: on valid entries the right answer drawn toward
    uniform, by the weight k eps / (s + k eps), k the number of valid entries, s the mass that was kept. *)
Theorem add_eps_bias n x m eps i : has_valid n m -> m i = true -> 0 <= eps ->
  let k := n_valid n m in let s := kept n x m in let w := k * eps / (s + k * eps) in
  (softmax n x i + eps) * bits m i / sum (entries n) (fun j => (softmax n x j + eps) * bits m j)
    = (1 - w) * p n x m i + w * / k.
Proof.
  intros Hv Hm He k s w. pose proof (kept_pos n x m Hv) as Hs. fold s in Hs.
  assert (Hk : 0 < k).
  { unfold k, n_valid. apply lt_0_INR. destruct Hv as (j & Hj & Hmj). assert (In j (valid n m)) by now apply in_valid.
    destruct (valid n m); simpl in *; [easy | lia]. }
  assert (D : sum (entries n) (fun j => (softmax n x j + eps) * bits m j) = s + k * eps).
  { rewrite (sum_ext _ _ (fun j => softmax n x j * bits m j + (if m j then eps else 0))).
    - rewrite sum_plus, <- sum_filter, sum_const. reflexivity.
    - intros j _. unfold bits. destruct (m j); ring. }
  rewrite D, Rmult_plus_distr_r, softmax_kept by auto. fold s. unfold bits. rewrite Hm. unfold w. field.
  assert (0 <= k * eps) by nra. repeat split; lra.
Qed.

(** One sum for a whole batch, the missing keepdim of the article's footnote 2 (A9): row r comes out right times its
    share of the mass that the rows of the batch kept, so all rows together sum to 1. *)
Theorem batch_sum_bias {Row : Type} (rows : list Row) n (x : Row -> nat -> R) (m : Row -> nat -> bool) r i :
  has_valid n (m r) ->
  let total := sum rows (fun r => kept n (x r) (m r)) in
  softmax n (x r) i * bits (m r) i / total = p n (x r) (m r) i * (kept n (x r) (m r) / total).
Proof. intros Hv total. rewrite softmax_kept by auto. unfold Rdiv. ring. Qed.

Theorem batch_sum_total {Row : Type} (rows : list Row) n (x : Row -> nat -> R) (m : Row -> nat -> bool) :
  let total := sum rows (fun r => kept n (x r) (m r)) in
  total <> 0 ->
  sum rows (fun r => sum (entries n) (fun i => softmax n (x r) i * bits (m r) i / total)) = 1.
Proof.
  intros total Ht. rewrite (sum_ext _ _ (fun r => / total * kept n (x r) (m r))).
  - rewrite sum_scale. fold total. field; auto.
  - intros r _. unfold kept. rewrite <- sum_scale. apply sum_ext; intros; unfold Rdiv; ring.
Qed.
