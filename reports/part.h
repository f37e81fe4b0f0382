/* part - a file that is there whole or not at all: written beside its place, then renamed.  What is there and no plain
   file (a link, a pipe, /dev/stdout) is not replaced but written to.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_PART_H
#define MASKPROOF_PART_H

#include "scratch.h"

#include <stdio.h>

struct part {
    FILE *file; /* NULL: path was NULL, nothing is wanted */
    const char *path;
    char beside[SCRATCH_PATH]; /* "": written to as it is */
};

/* Open PATH.part (or PATH) for writing (after scratch_open: it is removed if the program ends before part_close).
   What cannot be opened, also a PATH that is a directory, ends the program with one clear line and exit 2. */
void part_open(struct part *part, const char *path);

/* Make it PATH.  A failed write or rename ends the program likewise, and an older PATH stays as it was. */
void part_close(struct part *part);

#endif
