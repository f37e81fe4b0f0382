/* ulp - see ulp.h.
   SPDX-License-Identifier: MIT */
#include "ulp.h"

#include <math.h>

int ulp_exponent_of(const struct format *f, const struct answer *exact)
{
    uint64_t m = word_magnitude(f, exact->word), unit = 1ull << (f->precision - 1);
    int e = word_ulp_exponent(f, m);
    int toward_zero = word_negative(f, exact->word) ? 1 : -1;
    /* The word is 2^e above the smallest normal and the exact value lies in the binade below. */
    if (m > unit && m % unit == 0 && exact->side == toward_zero) e--;
    return e;
}

double ulp_error(const struct format *f, uint64_t got, const struct answer *exact)
{
    if (word_is_nan(f, got)) return NAN;
    if (!word_is_finite(f, got) || !word_is_finite(f, exact->word)) return got == exact->word ? 0 : INFINITY;
    double frac = exact->side * exact->millionths * 1e-6;
    if (got == exact->word) return fabs(frac); /* the usual case, without ldexp */
    /* Near each other the difference is exact (Sterbenz); far apart its rounding is beyond what is printed. */
    double difference = word_value(f, got) - word_value(f, exact->word);
    double units = ldexp(difference, -ulp_exponent_of(f, exact));
    return fabs(units - frac);
}

double ulp_error_above(const struct format *f, uint64_t got, const struct answer *exact, double unit)
{
    double ulp = ldexp(1, ulp_exponent_of(f, exact)), error = ulp_error(f, got, exact);
    if (!(unit > ulp) || !word_is_finite(f, got) || !word_is_finite(f, exact->word)) return error;
    double difference = word_value(f, got) - word_value(f, exact->word);
    return fabs(difference - exact->side * exact->millionths * 1e-6 * ulp) / unit;
}
