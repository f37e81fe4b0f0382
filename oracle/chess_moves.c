/* chess_moves - see chess_moves.h.
   SPDX-License-Identifier: MIT */
#include "chess_moves.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Squares are 0 (a1), 1 (b1) .. 63 (h8): file = square % 8, rank = square / 8. */
static bool queen_moves(int files, int ranks)
{
    return files == 0 || ranks == 0 || files == ranks; /* on an empty board nothing is in the way */
}

static bool knight_moves(int files, int ranks) { return files * ranks == 2; }

/* The next logit: from a square by so many files and ranks; off the board it names no move. */
static size_t add(struct chess_moves *v, int from, int files, int ranks, char promotion)
{
    int file = from % 8 + files, rank = from / 8 + ranks;
    char *move = v->move[v->n++];
    memset(move, '\0', sizeof *v->move);
    if (file < 0 || file > 7 || rank < 0 || rank > 7) return 0;
    move[0] = (char)('a' + from % 8);
    move[1] = (char)('1' + from / 8);
    move[2] = (char)('a' + file);
    move[3] = (char)('1' + rank);
    move[4] = promotion;
    return 1;
}

static size_t add_to(struct chess_moves *v, int from, int to) /* to a square */
{
    return add(v, from, to % 8 - from % 8, to / 8 - from / 8, '\0');
}

static bool reaches(int from, int to, bool (*moves)(int, int))
{
    return to != from && moves(abs(to % 8 - from % 8), abs(to / 8 - from / 8));
}

static void build_maia2(struct chess_moves *v)
{
    static const int sideways[] = {0, -1, 1};
    for (int from = 0; from < 64; from++) {
        for (int to = 63; to >= 0; to--)
            if (reaches(from, to, queen_moves)) v->queen += add_to(v, from, to);
        for (int to = 63; to >= 0; to--)
            if (reaches(from, to, knight_moves)) v->knight += add_to(v, from, to);
    }
    for (int from = 48; from < 56; from++)
        for (int i = 0; i < 3; i++)
            for (const char *piece = "qrbn"; *piece != '\0' && (from + sideways[i]) / 8 == 6; piece++)
                v->promotions += add(v, from, sideways[i], 1, *piece);
}

static void build_lc0(struct chess_moves *v)
{
    for (int from = 0; from < 64; from++)
        for (int to = 0; to < 64; to++) {
            if (reaches(from, to, queen_moves)) v->queen += add_to(v, from, to);
            if (reaches(from, to, knight_moves)) v->knight += add_to(v, from, to);
        }
    for (int from = 48; from < 56; from++)
        for (int side = -1; side <= 1; side++)
            for (const char *piece = "qrb"; *piece != '\0' && (from + side) / 8 == 6; piece++)
                v->promotions += add(v, from, side, 1, *piece);
    v->plain = 'n';
}

static void build_alpha_zero(struct chess_moves *v)
{
    static const int compass[8][2] = {{0, 1}, {1, 1}, {1, 0}, {1, -1}, {0, -1}, {-1, -1}, {-1, 0}, {-1, 1}};
    static const int knight[8][2] = {{1, 2}, {2, 1}, {2, -1}, {1, -2}, {-1, -2}, {-2, -1}, {-2, 1}, {-1, 2}};
    for (int from = 0; from < 64; from++) {
        for (int d = 0; d < 8; d++)
            for (int distance = 1; distance <= 7; distance++)
                v->queen += add(v, from, distance * compass[d][0], distance * compass[d][1], '\0');
        for (int d = 0; d < 8; d++) v->knight += add(v, from, knight[d][0], knight[d][1], '\0');
        for (int side = -1; side <= 1; side++)
            for (const char *piece = "nbr"; *piece != '\0'; piece++)
                v->promotions += add(v, from, side, from / 8 == 6 ? 1 : 8, *piece); /* from elsewhere: off the board */
    }
    v->plain = 'q';
}

void chess_moves_build(struct chess_moves *v, enum chess_head head)
{
    static void (*const build[])(struct chess_moves *) = {build_maia2, build_lc0, build_alpha_zero};
    static const char *const names[] = {"Maia2", "lc0", "AlphaZero"};
    v->name = names[head];
    v->n = v->queen = v->knight = v->promotions = 0;
    v->plain = '\0';
    build[head](v);
}

int chess_moves_index(const struct chess_moves *v, const char *move)
{
    size_t length = strlen(move);
    if (length < 4 || length > 5) return -1;
    if (length == 5 && move[4] == v->plain) length = 4;
    for (size_t i = 0; i < v->n; i++)
        if (strncmp(v->move[i], move, length) == 0 && v->move[i][length] == '\0') return (int)i;
    return -1;
}

size_t chess_moves_distinct(const struct chess_moves *v)
{
    size_t distinct = 0;
    for (size_t i = 0; i < v->n; i++) {
        size_t j = 0;
        while (strcmp(v->move[i], v->move[j]) != 0) j++;
        distinct += j == i && v->move[i][0] != '\0';
    }
    return distinct;
}
