/* exercise 5 - solved: a row without a finite valid logit gets its zeros first.
   SPDX-License-Identifier: MIT */
#include <math.h>
#include <stddef.h>

/* p: probabilities of rows x n logits x under a mask of 1 (valid) and 0 (masked); zeros where a row has none. */
void masked_softmax(size_t rows, size_t n, const float *x, const unsigned char *mask, float *p);

static void row(size_t n, const float *x, const unsigned char *mask, float *p)
{
    float max = -INFINITY, sum = 0;
    int nan = 0; /* fmaxf forgets one */
    for (size_t i = 0; i < n; i++) {
        if (!mask[i]) continue;
        max = fmaxf(max, x[i]);
        nan = nan || isnan(x[i]);
    }
    int none = max == -INFINITY && !nan;
    for (size_t i = 0; i < n; i++) {
        p[i] = mask[i] && !none ? expf(x[i] - max) : 0;
        sum += p[i];
    }
    for (size_t i = 0; i < n; i++)
        if (mask[i] && !none) p[i] /= sum;
}

void masked_softmax(size_t rows, size_t n, const float *x, const unsigned char *mask, float *p)
{
    for (size_t r = 0; r < rows; r++) row(n, x + r * n, mask + r * n, p + r * n);
}
