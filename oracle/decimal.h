/* decimal - masked softmax of decimals taken exactly, to any number of correctly rounded digits: for people and
   for printed claims, where a binary word would already be another number.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_DECIMAL_H
#define MASKPROOF_DECIMAL_H

#include "line.h"

/* For each line "mask logit..." (decimals of magnitude at most 1e6) one line of probabilities to `digits`
   significant digits on standard output; masked entries print 0, a row without valid entry prints zeros.
   Bad input ends the program with source_fail. */
void decimal_answer_all(struct source *s, int digits);

#endif
