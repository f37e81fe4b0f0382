/* log_where - log_softmax as frameworks write it: y = where(mask, x, -inf); y - max - log(sum exp(y - max)).
   WRONG by the strict measure: where one entry holds nearly all mass its log is -(the rest), say -4e-9, and the sum
   1 + 4e-9 has rounded to 1 before the log: the result is 0, without a right digit.  log_rest keeps them.
   Seen in: torch and JAX log_softmax over masked_fill(-inf).
   SPDX-License-Identifier: MIT */
#include "masked_softmax.h"

static void log_where(size_t n, const real *x, const unsigned char *mask, real *l)
{
    real max = -INFINITY, sum = 0;
    for (size_t i = 0; i < n; i++) {
        l[i] = mask[i] ? x[i] : (real)-INFINITY;
        max = fmax(max, l[i]);
    }
    for (size_t i = 0; i < n; i++) sum += exp(l[i] - max);
    for (size_t i = 0; i < n; i++) l[i] = l[i] - max - log(sum);
}

IMPL_LOG(log_where, .formula = "y - max(y) - log(sum(exp(y - max(y)))), y = where(mask, x, -inf)",
         .seen = "torch, JAX log_softmax", .bugs = "ROUND", .profile = "nan", .max_ulp = PER_FORMAT(514, 84, 3, 3));
