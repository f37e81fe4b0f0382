/* evidence - all the report is made of, read from the text files of one directory: claims.tsv (run --claims),
   suites.txt (gen --list), verdicts.tsv (check --verdicts), timings.tsv (bench --tsv), article.tsv (article --tsv),
   leak.tsv, about.tsv.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_EVIDENCE_H
#define MASKPROOF_EVIDENCE_H

#include "subjects.h"
#include "tsv.h"

struct errors { /* of the plain rows that pass, in ulps, ascending */
    double *ulp;
    size_t count, capacity;
};

struct evidence {
    struct claims claims;
    struct subjects subjects;
    struct errors (*errors)[FORMATS]; /* of each subject */
    char *suites[MAX_SUITES];         /* that were judged */
    size_t suite_count, rows;
    struct suite_entry entries[MAX_SUITES]; /* all that there are */
    size_t entry_count;
    struct tsv timings, article, leak, about;
};

/* Read the files of `directory`; one that is missing or damaged ends the program with one clear line, exit 2. */
void evidence_read(struct evidence *e, const char *directory);
void evidence_free(struct evidence *e);

#endif
