/* leak_tally - what the rows of a file come to, for each formulation: every fraction is kept (one double), so that
   quantiles are exact.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_LEAK_TALLY_H
#define MASKPROOF_LEAK_TALLY_H

#include "leak_row.h"

enum { QUANTILES = 4, LEVELS = 3, LEAK_WORST = 100 };
extern const double leak_quantiles[QUANTILES], leak_levels[LEVELS]; /* 50, 90, 99, 99.9; 0.1, 1, 5: in % */

struct worst {
    size_t row, valid;
    double wrong, lse;
};

/* One formulation.  After leak_tally_close all of it is there; fractions, not percentages. */
struct leak_tally {
    size_t rows, nan; /* with a distribution; with none, and so in no number below */
    double *wrong;    /* ascending */
    double mean, max, kl_mean, kl_max, quantile[QUANTILES];
    size_t above[LEVELS];
    size_t wins, may_win; /* rows in which a masked entry is the argmax: certain, not excluded */
    double once, in_40;   /* chance that one sample of a random row is masked; that any of 40 (a long game) is */
    struct worst worst[LEAK_WORST];
    size_t worst_count, capacity;
};

/* Row number `row`; keeps the `most` rows of the largest fractions. */
void leak_tally_add(struct leak_tally *t, const struct fraction *fraction, const struct leak_row *known, size_t row,
                    size_t most);
void leak_tally_close(struct leak_tally *t, const struct formulation *f);
void leak_tally_free(struct leak_tally *t);

/* All that was read. */
struct leaks {
    const char *source; /* the files, for people */
    const char *type;   /* of the logits, as people write it */
    bool mixed;         /* n is the length of the longest rows, others are shorter */
    size_t rows, n, left_out[CLASSES], least_valid, most_valid;
    double valid; /* sum over the plain rows */
    double least_lse, most_lse;
    double above;             /* the most that a masked logit lies above all valid ones; NaN: not known */
    double law;               /* largest difference of multiply, entry by entry, from the law; NaN: not known */
    bool known[FORMULATIONS]; /* whether what was read tells */
    struct leak_tally tally[FORMULATIONS];
};

#endif
