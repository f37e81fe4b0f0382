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
    mpz_t cell, ratio;
};
void rounder_init(struct rounder *s);
void rounder_clear(struct rounder *s);

/* The answer for a real p with 0 < lo < p < hi, both strict.  False: the enclosure is too wide to tell. */
bool round_between(struct rounder *s, const struct format *f, mpfr_srcptr lo, mpfr_srcptr hi, struct answer *a);

/* The answer for p = 1/k, 1 <= k <= 2^24; or, if `below`, for any p in (1/k - 2^-120, 1/k), both strict. */
void round_share(struct rounder *s, const struct format *f, unsigned long k, bool below, struct answer *a);

#endif
