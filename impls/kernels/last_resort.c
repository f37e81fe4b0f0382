/* last_resort - tier 3 of correctly_rounded: enclosures in MPFR, with more bits until both ends round to one word.

   It ends.  If two valid logits differ, p is irrational (Lindemann and Weierstrass), and no midpoint of two words; if
   the finite ones are all equal, p = 1/k: every step is exact but the quotient, and that is exact if 1/k is a midpoint,
   for then k is a power of two (f16: 2^25, and 1/k, a tie, is 0).
   SPDX-License-Identifier: MIT */
#include "rounded.h"

#if __has_include(<mpfr.h>) && __has_include(<gmp.h>)
#include <math.h>
#include <mpfr.h>

/* v > 0 rounded to the grid. */
static double nearest_word(const struct grid *g, mpfr_srcptr v)
{
    if (mpfr_zero_p(v) || mpfr_cmp_ui_2exp(v, 1, g->least - 1) <= 0) return 0; /* half of the smallest: to even */
    const mpfr_exp_t bits = mpfr_get_exp(v) - g->least; /* of v above the grid of the subnormals */
    mpfr_t word;
    mpfr_init2(word, bits < 1 ? 1 : bits < g->precision ? bits : g->precision);
    mpfr_set(word, v, MPFR_RNDN);
    const double d = bits < 1 ? ldexp(1, g->least) : mpfr_get_d(word, MPFR_RNDN);
    mpfr_clear(word);
    return d;
}

/* Ends of an interval, of the same number of bits. */
struct interval {
    mpfr_t low, high;
};
static void interval_init(struct interval *a, mpfr_prec_t bits)
{
    mpfr_init2(a->low, bits);
    mpfr_init2(a->high, bits);
}
static void interval_clear(struct interval *a)
{
    mpfr_clear(a->low);
    mpfr_clear(a->high);
}

static void exp_of_difference(struct interval *e, double x, double max)
{
    mpfr_set_d(e->low, x, MPFR_RNDD);
    mpfr_set_d(e->high, x, MPFR_RNDU);
    mpfr_sub_d(e->low, e->low, max, MPFR_RNDD);
    mpfr_sub_d(e->high, e->high, max, MPFR_RNDU);
    mpfr_exp(e->low, e->low, MPFR_RNDD);
    mpfr_exp(e->high, e->high, MPFR_RNDU);
}

/* Decide what so many bits decide; whether an entry is left. */
static int decide_with(mpfr_prec_t bits, const struct grid *g, size_t n, const double *x, const unsigned char *mask,
                       double max, double *p)
{
    struct interval e, sum;
    int open = 0;
    interval_init(&e, bits);
    interval_init(&sum, bits);
    mpfr_set_zero(sum.low, 1);
    mpfr_set_zero(sum.high, 1);
    for (size_t i = 0; i < n; i++) {
        if (!mask[i] || isinf(x[i])) continue;
        exp_of_difference(&e, x[i], max);
        mpfr_add(sum.low, sum.low, e.low, MPFR_RNDD);
        mpfr_add(sum.high, sum.high, e.high, MPFR_RNDU);
    }
    for (size_t i = 0; i < n; i++) {
        if (!isnan(p[i])) continue;
        exp_of_difference(&e, x[i], max);
        mpfr_div(e.low, e.low, sum.high, MPFR_RNDD);
        mpfr_div(e.high, e.high, sum.low, MPFR_RNDU);
        const double low = nearest_word(g, e.low);
        if (low == nearest_word(g, e.high))
            p[i] = low;
        else
            open = 1;
    }
    interval_clear(&e);
    interval_clear(&sum);
    return open;
}

void last_resort(const struct grid *grid, size_t n, const double *x, const unsigned char *mask, double max, double *p)
{
    for (mpfr_prec_t bits = 192; decide_with(bits, grid, n, x, mask, max, p); bits *= 2) continue;
    mpfr_free_cache();
}

#else
#include <stdio.h>
#include <stdlib.h>

void last_resort(const struct grid *grid, size_t n, const double *x, const unsigned char *mask, double max, double *p)
{
    (void)grid, (void)x, (void)mask, (void)max, (void)p;
    fprintf(stderr, "correctly_rounded: a row of %zu entries needs MPFR, without which this was built\n", n);
    exit(1);
}
#endif
