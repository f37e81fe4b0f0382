/* figure_bound - the figures that draw the error of whole rows beside its bound: see normwise.h.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_FIGURE_BOUND_H
#define MASKPROOF_FIGURE_BOUND_H

#include "evidence.h"

/* Blocks "name", then lines x, error in u: of a few implementations that differ in how they add up, of all other right
   ones, and last the bounds of the same rows.  Points that would lie on each other are written once.  Return the
   number of lines. */
size_t figure_growth(const struct evidence *e, const struct subject *of, FILE *out);  /* x: valid entries */
size_t figure_spread(const struct evidence *e, const struct subject *of, FILE *out);  /* x: range of the logits */
size_t figure_density(const struct evidence *e, const struct subject *of, FILE *out); /* x: share of valid entries */

/* Of one implementation: x is the row's bound in u. */
size_t figure_bound(const struct evidence *e, const struct subject *of, FILE *out);

/* Of every implementation with a bound that is proved: for each format a block "name", then lines: its line in the
   picture, its name, the largest error of an entry and the bound of that row in u.  Returns the number of lines. */
size_t figure_proved(const struct evidence *e, const struct subject *of, FILE *out);

#endif
