/* two_pass - no pass for the maximum: exp(x) is held as a pair, mantissa e^(x - k) and exponent k = x rounded.
   The paper's pairs are to base 2; to base e the difference x - k is exact, however large x is.
   Right: no pair can overflow, and sums are aligned on the larger exponent.
   Seen in: Dukhan & Ablavatski, Two-Pass Softmax Algorithm, 2020; XNNPACK.
   SPDX-License-Identifier: MIT */
#include "masked_softmax.h"

static void two_pass(size_t n, const real *x, const unsigned char *mask, real *p)
{
    real sum = 0, exponent = -INFINITY;
    for (size_t i = 0; i < n; i++) {
        if (!mask[i] || x[i] == -INFINITY) continue;
        real k = rint(x[i]), before = exponent;
        exponent = fmax(exponent, k);
        sum = sum * exp(before - exponent) + exp(x[i] - k) * exp(k - exponent);
    }
    for (size_t i = 0; i < n; i++) {
        real k = rint(x[i]), mantissa = x[i] == -INFINITY ? 0 : exp(x[i] - k);
        p[i] = mask[i] && sum != 0 ? mantissa * exp(k - exponent) / sum : 0;
    }
}

IMPL(two_pass, .formula = "sum of pairs (e^(x - k), k), k = rint(x)", .seen = "Dukhan & Ablavatski 2020; XNNPACK",
     .bound = "two_pass", .max_ulp = PER_FORMAT(30, 52, 0.51, 0.51),
     .witness = PER_FORMAT("plain random-1540354f787afc35", "plain random-4f340f9d593069f6",
                           "starve random-18f5ad75fc5c91b1", "half f32-to-f16-8e049808d32d8a5f"));
