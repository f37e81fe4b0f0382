/* part - see part.h.
   SPDX-License-Identifier: MIT */
#include "part.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

_Noreturn static void fail(const char *path, int error)
{
    fprintf(stderr, "maskproof: %s: %s\n", path, strerror(error));
    exit(2);
}

void part_open(struct part *part, const char *path)
{
    struct stat there;
    *part = (struct part){.path = path};
    if (path == NULL) return;
    if (path[0] == '\0') fail("''", ENOENT);
    bool as_it_is = lstat(path, &there) == 0 && !S_ISREG(there.st_mode);
    if (!as_it_is && (size_t)snprintf(part->beside, sizeof part->beside, "%s.part", path) >= sizeof part->beside)
        fail(path, ENAMETOOLONG);
    part->file = fopen(as_it_is ? path : part->beside, "w");
    if (part->file == NULL) fail(path, errno);
    if (!as_it_is) scratch_also(part->beside);
}

void part_close(struct part *part)
{
    if (part->file == NULL) return;
    errno = 0;
    bool failed = ferror(part->file) != 0;
    failed = fclose(part->file) != 0 || failed;
    if (failed || (part->beside[0] != '\0' && rename(part->beside, part->path) != 0))
        fail(part->path, errno ? errno : EIO);
    part->file = NULL;
}
