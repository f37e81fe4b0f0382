/* decide_row - tier 2 of correctly_rounded: double-doubles.  An entry is decided if its probability lies farther from
   the midpoint of two words than the error bound; else it is left, NaN, to tier 3.
   SPDX-License-Identifier: MIT */
#include "one_double.h"

#include "double_double.h"
#include "rounded.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEEP 800 /* below the maximum by more: p < 2^-1154, less than half of the smallest subnormal, 2^-1075 */
#define BLOCK 64

/* The error of a probability, relative, in u^2 = 2^-106: the exponential 2^-100 = 64 and those of the sum as much; the
   sum 3 for each of at most 64 + 64 + n/4096 additions; 1/sum 12; the product 5.  What is left out of the sum, below
   2^-900 each, is nothing.  529 + 3 n/4096: claimed 2^-96 + n 2^-114, which is 1024 + n/256. */
static double error_bound(size_t n) { return 0x1p-96 + (double)n * 0x1p-114; }

/* --- the entries of a row in blocks --- */

struct block {
    size_t count, next; /* entries in it; where in the row to go on */
    size_t at[BLOCK];
    double high[BLOCK], low[BLOCK];                   /* x - max, exactly */
    double m_high[BLOCK], m_low[BLOCK], power[BLOCK]; /* e^(x - max) = m 2^power */
};

struct task {
    size_t n;
    const double *x;
    const unsigned char *mask;
    double *p, max;
    kernel_exp *exp;
};

static int has_weight(const struct task *t, size_t i) { return t->mask[i] && t->x[i] - t->max >= -DEEP; }

/* The next entries of the row that have weight, all of them or only the NaN ones; 0: no more. */
static size_t next_block(const struct task *t, int all, struct block *b)
{
    for (b->count = 0; b->next < t->n && b->count < BLOCK; b->next++) {
        if (!has_weight(t, b->next) || (!all && !isnan(t->p[b->next]))) continue;
        struct dd d = exact_sum(t->x[b->next], -t->max);
        b->at[b->count] = b->next;
        b->high[b->count] = d.high;
        b->low[b->count++] = d.low;
    }
    const size_t whole = (b->count + 7) / 8 * 8;
    for (size_t k = b->count; k < whole; k++) b->high[k] = b->low[k] = 0;
    t->exp(whole, b->high, b->low, b->m_high, b->m_low, b->power);
    return b->count;
}

/* 2^k, -1022 <= k <= 1023 */
static double power_of_2(int k)
{
    uint64_t bits = (uint64_t)(k + 1023) << 52;
    double power;
    memcpy(&power, &bits, sizeof power);
    return power;
}

static int exponent_of(double a) /* a > 0, and normal */
{
    uint64_t bits;
    memcpy(&bits, &a, sizeof bits);
    return (int)(bits >> 52) - 1023;
}

/* 64 to a block, 64 blocks to a group: a term passes at most 64 + 64 + n/4096 additions. */
static struct dd sum_of(const struct task *t)
{
    struct dd sum = {0, 0}, group = {0, 0};
    struct block b = {.next = 0};
    for (size_t blocks = 1; next_block(t, 1, &b) > 0; blocks++) {
        struct dd part[4] = {{0, 0}}; /* chains that need not wait for each other */
        for (size_t k = 0; k < b.count; k++) {
            const double scale = b.power[k] < -900 ? 0 : power_of_2((int)b.power[k]);
            part[k % 4] = dd_add(part[k % 4], (struct dd){b.m_high[k] * scale, b.m_low[k] * scale});
        }
        group = dd_add(group, dd_add(dd_add(part[0], part[1]), dd_add(part[2], part[3])));
        if (blocks % 64 != 0) continue;
        sum = dd_add(sum, group);
        group = (struct dd){0, 0};
    }
    return dd_add(sum, group);
}

/* 1/a: one step of Newton's from r = RN(1/a.high).  1 - a.high r is exact, at most u; what is rounded of the rest, and
   the square that the step leaves, are below 12 u^2. */
static struct dd inverse(struct dd a)
{
    const double r = 1 / a.high, p = a.high * r;
    const double rest = ((1 - p) - v_product_error(a.high, r, p)) - a.low * r;
    return exact_sum_ordered(r, r * rest);
}

/* --- rounding --- */

/* q 2^k rounded to the grid, or NaN if q lies within the margin of a midpoint.  2^-60 < q < 4. */
static double rounded(const struct grid *g, struct dd q, int k, double margin)
{
    int exponent = exponent_of(q.high);
    if (q.low < 0 && q.high == power_of_2(exponent))
        exponent--; /* just below a power of 2: the unit is the finer one */
    int unit = exponent - (g->precision - 1);
    if (unit < g->least - k) unit = g->least - k;
    if (unit > exponent + 2) return 0; /* less than half of the smallest subnormal by a factor of two */
    const double spacing = power_of_2(unit), word = rint(q.high * power_of_2(-unit)) * spacing;
    const double off = q.high - word; /* exact, as all is but the last addition: off and spacing/2 are near each other,
                                         or else too far apart for q.low to count */
    const double away = off > 0 || (off == 0 && q.low > 0) ? 1 : -1;
    const double beyond = (away * off - spacing / 2) + away * q.low; /* the midpoint */
    if (fabs(beyond) <= margin * q.high) return NAN;
    return (beyond > 0 ? word + away * spacing : word) * power_of_2(k / 2) *
           power_of_2(k - k / 2); /* exact: on the grid */
}

/* --- a row --- */

void decide_row(const struct grid *grid, kernel_exp *exp, size_t n, const double *x, const unsigned char *mask,
                double *p)
{
    struct task t = {n, x, mask, p, -INFINITY, exp};
    int nan = 0, open = 0;
    for (size_t i = 0; i < n; i++) {
        if (mask[i] && isnan(x[i])) nan = 1;
        if (mask[i] && x[i] > t.max) t.max = x[i];
    }
    const int numbers = !nan && isfinite(t.max); /* else NaN where valid, or all 0 */
    for (size_t i = 0; i < n; i++)
        if (isnan(p[i]) && !(mask[i] && (nan || t.max == INFINITY)) && !(numbers && has_weight(&t, i))) p[i] = 0;
    if (!numbers) return;

    const double margin = rounded_first_tier() > 2 ? INFINITY : error_bound(n);
    const struct dd factor = inverse(sum_of(&t));
    struct block b = {.next = 0};
    while (next_block(&t, 0, &b) > 0)
        for (size_t k = 0; k < b.count; k++) {
            struct dd q = dd_mul((struct dd){b.m_high[k], b.m_low[k]}, factor);
            p[b.at[k]] = rounded(grid, q, (int)b.power[k], margin);
            open |= isnan(p[b.at[k]]);
        }
    if (open) last_resort(grid, n, x, mask, t.max, p);
}

void decide_row_f32(const struct grid *grid, kernel_exp *exp, size_t n, const float *x, const unsigned char *mask,
                    float *p)
{
    double *wide = calloc(2 * n, sizeof *wide);
    if (wide == NULL) {
        fprintf(stderr, "correctly_rounded: out of memory for a row of %zu entries\n", n);
        exit(2);
    }
    for (size_t i = 0; i < n; i++) wide[i] = (double)x[i], wide[n + i] = (double)p[i];
    decide_row(grid, exp, n, wide, mask, wide + n);
    for (size_t i = 0; i < n; i++) p[i] = (float)wide[n + i]; /* exact */
    free(wide);
}
