/* tails - row lengths around every vector width up to 64 (W-1, W, W+1) with values that tell each lane apart: where
   vector tails go wrong (tenstorrent/tt-metal#54833; NVIDIA/cudnn-frontend#624).
   SPDX-License-Identifier: MIT */
#include "suite.h"

static void painted(struct gen *g, size_t n)
{
    double *x = gen_logits(g, n);
    unsigned char *mask = gen_mask(g, n);
    for (size_t i = 0; i < n; i++) {
        x[i] = (double)(i * 7 % 31) / 8 - 2; /* neighbours differ, and so do lanes 8, 16, 32 apart */
        mask[i] = i % 5 != 2 || i + 1 == n;
    }
    gen_arrays(g, "painted", 1, n, mask, x);
}

static void make(struct gen *g)
{
    for (size_t w = 4; w <= 64; w *= 2)
        for (size_t n = w - 1; n <= w + 1; n++) painted(g, n);
    for (size_t n = 100; n < 116; n++) painted(g, n);
    size_t count = gen_count(g, 66);
    for (size_t i = 0; i < count; i++) {
        size_t rows = gen_rows(g, 1), n = gen_cols(g, 1 + i);
        double *x = gen_logits(g, rows * n);
        unsigned char *mask = gen_mask(g, rows * n);
        gen_fill(g, rows, n, 0.7, 2, mask, x);
        gen_arrays(g, "random", rows, n, mask, x);
    }
}

SUITE(tails, .hunts = "TAIL LEAK", .about = "lengths around vector widths, painted lanes", .make = make);
