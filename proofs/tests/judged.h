/* judged - in one process, which only a test may do: a case, its answers, and the verdict on some words for it.
   SPDX-License-Identifier: MIT */
#ifndef TESTS_JUDGED_H
#define TESTS_JUDGED_H

#include "truth.h"
#include "verdict.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

/* Decide the rows of a case: what the verb truth does. */
static inline void decide_rows(struct line *line)
{
    for (size_t r = 0; r < line->rows; r++) {
        size_t at = r * line->n;
        line->class[r] = line_row_class(line, r);
        if (line->class[r] == CLASS_PLAIN)
            cr_assert(truth_row_arb(line->op, line->format, line->n, line->x + at, line->dy ? line->dy + at : NULL,
                                    line->mask + at, line->answer + at));
    }
}

/* The case "softmax f32 101 words" with its answers. */
static inline void answer_text(struct line *line, const char *text)
{
    static char copy[4010];
    snprintf(copy, sizeof copy, "case %s", text);
    cr_assert(line_parse_case(line, copy), "%s: %s", text, line->error);
    decide_rows(line);
}

/* The same from logits given as numbers, each the nearest word of the format. */
static inline void answer_values(struct line *line, const struct format *f, const char *mask, const double *x)
{
    char text[4000];
    int length = snprintf(text, sizeof text, "softmax %s %s", f->name, mask);
    for (const char *m = mask; *m != '\0'; m++)
        if (*m != '/')
            length += snprintf(text + length, sizeof text - (size_t)length, " %0*llx", (int)f->digits,
                               (unsigned long long)word_nearest(f, *x++));
    answer_text(line, text);
}

/* The right words of all rows; of a row that is not plain those of the profile strict-zero. */
static inline void right_words(const struct line *line, uint64_t *got)
{
    for (size_t i = 0; i < line->rows * line->n; i++) {
        enum row_class class = line->class[i / line->n];
        bool nan = line->mask[i] && (class == CLASS_NAN || class == CLASS_PINF);
        got[i] = class == CLASS_PLAIN ? line->answer[i].word
                 : nan                ? word_quiet_nan(line->format)
                                      : line_masked_word(line);
    }
}

static inline struct verdict judge_words(const struct line *line, size_t r, uint64_t *got, const struct policy *policy,
                                         double max_ulp)
{
    static bool no_class_names[64];
    cr_assert(line->rows <= 64);
    struct result result = {.reply = REPLY_WORDS, .got = got, .row_is_class_name = no_class_names};
    struct batch_facts batch = {.odd_rows = false};
    if (line->rows > 1) batch = batch_facts(line, got);
    return judge_row(line, r, &result, policy, max_ulp, &batch);
}

#endif
