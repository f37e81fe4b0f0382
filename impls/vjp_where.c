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
         .seen = "torch masked_fill(-inf), backward", .profile = "all-ninf=nan",
         .max_ulp = PER_FORMAT(300, 42, 1.2, 1.2),
         .witness = PER_FORMAT(
             "vjp f64 111111 3ffe70176e5e0f58 c076b6216766532f 40758093a5a5ff08 bfffe99fa720c88a bff455df15595901 "
             "c0068076a9dac056 3fe201f0587ca99f 3ff6634f6776e0e2 bfcb3b1981439cba 3fe4b9ba82b8a9b3 3ffbe90531d46b8a "
             "3fdc5bfda7ebe057",
             "vjp f32 11111111 bf9aaafa 40093629 c2074c2c 41d6ed6f 403d2340 42264cd1 c015f80d c0437369 3e8fa0aa "
             "bf7cd6ae be879446 3d89ce9f 3f38d44c 3fa69ed0 3eeb3854 3f834542",
             "vjp bf16 11111111 4108 bf00 4026 420a c127 41f9 c010 c1cf 3eaa bf57 3ef9 3fd1 bf4d bef9 bf04 3f7b",
             "vjp f16 11111 c168 c394 3bf2 c022 4409 3c18 b420 b5c0 a7f9 bbdb"));
