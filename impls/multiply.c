/* multiply - softmax(x * mask).  WRONG: a masked logit becomes 0, and exp(0) is 1, not 0.
   The leak is N / (N + exp(LSE)): N masked entries, LSE the log-sum-exp of the valid logits.
   Seen in: the article; CSSLab/maia2 before pull request 9.
   SPDX-License-Identifier: MIT */
#include "masked_softmax.h"

static void multiply(size_t n, const real *x, const unsigned char *mask, real *p)
{
    real max = -INFINITY, sum = 0;
    for (size_t i = 0; i < n; i++) {
        p[i] = x[i] * mask[i];
        max = fmax(max, p[i]);
    }
    for (size_t i = 0; i < n; i++) {
        p[i] = exp(p[i] - max);
        sum += p[i];
    }
    for (size_t i = 0; i < n; i++) p[i] /= sum;
}

IMPL(multiply, .formula = "softmax(x * mask)", .seen = "the article; CSSLab/maia2#9", .bugs = "LEAK POISON",
     .profile = "empty=uniform-all,all-ninf=nan,masked=nan-rows-all-nan", .max_ulp = PER_FORMAT(514, 82, 0.51, 0.51));
