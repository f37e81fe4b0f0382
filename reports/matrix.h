/* matrix - which suite shows which bug, who shows it, and whether the bug that the judge names first is one that the
   implementation claims: from the tallies of check or of a report.  Only rows that show one bug alone count.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_MATRIX_H
#define MASKPROOF_MATRIX_H

#include "subjects.h"

struct matrix {
    const struct subjects *subjects;
    const char *suite[MAX_SUITES];
    unsigned hunts[MAX_SUITES]; /* bugs */
    size_t suite_count;
};

/* The bugs that `s` claims and shows alone in that suite, both in one format; and those it shows without the claim. */
unsigned matrix_shows(const struct subject *s, size_t suite);
unsigned matrix_shows_unclaimed(const struct subject *s, size_t suite);

/* How many implementations of `op` show `bug` (a number) in that suite; MAX_SUITES: in any. */
size_t matrix_count(const struct matrix *m, int op, size_t suite, int bug);

/* The bugs that implementations of `op` claim, or show without a claim. */
unsigned matrix_columns(const struct matrix *m, int op);

/* What the judge says of one implementation, all suites and formats together.  Rows of the suite `long` that lose
   digits where the claim does not reach are left out. */
struct naming {
    unsigned claims;      /* in some format that was judged; 0: it claims to be right */
    size_t judged;        /* rows */
    size_t failing;       /* rows */
    size_t alone[BUGS];   /* rows that show this bug alone */
    unsigned unclaimed;   /* bugs of them that are not claimed in the format of the row */
    size_t wrongly_named; /* failing rows of formats in which it claims to be right */
    int first;            /* the bug that most rows show alone; -1: there is none */
};
struct naming matrix_naming(const struct matrix *m, const struct subject *s);

/* Known-bad implementations with a failing row, those of them whose first answer is a bug they claim; the right ones,
   and those of any kind with a failing row where they claim to be right. */
struct score {
    size_t bad, named, right, accused;
};
struct score matrix_score(const struct matrix *m);

/* For a terminal, 100 columns: suites by bugs, the implementations of each bug, implementations by bugs, the score and
   what is wrong with it.  Returns how much is.  `everyone`: all implementations ran in all formats, so a suite in which
   nobody shows what it hunts is wrong too; `everywhere`: in all suites, so a bug that nobody shows is. */
size_t matrix_print(const struct matrix *m, bool everyone, bool everywhere);

#endif
