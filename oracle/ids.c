/* ids - see ids.h.
   SPDX-License-Identifier: MIT */
#include "ids.h"

#include <stdlib.h>
#include <string.h>

void ids_add(struct ids *ids, const char *id)
{
    if (ids->count == ids->capacity) {
        ids->capacity = ids->capacity ? 2 * ids->capacity : 256;
        ids->id = realloc(ids->id, ids->capacity * sizeof *ids->id);
        if (ids->id == NULL) abort();
    }
    ids->id[ids->count] = strdup(id);
    if (ids->id[ids->count++] == NULL) abort();
}

size_t ids_find(const struct ids *ids, const char *id)
{
    for (size_t i = 0; i < ids->count; i++)
        if (strcmp(ids->id[i], id) == 0) return i;
    return IDS_NONE;
}

void ids_free(struct ids *ids)
{
    for (size_t i = 0; i < ids->count; i++) free(ids->id[i]);
    free(ids->id);
    *ids = (struct ids){0};
}
