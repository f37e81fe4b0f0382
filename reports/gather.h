/* gather - the data a report is drawn from: what the other verbs say, each kept as text in one directory.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_GATHER_H
#define MASKPROOF_GATHER_H

#include <stdbool.h>

/* Fill `directory` (which is made).  An earlier run of the same programs and options that was interrupted there goes on
   where it was; what another left is removed first.  Progress goes to standard error.  A program that cannot be run
   ends this one with one clear line, exit 2.  False: not everything is as claimed (check.txt, article.tsv). */
bool gather(const char *directory, bool quick);

/* Say that all pages are drawn, so that the next run begins anew. */
void gather_seal(const char *directory);

#endif
