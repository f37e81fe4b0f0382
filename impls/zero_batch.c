/* zero_batch - where; but if any row has no valid entry, the whole batch is 0.
   WRONG: one finished game, or one padded query, silences all the rows beside it.
   Seen in: CSSLab/maia2 (commit 4017653; replaced by ccfca1f, which raises and names the rows).
   SPDX-License-Identifier: MIT */
#include "masked_softmax.h"

static void zero_batch(size_t rows, size_t n, const real *x, const unsigned char *mask, real *p)
{
    int bad = 0;
    for (size_t r = 0; r < rows; r++) bad |= !memchr(mask + r * n, 1, n);
    for (size_t r = 0; r < rows; r++, x += n, mask += n, p += n) {
        real max = -INFINITY, sum = 0;
        for (size_t i = 0; i < n; i++) {
            p[i] = mask[i] ? x[i] : (real)-INFINITY;
            max = fmax(max, p[i]);
        }
        for (size_t i = 0; i < n; i++) {
            p[i] = exp(p[i] - max);
            sum += p[i];
        }
        for (size_t i = 0; i < n; i++) p[i] = bad ? 0 : p[i] / sum;
    }
}

IMPL_BATCH(zero_batch, .formula = "0 if any row is empty, else softmax(where(mask, x, -inf))",
           .seen = "CSSLab/maia2 (commit 4017653)", .bugs = "BATCH", .profile = "all-ninf=nan,masked=nan-rows-all-nan",
           .max_ulp = PER_FORMAT(514, 84, 3, 3));
