/* exhibit - a judged row in decimals: the logits, the mask, what was returned, what is right, what the judge says.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_EXHIBIT_H
#define MASKPROOF_EXHIBIT_H

#include "trial.h"

#define EXHIBIT_ROOM 40

/* The shortest decimal that is read back as this word: "1.2355", "-inf", "NaN". */
const char *exhibit_decimal(const struct format *f, uint64_t word, char room[EXHIBIT_ROOM]);

/* What `policy` asks of entry i of a row that is not plain, in a word or two: "0", "NaN", "1/3". */
const char *exhibit_due(const struct policy *policy, const struct line *line, size_t row, size_t i,
                        char room[EXHIBIT_ROOM]);

/* The case as a table, the verdict as a sentence. */
void exhibit_print(const struct finding *f);

/* The commands that show it again; `source`: the command that prints the case line, NULL: gen, with suite and id. */
void exhibit_again(const struct finding *f, const char *source);

#endif
