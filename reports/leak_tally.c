/* leak_tally - see leak_tally.h.
   SPDX-License-Identifier: MIT */
#include "leak_tally.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const double leak_quantiles[QUANTILES] = {50, 90, 99, 99.9}, leak_levels[LEVELS] = {0.1, 1, 5};

static void add_worst(struct leak_tally *t, struct worst w, size_t most)
{
    size_t at = t->worst_count;
    while (at > 0 && t->worst[at - 1].wrong < w.wrong) at--;
    if (at >= most) return;
    if (t->worst_count < most) t->worst_count++;
    memmove(t->worst + at + 1, t->worst + at, (t->worst_count - at - 1) * sizeof w);
    t->worst[at] = w;
}

void leak_tally_add(struct leak_tally *t, const struct fraction *fraction, const struct leak_row *known, size_t row,
                    size_t most)
{
    if (isnan(fraction->wrong)) {
        t->nan++;
        return;
    }
    if (t->rows == t->capacity) {
        t->capacity = t->capacity ? t->capacity + t->capacity / 2 : 4096;
        t->wrong = realloc(t->wrong, t->capacity * sizeof *t->wrong);
        if (t->wrong == NULL) abort();
    }
    t->wrong[t->rows++] = fraction->wrong;
    t->kl_mean += fraction->kl;
    t->kl_max = fmax(t->kl_max, fraction->kl);
    t->wins += fraction->masked_wins;
    t->may_win += fraction->masked_may_win;
    for (int i = 0; i < LEVELS; i++) t->above[i] += fraction->wrong > leak_levels[i] / 100;
    add_worst(t, (struct worst){row, known->valid, fraction->wrong, known->lse_valid}, most);
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Between the two nearest of the sorted values, as numpy.quantile. */
static double quantile(const struct leak_tally *t, double percent)
{
    double at = percent / 100 * (double)(t->rows - 1);
    size_t below = (size_t)at, next = below + 1 < t->rows ? below + 1 : below;
    return t->wrong[below] + (at - (double)below) * (t->wrong[next] - t->wrong[below]);
}

void leak_tally_close(struct leak_tally *t, const struct formulation *f)
{
    double rows = (double)t->rows, sum = 0;
    if (t->rows > 0) qsort(t->wrong, t->rows, sizeof *t->wrong, ascending);
    for (size_t i = 0; i < t->rows; i++) sum += t->wrong[i]; /* the small ones first: their sum loses least */
    t->mean = sum / rows;                                    /* of no rows all is NaN */
    t->kl_mean /= rows;
    t->max = t->rows ? t->wrong[t->rows - 1] : NAN;
    if (t->rows == 0) t->kl_max = NAN;
    for (int i = 0; i < QUANTILES; i++) t->quantile[i] = t->rows ? quantile(t, leak_quantiles[i]) : NAN;
    t->once = f->goes == TO_MASKED ? t->mean : 0;
    t->in_40 = -expm1(40 * log1p(-t->once));
}

void leak_tally_free(struct leak_tally *t) { free(t->wrong); }
