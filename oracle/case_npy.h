/* case_npy - case lines from NumPy's arrays: one a row, so that logits people have go through every implementation.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_CASE_NPY_H
#define MASKPROOF_CASE_NPY_H

#include "format.h"

#include <stddef.h>

/* Print the rows of LOGITS.npy [rows, n] under MASK.npy of the same shape; `format` NULL: that of the logits. */
void case_npy(const char *slug, const struct format *format, const char *logits, const char *mask);

/* The same of ragged rows: bounds (rows + 1), and for each valid entry its logit and its index below `n`.
   Masked entries, of which nothing is known, hold `masked`. */
void case_ragged(const char *slug, const struct format *format, size_t n, double masked, const char *bounds,
                 const char *logits, const char *index);

#endif
