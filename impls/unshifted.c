/* unshifted - mask * exp(x) / sum(mask * exp(x)): the textbook formula as it stands, no maximum subtracted.
   WRONG when exp leaves the format (f32: above 88.7, f16: above 11.1) or all of it underflows; and 0 * inf is NaN.
   Seen in: NVIDIA/FasterTransformer#43; dotnet/machinelearning#3648; lc0's CUDA back end before 9af2b062.
   SPDX-License-Identifier: MIT */
#include "masked_softmax.h"

static void unshifted(size_t n, const real *x, const unsigned char *mask, real *p)
{
    real sum = 0;
    for (size_t i = 0; i < n; i++) {
        p[i] = mask[i] * keep(exp(x[i]));
        sum += p[i];
    }
    sum = keep(sum);
    for (size_t i = 0; i < n; i++) p[i] /= sum;
}

IMPL(unshifted, .formula = "mask * exp(x) / sum(mask * exp(x))",
     .seen = "FasterTransformer#43; machinelearning#3648; lc0", .bugs = "OVERFLOW POISON",
     .profile = "nan,pinf=lane-nan", .max_ulp = PER_FORMAT(700, 200, 3, 3));
