/* other_words - words and values by other means than the product's: the machine's own float and double, and the
   rounding of MPFR with the exponent range of the format.
   SPDX-License-Identifier: MIT */
#ifndef TESTS_OTHER_WORDS_H
#define TESTS_OTHER_WORDS_H

#include "line.h"

#include <gmp.h>
#include <math.h>
#include <mpfr.h>
#include <string.h>

static inline float float_of_bits(uint32_t bits)
{
    float v;
    memcpy(&v, &bits, sizeof v);
    return v;
}

static inline uint32_t bits_of_float(float v)
{
    uint32_t bits;
    memcpy(&bits, &v, sizeof bits);
    return bits;
}

static inline int format_number(const struct format *f) { return (int)(f - formats); }

/* The value of a word that is no NaN.  An f16 is shifted into the fields of a float, whose exponent then is 112 less.
 */
static inline double machine_value(const struct format *f, uint64_t w)
{
    uint32_t low = (uint32_t)w;
    double v;
    switch (format_number(f)) {
    case F64: memcpy(&v, &w, sizeof v); return v;
    case F32: return (double)float_of_bits(low);
    case BF16: return (double)float_of_bits(low << 16);
    default:
        if ((low & 0x7fff) == 0x7c00) return (double)float_of_bits((low & 0x8000) << 16 | 0x7f800000);
        return (double)float_of_bits((low & 0x8000) << 16 | (low & 0x7fff) << 13) * 0x1p112;
    }
}

/* The word of a value that the format holds exactly. */
static inline uint64_t machine_word(const struct format *f, double v)
{
    uint64_t w;
    uint32_t low = bits_of_float((float)v);
    switch (format_number(f)) {
    case F64: memcpy(&w, &v, sizeof w); return w;
    case F32: return low;
    case BF16: return low >> 16;
    default:
        if ((low & 0x7fffffff) == 0x7f800000) return (low >> 16 & 0x8000) | 0x7c00;
        low = bits_of_float((float)(v * 0x1p-112));
        return (low >> 16 & 0x8000) | (low & 0x7fffffff) >> 13;
    }
}

/* The word nearest to `v`, ties to even, as MPFR rounds to a precision and an exponent range. */
static inline uint64_t mpfr_word(const struct format *f, mpfr_srcptr v)
{
    mpfr_exp_t emin = mpfr_get_emin(), emax = mpfr_get_emax();
    mpfr_t r;
    mpfr_init2(r, f->precision);
    int ternary = mpfr_set(r, v, MPFR_RNDN);
    mpfr_set_emin(f->emin - f->precision + 2); /* MPFR counts from 0.1f, not from 1.f */
    mpfr_set_emax(f->emax + 1);
    ternary = mpfr_check_range(r, ternary, MPFR_RNDN);
    mpfr_subnormalize(r, ternary, MPFR_RNDN);
    mpfr_set_emin(emin);
    mpfr_set_emax(emax);
    double rounded = mpfr_get_d(r, MPFR_RNDN);
    mpfr_clear(r);
    return machine_word(f, rounded);
}

/* Word and frac of a positive p, all of it by MPFR.  (A p that was rounded has the wrong millionths where the exact
   one ends after six decimals, as 1/5 does.) */
static inline struct answer mpfr_answer(const struct format *f, mpfr_srcptr p)
{
    struct answer a = {.word = mpfr_word(f, p)};
    if (a.word == word_inf(f)) return a;
    mpfr_exp_t e = mpfr_get_exp(p) - 1;
    mpfr_t d;
    mpfr_init2(d, mpfr_get_prec(p) + 64);
    mpfr_sub_d(d, p, machine_value(f, a.word), MPFR_RNDN); /* exact */
    a.side = mpfr_sgn(d);
    mpfr_abs(d, d, MPFR_RNDN);
    mpfr_mul_2si(d, d, -((e < f->emin ? f->emin : e) - f->precision + 1), MPFR_RNDN);
    mpfr_mul_ui(d, d, 1000000, MPFR_RNDN);
    a.millionths = (int)mpfr_get_ui(d, MPFR_RNDZ);
    mpfr_clear(d);
    return a;
}

/* The answer for a rational of (0, 1], in integers. */
static inline struct answer rational_answer(const struct format *f, mpq_srcptr p)
{
    struct answer a = {0};
    mpq_t q, whole, limit;
    mpq_inits(q, whole, limit, NULL);
    int e = 1; /* floor(log2 p) */
    do {
        e--;
        mpq_set_ui(limit, 1, 1);
        mpq_div_2exp(limit, limit, (mp_bitcnt_t)-e);
    } while (mpq_cmp(p, limit) < 0);
    int ulp = (e < f->emin ? f->emin : e) - f->precision + 1;
    mpq_mul_2exp(q, p, (mp_bitcnt_t)-ulp);
    mpz_fdiv_q(mpq_numref(whole), mpq_numref(q), mpq_denref(q));
    mpq_sub(q, q, whole);
    int half = mpq_cmp_ui(q, 1, 2);
    a.side = mpq_sgn(q);
    if (half > 0 || (half == 0 && mpz_odd_p(mpq_numref(whole)))) {
        mpz_add_ui(mpq_numref(whole), mpq_numref(whole), 1);
        mpq_set_ui(limit, 1, 1);
        mpq_sub(q, limit, q);
        a.side = -1;
    }
    a.word = machine_word(f, ldexp((double)mpz_get_ui(mpq_numref(whole)), ulp));
    mpz_mul_ui(mpq_numref(q), mpq_numref(q), 1000000);
    mpz_fdiv_q(mpq_numref(q), mpq_numref(q), mpq_denref(q));
    a.millionths = (int)mpz_get_ui(mpq_numref(q));
    mpq_clears(q, whole, limit, NULL);
    return a;
}

static inline bool same_answer(const struct answer *a, const struct answer *b)
{
    return a->word == b->word && a->side == b->side && a->millionths == b->millionths;
}

#endif
