/* log_of_softmax_eps - log(softmax(where(mask, x, -inf)) + 1e-10): the eps keeps -inf away.
   WRONG: a masked entry gets log 1e-10 = -23, as likely as many a valid one; every small p is pulled up to it.
   In f16 1e-10 is stored as 0, and what remains is log_of_softmax.
   Seen in: cross-entropy and entropy code, log(p + 1e-10); Kyubyong/transformer#80 adds the same to a sum.
   SPDX-License-Identifier: MIT */
#include "masked_softmax.h"

static void log_of_softmax_eps(size_t n, const real *x, const unsigned char *mask, real *l)
{
    const real eps = keep((real)1e-10);
    real max = -INFINITY, sum = 0;
    for (size_t i = 0; i < n; i++) {
        l[i] = mask[i] ? x[i] : (real)-INFINITY;
        max = fmax(max, l[i]);
    }
    for (size_t i = 0; i < n; i++) {
        l[i] = exp(l[i] - max);
        sum += l[i];
    }
    for (size_t i = 0; i < n; i++) l[i] = log(keep(keep(l[i] / sum) + eps));
}

IMPL_LOG(log_of_softmax_eps, .formula = "log(softmax(where(mask, x, -inf)) + 1e-10)",
         .seen = "log(p + 1e-10) in entropy code",
         .bugs = PER_FORMAT("EPSILON ROUND POSLOG", "EPSILON ROUND UNDERLOG", "EPSILON ROUND UNDERLOG",
                            "UNDERLOG ROUND"),
         .profile = "nan", .max_ulp = PER_FORMAT(514, 84, 3, 3));
