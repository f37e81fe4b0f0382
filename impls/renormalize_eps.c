/* renormalize_eps - softmax, mask, divide by what is left + 1e-13, so as never to divide by 0.
   WRONG as soon as little is left: the eps is part of the sum, and the row sums to less than 1.  In f16 eps is 0.
   Seen in: common; torch_geometric.utils.softmax (1e-16, harmless there); removed from CTranslate2 (#1468).
   SPDX-License-Identifier: MIT */
#include "masked_softmax.h"

static void renormalize_eps(size_t n, const real *x, const unsigned char *mask, real *p)
{
    real max = -INFINITY, sum = 0, left = 0;
    for (size_t i = 0; i < n; i++) max = fmax(max, x[i]);
    for (size_t i = 0; i < n; i++) {
        p[i] = exp(x[i] - max);
        sum += p[i];
    }
    for (size_t i = 0; i < n; i++) {
        p[i] = keep(p[i] / sum) * mask[i];
        left += p[i];
    }
    left = keep(keep(left) + keep((real)1e-13));
    for (size_t i = 0; i < n; i++) p[i] /= left;
}

IMPL(renormalize_eps, .formula = "p = softmax(x) * mask; p / (sum(p) + 1e-13)", .seen = "common; CTranslate2#1468",
     .bugs = PER_FORMAT("EPSILON EMPTY POISON", "EPSILON EMPTY POISON STARVE ROUND", "EPSILON EMPTY POISON STARVE",
                        "STARVE POISON"),
     .profile = PER_FORMAT("all-ninf=nan,masked=nan-rows-all-nan", "all-ninf=nan,masked=nan-rows-all-nan",
                           "all-ninf=nan,masked=nan-rows-all-nan", "nan"),
     .max_ulp = PER_FORMAT(6000, 200, 8, 8));
