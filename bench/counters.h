/* counters - what the processor itself counts, where the machine lets it: most virtual ones do not.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_COUNTERS_H
#define MASKPROOF_COUNTERS_H

#include "timing.h"

/* Bytes per entry that one run of a batch missed in the last cache, prefetched ones not among them: 64 for each miss
   that the processor counts in this thread.  NaN: there is no such counter. */
double count_missed(const struct way *way, const struct batch *b);

#endif
