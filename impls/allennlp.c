/* allennlp - r = softmax(x * mask) * mask; r / (sum(r) + 1e-13), and + 1e-4 in f16.
   WRONG when the valid logits lie far below 0: the masked ones, now 0, take the mass, and eps what is left of it.
   Seen in: allennlp nn/util.py masked_softmax (#399, #437).
   SPDX-License-Identifier: MIT */
#include "masked_softmax.h"

static void allennlp(size_t n, const real *x, const unsigned char *mask, real *p)
{
    const real eps = keep((real)PER_FORMAT(1e-13, 1e-13, 1e-13, 1e-4));
    real max = -INFINITY, sum = 0, left = 0;
    for (size_t i = 0; i < n; i++) {
        p[i] = x[i] * mask[i];
        max = fmax(max, p[i]);
    }
    for (size_t i = 0; i < n; i++) {
        p[i] = exp(p[i] - max);
        sum += p[i];
    }
    for (size_t i = 0; i < n; i++) {
        p[i] = keep(p[i] / sum) * mask[i];
        left += p[i];
    }
    left = keep(keep(left) + eps);
    for (size_t i = 0; i < n; i++) p[i] /= left;
}

IMPL(allennlp, .formula = "r = softmax(x * mask) * mask; r / (sum(r) + 1e-13)", .seen = "allennlp#399, #437",
     .bugs = PER_FORMAT("EPSILON EMPTY POISON", "EPSILON EMPTY POISON STARVE",
                        "EPSILON EMPTY POISON STARVE UNNORMALIZED", "EPSILON EMPTY POISON STARVE"),
     .profile = "all-ninf=nan,masked=nan-rows-all-nan", .max_ulp = PER_FORMAT(4000, 200, 8, 16));
