/* round - see round.h.
   SPDX-License-Identifier: MIT */
#include "round.h"

#define CELLS 1000000u /* per ulp */

void rounder_init(struct rounder *s)
{
    mpfr_init2(s->scaled, 128);
    mpz_inits(s->cell, s->ratio, s->divisor, s->rest, NULL);
}

void rounder_clear(struct rounder *s)
{
    mpfr_clear(s->scaled);
    mpz_clears(s->cell, s->ratio, s->divisor, s->rest, NULL);
}

/* Exponent of the ulp of a real in [2^e, 2^(e+1)). */
static int ulp_exponent(const struct format *f, mpfr_exp_t e)
{
    return e < f->emin ? format_grid(f) : (int)e - f->precision + 1;
}

/* The answer for a value in cell number s->cell (`on` its lower border, or inside) counted in ulps of 2^exponent. */
static void answer_of_cell(struct rounder *s, const struct format *f, int exponent, bool on, struct answer *a)
{
    unsigned long cell = mpz_fdiv_q_ui(s->ratio, s->cell, CELLS);
    uint64_t m = mpz_get_ui(s->ratio); /* significand of the word at or below the value */
    bool up = cell > CELLS / 2 || (cell == CELLS / 2 && (!on || m % 2 == 1));
    if (up) {
        m++; /* may reach 2^precision: adding below carries into the exponent, as it should */
        a->side = -1;
        a->millionths = (int)(CELLS - cell - !on);
    } else {
        a->side = on && cell == 0 ? 0 : 1;
        a->millionths = (int)cell;
    }
    uint64_t word = ((uint64_t)(exponent - format_grid(f)) << (f->precision - 1)) + m;
    *a = word < word_inf(f) ? (struct answer){word, a->side, a->millionths} : (struct answer){word_inf(f), 0, 0};
}

bool round_between(struct rounder *s, const struct format *f, mpfr_srcptr lo, mpfr_srcptr hi, struct answer *a)
{
    /* hi itself is not a possible value: if it is 2^e, all of the interval lies below it. */
    mpfr_exp_t top = mpfr_get_exp(hi) - 1 - (mpfr_min_prec(hi) == 1);
    int exponent = ulp_exponent(f, top);
    if (ulp_exponent(f, mpfr_get_exp(lo) - 1) != exponent) return false;
    mpfr_mul_ui(s->scaled, lo, CELLS, MPFR_RNDD);
    mpfr_mul_2si(s->scaled, s->scaled, -exponent, MPFR_RNDD);
    mpfr_get_z(s->cell, s->scaled, MPFR_RNDD);
    mpfr_mul_ui(s->scaled, hi, CELLS, MPFR_RNDU);
    mpfr_mul_2si(s->scaled, s->scaled, -exponent, MPFR_RNDU);
    mpz_add_ui(s->ratio, s->cell, 1);
    if (mpfr_cmp_z(s->scaled, s->ratio) > 0) return false;
    answer_of_cell(s, f, exponent, false, a);
    return true;
}

void round_share(struct rounder *s, const struct format *f, unsigned long k, bool below, struct answer *a)
{
    int log2k = 0; /* ceil(log2 k) */
    while (1ul << log2k < k) log2k++;
    bool power = 1ul << log2k == k;
    int exponent = ulp_exponent(f, -log2k - (power && below));
    /* CELLS * 2^-exponent / k: exponent <= 1 - precision < 0, so all is integer.  The numerator is below 2^100,
       so a value within 2^-120 below 1/k is less than one cell away from it. */
    mpz_set_ui(s->cell, CELLS);
    mpz_mul_2exp(s->cell, s->cell, (mp_bitcnt_t)-exponent);
    bool on = mpz_fdiv_q_ui(s->cell, s->cell, k) == 0;
    if (on && below) mpz_sub_ui(s->cell, s->cell, 1);
    answer_of_cell(s, f, exponent, on && !below, a);
}

void round_negate(const struct format *f, struct answer *a)
{
    a->word |= word_sign_bit(f);
    a->side = -a->side;
}

/* Exponent of the ulp at q = num/den units of the grid, num > 0, counted from the grid; `less`: just below q. */
static int ratio_ulp(struct rounder *s, const struct format *f, mpz_srcptr num, unsigned long den, bool less)
{
    mpz_set_ui(s->divisor, den);
    long e = (long)mpz_sizeinbase(num, 2) - (long)mpz_sizeinbase(s->divisor, 2); /* 2^(e-1) < q < 2^(e+1) */
    if (e < f->precision) return 0;
    mpz_mul_2exp(s->divisor, s->divisor, (mp_bitcnt_t)e);
    if (mpz_cmp(num, s->divisor) < (less ? 1 : 0)) e--;
    return (int)e - f->precision + 1;
}

void round_ratio(struct rounder *s, const struct format *f, mpz_srcptr num, unsigned long den, int lean,
                 struct answer *a)
{
    int sign = mpz_sgn(num) ? mpz_sgn(num) : lean;
    bool toward_zero = lean == -sign && lean != 0;
    mpz_abs(s->rest, num);
    int ulp = ratio_ulp(s, f, s->rest, den, toward_zero);
    /* In cells the value is an integer over den 2^ulp, and a cell border an integer: a value that is on none is at
       least 1/(10^6 den) > 2^-68 units of the grid from any, and one on it that far from the others. */
    mpz_set_ui(s->divisor, den);
    mpz_mul_2exp(s->divisor, s->divisor, (mp_bitcnt_t)ulp);
    mpz_mul_ui(s->rest, s->rest, CELLS);
    mpz_fdiv_qr(s->cell, s->rest, s->rest, s->divisor);
    bool on = mpz_sgn(s->rest) == 0;
    if (on && toward_zero) mpz_sub_ui(s->cell, s->cell, 1);
    answer_of_cell(s, f, format_grid(f) + ulp, on && lean == 0, a);
    if (sign < 0) round_negate(f, a);
}
