/* empty - rows that have no distribution: nothing valid, or every valid logit -inf; with plain rows as controls.
   The article's footnote 1: "all classes should be given probability 0".
   SPDX-License-Identifier: MIT */
#include "suite.h"

static void make(struct gen *g)
{
    const double max = gen_max(g);
    CASE(g, "all-masked", "000", 1, 2, 3);
    CASE(g, "all-masked-equal", "0000", 0, 0, 0, 0);
    CASE(g, "all-masked-high", "000", 500, 501, 502);
    CASE(g, "all-masked-low", "000", -500, -501, -502);
    CASE(g, "all-masked-max", "00", max, -max);
    CASE(g, "n1-masked", "0", 5);
    CASE(g, "all-valid-ninf", "110", -INFINITY, -INFINITY, 3);
    CASE(g, "single-valid-ninf", "010", 1, -INFINITY, 3);
    CASE(g, "n1-ninf", "1", -INFINITY);
    CASE(g, "ninf-row", "1111", -INFINITY, -INFINITY, -INFINITY, -INFINITY);
    CASE(g, "control-one", "010", 1, 2, 3);
    CASE(g, "control-two", "101", 1, 2, 3);

    size_t count = gen_count(g, 24);
    for (size_t i = 0; i < count; i++) {
        static const size_t sizes[] = {2, 8, 33, 218, 1880, 4096};
        size_t rows = gen_rows(g, 1), n = gen_cols(g, sizes[i % 6]);
        double *x = gen_logits(g, rows * n);
        unsigned char *mask = gen_mask(g, rows * n);
        gen_fill(g, rows, n, 0.3, 3, mask, x);
        for (size_t j = 0; j < rows * n; j++) {
            if (i % 3 == 0) mask[j] = 0;
            if (i % 3 == 1 && mask[j]) x[j] = -INFINITY;
        }
        gen_arrays(g, i % 3 == 0 ? "random-masked" : i % 3 == 1 ? "random-ninf" : "random-control", rows, n, mask, x);
    }
}

SUITE(empty, .hunts = "LEAK", .about = "no valid entry, or every valid logit -inf", .make = make);
