/* share - where the files a program reads at run time lie: ../share/maskproof beside the programs, both in build/
   and after make install.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_SHARE_H
#define MASKPROOF_SHARE_H

#include <stdbool.h>
#include <stddef.h>

/* The path of the file called `name`, into `path`; one that is not there ends the program with one line, exit 2. */
void share_path(char *path, size_t size, const char *name);

/* The same of a file or directory that need not be there; false: it is not. */
bool share_find(char *path, size_t size, const char *name);

#endif
