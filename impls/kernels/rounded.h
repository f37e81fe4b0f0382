/* rounded - what impls/correctly_rounded.c is made of: three tiers, each of which leaves what it cannot decide.
     1 rounded_rows.h   in doubles, a vector at a time; an entry that may round either way becomes NaN
     2 decide_row.h     in double-doubles, rows with such entries; all entries of f64
     3 last_resort.c    in MPFR, with as many bits as it takes
   A tier decides only what its proven error bound allows, so the words do not depend on the instruction set, on the
   order of a sum or on the tier.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_ROUNDED_H
#define MASKPROOF_ROUNDED_H

#include "kernels.h"

#include <float.h>

_Static_assert(FLT_EVAL_METHOD == 0, "every bound counts on one rounding to double for each operation");

/* A format as rounding sees it: bits of a significand, and the exponent of the smallest subnormal. */
struct grid {
    int precision, least;
};

/* Tiers 2 and 3: fill in every entry of p that is NaN, and all of a row that has no distribution; a batch, its rows
   shared out to threads, and one row.  In f32, bf16 and f16 the doubles hold values of the format. */
typedef void decide(const struct grid *grid, size_t rows, size_t n, const double *x, const unsigned char *mask,
                    double *p);
typedef void decide_f32(const struct grid *grid, size_t n, const float *x, const unsigned char *mask, float *p);

struct rounded {
    const struct kernels *set; /* of whose instructions it is made */
    kernel_f32 *f32, *bf16, *f16;
    decide *decide;
    decide_f32 *decide_f32;
};
extern const struct rounded rounded_avx512, rounded_avx2, rounded_portable;

/* The one for kernels_best(). */
const struct rounded *rounded_best(void);

/* Tier 3: fill in every entry of p that is NaN, in a row with a finite valid logit; max is the largest. */
void last_resort(const struct grid *grid, size_t n, const double *x, const unsigned char *mask, double max, double *p);

/* For tests: the environment may have MASKPROOF_ROUNDED=2 or 3, and the tiers before decide nothing. */
int rounded_first_tier(void);

#endif
