/* soft_cap - softmax(c * tanh(where(mask, x, -inf) / c)), c = 50: the mask first, the soft cap after it.
   WRONG: the cap lifts -inf to -50, and a masked entry weighs e^-50 again; where the valid ones are low, it wins.
   Seen in: burn's attention.rs, whose comments warn of this order; Gemma 2 caps at 50.
   SPDX-License-Identifier: MIT */
#include "masked_softmax.h"

static void soft_cap(size_t n, const real *x, const unsigned char *mask, real *p)
{
    const real cap = 50;
    real max = -INFINITY, sum = 0;
    for (size_t i = 0; i < n; i++) {
        p[i] = keep(cap * tanh((mask[i] ? x[i] : (real)-INFINITY) / cap));
        max = fmax(max, p[i]);
    }
    for (size_t i = 0; i < n; i++) {
        p[i] = exp(p[i] - max);
        sum += p[i];
    }
    for (size_t i = 0; i < n; i++) p[i] /= sum;
}

IMPL(soft_cap, .formula = "softmax(50 tanh(where(mask, x, -inf) / 50))", .seen = "burn attention.rs; Gemma 2",
     .bugs = PER_FORMAT("LEAK ROUND SENTINEL HIDDEN EMPTY", "LEAK ROUND SENTINEL HIDDEN EMPTY STARVE",
                        "LEAK ROUND SENTINEL HIDDEN EMPTY STARVE", "LEAK ROUND SENTINEL HIDDEN EMPTY STARVE"),
     .profile = "empty=uniform-all,masked=nan-rows-all-nan", .max_ulp = PER_FORMAT(514, 84, 8, 8));
