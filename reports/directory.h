/* directory - paths, and making and emptying directories of ours.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_DIRECTORY_H
#define MASKPROOF_DIRECTORY_H

#include <limits.h>

/* "DIRECTORY/NAME", in one of eight rooms that are used in turn. */
const char *path_in(const char *directory, const char *name);

/* Make it and what is above it; remove the files in it whose names end in `suffix` ("": all).  What goes wrong ends the
   program with one clear line, exit 2; a directory to empty that is not there is empty. */
void make_directories(const char *path);
void remove_files(const char *directory, const char *suffix);

/* Copy the file; false: there is none.  What else goes wrong ends the program with one clear line, exit 2. */
_Bool copy_file(const char *from, const char *to);
/* Copy all files of a directory into another that is there. */
void copy_files(const char *from, const char *to);

#endif
