/* passes - how many bytes go between the arrays and a small cache, counted, not estimated: whatever the code is,
   vectors, gathers, somebody's library, its pages of logits, mask and result are made inaccessible, and each fault
   opens one. Of each array the 8 pages last opened stay open, a first cache of 32 KiB; a page that is needed again
   later counts again.  So a sweep over a long row costs its bytes, and a second look at a short row nothing, as on the
   machine. SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_PASSES_H
#define MASKPROOF_PASSES_H

#include "timing.h"

/* Bytes per entry, in whole pages: a page of which one entry is read counts whole, and one that is written first counts
   as written, whatever is read there next.  NaN: not counted here (faults must say whether they read or write: x86-64).
 */
struct moved {
    double read, written;
    double passes; /* both together, over what the floor moves: logit and mask read once, result written once */
};

/* Count one run of a batch, on copies of its arrays (b->p is left alone).  One thread, not a peer's process. Prefetches
   do not count, nor arrays of the implementation's own. */
struct moved count_moved(const struct way *way, const struct batch *b);

#endif
