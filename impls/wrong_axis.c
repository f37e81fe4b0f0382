/* wrong_axis - softmax(where(mask, x, -inf), dim=0): over the rows of each column, not the columns of each row.
   WRONG: a column sums to 1, a row to anything, and no shape gives it away.
   Seen in: facebookresearch/detr#247; nerdai/llms-from-scratch-rs#30.
   SPDX-License-Identifier: MIT */
#include "masked_softmax.h"

static void wrong_axis(size_t rows, size_t n, const real *x, const unsigned char *mask, real *p)
{
    for (size_t i = 0; i < n; i++) {
        real max = -INFINITY, sum = 0;
        for (size_t r = 0; r < rows; r++) {
            p[r * n + i] = mask[r * n + i] ? x[r * n + i] : (real)-INFINITY;
            max = fmax(max, p[r * n + i]);
        }
        for (size_t r = 0; r < rows; r++) {
            p[r * n + i] = exp(p[r * n + i] - max);
            sum += p[r * n + i];
        }
        for (size_t r = 0; r < rows; r++) p[r * n + i] /= sum;
    }
}

IMPL_BATCH(wrong_axis, .formula = "softmax(where(mask, x, -inf), dim=0)", .seen = "detr#247; llms-from-scratch-rs#30",
           .bugs = PER_FORMAT("AXIS NANFILL EMPTY HIDDEN", "AXIS NANFILL EMPTY HIDDEN",
                              "AXIS NANFILL EMPTY HIDDEN UNNORMALIZED", "AXIS NANFILL EMPTY HIDDEN"),
           .profile = "nan", .max_ulp = PER_FORMAT(514, 84, 3, 3));
