/* rounded_rows - tier 1 of correctly_rounded, written once; who includes it has named the operations on LANES doubles.

   e^x in double, with no shift where all valid logits lie in [-300, 300]; the sum in double; and each quotient at both
   ends of its error bound: where both round to one word, that is the word of the exact value, for rounding is monotone.
   Seen in: Ziv, Fast Evaluation of Elementary Mathematical Functions with Correctly Rounded Last Bit, ACM TOMS 17(3),
   1991, for one function; the softmax is ours.
   SPDX-License-Identifier: MIT */
#include "exp_double.h"
#include "rounded.h"
#include "sparse.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CALM 300.0 /* e^300 < 2^433: sums of any length, their inverses and all quotients are normal numbers */
#define DEEP 150.0 /* below the maximum by more p < 2^-216, which is 0 in each format, and nothing to the sum */
#define AHEAD 512  /* entries */

/* --- the error, in units of u = 2^-53, the most that one rounding does ---

   e^x: 2 u (exp_double.h), for |x| <= 450; the shift of wide rows is exact (exp_wide_row).

   The sum: all terms are positive, and an exponential passes two additions in its group of four vectors and at most
   seven in its block; the blocks are added with what each addition loses kept apart (Sum2: Ogita, Rump and Oishi,
   Accurate Sum and Dot Product, SIAM J. Sci. Comput. 26(6), 2005, proposition 4.4): 1 u, and (n/32 u)^2 for the second
   order; the lanes by halves, 3 u for 8 of them.  So 13 u.

   The quotient: 2 u and 2 u of the exponentials, 13 u, 1/sum 1 u, 1 - B and 1 + B 1 u, times 1/sum 1 u, times e^x 1 u:
   21 u.  What lies DEEP below (n 2^-216) and products of these errors are below 2^-40 u each: B = 23 u + (n 2^-58)^2
   leaves room for them. */
static double error_bound(size_t n) { return 23 * 0x1p-53 + ((double)n * 0x1p-58) * ((double)n * 0x1p-58); }

/* --- exponentials and their sum --- */

struct pass {
    vec sum, lost;
    vec farthest; /* the largest magnitude of a valid logit; NaN need not show in it, but does in the sum */
    vec shift, least;
};

/* a + b, and what of it is lost: Knuth, The Art of Computer Programming 2, 4.2.2, theorem B */
static inline vec sum_and_loss(vec a, vec b, vec *loss)
{
    vec s = v_add(a, b), c = v_sub(s, a);
    *loss = v_add(v_sub(a, v_sub(s, c)), v_sub(b, c));
    return s;
}

static inline void add_block(struct pass *s, vec block)
{
    vec loss;
    s->sum = sum_and_loss(s->sum, block, &loss);
    s->lost = v_add(s->lost, loss);
}

static inline __attribute__((always_inline)) vec keep_exp(struct pass *s, int wide, vec v, pick valid, double *e)
{
    if (wide) {
        v = v_sub(v, s->shift);
        valid = pick_and(valid, pick_not_below(v, s->least));
    } else
        s->farthest = v_farther(s->farthest, v_where(valid, v));
    v = v_where(valid, exp_of(v));
    v_store(e, v);
    return v;
}

static inline __attribute__((always_inline)) vec exp_step(struct pass *s, int wide, const float *x,
                                                          const unsigned char *mask, double *e)
{
    __builtin_prefetch(x + AHEAD);
    return keep_exp(s, wide, v_load_floats(x), pick_valid(mask), e);
}

/* e = e^(x - shift) where valid, else 0; the sum of it */
static inline __attribute__((always_inline)) double exp_row(struct pass *s, int wide, size_t n, const float *x,
                                                            const unsigned char *mask, double *e)
{
    s->sum = s->lost = s->farthest = v_all(0);
    size_t i = 0;
    while (i + 4 * LANES <= n) {
        vec block = v_all(0);
        const size_t end = n - i > 32 * LANES ? i + 32 * LANES : n;
        for (; i + 4 * LANES <= end; i += 4 * LANES) {
            vec a = exp_step(s, wide, x + i, mask + i, e + i);
            vec b = exp_step(s, wide, x + i + LANES, mask + i + LANES, e + i + LANES);
            vec c = exp_step(s, wide, x + i + 2 * LANES, mask + i + 2 * LANES, e + i + 2 * LANES);
            vec d = exp_step(s, wide, x + i + 3 * LANES, mask + i + 3 * LANES, e + i + 3 * LANES);
            block = v_add(block, v_add(v_add(a, b), v_add(c, d)));
        }
        add_block(s, block);
    }
    vec block = v_all(0);
    for (; i + LANES <= n; i += LANES) block = v_add(block, exp_step(s, wide, x + i, mask + i, e + i));
    if (i < n) {
        pick valid = pick_valid_part(mask + i, n - i);
        block = v_add(block, keep_exp(s, wide, v_load_floats_part(x + i, n - i), valid, e + i));
    }
    add_block(s, block);
    return v_total(v_add(s->sum, s->lost));
}

/* --- rounding --- */

/* a rounded to the format, as a double: adding and subtracting 1.5 2^(53 - precision) times a's power of two. */
struct spread {
    vec least, factor;
};
static inline struct spread spread_of(const struct grid *g)
{
    return (struct spread){v_all(ldexp(1, g->least + g->precision - 1)), v_all(ldexp(1.5, 53 - g->precision))};
}
static inline vec narrowed(vec a, const struct spread *s)
{
    vec c = v_mul(v_max(v_power_of_2_in(a), s->least), s->factor);
    return v_sub(v_add(a, c), c);
}

/* p = e/sum where both ends of it round alike, else NaN; whether there is such an entry */
static inline __attribute__((always_inline)) int scale_row(const struct grid *g, size_t n, const double *e, double sum,
                                                           float *p)
{
    const double bound = error_bound(n), inverse = 1 / sum;
    const vec low = v_all(inverse * (1 - bound)), high = v_all(inverse * (1 + bound));
    const struct spread s = spread_of(g);
    int open = 0;
    for (size_t i = 0; i < n; i += LANES) {
        vec v = v_load(e + i), a = v_mul(v, low), b = v_mul(v, high);
        if (g->precision != 24) a = narrowed(a, &s), b = narrowed(b, &s);
        open |= n - i < LANES ? v_store_alike_part(p + i, a, b, n - i) : v_store_alike(p + i, a, b);
    }
    return open;
}

/* --- wide rows --- */

struct extent {
    double max; /* of the valid logits; -inf if there is none */
    int nan;
};

static struct extent extent_of(size_t n, const float *x, const unsigned char *mask)
{
    const vec below = v_all(-INFINITY);
    vec max = below;
    int nan = 0;
    for (size_t i = 0; i < n; i += LANES) {
        const size_t count = n - i < LANES ? n - i : LANES;
        pick valid = pick_valid_part(mask + i, count);
        vec v = v_where_else(valid, v_load_floats_part(x + i, count), below);
        nan |= pick_any(pick_nan(v));
        max = v_max(v, max);
    }
    double lane[LANES];
    v_store(lane, max);
    for (int k = 1; k < LANES; k++) lane[0] = lane[k] > lane[0] ? lane[k] : lane[0];
    return (struct extent){lane[0], nan};
}

/* False, and p filled in, if the row is none of numbers.  Where |max| > CALM the shift is max, and x - max is exact for
   x >= max - DEEP: |x| >= 150, so both are multiples of 2^-16, and the difference, below 2^8, needs 24 bits. */
static int exp_wide_row(size_t n, const float *x, const unsigned char *mask, double *e, float *p, double *sum)
{
    const struct extent found = extent_of(n, x, mask);
    if (found.nan || isinf(found.max)) {
        const float where_valid = found.nan || found.max > 0 ? NAN : 0;
        for (size_t i = 0; i < n; i++) p[i] = mask[i] ? where_valid : 0;
        return 0;
    }
    const double shift = fabs(found.max) > CALM ? found.max : 0;
    struct pass s = {.shift = v_all(shift), .least = v_all(found.max - shift - DEEP)};
    *sum = exp_row(&s, 1, n, x, mask, e);
    return 1;
}

/* --- rows --- */

/* One that is scaled later than its exponentials are taken. */
struct row {
    const float *x;
    const unsigned char *mask;
    float *p;
    double *e;  /* room for n exponentials, and to a whole vector */
    double sum; /* of them; 0: nothing is left to do */
};

static inline __attribute__((always_inline)) void begin(size_t n, struct row *r)
{
    struct pass s = {.shift = v_all(0)};
    r->sum = exp_row(&s, 0, n, r->x, r->mask, r->e);
    if (pick_any(pick_above(s.farthest, v_all(CALM))) || !(r->sum > 0))
        r->sum = exp_wide_row(n, r->x, r->mask, r->e, r->p, &r->sum) ? r->sum : 0;
}

static inline __attribute__((always_inline)) void finish(const struct grid *g, size_t n, struct row *r)
{
    if (r->sum > 0 && scale_row(g, n, r->e, r->sum, r->p)) decide_row_f32(g, exp_double_double, n, r->x, r->mask, r->p);
    r->sum = 0;
}

/* A very sparse row: its valid entries are gathered, and are a row of their own.  False, and nothing done, if not. */
static __attribute__((noinline)) int sparse_row(const struct grid *g, size_t n, const float *x,
                                                const unsigned char *mask, float *p)
{
    struct gathered sparse;
    double e[SPARSE + LANES];
    if (!gather(&sparse, n, x, mask, p)) return 0;
    struct row r = {sparse.x, sparse.mask, sparse.p, e, 0};
    if (sparse.count > 0) {
        begin(sparse.count, &r);
        finish(g, sparse.count, &r);
    }
    scatter(&sparse, p);
    return 1;
}

/* A row is scaled after the exponentials of the next have been started: meanwhile its sum gets ready. */
static inline __attribute__((always_inline)) void rounded_rows(const struct grid *g, size_t rows, size_t n,
                                                               const float *x, const unsigned char *mask, float *p)
{
    if (rows == 0 || n == 0) return;
    const size_t room = (n + 7) / 8 * 8; /* whole cache lines */
    double *scratch = aligned_alloc(64, 2 * room * sizeof *scratch);
    struct row before = {.sum = 0};
    if (scratch == NULL) {
        fprintf(stderr, "correctly_rounded: out of memory for rows of %zu entries\n", n);
        exit(2);
    }
    for (size_t r = 0; r < rows; r++) {
        struct row now = {x + r * n, mask + r * n, p + r * n, r % 2 ? scratch + room : scratch, 0};
        if (!looks_sparse(n, now.mask) || !sparse_row(g, n, now.x, now.mask, now.p)) begin(n, &now);
        finish(g, n, &before);
        before = now;
    }
    finish(g, n, &before);
    free(scratch);
}

static void rounded_f32(size_t rows, size_t n, const float *x, const unsigned char *mask, float *p)
{
    rounded_rows(&(const struct grid){24, -149}, rows, n, x, mask, p);
}
static void rounded_bf16(size_t rows, size_t n, const float *x, const unsigned char *mask, float *p)
{
    rounded_rows(&(const struct grid){8, -133}, rows, n, x, mask, p);
}
static void rounded_f16(size_t rows, size_t n, const float *x, const unsigned char *mask, float *p)
{
    rounded_rows(&(const struct grid){11, -24}, rows, n, x, mask, p);
}
