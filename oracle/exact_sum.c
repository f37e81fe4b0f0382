/* exact_sum - see exact_sum.h.
   SPDX-License-Identifier: MIT */
#include "exact_sum.h"

#include <math.h>

void exact_sum_add(struct exact_sum *s, const struct format *f, uint64_t word)
{
    if (!word_is_finite(f, word)) {
        s->special += word_value(f, word);
        return;
    }
    uint64_t unit = 1ull << (f->precision - 1), magnitude = word_magnitude(f, word);
    uint64_t m = magnitude < unit ? magnitude : magnitude % unit + unit;
    unsigned place = (unsigned)(word_ulp_exponent(f, word) - EXACT_SUM_LOW);
    uint64_t low = (m & 0xffffffff) << place % 32, high = (m >> 32) << place % 32;
    int64_t *limb = s->limb + place / 32, sign = word_negative(f, word) ? -1 : 1;
    limb[0] += sign * (int64_t)(low & 0xffffffff);
    limb[1] += sign * (int64_t)((low >> 32) + (high & 0xffffffff));
    limb[2] += sign * (int64_t)(high >> 32);
}

double exact_sum_value(const struct exact_sum *s)
{
    if (s->special != 0) return s->special; /* NaN compares unequal too */
    int64_t limb[EXACT_SUM_LIMBS], sign;
    for (sign = 1;; sign = -1) { /* again only if the total is negative: then of its negation */
        int64_t carry = 0;
        for (int i = 0; i < EXACT_SUM_LIMBS; i++) {
            int64_t v = sign * s->limb[i] + carry;
            limb[i] = v & 0xffffffff;
            carry = (v - limb[i]) / ((int64_t)1 << 32);
        }
        if (carry >= 0) break;
    }
    double total = 0;
    for (int i = 0; i < EXACT_SUM_LIMBS; i++) /* from the small end: one rounding matters, the last ones */
        if (limb[i] != 0) total += ldexp((double)limb[i], 32 * i + EXACT_SUM_LOW); /* few are: most ldexp are saved */
    return (double)sign * total;
}
