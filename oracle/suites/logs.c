/* logs - rows for log_softmax: log p above 0 (oneDNN 2.6: +1.43e-6 for a one-hot row), -inf where p underflows
   (ONNX's reference takes log(softmax)), -0 where 1 - p does, finite values on masked entries (allenai/allennlp#893).
   SPDX-License-Identifier: MIT */
#include "suite.h"

/* n entries, a part of them valid, all valid ones alike: log p is -log k. */
static void alike(struct gen *g, size_t n, size_t keep, double value)
{
    double *x = gen_logits(g, n);
    unsigned char *mask = gen_mask(g, n);
    for (size_t i = 0; i < n; i++) {
        x[i] = i % keep == 0 ? value : value + 1;
        mask[i] = i % keep == 0;
    }
    gen_arrays(g, "alike", 1, n, mask, x);
}

static void make(struct gen *g)
{
    const double max = gen_max(g);
    CASE(g, "log-onehot", "11", max, -max);
    CASE(g, "log-tiny", "111", 0, -88, -100);
    CASE(g, "log-under", "11", 0, -200);
    CASE(g, "log-masked", "101", 1, 2, 3);
    CASE(g, "entropy-masked", "1010", 1, 2, 3, 4); /* p log p is 0 * -inf on a masked entry */
    CASE(g, "single", "010", 1, 2, 3);             /* log 1 is +0, whatever the logit */
    CASE(g, "single-max", "1", max);
    CASE(g, "single-among-ninf", "111", -INFINITY, 2, -INFINITY);
    CASE(g, "none", "000", 1, 2, 3);
    CASE(g, "large-equal", "11", max, max);
    CASE(g, "large-offset", "111", 1000, 1001, 999);
    CASE(g, "far-apart", "111", 0, -max, -max / 2);
    CASE(g, "below-the-range", "111", max, -max / 4, -max); /* x - max is below -max */
    for (int d = 1; d <= 120; d += d < 40 ? 1 : 4) {
        CASE(g, "near-one", "11", 0, -d); /* log p is about -e^-d */
        CASE(g, "near-one-masked", "1011", 3, 9, 3 - d, 3.5 - d);
    }
    for (int i = 0; i <= 6; i++) CASE(g, "near-one-subnormal", "11", 0, gen_subnormal(g) - 0.5 * i);
    static const size_t sizes[] = {2, 3, 5, 10, 100, 1000, 4096};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        alike(g, sizes[s], 1, 0);
        alike(g, sizes[s], 2, -7);
    }

    size_t count = gen_count(g, 36);
    for (size_t i = 0; i < count; i++) {
        static const size_t lengths[] = {2, 6, 20, 65, 300, 1880};
        static const double sigmas[] = {0.1, 3, 50};
        size_t rows = gen_rows(g, 1), n = gen_cols(g, lengths[i % 6]);
        double *x = gen_logits(g, rows * n);
        unsigned char *mask = gen_mask(g, rows * n);
        gen_fill(g, rows, n, 0.6, sigmas[i / 6 % 3], mask, x);
        if (i / 18 % 2) /* one entry far above: p near 1 */
            for (size_t r = 0; r < rows; r++) {
                size_t top = r * n + gen_below(g, n);
                x[top] += 20;
                mask[top] = 1;
            }
        gen_arrays(g, "random", rows, n, mask, x);
    }
}

SUITE(logs, .hunts = "FLUSH LEAK", .about = "rows for log_softmax: near one, near nothing, all alike, far apart",
      .make = make);
