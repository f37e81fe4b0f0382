/* mask_after_exp - e = exp(x - max of the valid) * mask; e / sum(e).
   WRONG when a masked logit lies far above the valid ones: its exp is inf before the mask, and inf * 0 is NaN.
   Seen in: deepmodeling/deepmd-kit#5715, #5717.
   SPDX-License-Identifier: MIT */
#include "masked_softmax.h"

static void mask_after_exp(size_t n, const real *x, const unsigned char *mask, real *p)
{
    real max = -INFINITY, sum = 0;
    for (size_t i = 0; i < n; i++)
        if (mask[i]) max = fmax(max, x[i]);
    for (size_t i = 0; i < n; i++) {
        p[i] = keep(exp(keep(x[i] - max))) * mask[i];
        sum += p[i];
    }
    sum = keep(sum);
    for (size_t i = 0; i < n; i++) p[i] /= sum;
}

IMPL(mask_after_exp, .formula = "e = exp(x - max(x[mask])) * mask; e / sum(e)", .seen = "deepmd-kit#5715, #5717",
     .bugs = "OVERFLOW POISON", .profile = "nan", .max_ulp = PER_FORMAT(700, 200, 80, 16));
