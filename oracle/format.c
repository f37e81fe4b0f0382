/* format - see format.h.
   SPDX-License-Identifier: MIT */
#include "format.h"

#include <math.h>
#include <string.h>

const struct format formats[FORMATS] = {
    [F64] = {"f64", 16, 53, -1022, 1023},
    [F32] = {"f32", 8, 24, -126, 127},
    [BF16] = {"bf16", 4, 8, -126, 127},
    [F16] = {"f16", 4, 11, -14, 15},
};

const struct format *format_named(const char *name)
{
    for (int i = 0; i < FORMATS; i++)
        if (strcmp(name, formats[i].name) == 0) return &formats[i];
    return NULL;
}

double word_value(const struct format *f, uint64_t w)
{
    uint64_t m = word_magnitude(f, w), unit = 1ull << (f->precision - 1);
    double v;
    if (m > word_inf(f))
        v = NAN;
    else if (m == word_inf(f))
        v = INFINITY;
    else if (m < unit)
        v = ldexp((double)m, format_grid(f));
    else
        v = ldexp((double)(m % unit + unit), format_grid(f) + (int)(m / unit) - 1);
    return word_negative(f, w) ? -v : v;
}

uint64_t word_nearest(const struct format *f, double v)
{
    uint64_t sign = signbit(v) ? word_sign_bit(f) : 0;
    if (isnan(v)) return word_quiet_nan(f);
    if (isinf(v)) return sign | word_inf(f);
    if (v == 0) return sign;
    v = fabs(v);
    int e = ilogb(v) - f->precision + 1; /* exponent of the ulp at v */
    if (e < format_grid(f)) e = format_grid(f);
    double units = ldexp(v, -e); /* exact: below 2^precision, and the double's own bits */
    uint64_t m = (uint64_t)units;
    double rest = units - (double)m;
    m += rest > 0.5 || (rest == 0.5 && m % 2 == 1);
    uint64_t word = ((uint64_t)(e - format_grid(f)) << (f->precision - 1)) + m; /* a carry runs into the exponent */
    return sign | (word < word_inf(f) ? word : word_inf(f));
}
