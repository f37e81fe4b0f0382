/* tails - row lengths around every vector width up to 64 (W-1, W, W+1) with values that tell each lane apart, and
   rows whose first, last or alternate blocks are masked: where vector tails and block edges go wrong
   (tenstorrent/tt-metal#54833; ggml-org/llama.cpp#6438; ikawrakow/ik_llama.cpp#2344).
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

static void blocks(struct gen *g, const char *slug, size_t block, size_t first, size_t step)
{
    size_t n = 4 * block + 1;
    double *x = gen_logits(g, n);
    unsigned char *mask = gen_mask(g, n);
    for (size_t i = 0; i < n; i++) {
        x[i] = (double)(i * 11 % 17) / 4 - 2;
        mask[i] = i / block % step != first;
    }
    gen_arrays(g, slug, 1, n, mask, x);
}

static void make(struct gen *g)
{
    for (size_t w = 4; w <= 64; w *= 2)
        for (size_t n = w - 1; n <= w + 1; n++) painted(g, n);
    for (size_t n = 100; n < 116; n++) painted(g, n);
    for (size_t b = 1; b <= 128; b *= 2) {
        blocks(g, "first-block-masked", b, 0, 8);
        blocks(g, "last-block-masked", b, 3, 8);
        blocks(g, "even-blocks-masked", b, 0, 2);
        blocks(g, "odd-blocks-masked", b, 1, 2);
    }
    CASE(g, "block-below-sentinel", "0011", 9, 9, -60000, -60000);
    CASE(g, "block-descending", "11111111", 20, 15, 10, 5, 0, -5, -10, -15);
    CASE(g, "block-ascending", "11111111", -15, -10, -5, 0, 5, 10, 15, 20);
    size_t count = gen_count(g, 66);
    for (size_t i = 0; i < count; i++) {
        size_t rows = gen_rows(g, 1), n = gen_cols(g, 1 + i);
        double *x = gen_logits(g, rows * n);
        unsigned char *mask = gen_mask(g, rows * n);
        gen_fill(g, rows, n, 0.7, 2, mask, x);
        gen_arrays(g, "random", rows, n, mask, x);
    }
}

SUITE(tails, .hunts = "TAIL LEAK", .about = "lengths around vector widths, painted lanes, masked blocks", .make = make);
