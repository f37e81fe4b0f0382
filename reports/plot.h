/* plot - data and one of our gnuplot files to an SVG that is there whole or not at all.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_PLOT_H
#define MASKPROOF_PLOT_H

/* Draw the file at `data` by NAME.gp to the file `svg` (after scratch_open).  What fails ends the program, exit 2. */
void plot(const char *name, const char *data, const char *svg);

#endif
