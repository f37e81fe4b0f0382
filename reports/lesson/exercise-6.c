/* exercise 6 - one sum for the whole batch.  Planted: BATCH.
   SPDX-License-Identifier: MIT */
#include <math.h>
#include <stddef.h>

/* p: probabilities of rows x n logits x under a mask of 1 (valid) and 0 (masked); zeros where a row has none. */
void masked_softmax(size_t rows, size_t n, const float *x, const unsigned char *mask, float *p);

static float maximum(size_t n, const float *x, const unsigned char *mask)
{
    float max = -INFINITY;
    for (size_t i = 0; i < n; i++)
        if (mask[i]) max = fmaxf(max, x[i]);
    return max;
}

void masked_softmax(size_t rows, size_t n, const float *x, const unsigned char *mask, float *p)
{
    float sum = 0;
    for (size_t r = 0; r < rows; r++) {
        float max = maximum(n, x + r * n, mask + r * n);
        for (size_t i = r * n; i < (r + 1) * n; i++) {
            p[i] = mask[i] ? expf(x[i] - max) : 0;
            sum += p[i];
        }
    }
    for (size_t i = 0; i < rows * n; i++) p[i] /= sum;
}
