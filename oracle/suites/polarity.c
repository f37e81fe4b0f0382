/* polarity - rows that tell 1 = valid from 1 = ignore: the masked entries are as likely as the valid ones, each row
   comes with the complement of its mask, and all or none is valid
   (rasbt/LLMs-from-scratch#1061; NVIDIA/TransformerEngine#614; lucidrains/x-transformers#164).
   SPDX-License-Identifier: MIT */
#include "suite.h"

static void both(struct gen *g, const char *slug, size_t n, unsigned bits)
{
    for (int flip = 0; flip < 2; flip++) {
        double *x = gen_logits(g, n);
        unsigned char *mask = gen_mask(g, n);
        for (size_t i = 0; i < n; i++) {
            x[i] = (double)(i * 3 % n);
            mask[i] = (unsigned char)((bits >> i & 1) ^ (unsigned)flip);
        }
        gen_arrays(g, slug, 1, n, mask, x);
    }
}

static void make(struct gen *g)
{
    CASE(g, "polarity", "100", 0, 1, 2);
    CASE(g, "polarity-complement", "011", 0, 1, 2);
    CASE(g, "all-valid", "1111", 0, 1, 2, 3);
    CASE(g, "none-valid", "0000", 0, 1, 2, 3);
    CASE(g, "half", "1100", 1, 2, 1, 2); /* the same numbers on both sides: only their places tell */
    CASE(g, "half", "0011", 1, 2, 1, 2);
    CASE(g, "n1", "1", 3);
    CASE(g, "batch", "10/01", 1, 2, 1, 2);
    for (unsigned bits = 1; bits < 8; bits++) both(g, "every-mask", 4, bits);

    size_t count = gen_count(g, 24);
    for (size_t i = 0; i < count; i++) {
        static const size_t sizes[] = {4, 7, 16, 33, 100, 1000};
        size_t rows = gen_rows(g, 1), n = gen_cols(g, sizes[i % 6]);
        double *x = gen_logits(g, rows * n);
        unsigned char *mask = gen_mask(g, rows * n);
        gen_fill(g, rows, n, 0.5, 2, mask, x);
        gen_arrays(g, "random", rows, n, mask, x);
        for (size_t j = 0; j < rows * n; j++) mask[j] = !mask[j];
        gen_arrays(g, "random-complement", rows, n, mask, x);
    }
}

SUITE(polarity, .hunts = "POLARITY LEAK", .about = "every row with its mask and with the complement", .make = make);
