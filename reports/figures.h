/* figures - the plots of the report: data for gnuplot, and gnuplot run on reports/(*.gp).  Each is a pure function of
   the evidence. SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_FIGURES_H
#define MASKPROOF_FIGURES_H

#include "evidence.h"

/* Something of the whole, or (one_each) of each implementation. */
struct figure {
    const char *name, *shows;
    int width, height; /* of the picture, in px; height 0: by the number of rows */
    bool one_each;
    size_t (*write)(const struct evidence *e, const struct subject *of, FILE *out); /* its data; returns the rows */
};
extern const struct figure all_figures[]; /* ends with a NULL name */

/* That figure; NULL: there is none. */
const struct figure *figure_named(const char *name);

/* Write DIRECTORY/NAME.dat (of an implementation NAME-IMPL.dat) and the picture beside it, or at `path` if that is not
   NULL, in gnuplot's `terminal` ("svg"; "png", "pdf", "dumb").  False: there is nothing to show, and no picture.
   A missing gnuplot or a plot that fails ends the program with one clear line and exit 2. */
bool figure_draw(const struct figure *f, const struct evidence *e, const struct subject *of, const char *directory,
                 const char *terminal, const char *path);

#endif
