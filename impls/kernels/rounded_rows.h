/* rounded_rows - tier 1 of correctly_rounded, written once; who includes it has named the operations on LANES doubles.

   e^x in double, with no shift where all valid logits lie in [-300, 300]; the sum in double; and each quotient with a
   test whether a midpoint of two words lies within its error bound: if not, it rounds to the word of the exact value
   (proved in proofs/rocq/RoundedRow.v).
   Seen in: Ziv, Fast Evaluation of Elementary Mathematical Functions with Correctly Rounded Last Bit, ACM TOMS 17(3),
   1991, for one function; the softmax is ours.
   SPDX-License-Identifier: MIT */
#include "decide_row.h"
#include "exp_double.h"
#include "rounded.h"
#include "sparse.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CALM 300.0         /* e^300 < 2^433: sums of any length, their inverses and all quotients are normal numbers */
#define CLOSE 35.0         /* and if all lie so close to 0: p > e^-70/n > 2^-125 for n <= 2^24, a normal float */
#define DEEP 150.0         /* below the maximum by more p < 2^-216, which is 0 in each format, and nothing to the sum */
#define SHORT (16 * LANES) /* entries: rows up to that are done several at a time */
#define FLAT 1024          /* entries of so many short rows */
#define LONG 200000        /* entries: beyond, their exponentials leave the second cache before they are scaled */
#define AHEAD 512          /* entries that are fetched before they are needed */

/* --- the error, in units of u = 2^-53, the most that one rounding does; proved in proofs/rocq: the theorem's name
   stands beside ---

   e^x: 2 u (EXP_DOUBLE_BOUND, exp_double_bound), for |x| <= 450; the shift of wide rows is exact (exp_wide_row).

   The sum (row_sum_error): all terms are positive, and an exponential passes two additions in its group of four vectors
   and at most three in its block of four groups; the blocks are added with what each addition loses kept apart (Sum2:
   Ogita, Rump and Oishi, Accurate Sum and Dot Product, SIAM J. Sci. Comput. 26(6), 2005, proposition 4.4): 1 u, and
   ((n/16 + 2) u)^2 for the second order; the lanes by halves, 3 u for 8 of them.  So 9 u.  In a short row, 16 vectors
   (short_sum_error), it passes three additions in its sum of every fourth and two of these sums, or two, two and one
   where vectors are left over, and the lanes: 8 u.

   The quotient: 2 u and 2 u of the exponentials, 9 u, 1/sum 1 u, times e^x 1 u: 15 u (double_quotient_error).  What
   lies DEEP below (n 2^-216) and products of these errors are below 2^-40 u each; (n/16 u)^2 is below 2^-13 u for
   n <= 2^24.  So 16 u and (n/16 u)^2 are enough (rounded_bound_is_enough). */
#define ROUNDED_BOUND 0x1p-49 /* the relative error of e^x * (1/sum) for n <= 2^24: 15.001 u; we say 16 u */
static double error_bound(size_t n) { return ROUNDED_BOUND + ((double)n * 0x1p-57) * ((double)n * 0x1p-57); }

/* --- rounding a quotient --- */

/* How to scale a row of exponentials; QUICK is for f32 with all valid logits CLOSE to 0. */
enum way { NOT_AT_ALL, QUICK, ON_ANY_GRID };

/* A format, its numbers as vectors. */
struct format {
    struct grid grid;
    vec least, factor, half, bound;
};
static inline struct format format_of(int precision, int least, size_t n)
{
    return (struct format){{precision, least},
                           v_all(ldexp(1, least + precision - 1)),
                           v_all(ldexp(1.5, 53 - precision)),
                           v_all(ldexp(1, -precision)),
                           v_all(error_bound(n) + 2 * 0x1p-53)};
}

struct scaling {
    vec inverse; /* of the sum */
    pick sure;   /* all lanes, until an entry may round either way */
};
static inline struct scaling scaling_of(double sum) { return (struct scaling){v_all(1 / sum), pick_all()}; }

/* v rounded to the format, as a double: adding and subtracting c, 1.5 2^(53 - precision) times v's power of two.  Sure,
   if v is farther than its error from the midpoint, half a spacing from the word: narrowed_is_right in proofs/rocq.
   off is exact, so the difference may be rounded; bound has 2 u more, for its own rounding and that of v bound.  (The
   midpoint on the other side of the word, and the finer ones below a power of two, are farther away: a quarter of a
   spacing.) */
static inline vec narrowed(const struct format *t, vec v, pick *sure)
{
    vec power = v_max(v_power_of_2_in(v), t->least), c = v_mul(power, t->factor);
    vec word = v_sub(v_add(v, c), c), off = v_farther(v_all(0), v_sub(v, word));
    *sure = pick_above(v_fnma(v, t->bound, v_mul(power, t->half)), off);
    return word;
}

/* The float that v rounds to.  QUICK: v is sure if no midpoint, 1 and 28 zeros below the last bit of a float, lies
   within 16 units of the last place of v, of which each is at least u v (quick_is_right). */
static inline __attribute__((always_inline)) vec rounded_of(const struct format *t, struct scaling *s, enum way way,
                                                            vec e)
{
    vec v = v_mul(e, s->inverse);
    pick sure;
    if (way == QUICK) {
        s->sure = pick_off_midpoint(s->sure, v, (1ull << 28) + 16, (1ull << 29) - 32);
        return v;
    }
    v = narrowed(t, v, &sure);
    s->sure = pick_and(s->sure, sure);
    return v;
}

/* p = e/sum; entries that are not sure may be wrong. */
static inline __attribute__((always_inline)) void scale_row(const struct format *t, struct scaling *s, enum way way,
                                                            size_t n, const double *e, float *p)
{
    size_t i = 0;
    for (; i + LANES <= n; i += LANES) v_store_floats(p + i, rounded_of(t, s, way, v_load(e + i)));
    if (i < n) v_store_floats_part(p + i, rounded_of(t, s, way, v_load_part(e + i, n - i)), n - i);
}

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

static inline __attribute__((always_inline)) vec exp_where(struct pass *s, int wide, vec v, pick valid)
{
    if (wide) {
        v = v_sub(v, s->shift);
        valid = pick_and(valid, pick_not_below(v, s->least));
    } else
        s->farthest = v_farther_where(valid, s->farthest, v);
    return v_where(valid, exp_of(v));
}

/* A row before, which is scaled while the exponentials of the next take its place in the scratch row. */
struct before {
    const float *x;
    const unsigned char *mask;
    float *p;
    enum way way;
    struct scaling scaling;
};

static inline __attribute__((always_inline)) vec exp_step(const struct format *t, struct pass *s, int wide,
                                                          enum way way, size_t i, const float *x,
                                                          const unsigned char *mask, double *e, struct before *b)
{
    __builtin_prefetch(x + i + AHEAD);
    if (way != NOT_AT_ALL) __builtin_prefetch(b->p + i + AHEAD, 1);
    if (way != NOT_AT_ALL) v_store_floats(b->p + i, rounded_of(t, &b->scaling, way, v_load(e + i)));
    vec v = exp_where(s, wide, v_load_floats(x + i), pick_valid(mask + i));
    if (e != NULL) v_store(e + i, v);
    return v;
}

/* e = e^(x - shift) where valid, else 0, to a whole vector; the sum of it.  e may be NULL.  And the row before scaled
   in this way. */
static inline __attribute__((always_inline)) double exp_row(const struct format *t, struct pass *s, int wide,
                                                            enum way way, size_t n, const float *x,
                                                            const unsigned char *mask, double *e, struct before *before)
{
    s->sum = s->lost = s->farthest = v_all(0);
    size_t i = 0;
    while (i + 4 * LANES <= n) {
        vec block = v_all(0);
        const size_t end = n - i > 16 * LANES ? i + 16 * LANES : n;
        for (; i + 4 * LANES <= end; i += 4 * LANES) {
            vec a = exp_step(t, s, wide, way, i, x, mask, e, before);
            vec b = exp_step(t, s, wide, way, i + LANES, x, mask, e, before);
            vec c = exp_step(t, s, wide, way, i + 2 * LANES, x, mask, e, before);
            vec d = exp_step(t, s, wide, way, i + 3 * LANES, x, mask, e, before);
            block = v_add(block, v_add(v_add(a, b), v_add(c, d)));
        }
        add_block(s, block);
    }
    vec block = v_all(0);
    for (; i + LANES <= n; i += LANES) block = v_add(block, exp_step(t, s, wide, way, i, x, mask, e, before));
    if (i < n) {
        if (way != NOT_AT_ALL)
            v_store_floats_part(before->p + i, rounded_of(t, &before->scaling, way, v_load(e + i)), n - i);
        vec v = exp_where(s, wide, v_load_floats_part(x + i, n - i), pick_valid_part(mask + i, n - i));
        if (e != NULL) v_store(e + i, v);
        block = v_add(block, v);
    }
    add_block(s, block);
    return v_total(v_add(s->sum, s->lost));
}

static inline int is_calm(const struct pass *s, double sum)
{
    return sum > 0 && !pick_any(pick_above(s->farthest, v_all(CALM)));
}
static inline enum way way_for(const struct format *t, size_t n, const struct pass *s)
{
    int quick = t->grid.precision == 24 && n <= 1 << 24 && !pick_any(pick_above(s->farthest, v_all(CLOSE)));
    return quick ? QUICK : ON_ANY_GRID;
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
   x >= max - DEEP: |x| >= 150, so both are multiples of 2^-16, and the difference, below 2^8, needs 24 bits
   (wide_row_is_right). */
static __attribute__((noinline)) int exp_wide_row(size_t n, const float *x, const unsigned char *mask, double *e,
                                                  float *p, double *sum)
{
    const struct extent found = extent_of(n, x, mask);
    if (found.nan || isinf(found.max)) {
        const float where_valid = found.nan || found.max > 0 ? NAN : 0;
        for (size_t i = 0; i < n; i++) p[i] = mask[i] ? where_valid : 0;
        return 0;
    }
    const double shift = fabs(found.max) > CALM ? found.max : 0;
    struct pass s = {.shift = v_all(shift), .least = v_all(found.max - shift - DEEP)};
    *sum = exp_row(NULL, &s, 1, NOT_AT_ALL, n, x, mask, e, NULL);
    return 1;
}

/* --- a row by itself --- */

/* Any row; e is room for it.  Where an entry is not sure it becomes NaN, and tier 2 decides it. */
static __attribute__((noinline)) void any_row(const struct format *t, size_t n, const float *x,
                                              const unsigned char *mask, float *p, double *e)
{
    struct pass pass = {.shift = v_all(0)};
    double sum = exp_row(t, &pass, 0, NOT_AT_ALL, n, x, mask, e, NULL);
    if (!is_calm(&pass, sum) && !exp_wide_row(n, x, mask, e, p, &sum)) return;
    struct scaling s = scaling_of(sum);
    for (size_t i = 0; i < n; i += LANES) {
        pick sure;
        vec word = narrowed(t, v_mul(v_load(e + i), s.inverse), &sure);
        s.sure = pick_and(s.sure, sure);
        v_store_floats_part(p + i, v_where_else(sure, word, v_all(NAN)), n - i < LANES ? n - i : LANES);
    }
    if (!pick_is_all(s.sure)) decide_row_f32(&t->grid, n, x, mask, p);
}

static __attribute__((noinline)) void unsure_row(const struct format *t, size_t n, const float *x,
                                                 const unsigned char *mask, float *p)
{
    double *e = room_for(n);
    any_row(t, n, x, mask, p, e);
    free(e);
}

/* A very sparse row: its valid entries are gathered, and are a row of their own.  False, and nothing done, if not. */
static __attribute__((noinline)) int sparse_row(const struct format *t, size_t n, const float *x,
                                                const unsigned char *mask, float *p)
{
    struct gathered sparse;
    double e[SPARSE + LANES];
    if (!gather(&sparse, n, x, mask, p)) return 0;
    if (sparse.count > 0) any_row(t, sparse.count, sparse.x, sparse.mask, sparse.p, e);
    scatter(&sparse, p);
    return 1;
}

/* --- rows: each is scaled while the exponentials of the next are taken, so that one waits for memory while the other
   computes, and the sum has time to get ready --- */

static inline __attribute__((always_inline)) void finish(const struct format *t, size_t n, const struct before *b)
{
    if (b->way != NOT_AT_ALL && !pick_is_all(b->scaling.sure)) unsure_row(t, n, b->x, b->mask, b->p);
}

static inline __attribute__((always_inline)) void dense_rows(const struct format *t, size_t rows, size_t n,
                                                             const float *x, const unsigned char *mask, float *p)
{
    double *e = room_for(n), sum;
    struct before before = {.way = NOT_AT_ALL};
    for (size_t r = 0; r < rows; r++, x += n, mask += n, p += n) {
        struct pass pass = {.shift = v_all(0)};
        if (looks_sparse(n, mask) && sparse_row(t, n, x, mask, p)) continue;
        if (before.way == NOT_AT_ALL)
            sum = exp_row(t, &pass, 0, NOT_AT_ALL, n, x, mask, e, NULL);
        else if (t->grid.precision == 24 && before.way == QUICK)
            sum = exp_row(t, &pass, 0, QUICK, n, x, mask, e, &before);
        else
            sum = exp_row(t, &pass, 0, ON_ANY_GRID, n, x, mask, e, &before);
        finish(t, n, &before);
        before = (struct before){x, mask, p, NOT_AT_ALL, .scaling.sure = pick_all()};
        if (is_calm(&pass, sum))
            before.way = way_for(t, n, &pass);
        else if (exp_wide_row(n, x, mask, e, p, &sum))
            before.way = ON_ANY_GRID;
        if (before.way != NOT_AT_ALL) before.scaling = scaling_of(sum);
    }
    if (before.way == QUICK)
        scale_row(t, &before.scaling, QUICK, n, e, before.p);
    else if (before.way == ON_ANY_GRID)
        scale_row(t, &before.scaling, ON_ANY_GRID, n, e, before.p);
    finish(t, n, &before);
    free(e);
}

/* --- short rows: the exponentials of many of them in one go --- */

static inline __attribute__((always_inline)) double short_sum(size_t n, const double *e)
{
    vec a = v_all(0), b = a, c = a, d = a;
    size_t i = 0;
    for (; i + 4 * LANES <= n; i += 4 * LANES) {
        a = v_add(a, v_load(e + i));
        b = v_add(b, v_load(e + i + LANES));
        c = v_add(c, v_load(e + i + 2 * LANES));
        d = v_add(d, v_load(e + i + 3 * LANES));
    }
    vec rest = v_all(0);
    for (; i + LANES <= n; i += LANES) rest = v_add(rest, v_load(e + i));
    if (i < n) rest = v_add(rest, v_load_part(e + i, n - i));
    return v_total(v_add(v_add(v_add(a, b), v_add(c, d)), rest));
}

static inline __attribute__((always_inline)) void short_rows(const struct format *t, size_t rows, size_t n,
                                                             const float *x, const unsigned char *mask, float *p)
{
    double e[FLAT + LANES], row[FLAT + LANES], sum[FLAT];
    for (size_t at_once = FLAT / n; rows > 0; rows -= at_once) {
        if (at_once > rows) at_once = rows;
        struct pass pass = {.shift = v_all(0), .farthest = v_all(0)};
        const size_t count = at_once * n;
        size_t i = 0;
        for (; i + LANES <= count; i += LANES) exp_step(t, &pass, 0, NOT_AT_ALL, i, x, mask, e, NULL);
        if (i < count)
            v_store(e + i,
                    exp_where(&pass, 0, v_load_floats_part(x + i, count - i), pick_valid_part(mask + i, count - i)));
        const enum way way = way_for(t, n, &pass);
        for (size_t r = 0; r < at_once; r++) sum[r] = short_sum(n, e + r * n);
        for (size_t r = 0; r < at_once; r++, x += n, mask += n, p += n) {
            struct scaling s = scaling_of(sum[r]);
            if (is_calm(&pass, sum[r])) {
                if (t->grid.precision == 24 && way == QUICK)
                    scale_row(t, &s, QUICK, n, e + r * n, p);
                else
                    scale_row(t, &s, ON_ANY_GRID, n, e + r * n, p);
                if (pick_is_all(s.sure)) continue;
            }
            any_row(t, n, x, mask, p, row);
        }
    }
}

/* --- long rows: the exponentials are taken twice, which costs less than to keep them --- */

static inline __attribute__((always_inline)) void exp_and_scale_row(const struct format *t, struct scaling *s,
                                                                    enum way way, size_t n, const float *x,
                                                                    const unsigned char *mask, float *p)
{
    struct pass pass = {.farthest = v_all(0)};
    size_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        __builtin_prefetch(p + i + AHEAD, 1);
        vec e = exp_step(t, &pass, 0, NOT_AT_ALL, i, x, mask, NULL, NULL);
        v_store_floats(p + i, rounded_of(t, s, way, e));
    }
    if (i == n) return;
    vec e = exp_where(&pass, 0, v_load_floats_part(x + i, n - i), pick_valid_part(mask + i, n - i));
    v_store_floats_part(p + i, rounded_of(t, s, way, e), n - i);
}

static inline __attribute__((always_inline)) void long_rows(const struct format *t, size_t rows, size_t n,
                                                            const float *x, const unsigned char *mask, float *p)
{
    for (size_t r = 0; r < rows; r++, x += n, mask += n, p += n) {
        struct pass pass = {.shift = v_all(0)};
        if (looks_sparse(n, mask) && sparse_row(t, n, x, mask, p)) continue;
        const double sum = exp_row(t, &pass, 0, NOT_AT_ALL, n, x, mask, NULL, NULL);
        if (is_calm(&pass, sum)) {
            struct scaling s = scaling_of(sum);
            if (t->grid.precision == 24 && way_for(t, n, &pass) == QUICK)
                exp_and_scale_row(t, &s, QUICK, n, x, mask, p);
            else
                exp_and_scale_row(t, &s, ON_ANY_GRID, n, x, mask, p);
            if (pick_is_all(s.sure)) continue;
        }
        unsure_row(t, n, x, mask, p);
    }
}

/* --- a batch --- */

static inline __attribute__((always_inline)) void rounded_rows(const struct format *t, size_t rows, size_t n,
                                                               const float *x, const unsigned char *mask, float *p)
{
    if (n == 0) return;
    if (n <= SHORT)
        short_rows(t, rows, n, x, mask, p);
    else if (n <= LONG)
        dense_rows(t, rows, n, x, mask, p);
    else
        long_rows(t, rows, n, x, mask, p);
}

static void rounded_f32(size_t rows, size_t n, const float *x, const unsigned char *mask, float *p)
{
    const struct format t = format_of(24, -149, n);
    rounded_rows(&t, rows, n, x, mask, p);
}
static void rounded_bf16(size_t rows, size_t n, const float *x, const unsigned char *mask, float *p)
{
    const struct format t = format_of(8, -133, n);
    rounded_rows(&t, rows, n, x, mask, p);
}
static void rounded_f16(size_t rows, size_t n, const float *x, const unsigned char *mask, float *p)
{
    const struct format t = format_of(11, -24, n);
    rounded_rows(&t, rows, n, x, mask, p);
}
