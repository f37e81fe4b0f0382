/* where_add - softmax(x + where(mask, 0, -inf)): the article's footnote 3, added to the logits.
   where(mask, 0, -inf) equals log(mask), so this is log_mask without the logarithm, and it fails alike:
   NaN and +inf under the mask survive the addition.  Selecting the logit itself (where.c) does not.
   Seen in: the article's footnote 3; every additive attention mask.
   SPDX-License-Identifier: MIT */
#include "masked_softmax.h"

static void where_add(size_t n, const real *x, const unsigned char *mask, real *p)
{
    real max = -INFINITY, sum = 0;
    for (size_t i = 0; i < n; i++) {
        p[i] = x[i] + (mask[i] ? 0 : -INFINITY);
        max = fmax(max, p[i]);
    }
    for (size_t i = 0; i < n; i++) {
        p[i] = exp(p[i] - max);
        sum += p[i];
    }
    for (size_t i = 0; i < n; i++) p[i] /= sum;
}

IMPL(where_add, .formula = "softmax(x + where(mask, 0, -inf))", .seen = "the article's footnote 3", .bugs = "POISON",
     .profile = "nan", .bound = "left_to_right", .max_ulp = PER_FORMAT(514, 82, 0.51, 0.51));
