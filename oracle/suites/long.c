/* long - rows of 2^15 entries and more: sequential sums lose digits, and a running sum stops growing once a term is
   below half its ulp (stagnation), so the order of the entries shows; and rows that are nearly all masked.
   Claims of an error in ulps hold for rows up to 4096, so a right implementation may fail here, with DRIFT.
   SPDX-License-Identifier: MIT */
#include "suite.h"

typedef double (*shape)(size_t i, size_t n);

/* Multiples of 1/16 from 0 to 8, exact in every format. */
static double ascending(size_t i, size_t n) { return (double)(128 * i / n) / 16; }
static double descending(size_t i, size_t n) { return ascending(n - 1 - i, n); }
static double alternating(size_t i, size_t n)
{
    (void)n;
    return i % 2 ? -12 : (double)(i / 2 % 4) / 4;
}
static double uniform(size_t i, size_t n)
{
    (void)i, (void)n;
    return 0;
}
/* e^-16.7 is just below half an ulp of 1 in f32: each term is lost, all of them are 0.56 % of the mass. */
static double stagnant(size_t i, size_t n)
{
    (void)n;
    return i == 0 ? 0 : -16.7;
}
static double stagnant_backward(size_t i, size_t n) { return stagnant(n - 1 - i, n); }

/* Every `keep`-th entry is valid, and the last. */
static void row(struct gen *g, const char *slug, size_t n, size_t keep, shape value)
{
    double *x = gen_logits(g, n);
    unsigned char *mask = gen_mask(g, n);
    for (size_t i = 0; i < n; i++) {
        x[i] = value(i, n);
        mask[i] = (i + 1) % keep == 0 || i + 1 == n;
    }
    gen_arrays(g, slug, 1, n, mask, x);
}

static void make(struct gen *g)
{
    row(g, "ascending", 32768, 1, ascending);
    row(g, "descending", 32768, 1, descending);
    row(g, "alternating", 32768, 1, alternating);
    row(g, "uniform", 65536, 1, uniform);
    row(g, "stagnation-1e5", 100001, 1, stagnant);
    row(g, "stagnation-1e5-backward", 100001, 1, stagnant_backward);
    size_t masked = gen_format(g) == &formats[F32] ? 1 << 20 : 1 << 17; /* the longest in one format, to save time */
    row(g, "all-but-one-masked", masked, masked, ascending);
    row(g, "one-in-1000", 65536, 1000, descending);

    size_t count = gen_count(g, 6);
    for (size_t i = 0; i < count; i++) {
        static const double densities[] = {1, 0.001, 0.1};
        size_t rows = gen_rows(g, 1), n = gen_cols(g, i % 2 ? 32768 : 20000);
        double *x = gen_logits(g, rows * n);
        unsigned char *mask = gen_mask(g, rows * n);
        gen_fill(g, rows, n, densities[i % 3], i % 2 ? 1 : 4, mask, x);
        gen_arrays(g, "random", rows, n, mask, x);
    }
}

SUITE(long, .hunts = "DRIFT LEAK", .about = "rows up to 2^20: stagnation, every order, nearly all masked",
      .make = make);
