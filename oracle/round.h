/* round - from an enclosure of a real number to its correctly rounded word and frac, or "not yet".
   The real line is cut into open cells of a millionth of an ulp.  Rounding to nearest and truncating to six
   decimals are both constant on a cell (its borders contain every word, midpoint and decimal), so an answer is
   known exactly when the whole enclosure lies in one cell: this is the rounding test of Ziv's loop
   (Ziv, ACM TOMS 17(3), 1991).
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_ROUND_H
#define MASKPROOF_ROUND_H

#include "line.h"

#include <mpfr.h>

struct rounder { /* scratch space, one per thread */
    mpfr_t scaled;
    mpz_t cell, ratio, divisor, rest;
};
void rounder_init(struct rounder *s);
void rounder_clear(struct rounder *s);

/* The answer for a real p with 0 < lo < p < hi, both strict.  False: the enclosure is too wide to tell. */
bool round_between(struct rounder *s, const struct format *f, mpfr_srcptr lo, mpfr_srcptr hi, struct answer *a);

/* The answer for p = 1/k, 1 <= k <= 2^24; or, if `below`, for any p in (1/k - 2^-120, 1/k), both strict. */
void round_share(struct rounder *s, const struct format *f, unsigned long k, bool below, struct answer *a);

/* The answer for p = num/den times the smallest subnormal, any sign, 1 <= den <= 2^48 (ties to even; 0 is +0).  With
   `lean` -1 or +1 instead: for any p that differs from it to that side of the number line, by less than 2^-70 smallest
   subnormals; so that of 0 less a hair is -0 and a side of -1. */
void round_ratio(struct rounder *s, const struct format *f, mpz_srcptr num, unsigned long den, int lean,
                 struct answer *a);

/* From the answer for p > 0, by symmetry, the answer for -p. */
void round_negate(const struct format *f, struct answer *a);

#endif
