/* byte_mask - softmax((x - min(x)) * mask), with a mask of bytes 0 and 200.
   WRONG twice: the logits grow 200 times, so the largest takes all; a masked entry is 0, level with the least valid.
   Seen in: guidance-ai/guidance#1266.
   SPDX-License-Identifier: MIT */
#include "masked_softmax.h"

static void byte_mask(size_t n, const real *x, const unsigned char *mask, real *p)
{
    real min = INFINITY, max = -INFINITY, sum = 0;
    for (size_t i = 0; i < n; i++) min = fmin(min, x[i]);
    for (size_t i = 0; i < n; i++) {
        p[i] = keep(keep(x[i] - min) * (200 * (real)mask[i]));
        max = fmax(max, p[i]);
    }
    for (size_t i = 0; i < n; i++) {
        p[i] = exp(p[i] - max);
        sum += p[i];
    }
    for (size_t i = 0; i < n; i++) p[i] /= sum;
}

IMPL(byte_mask, .formula = "softmax((x - min(x)) * mask), mask of 0 and 200", .seen = "guidance-ai/guidance#1266",
     .bugs = PER_FORMAT("ENCODING LEAK POISON SENTINEL FLUSH EMPTY NANFILL",
                        "ENCODING LEAK POISON SENTINEL FLUSH EMPTY NANFILL ROUND",
                        "ENCODING LEAK POISON SENTINEL FLUSH EMPTY NANFILL ROUND",
                        "ENCODING LEAK POISON SENTINEL FLUSH EMPTY NANFILL"),
     .profile = "empty=uniform-all,all-ninf=nan,masked=nan-rows-all-nan", .max_ulp = PER_FORMAT(514, 84, 3, 3));
