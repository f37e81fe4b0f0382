/* svg - a picture that gnuplot drew, made fit to stand in a page among others.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_SVG_H
#define MASKPROOF_SVG_H

#include <stdio.h>

/* Copy the SVG file at `path` from its <svg on: its ids begin with `name` (two pictures in one page must not share
   one), empty groups are left out, and `label`, escaped already, is what a screen reader says.  A file that is no SVG
   ends the program with one clear line, exit 2. */
void svg_copy(FILE *out, const char *path, const char *name, const char *label);

#endif
