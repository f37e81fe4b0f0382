/* where - softmax(where(mask, x, -inf)): the mask selects, so nothing under it is ever read as a number.
   Right on every row that has a distribution; NaN rows where there is none.
   Seen in: torch masked_fill(-inf); CSSLab/maia2 (commit ccfca1f).
   SPDX-License-Identifier: MIT */
#include "masked_softmax.h"

static void where(size_t n, const real *x, const unsigned char *mask, real *p)
{
    real max = -INFINITY, sum = 0;
    for (size_t i = 0; i < n; i++) {
        p[i] = mask[i] ? x[i] : (real)-INFINITY;
        max = fmax(max, p[i]);
    }
    for (size_t i = 0; i < n; i++) {
        p[i] = exp(p[i] - max);
        sum += p[i];
    }
    for (size_t i = 0; i < n; i++) p[i] /= sum;
}

IMPL(where, .formula = "softmax(where(mask, x, -inf))", .seen = "torch masked_fill(-inf); CSSLab/maia2",
     .profile = "nan", .bound = "left_to_right", .max_ulp = PER_FORMAT(514, 82, 0.51, 0.51),
     .witness =
         PER_FORMAT("softmax f64 11 40637e2f9abb8afe c08106a2b0553c78",
                    "softmax f32 11111111 4187fd24 417d71c0 4181ef92 41855171 4186a658 418350e6 4184a806 c2401abb",
                    "softmax bf16 11 3f7b 3f7d", "softmax f16 11 3bd6 3be5"));
