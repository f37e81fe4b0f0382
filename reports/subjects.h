/* subjects - implementations (or a command), what each claims and what it did: the rows of every table.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_SUBJECTS_H
#define MASKPROOF_SUBJECTS_H

#include "claims.h"
#include "suites.h"
#include "tally.h"

enum { MAX_SUBJECTS = 256 };

struct subject {
    const char *name;
    int op;
    const struct claim *claim[FORMATS]; /* NULL: a command, which claims nothing */
    struct tally tally[MAX_SUITES][FORMATS];
    char *said[BUGS];        /* of a command: the first row of each bug, in words; NULL: not seen alone */
    double witness[FORMATS]; /* error of the witness case, ulp; 0 where there is none */
};

struct subjects {
    struct subject *subject;
    size_t count;
};

/* One subject for each implementation of `claims` (which must outlive them), in its order. */
void subjects_from_claims(struct subjects *subjects, const struct claims *claims);
struct subject *subjects_named(const struct subjects *subjects, const char *name); /* NULL: there is none */

/* Sums: over the formats of one suite, over the suites of one format, over everything. */
struct tally subject_in_suite(const struct subject *s, size_t suite);
struct tally subject_in_format(const struct subject *s, int format);
struct tally subject_in_all(const struct subject *s);

/* What a suite showed, in at most nine characters: ok, the first bug ("+": and more), fail, skip, void.
   `known`: the bugs the subject shows alone somewhere. */
void spell_standing(const struct tally *t, unsigned known, char *text);

#endif
