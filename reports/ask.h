/* ask - questions to the programs of this suite, one function each: what they print comes back as words.
   A report computes no truth, it asks for it.  A program that fails ends this one: one line and exit code 1.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_ASK_H
#define MASKPROOF_ASK_H

#include <stddef.h>

struct words { /* zero-initialise; free with words_free */
    char *text, **word;
    size_t count;
};

/* A case line: decimals ("1.2355 -0.1710", blank separated, rows one after another) in f32; or the case of a suite in
   f32 by its slug.  ask_suite gives the whole suite.  Free the text. */
char *ask_case(const char *mask, const char *logits);
char *ask_suite_case(const char *suite, const char *slug);
char *ask_suite(const char *suite);

/* What an implementation returns on case lines: every entry of all lines, a hex word each. */
struct words ask_run(const char *impl, const char *cases);

/* The oracle's answers to case lines: word and frac, "3f389376-.009091", one for every entry of the plain rows. */
struct words ask_truth(const char *cases);

/* Its answer to decimals taken exactly, to `digits` significant digits. */
struct words ask_decimal(const char *mask, const char *logits, int digits);

/* The blank-separated words of a text. */
struct words words_of(const char *text);
void words_free(struct words *w);

#endif
