/* vjp_dead_branch - the gradient of e = where(mask, exp(x - max of the valid), 0): one where, after the exp.
   WRONG when a masked logit is far above: exp overflows in the branch that where does not take, and on the way back
   0 * inf is NaN.  The forward value is right, so nothing warns.  The cure is a second where, inside the exp.
   Seen in: jax-ml/jax#17117, #17070 (softmax where= before the double where).
   SPDX-License-Identifier: MIT */
#include "masked_softmax.h"

static void vjp_dead_branch(size_t n, const real *x, const unsigned char *mask, const real *dy, real *g)
{
    real max = -INFINITY, sum = 0, pull = 0;
    for (size_t i = 0; i < n; i++)
        if (mask[i]) max = fmax(max, x[i]);
    for (size_t i = 0; i < n; i++) {
        g[i] = keep(exp(x[i] - max)); /* inf, where masked and far above */
        if (mask[i]) sum += g[i];
    }
    for (size_t i = 0; i < n; i++)
        if (mask[i]) pull += keep(g[i] / sum) * dy[i];
    for (size_t i = 0; i < n; i++) g[i] = g[i] * (mask[i] ? keep((dy[i] - pull) / sum) : 0);
}

IMPL_VJP(vjp_dead_branch, .formula = "exp(x - max) * where(mask, (dy - sum(p * dy)) / sum, 0)",
         .seen = "jax-ml/jax#17117, #17070", .bugs = "NANGRAD POISON HIDDEN OVERFLOW", .profile = "nan",
         .max_ulp = PER_FORMAT(514, 84, 3, 3));
