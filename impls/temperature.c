/* temperature - softmax(where(mask, logits, -1e4) / T) with T = 1000: the mask first, the temperature after it.
   WRONG: what was -1e4 is -10 when the softmax sees it, and masked entries keep e^-10.  The mask must come last.
   Here x is what the softmax should see, logits / T; a fill of -inf would stand any T > 0.
   Seen in: sampling code; vllm-project/vllm#890 and #22180 are its sisters, T = 0.
   SPDX-License-Identifier: MIT */
#include "masked_softmax.h"

static void temperature(size_t n, const real *x, const unsigned char *mask, real *p)
{
    const real T = 1000, fill = keep((real)-1e4);
    real max = -INFINITY, sum = 0;
    for (size_t i = 0; i < n; i++) {
        p[i] = mask[i] ? x[i] : keep(fill / T);
        max = fmax(max, p[i]);
    }
    for (size_t i = 0; i < n; i++) {
        p[i] = exp(p[i] - max);
        sum += p[i];
    }
    for (size_t i = 0; i < n; i++) p[i] /= sum;
}

IMPL(temperature, .formula = "softmax(where(mask, T x, -1e4) / T)", .seen = "sampling code; vllm#890, #22180",
     .bugs = "LEAK", .profile = "empty=uniform-all,all-ninf=nan,masked=nan-rows-all-nan",
     .max_ulp = PER_FORMAT(514, 84, 8, 8));
