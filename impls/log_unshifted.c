/* log_unshifted - x - log(sum(exp(x) * mask)), no shift by the maximum.
   WRONG twice: exp overflows or underflows with x itself; and log(exp(x)) may round to less than x, so that
   the log of a probability comes out above 0.
   Seen in: hand-written policies; oneDNN 2.6 returns +1.43e-6 for a row of one class, by another way.
   SPDX-License-Identifier: MIT */
#include "masked_softmax.h"

static void log_unshifted(size_t n, const real *x, const unsigned char *mask, real *l)
{
    real sum = 0;
    for (size_t i = 0; i < n; i++)
        if (mask[i]) sum += keep(exp(x[i]));
    sum = keep(log(keep(sum)));
    for (size_t i = 0; i < n; i++) l[i] = mask[i] ? x[i] - sum : (real)-INFINITY;
}

IMPL_LOG(log_unshifted, .formula = "x - log(sum(exp(x) * mask))", .seen = "hand-written; oneDNN 2.6 (its effect)",
         .bugs = "POSLOG OVERFLOW ROUND UNDERLOG", .profile = "all-ninf=nan,pinf=lane-nan",
         .max_ulp = PER_FORMAT(514, 84, 3, 3));
