/* flush - where, on a machine that flushes subnormal results to 0 (FTZ).
   WRONG for the smallest probabilities: below 2^-126 in f32, but already below 6.1e-5 in f16.
   Seen in: ONNX Runtime (MLAS), oneDNN, XNNPACK, TensorFlow.js on wasm: all measured.
   SPDX-License-Identifier: MIT */
#include "masked_softmax.h"

static void flush(size_t n, const real *x, const unsigned char *mask, real *p)
{
    const real smallest_normal = (real)PER_FORMAT(0x1p-1022, 0x1p-126, 0x1p-126, 0x1p-14);
    real max = -INFINITY, sum = 0;
    for (size_t i = 0; i < n; i++) {
        p[i] = mask[i] ? x[i] : (real)-INFINITY;
        max = fmax(max, p[i]);
    }
    for (size_t i = 0; i < n; i++) {
        p[i] = exp(p[i] - max);
        sum += p[i];
    }
    for (size_t i = 0; i < n; i++) {
        p[i] = keep(p[i] / sum);
        if (p[i] < smallest_normal) p[i] = 0;
    }
}

IMPL(flush, .formula = "softmax(where(mask, x, -inf)), subnormals to 0",
     .seen = "ONNX Runtime, oneDNN, XNNPACK, TensorFlow.js wasm", .bugs = "FLUSH", .profile = "nan",
     .max_ulp = PER_FORMAT(514, 84, 3, 3));
