/* vocabulary - see vocabulary.h.
   SPDX-License-Identifier: MIT */
#include "vocabulary.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Squares are 0 (a1), 1 (b1) .. 63 (h8): file = square % 8, rank = square / 8. */
static bool queen_moves(int files, int ranks)
{
    return files == 0 || ranks == 0 || files == ranks; /* on an empty board nothing is in the way */
}

static bool knight_moves(int files, int ranks) { return files * ranks == 2; }

static void add(struct vocabulary *v, int from, int to, char promotion)
{
    char *move = v->move[v->count++];
    move[0] = (char)('a' + from % 8);
    move[1] = (char)('1' + from / 8);
    move[2] = (char)('a' + to % 8);
    move[3] = (char)('1' + to / 8);
    move[4] = promotion;
    move[5] = '\0';
}

static size_t add_all(struct vocabulary *v, int from, bool (*moves)(int, int))
{
    size_t before = v->count;
    for (int to = 63; to >= 0; to--)
        if (to != from && moves(abs(to % 8 - from % 8), abs(to / 8 - from / 8))) add(v, from, to, '\0');
    return v->count - before;
}

static size_t add_promotions(struct vocabulary *v, int file)
{
    static const int sideways[] = {0, -1, 1};
    size_t before = v->count;
    for (int i = 0; i < 3; i++) {
        int to = file + sideways[i];
        for (const char *piece = "qrbn"; *piece != '\0' && to >= 0 && to < 8; piece++)
            add(v, 6 * 8 + file, 7 * 8 + to, *piece);
    }
    return v->count - before;
}

void vocabulary_build(struct vocabulary *v)
{
    memset(v, 0, sizeof *v);
    for (int from = 0; from < 64; from++) {
        v->queen += add_all(v, from, queen_moves);
        v->knight += add_all(v, from, knight_moves);
    }
    for (int file = 0; file < 8; file++) v->promotions += add_promotions(v, file);
}

int vocabulary_index(const struct vocabulary *v, const char *move)
{
    for (size_t i = 0; i < v->count; i++)
        if (strcmp(v->move[i], move) == 0) return (int)i;
    return -1;
}

size_t vocabulary_distinct(const struct vocabulary *v)
{
    size_t distinct = 0;
    for (size_t i = 0; i < v->count; i++) distinct += vocabulary_index(v, v->move[i]) == (int)i;
    return distinct;
}
