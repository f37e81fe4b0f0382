/* bugs - each bug in plain words: what it is, why it happens, what it does, where it was seen, how it is mended.
   Keyed by the name in diagnose.h, not by its bit, so that a text may be here before the diagnosis is.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_BUGS_H
#define MASKPROOF_BUGS_H

#include <stddef.h>

struct bug_text {
    const char *name; /* as in bug_names */
    const char *what; /* one line */
    const char *cause, *effect, *signature, *seen, *fix;
    /* A small case on which it shows, in decimals, blank separated; "0*300" is 300 times 0. */
    const char *op, *format, *mask, *x; /* op, format NULL: softmax, f32 */
    const char *dy;                     /* vjp only */
    const char *got;                    /* what a program with this bug returns, for when no implementation shows it */
};

extern const struct bug_text bug_texts[]; /* ends with a NULL name */

/* The text of that name, upper case as it stands there; NULL if there is none. */
const struct bug_text *bug_text(const char *name);

#endif
