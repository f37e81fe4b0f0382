/* quiet - exp(x) / (1 + sum(exp(x))), the "softmax1": one more entry, of logit 0, whose share nobody gets.
   WRONG as a masked softmax: every row sums to less than 1.
   Seen in: burn quiet_softmax; ggml attention sinks.
   SPDX-License-Identifier: MIT */
#include "masked_softmax.h"

static void quiet(size_t n, const real *x, const unsigned char *mask, real *p)
{
    real max = 0, sum = 0; /* the maximum starts at the logit of the extra entry */
    for (size_t i = 0; i < n; i++) {
        p[i] = mask[i] ? x[i] : (real)-INFINITY;
        max = fmax(max, p[i]);
    }
    for (size_t i = 0; i < n; i++) {
        p[i] = exp(p[i] - max);
        sum += p[i];
    }
    for (size_t i = 0; i < n; i++) p[i] /= exp(-max) + sum;
}

IMPL(quiet, .formula = "exp(x) / (1 + sum(exp(x)))", .seen = "burn quiet_softmax; ggml sinks", .bugs = "UNNORMALIZED",
     .profile = "masked=nan-rows-all-nan", .max_ulp = PER_FORMAT(514, 84, 16, 16));
