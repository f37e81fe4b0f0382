/* vector_tail - where, eight entries at a time, and the last n % 8 forgotten.
   WRONG unless 8 divides n: the tail is left 0 and is missing from the maximum and the sum.
   Near kin, tails that enter the row though they should not: tenstorrent/tt-metal#54833; NVIDIA/cudnn-frontend#624.
   SPDX-License-Identifier: MIT */
#include "masked_softmax.h"

static void vector_tail(size_t n, const real *x, const unsigned char *mask, real *p)
{
    const size_t whole = n - n % 8;
    real max = -INFINITY, sum = 0;
    for (size_t i = 0; i < whole; i++) {
        p[i] = mask[i] ? x[i] : (real)-INFINITY;
        max = fmax(max, p[i]);
    }
    for (size_t i = 0; i < whole; i++) {
        p[i] = exp(p[i] - max);
        sum += p[i];
    }
    for (size_t i = 0; i < whole; i++) p[i] /= sum;
    for (size_t i = whole; i < n; i++) p[i] = 0;
}

IMPL(vector_tail, .formula = "softmax(where(mask, x, -inf)) of the first n - n % 8",
     .seen = "kin of tt-metal#54833; cudnn-frontend#624", .bugs = "TAIL EMPTY HIDDEN",
     .profile = "all-ninf=nan,masked=nan-rows-all-nan", .max_ulp = PER_FORMAT(514, 84, 3, 3));
