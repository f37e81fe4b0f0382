/* fast_exp - the exponentials of the fast engine, in doubles and in pairs of doubles, with the proof of their errors.
   Plain C on one number, for loops that the compiler turns into vectors.  fma() is exact, so that the bits are the same
   on every processor.  Nothing here is shared with impls/: there is no table, the reduction is by ln 2 itself, and the
   coefficients are Taylor's, 1/i!, for which anyone can vouch.  u = 2^-53, the most that one rounding does, relative.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_FAST_EXP_H
#define MASKPROOF_FAST_EXP_H

#include "format.h"

#include <float.h>

_Static_assert(FLT_EVAL_METHOD == 0, "every bound counts on one rounding to double for each operation");

#define EVERYWHERE static inline __attribute__((always_inline)) /* also in a function for another instruction set */

/* --- pairs: the number high + low, high = RN(high + low), which is some 107 bits --- */

struct pair {
    double high, low;
};

/* a + b exactly: Knuth, The Art of Computer Programming 2, 4.2.2; the second by Dekker, for |a| >= |b| or a = 0. */
EVERYWHERE struct pair sum_of(double a, double b)
{
    double s = a + b, c = s - a;
    return (struct pair){s, (a - (s - c)) + (b - c)};
}
EVERYWHERE struct pair sum_of_ordered(double a, double b)
{
    double s = a + b;
    return (struct pair){s, b - (s - a)};
}

/* a + b for |b| <= |a|: the low parts' sum is off by u^2 (|a| + |b|), what joins it by u^2 (|a + b| + |a| + |b|). */
EVERYWHERE struct pair pair_add(struct pair a, struct pair b)
{
    struct pair s = sum_of_ordered(a.high, b.high);
    return sum_of_ordered(s.high, s.low + (a.low + b.low));
}

/* a b to 5 u^2: Joldes, Muller and Popescu, ACM TOMS 44(2), 2017, algorithm 11. */
EVERYWHERE struct pair pair_multiply(struct pair a, struct pair b)
{
    double p = a.high * b.high, lost = fma(a.high, b.high, -p);
    return sum_of_ordered(p, lost + fma(a.high, b.low, a.low * b.high));
}

/* --- the reduction ---
   d = k ln 2 + r, k the integer nearest to d/ln 2, which MAGIC leaves in the last bits of `t`; |k| < 2^11.
   ln 2 = A + B + C + 2^-140.3; A is a multiple of 2^-42 and B of 2^-84, below 2^-44, so that k A and k B are exact.
   REST is B + C in one double, 2^-102 off.  log2(e) is off by 2^-54 of it and its product with d by as much, so that
   |r| <= ln2/2 + 2^-42 < 0.3466. */
#define LOG2_E 0x1.71547652b82fep0
#define LN2_A 0x1.62e42fefa38p-1
#define LN2_B 0x1.ef35793c76p-45
#define LN2_C 0x1.cc01f97b57a08p-87
#define LN2_REST 0x1.ef35793c7673p-45
#define MAGIC 0x1.8p52

/* 2^k, -1022 <= k <= 1023 */
EVERYWHERE double power_of_2(int64_t k) { return double_of_bits((uint64_t)(k + DOUBLE_BIAS) << DOUBLE_FRACTION); }

#define FAST_EXP_BOUND 0x1p-52 /* the relative error of exp_of, 2 u */

/* e^(d.high + d.low) for -300 <= d.high <= 0, |d.low| <= u |d.high|, to FAST_EXP_BOUND: theorem exp_oracle_bound of
   proofs/rocq/ExpOracle.v (make sweep-truth measures it).  The error, relative, in units of u:
     r       d.high - k A is exact: where k = 0 that is d.high; else |d.high| > 0.34 is a multiple of 2^-54, and so is
             k A, and the difference is below 0.35.  d.low - k REST is below 2^-34 and off by 2^-86 at most.  The sum of
             both is rounded once, by at most half a unit of [1/4, 1/2), 2^-55 = 0.25 u; e^r is off by 0.25
     series  the terms beyond r^13 are less than |r|^14/14! / (1 - |r|/15) < 2^-57.6, 0.05 of e^r > 0.707
     q       below 0.57; its last step is rounded by half a unit of [1/2, 1), 0.5 u, what the steps before it leave
             by 0.2 u: times r^2 < 0.1202, 0.09 u
     r^2     is off by half a unit of [1/16, 1/8), 0.0625 u, times 0.57: 0.04 u
     fma     r + r^2 q = e^r - 1 is in [-0.30, 0.42]: half a unit of [1/4, 1/2), 0.25 u
     1 + ... half a unit of [1/2, 1), 0.5 u, for r < 0; else 1 u of e^r >= 1
   Together, r < 0: 0.25 + (0.05 + 0.09 + 0.04 + 0.25 + 0.5)/0.707 < 1.6; else 0.25 + 0.05 + 0.09 + 0.04 + 0.25 + 1
   < 1.7.  Claimed 2. */
EVERYWHERE double exp_of(struct pair d)
{
    double t = fma(d.high, LOG2_E, MAGIC), k = t - MAGIC;
    double r = fma(-k, LN2_A, d.high) + fma(-k, LN2_REST, d.low);
    double q = fma(0x1.6124613a86d09p-33, r, 0x1.1eed8eff8d898p-29); /* 1/13!, 1/12! */
    q = fma(q, r, 0x1.ae64567f544e4p-26);
    q = fma(q, r, 0x1.27e4fb7789f5cp-22);
    q = fma(q, r, 0x1.71de3a556c734p-19);
    q = fma(q, r, 0x1.a01a01a01a01ap-16);
    q = fma(q, r, 0x1.a01a01a01a01ap-13);
    q = fma(q, r, 0x1.6c16c16c16c17p-10);
    q = fma(q, r, 0x1.1111111111111p-7);
    q = fma(q, r, 0x1.5555555555555p-5);
    q = fma(q, r, 0x1.5555555555555p-3);
    q = fma(q, r, 0x1p-1);
    double e = 1 + fma(r * r, q, r);
    return double_of_bits(bits_of_double(e) + (bits_of_double(t) << DOUBLE_FRACTION));
}

/* 1/i! + r p, one step of Horner's scheme */
EVERYWHERE struct pair horner(double high, double low, struct pair r, struct pair p)
{
    return pair_add((struct pair){high, low}, pair_multiply(r, p));
}

#define FAST_PAIR_BOUND 0x1p-102 /* the relative error of exp_of_pair, 16 u^2 */

/* e^(d.high + d.low) = (result) 2^k for -800 <= d.high <= 0, |d.low| <= u |d.high|, the result in [0.70, 1.42], to
   FAST_PAIR_BOUND: theorem exp_of_pair_bound of proofs/rocq/ExpPair.v.  The error, relative, in units of u^2 = 2^-106:
     r       d.high - k A is exact, as above, and so is the pair d.low - k B; k C, 2^-76, is off by 2^-129, as are the
             constants; the sum with r.low loses 0.35: e^r is off by 0.4
     series  beyond r^22: |r|^23/23! < 2^-109.6, 0.1
     r^14/14! + ... in doubles, with r to its first double: below 2^-57.6 and off by 4 u of that, 0.3
     i = 13 .. 2  each sum loses 3.6 of itself, p_i = 1/i! + r p_(i+1), and hands on, times |r p_(i+1)|/p_i < 0.15, the
             5 of the product and what the step before it lost: 3.6 + 0.15 (5 + 5.2) < 5.2
     i = 1   the sum loses 3.8, and that ratio is below 0.19: 3.8 + 0.19 (5 + 5.2) < 5.8
     i = 0   1 + r p_1, in the worst case 1 - 0.293, loses 4.7; the ratio is below 0.42: 4.7 + 0.42 (5 + 5.8) < 9.3
   Together below 10.2.  Claimed 16. */
EVERYWHERE struct pair exp_of_pair(struct pair d, int64_t *k)
{
    double t = fma(d.high, LOG2_E, MAGIC), whole = t - MAGIC;
    *k = (int64_t)(bits_of_double(t) - bits_of_double(MAGIC));
    struct pair rest = sum_of(d.low, -whole * LN2_B), r = sum_of(d.high - whole * LN2_A, rest.high);
    r = sum_of_ordered(r.high, r.low + (rest.low - whole * LN2_C));

    double q = fma(0x1.0ce396db7f853p-70, r.high, 0x1.71b8ef6dcf572p-66); /* 1/22!, 1/21! */
    q = fma(q, r.high, 0x1.e542ba4020225p-62);
    q = fma(q, r.high, 0x1.2f49b46814157p-57);
    q = fma(q, r.high, 0x1.6827863b97d97p-53);
    q = fma(q, r.high, 0x1.952c77030ad4ap-49);
    q = fma(q, r.high, 0x1.ae7f3e733b81fp-45);
    q = fma(q, r.high, 0x1.ae7f3e733b81fp-41);
    q = fma(q, r.high, 0x1.93974a8c07c9dp-37); /* 1/14! */
    struct pair p = {q, 0};
    p = horner(0x1.6124613a86d09p-33, 0x1.f28e0cc748ebep-87, r, p);
    p = horner(0x1.1eed8eff8d898p-29, -0x1.2aec959e14c06p-83, r, p);
    p = horner(0x1.ae64567f544e4p-26, -0x1.c062e06d1f209p-80, r, p);
    p = horner(0x1.27e4fb7789f5cp-22, 0x1.cbbc05b4fa99ap-76, r, p);
    p = horner(0x1.71de3a556c734p-19, -0x1.c154f8ddc6cp-73, r, p);
    p = horner(0x1.a01a01a01a01ap-16, 0x1.a01a01a01a01ap-76, r, p);
    p = horner(0x1.a01a01a01a01ap-13, 0x1.a01a01a01a01ap-73, r, p);
    p = horner(0x1.6c16c16c16c17p-10, -0x1.f49f49f49f49fp-65, r, p);
    p = horner(0x1.1111111111111p-7, 0x1.1111111111111p-63, r, p);
    p = horner(0x1.5555555555555p-5, 0x1.5555555555555p-59, r, p);
    p = horner(0x1.5555555555555p-3, 0x1.5555555555555p-57, r, p);
    p = horner(0x1p-1, 0, r, p);
    p = horner(1, 0, r, p);
    return horner(1, 0, r, p);
}

#endif
