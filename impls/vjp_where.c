/* vjp_where - the gradient of where: p * (dy - sum(p * dy)), selected by the mask again on the way back.
   Right: what is masked gets exactly 0, whatever x and dy hold there.  A row of valid -inf is NaN, as its p is.
   Half of dy is taken, and given back at the end, because two dy may lie farther apart than the format reaches.
   Seen in: torch masked_fill(-inf) followed by softmax, backward; a fill hands no gradient on.
   SPDX-License-Identifier: MIT */
#include "masked_softmax.h"

static void vjp_where(size_t n, const real *x, const unsigned char *mask, const real *dy, real *g)
{
    real max = -INFINITY, sum = 0, pull = 0;
    for (size_t i = 0; i < n; i++) {
        g[i] = mask[i] ? x[i] : (real)-INFINITY;
        max = fmax(max, g[i]);
    }
    for (size_t i = 0; i < n; i++) {
        g[i] = exp(g[i] - max);
        sum += g[i];
    }
    for (size_t i = 0; i < n; i++) {
        g[i] = keep(g[i] / sum);
        if (mask[i]) pull += g[i] * (dy[i] / 2);
    }
    if (isinf(pull)) pull = NAN; /* an infinite dy leaves no gradient, not -inf beside it */
    for (size_t i = 0; i < n; i++) g[i] = mask[i] ? g[i] * (dy[i] / 2 - pull) * 2 : 0;
}

IMPL_VJP(vjp_where, .formula = "where(mask, p * (dy - sum(p * dy)), 0), p = softmax(where(mask, x, -inf))",
         .seen = "torch masked_fill(-inf), backward", .profile = "all-ninf=nan", .max_ulp = PER_FORMAT(514, 84, 3, 3));
