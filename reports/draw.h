/* draw - data and one of our gnuplot files to an SVG that is there whole or not at all.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_DRAW_H
#define MASKPROOF_DRAW_H

/* Draw the file at `data` by NAME.gp to the file `svg` (after scratch_open).  What fails ends the program, exit 2. */
void draw(const char *name, const char *data, const char *svg);

#endif
