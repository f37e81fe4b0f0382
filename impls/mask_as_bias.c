/* mask_as_bias - softmax(x + mask): a 0/1 mask given where an additive one, 0 and -inf, is expected.
   WRONG: a valid entry only gets a weight e times larger, and a masked one keeps its own.
   Seen in: huggingface/diffusers#14342; timeseriesAI/tsai#171; pytorch/pytorch#103963; ggml soft_max_ext by design.
   SPDX-License-Identifier: MIT */
#include "masked_softmax.h"

static void mask_as_bias(size_t n, const real *x, const unsigned char *mask, real *p)
{
    real max = -INFINITY, sum = 0;
    for (size_t i = 0; i < n; i++) {
        p[i] = keep(x[i] + mask[i]);
        max = fmax(max, p[i]);
    }
    for (size_t i = 0; i < n; i++) {
        p[i] = exp(p[i] - max);
        sum += p[i];
    }
    for (size_t i = 0; i < n; i++) p[i] /= sum;
}

IMPL(mask_as_bias, .formula = "softmax(x + mask)", .seen = "diffusers#14342; tsai#171; pytorch#103963",
     .bugs = PER_FORMAT("ENCODING LEAK POISON", "ENCODING LEAK POISON", "ENCODING LEAK POISON ROUND",
                        "ENCODING LEAK POISON ROUND"),
     .profile = "empty=unmasked,all-ninf=nan,masked=nan-rows-all-nan", .max_ulp = PER_FORMAT(514, 84, 3, 3));
