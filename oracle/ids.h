/* ids - the ids of a file in order, to say of a misplaced one what it is: unknown, repeated, or too early.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_IDS_H
#define MASKPROOF_IDS_H

#include <stddef.h>

#define IDS_NONE ((size_t)-1)

struct ids { /* zero-initialise */
    char **id;
    size_t count, capacity;
};

void ids_add(struct ids *ids, const char *id);
/* Number of the first case with this id, or IDS_NONE.  Linear: asked once, when a file is already wrong. */
size_t ids_find(const struct ids *ids, const char *id);
void ids_free(struct ids *ids);

#endif
