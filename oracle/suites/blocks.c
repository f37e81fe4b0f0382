/* blocks - rows whose first, last or alternate blocks are masked, for blocks of 1 to 128, and maxima that rise or fall
   from block to block: where a running maximum that starts at -inf or at a finite sentinel goes wrong
   (ggml-org/llama.cpp#6438; flashinfer-ai/flashinfer#4452, #4267; ikawrakow/ik_llama.cpp#2344: leading rows).
   SPDX-License-Identifier: MIT */
#include "suite.h"

/* Four blocks and one entry; of every `step` blocks the one at `first` is masked. */
static void masked_blocks(struct gen *g, const char *slug, size_t block, size_t first, size_t step)
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

/* One block and one entry, which is masked. */
static void partial_tail(struct gen *g, size_t block)
{
    double *x = gen_logits(g, block + 1);
    unsigned char *mask = gen_mask(g, block + 1);
    for (size_t i = 0; i <= block; i++) {
        x[i] = (double)(i * 5 % 13) / 4 - 1;
        mask[i] = i < block;
    }
    gen_arrays(g, "block-partial-tail", 1, block + 1, mask, x);
}

/* Each block `step` above the one before. */
static void steps(struct gen *g, const char *slug, size_t block, double step)
{
    size_t n = 4 * block;
    double *x = gen_logits(g, n);
    unsigned char *mask = gen_mask(g, n);
    for (size_t i = 0; i < n; i++) {
        x[i] = step * (double)(i / block) + (double)(i % 3) / 4;
        mask[i] = i % 4 != 1;
    }
    gen_arrays(g, slug, 1, n, mask, x);
}

/* The first rows of a batch are masked, the others partly. */
static void leading_rows(struct gen *g, size_t rows, size_t masked, size_t n)
{
    double *x = gen_logits(g, rows * n);
    unsigned char *mask = gen_mask(g, rows * n);
    for (size_t i = 0; i < rows * n; i++) {
        x[i] = (double)(i * 7 % 19) / 4 - 2;
        mask[i] = i / n >= masked && i % 3 != 0;
    }
    gen_arrays(g, "block-leading-rows", rows, n, mask, x);
}

static void make(struct gen *g)
{
    CASE(g, "block-first-masked", "0011", 9, 9, 1, 2);
    CASE(g, "block-last-masked", "1100", 1, 2, 9, 9);
    CASE(g, "block-below-sentinel", "1111", -60000, -60000, -60000, -60000);
    CASE(g, "block-below-sentinel", "0011", 9, 9, -60000, -60000);
    CASE(g, "block-max-descending", "11111111", 20, 15, 10, 5, 0, -5, -10, -15);
    CASE(g, "block-max-ascending", "11111111", -15, -10, -5, 0, 5, 10, 15, 20);
    for (size_t b = 1; b <= 128; b *= 2) {
        masked_blocks(g, "block-first-masked", b, 0, 8);
        masked_blocks(g, "block-last-masked", b, 3, 8);
        masked_blocks(g, "block-alternate-masked", b, 0, 2);
        masked_blocks(g, "block-alternate-masked", b, 1, 2);
        partial_tail(g, b);
        steps(g, "block-max-descending", b, -60);
        steps(g, "block-max-ascending", b, 60);
    }
    leading_rows(g, 3, 1, 5);
    leading_rows(g, 8, 4, 17);
    leading_rows(g, 20, 16, 33);

    size_t count = gen_count(g, 32);
    for (size_t i = 0; i < count; i++) {
        size_t block = (size_t)2 << i % 7, rows = gen_rows(g, 1), n = gen_cols(g, 3 * block + 1 + i / 7);
        double *x = gen_logits(g, rows * n);
        unsigned char *mask = gen_mask(g, rows * n);
        gen_fill(g, rows, n, 0.8, 3, mask, x);
        size_t valid = gen_below(g, (n - 1) / block + 1); /* this block stays, of the others about half */
        for (size_t b = 0; b * block < n; b++)
            for (size_t j = gen_uniform(g) < 0.5 ? b * block : n; b != valid && j < n && j < (b + 1) * block; j++)
                for (size_t r = 0; r < rows; r++) mask[r * n + j] = 0;
        gen_arrays(g, "random", rows, n, mask, x);
    }
}

SUITE(blocks, .hunts = "TAIL LEAK", .about = "whole blocks of 1..128 masked, maxima that rise or fall by the block",
      .make = make);
