/* subject - a symbol of somebody's shared library, called through the fixed C signature in a child process.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_SUBJECT_H
#define MASKPROOF_SUBJECT_H

#include "line.h"

/* Fork; the child loads "LIB:SYMBOL" and returns, to read cases and print results.  The parent never returns: it
   waits, and ends with the child's exit code, or, if the child was killed, with one clear line that names
   the case, and exit 1.
   A library or symbol that cannot be loaded is a subject that cannot start: one clear line, exit 1. */
void subject_start(const char *library_symbol);

/* Call the subject on a case: out of place, in place, and on copies one entry off alignment, each with NaN right behind
   the end of x and out.  Returns the subject's own code (0: words holds the results of the first call; 77: not
   offered). If the ways disagree, or it wrote outside `out` or into x or mask: one clear line, exit 1. */
int subject_call(const struct line *line, uint64_t *words);

#endif
