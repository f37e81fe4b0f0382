/* correctly_rounded - every bit is right: p is the exact value rounded once, on any processor, in any order.
   Doubles decide nearly all of it, double-doubles nearly all that is left, and MPFR the rest; a tier decides only what
   its error bound proves (impls/kernels/rounded.h).
   Seen in: Ziv 1991 and CORE-MATH, for functions of one number; for a softmax nowhere that we know of.
   SPDX-License-Identifier: MIT */
#include "kernels/rounded.h"
#include "masked_softmax.h"

static void correctly_rounded(size_t rows, size_t n, const real *x, const unsigned char *mask, real *p)
{
    const struct rounded *kernel = rounded_best();
#if FORMAT_INDEX != 0
    if (rounded_first_tier() == 1) {
        kernels_run(PER_FORMAT(NULL, kernel->f32, kernel->bf16, kernel->f16), rows, n, x, mask, p);
        return;
    }
#endif
    static const struct grid grid = {PER_FORMAT(53, 24, 8, 11), PER_FORMAT(-1074, -149, -133, -24)};
    for (size_t i = 0; i < rows * n; i++) p[i] = NAN; /* not decided */
#if FORMAT_INDEX == 0
    kernel->decide(&grid, rows, n, x, mask, p);
#else
    for (size_t r = 0; r < rows; r++) kernel->decide_f32(&grid, n, x + r * n, mask + r * n, p + r * n);
#endif
}

IMPL_BATCH(correctly_rounded, .formula = "the exact value rounded once", .seen = "Ziv 1991, for one function",
           .any_length = 1, .bound = "rounded", .max_ulp = 0.5,
           .witness = PER_FORMAT(
               "softmax f64 11111 c040a0d19693ba46 bff5d567116c37d0 c0339d8e388ac3fd c032d1797a24156a 403583f3b85f9bab",
               "softmax f32 11111 c03091d8 c015a5e6 401cf764 c026240a c01a7e25", "softmax bf16 11 3f7b 3f7d",
               "softmax f16 11 3bd6 3be5"));
