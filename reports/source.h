/* source - the C file of an implementation, coloured.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_SOURCE_H
#define MASKPROOF_SOURCE_H

#include <stdio.h>

/* Write, as HTML, the file in DIRECTORY/source whose record has that name.  One that is not there
   is said to be missing; a missing `highlight` ends the program with one clear line, exit 2. */
void source_write(const char *directory, const char *impl, FILE *out);

#endif
