/* clamped - where, with the maximum held at -1e4 or above and the sum at 1e-6 or above, so that no row is NaN.
   WRONG when every valid logit lies below -1e4: all of it underflows and the row is 0, or sums to less than 1.
   Seen in: tracel-ai/burn#4697 (today finfo.min and the smallest normal).
   SPDX-License-Identifier: MIT */
#include "masked_softmax.h"

static void clamped(size_t n, const real *x, const unsigned char *mask, real *p)
{
    real max = keep((real)-1e4), sum = 0;
    for (size_t i = 0; i < n; i++) {
        p[i] = mask[i] ? x[i] : (real)-INFINITY;
        max = fmax(max, p[i]);
    }
    for (size_t i = 0; i < n; i++) {
        p[i] = keep(exp(p[i] - max));
        sum += p[i];
    }
    sum = keep(sum);
    if (sum < (real)1e-6) sum = keep((real)1e-6);
    for (size_t i = 0; i < n; i++) p[i] /= sum;
}

IMPL(clamped, .formula = "e = exp(where(mask, x, -inf) - clamp(max, -1e4)); e / clamp(sum(e), 1e-6)",
     .seen = "tracel-ai/burn#4697", .bugs = "SENTINEL", .profile = "masked=nan-rows-all-nan",
     .max_ulp = PER_FORMAT(514, 84, 3, 3));
