/* edges - the values where a format ends: zeros, subnormals, neighbours, infinities, NaN, one valid entry.
   SPDX-License-Identifier: MIT */
#include "suite.h"

static void make(struct gen *g)
{
    const double max = gen_max(g), tiny = gen_min(g), normal = gen_min_normal(g), under = gen_underflow(g);
    const double next = 1 + 2 * ldexp(1, -gen_format(g)->precision);
    CASE(g, "n1", "1", 5);
    CASE(g, "n1-zero", "1", -0.0);
    CASE(g, "n1-max", "1", max);
    CASE(g, "neg-zero", "11", -0.0, 0);
    CASE(g, "uniform-3", "111", 0, 0, 0);
    CASE(g, "uniform-5", "11111", 2, 2, 2, 2, 2);
    CASE(g, "uniform-8-of-9", "111101111", 1, 1, 1, 1, 9, 1, 1, 1, 1);
    CASE(g, "ulp-neighbours", "11", 1, next);
    CASE(g, "tiny-logits", "1101", tiny, -tiny, 3, normal);
    CASE(g, "single-valid-last", "0001", 1, 2, 3, -7);
    CASE(g, "equal-max", "111", max, max, max);
    CASE(g, "equal-min", "111", -max, -max, -max);

    /* Results at the lower end: the smallest normal, subnormals, half the smallest (ties go either way by an ulp). */
    CASE(g, "sub-normal-edge", "11", 0, gen_subnormal(g));
    CASE(g, "sub-middle", "11", 0, (under + gen_subnormal(g)) / 2);
    CASE(g, "sub-least", "11", 0, under + 0.7);
    CASE(g, "sub-half-above", "11", 0, under * (1 - 0x1p-9));
    CASE(g, "sub-half-below", "11", 0, under * (1 + 0x1p-9));
    CASE(g, "sub-gone", "11", 0, under - 4);
    CASE(g, "sub-two-scales", "111", 0, under / 2, under);
    CASE(g, "sub-sum", "1111111111", under, under, under, under, under, under, under, under, under, under - 1);

    /* Classes.  Masked entries keep an ordinary value here; what lies under the mask is the suite poison's. */
    CASE(g, "ninf-among-valid", "111", 1, -INFINITY, 3);
    CASE(g, "ninf-and-max", "111", -INFINITY, max, -max);
    CASE(g, "pinf-valid", "111", 1, INFINITY, 3);
    CASE(g, "pinf-with-masked", "0111", 2, 1, INFINITY, 3);
    CASE(g, "two-pinf-valid", "111", INFINITY, INFINITY, 3);
    CASE(g, "two-pinf-valid", "1110", INFINITY, INFINITY, 3, 4);
    CASE(g, "single-valid-pinf", "010", 1, INFINITY, 3);
    CASE(g, "pinf-ninf", "1101", INFINITY, -INFINITY, 0, 1);
    CASE(g, "nan-valid", "111", 1, NAN, 3);
    CASE(g, "nan-valid-with-masked", "110", 1, NAN, 3);
    CASE(g, "nan-and-pinf", "1101", NAN, INFINITY, 0, 1);
    CASE(g, "n1-nan", "1", NAN);
    CASE(g, "n1-pinf", "1", INFINITY);
}

SUITE(edges, .hunts = "LEAK OVERFLOW", .about = "zeros, subnormals, neighbours, infinities, NaN, single entries",
      .make = make);
