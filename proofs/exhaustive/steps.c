/* steps - see steps.h.
   SPDX-License-Identifier: MIT */
#include "steps.h"

#include <mpfr.h>
#include <stdlib.h>

enum { BITS = 256 };

/* The double below ln(q/(1 - q)).  q and 1 - q are exact; the quotient and the logarithm, at most 94, are then off by
   less than 2^-240 together. */
static double below_edge(double q)
{
    mpfr_t edge, rest, error;
    mpfr_inits2(BITS, edge, rest, error, (mpfr_ptr)0);
    mpfr_set_d(edge, q, MPFR_RNDN);
    mpfr_ui_sub(rest, 1, edge, MPFR_RNDN);
    mpfr_div(edge, edge, rest, MPFR_RNDN);
    mpfr_log(edge, edge, MPFR_RNDN);
    mpfr_set_ui_2exp(error, 1, -240, MPFR_RNDN);
    mpfr_sub(rest, edge, error, MPFR_RNDD);
    mpfr_add(edge, edge, error, MPFR_RNDU);
    double below = mpfr_get_d(rest, MPFR_RNDD);
    if (below != mpfr_get_d(edge, MPFR_RNDD) || mpfr_cmp_d(rest, below) <= 0) abort();
    mpfr_clears(edge, rest, error, (mpfr_ptr)0);
    return below;
}

void steps_make(struct steps *s, const struct format *f)
{
    s->f = f;
    s->count = word_nearest(f, 1);
    s->below = malloc(s->count * sizeof *s->below);
    if (s->below == NULL) abort();
    for (size_t w = 0; w < s->count; w++) s->below[w] = below_edge((word_value(f, w) + word_value(f, w + 1)) / 2);
    mpfr_free_cache();
}

void steps_free(struct steps *s) { free(s->below); }

uint64_t steps_word(const struct steps *s, double d)
{
    size_t low = 0, high = s->count; /* the first edge that is not below d lies there */
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (s->below[middle] < d)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool steps_hold_for_rounded_differences(const struct steps *s)
{
    for (uint64_t w = 0; w < 2 * word_sign_bit(s->f); w++) {
        double x = word_value(s->f, w);
        if (!word_is_finite(s->f, w)) continue;
        if (steps_word(s, x * (1 - 0x1p-40)) != steps_word(s, x * (1 + 0x1p-40))) return false;
    }
    return true;
}
