/* online_unguarded - maximum and sum in one pass, started at -inf.
   WRONG when the row begins with a masked entry: exp(-inf - -inf) is NaN, and the sum never recovers.
   Seen in: ggml-org/llama.cpp#6438; flashinfer-ai/flashinfer#4452; ik_llama.cpp#2344; pytorch/pytorch#134650.
   SPDX-License-Identifier: MIT */
#include "masked_softmax.h"

static void online_unguarded(size_t n, const real *x, const unsigned char *mask, real *p)
{
    real max = -INFINITY, sum = 0;
    for (size_t i = 0; i < n; i++) {
        real before = max;
        p[i] = mask[i] ? x[i] : (real)-INFINITY;
        max = fmax(max, p[i]);
        sum = sum * exp(before - max) + exp(p[i] - max);
    }
    for (size_t i = 0; i < n; i++) p[i] = exp(p[i] - max) / sum;
}

IMPL(online_unguarded, .formula = "max and sum in one pass from -inf", .seen = "llama.cpp#6438; flashinfer#4452",
     .bugs = "NANFILL", .profile = "nan", .max_ulp = PER_FORMAT(514, 84, 3, 3));
