/* attention - the masks of attention scores, a row for each query: causal, padding, causal and padding, a sliding
   window; square and not, some heads with large logits, sometimes a query that may look nowhere
   (lsdefine/attention-is-all-you-need-keras#16: the mask along the wrong axis is silent where rows = n).
   SPDX-License-Identifier: MIT */
#include "suite.h"

#include <stdbool.h>

enum kind { CAUSAL, PADDING, CAUSAL_PADDING, WINDOW, KINDS };
static const char *const kind_names[KINDS] = {"causal", "padding", "causal-padding", "window"};

/* May query r of `rows` look at key c of n?  The last query is the last key, as in a decoder with a cache. */
static bool looks_at(enum kind kind, size_t rows, size_t n, size_t r, size_t c)
{
    size_t keys = n - n / 4, width = n / 8 + 1; /* keys that are no padding; of the window */
    bool past = c + rows <= r + n, padded = c >= keys;
    switch (kind) {
    case CAUSAL: return past;
    case PADDING: return !padded && (r + 1 < rows || rows % 2 == 1); /* the last query may be padding itself */
    case CAUSAL_PADDING: return past && !padded;
    default: return past && c + rows + width > r + n;
    }
}

static void set_mask(enum kind kind, size_t rows, size_t n, unsigned char *mask)
{
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < n; c++) mask[r * n + c] = looks_at(kind, rows, n, r, c);
}

static void make(struct gen *g)
{
    static const size_t shapes[][2] = {{4, 4}, {5, 5}, {16, 16}, {33, 33}, {1, 24}, {3, 17}, {8, 40}, {20, 7}};
    enum { SHAPES = sizeof shapes / sizeof *shapes };
    for (int s = 0; s < SHAPES; s++)
        for (enum kind k = 0; k < KINDS; k++) {
            size_t rows = shapes[s][0], n = shapes[s][1];
            double *x = gen_logits(g, rows * n);
            unsigned char *mask = gen_mask(g, rows * n);
            for (size_t i = 0; i < rows * n; i++) x[i] = (double)(i * 13 % 29) / 8 - 1.75;
            set_mask(k, rows, n, mask);
            gen_arrays(g, kind_names[k], rows, n, mask, x);
        }

    /* q.k/sqrt(d) is about normal when q and k are; untrained, ordinary, sharp and runaway heads. */
    static const double scales[] = {0.125, 1, 4, 40};
    size_t count = gen_count(g, 48);
    for (size_t i = 0; i < count; i++) {
        static const size_t sizes[][2] = {{8, 8}, {16, 16}, {64, 64}, {1, 128}, {7, 33}, {32, 100}};
        size_t rows = gen_rows(g, sizes[i / 4 % 6][0]), n = gen_cols(g, sizes[i / 4 % 6][1]);
        double *x = gen_logits(g, rows * n);
        unsigned char *mask = gen_mask(g, rows * n);
        gen_fill(g, rows, n, 1, scales[(i + i / 4) % 4], mask, x);
        set_mask((enum kind)(i % 4), rows, n, mask);
        gen_arrays(g, "random", rows, n, mask, x);
    }
}

SUITE(attention, .hunts = "LEAK BATCH POLARITY EMPTY",
      .about = "causal, padding and sliding-window masks, a row for each query", .make = make);
