/* ulp - the metric: |got - exact| / ulp(exact), against the exact value, which word and frac of an answer give.
   ulp(exact) is the spacing of the format in the binade of the exact value, the smallest subnormal below it all
   (Muller et al., Handbook of Floating-Point Arithmetic, section 2.3).
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_ULP_H
#define MASKPROOF_ULP_H

#include "line.h"

/* The error of `got` in ulps, known to a millionth; NaN if got is NaN, infinity if only one side is infinite.
   Compare as `error <= limit`, so that NaN loses. */
double ulp_error(const struct format *f, uint64_t got, const struct answer *exact);

/* The same in units of `unit` where that is larger than ulp(exact). */
double ulp_error_above(const struct format *f, uint64_t got, const struct answer *exact, double unit);

/* Exponent of ulp(exact). */
int ulp_exponent_of(const struct format *f, const struct answer *exact);

#endif
