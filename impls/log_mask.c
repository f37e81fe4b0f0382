/* log_mask - softmax(x + log(mask)): log 1 = 0 changes nothing, log 0 = -inf removes the entry.
   Right on finite logits.  WRONG when NaN or +inf lies under the mask: inf + -inf is NaN.
   Seen in: the article; CSSLab/maia2#9 (commit de43968).
   SPDX-License-Identifier: MIT */
#include "masked_softmax.h"

static void log_mask(size_t n, const real *x, const unsigned char *mask, real *p)
{
    real max = -INFINITY, sum = 0;
    for (size_t i = 0; i < n; i++) {
        p[i] = x[i] + log((real)mask[i]);
        max = fmax(max, p[i]);
    }
    for (size_t i = 0; i < n; i++) {
        p[i] = exp(p[i] - max);
        sum += p[i];
    }
    for (size_t i = 0; i < n; i++) p[i] /= sum;
}

IMPL(log_mask, .formula = "softmax(x + log(mask))", .seen = "the article; CSSLab/maia2#9", .bugs = "POISON",
     .profile = "nan", .bound = "left_to_right", .max_ulp = PER_FORMAT(514, 82, 0.51, 0.51));
