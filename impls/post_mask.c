/* post_mask - softmax(x) * mask, and no renormalization.
   WRONG: the mass of the masked entries is thrown away, so a row sums to less than 1; and 0 * NaN is NaN.
   Seen in: huggingface/pytorch-image-models#2236 (eva.py); tensorflow/minigo#299; ilivans/tf-rnn-attention#11.
   SPDX-License-Identifier: MIT */
#include "masked_softmax.h"

static void post_mask(size_t n, const real *x, const unsigned char *mask, real *p)
{
    real max = -INFINITY, sum = 0;
    for (size_t i = 0; i < n; i++) max = fmax(max, x[i]);
    for (size_t i = 0; i < n; i++) {
        p[i] = exp(x[i] - max);
        sum += p[i];
    }
    for (size_t i = 0; i < n; i++) p[i] = keep(p[i] / sum) * mask[i];
}

IMPL(post_mask, .formula = "softmax(x) * mask", .seen = "pytorch-image-models#2236; tensorflow/minigo#299",
     .bugs = "UNNORMALIZED EMPTY POISON", .profile = "all-ninf=nan,masked=nan-rows-all-nan",
     .max_ulp = PER_FORMAT(514, 84, 16, 16));
