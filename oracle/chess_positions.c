/* chess_positions - see chess_positions.h.
   SPDX-License-Identifier: MIT */
#include "chess_positions.h"

#include <stddef.h>
#include <string.h>

#define POSITION(slug, fen, moves) {slug, fen, moves},
const struct chess_position chess_positions[] = {
#include "chess_positions.inc"
    {NULL, NULL, NULL},
};
#undef POSITION

const struct chess_position *chess_position_named(const char *slug)
{
    for (const struct chess_position *p = chess_positions; p->slug != NULL; p++)
        if (strcmp(p->slug, slug) == 0) return p;
    return NULL;
}
