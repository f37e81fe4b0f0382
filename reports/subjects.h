/* subjects - implementations (or a command), what each claims and what it did: the rows of every table.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_SUBJECTS_H
#define MASKPROOF_SUBJECTS_H

#include "claims.h"
#include "outcome.h"
#include "suites.h"
#include "tally.h"

enum { MAX_SUBJECTS = 256 };

/* A failed row that shows a bug: the smallest case seen; one that shows it alone goes before one that could show
   another too. */
struct example {
    size_t suite, row, entries; /* entries of the whole case; 0: there is no example */
    int format;
    bool alone;
    char id[80];
    char *says; /* of a command: the judge's sentence on it; NULL if it is not alone */
};

struct subject {
    const char *name;
    int op;
    const struct claim *claim[FORMATS]; /* NULL: a command, which claims nothing */
    struct tally tally[MAX_SUITES][FORMATS];
    struct example example[BUGS];
    struct outcome (*outcome)[FORMATS]; /* of a command, by suite: see outcome.h; else NULL */
    double witness[FORMATS];            /* error of the witness case, ulp; 0 where there is none */
};

struct subjects {
    struct subject *subject;
    size_t count;
};

/* One subject for each implementation of `claims` (which must outlive them), in its order. */
void subjects_from_claims(struct subjects *subjects, const struct claims *claims);
struct subject *subjects_named(const struct subjects *subjects, const char *name); /* NULL: there is none */

/* The claim of any format (formula and source are the same in all), and the bugs claimed in some format. */
const struct claim *any_claim(const struct subject *s);
unsigned claimed_bugs(const struct subject *s);

/* Note a failed row that could show `bugs`; `row` is complete but for `alone` and `says`. */
void subject_note_example(struct subject *s, unsigned bugs, const struct example *row);

/* Sums: over the formats of one suite, over the suites of one format, over everything. */
struct tally subject_in_suite(const struct subject *s, size_t suite);
struct tally subject_in_format(const struct subject *s, int format);
struct tally subject_in_all(const struct subject *s);

/* The suite that has the largest error of the rows of a format that pass (`round`: that fail by ROUND alone);
   NULL if there is none. */
const struct tally *subject_worst(const struct subject *s, int format, bool round, size_t *suite);

/* What a suite showed, in at most nine characters: ok, the first bug ("+": and more), fail, skip, void.
   `known`: the bugs the subject shows alone somewhere. */
void spell_standing(const struct tally *t, unsigned known, char *text);

#endif
