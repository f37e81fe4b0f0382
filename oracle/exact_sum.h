/* exact_sum - the sum of many words without any rounding, in one wide fixed-point number.
   A sum in doubles would have an error of the size of what it is to measure: how far a row is from 1.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_EXACT_SUM_H
#define MASKPROOF_EXACT_SUM_H

#include "format.h"

enum { EXACT_SUM_LIMBS = 72, EXACT_SUM_LOW = -1152 }; /* 2^-1152 .. 2^1152 in limbs of 32 bits */

struct exact_sum {
    int64_t limb[EXACT_SUM_LIMBS]; /* up to 2^29 terms before any limb overflows */
    double special;                /* 0, or what the infinities and NaN among the terms make */
};

/* Zero-initialise; add words (all finite values, either sign); the total as the nearest double or one beside it. */
void exact_sum_add(struct exact_sum *s, const struct format *f, uint64_t word);
double exact_sum_value(const struct exact_sum *s);

#endif
