/* pairwise - where, with the sum taken by halves: the sum of a half and of the other half, down to 8 terms.
   Right, and at any length: the error grows with log n instead of n, while where drifts on rows beyond some thousand.
   Seen in: NumPy's add.reduce; Higham, The Accuracy of Floating Point Summation, SIAM J. Sci. Comput. 14(4), 1993.
   SPDX-License-Identifier: MIT */
#include "masked_softmax.h"

static real sum_of(size_t n, const real *e)
{
    real sum = 0;
    if (n > 8) return sum_of(n / 2, e) + sum_of(n - n / 2, e + n / 2);
    for (size_t i = 0; i < n; i++) sum += e[i];
    return sum;
}

static void pairwise(size_t n, const real *x, const unsigned char *mask, real *p)
{
    real max = -INFINITY;
    for (size_t i = 0; i < n; i++) {
        p[i] = mask[i] ? x[i] : (real)-INFINITY;
        max = fmax(max, p[i]);
    }
    for (size_t i = 0; i < n; i++) p[i] = exp(p[i] - max);
    real sum = sum_of(n, p);
    for (size_t i = 0; i < n; i++) p[i] /= sum;
}

IMPL(pairwise, .formula = "softmax(where(mask, x, -inf)), the sum taken by halves", .seen = "NumPy; Higham 1993",
     .profile = "nan", .bound = "in_pairs", .any_length = 1, .max_ulp = PER_FORMAT(514, 82, 0.51, 0.51),
     .witness =
         PER_FORMAT("softmax f64 11 40637e2f9abb8afe c08106a2b0553c78",
                    "softmax f32 11111111 4187fd24 417d71c0 4181ef92 41855171 4186a658 418350e6 4184a806 c2401abb",
                    "softmax bf16 11 3f7b 3f7d", "softmax f16 11 3bd6 3be5"));
