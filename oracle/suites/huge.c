/* huge - logits up to the format's maximum, and masked logits far above every valid one: where a missing shift
   overflows and where a shift by the wrong maximum starves the valid entries.
   SPDX-License-Identifier: MIT */
#include "suite.h"

static void make(struct gen *g)
{
    const double max = gen_max(g), over = gen_overflow(g), under = gen_underflow(g), low = gen_subnormal(g) + 1;
    CASE(g, "spread-fltmax", "11", fmin(3.4e38, max), -fmin(3.4e38, max));
    CASE(g, "spread-max", "11", max, -max);
    CASE(g, "spread-max-masked", "101", max, max, -max);
    CASE(g, "wide-span", "110", -max / 2, 1, max / 1024);
    if (max > 3e38) CASE(g, "wide-span", "110", -3e38, 1, 2e31);
    CASE(g, "near-min", "110", -max, -max, 0);
    CASE(g, "shift-1000", "101", 1001, 1002, 1003);
    CASE(g, "unshifted-overflow", "110", 89, 88, 87);
    CASE(g, "unshifted-overflow", "111", over + 1, over, over - 1);
    CASE(g, "unshifted-sum-overflow", "111", over - 0.5, over - 0.5, over - 0.5);
    CASE(g, "unshifted-underflow", "110", -104, -105, 5);
    CASE(g, "unshifted-underflow", "110", under - 1, under - 2, 5);
    CASE(g, "unshifted-lost-digits", "110", under / 2 + 0.5 * -over, under / 2 + 0.5 * -over - 1, 5);
    CASE(g, "unshifted-few-digits", "11", 0.97 * under, 0.97 * under - 1);
    CASE(g, "pessimal-leak", "11000", -10, -11, 9, 9, 9);

    /* The masked logit is `gap` above: exp(valid - masked) loses digits, then becomes 0. */
    CASE(g, "masked-gap-half", "110", 0, 1, -under / 2);
    CASE(g, "masked-gap-subnormal", "110", 0, 1, 0.95 * -under);
    CASE(g, "masked-gap-few-digits", "110", 0, 1, 0.98 * -under);
    CASE(g, "masked-gap-gone", "110", 0, 1, 2 - under);
    CASE(g, "masked-gap-twice", "110", 0, 1, -2 * under);
    CASE(g, "masked-gap-in-range", "110", low + 1, low, over - 1);
    CASE(g, "masked-max", "110", 0, 1, max);
    CASE(g, "masked-max-mirror", "011", max, 1, 0);

    size_t count = gen_count(g, 48);
    for (size_t i = 0; i < count; i++) {
        static const size_t sizes[] = {2, 5, 17, 64, 300, 1880};
        size_t rows = gen_rows(g, 1), n = gen_cols(g, sizes[i % 6]);
        double *x = gen_logits(g, rows * n);
        unsigned char *mask = gen_mask(g, rows * n);
        gen_fill(g, rows, n, 0.5, 3, mask, x);
        for (size_t j = 0; j < rows * n; j++) {
            if (i % 3 == 0) x[j] += mask[j] ? 0 : -1.5 * under;                  /* masked far above */
            if (i % 3 == 1) x[j] += i % 2 ? 3 * over : 3 * under;                /* all far from 0 */
            if (i % 3 == 2) x[j] *= max / 64 * ldexp(1, -(int)gen_below(g, 20)); /* every magnitude */
        }
        gen_arrays(g, i % 3 == 0 ? "masked-above" : i % 3 == 1 ? "far-from-zero" : "all-magnitudes", rows, n, mask, x);
    }
}

SUITE(huge, .hunts = "LEAK OVERFLOW STARVE", .about = "logits up to the format's maximum, masked ones far above",
      .make = make);
