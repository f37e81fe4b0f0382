/* steps - the true word of a pair, for every difference of two logits.  Of two valid logits d apart the larger has
   p = 1/(1 + e^-d), the smaller that of -d: a staircase in d, which rises where p is a midpoint q of two words, at
   ln(q/(1 - q)).  e^d is transcendental for every rational d but 0 (Lindemann), so no d lies on an edge: there are no
   ties, and to know the double below each edge is to know the word at every double.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_STEPS_H
#define MASKPROOF_STEPS_H

#include "format.h"

struct steps {
    const struct format *f; /* bf16 or f16 */
    size_t count;           /* of edges: the word of 1 */
    double *below;          /* below[w]: the largest double below the edge from word w to w + 1, rising with w */
};

/* Aborts if 256 bits do not tell where an edge lies. */
void steps_make(struct steps *s, const struct format *f);
void steps_free(struct steps *s);

/* The word of 1/(1 + e^-d), d any double. */
uint64_t steps_word(const struct steps *s, double d);

/* Whether the word at x - y is always that at the double nearest to it, for all words x, y of the format.  The two
   differ only where the bits of x and y span more than 53, and in bf16 that means |y| <= 2^-44 |x|: so it is if no edge
   lies within 2^-40 |x| of any x. */
bool steps_hold_for_rounded_differences(const struct steps *s);

#endif
