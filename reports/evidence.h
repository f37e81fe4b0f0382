/* evidence - all the report is made of, read from the text files of one directory, which gather.c wrote: claims.tsv
   (run
   --claims), suites.txt (gen --list), verdicts.tsv (check --verdicts), timings.tsv (bench --tsv), article.tsv (article
   --tsv), explain.txt, leak.tsv, reach.tsv, normwise.tsv, about.tsv, and the implementations themselves in source/.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_EVIDENCE_H
#define MASKPROOF_EVIDENCE_H

#include "subjects.h"
#include "tsv.h"

#include <limits.h>

struct errors { /* of the plain rows that pass, in ulps, ascending */
    double *ulp;
    size_t count, capacity;
};

struct failing { /* a failed row; id "" if there is none */
    char id[80], bugs[60];
    size_t suite, row;
    int format;
    double ulp, leak; /* ulp infinite where no number came back */
};

struct evidence {
    char directory[PATH_MAX];
    struct claims claims;
    struct subjects subjects;
    struct errors (*errors)[FORMATS]; /* of each subject */
    struct failing (*failing)[BUGS];  /* of each subject, for each bug that is named first: the row with most error */
    bool format_judged[FORMATS];
    char *suites[MAX_SUITES]; /* that were judged */
    size_t suite_count, rows;
    struct suite_entry entries[MAX_SUITES]; /* all that there are */
    size_t entry_count;
    struct tsv timings, article, leak, reach, normwise, about;
    char *explained; /* explain.txt */
};

/* Read the files of `directory`; one that is missing or damaged ends the program with one clear line, exit 2. */
void evidence_read(struct evidence *e, const char *directory);
void evidence_free(struct evidence *e);

/* The value of a line of about.tsv; "not recorded". */
const char *evidence_about(const struct evidence *e, const char *key);

/* The geometric mean, over the shapes that were timed in that format, of the time over that of a masked copy; NaN: none
   was.  The largest error in ulp seen in a row that passes. */
double evidence_speed(const struct evidence *e, const struct subject *s, int format);
double evidence_error(const struct subject *s, int format);

/* It claims to be right in that format, was judged there, and did nothing that it does not claim. */
bool evidence_right(const struct subject *s, int format);

#endif
