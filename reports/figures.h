/* figures - the plots of the report: data files for gnuplot, and gnuplot run on reports/(*.gp).
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_FIGURES_H
#define MASKPROOF_FIGURES_H

#include "evidence.h"

/* Write DIRECTORY/NAME.dat and DIRECTORY/NAME.svg for every figure.  A missing gnuplot or a plot that fails ends the
   program with one clear line and exit 2. */
void figures_draw(const struct evidence *e, const char *directory);

#endif
