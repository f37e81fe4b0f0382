/* exercise 2 - softmax of all, then the mask, then renormalize.  Planted: STARVE.
   SPDX-License-Identifier: MIT */
#include <math.h>
#include <stddef.h>

/* p: probabilities of rows x n logits x under a mask of 1 (valid) and 0 (masked); zeros where a row has none. */
void masked_softmax(size_t rows, size_t n, const float *x, const unsigned char *mask, float *p);

static void row(size_t n, const float *x, const unsigned char *mask, float *p)
{
    float max = -INFINITY, sum = 0, valid = 0;
    for (size_t i = 0; i < n; i++) max = fmaxf(max, x[i]);
    for (size_t i = 0; i < n; i++) sum += p[i] = expf(x[i] - max);
    for (size_t i = 0; i < n; i++) {
        p[i] = mask[i] ? p[i] / sum : 0;
        valid += p[i];
    }
    for (size_t i = 0; i < n; i++) p[i] /= valid;
}

void masked_softmax(size_t rows, size_t n, const float *x, const unsigned char *mask, float *p)
{
    for (size_t r = 0; r < rows; r++) row(n, x + r * n, mask + r * n, p + r * n);
}
