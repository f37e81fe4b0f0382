/* no_scale - e = exp(x - max(x)) * mask, scaled by 1 / sum(e); but if the sum is 0, not scaled.
   WRONG when a masked logit lies far above the valid ones: the row is 0.  lc0 takes the maximum of the legal moves
   only, where this does no harm; here it is the maximum of all.
   Seen in: lc0 neural/wrapper.cc, SoftmaxPolicy: scale = total > 0 ? 1 / total : 1.
   SPDX-License-Identifier: MIT */
#include "masked_softmax.h"

static void no_scale(size_t n, const real *x, const unsigned char *mask, real *p)
{
    real max = -INFINITY, sum = 0;
    for (size_t i = 0; i < n; i++) max = fmax(max, x[i]);
    for (size_t i = 0; i < n; i++) {
        p[i] = keep(exp(x[i] - max)) * mask[i];
        sum += p[i];
    }
    sum = keep(sum);
    real scale = sum > 0 ? keep(1 / sum) : 1;
    for (size_t i = 0; i < n; i++) p[i] *= scale;
}

IMPL(no_scale, .formula = "e = exp(x - max(x)) * mask; e * (sum(e) > 0 ? 1 / sum(e) : 1)",
     .seen = "lc0 neural/wrapper.cc (SoftmaxPolicy)",
     .bugs = PER_FORMAT("STARVE POISON EMPTY HIDDEN", "STARVE POISON EMPTY HIDDEN", "STARVE POISON EMPTY HIDDEN",
                        "STARVE POISON EMPTY HIDDEN ROUND"),
     .profile = "nan=lane-nan,pinf=lane-nan,all-ninf=nan,masked=nan-rows-all-nan",
     .max_ulp = PER_FORMAT(700, 200, 8, 8));
