/* chess - the article's experiment as a section of the report: how much three published chess networks leak, whose
   figures are in reports/chess/maia1; what that says of the article's two figures of Maia2; other heads, other scales.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_CHESS_H
#define MASKPROOF_CHESS_H

#include <stdio.h>

/* Write the section as Markdown to `out`, and its figures to DIRECTORY: chess_leak.svg, chess_by.svg, chess_scale.svg,
   each a paragraph "FIGURE name: caption", as html.c takes it (after scratch_open).  Every number is computed here, in
   double, from the shipped data, in about a second; data that is not there ends the program, exit 2. */
void chess_markdown(const char *directory, FILE *out);

#endif
