/* renormalize_batch - renormalize with sum() over the whole batch instead of sum(dim=-1, keepdim=True).
   WRONG: every row is divided by the mass of all rows, and one bad row spoils the others.
   Seen in: the article's footnote 2 warns of it; allenai/deep_qa#152; OpenRLHF/OpenRLHF#1250.
   SPDX-License-Identifier: MIT */
#include "masked_softmax.h"

static void renormalize_batch(size_t rows, size_t n, const real *x, const unsigned char *mask, real *p)
{
    real left = 0;
    for (size_t r = 0; r < rows; r++, x += n, mask += n, p += n) {
        real max = -INFINITY, sum = 0;
        for (size_t i = 0; i < n; i++) max = fmax(max, x[i]);
        for (size_t i = 0; i < n; i++) {
            p[i] = exp(x[i] - max);
            sum += p[i];
        }
        for (size_t i = 0; i < n; i++) {
            p[i] = keep(p[i] / sum) * mask[i];
            left += p[i];
        }
    }
    left = keep(left);
    p -= rows * n;
    for (size_t i = 0; i < rows * n; i++) p[i] /= left;
}

IMPL_BATCH(renormalize_batch, .formula = "p = softmax(x) * mask; p / p.sum()",
           .seen = "the article's footnote 2; allenai/deep_qa#152", .bugs = "BATCH EMPTY STARVE POISON",
           .profile = "nan", .max_ulp = PER_FORMAT(700, 200, 3, 3));
