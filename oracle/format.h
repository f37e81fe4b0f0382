/* format - the four number formats, as bit patterns ("words").
   A word is the low `bits` bits of a uint64_t: sign, exponent, significand, as IEEE 754 lays them out
   (bf16 is the upper half of an f32).  Everything here is integer arithmetic: exact, no rounding mode.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_FORMAT_H
#define MASKPROOF_FORMAT_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct format {
    const char *name;
    unsigned digits; /* hex digits of a word */
    int precision;   /* significand bits, the hidden one included */
    int emin, emax;  /* smallest and largest exponent of a normal number: 2^emin .. 2^emax (1.f) */
};

/* The order is the `int format` of the C signature: 0 f64, 1 f32, 2 bf16, 3 f16. */
enum { F64, F32, BF16, F16, FORMATS };
extern const struct format formats[FORMATS];

/* The format called `name`, or NULL. */
const struct format *format_named(const char *name);

/* Exponent of the smallest subnormal, the finest grid of the format: f32 gives -149. */
static inline int format_grid(const struct format *f) { return f->emin - f->precision + 1; }
static inline uint64_t word_sign_bit(const struct format *f) { return 1ull << (4 * f->digits - 1); }
static inline uint64_t word_inf(const struct format *f) { return word_sign_bit(f) - (1ull << (f->precision - 1)); }
static inline uint64_t word_quiet_nan(const struct format *f) { return word_inf(f) | 1ull << (f->precision - 2); }
static inline uint64_t word_max(const struct format *f) { return word_inf(f) - 1; }
static inline bool word_negative(const struct format *f, uint64_t w) { return w & word_sign_bit(f); }
static inline uint64_t word_magnitude(const struct format *f, uint64_t w) { return w & ~word_sign_bit(f); }
static inline bool word_is_nan(const struct format *f, uint64_t w) { return word_magnitude(f, w) > word_inf(f); }
static inline bool word_is_finite(const struct format *f, uint64_t w) { return word_magnitude(f, w) < word_inf(f); }
static inline bool word_is_zero(const struct format *f, uint64_t w) { return word_magnitude(f, w) == 0; }

/* A number that sorts as the values do (-0 and +0 are both 0; NaN has no place here).
   The difference of two is the ulp distance: the count of words between them. */
static inline int64_t word_order(const struct format *f, uint64_t w)
{
    int64_t m = (int64_t)word_magnitude(f, w);
    return word_negative(f, w) ? -m : m;
}

enum { DOUBLE_FRACTION = 52, DOUBLE_BIAS = 1023 };
static const uint64_t double_sign = 1ull << 63;

static inline double double_of_bits(uint64_t bits)
{
    double v;
    memcpy(&v, &bits, sizeof v);
    return v;
}

static inline uint64_t bits_of_double(double v)
{
    uint64_t bits;
    memcpy(&bits, &v, sizeof bits);
    return bits;
}

/* The value of a word: always exact, a double holds every one of the four formats.  Here, not in format.c, and by bits,
   not by ldexp: every other function asks for it entry by entry, and it was a sixth of their time. */
static inline double word_value(const struct format *f, uint64_t w)
{
    uint64_t m = word_magnitude(f, w), unit = 1ull << (f->precision - 1);
    uint64_t sign = word_negative(f, w) ? double_sign : 0;
    if (m >= word_inf(f)) return m > word_inf(f) ? copysign(NAN, sign ? -1 : 1) : sign ? -INFINITY : INFINITY;
    if (f->precision > DOUBLE_FRACTION) return double_of_bits(sign | m);
    if (m < unit) { /* a count of grid points, and the grid is a normal double */
        double grid = double_of_bits((uint64_t)(format_grid(f) + DOUBLE_BIAS) << DOUBLE_FRACTION), v = (double)m * grid;
        return sign ? -v : v;
    }
    uint64_t rebias = (uint64_t)(f->emin - 1 + DOUBLE_BIAS) << DOUBLE_FRACTION;
    return double_of_bits(sign | ((m << (DOUBLE_FRACTION + 1 - f->precision)) + rebias));
}

/* The word nearest to `v`, ties to even, subnormals kept, overflow to infinity; NaN gives the quiet NaN.
   One rounding from the double, so it is the right word only for values that are exact in `v`. */
uint64_t word_nearest(const struct format *f, double v);

/* Exponent of the ulp of the nonzero finite magnitude `w`: of f32 1.0 it is -23, of a subnormal -149. */
static inline int word_ulp_exponent(const struct format *f, uint64_t w)
{
    int biased = (int)(word_magnitude(f, w) >> (f->precision - 1));
    return format_grid(f) + (biased > 1 ? biased - 1 : 0);
}

#endif
