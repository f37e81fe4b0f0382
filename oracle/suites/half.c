/* half - rows where the 16-bit formats end: constants that overflow, sums that stop growing at 2048, logits absorbed
   by a fill, results between half the smallest number and nothing (facebookresearch/fairseq#3575;
   NVIDIA-NeMo/Automodel#2658; huggingface/transformers#26421).  In every format; the values are those of f16 and bf16.
   SPDX-License-Identifier: MIT */
#include "suite.h"

static void uniform(struct gen *g, const char *slug, size_t n)
{
    double *x = gen_logits(g, n);
    unsigned char *mask = gen_mask(g, n);
    for (size_t i = 0; i < n; i++) {
        x[i] = 0;
        mask[i] = 1;
    }
    gen_arrays(g, slug, 1, n, mask, x);
}

static void make(struct gen *g)
{
    CASE(g, "f16-gap18", "110", 0, 1, 19);                   /* softmax, mask, renormalize: 0/0 */
    CASE(g, "f16-eps", "110", -9, -10, 0);                   /* a +1e-4 takes a third of the mass */
    CASE(g, "f16-1e9", "101", 1, 2, 3);                      /* (1 - m) * -1e9 is 0 * -inf where valid */
    CASE(g, "f16-min-16", "000", -16, -16, -16);             /* -65504 - 16 is -inf */
    CASE(g, "f16-min-16-valid", "1010", -16, -16, -17, -16); /* a control */
    CASE(g, "bf16-min-min", "000", 1, 2, 3);                 /* two masks of the minimum add up to -inf */
    CASE(g, "bf16-min-min-valid", "0110", 1, 2, 3, 4);       /* a control */
    CASE(g, "f16-1e4-absorb", "00000", 1, 2, 3, 4, 5);       /* the spacing at -1e4 is 8 */
    CASE(g, "f16-1e4-absorb-valid", "11100", 1, 2, 3, 4, 5); /* a control */
    CASE(g, "f16-half-subnormal", "11", 0, -17.328125);      /* just above half the smallest number */
    CASE(g, "f16-half-subnormal", "11", 0, -17.34375);       /* just below */
    CASE(g, "bf16-third", "111", 0, 0, 0);                   /* the nearest words sum to 1.00195 */
    CASE(g, "f16-max", "110", 65504, 65504, -65504);
    CASE(g, "f16-max-masked", "101", 0, 65504, 1);
    CASE(g, "f16-overflow", "111", 11.5, 11, 10.5); /* exp(11.5) is beyond 65504 */
    uniform(g, "f16-2049-uniform", 2049);           /* 2048 + 1 is 2048 */
    uniform(g, "bf16-257-uniform", 257);            /* 256 + 1 is 256 */

    size_t count = gen_count(g, 36);
    for (size_t i = 0; i < count; i++) {
        static const size_t sizes[] = {2, 5, 17, 100, 700, 2500};
        size_t rows = gen_rows(g, 1), n = gen_cols(g, sizes[i % 6]);
        double *x = gen_logits(g, rows * n);
        unsigned char *mask = gen_mask(g, rows * n);
        gen_fill(g, rows, n, 0.7, 1 + (double)(i / 6), mask, x);
        gen_arrays(g, "f32-to-f16", rows, n, mask,
                   x); /* one rounding from the exact value, not one more by way of f32 */
    }
}

SUITE(half, .hunts = "NANFILL FLUSH LEAK",
      .about = "rows where f16 and bf16 end: constants, sums, halves of the smallest", .make = make);
