/* exercise 7 - solved: added up in pairs, whose error grows with log n.
   SPDX-License-Identifier: MIT */
#include <math.h>
#include <stddef.h>

/* p: probabilities of rows x n logits x under a mask of 1 (valid) and 0 (masked); zeros where a row has none. */
void masked_softmax(size_t rows, size_t n, const float *x, const unsigned char *mask, float *p);

static float pairwise(size_t n, const float *p)
{
    float sum = 0;
    if (n > 16) return pairwise(n / 2, p) + pairwise(n - n / 2, p + n / 2);
    for (size_t i = 0; i < n; i++) sum += p[i];
    return sum;
}

static void row(size_t n, const float *x, const unsigned char *mask, float *p)
{
    float max = -INFINITY;
    for (size_t i = 0; i < n; i++)
        if (mask[i]) max = fmaxf(max, x[i]);
    for (size_t i = 0; i < n; i++) p[i] = mask[i] ? expf(x[i] - max) : 0;
    float sum = pairwise(n, p);
    for (size_t i = 0; i < n; i++) p[i] /= sum;
}

void masked_softmax(size_t rows, size_t n, const float *x, const unsigned char *mask, float *p)
{
    for (size_t r = 0; r < rows; r++) row(n, x + r * n, mask + r * n, p + r * n);
}
