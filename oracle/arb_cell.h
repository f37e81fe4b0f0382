/* arb_cell - from an exact value, a rational or a ball that holds it, to its word and frac.
   An ulp is cut into CELLS cells; words, midpoints of two words and ends of binades all are edges of cells, so the cell
   in which a value lies, or the edge on which it lies, says its whole answer.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_ARB_CELL_H
#define MASKPROOF_ARB_CELL_H

#include "truth.h"

#include <arb.h>

enum { FIRST_BITS = 112 }; /* f->precision + 40 would do, but exp costs the same from 64 to 120 bits: two limbs */

/* The working precision after `bits`. */
static inline slong more_bits(slong bits) { return 2 * bits < TRUTH_MAX_BITS ? 2 * bits : TRUTH_MAX_BITS; }

/* Answers the irrational value in the ball if the whole ball has one sign and lies in one cell. */
bool cell_of_ball(const struct format *f, const arb_t value, slong bits, struct answer *out);

/* Answers num/den, counted in smallest subnormals, den > 0; or, if `aside` is -1 or +1, a value that lies below or
   above it by less than the way to the next edge.  Returns whether num/den itself is on an edge. */
bool cell_of_rational(const struct format *f, const fmpz_t num, const fmpz_t den, int aside, struct answer *out);

/* v counted in smallest subnormals: exact, for a v that is a word of the format. */
void units_of(fmpz_t units, const struct format *f, double v);

#endif
