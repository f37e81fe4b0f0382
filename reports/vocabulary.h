/* vocabulary - the moves of Maia2's policy head, rebuilt from the rule that lists them: from every square of an empty
   board the queen's and the knight's moves, then the promotions of White (Black plays on the mirrored board).
   Source: CSSLab/maia2, utils.get_all_possible_moves; the order is its order.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_VOCABULARY_H
#define MASKPROOF_VOCABULARY_H

#include <stddef.h>

struct vocabulary {
    size_t queen, knight, promotions, count; /* how many moves of each kind, and of all */
    char move[64 * 64][6];                   /* "e2e4", "a7a8q"; [i] owns logit i, i < count */
};

void vocabulary_build(struct vocabulary *v);

/* The index of a move, or -1 if it has no logit. */
int vocabulary_index(const struct vocabulary *v, const char *move);

/* How many different moves the list has. */
size_t vocabulary_distinct(const struct vocabulary *v);

#endif
