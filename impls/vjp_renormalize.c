/* vjp_renormalize - the gradient of renormalize, step by step back: q = softmax(x), r = q m / s with s = sum(q m).
   WRONG under the mask: the two steps cancel on paper, and in floating point a residue of some 1e-8 is left on masked
   logits; and as renormalize does, it starves when a masked logit is far above.
   Seen in: autograd of the article's softmax, mask, renormalize (2.6e-8, measured with torch 1.13).
   SPDX-License-Identifier: MIT */
#include "masked_softmax.h"

static void vjp_renormalize(size_t n, const real *x, const unsigned char *mask, const real *dy, real *g)
{
    real max = -INFINITY, sum = 0, kept = 0, pull = 0, back = 0;
    for (size_t i = 0; i < n; i++) max = fmax(max, x[i]);
    for (size_t i = 0; i < n; i++) {
        g[i] = exp(x[i] - max);
        sum += g[i];
    }
    for (size_t i = 0; i < n; i++) {
        g[i] = keep(g[i] / sum); /* q */
        kept += g[i] * mask[i];
    }
    kept = keep(kept);
    for (size_t i = 0; i < n; i++) pull += keep(g[i] * mask[i] / kept) * dy[i]; /* sum(r * dy) */
    for (size_t i = 0; i < n; i++) back += g[i] * keep((dy[i] - pull) / kept * mask[i]);
    for (size_t i = 0; i < n; i++) g[i] = g[i] * (keep((dy[i] - pull) / kept * mask[i]) - back);
}

IMPL_VJP(vjp_renormalize, .formula = "q * (dq - sum(q * dq)), dq = mask * (dy - sum(r * dy)) / sum(q * mask)",
         .seen = "autograd of the article's A5",
         .bugs = PER_FORMAT("NANGRAD POISON OVERFLOW", "NANGRAD STARVE POISON OVERFLOW",
                            "NANGRAD STARVE POISON OVERFLOW", "NANGRAD STARVE POISON OVERFLOW"),
         .profile = "nan", .max_ulp = PER_FORMAT(700, 200, 3, 3));
