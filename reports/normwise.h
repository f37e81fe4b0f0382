/* normwise - the errors of rows beside what bounds them, in unit roundoffs u of the format.
   Of the row as a whole, max |got - exact| / max p, as Blanchard, Higham & Higham (IMA J. Numer. Anal. 41(4), 2021)
   bound it; and, of those that name how they add up, the largest error of an entry beside what proofs/rocq proves
   (proved.h). SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_NORMWISE_H
#define MASKPROOF_NORMWISE_H

#include "claims.h"

#include <stdio.h>

enum normwise_column {
    NORM_IMPL,
    NORM_FORMAT,
    NORM_SUITE,
    NORM_ID,
    NORM_N,
    NORM_VALID, /* entries with a finite logit */
    NORM_RANGE, /* x_max - x_min of them */
    NORM_ERROR, /* of the row; "nan" where something that is no number came back */
    NORM_ENTRY, /* the largest of an entry that is no subnormal number, relative to it */
    NORM_BOUND, /* what is proved of that; "-": nothing is */
    NORM_SHARE, /* the largest share, over all entries, of what is proved, absolute part and all; above 1 it is broken
                 */
    NORM_COLUMNS
};

/* Run the implementations of softmax among `claims` on the plain rows of `suite` in that format; write lines with these
   columns. all: those that name no bound, too.  Errors are computed from answers with six decimals of an ulp. */
void normwise_measure(const struct claims *claims, const char *suite, const struct format *f, bool all, FILE *out);

#endif
