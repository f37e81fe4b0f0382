/* fused_rows - the fused masked softmax, written once; who includes it has named the operations on LANES floats.

   e^x = 2^k e^r, k = round(x / ln 2), r in [-0.35, 0.35].  The shift that keeps sums from overflowing is a power of
   two, taken off k: nothing is subtracted from the logit, so nothing of it is rounded off (64 ulp in softmax(x - max)).
   Rows whose valid logits all lie in [-30, 30] need no shift and no look at the maximum; others go to wide_row.
   SPDX-License-Identifier: MIT */
#include "sparse.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#define MAGIC 0x1.8p23f    /* v + MAGIC rounds v to an integer, and holds it in its last bits */
#define CALM 30.0f         /* up to here e^x, sums of 2^24 of them and their quotients are normal numbers */
#define TOP 80             /* wide rows: the largest exponential is about 2^80, so that the least is normal, too */
#define DEPTH 112.0f       /* below the maximum by more than that p is less than half of 2^-149, and rounds to 0 */
#define HUGE_SHIFT 0x1p18f /* beyond, x - max is exact wherever x - max >= -DEPTH, and is the logit */

#define AHEAD 512 /* entries that are fetched before they are needed */

/* e^x 2^-n for magic = MAGIC - n, and 0 where not valid.  The polynomial is within 3.3e-9 of e^r; Sollya:
   fpminimax(exp(x), [|2,3,4,5,6|], [|SG...|], [-0.34658; 0.34658], relative, 1 + x). */
static inline __attribute__((always_inline)) vec exp_where(pick valid, vec x, vec magic)
{
    vec t = v_fma(x, v_all(0x1.715476p+0f), magic), k = v_sub(t, magic);
    vec r = v_minus_ln2(x, k);
    vec q = v_fma(v_all(0x1.694c82p-10f), r, v_all(0x1.12397cp-7f));
    q = v_fma(q, r, v_all(0x1.555a26p-5f));
    q = v_fma(q, r, v_all(0x1.555492p-3f));
    q = v_fma(q, r, v_all(0x1.fffffap-2f));
    q = v_add(v_fma(v_mul(r, r), q, r), v_all(1));
    return v_add_exponent_where(valid, q, t);
}

/* The products of a row with 1/sum, as an unevaluated sum of two floats: no rounding of 1/sum itself. */
struct factor {
    vec high, low;
};
static inline struct factor factor_of(double f)
{
    float high = (float)f;
    return (struct factor){v_all(high), v_all((float)(f - (double)high))};
}
static inline vec times(vec e, struct factor f) { return v_fma(e, f.high, v_mul(e, f.low)); }

/* --- calm rows: two passes --- */

struct exp_pass {
    vec magic, farthest; /* the largest magnitude of a valid logit; NaN need not show in it, but does in the sum */
    sum sum;
};

static inline __attribute__((always_inline)) vec exp_step(struct exp_pass *s, const float *x, const unsigned char *mask,
                                                          float *p)
{
    __builtin_prefetch(x + AHEAD);
    __builtin_prefetch(p + AHEAD, 1);
    pick valid = pick_valid(mask);
    vec v = v_where(valid, v_load(x)), e = exp_where(valid, v, s->magic);
    s->farthest = v_farther(s->farthest, v);
    v_store(p, e);
    return e;
}

/* p = e^x where valid, else 0; the sum of it.  Four vectors a turn: their chains of multiplications overlap, and one
   conversion to double serves them all. */
static double exp_row(size_t n, const float *x, const unsigned char *mask, float *p, int *beyond)
{
    struct exp_pass s = {v_all(MAGIC), v_all(0), sum_none()};
    sum t = sum_none();
    size_t i = 0;
    for (; i + 4 * LANES <= n; i += 4 * LANES) {
        vec a = exp_step(&s, x + i, mask + i, p + i);
        vec b = exp_step(&s, x + i + LANES, mask + i + LANES, p + i + LANES);
        vec c = exp_step(&s, x + i + 2 * LANES, mask + i + 2 * LANES, p + i + 2 * LANES);
        vec d = exp_step(&s, x + i + 3 * LANES, mask + i + 3 * LANES, p + i + 3 * LANES);
        s.sum = sum_add(sum_add(s.sum, a), b);
        t = sum_add(sum_add(t, c), d);
    }
    for (; i + LANES <= n; i += LANES) s.sum = sum_add(s.sum, exp_step(&s, x + i, mask + i, p + i));
    if (i < n) {
        pick valid = pick_valid_part(mask + i, n - i);
        vec v = v_where(valid, v_load_part(x + i, n - i)), e = exp_where(valid, v, s.magic);
        s.farthest = v_farther(s.farthest, v);
        v_store_part(p + i, e, n - i);
        s.sum = sum_add(s.sum, e);
    }
    *beyond = pick_any(pick_beyond(s.farthest, v_all(CALM)));
    return sum_total(s.sum) + sum_total(t);
}

static void scale_row(size_t n, float *p, double factor)
{
    const struct factor f = factor_of(factor);
    size_t i = 0;
    for (; i + LANES <= n; i += LANES) v_store(p + i, times(v_load(p + i), f));
    if (i < n) v_store_part(p + i, times(v_load_part(p + i, n - i), f), n - i);
}

/* --- wide rows: the maximum first, and quotients down to the subnormal ones --- */

struct extent {
    float max; /* of the valid logits; -inf if there is none */
    int nan;
};

static struct extent extent_of(size_t n, const float *x, const unsigned char *mask)
{
    const vec below = v_all(-INFINITY);
    vec max = below;
    pick nan = pick_none();
    for (size_t i = 0; i < n; i += LANES) {
        size_t count = n - i < LANES ? n - i : LANES;
        pick valid = pick_valid_part(mask + i, count);
        vec v = v_where_else(valid, v_load_part(x + i, count), below);
        nan = pick_or(nan, pick_beyond(v, v_all(INFINITY)));
        max = v_max(v, max);
    }
    return (struct extent){v_largest(max), pick_any(nan)};
}

/* Gradual underflow without subnormal operands, which cost a hundred cycles each: all is held 2^96 too large, and at
   the end what is below 2^-126 is rounded to a whole number of 2^-149, the bits of which are the subnormal number. */
static void wide_row(size_t n, const float *x, const unsigned char *mask, float *p)
{
    const struct extent e = extent_of(n, x, mask);
    if (e.nan || isinf(e.max)) { /* no distribution: NaN where valid, or all 0 */
        float where_valid = e.nan || e.max > 0 ? NAN : 0;
        for (size_t i = 0; i < n; i++) p[i] = mask[i] ? where_valid : 0;
        return;
    }
    const float shift = fabsf(e.max) >= HUGE_SHIFT ? e.max : 0, top = e.max - shift;
    const vec magic = v_all(MAGIC - (rintf(top * 0x1.715476p+0f) - TOP)), least = v_all(top - DEPTH);
    sum s = sum_none();
    for (size_t i = 0; i < n; i += LANES) {
        size_t count = n - i < LANES ? n - i : LANES;
        pick valid = pick_valid_part(mask + i, count);
        vec v = v_max(v_sub(v_load_part(x + i, count), v_all(shift)), least);
        vec exponential = exp_where(valid, v_where_else(valid, v, least), magic);
        v_store_part(p + i, exponential, count);
        s = sum_add(s, exponential);
    }
    const struct factor f = factor_of(0x1p96 / sum_total(s));
    for (size_t i = 0; i < n; i += LANES) {
        size_t count = n - i < LANES ? n - i : LANES;
        v_store_part(p + i, v_lower_96(times(v_load_part(p + i, count), f)), count);
    }
}

/* --- very sparse rows: the valid entries are gathered, and are a row of their own --- */

static void one_row(size_t n, const float *x, const unsigned char *mask, float *p)
{
    int beyond;
    double total = exp_row(n, x, mask, p, &beyond);
    if (beyond || !(total > 0))
        wide_row(n, x, mask, p);
    else
        scale_row(n, p, 1 / total);
}

/* False, and nothing done, if the row is not sparse. */
static __attribute__((noinline)) int sparse_row(size_t n, const float *x, const unsigned char *mask, float *p)
{
    struct gathered g;
    if (!gather(&g, n, x, mask, p)) return 0;
    if (g.count > 0) one_row(g.count, g.x, g.mask, g.p);
    scatter(&g, p);
    return 1;
}

/* --- a batch --- */

/* A row is scaled after the exponentials of the next have been started: its sum and 1/sum are a long chain of
   dependent operations, and meanwhile there is something else to do. */
static void fused_rows(size_t rows, size_t n, const float *x, const unsigned char *mask, float *p)
{
    double before = 0; /* 1/sum of the row before, if it is to be scaled */
    for (size_t r = 0; r < rows; r++, x += n, mask += n, p += n) {
        int beyond = 0;
        double total = 0;
        int done = looks_sparse(n, mask) && sparse_row(n, x, mask, p);
        if (!done) total = exp_row(n, x, mask, p, &beyond);
        if (before > 0) scale_row(n, p - n, before);
        before = 0;
        if (!done && (beyond || !(total > 0)))
            wide_row(n, x, mask, p);
        else if (!done)
            before = 1 / total;
    }
    if (before > 0) scale_row(n, p - n, before);
}

static void copy_rows(size_t rows, size_t n, const float *x, const unsigned char *mask, float *p)
{
    size_t count = rows * n, i = 0;
    for (; i + LANES <= count; i += LANES) {
        __builtin_prefetch(x + i + AHEAD);
        __builtin_prefetch(p + i + AHEAD, 1);
        v_store(p + i, v_where(pick_valid(mask + i), v_load(x + i)));
    }
    if (i < count)
        v_store_part(p + i, v_where(pick_valid_part(mask + i, count - i), v_load_part(x + i, count - i)), count - i);
}
