/* one_double - the operations of double_double.h on one double: any processor with C, no fused multiply-add.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_ONE_DOUBLE_H
#define MASKPROOF_ONE_DOUBLE_H

#define LANES 1
typedef double vec;

static inline vec v_all(double a) { return a; }
static inline vec v_add(vec a, vec b) { return a + b; }
static inline vec v_sub(vec a, vec b) { return a - b; }
static inline vec v_mul(vec a, vec b) { return a * b; }
static inline vec v_fma(vec a, vec b, vec c) { return a * b + c; }
static inline vec v_fnma(vec a, vec b, vec c) { return c - a * b; }

/* The upper 26 bits of a (Veltkamp); a 2^27 must not overflow. */
static inline double upper_half(double a)
{
    double c = 0x1.0000002p27 * a;
    return c - (c - a);
}
/* a b - product, exactly (Dekker, A Floating-Point Technique for Extending the Available Precision, Numer. Math. 18(3),
   1971), unless a b is near the subnormals. */
static inline vec v_product_error(vec a, vec b, vec product)
{
    double a1 = upper_half(a), a2 = a - a1, b1 = upper_half(b), b2 = b - b1;
    return ((a1 * b1 - product) + a1 * b2 + a2 * b1) + a2 * b2;
}

#endif
