/* poison - NaN and infinities under the mask, which must change nothing; with plain rows as controls.
   SPDX-License-Identifier: MIT */
#include "suite.h"

static void make(struct gen *g)
{
    const double max = gen_max(g);
    CASE(g, "nan-masked", "101", 1, NAN, 3);
    CASE(g, "pinf-masked", "101", 1, INFINITY, 3);
    CASE(g, "ninf-masked", "101", 1, -INFINITY, 3);
    CASE(g, "nan-masked-first", "011", NAN, 1, 3);
    CASE(g, "nan-masked-last", "110", 1, 3, NAN);
    CASE(g, "all-kinds-masked", "0010100", NAN, INFINITY, 1, -INFINITY, 3, max, -max);
    CASE(g, "single-valid", "00100", NAN, INFINITY, 1, -INFINITY, NAN);
    CASE(g, "all-masked-nan", "000", NAN, INFINITY, -INFINITY);
    CASE(g, "all-masked-pinf", "00", INFINITY, INFINITY);
    CASE(g, "all-masked-ninf", "00", -INFINITY, -INFINITY);
    CASE(g, "n1-masked-nan", "0", NAN);
    CASE(g, "ninf-valid-nan-masked", "101", -INFINITY, NAN, -INFINITY);
    CASE(g, "control", "101", 1, 2, 3);

    size_t count = gen_count(g, 40);
    for (size_t i = 0; i < count; i++) {
        static const size_t sizes[] = {3, 9, 16, 65, 500, 1880};
        static const double poisons[] = {NAN, INFINITY, -INFINITY};
        size_t rows = gen_rows(g, 1), n = gen_cols(g, sizes[i % 6]);
        double *x = gen_logits(g, rows * n);
        unsigned char *mask = gen_mask(g, rows * n);
        gen_fill(g, rows, n, 0.5, 3, mask, x);
        for (size_t j = 0; j < rows * n; j++)
            if (!mask[j] && i % 4 < 3 && gen_uniform(g) < 0.3) x[j] = poisons[i % 4];
        gen_arrays(g, i % 4 == 3 ? "random-control" : "random", rows, n, mask, x);
    }
}

SUITE(poison, .hunts = "POISON", .about = "NaN and infinities under the mask", .make = make);
