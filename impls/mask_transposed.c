/* mask_transposed - where, with the mask broadcast along the wrong axis: row r, column i asks for mask[i, r].
   WRONG in a square batch, where no shape gives it away; any other batch a framework would refuse, and here is right.
   Seen in: attention-is-all-you-need-keras#16; hyunwoongko/transformer#40; FasterTransformer#260; cubek#414.
   SPDX-License-Identifier: MIT */
#include "masked_softmax.h"

static void mask_transposed(size_t rows, size_t n, const real *x, const unsigned char *mask, real *p)
{
    for (size_t r = 0; r < rows; r++, x += n, p += n) {
        real max = -INFINITY, sum = 0;
        for (size_t i = 0; i < n; i++) {
            p[i] = mask[rows == n ? i * n + r : r * n + i] ? x[i] : (real)-INFINITY;
            max = fmax(max, p[i]);
        }
        for (size_t i = 0; i < n; i++) {
            p[i] = exp(p[i] - max);
            sum += p[i];
        }
        for (size_t i = 0; i < n; i++) p[i] /= sum;
    }
}

IMPL_BATCH(mask_transposed, .formula = "softmax(where(mask.T, x, -inf))",
           .seen = "attention-is-all-you-need-keras#16; FasterTransformer#260",
           .bugs = PER_FORMAT("AXIS", "AXIS LEAK", "AXIS", "AXIS LEAK"), .profile = "nan",
           .max_ulp = PER_FORMAT(514, 84, 3, 3));
