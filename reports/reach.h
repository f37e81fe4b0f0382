/* reach - how large logits may grow before an implementation breaks: one case for each magnitude L, 10 to the largest
   number of the format, by steps of about 3, in each of three places.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_REACH_H
#define MASKPROOF_REACH_H

#include <stdio.h>

/* low: valid logits at -L, the masked one at 0 (a fill above -L wins); masked: valid 0, masked L (a shift by the
   maximum of all starves them); high: valid L, masked 0 (exp without a shift overflows). */
enum reach_kind { REACH_LOW, REACH_MASKED, REACH_HIGH, REACH_KINDS };
extern const char *const reach_names[REACH_KINDS];

enum reach_column { REACH_IMPL, REACH_FORMAT, REACH_KIND, REACH_LEVEL, REACH_STATUS, REACH_BUG, REACH_COLUMNS };

/* Run every implementation of softmax on these cases in all formats, held to its own policy and limit; write lines
   with these columns.  What cannot be run ends the program with one clear line, exit 2. */
void reach_measure(FILE *out);

#endif
