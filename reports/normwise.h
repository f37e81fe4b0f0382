/* normwise - the error of whole rows, max |got - exact| / max p in unit roundoffs u, beside what bounds it: how many
   entries are valid and how far apart they lie.  Blanchard, Higham & Higham (IMA J. Numer. Anal. 41(4), 2021): at most
   (n + 2 + 2 (x_max - x_min)) u with the maximum subtracted, (n + 3) u without, over the valid entries.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_NORMWISE_H
#define MASKPROOF_NORMWISE_H

#include <stdio.h>

enum normwise_column {
    NORM_IMPL,
    NORM_SUITE,
    NORM_ID,
    NORM_N,
    NORM_VALID,
    NORM_RANGE, /* x_max - x_min over the valid entries */
    NORM_ERROR, /* in u; "nan" where something that is no number came back */
    NORM_COLUMNS
};

/* Run every implementation of softmax on the plain rows of `suite` in f32; write lines with these columns.
   Coordinates of a plot: computed in double from answers with six decimals of an ulp. */
void normwise_measure(const char *suite, FILE *out);

#endif
