"""faults - mistakes that `prove.py faults` plants, one at a time, in copies of the proofs, their statements and the C
files; each must be rejected, by the same check that accepts the original.
SPDX-License-Identifier: MIT"""

import collections

# goals: "FUNCTION FORMAT PROPERTY..." where the fault lies in C: these goals, all proved of the original, must not all
# be proved of the copy.
Fault = collections.namedtuple("Fault", "what file old new goals", defaults=[""])

FAULTS = [
    # holes
    Fault("a proof ends with Admitted", "proofs/rocq/Spec.v",
          "Proof. rewrite in_seq; lia. Qed.", "Admitted."),
    Fault("an axiom under the name of a hypothesis", "proofs/rocq/Spec.v",
          "Lemma in_entries i n : In i (entries n) <-> (i < n)%nat.\nProof. rewrite in_seq; lia. Qed.",
          "Hypothesis in_entries : forall i n, In i (entries n) <-> (i < n)%nat."),
    Fault("Lindemann-Weierstrass no premise any more, but taken for granted", "proofs/rocq/Rationality.v",
          "Section Rationality.\nHypothesis lindemann_weierstrass : lindemann_weierstrass_for_rationals.",
          "Hypothesis believed : lindemann_weierstrass_for_rationals.\nSection Rationality.\n"
          "Let lindemann_weierstrass : lindemann_weierstrass_for_rationals := believed."),
    # statements that are not true
    Fault("negative weights allowed", "proofs/rocq/Equivalence.v",
          "Theorem log_mask_is_spec n x w i : (forall j, 0 <= w j)",
          "Theorem log_mask_is_spec n x w i : (forall j, -1 <= w j)"),
    Fault("gather right in places beyond the row", "proofs/rocq/Equivalence.v",
          "Theorem gather_is_spec n x m i : (i < n)%nat", "Theorem gather_is_spec n x m i : (i <= n)%nat"),
    Fault("the leak of one masked entry more", "proofs/rocq/Leak.v",
          "leak n m (multiply n x m) = n_masked n m / (n_masked n m + exp (lse n x m)).",
          "leak n m (multiply n x m) = n_masked n m / (n_masked n m + 1 + exp (lse n x m))."),
    Fault("the mask's zeros and ones swapped in the definition", "proofs/rocq/Spec.v",
          "Definition bits (m : nat -> bool) (i : nat) : R := if m i then 1 else 0.",
          "Definition bits (m : nat -> bool) (i : nat) : R := if m i then 0 else 1."),
    Fault("a digit of the article", "proofs/rocq/Article.v", "prints 0.1083", "prints 0.1084"),
    Fault("the online merge forgets to rescale", "proofs/rocq/Online.v",
          "s1 * exp (max1 - top) + s2 * exp (max2 - top)", "s1 * exp (max1 - top) + s2"),
    Fault("a gradient with the wrong sign", "proofs/rocq/Gradient.v",
          "(dy i - sum (entries n) (fun j => prob n x w j * dy j)).",
          "(dy i + sum (entries n) (fun j => prob n x w j * dy j))."),
    # about rounding
    Fault("half of what exp's argument loses", "proofs/rocq/Bound.v",
          "(INR (height t) + 1 + 2 * range) * u", "(INR (height t) + 1 + range) * u"),
    Fault("a rescaling that loses no product", "proofs/rocq/OnlineBound.v",
          "INR (rescalings o) * (eps + u) + u * (top o - low o)", "INR (rescalings o) * eps + u * (top o - low o)"),
    Fault("a product with a pair of floats that loses less", "proofs/rocq/FusedRow.v",
          "near (u + bpow radix2 (-46)) (times e g) (e * g)", "near (u + bpow radix2 (-49)) (times e g) (e * g)"),
    Fault("a gap that starves no f32 row", "proofs/rocq/Starve.v",
          "(representable f32 104 /\\ underflows_below f32 104)",
          "(representable f32 103 /\\ underflows_below f32 103)"),
    Fault("a rounding test that looks at one end", "proofs/rocq/RoundingTest.v",
          "  low <= exact <= high -> RN f low = RN f high ->", "  low <= exact <= high -> RN f low = RN f low ->"),
    Fault("an exponential that is right to 1.9 u", "proofs/rocq/ExpDouble.v",
          "near (2 * u) (exp_of fused x) (exp x)", "near (1.9 * u) (exp_of fused x) (exp x)"),
    Fault("a sum of a row that is right to 8.9 u", "proofs/rocq/RowSum.v",
          "near (K + 9 * u + ((INR n / 16 + 2) * u) ^ 2) (row_sum halvings n e)",
          "near (K + 8.9 * u + ((INR n / 16 + 2) * u) ^ 2) (row_sum halvings n e)"),
    # C
    Fault("where without its mask", "impls/where.c", "mask[i] ? x[i] : (real)-INFINITY", "x[i]",
          "where f32 chosen"),
    Fault("a finite number for -inf", "impls/where.c",
          "mask[i] ? x[i] : (real)-INFINITY", "mask[i] ? x[i] : (real)-1e4",
          "where f32 chosen"),
    Fault("where one entry too far", "impls/where.c", "for (size_t i = 0; i < n; i++) p[i] /= sum;",
          "for (size_t i = 0; i <= n; i++) p[i] /= sum;", "where f32 mem_access"),
    Fault("log(1 - mask)", "impls/log_mask.c", "log((real)mask[i])", "log((real)(1 - mask[i]))",
          "log_mask f32 chosen"),
    Fault("gather writes a value before it is read", "impls/gather.c", "p[--k]", "p[k--]", "gather f32 units"),
    Fault("safe divides where nothing is valid", "impls/safe.c", "if (max == -INFINITY) {", "if (max == INFINITY) {",
          "safe f32 unreached"),
    Fault("safe without its last mask test", "impls/safe.c",
          "mask[i] ? p[i] / sum : 0", "p[i] / sum", "safe f32 zeros"),
    Fault("a rounding test in C that trusts a smaller bound", "impls/kernels/rounded_rows.h",
          "#define ROUNDED_BOUND 0x1p-49", "#define ROUNDED_BOUND 0x1p-50"),
    Fault("a bound in C that grows too slowly with the row", "impls/kernels/rounded_rows.h",
          "((double)n * 0x1p-57) * ((double)n * 0x1p-57)", "((double)n * 0x1p-58) * ((double)n * 0x1p-58)"),
    Fault("a two-sum in C that keeps half of what it loses", "impls/kernels/rounded_rows.h",
          "v_add(v_sub(a, v_sub(s, c)), v_sub(b, c))", "v_sub(b, c)"),
    Fault("a coefficient in C with another last digit", "impls/kernels/exp_double.h",
          "0x1.55555558f9667p-5", "0x1.55555558f9668p-5"),
    Fault("two operands in C swapped", "impls/kernels/exp_double.h",
          "v_fma(v_mul(r, r), q, r)", "v_fma(v_mul(r, r), r, q)"),
    Fault("an entry of the table in C", "impls/kernels/power16.h", "0x1.ec49182a3f09p-1,", "0x1.ec49182a3f091p-1,"),
    Fault("an exponential in C that claims less", "impls/kernels/exp_double.h",
          "#define EXP_DOUBLE_BOUND 0x1p-52", "#define EXP_DOUBLE_BOUND 0x1p-53"),
    # contracts and the text
    Fault("a contract without a clause", "proofs/acsl/where.acsl",
          "  ensures masked_zero: \\forall integer i; 0 <= i < n && mask[i] == 0 ==> zero(p[i]);\n", ""),
    Fault("the README claims more than was proved", "proofs/README.md",
          "has_valid n m -> sum (entries n) (prob n x (bits m)) = 1", "sum (entries n) (prob n x (bits m)) = 1"),
]
