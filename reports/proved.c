/* proved - see proved.h.  Each function is the number in a statement of proofs/rocq, letter for letter.
   SPDX-License-Identifier: MIT */
#include "proved.h"

#include <math.h>
#include <string.h>

#define FUSED_EXP_BOUND (1.28 * 0x1p-24) /* ExpFused.v, exp_fused_relative */

/* What the implementation computes in. */
struct arithmetic {
    double u;         /* unit roundoff */
    long double tiny; /* half the smallest subnormal */
    double deep;      /* below the maximum by more, exp is less than that: underflows_below in Format.v */
    double normal;    /* and by more than this it is no normal number: ln of the smallest one, negated */
};

static struct arithmetic arithmetic_of(const struct format *f)
{
    if (f == &formats[F64]) return (struct arithmetic){0x1p-53, 0x1p-1075L, 746, 708.39};
    return (struct arithmetic){0x1p-24, 0x1p-150L, 104, 87.33};
}

/* Bound.v, softmax_bound: any tree of that height. */
static struct proved shifted(const struct arithmetic *a, double height, const struct row_shape *row)
{
    const double eps = 2 * a->u, range = fmin(row->range, a->deep);
    const long double w = 2 * a->tiny;
    return (struct proved){(height + 1 + 2 * range) * a->u + 2 * eps + (double)(row->valid * w), 2 * w + a->tiny};
}

static struct proved left_to_right(const struct arithmetic *a, const struct row_shape *row)
{
    return shifted(a, (double)row->valid - 1, row);
}

/* As pairwise.c: halves, down to 8 entries. */
static double height_in_pairs(size_t n) { return n > 8 ? 1 + height_in_pairs(n - n / 2) : (double)n - 1; }

static struct proved in_pairs(const struct arithmetic *a, const struct row_shape *row)
{
    return shifted(a, fmin(height_in_pairs(row->entries), (double)row->valid - 1), row);
}

/* OnlineBound.v, sum_budget: blocks that are right to k, as many merges as there are entries but one. */
static double merged(const struct arithmetic *a, double k, double reach, const struct row_shape *row)
{
    const double eps = 2 * a->u, n = (double)row->valid, lost = (double)(12 * n * 2 * a->tiny + 4 * a->tiny);
    const double rescalings = row->valid > 1 ? 1 + (double)row->growths : 0;
    return k + (n - 1) * (a->u + lost) + rescalings * (eps + a->u) + a->u * reach;
}

/* OnlineBound.v, online_entry_bound. */
static struct proved online(const struct arithmetic *a, const struct row_shape *row)
{
    const double eps = 2 * a->u, sum = merged(a, 0, row->range, row);
    const long double w = 2 * a->tiny;
    if (!(sum <= 0.5)) return (struct proved){INFINITY, 0};
    return (struct proved){(eps + a->u * row->range) + sum + a->u, 8 * w + a->tiny};
}

/* OnlineBound.v, two_pass_entry_bound: references are logits rounded to integers, up to 1/2 away. */
static struct proved two_pass(const struct arithmetic *a, const struct row_shape *row)
{
    const double eps = 2 * a->u, reach = row->range + 1, sum = merged(a, eps, reach, row);
    const double entry = eps + (eps + a->u) + a->u * reach;
    const long double w = 2 * a->tiny;
    if (!(sum <= 0.5 && entry <= 0.5)) return (struct proved){INFINITY, 0};
    return (struct proved){entry + sum + a->u, 8 * (6 * w + a->tiny) + a->tiny};
}

/* Renormalize.v: nothing may underflow, neither an exp nor, of n that sum up to no more than n, its share. */
static bool is_normal(const struct arithmetic *a, const struct row_shape *row)
{
    return row->drop + log((double)row->entries) + 0.1 <= a->normal;
}

static struct proved max_of_all(const struct arithmetic *a, const struct row_shape *row)
{
    const double eps = 2 * a->u;
    if (!is_normal(a, row)) return (struct proved){INFINITY, 0};
    return (struct proved){(double)row->valid * a->u + 2 * (eps + a->u * row->drop), 0};
}

static struct proved renormalize(const struct arithmetic *a, const struct row_shape *row)
{
    const double eps = 2 * a->u;
    if (!is_normal(a, row)) return (struct proved){INFINITY, 0};
    return (struct proved){(double)row->valid * a->u + 2 * (eps + a->u * row->drop + a->u), 0};
}

/* FusedRow.v, fused_row_bound, with the error of its exponential (ExpFused.v) and a sum in any order, in double. */
static struct proved fused(const struct arithmetic *a, const struct row_shape *row)
{
    double additions = (double)row->valid - 1;
    return (struct proved){2 * FUSED_EXP_BOUND + (additions + 2) * 0x1p-53 + a->u + 0x1p-46, a->tiny};
}

static const struct way {
    const char *name, *theorem;
    struct proved (*budget)(const struct arithmetic *, const struct row_shape *); /* K, and the absolute part */
} ways[] = {
    {"left_to_right", "Bound.v softmax_bound", left_to_right},
    {"in_pairs", "Bound.v softmax_bound", in_pairs},
    {"online", "OnlineBound.v online_entry_bound", online},
    {"two_pass", "OnlineBound.v two_pass_entry_bound", two_pass},
    {"max_of_all", "Renormalize.v max_of_all_bound", max_of_all},
    {"renormalize", "Renormalize.v renormalize_bound", renormalize},
    {"fused", "FusedRow.v fused_row_bound", fused},
    {"rounded", "Bound.v RN_error", NULL},
};
enum { WAYS = sizeof ways / sizeof *ways };

static const struct way *way_named(const char *name)
{
    for (size_t i = 0; i < WAYS; i++)
        if (strcmp(ways[i].name, name) == 0) return &ways[i];
    return NULL;
}

const char *proved_theorem(const char *bound)
{
    const struct way *way = way_named(bound);
    return way != NULL ? way->theorem : NULL;
}

struct proved proved_of(const char *bound, const struct format *f, const struct row_shape *row)
{
    const struct way *way = way_named(bound);
    const struct arithmetic a = arithmetic_of(f);
    const double u = ldexp(1, -f->precision);
    const long double tiny = ldexpl(1, format_grid(f) - 1);
    if (way == NULL) return (struct proved){INFINITY, INFINITY};
    if (way->budget == NULL) return (struct proved){1, tiny};
    struct proved p = way->budget(&a, row);
    p.relative = p.relative < 1 ? p.relative / (1 - p.relative) : INFINITY;
    if (f->precision < 24) { /* Numbers.v, rounded_to_16_bits */
        p.relative = u + p.relative + u * p.relative;
        p.absolute = (1 + u) * p.absolute + tiny;
    }
    p.relative /= u;
    return p;
}

double proved_by_others(const struct row_shape *row) { return (double)row->valid + 2 + 2 * row->range; }
