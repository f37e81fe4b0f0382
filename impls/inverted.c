/* inverted - softmax(where(mask, -inf, x)): the mask read as "1 = ignore".
   WRONG: it is where with the polarity turned round; the masked entries share the mass and the valid ones get 0.
   Seen in: rasbt/LLMs-from-scratch#1061; NVIDIA/TransformerEngine#614; lucidrains/x-transformers#164.
   SPDX-License-Identifier: MIT */
#include "masked_softmax.h"

static void inverted(size_t n, const real *x, const unsigned char *mask, real *p)
{
    real max = -INFINITY, sum = 0;
    for (size_t i = 0; i < n; i++) {
        p[i] = mask[i] ? (real)-INFINITY : x[i];
        max = fmax(max, p[i]);
    }
    for (size_t i = 0; i < n; i++) {
        p[i] = exp(p[i] - max);
        sum += p[i];
    }
    for (size_t i = 0; i < n; i++) p[i] /= sum;
}

IMPL(inverted, .formula = "softmax(where(mask, -inf, x))", .seen = "LLMs-from-scratch#1061; TransformerEngine#614",
     .bugs = "POLARITY POISON", .profile = "empty=unmasked,all-ninf=nan,masked=nan-rows-all-nan",
     .max_ulp = PER_FORMAT(514, 84, 3, 3));
