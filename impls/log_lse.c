/* log_lse - x - logsumexp(x): the log of the sum is stored as one number, then subtracted.
   WRONG when logits are large beside their differences: lse = 1003.4 has lost the digits that x - lse needs.
   Right below that, and never above 0.
   Seen in: x - x.logsumexp(); Blanchard, Higham & Higham 2021 bound its error (division-free form) and prefer the
   shift. SPDX-License-Identifier: MIT */
#include "masked_softmax.h"

static void log_lse(size_t n, const real *x, const unsigned char *mask, real *l)
{
    real max = -INFINITY, sum = 0;
    for (size_t i = 0; i < n; i++) {
        l[i] = mask[i] ? x[i] : (real)-INFINITY;
        max = fmax(max, l[i]);
    }
    for (size_t i = 0; i < n; i++) sum += exp(l[i] - max);
    real lse = keep(max + log(sum));
    for (size_t i = 0; i < n; i++) l[i] = l[i] - lse;
}

IMPL_LOG(log_lse, .formula = "y - logsumexp(y), y = where(mask, x, -inf)", .seen = "x - x.logsumexp()", .bugs = "ROUND",
         .profile = "nan", .max_ulp = PER_FORMAT(514, 84, 3, 3));
