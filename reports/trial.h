/* trial - small cases, decided by maskproof-truth, run and judged by the other programs; and one row of them to show.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_TRIAL_H
#define MASKPROOF_TRIAL_H

#include "claims.h"
#include "verdict.h"

/* Cases of one format with their answers. */
struct trial {
    const char *suite; /* NULL: no suite's */
    const struct format *format;
    char *answers; /* answer lines, without comments */
};

/* The cases of a suite of at most `most` entries each; or the lines in `cases`.  False: there are none, or the oracle
   does not decide them. */
bool trial_of_suite(struct trial *t, const char *suite, const struct format *format, const char *op, size_t most);
bool trial_of_cases(struct trial *t, const struct format *format, const char *cases);
void trial_free(struct trial *t);

/* What a subject returned, and the verdicts on it; both are text.  Free both. */
struct judged {
    char *results, *verdicts;
};

/* Run an implementation, judged as its claim says, or by the policy given; or judge results that are there. */
struct judged trial_run(const struct trial *t, const struct claim *c, const char *policy);
struct judged trial_judge(const struct trial *t, const char *results, const char *policy, double max_ulp);
void judged_free(struct judged *j);

/* A judged row, with its case. */
struct finding {
    const char *suite;
    char *answer, *result;                /* lines; NULL: nothing found yet */
    const char *subject, *policy, *class; /* subject NULL: a result made by hand */
    double max_ulp, ulp, leak, sum;
    size_t row, at, entries; /* entries of the whole case */
    bool witness;            /* any case will do, one without masked entries too */
    int status;
    unsigned bugs;
};

/* Replace *best by the row with this status of the smallest case that is smaller: of a failed one `bugs` and nothing
   else are its bugs; one that passes is plain, has masked entries, and is alone in its case.  */
void trial_search(const struct trial *t, const struct judged *j, int status, unsigned bugs, struct finding *best);
void finding_free(struct finding *f);

/* How many rows have that status. */
size_t judged_count(const struct judged *j, int status);

#endif
