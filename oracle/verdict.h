/* verdict - one row of results against its answers: pass or fail, how far off, and why.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_VERDICT_H
#define MASKPROOF_VERDICT_H

#include "diagnose.h"
#include "policy.h"

/* How a case was answered: with words, or with one of two words of the grammar. */
enum reply { REPLY_WORDS, REPLY_SKIP, REPLY_ERROR };

struct result {
    enum reply reply;
    uint64_t *got;           /* rows*n words */
    bool *row_is_class_name; /* rows: the row was answered by the name of its class (answers as results) */
    bool error_declared;     /* see error_is_declared */
};

/* Does the policy let the target refuse the case as a whole, for the sake of one of its rows? */
bool error_is_declared(const struct line *line, const struct policy *policy);

struct verdict {
    enum { PASS, FAIL, SKIP, VOID } status;
    unsigned bugs;      /* set of enum bug; 0 when it passes, or when no bug has the signature */
    double ulp;         /* largest error of a valid entry of a plain row, in ulps (of a gradient: of its terms);
                           NaN if one is NaN; else 0 */
    size_t at;          /* entry of that error, or of the largest leak if there is one; from 0 */
    double leak;        /* total on the masked entries, for log_softmax of the exp; NaN if one is NaN */
    double sum;         /* the row's exact sum less 1; for log_softmax of the exp, in double; for vjp the sum */
    const char *choice; /* the policy choice seen, "undecided" if none fits; "-" where there is nothing to choose */
};
extern const char *const status_names[4];

/* Judge row r.  `line` holds case and answers; max_ulp is the limit in ulps, and 0.5 means "the same words". */
struct verdict judge_row(const struct line *line, size_t r, const struct result *result, const struct policy *policy,
                         double max_ulp, const struct batch_facts *batch);

#endif
