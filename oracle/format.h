/* format - the four number formats, as bit patterns ("words").
   A word is the low `bits` bits of a uint64_t: sign, exponent, significand, as IEEE 754 lays them out
   (bf16 is the upper half of an f32).  Everything here is integer arithmetic: exact, no rounding mode.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_FORMAT_H
#define MASKPROOF_FORMAT_H

#include <stdbool.h>
#include <stdint.h>

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

/* The value of a word: always exact, a double holds every one of the four formats. */
double word_value(const struct format *f, uint64_t w);

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
