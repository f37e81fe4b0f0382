/* tgmath - what WP is told of the C library, in place of <tgmath.h>, and the words of the contracts.
   Predicates compare floats as IEEE 754 does (\le_float, \eq_float): a plain <= would compare reals.  What exp, log and
   fmax return is assumed here, and nothing else is: C17 7.12, F.10; that exp is monotone around 0 and exact at 0.
   SPDX-License-Identifier: MIT */
#ifndef ACSL_TGMATH_H
#define ACSL_TGMATH_H

#define FORMAT_IS_f64 0
#define FORMAT_IS_f32 1
#define PASTE_(a, b) a##b
#define PASTE(a, b) PASTE_(a, b)
#if PASTE(FORMAT_IS_, FORMAT) == 0
#define REAL double
#define MANY 9007199254740992.0 /* 2^53: adding 1 changes it no more */
#else
#define REAL float
#define MANY 16777216.0 /* 2^24 */
#endif

/*@ predicate below(float a, float b) = \le_float(a, b);
    predicate below(double a, double b) = \le_double(a, b);
    predicate same(float a, float b) = \eq_float(a, b);
    predicate same(double a, double b) = \eq_double(a, b);
    predicate zero(REAL a) = same(a, (REAL)0.0);
    predicate one(REAL a) = same(a, (REAL)1.0);
    predicate negative(REAL a) = below(a, (REAL)0.0);
    predicate nan(REAL a) = \is_NaN(a);
    predicate ninf(REAL a) = \is_minus_infinity(a);
    predicate finite(REAL a) = \is_finite(a);
    predicate unit(REAL a) = below((REAL)0.0, a) && below(a, (REAL)1.0);
    predicate partial_sum(REAL a) = below((REAL)0.0, a) && below(a, (REAL)MANY);
    predicate denominator(REAL a) = below((REAL)1.0, a) && below(a, (REAL)MANY); */

/* Converting 0 and 1 to a float gives 0 and 1 (C17 6.3.1.4); Why3's conversion is by its rounding, which cvc5 lacks. */
/*@ axiomatic Conversion {
      axiom zero_converts: zero((REAL)0);
      axiom one_converts: one((REAL)1);
    } */

/* The rows.  tame: no valid NaN or +inf.  has_distribution: a valid finite logit as well. */
/*@ predicate valid_finite{L}(REAL *x, unsigned char *mask, integer i) = mask[i] != 0 && finite(x[i]);
    predicate tame{L}(REAL *x, unsigned char *mask, integer n) =
        \forall integer i; 0 <= i < n && mask[i] != 0 ==> finite(x[i]) || ninf(x[i]);
    predicate has_distribution{L}(REAL *x, unsigned char *mask, integer n) =
        tame(x, mask, n) && \exists integer i; 0 <= i < n && valid_finite(x, mask, i);
    predicate has_none{L}(REAL *x, unsigned char *mask, integer n) =
        \forall integer i; 0 <= i < n && mask[i] != 0 ==> ninf(x[i]);
    predicate masked_finite{L}(REAL *x, unsigned char *mask, integer n) =
        \forall integer i; 0 <= i < n && mask[i] == 0 ==> finite(x[i]);
    predicate binary{L}(unsigned char *mask, integer n) =
        \forall integer i; 0 <= i < n ==> mask[i] == 0 || mask[i] == 1;
    logic integer count{L}(unsigned char *mask, integer n) = // of the valid entries among the first n
        n <= 0 ? 0 : count(mask, n - 1) + (mask[n - 1] != 0 ? 1 : 0); */

/*@ assigns \nothing;
    ensures \is_plus_infinity(\result); */
REAL acsl_infinity(void);

/*@ assigns \nothing;
    ensures nan(x) ==> nan(\result);
    ensures ninf(x) ==> zero(\result);
    ensures negative(x) ==> unit(\result);
    ensures zero(x) ==> one(\result); */
REAL acsl_exp(REAL x);

/*@ assigns \nothing;
    ensures zero(x) ==> ninf(\result);
    ensures one(x) ==> zero(\result); */
REAL acsl_log(REAL x);

/*@ assigns \nothing;
    ensures nan(x) && !nan(y) ==> same(\result, y);
    ensures !nan(x) && nan(y) ==> same(\result, x);
    ensures !nan(x) && !nan(y) ==> (same(\result, x) || same(\result, y)) && below(x, \result) && below(y, \result); */
REAL acsl_fmax(REAL x, REAL y);

/*@ assigns \nothing;
    ensures \result != 0 <==> nan(x); */
int acsl_isnan(REAL x);

#define INFINITY acsl_infinity()
#define exp acsl_exp
#define log acsl_log
#define fmax acsl_fmax
#define isnan acsl_isnan
#endif
