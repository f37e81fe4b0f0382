/* decide_row - tier 2 of correctly_rounded: double-doubles, LANES entries at a time.  An entry is decided if its
   probability lies farther from the midpoint of two words than the error bound; else it is left, NaN, to tier 3.
   Who includes it has named the operations on LANES doubles.
   SPDX-License-Identifier: MIT */
#include "exp_double_double.h"
#include "rounded.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REACH 800.0 /* below the maximum by more: p < 2^-1154, less than half of the smallest subnormal, 2^-1075 */

/* The error of a probability, relative, in u^2 = 2^-106: the exponential 64 (EXP_DOUBLE_DOUBLE_BOUND) and those of the
   sum as much; the sum 3 for each of at most 64 + n/64 + 3 additions; 1/sum 12; the product 5.  What is left out of the
   sum or put into it, below 2^-898 each, is nothing.  346 + 3 n/64: we say 1024 + n/16. */
#define DECIDE_BOUND 0x1p-96 /* the relative error of e^(x - max) * (1/sum) in double-doubles, and for each */
#define DECIDE_BOUND_PER_ENTRY 0x1p-110 /* entry of the row so much more */

/* --- the exponentials of a row, and their sum --- */

struct task {
    size_t n;
    const double *x;
    const unsigned char *mask;
    double *p, max; /* the largest valid logit */
    double *e;      /* room for a struct lanes for every LANES entries */
};

/* e^(x - max) = m 2^power of LANES entries; m is 0 where masked or out of REACH. */
struct lanes {
    struct dd m;
    vec power;
};
static inline void store_lanes(const struct task *t, size_t i, struct lanes a)
{
    v_store(t->e + 3 * i, a.m.high);
    v_store(t->e + 3 * i + LANES, a.m.low);
    v_store(t->e + 3 * i + 2 * LANES, a.power);
}
static inline struct lanes load_lanes(const struct task *t, size_t i)
{
    const double *e = t->e + 3 * i;
    return (struct lanes){{v_load(e), v_load(e + LANES)}, v_load(e + 2 * LANES)};
}

/* x - max, exactly, of LANES entries, of which some or all may be beyond the end; 0 where there is no weight. */
static inline struct dd difference(const struct task *t, size_t i, pick *weight)
{
    const size_t count = t->n <= i ? 0 : t->n - i;
    const vec x = count < LANES ? v_load_part(t->x + i, count) : v_load(t->x + i);
    const pick valid = count < LANES ? pick_valid_part(t->mask + i, count) : pick_valid(t->mask + i);
    const struct dd d = exact_sum(x, v_all(-t->max));
    *weight = pick_and(valid, pick_not_below(d.high, v_all(-REACH)));
    return (struct dd){v_where(*weight, d.high), v_where(*weight, d.low)};
}

static inline vec power_of_2(vec k) /* 2^k, -1022 <= k <= 1023 */
{
    return v_add_bits_48(v_all(1), v_fma(k, v_all(16), v_all(MAGIC)));
}

/* The sum of the lanes, in double-doubles, as it stands in each: those half of them away join in turn. */
static inline struct dd total_of(struct dd a)
{
    double high[2 * LANES], low[2 * LANES];
    for (size_t half = LANES / 2; half > 0; half /= 2) {
        v_store(high, a.high), v_store(high + LANES, a.high);
        v_store(low, a.low), v_store(low + LANES, a.low);
        a = dd_add(a, (struct dd){v_load(high + half), v_load(low + half)});
    }
    v_store(high, a.high), v_store(low, a.low);
    return dd_all(high[0], low[0]);
}

/* 64 vectors to a group: a term passes at most 64 + n/64 + 3 additions. */
static struct dd sum_of(const struct task *t)
{
    struct dd sum = dd_all(0, 0), group = sum;
    for (size_t i = 0, added = 2; i < t->n; i += 2 * LANES, added += 2) {
        pick weight[2];
        const struct dd d[2] = {difference(t, i, &weight[0]), difference(t, i + LANES, &weight[1])};
        struct dd m[2] = {dd_all(0, 0), dd_all(0, 0)};
        vec power[2] = {v_all(0), v_all(0)};
        if (pick_any(weight[0]) || pick_any(weight[1])) exp_parts(d, m, power);
        for (int w = 0; w < 2; w++) {
            m[w] = (struct dd){v_where(weight[w], m[w].high), v_where(weight[w], m[w].low)};
            store_lanes(t, i + (size_t)w * LANES, (struct lanes){m[w], power[w]});
            const vec scale = power_of_2(v_max(power[w], v_all(-900)));
            group = dd_add(group, (struct dd){v_mul(m[w].high, scale), v_mul(m[w].low, scale)});
        }
        if (added % 64 != 0) continue;
        sum = dd_add(sum, group);
        group = dd_all(0, 0);
    }
    return total_of(dd_add(sum, group));
}

/* 1/a, the same in each lane: one step of Newton's from r = RN(1/a.high).  1 - a.high r is exact, at most u; what is
   rounded of the rest, and the square that the step leaves, are below 12 u^2. */
static struct dd inverse(struct dd a)
{
    double high[LANES];
    v_store(high, a.high);
    const vec r = v_all(1 / high[0]), p = v_mul(a.high, r);
    const vec rest = v_sub(v_sub(v_sub(v_all(1), p), v_product_error(a.high, r, p)), v_mul(a.low, r));
    return exact_sum_ordered(r, v_mul(r, rest));
}

/* --- rounding --- */

static inline vec v_negative_unless(pick k, vec a) { return v_where_else(k, a, v_sub(v_all(0), a)); }

struct target {
    vec least, spacing; /* exponent of the smallest subnormal; of the words from 1 to 2 */
};

/* q 2^k rounded to the grid, or NaN if q lies within the margin, relative, of a midpoint.  q = 0, or 2^-60 < q < 4. */
static inline vec rounded_or_nan(const struct target *t, struct dd q, vec k, vec margin)
{
    vec power = v_power_of_2_in(q.high);
    const pick just_below = pick_and(pick_above(v_all(0), q.low), pick_not_below(power, q.high));
    power = v_where_else(just_below, v_mul(power, v_all(0.5)), power); /* a power of 2: the spacing is the finer one */
    const vec depth = v_max(v_sub(k, t->least), v_all(-100)), least = v_max(v_sub(v_all(0), depth), v_all(-200));
    const vec spacing = v_max(v_mul(power, t->spacing), power_of_2(least));
    const vec half = v_mul(spacing, v_all(0.5)), c = v_mul(spacing, v_all(0x1p52));
    const vec nearest = v_where_else(pick_not_below(q.high, c), q.high, v_sub(v_add(q.high, c), c));
    const vec off = v_sub(q.high, nearest); /* exact, as all is but the last addition: off and half are near each other,
                                               or else too far apart for q.low to count */
    const pick up = pick_above(v_add(off, q.low), v_all(0));
    const vec beyond = v_add(v_sub(v_negative_unless(up, off), half), v_negative_unless(up, q.low)); /* the midpoint */
    vec word = v_where_else(pick_above(beyond, v_all(0)), v_add(nearest, v_negative_unless(up, spacing)), nearest);
    const pick open = pick_not_below(v_mul(margin, q.high), v_farther(v_all(0), beyond));
    const vec some = v_max(k, v_all(-600));
    word = v_mul(v_mul(word, power_of_2(some)), power_of_2(v_sub(k, some))); /* exact: on the grid */
    return v_where_else(open, v_all(NAN), word);
}

/* Fill in what is NaN; whether a NaN is left. */
static int decide_open(const struct grid *g, const struct task *t)
{
    const double bound = DECIDE_BOUND + (double)t->n * DECIDE_BOUND_PER_ENTRY;
    const vec margin = v_all(rounded_first_tier() > 2 ? INFINITY : bound);
    const struct dd factor = inverse(sum_of(t));
    const struct target target = {v_all(g->least), v_all(ldexp(1, 1 - g->precision))};
    int left = 0;
    for (size_t i = 0; i < t->n; i += LANES) {
        const size_t count = t->n - i;
        double p[LANES];
        vec found = count < LANES ? v_load_part(t->p + i, count) : v_load(t->p + i);
        const pick open = pick_nan(found);
        if (!pick_any(open)) continue;
        const struct lanes a = load_lanes(t, i);
        found = v_where_else(open, rounded_or_nan(&target, dd_mul(a.m, factor), a.power, margin), found);
        left |= pick_any(pick_nan(found));
        v_store(count < LANES ? p : t->p + i, found);
        if (count < LANES) memcpy(t->p + i, p, count * sizeof *p);
    }
    return left;
}

/* --- rows --- */

static double *room_for(size_t n)
{
    double *room = aligned_alloc(64, (n + 7) / 8 * 64); /* whole cache lines */
    if (room != NULL || n == 0) return room;
    fprintf(stderr, "correctly_rounded: out of memory for a row of %zu doubles\n", n);
    exit(2);
}

static void decide_row(const struct grid *grid, size_t n, const double *x, const unsigned char *mask, double *p)
{
    struct task t = {n, x, mask, p, -INFINITY, NULL};
    int nan = 0;
    for (size_t i = 0; i < n; i++) {
        nan |= mask[i] & (x[i] != x[i]);
        const double v = mask[i] ? x[i] : -INFINITY;
        t.max = v > t.max ? v : t.max;
    }
    if (nan || isinf(t.max)) { /* no distribution: NaN where valid, or all 0 */
        const double where_valid = nan || t.max > 0 ? NAN : 0;
        for (size_t i = 0; i < n; i++) p[i] = mask[i] ? where_valid : 0;
        return;
    }
    t.e = room_for(3 * (n + 2 * LANES));
    if (decide_open(grid, &t)) last_resort(grid, n, x, mask, t.max, p);
    free(t.e);
}

/* Each row by one thread of OpenMP; for less than a million operations it is not worth to wake another. */
static void decide_rows(const struct grid *grid, size_t rows, size_t n, const double *x, const unsigned char *mask,
                        double *p)
{
#pragma omp parallel for schedule(static) if (rows * n > 16384)
    for (size_t r = 0; r < rows; r++) decide_row(grid, n, x + r * n, mask + r * n, p + r * n);
}

static void decide_row_f32(const struct grid *grid, size_t n, const float *x, const unsigned char *mask, float *p)
{
    double *wide = room_for(2 * n);
    for (size_t i = 0; i < n; i++) wide[i] = (double)x[i], wide[n + i] = (double)p[i];
    decide_row(grid, n, wide, mask, wide + n);
    for (size_t i = 0; i < n; i++) p[i] = (float)wide[n + i]; /* exact */
    free(wide);
}
