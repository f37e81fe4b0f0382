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
     .bound = "left_to_right", .max_ulp = PER_FORMAT(514, 82, 0.51, 0.51),
     .witness =
         PER_FORMAT("softmax f64 11 40637e2f9abb8afe c08106a2b0553c78",
                    "softmax f32 11111111 4187fd24 417d71c0 4181ef92 41855171 4186a658 418350e6 4184a806 c2401abb",
                    "softmax bf16 11 3f7b 3f7d", "softmax f16 11 3bd6 3be5"));
