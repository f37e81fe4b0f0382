/* tally - verdict lines summed up: what one subject did in one suite and format.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_TALLY_H
#define MASKPROOF_TALLY_H

#include "diagnose.h"
#include "policy.h"
#include "verdict.h"

#include <stdio.h>

struct tally {
    size_t rows[4];          /* by status: pass, fail, skip, void */
    unsigned alone;          /* bugs that some failed row shows alone */
    size_t alone_rows[BUGS]; /* how many */
    double alone_ulp[BUGS];  /* the largest error in them; infinite where a row is not plain, leaks, or is NaN */
    unsigned among[16];      /* the distinct sets of several bugs that some failed row could show */
    size_t among_count;
    unsigned only_claimed;   /* bugs that are the only one of `allowed` in the set of some failed row */
    size_t unnamed;          /* failed rows without a signature */
    size_t unexplained;      /* failed rows that show none of the bugs in `allowed` */
    char unexplained_id[80]; /* the first of them */
    char first_failure[80];
    double worst; /* largest error of a row that passes, ulp */
    char worst_id[80];
    double worst_round; /* largest finite error of a row that fails by ROUND alone, ulp: how far off arithmetic is */
    char worst_round_id[80];
    double most_leak;               /* largest leak of a row, as a share of 1 */
    unsigned choices[KEYS];         /* bit c: choice c was seen in a row of that class; KEY_MASKED: see below */
    bool undecided[KEYS];           /* a row of that class fits no choice */
    unsigned failing_choices[KEYS]; /* the same, of rows that fail */
};

/* The columns of a verdict line. */
enum verdict_column {
    VERDICT_SUBJECT,
    VERDICT_SUITE,
    VERDICT_OP,
    VERDICT_FORMAT,
    VERDICT_ID,
    VERDICT_ROW,
    VERDICT_STATUS,
    VERDICT_BUG,
    VERDICT_ULP,
    VERDICT_AT,
    VERDICT_LEAK,
    VERDICT_SUM,
    VERDICT_CLASS,
    VERDICT_CHOICE,
    VERDICT_COLUMNS
};

/* Cut a verdict line (without newline) at its tabs.  False: it has another number of columns. */
bool verdict_cut(char *line, char *field[VERDICT_COLUMNS]);

/* One verdict line (without newline; cut up).  `allowed`: bugs the subject may show.
   NaN on a masked entry of a row without a distribution is noted as the choice nan-rows-all-nan of KEY_MASKED.
   False: it is no verdict line. */
bool tally_line(struct tally *t, char *line, unsigned allowed);
bool tally_fields(struct tally *t, char *const field[VERDICT_COLUMNS], unsigned allowed);

/* Add `more` to *t. */
void tally_add(struct tally *t, const struct tally *more);

/* All bugs shown: `alone`, and for each row that could show several, those of them in `known` (bugs the subject shows
   alone elsewhere), or the first if none is. */
unsigned tally_bugs(const struct tally *t, unsigned known);

#endif
