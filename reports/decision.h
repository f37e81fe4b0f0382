/* decision - which implementation to use: chosen from what was measured, by rules.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_DECISION_H
#define MASKPROOF_DECISION_H

#include "evidence.h"

struct need {
    const char *what;
    bool (*fits)(const struct subject *s, int format); /* of one that is right */
};
extern const struct need needs[]; /* ends with a NULL what */

/* The fastest in that format (or in f32, where that was not timed) of those that are right in every format, did nothing
   wrong in any suite, hold for logits of every magnitude, and fit the need; NULL: there is none. */
const struct subject *decision_choose(const struct evidence *e, const struct need *need, int format);

/* The smallest magnitude of the logits at which it fails (see reach.h); infinite: it does at none. */
double decision_breaks_at(const struct evidence *e, const struct subject *s, int format);

#endif
