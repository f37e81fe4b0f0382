/* exp_double_double - tier 2's e^d, in double-doubles; who includes it has named the operations on LANES doubles.
   SPDX-License-Identifier: MIT */
#include "double_double.h"
#include "power16.h"

/* d = k ln2/16 + r, k = 16 floor(k/16) + j: e^d = 2^floor(k/16) 2^(j/16) e^r, e^r by Taylor's series to r^12.
   The error, relative, in units of u^2 = 2^-106; |r| <= a = ln2/32 + 2^-38 < 0.02167:
     r: k A and k B are exact, k C is off by 2^-119, the constants by 2^-125; the sum d - k A is exact, two additions of
        double-doubles lose 3 u^2 of less than 0.022 each: 0.2 in all, and e^d is off by as much
     series beyond r^12: a^13/13! < 2^-104.3, 3.3
     terms r^7/7! to r^12/12!, in double, with r to its first double: off by 3 u of less than 2^-51, 12
     terms r^2/2! to r^6/6! and r: five multiplications and additions, each step weighing at most a against the next:
        (5 + 3.2)(1 + a + ...) of the sum, times a: 0.2
     2^(j/16): 0.5;  times e^r - 1: 5 of 0.022, 0.2;  plus 2^(j/16): 3.2
   20 in all: 2^-101.6, claimed 2^-100. */
#define EXP_DOUBLE_DOUBLE_BOUND 0x1p-100 /* the relative error of exp_parts(d), -800 <= d <= 0 */

static inline vec nearest(vec a) { return v_sub(v_add(a, v_all(MAGIC)), v_all(MAGIC)); }

/* e^d as something in [0.97, 2.05) times 2^whole, of two vectors: all waits for what comes before it, so that one alone
   would leave the processor idle for most of the time. */
static inline __attribute__((always_inline)) void exp_parts(const struct dd d[2], struct dd e[2], vec whole[2])
{
    static const double inverse_factorial[5][2] = {{0x1p-1, 0},
                                                   {0x1.5555555555555p-3, 0x1.5555555555555p-57},
                                                   {0x1.5555555555555p-5, 0x1.5555555555555p-59},
                                                   {0x1.1111111111111p-7, 0x1.1111111111111p-63},
                                                   {0x1.6c16c16c16c17p-10, -0x1.f49f49f49f49fp-65}}; /* 1/2! to 1/6! */
    vec k[2], j[2], q[2];
    struct dd r[2], p[2];
    for (int w = 0; w < 2; w++) {
        k[w] = nearest(v_mul(d[w].high, v_all(SIXTEEN_BY_LN2)));
        whole[w] =
            nearest(v_sub(v_mul(k[w], v_all(0x1p-4)), v_all(0x1.ep-2))); /* k/16 - 15/32, to the nearest: floor */
        j[w] = v_add(v_sub(k[w], v_mul(whole[w], v_all(16))), v_all(MAGIC));
    }
    for (int w = 0; w < 2; w++) r[w] = exact_sum(d[w].high, v_mul(k[w], v_all(-LN2_BY_16_A)));
    for (int w = 0; w < 2; w++) r[w] = dd_add(r[w], exact_sum(d[w].low, v_mul(k[w], v_all(-LN2_BY_16_B))));
    for (int w = 0; w < 2; w++) r[w] = dd_add(r[w], (struct dd){v_mul(k[w], v_all(-LN2_BY_16_C)), v_all(0)});

    for (int w = 0; w < 2; w++) { /* 1/12!, 1/11! */
        q[w] = v_fma(v_all(0x1.1eed8eff8d898p-29), r[w].high, v_all(0x1.ae64567f544e4p-26));
        q[w] = v_fma(q[w], r[w].high, v_all(0x1.27e4fb7789f5cp-22));
        q[w] = v_fma(q[w], r[w].high, v_all(0x1.71de3a556c734p-19));
        q[w] = v_fma(q[w], r[w].high, v_all(0x1.a01a01a01a01ap-16));
        q[w] = v_fma(q[w], r[w].high, v_all(0x1.a01a01a01a01ap-13));
        p[w] = (struct dd){q[w], v_all(0)}; /* 1/7! + r/8! + ... */
    }
    for (int i = 4; i >= 0; i--)
        for (int w = 0; w < 2; w++)
            p[w] = dd_add_small(dd_all(inverse_factorial[i][0], inverse_factorial[i][1]), dd_mul(p[w], r[w]));
    for (int w = 0; w < 2; w++) p[w] = dd_add_small(r[w], dd_mul(dd_mul(r[w], r[w]), p[w])); /* e^r - 1 */

    for (int w = 0; w < 2; w++) {
        const struct dd power = {v_entry_of_16(power16_high, j[w]), v_entry_of_16(power16_low, j[w])};
        e[w] = dd_add_small(power, dd_mul(power, p[w]));
    }
}
