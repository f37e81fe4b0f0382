/* truth_mpfr_lean - to which side of the rational D_0/k_0^2 a gradient lies, where all groups but 0 are far below.
   The sign of  g_i - D_0/k_0^2  is that of  k_0 sum_a c_a y_a - D_0 (sum_a k_a y_a)^2  over the groups a > 0, with
   c_a = k_0 D_a - 2 k_a D_0: exact integers times powers of e, of which the highest not to vanish is factored out.
   SPDX-License-Identifier: MIT */
#include "truth_mpfr.h"

#include <math.h>
#include <stdlib.h>

enum { MOST_GROUPS = 64 }; /* whose products are listed; those of the groups after them are bounded */

/* A sum of integers times powers of e, enclosed: |exact - sum| < error. */
struct enclosure {
    mpfr_t sum, error, exp, term;
    mpfr_prec_t bits;
};

static void enclosure_init(struct enclosure *e, mpfr_prec_t bits)
{
    mpfr_inits2(bits + SPARE, e->sum, e->exp, e->term, (mpfr_ptr)0);
    mpfr_init2(e->error, 64);
    mpfr_set_zero(e->sum, 1);
    mpfr_set_zero(e->error, 1);
    e->bits = bits;
}

static void enclosure_add(struct enclosure *e, mpz_srcptr coefficient, mpfr_srcptr exponent)
{
    mpfr_exp(e->exp, exponent, MPFR_RNDN);
    mpfr_mul_z(e->term, e->exp, coefficient, MPFR_RNDN);
    mpfr_add(e->sum, e->sum, e->term, MPFR_RNDN);
    mpfr_abs(e->term, e->term, MPFR_RNDN);
    mpfr_add(e->error, e->error, e->term, MPFR_RNDU);
}

/* The sign, or 0 if it is open; clears.  What was left out is below 2^-bits, and below 2^size e^exponent. */
static int enclosure_sign(struct enclosure *e, long size, double exponent)
{
    /* Of the sum of magnitudes in `error`, in units of 2^-(bits + 32): exp 1, product 1, at most 2^24 additions. */
    mpfr_add_ui(e->error, e->error, 1, MPFR_RNDU);
    mpfr_mul_2si(e->error, e->error, -(long)e->bits, MPFR_RNDU);
    if (exponent > 1e9) exponent = 1e9; /* the sign is open then */
    if (exponent < -1e9) exponent = -1e9;
    mpfr_set_ui_2exp(e->term, 1, size + (long)(exponent / LN2) + 2, MPFR_RNDU); /* 2 for its roundings */
    mpfr_add(e->error, e->error, e->term, MPFR_RNDU);
    int sign = mpfr_cmpabs(e->sum, e->error) > 0 ? mpfr_sgn(e->sum) : 0;
    mpfr_clears(e->sum, e->error, e->exp, e->term, (mpfr_ptr)0);
    return sign;
}

/* c_a = k_0 D_a - 2 k_a D_0, which is 2 k_a Y_0 - k_0 Y_a - k_0 k_a dy_i; |c_a| sum to less than 2^(reach + 26). */
static void linear_coefficient(mpz_t c, const struct groups *g, size_t a, mpz_srcptr dy)
{
    unsigned long k0 = g->group[0].count, ka = g->group[a].count;
    mpz_t part;
    mpz_init(part);
    group_sum(c, g, a);
    mpz_addmul_ui(c, dy, ka);
    mpz_mul_ui(c, c, k0);
    mpz_mul_ui(part, g->top_sum, 2 * ka);
    mpz_sub(c, part, c);
    mpz_clear(part);
}

/* The sign by the linear part alone, in multiples of its first power that does not vanish: the square is but a bound.
   `none`: all of the linear part vanishes. */
static int linear_sign(const struct groups *g, mpz_srcptr dy, mpfr_prec_t bits, bool *none)
{
    mpz_t c;
    mpfr_t exponent;
    mpz_init(c);
    mpfr_init2(exponent, span_bits(g->format));
    size_t first = 1;
    for (; first < g->count; first++) {
        linear_coefficient(c, g, first, dy);
        if (mpz_sgn(c) != 0) break;
    }
    *none = first == g->count;
    int sign = 0;
    if (!*none) {
        struct enclosure e;
        enclosure_init(&e, bits);
        long tail = g->reach + 26 + (long)bits;
        double scale = g->group[first].value, floor = -(double)tail * LN2 - 1;
        for (size_t a = first; a < g->count && g->group[a].value - scale >= floor; a++) {
            linear_coefficient(c, g, a, dy);
            exact_difference(exponent, g->group[a].value, scale);
            enclosure_add(&e, c, exponent);
        }
        /* The square: |D_0| < 2^reach times (2^24 y_1)^2, in multiples of y_first. */
        exact_difference(exponent, g->group[1].value, g->group[0].value);
        mpfr_add_d(exponent, exponent, g->group[1].value, MPFR_RNDN);
        mpfr_sub_d(exponent, exponent, scale, MPFR_RNDN);
        sign = enclosure_sign(&e, g->reach + 48, mpfr_get_d(exponent, MPFR_RNDU));
    }
    mpz_clear(c);
    mpfr_clear(exponent);
    return sign;
}

/* coefficient * e^exponent, the exponent in units of the smallest subnormal */
struct monomial {
    mpz_t exponent, coefficient;
};

static int larger_exponent_first(const void *a, const void *b)
{
    return mpz_cmp(((const struct monomial *)b)->exponent, ((const struct monomial *)a)->exponent);
}

/* All linear monomials, and the products of groups 1 .. last; returns how many. */
static size_t list_monomials(struct monomial *m, const struct groups *g, size_t last, mpz_srcptr dy, mpz_srcptr d0)
{
    size_t count = g->count - 1;
    mpz_t top;
    mpz_init(top);
    grid_units(top, g->format, g->x[g->sorted[0].at]);
    for (size_t a = 1; a < g->count; a++) {
        struct monomial *linear = &m[a - 1];
        mpz_inits(linear->exponent, linear->coefficient, NULL);
        grid_units(linear->exponent, g->format, g->x[g->sorted[g->group[a].first].at]);
        mpz_sub(linear->exponent, linear->exponent, top);
        linear_coefficient(linear->coefficient, g, a, dy);
        mpz_mul_ui(linear->coefficient, linear->coefficient, g->group[0].count);
    }
    for (size_t a = 1; a <= last; a++)
        for (size_t b = a; b <= last; b++, count++) {
            mpz_inits(m[count].exponent, m[count].coefficient, NULL);
            mpz_add(m[count].exponent, m[a - 1].exponent, m[b - 1].exponent);
            mpz_mul_ui(m[count].coefficient, d0, g->group[a].count * g->group[b].count);
            mpz_mul_si(m[count].coefficient, m[count].coefficient, a == b ? -1 : -2);
        }
    mpz_clear(top);
    return count;
}

/* Sort, and gather equal exponents in the first of each; returns the first whose coefficient is not 0, or count. */
static size_t gather_monomials(struct monomial *m, size_t count)
{
    size_t into = 0, first = 0;
    qsort(m, count, sizeof *m, larger_exponent_first);
    for (size_t i = 1; i < count; i++) {
        if (mpz_cmp(m[i].exponent, m[into].exponent) != 0) {
            into = i;
            continue;
        }
        mpz_add(m[into].coefficient, m[into].coefficient, m[i].coefficient);
        mpz_set_ui(m[i].coefficient, 0);
    }
    while (first < count && mpz_sgn(m[first].coefficient) == 0) first++;
    return first;
}

/* The sign of the sum of all monomials, in multiples of the first power that does not vanish. */
static int sum_sign(const struct groups *g, const struct monomial *m, size_t first, size_t count, size_t last,
                    mpfr_prec_t bits)
{
    /* The listed coefficients together are below k_0 2^(reach + 26) + 2^(reach + 48) < 2^(reach + 51); the products
       that are not listed have a factor y_1 or less and one of a group after `last`. */
    double floor = -(double)(g->reach + 51 + (long)bits) * LN2 - 1, beyond = -INFINITY;
    struct enclosure e;
    mpfr_t exponent, scale;
    mpfr_inits2(span_bits(g->format), exponent, scale, (mpfr_ptr)0);
    mpfr_set_z_2exp(scale, m[first].exponent, format_grid(g->format), MPFR_RNDN); /* exact: span_bits has room */
    enclosure_init(&e, bits);
    for (size_t i = first; i < count; i++) {
        mpfr_set_z_2exp(exponent, m[i].exponent, format_grid(g->format), MPFR_RNDN);
        mpfr_sub(exponent, exponent, scale, MPFR_RNDN);
        if (mpfr_cmp_d(exponent, floor) < 0) break;
        if (mpz_sgn(m[i].coefficient) != 0) enclosure_add(&e, m[i].coefficient, exponent);
    }
    if (last + 1 < g->count) {
        mpfr_neg(exponent, scale, MPFR_RNDN); /* v_1 + v_(last + 1) - 2 v_0 beside the scale */
        mpfr_add_d(exponent, exponent, g->group[1].value, MPFR_RNDN);
        mpfr_add_d(exponent, exponent, g->group[last + 1].value, MPFR_RNDN);
        for (int twice = 0; twice < 2; twice++) mpfr_sub_d(exponent, exponent, g->group[0].value, MPFR_RNDN);
        beyond = mpfr_get_d(exponent, MPFR_RNDU);
    }
    mpfr_clears(exponent, scale, (mpfr_ptr)0);
    return enclosure_sign(&e, g->reach + 48, beyond);
}

static int monomial_sign(const struct groups *g, mpz_srcptr dy, mpz_srcptr d0, mpfr_prec_t bits)
{
    size_t last = g->count - 1 < MOST_GROUPS ? g->count - 1 : MOST_GROUPS;
    struct monomial *m = malloc((g->count - 1 + last * (last + 1) / 2) * sizeof *m);
    if (m == NULL) abort();
    size_t count = list_monomials(m, g, last, dy, d0), first = gather_monomials(m, count);
    int sign = first < count ? sum_sign(g, m, first, count, last, bits) : 0;
    for (size_t i = 0; i < count; i++) mpz_clears(m[i].exponent, m[i].coefficient, NULL);
    free(m);
    return sign;
}

int vjp_leaning(const struct groups *g, size_t i, mpz_srcptr d0, mpfr_prec_t bits)
{
    bool none;
    mpz_t dy;
    mpz_init(dy);
    grid_units(dy, g->format, g->dy[i]);
    int sign = linear_sign(g, dy, bits, &none);
    if (none)
        sign = -mpz_sgn(d0); /* only the square is left */
    else if (sign == 0)
        sign = monomial_sign(g, dy, d0, bits);
    mpz_clear(dy);
    return sign;
}
