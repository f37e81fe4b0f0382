/* starve - a masked logit far above every valid one: softmax first and mask after leaves exp(valid - masked), which
   loses digits below the normal range and is 0 below the subnormal one, so that the row ends as 0/0
   (google-deepmind/open_spiel#127; suragnair/alpha-zero-general#23).
   SPDX-License-Identifier: MIT */
#include "suite.h"

/* `gap` from the heaviest valid entry up to the masked one. */
static void gap(struct gen *g, const char *slug, double gap)
{
    CASE(g, slug, "110", 0, 1, 1 + gap);
    CASE(g, slug, "011", gap - 7, -7, -8);
}

static void make(struct gen *g)
{
    const double low = -gen_subnormal(g), gone = -gen_underflow(g);
    CASE(g, "masked-gap-20", "110", 0, 1, 20); /* the gaps are those of f32; the sweeps below are of each format */
    CASE(g, "masked-gap-88", "110", 0, 0, 88.5);
    CASE(g, "masked-gap-89", "110", 0, 0, 89);
    CASE(g, "masked-gap-95", "110", 0, 1, 95);
    CASE(g, "masked-gap-105", "110", 0, 1, 105);
    CASE(g, "masked-huge-200", "110", 0, 1, 200);
    CASE(g, "masked-fltmax", "110", 0, 1, gen_max(g));
    for (int i = -6; i <= 6; i++) {
        gap(g, "gap-subnormal", low + 0.5 * i);
        gap(g, "gap-underflow", gone + 0.5 * i);
        gap(g, "gap-between", low + (gone - low) * (i + 6) / 12);
    }
    for (int i = 2; i <= 8; i++) gap(g, "gap-beyond", gone * i / 2);
    CASE(g, "one-of-two-gone", "1100", 0, 2 - gone, 1, 0.5);
    CASE(g, "ordinary", "110", 0, 1, 2);

    size_t count = gen_count(g, 48);
    for (size_t i = 0; i < count; i++) {
        static const size_t sizes[] = {3, 8, 20, 65, 218, 1880};
        size_t rows = gen_rows(g, 1), n = gen_cols(g, sizes[i % 6]);
        double *x = gen_logits(g, rows * n);
        unsigned char *mask = gen_mask(g, rows * n);
        gen_fill(g, rows, n, 0.6, 1, mask, x);
        double above = 0.5 * low + (1.5 * gone - 0.5 * low) * gen_uniform(g);
        for (size_t j = 0; j < rows * n; j++)
            if (!mask[j]) x[j] += above;
        gen_arrays(g, "random", rows, n, mask, x);
    }
}

SUITE(starve, .hunts = "STARVE LEAK", .about = "a masked logit far above, by gaps around every threshold of underflow",
      .make = make);
