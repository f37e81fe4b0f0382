/* encoding - rows whose wrong answer tells how the mask was misread: as an index (logits[mask] with an integer mask),
   as a bias of 0 and 1, as bytes of 255 or 200 that multiply, as the logits themselves
   (huggingface/diffusers#14342; guidance-ai/guidance#1266; Farama-Foundation/MicroRTS-Py#8).
   SPDX-License-Identifier: MIT */
#include "suite.h"

static void make(struct gen *g)
{
    CASE(g, "int-index", "101", 1, 2, 3);          /* [x1, x0, x1] instead */
    CASE(g, "additive-01", "101", 1, 2, 4);        /* the valid ones rise by 1 */
    CASE(g, "byte-255", "1011", 1, 0.5, 1.25, 2);  /* times 255 the largest takes all */
    CASE(g, "byte-200", "1101", 0.25, 0, 0.5, -1); /* after a shift by the minimum too */
    CASE(g, "mask-as-logits", "1001", -3, 1, 2, 3);
    CASE(g, "equal-valid", "1100", 2, 2, 0, 0);
    CASE(g, "masked-ones", "1010", 1, 1, 1, 1);
    CASE(g, "weights", "110", 0, 1, 0);
    CASE(g, "bits-tail", "1011010110", 0, 1, 2, 3, 0, 1, 2, 3, 4, 5); /* n is no multiple of 8 */
    CASE(g, "bytes-of-nine", "011111111", 5, 1, 2, 3, 4, 1, 2, 3, 4);
    for (size_t n = 3; n <= 12; n++) {
        double *x = gen_logits(g, n);
        unsigned char *mask = gen_mask(g, n);
        for (size_t i = 0; i < n; i++) {
            x[i] = (double)(i * 5 % n) / 2;
            mask[i] = i % 3 != 1;
        }
        gen_arrays(g, "every-third", 1, n, mask, x);
    }

    size_t count = gen_count(g, 36);
    for (size_t i = 0; i < count; i++) {
        static const size_t sizes[] = {3, 5, 8, 9, 31, 64};
        size_t rows = gen_rows(g, 1), n = gen_cols(g, sizes[i % 6]);
        double *x = gen_logits(g, rows * n);
        unsigned char *mask = gen_mask(g, rows * n);
        gen_fill(g, rows, n, 0.6, 1, mask, x);
        gen_arrays(g, "random", rows, n, mask, x);
    }
}

SUITE(encoding, .hunts = "ENCODING LEAK", .about = "rows that tell an index, a 0/1 bias and a byte from a mask",
      .make = make);
