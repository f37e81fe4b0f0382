/* log_eps - softmax(x + log(mask + eps)): the eps is there so that log never sees 0.
   WRONG: log(1e-45) is only -103.3 and log(1e-13) -29.9, so a large masked logit climbs back over it.
   In bf16 and f16 1e-45 is stored as 0, and what remains is log_mask; allennlp takes 1e-4 for 1e-13 in f16.
   Seen in: allenai/allennlp#893 (1e-45); allennlp nn/util.py masked_log_softmax (1e-13).
   SPDX-License-Identifier: MIT */
#include "masked_softmax.h"

static void log_eps(size_t n, const real *x, const unsigned char *mask, real *p, real eps)
{
    real max = -INFINITY, sum = 0;
    eps = keep(eps);
    for (size_t i = 0; i < n; i++) {
        p[i] = keep(x[i] + keep(log(keep(mask[i] + eps))));
        max = fmax(max, p[i]);
    }
    for (size_t i = 0; i < n; i++) {
        p[i] = exp(p[i] - max);
        sum += p[i];
    }
    for (size_t i = 0; i < n; i++) p[i] /= sum;
}

static void log_eps_1e45(size_t n, const real *x, const unsigned char *mask, real *p)
{
    log_eps(n, x, mask, p, (real)1e-45);
}

static void log_eps_1e13(size_t n, const real *x, const unsigned char *mask, real *p)
{
    log_eps(n, x, mask, p, (real)PER_FORMAT(1e-13, 1e-13, 1e-13, 1e-4));
}

IMPL(log_eps_1e45, .formula = "softmax(x + log(mask + 1e-45))", .seen = "allenai/allennlp#893",
     .bugs = PER_FORMAT("LEAK POISON", "LEAK POISON", "POISON", "POISON"),
     .profile = PER_FORMAT("empty=unmasked,all-ninf=nan,masked=nan-rows-all-nan",
                           "empty=unmasked,all-ninf=nan,masked=nan-rows-all-nan", "nan", "nan"),
     .max_ulp = PER_FORMAT(700, 200, 3, 3));
IMPL(log_eps_1e13, .formula = "softmax(x + log(mask + 1e-13))", .seen = "allennlp masked_log_softmax",
     .bugs = PER_FORMAT("LEAK POISON", "LEAK POISON", "LEAK EMPTY POISON", "LEAK EMPTY POISON"),
     .profile = "empty=unmasked,all-ninf=nan,masked=nan-rows-all-nan", .max_ulp = PER_FORMAT(514, 84, 3, 3));
