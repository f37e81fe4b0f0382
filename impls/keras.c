/* keras - where(mask, softmax(where(mask, x, -1e9)), 0), and -3e4 in f16: fill before, zero after.
   WRONG when every valid logit lies below the fill: the masked entries win and are zeroed, and the row sums to 0.
   Seen in: Keras 3 layers/activations/softmax.py (#21149 zeroing, #21850 where).
   SPDX-License-Identifier: MIT */
#include "masked_softmax.h"

static void keras(size_t n, const real *x, const unsigned char *mask, real *p)
{
    const real c = keep((real)PER_FORMAT(-1e9, -1e9, -1e9, -3e4));
    real max = -INFINITY, sum = 0;
    for (size_t i = 0; i < n; i++) {
        p[i] = mask[i] ? x[i] : c;
        max = fmax(max, p[i]);
    }
    for (size_t i = 0; i < n; i++) {
        p[i] = exp(p[i] - max);
        sum += p[i];
    }
    for (size_t i = 0; i < n; i++) p[i] = mask[i] ? p[i] / sum : 0;
}

IMPL(keras, .formula = "where(mask, softmax(where(mask, x, -1e9)), 0)", .seen = "Keras 3 (#21149, #21850)",
     .bugs = "SENTINEL EMPTY", .profile = "all-ninf=nan", .max_ulp = PER_FORMAT(514, 84, 3, 3));
