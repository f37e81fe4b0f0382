/* harness - an exercise as the C function that `maskproof run --so` calls: softmax in f32, nothing else offered.
   SPDX-License-Identifier: MIT */
#include <stddef.h>

void masked_softmax(size_t rows, size_t n, const float *x, const unsigned char *mask, float *p);
int exercise(int op, int format, size_t rows, size_t n, const void *x, const unsigned char *mask, const void *dy,
             void *out);

int exercise(int op, int format, size_t rows, size_t n, const void *x, const unsigned char *mask, const void *dy,
             void *out)
{
    (void)dy;
    if (op != 0 || format != 1) return 77;
    masked_softmax(rows, n, x, mask, out);
    return 0;
}
