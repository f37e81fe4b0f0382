/* arb_vjp - g_i = p_i (dy_i - sum p_j dy_j) = e^(v_i) * sum_a D_a e^(v_a) / S^2, the max of x taken from every v, where
   v_a are the distinct logits, D_a is the exact sum of dy_i - dy_j over the entries j of logit v_a, and S = sum
   e^(v_j). Arb's exponents have no bounds: e^(-1e308) is a ball like any other, and no term is dropped. Exact numbers
   are integers, counted in smallest subnormals of the format. SPDX-License-Identifier: MIT */
#include "arb_vjp.h"
#include "arb_cell.h"

#include <stdlib.h>

struct entry {
    double x, dy;
    size_t at; /* in the row */
};

/* All entries of one logit. */
struct group {
    size_t first, count;
    fmpz_t dy; /* their sum */
    arb_t weight;
};

struct gradient {
    const struct format *f;
    struct entry *entry; /* finite valid ones, the largest logit first, equal logits by dy */
    size_t entries;
    struct group *group;
    size_t groups;
    /* of the round: */
    slong bits;
    arb_t below, dy_below; /* sums of e^(v_j) and of dy_j e^(v_j) below the top group */
    arb_t factor;          /* a smallest subnormal / S^2 */
    arb_t mean_numerator;  /* for a dy that is the mean of the top group: see numerator */
    bool mean_numerator_known;
};

static int by_logit_then_dy(const void *left, const void *right)
{
    const struct entry *a = left, *b = right;
    if (a->x != b->x) return a->x < b->x ? 1 : -1;
    return (a->dy > b->dy) - (a->dy < b->dy);
}

static void gradient_init(struct gradient *g, const struct format *f, size_t n, const uint64_t *x, const uint64_t *dy,
                          const unsigned char *mask)
{
    *g = (struct gradient){.f = f, .entry = flint_malloc(n * sizeof *g->entry)};
    for (size_t i = 0; i < n; i++)
        if (mask[i] && word_is_finite(f, x[i]))
            g->entry[g->entries++] = (struct entry){word_value(f, x[i]), word_value(f, dy[i]), i};
    qsort(g->entry, g->entries, sizeof *g->entry, by_logit_then_dy);
    for (size_t e = 0; e < g->entries; e++) g->groups += e == 0 || g->entry[e].x != g->entry[e - 1].x;
    g->group = flint_malloc(g->groups * sizeof *g->group);
    struct group *group = g->group;
    fmpz_t units;
    fmpz_init(units);
    for (size_t e = 0; e < g->entries; e++) {
        if (e == 0 || g->entry[e].x != g->entry[e - 1].x) {
            group = e == 0 ? g->group : group + 1;
            *group = (struct group){.first = e};
            fmpz_init(group->dy);
            arb_init(group->weight);
        }
        group->count++;
        units_of(units, f, g->entry[e].dy);
        fmpz_add(group->dy, group->dy, units);
    }
    fmpz_clear(units);
    arb_init(g->below);
    arb_init(g->dy_below);
    arb_init(g->factor);
    arb_init(g->mean_numerator);
}

static void gradient_clear(struct gradient *g)
{
    for (size_t a = 0; a < g->groups; a++) {
        fmpz_clear(g->group[a].dy);
        arb_clear(g->group[a].weight);
    }
    flint_free(g->group);
    flint_free(g->entry);
    arb_clear(g->below);
    arb_clear(g->dy_below);
    arb_clear(g->factor);
    arb_clear(g->mean_numerator);
}

/* e^(x - max), of an exact difference; arb_exp wants as many more bits as a huge exponent has. */
static void exp_of_exact_difference(arb_t y, double x, double max, slong bits)
{
    arf_t d;
    arf_init(d);
    arf_set_d(d, max);
    arf_set_d(arb_midref(y), x);
    mag_zero(arb_radref(y));
    arf_sub(arb_midref(y), arb_midref(y), d, ARF_PREC_EXACT, ARF_RND_DOWN);
    arb_exp(y, y, arf_cmpabs_2exp_si(arb_midref(y), 60) < 0 ? bits : bits + 1100);
    arb_set_round(y, y, bits);
    arf_clear(d);
}

/* Everything of a round that the entries share. */
static void weigh_groups(struct gradient *g, slong bits)
{
    arb_t term;
    arb_init(term);
    g->bits = bits;
    g->mean_numerator_known = false;
    arb_zero(g->below);
    arb_zero(g->dy_below);
    arb_one(g->group[0].weight);
    for (size_t a = 1; a < g->groups; a++) {
        struct group *group = &g->group[a];
        exp_of_exact_difference(group->weight, g->entry[group->first].x, g->entry[0].x, bits);
        arb_mul_ui(term, group->weight, group->count, bits);
        arb_add(g->below, g->below, term, bits + 32); /* so that 2^24 roundings do not show */
        arb_mul_fmpz(term, group->weight, group->dy, bits);
        arb_add(g->dy_below, g->dy_below, term, bits + 32);
    }
    arb_add_ui(g->factor, g->below, g->group[0].count, bits);
    arb_mul(g->factor, g->factor, g->factor, bits);
    arb_inv(g->factor, g->factor, bits);
    arb_mul_2exp_si(g->factor, g->factor, format_grid(g->f));
    arb_clear(term);
}

/* D_a for an entry of this dy. */
static void group_difference(fmpz_t d, const struct group *group, const fmpz_t dy)
{
    fmpz_mul_ui(d, dy, group->count);
    fmpz_sub(d, d, group->dy);
}

/* sum D_a e^(v_a) for an entry of this dy.  False: it is 0, every D_a being 0.  Where D of the top group is not 0, the
   rest is added as dy * below - dy_below.  Else dy is the mean of that group; only one value is, and for that the sum
   over the other groups is taken from the exact D_a, so that groups of the same mean leave no rounding behind. */
static bool numerator(arb_t sum, struct gradient *g, const fmpz_t dy, const fmpz_t top_difference)
{
    if (!fmpz_is_zero(top_difference)) {
        arb_mul_fmpz(sum, g->below, dy, g->bits);
        arb_sub(sum, sum, g->dy_below, g->bits);
        arb_add_fmpz(sum, sum, top_difference, g->bits);
        return true;
    }
    if (!g->mean_numerator_known) {
        arb_zero(g->mean_numerator);
        fmpz_t d;
        fmpz_init(d);
        for (size_t a = 1; a < g->groups; a++) {
            group_difference(d, &g->group[a], dy);
            arb_mul_fmpz(sum, g->group[a].weight, d, g->bits);
            arb_add(g->mean_numerator, g->mean_numerator, sum, g->bits + 32);
        }
        fmpz_clear(d);
        g->mean_numerator_known = true;
    }
    arb_set(sum, g->mean_numerator);
    return !arb_is_zero(sum);
}

/* --- the top group, where the rest of the row is far below ---

   There g_i is close to the rational D/k^2, D of the top group and k its size, which may be an edge: then the side on
   which g_i lies is the sign of its deviation, g_i - D/k^2 = Q / (k S)^2 with, sums over the groups below the top,

     Q = sum_a c_a e^(v_a) - D (sum_a k_a e^(v_a))^2,    c_a = k^2 D_a - 2 k D k_a.

   The c_a may vanish, and terms of equal exponent may cancel: the terms are collected by their exact exponents. */

enum { SQUARED_TERM_BY_TERM = 32 }; /* of the groups below the top; the square of more would have too many terms */

struct term {
    fmpz_t exponent, coefficient;
    arb_t power; /* e^exponent */
};

static int by_exponent(const void *left, const void *right)
{
    const struct term *a = left, *b = right;
    return fmpz_cmp(a->exponent, b->exponent);
}

static struct term *next_term(struct term *terms, size_t *count)
{
    struct term *t = &terms[(*count)++];
    fmpz_init(t->exponent);
    fmpz_init(t->coefficient);
    arb_init(t->power);
    return t;
}

/* v_a, without the max. */
static void group_exponent(fmpz_t exponent, const struct gradient *g, size_t a)
{
    fmpz_t max;
    fmpz_init(max);
    units_of(exponent, g->f, g->entry[g->group[a].first].x);
    units_of(max, g->f, g->entry[0].x);
    fmpz_sub(exponent, exponent, max);
    fmpz_clear(max);
}

/* The terms c_a e^(v_a), and those of the square over the first `squared` groups below the top. */
static size_t list_terms(struct term *terms, const struct gradient *g, const fmpz_t dy, const fmpz_t d, size_t squared)
{
    size_t count = 0;
    ulong k = g->group[0].count;
    for (size_t a = 1; a < g->groups; a++) {
        struct term *t = next_term(terms, &count);
        group_exponent(t->exponent, g, a);
        group_difference(t->coefficient, &g->group[a], dy);
        fmpz_mul_ui(t->coefficient, t->coefficient, k);
        fmpz_submul_ui(t->coefficient, d, 2 * g->group[a].count);
        fmpz_mul_ui(t->coefficient, t->coefficient, k);
        arb_set(t->power, g->group[a].weight);
    }
    for (size_t a = 0; a < squared; a++)
        for (size_t b = a; b < squared; b++) {
            struct term *t = next_term(terms, &count);
            fmpz_add(t->exponent, terms[a].exponent, terms[b].exponent);
            fmpz_submul_ui(t->coefficient, d, (a == b ? 1 : 2) * g->group[a + 1].count * g->group[b + 1].count);
            arb_mul(t->power, terms[a].power, terms[b].power, g->bits);
        }
    return count;
}

/* The rest of the square, (U + V)^2 - U^2 = V (2U + V) with U over the first `squared` groups, V over the others. */
static void rest_of_square(arb_t rest, const struct gradient *g, size_t squared)
{
    arb_t first, others;
    arb_init(first);
    arb_init(others);
    for (size_t a = 1; a < g->groups; a++)
        arb_addmul_ui(a <= squared ? first : others, g->group[a].weight, g->group[a].count, g->bits + 32);
    arb_mul_2exp_si(first, first, 1);
    arb_add(first, first, others, g->bits);
    arb_mul(rest, first, others, g->bits);
    arb_clear(first);
    arb_clear(others);
}

/* -1 or +1, the sign of Q; 0: not decided in the bits of the round. */
static int sign_of_deviation(const struct gradient *g, const fmpz_t dy, const fmpz_t d)
{
    size_t others = g->groups - 1, squared = others < SQUARED_TERM_BY_TERM ? others : SQUARED_TERM_BY_TERM;
    struct term *terms = flint_malloc((others + squared * (squared + 1) / 2) * sizeof *terms);
    size_t count = list_terms(terms, g, dy, d, squared);
    qsort(terms, count, sizeof *terms, by_exponent);
    arb_t sum;
    arb_init(sum);
    rest_of_square(sum, g, squared);
    arb_mul_fmpz(sum, sum, d, g->bits);
    arb_neg(sum, sum);
    for (size_t i = 0; i < count; i++) {
        if (i + 1 < count && fmpz_equal(terms[i].exponent, terms[i + 1].exponent))
            fmpz_add(terms[i + 1].coefficient, terms[i + 1].coefficient, terms[i].coefficient);
        else
            arb_addmul_fmpz(sum, terms[i].power, terms[i].coefficient, g->bits);
    }
    int sign = arb_is_positive(sum) ? 1 : arb_is_negative(sum) ? -1 : 0;
    arb_clear(sum);
    for (size_t i = 0; i < count; i++) {
        fmpz_clear(terms[i].exponent);
        fmpz_clear(terms[i].coefficient);
        arb_clear(terms[i].power);
    }
    flint_free(terms);
    return sign;
}

/* Is the ball within 2^-80 of d/square of the latter, in smallest subnormals?  A cell is 2^-74 of its value at least.
 */
static bool is_beside(const struct gradient *g, const arb_t value, const fmpz_t d, const fmpz_t square)
{
    arb_t ratio;
    arb_init(ratio);
    arb_mul_2exp_si(ratio, value, -format_grid(g->f));
    arb_mul_fmpz(ratio, ratio, square, g->bits);
    arb_div_fmpz(ratio, ratio, d, g->bits);
    arb_sub_ui(ratio, ratio, 1, g->bits);
    mag_t distance;
    mag_init(distance);
    arb_get_mag(distance, ratio);
    bool beside = mag_cmp_2exp_si(distance, -80) < 0;
    mag_clear(distance);
    arb_clear(ratio);
    return beside;
}

/* Answers an entry of the top group that no ball decides because D/k^2 is on an edge; off the edges more bits will. */
static bool answer_beside_edge(const struct gradient *g, const arb_t value, const fmpz_t dy, const fmpz_t d,
                               const fmpz_t square, struct answer *out)
{
    struct answer unused;
    if (!cell_of_rational(g->f, d, square, 0, &unused) || !is_beside(g, value, d, square)) return false;
    int aside = sign_of_deviation(g, dy, d);
    if (aside != 0) cell_of_rational(g->f, d, square, aside, out);
    return aside != 0;
}

/* --- the row --- */

/* Answers entry e of group a, if the bits of the round decide it. */
static bool answer_entry(struct gradient *g, size_t a, size_t e, struct answer *out)
{
    bool decided = true;
    fmpz_t dy, d, square;
    fmpz_init(dy);
    fmpz_init(d);
    fmpz_init_set_ui(square, g->group[0].count);
    fmpz_mul(square, square, square);
    arb_t value;
    arb_init(value);
    units_of(dy, g->f, g->entry[e].dy);
    group_difference(d, &g->group[0], dy);
    if (g->groups == 1)
        cell_of_rational(g->f, d, square, 0, out);
    else if (!numerator(value, g, dy, d))
        *out = (struct answer){0};
    else {
        arb_mul(value, value, g->group[a].weight, g->bits);
        arb_mul(value, value, g->factor, g->bits);
        decided = cell_of_ball(g->f, value, g->bits, out) ||
                  (a == 0 && !fmpz_is_zero(d) && answer_beside_edge(g, value, dy, d, square, out));
    }
    arb_clear(value);
    fmpz_clear(dy);
    fmpz_clear(d);
    fmpz_clear(square);
    return decided;
}

enum { PENDING = -1 }; /* millionths of an answer still to be found */

/* Returns how many stay pending.  Equal entries have equal answers. */
static size_t answer_round(struct gradient *g, struct answer *out)
{
    size_t left = 0;
    for (size_t a = 0; a < g->groups; a++) {
        size_t first = g->group[a].first;
        for (size_t e = first; e < first + g->group[a].count; e++) {
            struct answer *answer = &out[g->entry[e].at];
            if (answer->millionths != PENDING) continue;
            if (e > first && g->entry[e].dy == g->entry[e - 1].dy)
                *answer = out[g->entry[e - 1].at];
            else if (!answer_entry(g, a, e, answer))
                answer->millionths = PENDING;
            left += answer->millionths == PENDING;
        }
    }
    return left;
}

bool vjp_row_arb(const struct format *f, size_t n, const uint64_t *x, const uint64_t *dy, const unsigned char *mask,
                 struct answer *out)
{
    struct gradient g;
    gradient_init(&g, f, n, x, dy, mask);
    for (size_t i = 0; i < n; i++) out[i] = (struct answer){0};
    for (size_t e = 0; e < g.entries; e++) out[g.entry[e].at].millionths = PENDING;
    bool decided = false;
    for (slong bits = FIRST_BITS;; bits = more_bits(bits)) {
        weigh_groups(&g, bits);
        decided = answer_round(&g, out) == 0;
        if (decided || bits == TRUTH_MAX_BITS) break;
    }
    gradient_clear(&g);
    return decided;
}
