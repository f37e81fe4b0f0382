/* gradient - rows with given upstream gradients dy, for vjp: g_i = p_i (dy_i - sum_j p_j dy_j).  NaN under the mask in
   x and in dy (jax-ml/jax#17117: a dead branch's NaN), gradients that are exactly 0, exact ties, products that
   cancel, dy up to the format's maximum.
   SPDX-License-Identifier: MIT */
#include "suite.h"

/* Where all valid logits are equal the gradient is (dy_i - mean dy) / k, a rational number. */
static void rational(struct gen *g)
{
    const double ulp = 2 * ldexp(1, -gen_format(g)->precision), tiny = gen_min(g), normal = gen_min_normal(g);
    CASE_DY(g, "grad-mean", "111", 2, 2, 2, /**/ 1, 2, 3); /* the middle one is the mean: exactly 0 */
    CASE_DY(g, "grad-mean", "1111", -3, -3, 5, -3, /**/ 1, 4, 7, 1);
    CASE_DY(g, "grad-mean-masked", "1011", 2, 9, 2, 2, /**/ 3, 100, 1, 2);
    CASE_DY(g, "grad-mean-groups", "1111", 0, 0, 1, 1, /**/ 1, 3, 2, 2); /* both groups have mean 2: two zeros */
    CASE_DY(g, "grad-mean-groups", "11111", 0, -1, 0, -1, -2, /**/ 0, 3, 4, 1, 2);
    CASE_DY(g, "grad-thirds", "111", 0, 0, 0, /**/ 1, 0, 0);
    CASE_DY(g, "grad-uniform", "11111", 1, 1, 1, 1, 1, /**/ 1, -2, 3, -4, 5);

    /* (1 + half an ulp) / 4 and (1 + one and a half) / 4: both lie half-way, and go to the even word. */
    CASE_DY(g, "grad-tie-down", "11", 0, 0, /**/ 1, -ulp / 2);
    CASE_DY(g, "grad-tie-up", "11", 0, 0, /**/ 1 + ulp, -ulp / 2);
    CASE_DY(g, "grad-tie-masked", "1001", 5, NAN, 7, 5, /**/ -1, 3, INFINITY, ulp / 2);
    CASE_DY(g, "grad-tie-near", "1111", 0, 0, -60, 0, /**/ 1, -ulp / 2, 0, 0.25); /* no tie, by next to nothing */

    /* Half, once and one and a half times the smallest number; then less than half: a zero that keeps its sign. */
    CASE_DY(g, "grad-tie-least", "11", 0, 0, /**/ 2 * tiny, 0);
    CASE_DY(g, "grad-tie-least", "11", 0, 0, /**/ 6 * tiny, 0);
    CASE_DY(g, "grad-least", "11", 0, 0, /**/ 4 * tiny, 0);
    CASE_DY(g, "grad-underflow", "11", 0, 0, /**/ tiny, 0);
    CASE_DY(g, "grad-underflow", "1111", 0, 0, 0, 0, /**/ tiny, 0, 0, 0);
    CASE_DY(g, "grad-subnormal", "11", 0, 0, /**/ normal, -normal);
}

static void extreme(struct gen *g)
{
    const double max = gen_max(g), tiny = gen_min(g), low = gen_subnormal(g), under = gen_underflow(g);
    CASE_DY(g, "grad-huge", "11", 0, 1, /**/ max, -max);
    CASE_DY(g, "grad-huge-equal", "111", 0, 1, 2, /**/ max, max, max); /* the sum overflows, the gradient is 0 */
    CASE_DY(g, "grad-huge-one", "1111", 0, 1, 2, 3, /**/ 0, 0, max, 0);
    CASE_DY(g, "grad-huge-masked", "101", 1, 2, 3, /**/ 1, max, 3);
    CASE_DY(g, "grad-huge-masked", "110", 1, 3, 2, /**/ 1, 3, -max);
    CASE_DY(g, "grad-overflow-dead", "110", 1, 1, 100, /**/ 1, 2, 3);
    CASE_DY(g, "grad-dead-max", "110", 1, 1.5, max, /**/ 1, 2, 3);
    CASE_DY(g, "grad-vanished", "11", 0, under - 4, /**/ 1, max); /* p underflows, p dy does not */
    CASE_DY(g, "grad-vanished", "11", 0, under / 2, /**/ 0, max);
    CASE_DY(g, "grad-vanished", "111", 0, low - 1, -1, /**/ 2, 3, 4);
    CASE_DY(g, "grad-tail-decides", "111", 0, 0, -300, /**/ 1, 1, 0); /* the leading group has gradient 0 */
    CASE_DY(g, "grad-tail-decides", "1111", 0, 0, -300, -max / 2, /**/ 1, 1, 1, 0);
    CASE_DY(g, "grad-tiny", "111", 0, 1, 2, /**/ tiny, -tiny, tiny);
    CASE_DY(g, "grad-large-logits", "111", max, max, -max, /**/ 1, 2, 3);
    CASE_DY(g, "grad-single", "010", 1, 2, 3, /**/ 4, 5, 6); /* one valid entry: exactly 0 */
    CASE_DY(g, "grad-single-huge", "1", max, /**/ max);
}

static void classes(struct gen *g)
{
    CASE_DY(g, "grad-empty", "000", 1, 2, 3, /**/ 1, 2, 3);
    CASE_DY(g, "grad-empty-junk", "00", NAN, INFINITY, /**/ NAN, -INFINITY);
    CASE_DY(g, "grad-junk", "101", 1, NAN, 3, /**/ 1, NAN, 3);
    CASE_DY(g, "grad-junk-inf", "101", 1, INFINITY, 3, /**/ 1, -INFINITY, 3);
    CASE_DY(g, "grad-junk-dy", "1010", 1, 2, 3, 4, /**/ 1, NAN, 3, INFINITY);
    CASE_DY(g, "grad-nan-dy", "111", 1, 2, 3, /**/ 1, NAN, 3);
    CASE_DY(g, "grad-nan-dy", "1101", 1, 2, 3, 4, /**/ NAN, 1, 1, 1);
    CASE_DY(g, "grad-inf-dy", "111", 3, 2, 1, /**/ 1, INFINITY, 3);
    CASE_DY(g, "grad-inf-dy", "110", 3, 2, 1, /**/ -INFINITY, 1, 3);
    CASE_DY(g, "grad-inf-dy-no-weight", "111", 0, -INFINITY, 1, /**/ 1, INFINITY, 2);
    CASE_DY(g, "grad-ninf-valid", "111", 0, -INFINITY, 1, /**/ 1, 2, 3);
    CASE_DY(g, "grad-all-ninf", "110", -INFINITY, -INFINITY, 1, /**/ 1, 2, 3);
    CASE_DY(g, "grad-nan-x", "111", 1, NAN, 3, /**/ 3, 2, 1);
    CASE_DY(g, "grad-pinf-x", "111", 1, INFINITY, 3, /**/ 3, 2, 1);
    CASE_DY(g, "grad-batch", "101/000/111", 1, 2, 3, 1, 2, 3, 1, 2, 3, /**/ 1, 2, 3, 1, 2, 3, 1, NAN, 3);
}

static void make(struct gen *g)
{
    const double ulp = 2 * ldexp(1, -gen_format(g)->precision);
    CASE_DY(g, "grad-masked-zero", "101", 1, 2, 3, /**/ 1, 2, 3);
    CASE_DY(g, "grad-unmasked", "111", 1, 2, 3, /**/ 1, 0, 0);
    CASE_DY(g, "grad-equal-dy", "1111", 1, 2, 3, 4, /**/ 0.3, 0.3, 0.3, 0.3); /* exactly 0, whatever x */
    CASE_DY(g, "grad-equal-dy", "1011", 1, 2, 30, -4, /**/ -7, 1, -7, -7);
    CASE_DY(g, "grad-zero-dy", "110", 1, 2, 3, /**/ 0, -0.0, 1);
    CASE_DY(g, "grad-cancel", "111", 0, 1, 2, /**/ 1, 1 + ulp, 1);
    CASE_DY(g, "grad-cancel", "1111", 0, 0.5, 1, 2, /**/ 100, 100 + 100 * ulp, 100, 100 - 100 * ulp);
    CASE_DY(g, "grad-cancel", "11", 10, 0, /**/ 1, 2); /* p is near 1, dy - sum p dy near 0 */
    CASE_DY(g, "grad-cancel-mean", "111", 0, ulp, 0, /**/ 1, 2, 3);
    rational(g);
    extreme(g);
    classes(g);

    size_t count = gen_count(g, 36);
    for (size_t i = 0; i < count; i++) {
        static const size_t sizes[] = {3, 6, 17, 64, 300, 1880};
        size_t rows = gen_rows(g, 1), n = gen_cols(g, sizes[i % 6]), entries = rows * n;
        double *x = gen_logits(g, 2 * entries), *dy = x + entries;
        unsigned char *mask = gen_mask(g, entries);
        gen_fill(g, rows, n, 0.6, 2, mask, x);
        double offset = i / 6 % 3 == 1 ? 100 : 0;
        for (size_t j = 0; j < entries; j++) {
            if (i / 6 % 3 == 2) x[j] = (double)gen_below(g, 3); /* ties, and whole dy: zeros and rationals turn up */
            dy[j] = i / 6 % 3 == 2 ? (double)gen_below(g, 5) - 2 : offset + gen_normal(g);
            if (!mask[j] && gen_below(g, 4) == 0) dy[j] = NAN;
        }
        static const char *const slugs[] = {"random", "random-offset", "random-ties"};
        gen_gradient_arrays(g, slugs[i / 6 % 3], rows, n, mask, x, dy);
    }
}

SUITE(gradient, .hunts = "POISON LEAK", .about = "given upstream gradients: exact zeros, ties, NaN under the mask",
      .make = make);
