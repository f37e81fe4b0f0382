/* subnormal - results below the smallest normal number: kept by gradual underflow, lost by flush-to-zero
   (ONNX Runtime, XNNPACK, oneDNN and TF.js-wasm flush below exp(-87) in f32).
   SPDX-License-Identifier: MIT */
#include "suite.h"

static void make(struct gen *g)
{
    const double low = gen_subnormal(g), least = gen_underflow(g);
    CASE(g, "sub-87-4", "11", 0, -87.4); /* these are the numbers of f32; what follows, of each format */
    CASE(g, "sub-95", "11", 0, -95);
    CASE(g, "sub-100", "11", 0, -100);
    CASE(g, "sub-min-above-half", "11", 0, -103.97207);
    CASE(g, "sub-min-below-half", "11", 0, -103.972084);
    CASE(g, "sub-two-scales", "111", 0, -50, -104);
    for (int i = 0; i <= 8; i++) CASE(g, "two", "11", 0, low + (least - low) * i / 8);
    for (int i = 0; i <= 4; i++) CASE(g, "masked-between", "101", 0, -1, low + (least - low) * i / 5 - 0.3);
    CASE(g, "all-scales", "11111", 0, low / 2, low, (low + least) / 2, least + 1);
    CASE(g, "many-below", "1111111111", 0, low - 1, low - 1.1, low - 1.2, low - 1.3, low - 1.4, low - 1.5, low - 1.6,
         low - 1.7, low - 1.8);
    CASE(g, "shifted", "110", 40, 40 + low - 2, 0);
    CASE(g, "ordinary", "11", 0, 1);
    size_t count = gen_count(g, 24);
    for (size_t i = 0; i < count; i++) {
        static const size_t sizes[] = {3, 10, 60, 700};
        size_t rows = gen_rows(g, 1), n = gen_cols(g, sizes[i % 4]);
        double *x = gen_logits(g, rows * n);
        unsigned char *mask = gen_mask(g, rows * n);
        gen_fill(g, rows, n, 0.7, 1, mask, x);
        for (size_t j = 0; j < rows * n; j++)
            if (j % 2) x[j] = low + (least - low) * gen_uniform(g);
        gen_arrays(g, "random", rows, n, mask, x);
    }
}

SUITE(subnormal, .hunts = "FLUSH LEAK", .about = "results between the smallest normal number and nothing",
      .make = make);
