/* safe - where, with zero for rows that have no distribution, and for masked entries whatever their row holds.
   Seen in: PyTorch _safe_softmax (pytorch/pytorch#131060); ONNX Attention (onnx/onnx#8068).
   SPDX-License-Identifier: MIT */
#include "masked_softmax.h"

static void safe(size_t n, const real *x, const unsigned char *mask, real *p)
{
    real max = -INFINITY, sum = 0;
    for (size_t i = 0; i < n; i++)
        if (mask[i] && (isnan(x[i]) || x[i] > max)) max = x[i]; /* a NaN stays */
    if (max == -INFINITY) {
        for (size_t i = 0; i < n; i++) p[i] = 0;
        return;
    }
    for (size_t i = 0; i < n; i++) {
        p[i] = mask[i] ? exp(x[i] - max) : 0;
        sum += p[i];
    }
    for (size_t i = 0; i < n; i++) p[i] = mask[i] ? p[i] / sum : 0;
}

IMPL(safe, .formula = "where(any, softmax(where(mask, x, -inf)), 0)", .seen = "PyTorch _safe_softmax; ONNX Attention",
     .max_ulp = PER_FORMAT(514, 66, 0.51, 0.51));
