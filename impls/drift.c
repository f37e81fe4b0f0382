/* drift - where, with the running sum stored in the format after every addition.
   WRONG on long rows: a sum of 2^24 in f32, 2048 in f16, 256 in bf16 no longer moves when 1 is added, and small terms
   are lost long before.  In f32 and f64 this is where itself, which claims nothing for rows beyond 4096 entries.
   Seen in: half-precision accumulators; the golden row stagnation-1e5, where torch 1.13 gives .99513 for .99444.
   SPDX-License-Identifier: MIT */
#include "masked_softmax.h"

static void drift(size_t n, const real *x, const unsigned char *mask, real *p)
{
    real max = -INFINITY, sum = 0;
    for (size_t i = 0; i < n; i++) {
        p[i] = mask[i] ? x[i] : (real)-INFINITY;
        max = fmax(max, p[i]);
    }
    for (size_t i = 0; i < n; i++) {
        p[i] = exp(p[i] - max);
        sum = keep(sum + p[i]);
    }
    for (size_t i = 0; i < n; i++) p[i] /= sum;
}

IMPL(drift, .formula = "softmax(where(mask, x, -inf)), the sum kept in the format",
     .seen = "half-precision accumulators", .bugs = "DRIFT", .profile = "nan", .max_ulp = PER_FORMAT(514, 84, 60, 120));
