/* uniform_fallback - renormalize; but if nothing is left, all valid entries alike.
   WRONG when a masked logit lies far above the valid ones: an underflow is taken for "the net has no opinion".
   Seen in: suragnair/alpha-zero-general MCTS.py, "doing a workaround" (#23, #39, #168, #203).
   SPDX-License-Identifier: MIT */
#include "masked_softmax.h"

static void uniform_fallback(size_t n, const real *x, const unsigned char *mask, real *p)
{
    real max = -INFINITY, sum = 0, left = 0, valid = 0;
    for (size_t i = 0; i < n; i++) max = fmax(max, x[i]);
    for (size_t i = 0; i < n; i++) {
        p[i] = exp(x[i] - max);
        sum += p[i];
    }
    for (size_t i = 0; i < n; i++) {
        p[i] = keep(p[i] / sum) * mask[i];
        left += p[i];
        valid += mask[i];
    }
    left = keep(left);
    if (left > 0)
        for (size_t i = 0; i < n; i++) p[i] /= left;
    else
        for (size_t i = 0; i < n; i++) p[i] = (p[i] + mask[i]) / valid;
}

IMPL(uniform_fallback, .formula = "p = softmax(x) * mask; sum(p) > 0 ? p / sum(p) : mask / sum(mask)",
     .seen = "suragnair/alpha-zero-general#23, #39, #168, #203", .bugs = "STARVE EMPTY POISON",
     .profile = "empty=nan,all-ninf=uniform-valid,masked=nan-rows-all-nan",
     .bound = PER_FORMAT("renormalize", "renormalize", NULL, NULL), .max_ulp = PER_FORMAT(700, 200, 3, 3));
