/* vjp_multiply - the gradient of multiply: p = softmax(x * mask) leaks, and every valid gradient is wrong with it.
   WRONG: the masked entries hold weight in p, so sum(p * dy) counts their dy.  The masked gradients are 0, which is
   why training with the article's bug looks healthy.
   Seen in: CSSLab/maia2 before pull request 9; training behind softmax(ell * mask).
   SPDX-License-Identifier: MIT */
#include "masked_softmax.h"

static void vjp_multiply(size_t n, const real *x, const unsigned char *mask, const real *dy, real *g)
{
    real max = -INFINITY, sum = 0, pull = 0;
    for (size_t i = 0; i < n; i++) {
        g[i] = x[i] * mask[i];
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
    for (size_t i = 0; i < n; i++) g[i] = keep(g[i] * (dy[i] - pull)) * mask[i];
}

IMPL_VJP(vjp_multiply, .formula = "mask * p * (dy - sum(p * dy)), p = softmax(x * mask)",
         .seen = "CSSLab/maia2 before pull request 9",
         .bugs = PER_FORMAT("LEAK POISON HIDDEN EMPTY ROUND", "LEAK POISON HIDDEN OVERFLOW EMPTY ROUND STARVE",
                            "LEAK POISON HIDDEN OVERFLOW EMPTY ROUND STARVE", "LEAK POISON HIDDEN EMPTY ROUND STARVE"),
         .max_ulp = PER_FORMAT(514, 84, 3, 3));
