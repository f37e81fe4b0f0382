/* plain - nothing special: random rows of every size, density and spread.  What fails here fails everywhere.
   SPDX-License-Identifier: MIT */
#include "suite.h"

static void make(struct gen *g)
{
    static const size_t sizes[] = {1, 2, 3, 4, 7, 16, 33, 100, 257, 1000, 1880, 4096};
    static const double densities[] = {0.01, 0.1, 0.5, 1}, sigmas[] = {0.1, 1, 5, 30};
    enum { SIZES = 12, DENSITIES = 4, SIGMAS = 4 };
    size_t count = gen_count(g, SIZES * DENSITIES * SIGMAS);
    CASE(g, "mid-masked", "101", 1, 2, 3);
    CASE(g, "no-mask", "111", 1, 2, 3);
    CASE(g, "single-valid", "010", 1, 2, 3);
    CASE(g, "illegal-wins-argmax", "110", -5, -3, -4);
    for (size_t i = 0; i < count; i++) {
        size_t rows = gen_rows(g, 1), n = gen_cols(g, sizes[i % SIZES]);
        double *x = gen_logits(g, rows * n);
        unsigned char *mask = gen_mask(g, rows * n);
        gen_fill(g, rows, n, densities[i / SIZES % DENSITIES], sigmas[i / (SIZES * DENSITIES) % SIGMAS], mask, x);
        gen_arrays(g, "random", rows, n, mask, x);
    }
}

SUITE(plain, .hunts = "LEAK OVERFLOW STARVE", .about = "random rows: sizes 1..4096, densities 1-100 %, sigma 0.1-30",
      .make = make);
