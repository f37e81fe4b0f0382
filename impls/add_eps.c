/* add_eps - (softmax(x) + 1e-10) * mask, renormalized: every valid action keeps a little mass, so no 0/0.
   WRONG: a row whose valid mass is near eps is pulled to uniform, and every small p is off by eps.  In f16 eps is 0.
   Seen in: Unity ML-Agents create_discrete_action_masking_layer (#1123, #1381, #2769).
   SPDX-License-Identifier: MIT */
#include "masked_softmax.h"

static void add_eps(size_t n, const real *x, const unsigned char *mask, real *p)
{
    const real eps = keep((real)1e-10);
    real max = -INFINITY, sum = 0, left = 0;
    for (size_t i = 0; i < n; i++) max = fmax(max, x[i]);
    for (size_t i = 0; i < n; i++) {
        p[i] = exp(x[i] - max);
        sum += p[i];
    }
    for (size_t i = 0; i < n; i++) {
        p[i] = keep(keep(p[i] / sum) + eps) * mask[i];
        left += p[i];
    }
    left = keep(left);
    for (size_t i = 0; i < n; i++) p[i] /= left;
}

IMPL(add_eps, .formula = "p = (softmax(x) + 1e-10) * mask; p / sum(p)", .seen = "ML-Agents#1123, #1381, #2769",
     .bugs = PER_FORMAT("EPSILON EMPTY POISON", "EPSILON EMPTY POISON STARVE", "EPSILON EMPTY POISON", "STARVE POISON"),
     .profile = PER_FORMAT("empty=nan,all-ninf=uniform-valid,masked=nan-rows-all-nan",
                           "empty=nan,all-ninf=uniform-valid,masked=nan-rows-all-nan",
                           "empty=nan,all-ninf=uniform-valid,masked=nan-rows-all-nan", "nan"),
     .max_ulp = PER_FORMAT(700, 200, 16, 16));
