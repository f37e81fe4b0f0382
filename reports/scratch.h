/* scratch - a temporary directory that is gone when the program ends, however it ends.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_SCRATCH_H
#define MASKPROOF_SCRATCH_H

enum { SCRATCH_PATH = 512 };

/* Make the directory, in $TMPDIR or /tmp; removed at exit and on SIGINT, SIGTERM, SIGHUP.
   A directory that cannot be made ends the program with one clear line and exit 2. */
void scratch_open(void);

/* The path of a file of that name in it, into `path` of SCRATCH_PATH bytes. */
void scratch_path(char *path, const char *name);

/* Remove this file too at the end: a part that is renamed when it is whole, and so is not there then. */
void scratch_also(const char *path);

#endif
