/* online - maximum and sum in one pass: whenever the maximum grows, the sum so far is scaled down to it.
   Right, because masked and -inf entries are passed over: there is no exp(-inf - -inf) before the first finite one.
   Seen in: Milakov & Gimelshein 2018; with the guard after llama.cpp#6438 and flashinfer#4452.
   SPDX-License-Identifier: MIT */
#include "masked_softmax.h"

static void online(size_t n, const real *x, const unsigned char *mask, real *p)
{
    real max = -INFINITY, sum = 0;
    for (size_t i = 0; i < n; i++) {
        if (!mask[i] || x[i] == -INFINITY) continue;
        real before = max;
        max = fmax(max, x[i]);
        sum = sum * exp(before - max) + exp(x[i] - max);
    }
    for (size_t i = 0; i < n; i++) p[i] = mask[i] && sum != 0 ? exp(x[i] - max) / sum : 0;
}

IMPL(online, .formula = "max and sum in one pass, -inf passed over", .seen = "llama.cpp#6438; flashinfer#4452",
     .bound = "online", .max_ulp = PER_FORMAT(514, 82, 0.51, 0.51),
     .witness =
         PER_FORMAT("softmax f64 11 40637e2f9abb8afe c08106a2b0553c78",
                    "softmax f32 11111111 4187fd24 417d71c0 4181ef92 41855171 4186a658 418350e6 4184a806 c2401abb",
                    "softmax bf16 11 3f7b 3f7d", "softmax f16 11 3bd6 3be5"));
