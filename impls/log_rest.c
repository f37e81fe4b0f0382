/* log_rest - log_softmax with the largest entry left out of the sum: -((max - x) + log1p(sum of the rest)).
   Right: both terms have one sign, so nothing cancels, and log1p keeps the digits of a rest far below 1.
   Rows without weight are -inf, as the default policy asks.
   Seen in: Blanchard, Higham & Higham, IMA J. Numer. Anal. 41(4), 2021 (log-sum-exp with log1p).
   SPDX-License-Identifier: MIT */
#include "masked_softmax.h"

static void log_rest(size_t n, const real *x, const unsigned char *mask, real *l)
{
    size_t top = n;
    real rest = 0;
    int strange = 0; /* a valid NaN or +inf */
    for (size_t i = 0; i < n; i++) {
        l[i] = mask[i] ? x[i] : (real)-INFINITY;
        strange |= isnan(l[i]) || l[i] == INFINITY;
        if (top == n || l[i] > l[top]) top = i;
    }
    for (size_t i = 0; i < n; i++)
        if (i != top && l[top] > -INFINITY) rest += exp(l[i] - l[top]);
    real max = l[top];
    for (size_t i = 0; i < n; i++) {
        if (strange && mask[i])
            l[i] = NAN;
        else if (l[i] > -INFINITY)
            l[i] = i == top && rest == 0 ? 0 : -((max - l[i]) + log1p(rest));
    }
}

IMPL_LOG(log_rest, .formula = "-((max - x) + log1p(sum of exp(x - max) without the largest))",
         .seen = "Blanchard, Higham & Higham 2021", .max_ulp = PER_FORMAT(514, 66, 0.51, 0.51),
         .witness = PER_FORMAT("log_softmax f64 11 40742fa8d71a49da c070e5ba25b77b5b",
                               "log_softmax f32 11 42316b33 c1f9c37c", "log_softmax bf16 1111 4146 c20b bfa4 bff1",
                               "log_softmax f16 11 4276 bf25"));
