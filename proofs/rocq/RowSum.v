(** RowSum - the sums of `correctly_rounded`'s tier 1 (impls/kernels/rounded_rows.h) are right to 9 u: blocks of 16
    entries to a lane, added by Knuth's two-sum with what is lost kept apart; and plain sums of short rows, to 8 u.
    Sum2: Ogita, Rump and Oishi, Accurate Sum and Dot Product, SIAM J. Sci. Comput. 26(6), 2005, proposition 4.4.
    SPDX-License-Identifier: MIT *)
From Coq Require Import Reals ZArith List Lra Lia Arith Psatz.
From Flocq Require Import Core Pff2Flocq.
From Maskproof Require Import Sums Format Relative Bound RoundingTest ExpDouble.
Import ListNotations.
Open Scope R_scope.
Implicit Types (x y : nat -> R).

(** --- the C --- *)
Definition v_add a b := RN f64 (a + b).

(* what of a + b is lost, and a + b *)
Definition sum_and_loss a b :=
  let s := v_add a b in let c := v_sub s a in
  (v_add (v_sub a (v_sub s c)) (v_sub b c), s).
Definition add_block '(sum, lost) block :=
  let '(loss, sum) := sum_and_loss sum block in let lost := v_add lost loss in (sum, lost).

(* lanes = 2^halvings, added by halves *)
Fixpoint v_total halvings (a : nat -> R) :=
  match halvings with O => a O | S h => v_total h (fun l => v_add (a l) (a (l + 2 ^ h)%nat)) end.

Section Row.
Variables (halvings n : nat) (e : nat -> R).
Definition lanes := (2 ^ halvings)%nat.

(* Lane l of the vector number k, 0 beyond the row; how many groups of four whole vectors, and vectors in all. *)
Definition lane l k := let i := (k * lanes + l)%nat in if (i <? n)%nat then e i else 0.
Definition groups := (n / (4 * lanes))%nat.
Definition vectors := ((n + lanes - 1) / lanes)%nat.

Definition add_up (y : nat -> R) s := fold_left (fun sum k => v_add sum (y k)) s 0.
Definition group_sum l k :=
  v_add (v_add (lane l (4 * k)) (lane l (4 * k + 1))) (v_add (lane l (4 * k + 2)) (lane l (4 * k + 3))).
(* The groups of a block; and what is left of the row, a block by itself. *)
Definition groups_of k := seq (4 * k) (min 4 (groups - 4 * k)).
Definition rest := seq (4 * groups) (vectors - 4 * groups).
Definition n_blocks := ((groups + 3) / 4)%nat.

(* exp_row *)
Definition lane_sum l :=
  let s := fold_left add_block (map (fun k => add_up (group_sum l) (groups_of k)) (seq 0 n_blocks)) (0, 0) in
  let '(sum, lost) := add_block s (add_up (lane l) rest) in v_add sum lost.
Definition row_sum := v_total halvings lane_sum.

(* short_sum: every fourth vector, and the rest *)
Definition fourth l j := add_up (fun k => lane l (4 * k + j)) (seq 0 groups).
Definition short_lane_sum l :=
  v_add (v_add (v_add (fourth l 0) (fourth l 1)) (v_add (fourth l 2) (fourth l 3))) (add_up (lane l) rest).
Definition short_sum := v_total halvings short_lane_sum.
End Row.

(** --- its error --- *)
Lemma u_small : 0 < u <= / 1000000.
Proof. unfold unit_roundoff. simpl. lra. Qed.

(** b is a double, and a >= 0 up to a relative error K. *)
Definition sums_to K (b a : R) := representable f64 b /\ 0 <= a /\ near K b a.

Lemma sums_to_weaken K L b a : K <= L -> L <= 1 -> sums_to K b a -> sums_to L b a.
Proof. intros H HL (R & P & N). split; [|split]; auto. now apply near_weaken with K. Qed.

(** An addition costs one u, *)
Lemma sums_to_add K a b a' b' : 0 <= K -> u + K <= 1 -> sums_to K a a' -> sums_to K b b' ->
  sums_to (u + K) (v_add a b) (a' + b').
Proof.
  intros HK H1 (Ra & Px & Na) (Rb & Py & Nb). pose proof u_small. split; [apply RN_representable|]. split; [lra|].
  assert (N := near_plus _ _ _ _ _ Na Nb). destruct (RN_plus f64 a b Ra Rb) as (d & Hd & E).
  unfold v_add. rewrite E. apply near_trans with (a + b); try lra; auto.
  apply near_rnd; auto; try lra. apply (near_nonneg K _ (a' + b')); auto; lra.
Qed.

(** to 0 it costs none: *)
Lemma v_add_0 a : representable f64 a -> v_add 0 a = a.
Proof. intros Ha. unfold v_add. rewrite Rplus_0_l. now apply RN_id. Qed.

Lemma v_add_0_r a : representable f64 a -> v_add a 0 = a.
Proof. intros Ha. unfold v_add. rewrite Rplus_0_r. now apply RN_id. Qed.

Lemma representable_0 : representable f64 0.
Proof. apply generic_format_0. Qed.

(** so k numbers added up from 0 cost k - 1. *)
Lemma add_up_from K y x s : forall a A, 0 <= K -> INR (length s) * u + K <= 1 ->
  (forall k, In k s -> sums_to K (y k) (x k)) -> sums_to K a A ->
  sums_to (INR (length s) * u + K) (fold_left (fun sum k => v_add sum (y k)) s a) (A + sum s x).
Proof.
  pose proof u_small. revert K. induction s as [|k s IH]; intros K a A HK H1 Hy Ha.
  - simpl. now rewrite Rmult_0_l, Rplus_0_l, Rplus_0_r.
  - cbn [length fold_left sum] in *. rewrite S_INR in *. pose proof (pos_INR (length s)).
    replace ((INR (length s) + 1) * u + K) with (INR (length s) * u + (u + K)) in * by ring.
    rewrite <- (Rplus_assoc A). assert (0 <= INR (length s) * u) by (apply Rmult_le_pos; lra). apply IH; try lra.
    + intros j Hj. apply sums_to_weaken with K; try lra. apply Hy. now right.
    + apply sums_to_add; auto; try lra. apply Hy. now left.
Qed.

Lemma add_up_error K y x s (k : nat) : 0 <= K -> INR k * u + K <= 1 -> (length s <= S k)%nat ->
  (forall k, In k s -> sums_to K (y k) (x k)) -> sums_to (INR k * u + K) (add_up y s) (sum s x).
Proof.
  intros HK H1 Hs Hy. pose proof u_small. unfold add_up.
  assert (0 <= INR k * u) by (apply Rmult_le_pos; [apply pos_INR | lra]).
  destruct s as [|j s]; simpl.
  - apply sums_to_weaken with 0; try lra. split; [apply representable_0|]. split; [lra | apply near_refl].
  - destruct (Hy j) as (R & P & N); [now left|]. rewrite v_add_0 by auto. simpl in Hs.
    assert (L : INR (length s) * u <= INR k * u) by (apply Rmult_le_compat_r; [lra | apply le_INR; lia]).
    apply sums_to_weaken with (INR (length s) * u + K); try lra.
    apply add_up_from; try lra; [intros; apply Hy; now right | exact (conj R (conj P N))].
Qed.

(** The lanes by halves. *)
Lemma sum_shift a k m : forall b, sum (seq (b + k) m) a = sum (seq b m) (fun l => a (l + k)%nat).
Proof. induction m as [|m IH]; intros b; simpl; [reflexivity|]. f_equal. apply (IH (S b)). Qed.

Lemma sum_halves h (a : nat -> R) : sum (seq 0 (2 ^ S h)) a = sum (seq 0 (2 ^ h)) (fun l => a l + a (l + 2 ^ h)%nat).
Proof.
  replace (2 ^ S h)%nat with (2 ^ h + 2 ^ h)%nat by (simpl; lia). generalize (2 ^ h)%nat as k. intros k.
  rewrite seq_app, sum_app, sum_plus. f_equal. apply sum_shift.
Qed.

Lemma v_total_error h : forall K a x, 0 <= K -> INR h * u + K <= 1 -> (forall l, sums_to K (a l) (x l)) ->
  sums_to (INR h * u + K) (v_total h a) (sum (seq 0 (2 ^ h)) x).
Proof.
  pose proof u_small. induction h as [|h IH]; intros K a x HK H1 Ha.
  - simpl. now rewrite Rmult_0_l, Rplus_0_l, Rplus_0_r.
  - rewrite sum_halves. cbn [v_total]. rewrite S_INR in *. pose proof (pos_INR h).
    replace ((INR h + 1) * u + K) with (INR h * u + (u + K)) in * by ring.
    assert (0 <= INR h * u) by (apply Rmult_le_pos; lra). apply IH; try lra.
    intros l. apply sums_to_add; auto; lra.
Qed.

(** Knuth's two-sum loses nothing (The Art of Computer Programming 2, 4.2.2, theorem B; the proof is Flocq's). *)
Lemma sum_and_loss_exact a b : representable f64 a -> representable f64 b -> exists loss,
  sum_and_loss a b = (loss, v_add a b) /\ v_add a b + loss = a + b.
Proof.
  intros Ha Hb. eexists. split; [reflexivity|].
  assert (P : Prec_gt_0 53) by easy.
  apply (TwoSum_correct (-1074) 53 (fun z => negb (Z.even z))); auto; try easy.
  intros z. rewrite Z.even_opp, Z.even_add. now destruct (Z.even z).
Qed.

(** After k blocks, T in all: what the sum has lost is known up to (k u)^2 T, *)
Definition known (k : nat) '(s, lost) T := exists loss, representable f64 s /\ representable f64 lost /\
  0 <= s /\ s + loss = T /\ Rabs loss <= 1.1 * INR k * u * T /\ Rabs (lost - loss) <= (INR k * u) ^ 2 * T.

Lemma add_block_known k s T b : INR k * u <= / 32 -> (0 < k)%nat -> 0 <= T -> representable f64 b -> 0 <= b ->
  known k s T -> known (S k) (add_block s b) (T + b).
Proof.
  intros Hk Hk0 HT Rb Hb. pose proof u_small as Hu. destruct s as [s lost]. intros (l & Rs & Rl & Hs & E & A & D).
  destruct (sum_and_loss_exact s b Rs Rb) as (m & P & M). unfold add_block. rewrite P.
  destruct (RN_plus f64 s b Rs Rb) as (d & Hd & Ed). fold (v_add s b) in Ed.
  assert (Rm : representable f64 m) by (assert (Q := f_equal fst P); simpl in Q; rewrite <- Q; apply RN_representable).
  destruct (RN_plus f64 lost m Rl Rm) as (g & Hg & Eg). fold (v_add lost m) in Eg.
  assert (K1 : 1 <= INR k) by (now apply (le_INR 1)). pose proof (S_INR k) as Sk.
  set (K := INR k) in *. assert (HK : 0 <= K * u) by nra.
  assert (Em : m = - (d * (s + b))) by lra.
  apply Rabs_le_inv in A. apply Rabs_le_inv in D.
  assert (S1 : s <= 1.05 * T) by nra.
  assert (Bm : Rabs m <= 1.1 * u * (T + b)).
  { rewrite Em, Rabs_Ropp, Rabs_mult, (Rabs_pos_eq (s + b)) by lra.
    apply Rle_trans with (u * (s + b)); [apply Rmult_le_compat_r; lra | nra]. }
  apply Rabs_le_inv in Bm. exists (l + m). rewrite Sk. repeat split; try apply RN_representable; try lra.
  - rewrite <- (RN_0 f64). apply RN_le. lra.
  - assert (1.1 * K * u * T <= 1.1 * K * u * (T + b)) by (apply Rmult_le_compat_l; nra).
    apply Rabs_le. lra.
  - rewrite Eg. replace ((lost + m) * (1 + g) - (l + m)) with ((lost - l) + g * ((lost - l) + (l + m))) by ring.
    assert (C : Rabs ((lost - l) + (l + m)) <= (K * u) ^ 2 * T + 1.1 * (K + 1) * u * (T + b)).
    { assert (1.1 * K * u * T <= 1.1 * K * u * (T + b)) by (apply Rmult_le_compat_l; nra). apply Rabs_le. lra. }
    apply Rle_trans with ((K * u) ^ 2 * T + u * ((K * u) ^ 2 * T + 1.1 * (K + 1) * u * (T + b))).
    + eapply Rle_trans; [apply Rabs_triang|]. apply Rplus_le_compat; [apply Rabs_le; lra|].
      rewrite Rabs_mult. apply Rmult_le_compat; auto using Rabs_pos.
    + (* (1 + u) k^2 + 1.1 (k + 1) <= (k + 1)^2 *)
      assert (F : (K * u) ^ 2 * T <= (K * u) ^ 2 * (T + b)) by (apply Rmult_le_compat_l; [nra | lra]).
      assert (G : (K * u) ^ 2 * (1 + u) + 1.1 * (K + 1) * u * u <= ((K + 1) * u) ^ 2).
      { assert (K * (K * u) <= K * / 32) by (apply Rmult_le_compat_l; lra).
        replace (((K + 1) * u) ^ 2) with (u * u * (K * K + 2 * K + 1)) by ring.
        replace ((K * u) ^ 2 * (1 + u) + 1.1 * (K + 1) * u * u) with
          (u * u * (K * K + K * (K * u) + 1.1 * (K + 1))) by ring.
        apply Rmult_le_compat_l; nra. }
      apply Rle_trans with (((K * u) ^ 2 * (1 + u) + 1.1 * (K + 1) * u * u) * (T + b)); [nra|].
      apply Rmult_le_compat_r; lra.
Qed.

(* of any blocks, the first of which loses nothing, *)
Lemma blocks_known bs : INR (length bs) * u <= / 32 -> (forall b, In b bs -> representable f64 b /\ 0 <= b) ->
  known (length bs) (fold_left add_block bs (0, 0)) (sum bs (fun b => b)).
Proof.
  pose proof u_small as Hu.
  assert (F : forall bs k s T, INR (k + length bs) * u <= / 32 -> (0 < k)%nat -> 0 <= T ->
    (forall b, In b bs -> representable f64 b /\ 0 <= b) -> known k s T ->
    known (k + length bs) (fold_left add_block bs s) (T + sum bs (fun b => b))).
  { clear. pose proof u_small. induction bs as [|b bs IH]; intros k s T Hk Hk0 HT Hb Hs.
    - simpl. now rewrite Nat.add_0_r, Rplus_0_r.
    - cbn [length sum fold_left] in *. rewrite <- Rplus_assoc. destruct (Hb b); [now left|].
      replace (k + S (length bs))%nat with (S k + length bs)%nat in * by lia.
      apply IH; auto with arith; try lra; [intros; apply Hb; now right|]. apply add_block_known; auto.
      apply Rle_trans with (2 := Hk). apply Rmult_le_compat_r; [lra | apply le_INR; lia]. }
  intros Hk Hb. destruct bs as [|b bs].
  - exists 0. simpl. repeat split; auto using representable_0; try lra; rewrite ?Rminus_0_r, Rabs_R0; lra.
  - destruct (Hb b) as [Rb Pb]; [now left|].
    assert (K : known 1 (add_block (0, 0) b) (0 + b)).
    { destruct (sum_and_loss_exact 0 b representable_0 Rb) as (m & P & M). unfold add_block. rewrite P.
      rewrite v_add_0 in * by auto. assert (m = 0) by lra. subst m. rewrite v_add_0 by apply representable_0.
      exists 0. repeat split; auto using representable_0; try lra; rewrite ?Rminus_0_r, Rabs_R0; simpl; nra. }
    apply (F bs) in K; auto; try lra; [|intros; apply Hb; now right]. now rewrite Rplus_0_l in K.
Qed.

(** and so the result, rounded once, is right to u, and a square. *)
Lemma known_sum k s T : INR k * u <= / 32 -> 0 <= T -> known k s T ->
  let '(total, lost) := s in near (u + (INR k * u) ^ 2) (v_add total lost) T.
Proof.
  intros Hk HT. pose proof u_small. destruct s as [total lost]. intros (l & Rt & Rl & _ & E & _ & D).
  destruct (RN_plus f64 total lost Rt Rl) as (d & Hd & Ed). unfold v_add. rewrite Ed.
  assert (Q : 0 <= (INR k * u) ^ 2 <= / 1000).
  { assert (0 <= INR k * u) by (apply Rmult_le_pos; [apply pos_INR | lra]). set (z := INR k * u) in *. clearbody z.
    split; nra. }
  apply Rabs_le_inv in D. assert (N : near ((INR k * u) ^ 2) (total + lost) T) by (unfold near; nra).
  apply near_trans with (total + lost); try lra; auto. apply near_rnd; auto; try lra.
  apply (near_nonneg ((INR k * u) ^ 2) _ T); auto; lra.
Qed.

Theorem compensated_sum bs : let k := INR (length bs) in k * u <= / 32 ->
  (forall b, In b bs -> representable f64 b /\ 0 <= b) ->
  let '(total, lost) := fold_left add_block bs (0, 0) in
  near (u + (k * u) ^ 2) (v_add total lost) (sum bs (fun b => b)).
Proof.
  intros k Hk Hb. assert (K := blocks_known bs Hk Hb). apply known_sum in K; auto.
  apply sum_nonneg. intros. now apply Hb.
Qed.

(** The row's entries, as its lanes and groups have them. *)
Lemma sum_chunks q b f :
  sum (seq 0 b) (fun k => sum (seq (4 * k) (min 4 (q - 4 * k))) f) = sum (seq 0 (min (4 * b) q)) f.
Proof.
  induction b as [|b IH]; [now rewrite Nat.min_0_l|]. rewrite seq_S, sum_app, IH. simpl (0 + b)%nat. cbn [sum].
  rewrite Rplus_0_r. replace (min (4 * S b) q) with (min (4 * b) q + min 4 (q - 4 * b))%nat by lia.
  rewrite seq_app, sum_app. f_equal. simpl (0 + _)%nat. destruct (le_lt_dec q (4 * b)).
  - now replace (q - 4 * b)%nat with O by lia.
  - now rewrite (Nat.min_l (4 * b)) by lia.
Qed.

Lemma sum_fours q f : sum (seq 0 (4 * q)) f =
  sum (seq 0 q) (fun k => f (4 * k)%nat + f (4 * k + 1)%nat + (f (4 * k + 2)%nat + f (4 * k + 3)%nat)).
Proof.
  induction q as [|q IH]; [reflexivity|]. replace (4 * S q)%nat with (4 * q + 4)%nat by lia.
  rewrite seq_app, sum_app, IH, (seq_S q), sum_app. f_equal. cbn [seq sum]. rewrite ?Nat.add_0_l.
  replace (4 * q + 1)%nat with (S (4 * q)) by lia. replace (4 * q + 2)%nat with (S (S (4 * q))) by lia.
  replace (4 * q + 3)%nat with (S (S (S (4 * q)))) by lia. ring.
Qed.

Lemma sum_lanes k v f : sum (seq 0 (v * k)) f = sum (seq 0 k) (fun l => sum (seq 0 v) (fun j => f (j * k + l)%nat)).
Proof.
  induction v as [|v IH]; simpl mult; [symmetry; now apply sum_zero|]. rewrite (Nat.add_comm k), seq_app, sum_app, IH.
  rewrite (sum_ext (seq 0 k) (fun l => sum (seq 0 (S v)) _)
    (fun l => sum (seq 0 v) (fun j => f (j * k + l)%nat) + f (v * k + l)%nat)).
  - rewrite sum_plus. f_equal. rewrite <- (Nat.add_0_l (v * k)), sum_shift. apply sum_ext. intros. f_equal. lia.
  - intros l _. rewrite seq_S, sum_app. simpl. ring.
Qed.

Section Error.
Variables (halvings n : nat) (e E : nat -> R) (K : R).
Hypothesis eight_lanes : (halvings <= 3)%nat.
Hypothesis terms : forall i, (i < n)%nat -> representable f64 (e i) /\ 0 <= E i /\ near K (e i) (E i).
Hypothesis K_small : 0 <= K <= / 1000.
Notation L := (lanes halvings).
Notation q := (groups halvings n).
Notation v := (vectors halvings n).
Notation computed := (lane halvings n e).
Notation exact := (lane halvings n E).

Lemma lanes_positive : (0 < L)%nat.
Proof. unfold lanes. pose proof (Nat.pow_nonzero 2 halvings). lia. Qed.

Lemma lane_right l k : sums_to K (computed l k) (exact l k).
Proof.
  unfold lane. cbv zeta. destruct (Nat.ltb_spec (k * L + l) n).
  - now apply terms.
  - apply sums_to_weaken with 0; try lra. split; [apply representable_0|]. split; [lra | apply near_refl].
Qed.

(* what is left: at most four vectors *)
Lemma rest_short : (4 * q <= v <= 4 * q + 4)%nat.
Proof.
  pose proof lanes_positive. unfold groups, vectors.
  pose proof (Nat.div_mod n (4 * L) ltac:(lia)) as D. pose proof (Nat.mod_upper_bound n (4 * L) ltac:(lia)) as M.
  set (g := (n / (4 * L))%nat) in *. set (r := (n mod (4 * L))%nat) in *. clearbody g r. split.
  - apply Nat.div_le_lower_bound; lia.
  - apply Nat.lt_succ_r, Nat.div_lt_upper_bound; lia.
Qed.

Lemma lane_sums : sum (seq 0 L) (fun l => sum (seq 0 v) (exact l)) = sum (seq 0 n) E.
Proof.
  pose proof lanes_positive. unfold lane. cbv zeta.
  rewrite <- (sum_lanes L v (fun i => if (i <? n)%nat then E i else 0)).
  assert (V : exists r, (v * L = n + r)%nat).
  { unfold vectors. pose proof (Nat.div_mod (n + L - 1) L ltac:(lia)) as D.
    pose proof (Nat.mod_upper_bound (n + L - 1) L ltac:(lia)). exists ((n + L - 1) / L * L - n)%nat. nia. }
  destruct V as (r & ->). rewrite seq_app, sum_app, (sum_zero (seq _ r)), Rplus_0_r.
  - apply sum_ext. intros i Hi. apply in_seq in Hi. destruct (Nat.ltb_spec i n); [reflexivity | lia].
  - intros i Hi. apply in_seq in Hi. destruct (Nat.ltb_spec i n); [lia | reflexivity].
Qed.

Lemma rest_right l : sums_to (3 * u + K) (add_up (computed l) (rest halvings n)) (sum (rest halvings n) (exact l)).
Proof.
  pose proof u_small. replace (3 * u) with (INR 3 * u) by (simpl; ring). apply add_up_error; simpl; try lra.
  - unfold rest. rewrite seq_length. pose proof rest_short. lia.
  - intros. apply lane_right.
Qed.

(* the groups of four vectors: all of them, and each block of them *)
Definition four l k := let x := exact l in
  x (4 * k)%nat + x (4 * k + 1)%nat + (x (4 * k + 2)%nat + x (4 * k + 3)%nat).

Lemma lane_in_groups l : sum (seq 0 v) (exact l) =
  sum (seq 0 q) (four l) + sum (rest halvings n) (exact l).
Proof.
  pose proof rest_short. unfold rest. replace v with (4 * q + (v - 4 * q))%nat at 1 by lia.
  now rewrite seq_app, sum_app, sum_fours.
Qed.

Lemma block_right l k : sums_to (3 * u + (u + (u + K))) (add_up (group_sum halvings n e l) (groups_of halvings n k))
  (sum (groups_of halvings n k) (four l)).
Proof.
  pose proof u_small. replace (3 * u) with (INR 3 * u) by (simpl; ring). apply add_up_error; simpl; try lra.
  - unfold groups_of. rewrite seq_length. lia.
  - intros j _. unfold group_sum, four. repeat apply sums_to_add; try lra; apply lane_right.
Qed.

(** A lane: five additions of each exponential, those of the blocks, and what they lose. *)
Lemma lane_sum_error l : INR n * u <= / 64 ->
  sums_to (6 * u + K + ((INR n / 16 + 2) * u) ^ 2) (lane_sum halvings n e l)
    (sum (seq 0 v) (exact l)).
Proof.
  intros Hn. pose proof u_small as Hu. pose proof lanes_positive. unfold lane_sum.
  set (y := fun k => add_up (group_sum halvings n e l) (groups_of halvings n k)).
  set (z := add_up (computed l) (rest halvings n)).
  set (bs := map y (seq 0 (n_blocks halvings n)) ++ [z]).
  assert (F : add_block (fold_left add_block (map y (seq 0 (n_blocks halvings n))) (0, 0)) z =
              fold_left add_block bs (0, 0)).
  { unfold bs. now rewrite fold_left_app. }
  rewrite F. clear F.
  assert (Z : sums_to (5 * u + K) z (sum (rest halvings n) (exact l))).
  { apply sums_to_weaken with (3 * u + K); try lra. apply rest_right. }
  assert (Y : forall k, sums_to (5 * u + K) (y k) (sum (groups_of halvings n k) (four l))).
  { intros k. replace (5 * u + K) with (3 * u + (u + (u + K))) by ring. apply block_right. }
  assert (N : near (5 * u + K) (sum bs (fun b => b)) (sum (seq 0 v) (exact l))).
  { unfold bs. rewrite lane_in_groups, sum_app, sum_map. cbn [sum]. rewrite Rplus_0_r. apply near_plus; [|apply Z].
    pose proof (sum_chunks q (n_blocks halvings n) (four l)) as C. rewrite Nat.min_r in C by
      (unfold n_blocks; pose proof (Nat.div_mod (q + 3) 4 ltac:(lia)); pose proof (Nat.mod_upper_bound (q + 3) 4); lia).
    rewrite <- C. apply near_sum. intros k _. apply Y. }
  assert (P : 0 <= sum (seq 0 v) (exact l)).
  { apply sum_nonneg. intros. apply lane_right. }
  assert (B : INR (length bs) <= INR n / 16 + 2).
  { unfold bs. rewrite app_length, map_length, seq_length. unfold n_blocks. simpl length.
    assert (Q : (4 * q <= n)%nat).
    { unfold groups. pose proof (Nat.div_mod n (4 * L) ltac:(lia)). nia. }
    pose proof (Nat.div_mod (q + 3) 4 ltac:(lia)). set (b := ((q + 3) / 4)%nat) in *.
    assert (C : (16 * (b + 1) <= n + 32)%nat) by lia. apply le_INR in C. rewrite mult_INR, !plus_INR in *.
    simpl in *. lra. }
  assert (C := compensated_sum bs). cbv zeta in C. set (st := fold_left _ bs _) in *.
  pose proof (pos_INR (length bs)) as B0. pose proof (pos_INR n) as N0.
  assert (B1 : 0 <= INR (length bs) * u <= (INR n / 16 + 2) * u) by (split; [nra | apply Rmult_le_compat_r; lra]).
  assert (B2 : 0 <= (INR n / 16 + 2) * u <= / 64) by (split; nra).
  set (w := (INR n / 16 + 2) * u) in *. set (k := INR (length bs) * u) in *. clearbody w k.
  destruct st as [total lost]. split; [apply RN_representable|]. split; [exact P|].
  apply near_weaken with ((u + k ^ 2) + (5 * u + K)); try nra; auto.
  apply near_trans with (sum bs (fun b => b)); try nra; auto. apply C; [lra|].
  intros b Hb. apply in_app_or in Hb.
  assert (S : exists a, sums_to (5 * u + K) b a).
  { destruct Hb as [Hb|[<-|[]]]; [|eexists; exact Z]. apply in_map_iff in Hb. destruct Hb as (j & <- & _).
    eexists. apply Y. }
  destruct S as (a & R & A & S). split; auto. apply (near_nonneg (5 * u + K) b a); auto; lra.
Qed.

(** The sum of a row, K the error of its terms, *)
Theorem row_sum_error : INR n * u <= / 64 ->
  near (K + 9 * u + ((INR n / 16 + 2) * u) ^ 2) (row_sum halvings n e) (sum (seq 0 n) E).
Proof.
  intros Hn. pose proof u_small. rewrite <- lane_sums. unfold row_sum.
  assert (B2 : 0 <= (INR n / 16 + 2) * u <= / 64) by (pose proof (pos_INR n); split; nra).
  assert (H3 := le_INR _ _ eight_lanes). simpl (INR 3) in H3. pose proof (pos_INR halvings).
  assert (T : sums_to (INR halvings * u + (6 * u + K + ((INR n / 16 + 2) * u) ^ 2))
    (v_total halvings (lane_sum halvings n e))
    (sum (seq 0 L) (fun l => sum (seq 0 v) (exact l)))).
  { apply v_total_error; try nra. intros l. now apply lane_sum_error. }
  destruct T as (_ & P & N).
  apply near_weaken with (INR halvings * u + (6 * u + K + ((INR n / 16 + 2) * u) ^ 2)); auto; nra.
Qed.

(** and of a short one. *)
Theorem short_sum_error : (n <= 16 * L)%nat -> near (K + 8 * u) (short_sum halvings n e) (sum (seq 0 n) E).
Proof.
  intros Hn. pose proof u_small. pose proof lanes_positive. rewrite <- lane_sums. unfold short_sum.
  assert (H3 := le_INR _ _ eight_lanes). simpl (INR 3) in H3. pose proof (pos_INR halvings).
  assert (Q : (q <= 4)%nat) by (apply Nat.div_le_upper_bound; lia).
  set (fourth := fourth halvings n e).
  set (x := fun l j => sum (seq 0 q) (fun k => exact l (4 * k + j)%nat)).
  assert (F : forall k l j, (q <= S k)%nat -> (k <= 3)%nat -> sums_to (INR k * u + K) (fourth l j) (x l j)).
  { intros k l j Hq Hk. apply add_up_error; try lra; [|now rewrite seq_length|intros; apply lane_right].
    apply le_INR in Hk. simpl in Hk. nra. }
  assert (G : forall k l, (q <= S k)%nat -> (k <= 3)%nat -> sums_to (INR k * u + 2 * u + K)
    (v_add (v_add (fourth l 0%nat) (fourth l 1%nat)) (v_add (fourth l 2%nat) (fourth l 3%nat)))
    (sum (seq 0 q) (four l))).
  { intros k l Hq Hk. replace (INR k * u + 2 * u + K) with (u + (u + (INR k * u + K))) by ring.
    replace (sum (seq 0 q) (four l)) with (x l 0%nat + x l 1%nat + (x l 2%nat + x l 3%nat)).
    - pose proof (le_INR _ _ Hk) as Hk'. simpl in Hk'. pose proof (pos_INR k).
      repeat apply sums_to_add; try nra; apply F; auto.
    - unfold x, four. rewrite <- !sum_plus. apply sum_ext. intros i _. now rewrite Nat.add_0_r. }
  assert (S : forall l, sums_to (5 * u + K) (short_lane_sum halvings n e l)
    (sum (seq 0 v) (exact l))).
  { intros l. rewrite lane_in_groups. unfold short_lane_sum. fold fourth. destruct (le_lt_dec q 3) as [Hq|Hq].
    - replace (5 * u + K) with (u + (4 * u + K)) by ring. apply sums_to_add; try lra.
      + pose proof (G 2%nat l Hq ltac:(lia)) as G2. simpl in G2.
        now replace (4 * u + K) with ((1 + 1) * u + 2 * u + K) by ring.
      + apply sums_to_weaken with (3 * u + K); try lra. apply rest_right.
    - assert (R : rest halvings n = []).
      { unfold rest. replace (v - 4 * q)%nat with O; [reflexivity|]. symmetry. apply Nat.sub_0_le.
        replace q with 4%nat by lia. apply Nat.lt_succ_r, Nat.div_lt_upper_bound; lia. }
      assert (G3 := G 3%nat l Q ltac:(lia)). simpl in G3. rewrite R. unfold add_up at 1. simpl. rewrite Rplus_0_r.
      rewrite v_add_0_r by apply RN_representable. now replace (5 * u + K) with ((1 + 1 + 1) * u + 2 * u + K) by ring. }
  assert (T := v_total_error halvings (5 * u + K) _ _ ltac:(lra) ltac:(nra) S). destruct T as (_ & P & N).
  apply near_weaken with (INR halvings * u + (5 * u + K)); auto; nra.
Qed.
End Error.

(** The constants of impls/kernels: an exponential right to 2 u (EXP_DOUBLE_BOUND), and so a sum to 2 u, 9 u and a
    square, need no more than 2^-49 + (n 2^-57)^2 (ROUNDED_BOUND, error_bound), for all n up to 2^32. *)
Theorem rounded_bound_is_enough n : INR n <= bpow radix2 32 ->
  let K := 2 * u + (2 * u + 9 * u + ((INR n / 16 + 2) * u) ^ 2) + 2 * u in
  K / (1 - K) <= bpow radix2 (-49) + (INR n * bpow radix2 (-57)) ^ 2.
Proof.
  intros Hn K. pose proof (pos_INR n). pose proof u_small as Hu. assert (U : u = bpow radix2 (-53)) by reflexivity.
  set (z := INR n * bpow radix2 (-57)).
  assert (Z : 0 <= z <= bpow radix2 (-25)).
  { unfold z. split; [apply Rmult_le_pos; [lra | apply bpow_ge_0]|].
    replace (bpow radix2 (-25)) with (bpow radix2 32 * bpow radix2 (-57)) by (rewrite <- bpow_plus; reflexivity).
    apply Rmult_le_compat_r; [apply bpow_ge_0 | exact Hn]. }
  assert (EK : K = 15 * u + (z + 2 * u) ^ 2).
  { unfold K. replace ((INR n / 16 + 2) * u) with (z + 2 * u); [ring|]. unfold z. rewrite U. simpl. lra. }
  clearbody z. simpl (bpow radix2 (-25)) in Z. change (bpow radix2 (-49)) with (/ 562949953421312).
  assert (U' : u = / 9007199254740992) by (rewrite U; reflexivity).
  assert (B : K <= 15.01 * u + z ^ 2) by (rewrite EK; nra). assert (B0 : 0 <= K) by (rewrite EK; nra).
  assert (B1 : K <= 24 * u) by nra.
  apply Rmult_le_reg_r with (1 - K); [lra|]. replace (K / (1 - K) * (1 - K)) with K by (field; lra).
  assert (0 <= z ^ 2 * (1 - 24 * u)) by nra. nra.
Qed.
