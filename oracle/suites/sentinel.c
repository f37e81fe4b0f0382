/* sentinel - valid logits at and below the finite numbers that people fill masked entries with, and masked logits as
   far above.  A fill is safe only while no logit comes near it (ohdearquant/lattice#361;
   flashinfer-ai/flashinfer#4267).
   SPDX-License-Identifier: MIT */
#include "suite.h"

/* Two valid logits below a fill; not where the format ends before it. */
static void below(struct gen *g, const char *slug, double a, double b)
{
    if (-b <= gen_max(g)) CASE(g, slug, "110", a, b, 0);
}

static void make(struct gen *g)
{
    static const double fills[] = {1e4, 3e4, 5e4, 1e6, 1e8, 1e9, 1e10, 1e30};
    const double max = gen_max(g);
    below(g, "below-1e4", -20000, -20001);
    below(g, "below-5e4", -60000, -60001);
    below(g, "below-1e8", -200000000, -200000016);
    below(g, "below-1e9", -2e9, -2e9);
    below(g, "near-fltmin", -fmin(3.4e38, max), -fmin(3.4e38, max));
    if (max > 1e9) CASE(g, "absorb-1e9", "110", 64, 0, 1e9);
    for (size_t i = 0; i < sizeof fills / sizeof *fills; i++) {
        double s = fills[i];
        if (s > max) continue;
        CASE(g, "valid-at-fill", "1100", -s, -s, 3, 4);
        CASE(g, "valid-at-fill-some", "10101", -s, 1, -s, 2, -s);
        CASE(g, "valid-below-fill", "110", -1.5 * s, -1.5 * s, 0);
        CASE(g, "valid-far-below-fill", "1100", -3 * s, -3 * s, 0, 5);
        CASE(g, "masked-above-fill", "1010", 1, s, 2, s);
        CASE(g, "all-far-below", "111", -2 * s, -2 * s, -2 * s);
        CASE(g, "just-below", "1110", -s - 16, -s - 17, -s - 24, 2); /* a maximum held at -s loses digits, not all */
        CASE(g, "few-digits-below", "111", -s - 98, -s - 100, -s - 102);
        CASE(g, "few-digits-below-f64", "111", -s - 738, -s - 740, -s - 742);
    }
    CASE(g, "valid-at-min", "110", -max, -max, 0);
    CASE(g, "valid-at-min-some", "1001", -max, -1, 1, -max);
    CASE(g, "ordinary", "1101", 1, 2, 3, -1);

    size_t count = gen_count(g, 32);
    for (size_t i = 0; i < count; i++) {
        static const size_t sizes[] = {3, 8, 40, 500};
        size_t rows = gen_rows(g, 1), n = gen_cols(g, sizes[i % 4]);
        double *x = gen_logits(g, rows * n), s = fills[i / 4 % 8];
        unsigned char *mask = gen_mask(g, rows * n);
        gen_fill(g, rows, n, 0.5, 3, mask, x);
        for (size_t j = 0; j < rows * n; j++)
            if (mask[j] && 1.25 * s < max)
                x[j] = -s * (1 + 0.125 * (double)gen_below(g, 3)); /* few levels, all exact */
        gen_arrays(g, "random", rows, n, mask, x);
    }
}

SUITE(sentinel, .hunts = "SENTINEL LEAK", .about = "valid logits at and below -1e4 .. -1e30 and the format's minimum",
      .make = make);
