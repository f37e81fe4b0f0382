/* log_add - log_softmax(x + a number that stands for -inf): a family that differs by the number.
   WRONG: a masked entry keeps a finite log-probability, -1e9 or -30; summed, sampled or exponentiated it is a leak,
   and 0 * log p, harmless with -inf handled, is not 0 * -inf but a wrong number.
   Seen in: allennlp nn/util.py masked_log_softmax (log(mask + 1e-13), #893: 1e-45); BERT's (1 - mask) * -1e9.
   SPDX-License-Identifier: MIT */
#include "masked_softmax.h"

static void log_add(size_t n, const real *x, const unsigned char *mask, real *l, real at_masked)
{
    real max = -INFINITY, sum = 0;
    for (size_t i = 0; i < n; i++) {
        l[i] = keep(x[i] + (mask[i] ? 0 : at_masked));
        max = fmax(max, l[i]);
    }
    for (size_t i = 0; i < n; i++) sum += exp(l[i] - max);
    for (size_t i = 0; i < n; i++) l[i] = l[i] - max - log(sum);
}

static void log_add_1e9(size_t n, const real *x, const unsigned char *mask, real *l)
{
    log_add(n, x, mask, l, keep((real)-1e9));
}

static void log_add_log_1e13(size_t n, const real *x, const unsigned char *mask, real *l)
{
    log_add(n, x, mask, l, keep(log((real)PER_FORMAT(1e-13, 1e-13, 1e-13, 1e-4))));
}

IMPL_LOG(log_add_1e9, .formula = "log_softmax(x + (1 - mask) * -1e9)", .seen = "BERT and descendants",
         .bugs = PER_FORMAT("LEAK POISON ROUND EMPTY", "LEAK POISON ROUND EMPTY", "LEAK POISON ROUND EMPTY",
                            "POISON ROUND"),
         .profile = PER_FORMAT("empty=unmasked,all-ninf=nan,masked=nan-rows-all-nan",
                               "empty=uniform-all,all-ninf=nan,masked=nan-rows-all-nan",
                               "empty=uniform-all,all-ninf=nan,masked=nan-rows-all-nan", "nan"),
         .max_ulp = PER_FORMAT(514, 84, 3, 3));
IMPL_LOG(log_add_log_1e13, .formula = "log_softmax(x + log(mask + 1e-13))", .seen = "allennlp masked_log_softmax",
         .bugs = PER_FORMAT("LEAK POISON ROUND EMPTY", "LEAK POISON ROUND EMPTY", "LEAK POISON ROUND EMPTY EPSILON",
                            "LEAK POISON ROUND EMPTY"),
         .profile = "empty=unmasked,all-ninf=nan,masked=nan-rows-all-nan", .max_ulp = PER_FORMAT(514, 84, 3, 3));
