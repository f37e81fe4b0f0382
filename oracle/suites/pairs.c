/* pairs - two entries and every mask: differences from nothing over the neighbouring words to beyond underflow, both
   signs.  The smallest rows there are, where a wrong bit has nowhere to hide.
   SPDX-License-Identifier: MIT */
#include "suite.h"

static void pair(struct gen *g, const char *slug, double a, double b)
{
    static const char *const masks[] = {"11", "10", "01", "00"};
    for (int m = 0; m < 4; m++) {
        CASE(g, slug, masks[m], a, b);
        CASE(g, slug, masks[m], b, a);
    }
}

static void make(struct gen *g)
{
    const double ulp = 2 * ldexp(1, -gen_format(g)->precision), low = gen_subnormal(g), under = gen_underflow(g);
    static const double levels[] = {0, 1, -3, 10};
    for (int i = 0; i < 4; i++) {
        pair(g, "equal", levels[i], levels[i]);
        pair(g, "apart", levels[i], levels[i] - 1);
        pair(g, "apart", levels[i], levels[i] + 5);
    }
    for (int k = 1; k <= 3; k++) {
        pair(g, "neighbours", 1, 1 + k * ulp);
        pair(g, "neighbours", -1, -1 - k * ulp);
        pair(g, "neighbours", 0, k * gen_min(g));
    }
    for (int e = -12; e <= 6; e++) {
        pair(g, "powers", 0, ldexp(1, e));
        pair(g, "powers", 0, -ldexp(1, e));
    }
    for (int i = 0; i <= 8; i++) pair(g, "to-subnormal", 0, low * i / 8);
    for (int i = 1; i <= 6; i++) pair(g, "subnormal", 0, low + (under - low) * i / 6);
    for (int i = -2; i <= 2; i++) pair(g, "underflow", 0, under + 0.25 * i);
    pair(g, "beyond", 0, 2 * under);
    pair(g, "beyond", gen_max(g), -gen_max(g));

    size_t count = gen_count(g, 48);
    for (size_t i = 0; i < count; i++) {
        size_t rows = gen_rows(g, 1), n = gen_cols(g, 2);
        double *x = gen_logits(g, rows * n);
        unsigned char *mask = gen_mask(g, rows * n);
        gen_fill(g, rows, n, 0.7, ldexp(1, (int)(i % 6)), mask, x);
        gen_arrays(g, "random", rows, n, mask, x);
    }
}

SUITE(pairs, .hunts = "FLUSH POLARITY LEAK", .about = "two entries, every mask, differences from 0 to beyond underflow",
      .make = make);
