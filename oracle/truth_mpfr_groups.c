/* truth_mpfr_groups - the groups of equal logits of a row, and the exact sums of dy over them.
   SPDX-License-Identifier: MIT */
#include "truth_mpfr.h"

#include <stdlib.h>

void grid_units(mpz_t z, const struct format *f, uint64_t word)
{
    uint64_t hidden = 1ull << (f->precision - 1), magnitude = word_magnitude(f, word);
    uint64_t significand = (magnitude & (hidden - 1)) | (magnitude >= hidden ? hidden : 0);
    mpz_set_ui(z, significand);
    mpz_mul_2exp(z, z, (mp_bitcnt_t)(word_ulp_exponent(f, word) - format_grid(f)));
    if (word_negative(f, word)) mpz_neg(z, z);
}

void exact_difference(mpfr_t d, double a, double b)
{
    mpfr_set_d(d, a, MPFR_RNDN);
    mpfr_sub_d(d, d, b, MPFR_RNDN);
}

void group_sum(mpz_t sum, const struct groups *g, size_t a)
{
    const struct sorted *first = g->sorted + g->group[a].first;
    grid_units(sum, g->format, g->dy[first->at]);
    if (g->group[a].count == 1) return;
    mpz_t unit;
    mpz_init(unit);
    for (size_t e = 1; e < g->group[a].count; e++) {
        grid_units(unit, g->format, g->dy[first[e].at]);
        mpz_add(sum, sum, unit);
    }
    mpz_clear(unit);
}

static int larger_first(const void *a, const void *b)
{
    int64_t left = ((const struct sorted *)a)->order, right = ((const struct sorted *)b)->order;
    return (left < right) - (left > right);
}

static void reserve(struct groups *g, size_t n)
{
    if (n <= g->capacity) return;
    groups_free(g);
    g->sorted = malloc(n * sizeof *g->sorted);
    g->group = malloc(n * sizeof *g->group);
    if (g->sorted == NULL || g->group == NULL) abort();
    g->capacity = n;
}

void groups_free(struct groups *g)
{
    free(g->sorted);
    free(g->group);
    g->sorted = NULL;
    g->group = NULL;
    g->capacity = 0;
}

void groups_make(struct groups *g, const struct format *f, size_t n, const uint64_t *x, const uint64_t *dy,
                 const unsigned char *mask)
{
    reserve(g, n);
    g->format = f;
    g->x = x;
    g->dy = dy;
    g->entries = g->count = 0;
    long shift = 0;
    for (size_t i = 0; i < n; i++) {
        if (!mask[i] || !word_is_finite(f, x[i])) continue;
        g->sorted[g->entries++] = (struct sorted){word_order(f, x[i]), i};
        if (word_ulp_exponent(f, dy[i]) - format_grid(f) > shift) shift = word_ulp_exponent(f, dy[i]) - format_grid(f);
    }
    /* |dy| < 2^(precision + shift) units, and the |D_a| together are at most 2^24 times two of them. */
    g->reach = f->precision + shift + 25;
    qsort(g->sorted, g->entries, sizeof *g->sorted, larger_first);
    for (size_t e = 0; e < g->entries; e++) {
        if (e == 0 || g->sorted[e].order != g->sorted[e - 1].order)
            g->group[g->count++] = (struct group){e, 0, word_value(f, x[g->sorted[e].at])};
        g->group[g->count - 1].count++;
    }
    group_sum(g->top_sum, g, 0);
}
