/* not_bytes - softmax(where(~mask, -inf, x)) with a mask of bytes: ~1 is 254 and ~0 is 255, and both are true.
   WRONG always: every entry is taken for masked, the row is -inf throughout, and exp(-inf - -inf) is NaN.
   With a bool mask the same text is right.  (Written 255 - m here: gcc refuses ~m as always true, and is right.)
   Seen in: pytorch/pytorch#24180; NVIDIA/flowtron#27.
   SPDX-License-Identifier: MIT */
#include "masked_softmax.h"

static void not_bytes(size_t n, const real *x, const unsigned char *mask, real *p)
{
    real max = -INFINITY, sum = 0;
    for (size_t i = 0; i < n; i++) {
        p[i] = 255 - mask[i] ? (real)-INFINITY : x[i];
        max = fmax(max, p[i]);
    }
    for (size_t i = 0; i < n; i++) {
        p[i] = exp(p[i] - max);
        sum += p[i];
    }
    for (size_t i = 0; i < n; i++) p[i] /= sum;
}

IMPL(not_bytes, .formula = "softmax(where(~mask, -inf, x)), mask of bytes", .seen = "pytorch#24180; flowtron#27",
     .bugs = "NANFILL POISON", .profile = "nan", .max_ulp = PER_FORMAT(514, 84, 3, 3));
