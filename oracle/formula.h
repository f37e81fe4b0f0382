/* formula - the wrong formulas the field knows, and the one that a failed row equals: the likely cause, from the case
   and the outputs alone.  A row equals a formula if every entry does, within what storing the steps in the format
   may lose, and if it lies nearer to it than to the right answer.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_FORMULA_H
#define MASKPROOF_FORMULA_H

#include "diagnose.h"

struct likely {
    unsigned bugs;    /* of all formulas that the row equals; 0: none */
    const char *text; /* of the first of them: "softmax(x * m): the mask was multiplied into the logits" */
    bool certain;     /* the row shows two different numbers at least, that are off as the formula says */
    double constant;  /* that was recovered from the row (an epsilon), or NaN */
};

struct likely likely_formula(const struct symptom *s);

/* The one factor by which all valid entries of a plain row differ from their answers; NaN if they differ among
   themselves by as much.  Entries with too few bits to tell are left out. */
double valid_factor(const struct symptom *s);

#endif
