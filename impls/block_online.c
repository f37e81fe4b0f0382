/* block_online - online in blocks of 16, the maximum started at -5e4 so that exp(-inf - -inf) never comes up.
   WRONG when every valid logit lies far below -5e4: all of it underflows, and the row is 0.
   Seen in: flashinfer#4267, fixed by #4401; NVIDIA/TensorRT-LLM#17477 (-FLT_MAX).
   SPDX-License-Identifier: MIT */
#include "masked_softmax.h"

static void block_online(size_t n, const real *x, const unsigned char *mask, real *p)
{
    real max = keep((real)-5e4), sum = 0;
    for (size_t start = 0; start < n; start += 16) {
        size_t end = n - start < 16 ? n : start + 16;
        real before = max, part = 0;
        for (size_t i = start; i < end; i++) {
            p[i] = mask[i] ? x[i] : (real)-INFINITY;
            max = fmax(max, p[i]);
        }
        for (size_t i = start; i < end; i++) part += exp(p[i] - max);
        sum = sum * exp(before - max) + part;
    }
    for (size_t i = 0; i < n; i++) p[i] = sum != 0 ? exp(p[i] - max) / sum : 0;
}

IMPL(block_online, .formula = "max and sum by blocks, from a maximum of -5e4", .seen = "flashinfer#4267, #4401",
     .bugs = "SENTINEL", .profile = "masked=nan-rows-all-nan", .max_ulp = PER_FORMAT(514, 84, 3, 3));
