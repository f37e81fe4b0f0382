/* vocab - next-token rows of language models: a vocabulary of 50257 (GPT-2), 131072 (Mistral Nemo) or 151936 (Qwen2)
   logits, of which a grammar or top-k leaves at most 64, at times the least likely ones
   (guidance-ai/guidance#1266: constrained decoding).
   SPDX-License-Identifier: MIT */
#include "suite.h"

/* `valid` tokens at `at` and below it, every other one masked and between 0 and 30. */
static void constrained(struct gen *g, const char *slug, size_t n, size_t valid, double at)
{
    double *x = gen_logits(g, n);
    unsigned char *mask = gen_mask(g, n);
    for (size_t i = 0; i < n; i++) {
        x[i] = (double)(i * 7 % 121) / 4;
        mask[i] = 0;
    }
    for (size_t k = 0; k < valid; k++) {
        size_t i = (k + 1) * (n / (valid + 1));
        mask[i] = 1;
        x[i] = at - (double)k / 8;
    }
    gen_arrays(g, slug, 1, n, mask, x);
}

static void make(struct gen *g)
{
    constrained(g, "vocab-151936", 151936, 1, -40);
    constrained(g, "vocab-50257-top", 50257, 40, 40);

    size_t count = gen_count(g, 2);
    for (size_t i = 0; i < count; i++) {
        static const size_t sizes[] = {131072, 50257}, kept[] = {64, 1};
        size_t rows = gen_rows(g, 1), n = gen_cols(g, sizes[i % 2]);
        double *x = gen_logits(g, rows * n);
        unsigned char *mask = gen_mask(g, rows * n);
        gen_fill(g, rows, n, 0, 3, mask, x);
        for (size_t k = 1; k < kept[i % 2]; k++) mask[gen_below(g, rows * n)] = 1;
        gen_arrays(g, "random", rows, n, mask, x);
    }
}

SUITE(vocab, .hunts = "LEAK STARVE", .about = "vocabularies of 50257 to 151936 tokens, at most 64 allowed",
      .make = make);
