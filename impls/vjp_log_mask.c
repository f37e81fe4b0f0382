/* vjp_log_mask - the gradient of log_mask: y = x + log(mask); p * (dy - sum(p * dy)), and nothing selected.
   WRONG with NaN or infinity under the mask, in x or in dy: 0 * NaN is NaN, and the whole row has it.
   Seen in: autograd of the article's footnote 3; pytorch/pytorch#31829, #41508 ask for 0 there.
   SPDX-License-Identifier: MIT */
#include "masked_softmax.h"

static void vjp_log_mask(size_t n, const real *x, const unsigned char *mask, const real *dy, real *g)
{
    real max = -INFINITY, sum = 0, pull = 0;
    for (size_t i = 0; i < n; i++) {
        g[i] = x[i] + log((real)mask[i]);
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

IMPL_VJP(vjp_log_mask, .formula = "p * (dy - sum(p * dy)), p = softmax(x + log(mask))",
         .seen = "autograd; pytorch#31829, #41508",
         .bugs = PER_FORMAT("POISON HIDDEN OVERFLOW", "POISON HIDDEN OVERFLOW", "POISON HIDDEN OVERFLOW",
                            "POISON HIDDEN"),
         .profile = "nan", .max_ulp = PER_FORMAT(514, 84, 3, 3));
