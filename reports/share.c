/* share - see share.h.
   SPDX-License-Identifier: MIT */
#include "share.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool share_find(char *path, size_t size, const char *name)
{
    char self[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
    self[length > 0 ? length : 0] = '\0';
    for (int up = 0; up < 2; up++) { /* the program, its directory */
        char *slash = strrchr(self, '/');
        if (slash != NULL) *slash = '\0';
    }
    int needed = snprintf(path, size, "%s/share/maskproof/%s", self, name);
    return needed > 0 && (size_t)needed < size && access(path, R_OK) == 0;
}

void share_path(char *path, size_t size, const char *name)
{
    if (share_find(path, size, name)) return;
    fprintf(stderr, "maskproof: %s: %s\n", path, strerror(errno));
    exit(2);
}
