/* epsilon - rows where the valid entries have little of the softmax over all, or logits well below 0: there a +1e-13
   that was to avoid 0/0 is no longer small (allenai/allennlp masked_softmax; Unity ML-Agents' 1e-10).
   SPDX-License-Identifier: MIT */
#include "suite.h"

static void make(struct gen *g)
{
    static const double gaps[] = {4, 6, 8, 9, 12, 20, 24, 28, 32, 35, 60};
    CASE(g, "eps-bias-28", "110", -28, -29, 0);
    CASE(g, "eps-bias-35", "110", -35, -36, 0);
    CASE(g, "eps-zero-105", "110", -105, -106, 0);
    for (size_t i = 0; i < sizeof gaps / sizeof *gaps; i++) {
        double d = gaps[i];
        CASE(g, "masked-above", "110", 0, -1, d);
        CASE(g, "valid-low", "110", -d, -d - 1, 0);
        CASE(g, "valid-low-masked-lower", "110", -d, -d - 1, -d - 2);
        CASE(g, "valid-low-alone", "11", -d, -d - 1);
    }
    CASE(g, "ordinary", "101", 1, 2, 3);
    size_t count = gen_count(g, 32);
    for (size_t i = 0; i < count; i++) {
        static const size_t sizes[] = {4, 20, 100, 1880};
        size_t rows = gen_rows(g, 1), n = gen_cols(g, sizes[i % 4]);
        double *x = gen_logits(g, rows * n), low = 4 + 4 * (double)(i / 4);
        unsigned char *mask = gen_mask(g, rows * n);
        gen_fill(g, rows, n, 0.3, 1, mask, x);
        for (size_t j = 0; j < rows * n; j++)
            if (mask[j] || i % 2) x[j] -= low; /* valid ones below the masked, or all below 0 */
        gen_arrays(g, "random", rows, n, mask, x);
    }
}

SUITE(epsilon, .hunts = "STARVE LEAK", .about = "little valid mass: where +1e-13 is not small", .make = make);
