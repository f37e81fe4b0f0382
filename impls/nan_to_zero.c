/* nan_to_zero - nan_to_num(softmax(where(mask, x, -inf))): the NaN of an empty row becomes 0.
   WRONG: so does the NaN of a row with a valid NaN or +inf in it, and nobody learns that the logits were bad.
   Seen in: a common workaround; pytorch/pytorch#71502 does it in the gradient.
   SPDX-License-Identifier: MIT */
#include "masked_softmax.h"

static void nan_to_zero(size_t n, const real *x, const unsigned char *mask, real *p)
{
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
        p[i] /= sum;
        if (isnan(p[i])) p[i] = 0;
    }
}

IMPL(nan_to_zero, .formula = "nan_to_num(softmax(where(mask, x, -inf)))", .seen = "common; pytorch/pytorch#71502",
     .bugs = "HIDDEN", .max_ulp = PER_FORMAT(514, 84, 3, 3));
