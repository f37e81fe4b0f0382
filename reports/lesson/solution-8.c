/* exercise 8 - solved: every step in double, and one rounding at the end.
   SPDX-License-Identifier: MIT */
#include <math.h>
#include <stddef.h>

/* p: probabilities of rows x n logits x under a mask of 1 (valid) and 0 (masked); zeros where a row has none. */
void masked_softmax(size_t rows, size_t n, const float *x, const unsigned char *mask, float *p);

static void row(size_t n, const float *x, const unsigned char *mask, float *p)
{
    double max = -INFINITY, sum = 0;
    int nan = 0; /* fmax forgets one */
    for (size_t i = 0; i < n; i++) {
        if (!mask[i]) continue;
        max = fmax(max, x[i]);
        nan = nan || isnan(x[i]);
    }
    int none = max == -INFINITY && !nan;
    for (size_t i = 0; i < n; i++)
        if (mask[i]) sum += exp(x[i] - max);
    for (size_t i = 0; i < n; i++) p[i] = mask[i] && !none ? (float)(exp(x[i] - max) / sum) : 0;
}

void masked_softmax(size_t rows, size_t n, const float *x, const unsigned char *mask, float *p)
{
    for (size_t r = 0; r < rows; r++) row(n, x + r * n, mask + r * n, p + r * n);
}
