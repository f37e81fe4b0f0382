/* renormalize - softmax, mask, divide by what is left.  On paper equal to the right answer.
   WRONG when a masked logit lies far above the valid ones: their probabilities underflow before they are rescaled.
   Seen in: the article; abisee/pointer-generator#88; google-deepmind/open_spiel#127.
   SPDX-License-Identifier: MIT */
#include "masked_softmax.h"

static void renormalize(size_t n, const real *x, const unsigned char *mask, real *p)
{
    real max = -INFINITY, sum = 0, left = 0;
    for (size_t i = 0; i < n; i++) max = fmax(max, x[i]);
    for (size_t i = 0; i < n; i++) {
        p[i] = exp(x[i] - max);
        sum += p[i];
    }
    for (size_t i = 0; i < n; i++) {
        p[i] = keep(p[i] / sum) * mask[i];
        left += p[i];
    }
    left = keep(left);
    for (size_t i = 0; i < n; i++) p[i] /= left;
}

IMPL(renormalize, .formula = "p = softmax(x) * mask; p / sum(p)", .seen = "the article; open_spiel#127",
     .bugs = "STARVE POISON", .profile = "nan", .bound = PER_FORMAT("renormalize", "renormalize", NULL, NULL),
     .max_ulp = PER_FORMAT(700, 200, 3, 3));
