/* batch - several rows in one call: each must be as if it were alone, whatever its neighbours are.
   SPDX-License-Identifier: MIT */
#include "suite.h"

static void make(struct gen *g)
{
    CASE(g, "batch-2x3", "101/110", 1, 2, 3, 0, 0, 0);
    CASE(g, "batch-3x3-square", "101/110/111", 1, 2, 3, 0, 0, 0, 3, 1, 0);
    CASE(g, "batch-equal-rows", "101/101", 1, 2, 3, 1, 2, 3);
    CASE(g, "batch-one-empty", "101/000/011", 1, 2, 3, 1, 2, 3, 1, 2, 3);
    CASE(g, "batch-first-empty", "000/101", 1, 2, 3, 1, 2, 3);
    CASE(g, "batch-one-nan", "101/110/011", 1, 2, 3, 1, NAN, 3, 1, 2, 3);
    CASE(g, "batch-one-ninf", "101/100", 1, 2, 3, -INFINITY, 2, 3);
    CASE(g, "batch-far-apart", "11/11", 8, 9, -8, -9);
    CASE(g, "mask-row-broadcast", "1011/1011/1011", 1, 2, 3, 4, 4, 3, 2, 1, 0, 0, 0, 0); /* one mask for all rows */
    CASE(g, "mask-col-shape", "1011/1011/1011/1011", /* square: a mask along the wrong axis fits too */
         1, 2, 3, 4, 4, 3, 2, 1, 0, 0, 0, 0, 2, 0, 1, 3);
    CASE(g, "batch-column", "1/1/0/1", 1, 2, 3, 4);

    size_t count = gen_count(g, 24);
    for (size_t i = 0; i < count; i++) {
        static const size_t shapes[][2] = {{2, 5}, {3, 3}, {8, 8}, {7, 100}, {64, 32}, {4, 1880}};
        size_t rows = gen_rows(g, shapes[i % 6][0]), n = gen_cols(g, shapes[i % 6][1]);
        double *x = gen_logits(g, rows * n);
        unsigned char *mask = gen_mask(g, rows * n);
        gen_fill(g, rows, n, i % 2 ? 0.2 : 0.8, i % 4 < 2 ? 1 : 4, mask, x);
        gen_arrays(g, "random", rows, n, mask, x);
    }
}

SUITE(batch, .hunts = "LEAK BATCH", .about = "several rows in one call, square and long, one bad row among good ones",
      .make = make);
