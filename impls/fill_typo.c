/* fill_typo - where with a mistyped constant: -1e-10 for -1e10, and inf for -inf.
   WRONG: -1e-10 is all but 0, so a masked entry weighs exp(0) = 1; +inf is the maximum, and inf - inf is NaN.
   Seen in: LeelaChessZero/lczero-training#64 (fixed in 5ef9b89); lucidrains/memory-compressed-attention#2.
   SPDX-License-Identifier: MIT */
#include "masked_softmax.h"

static void fill_typo(size_t n, const real *x, const unsigned char *mask, real *p, real c)
{
    real max = -INFINITY, sum = 0;
    c = keep(c);
    for (size_t i = 0; i < n; i++) {
        p[i] = mask[i] ? x[i] : c;
        max = fmax(max, p[i]);
    }
    for (size_t i = 0; i < n; i++) {
        p[i] = exp(p[i] - max);
        sum += p[i];
    }
    for (size_t i = 0; i < n; i++) p[i] /= sum;
}

static void fill_tiny(size_t n, const real *x, const unsigned char *mask, real *p)
{
    fill_typo(n, x, mask, p, (real)-1e-10);
}

static void fill_plus_inf(size_t n, const real *x, const unsigned char *mask, real *p)
{
    fill_typo(n, x, mask, p, (real)INFINITY);
}

IMPL(fill_tiny, .formula = "softmax(where(mask, x, -1e-10))", .seen = "LeelaChessZero/lczero-training#64",
     .bugs = "LEAK", .profile = "empty=uniform-all,all-ninf=nan,masked=nan-rows-all-nan",
     .max_ulp = PER_FORMAT(514, 84, 3, 3));
IMPL(fill_plus_inf, .formula = "softmax(where(mask, x, inf))", .seen = "lucidrains/memory-compressed-attention#2",
     .bugs = "NANFILL POISON", .profile = "nan", .max_ulp = PER_FORMAT(514, 84, 3, 3));
