/* test_chess - the heads have the moves that their own lists have, and positions the moves that the rules give them.
   (reports/chess/positions.py compares both with python-chess.)
   SPDX-License-Identifier: MIT */
#include "chess_moves.h"
#include "chess_positions.h"
#include "pipe.h"

#include <string.h>

static struct chess_moves heads[CHESS_HEADS];

static void build(void)
{
    for (int h = 0; h < CHESS_HEADS; h++) chess_moves_build(&heads[h], (enum chess_head)h);
}

TestSuite(chess, .init = build);

Test(chess, heads_have_their_sizes)
{
    static const size_t all[] = {1880, 1858, 4672}, promotions[] = {88, 66, 66}, distinct[] = {1880, 1858, 1858};
    for (int h = 0; h < CHESS_HEADS; h++) {
        const struct chess_moves *v = &heads[h];
        cr_expect(v->n == all[h] && chess_moves_distinct(v) == distinct[h], "%s: %zu moves, %zu distinct", v->name,
                  v->n, chess_moves_distinct(v));
        cr_expect(v->queen == 1456 && v->knight == 336 && v->promotions == promotions[h], "%s: %zu %zu %zu", v->name,
                  v->queen, v->knight, v->promotions);
    }
}

Test(chess, moves_have_their_indices)
{
    static const struct {
        enum chess_head head;
        const char *move;
        int index;
    } moves[] = {
        {HEAD_MAIA2, "a1h8", 0},       {HEAD_MAIA2, "a1a8", 1},       {HEAD_MAIA2, "a1g7", 2},
        {HEAD_MAIA2, "a1b1", 20},      {HEAD_MAIA2, "a1b3", 21},      {HEAD_MAIA2, "a1c2", 22},
        {HEAD_MAIA2, "e1g1", 112},     {HEAD_MAIA2, "e1c1", 115},     {HEAD_MAIA2, "g1f3", 169},
        {HEAD_MAIA2, "e2e4", 311},     {HEAD_MAIA2, "h8a1", 1789},    {HEAD_MAIA2, "a7a8q", 1792},
        {HEAD_MAIA2, "h7h8n", 1875},   {HEAD_MAIA2, "h7g8n", 1879},   {HEAD_MAIA2, "b1c6", -1},
        {HEAD_MAIA2, "a2a1q", -1},     {HEAD_MAIA2, "", -1},          {HEAD_MAIA2, "a7a8qq", -1},
        {HEAD_LC0, "a1b1", 0},         {HEAD_LC0, "a1h1", 6},         {HEAD_LC0, "h8g8", 1791},
        {HEAD_LC0, "a7a8q", 1792},     {HEAD_LC0, "a7b8b", 1797},     {HEAD_LC0, "h7h8b", 1857},
        {HEAD_LC0, "b1c6", -1},        {HEAD_ALPHA_ZERO, "a1a2", 0},  {HEAD_ALPHA_ZERO, "a1a8", 6},
        {HEAD_ALPHA_ZERO, "a1b2", 7},  {HEAD_ALPHA_ZERO, "a1b3", 56}, {HEAD_ALPHA_ZERO, "h7h8r", 55 * 73 + 69},
        {HEAD_ALPHA_ZERO, "b1c6", -1},
    };
    for (size_t i = 0; i < sizeof moves / sizeof *moves; i++) {
        int index = chess_moves_index(&heads[moves[i].head], moves[i].move);
        cr_expect(index == moves[i].index, "%s %s: expected %d, found %d", heads[moves[i].head].name, moves[i].move,
                  moves[i].index, index);
    }
    /* One of the four promotions is the plain move, in each of the two heads. */
    cr_expect(chess_moves_index(&heads[HEAD_LC0], "e7e8n") == chess_moves_index(&heads[HEAD_LC0], "e7e8"));
    cr_expect(chess_moves_index(&heads[HEAD_ALPHA_ZERO], "e7e8q") ==
              chess_moves_index(&heads[HEAD_ALPHA_ZERO], "e7e8"));
}

/* Every head names the same moves: 1792 plain ones, and 22 promotions of each of four kinds. */
Test(chess, heads_agree_on_the_moves)
{
    const struct chess_moves *maia2 = &heads[HEAD_MAIA2];
    for (size_t i = 0; i < maia2->n; i++)
        for (int h = 0; h < CHESS_HEADS; h++)
            cr_assert(chess_moves_index(&heads[h], maia2->move[i]) >= 0, "%s has no %s", heads[h].name, maia2->move[i]);
    for (int h = 0; h < CHESS_HEADS; h++)
        for (size_t i = 0; i < heads[h].n; i++)
            cr_assert(heads[h].move[i][0] == '\0' || chess_moves_index(maia2, heads[h].move[i]) >= 0, "%s",
                      heads[h].move[i]);
}

Test(chess, positions_have_their_moves)
{
    static const struct {
        const char *slug;
        size_t legal;
    } counts[] = {{"start", 20},    {"218", 218},  {"218b", 218},    {"216", 216},       {"single", 1},
                  {"stalemate", 0}, {"maia2", 22}, {"kiwipete", 48}, {"promotions", 24}, {"en-passant", 31}};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        const struct chess_position *p = chess_position_named(counts[i].slug);
        cr_assert_not_null(p, "%s", counts[i].slug);
        char moves[2000], seen[1880] = {0};
        size_t legal = 0;
        strcpy(moves, p->moves);
        for (char *move = strtok(moves, " "); move != NULL; move = strtok(NULL, " "), legal++) {
            int index = chess_moves_index(&heads[HEAD_MAIA2], move);
            cr_assert(index >= 0 && !seen[index], "%s: %s", p->slug, move);
            seen[index] = 1;
        }
        cr_expect(legal == counts[i].legal, "%s: expected %zu moves, found %zu", p->slug, counts[i].legal, legal);
    }
}

/* The cases that gen makes of them: as many valid entries, in each head. */
Test(chess, masks_of_gen_are_theirs)
{
    static const struct {
        const char *slug;
        size_t n, legal;
    } cases[] = {{"maia2-start-", 1880, 20},  {"maia2-218-", 1880, 218},  {"maia2-218b-", 1880, 218},
                 {"maia2-single-", 1880, 1},  {"maia2-maia2-", 1880, 22}, {"maia2-promotions-", 1880, 24},
                 {"lc0-kiwipete-", 1858, 48}, {"az-kiwipete-", 4672, 48}};
    struct output o = run_text("gen", ARGS("chess", "f32"), "");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char start[60];
        snprintf(start, sizeof start, "\n%s", cases[i].slug);
        const char *line = strstr(o.out, start), *mask = line ? strstr(line, " softmax f32 ") : NULL;
        cr_assert_not_null(mask, "no case %s", cases[i].slug);
        mask += strlen(" softmax f32 ");
        size_t n = strcspn(mask, " "), legal = 0;
        for (size_t k = 0; k < n; k++) legal += mask[k] == '1';
        cr_expect(n == cases[i].n && legal == cases[i].legal, "%s: %zu of %zu", cases[i].slug, legal, n);
    }
    output_free(&o);
}
