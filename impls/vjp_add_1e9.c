/* vjp_add_1e9 - the gradient of softmax(x + (1 - mask) * -1e9), which hands gradients on to every logit.
   WRONG in rows without a valid entry: the fill absorbs all logits, p is uniform, and masked logits are trained.
   In f16 the fill is -inf, (1 - 1) * -inf is NaN, and there is no gradient at all.
   Seen in: autograd of Keras and TF masks before 2023 (measured: non-zero gradient into masked logits).
   SPDX-License-Identifier: MIT */
#include "masked_softmax.h"

static void vjp_add_1e9(size_t n, const real *x, const unsigned char *mask, const real *dy, real *g)
{
    const real fill = keep((real)-1e9);
    real max = -INFINITY, sum = 0, pull = 0;
    for (size_t i = 0; i < n; i++) {
        g[i] = keep(x[i] + (1 - mask[i]) * fill);
        max = fmax(max, g[i]);
    }
    for (size_t i = 0; i < n; i++) {
        g[i] = exp(g[i] - max);
        sum += g[i];
    }
    for (size_t i = 0; i < n; i++) {
        g[i] = keep(g[i] / sum);
        pull += g[i] * dy[i];
    }
    for (size_t i = 0; i < n; i++) g[i] = g[i] * (dy[i] - pull);
}

IMPL_VJP(vjp_add_1e9, .formula = "p * (dy - sum(p * dy)), p = softmax(x + (1 - mask) * -1e9)",
         .seen = "autograd of Keras, TF before 2023",
         .bugs = PER_FORMAT("EMPTY POISON NANGRAD HIDDEN SENTINEL OVERFLOW",
                            "EMPTY POISON NANGRAD HIDDEN SENTINEL OVERFLOW",
                            "EMPTY POISON NANGRAD HIDDEN SENTINEL OVERFLOW", "NANFILL POISON"),
         .profile = PER_FORMAT("all-ninf=nan", "all-ninf=nan", "all-ninf=nan", "nan"),
         .max_ulp = PER_FORMAT(514, 84, 3, 3));
