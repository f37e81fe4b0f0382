/* leak_law - the leak of softmax(x * mask): N / (N + e^LSE), N masked entries, LSE the log-sum-exp of the valid
   logits (the article; CSSLab/maia2#9).  It depends on LSE - ln N alone, which is the axis of the figure.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_LEAK_LAW_H
#define MASKPROOF_LEAK_LAW_H

#include <stdio.h>

/* From the case lines of `cases` and those verdict lines of `verdicts` that are of this subject, suite and format, in
   the order of the cases: for every plain row with a masked entry, "id TAB LSE - ln N TAB leak" on `out`.  A coordinate
   of a plot: computed in double. */
void leak_law_points(const char *cases, const char *verdicts, const char *subject, const char *suite,
                     const char *format, FILE *out);

#endif
