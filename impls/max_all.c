/* max_all - e = exp(x - max(x)) * mask; e / sum(e), with the maximum over all entries.
   WRONG when a masked logit is the maximum and lies far above the valid ones: all of e underflows.
   Seen in: the usual hand-written kernel.
   SPDX-License-Identifier: MIT */
#include "masked_softmax.h"

static void max_all(size_t n, const real *x, const unsigned char *mask, real *p)
{
    real max = -INFINITY, sum = 0;
    for (size_t i = 0; i < n; i++) max = fmax(max, x[i]);
    for (size_t i = 0; i < n; i++) {
        p[i] = keep(exp(x[i] - max)) * mask[i];
        sum += p[i];
    }
    sum = keep(sum);
    for (size_t i = 0; i < n; i++) p[i] /= sum;
}

IMPL(max_all, .formula = "e = exp(x - max(x)) * mask; e / sum(e)", .seen = "the usual hand-written kernel",
     .bugs = PER_FORMAT("STARVE POISON", "STARVE POISON", "STARVE POISON", "STARVE POISON ROUND"), .profile = "nan",
     .bound = PER_FORMAT("max_of_all", "max_of_all", NULL, NULL), .max_ulp = PER_FORMAT(700, 200, 3, 3));
