/* mask_as_logits - softmax(mask): the mask handed over in the place of the logits.
   WRONG: a valid entry is preferred to a masked one by e to 1 and no more, and the logits are never read.
   Seen in: Farama-Foundation/MicroRTS-Py#8, Categorical(logits=mask).
   SPDX-License-Identifier: MIT */
#include "masked_softmax.h"

static void mask_as_logits(size_t n, const real *x, const unsigned char *mask, real *p)
{
    real max = -INFINITY, sum = 0;
    (void)x;
    for (size_t i = 0; i < n; i++) max = fmax(max, (real)mask[i]);
    for (size_t i = 0; i < n; i++) {
        p[i] = exp(mask[i] - max);
        sum += p[i];
    }
    for (size_t i = 0; i < n; i++) p[i] /= sum;
}

IMPL(mask_as_logits, .formula = "softmax(mask)", .seen = "Farama-Foundation/MicroRTS-Py#8",
     .bugs = "ENCODING LEAK EMPTY", .profile = "empty=uniform-all", .max_ulp = PER_FORMAT(514, 84, 16, 16));
