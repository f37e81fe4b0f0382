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

uint64_t word_nearest(const struct format *f, double v)
{
    uint64_t bits = bits_of_double(v), sign = bits & double_sign ? word_sign_bit(f) : 0;
    if (isnan(v)) return word_quiet_nan(f);
    if (isinf(v)) return sign | word_inf(f);
    if (f->precision > DOUBLE_FRACTION) return bits;
    uint64_t hidden = 1ull << DOUBLE_FRACTION, m = (bits & (hidden - 1)) | hidden;
    int top =
        (int)(bits >> DOUBLE_FRACTION & 0x7ff) - DOUBLE_BIAS; /* |v| = m 2^(top - 52), or is a double's subnormal */
    int e = top - f->precision + 1;                           /* exponent of the ulp at v */
    if (e < format_grid(f)) e = format_grid(f);
    int dropped = e - (top - DOUBLE_FRACTION);
    if (dropped > DOUBLE_FRACTION + 2) return sign; /* below half the grid, and below any tie */
    uint64_t units = m >> dropped, rest = m & ((1ull << dropped) - 1), half = 1ull << (dropped - 1);
    units += rest > half || (rest == half && units % 2 == 1);
    uint64_t word = ((uint64_t)(e - format_grid(f)) << (f->precision - 1)) + units; /* a carry runs into the exponent */
    return sign | (word < word_inf(f) ? word : word_inf(f));
}
