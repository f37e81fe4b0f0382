/* chess - policy heads of chess networks: 1880 moves (Maia2), 1858 (lc0), 4672 (AlphaZero), of which 20 to 218 are
   legal (CSSLab/maia2 pull request 9; LeelaChessZero/lczero-training#64).  Which index a move has does not matter to a
   softmax, so at first the legal ones are spread evenly over the head; the last cases are masks of true positions.
   SPDX-License-Identifier: MIT */
#include "chess_moves.h"
#include "chess_positions.h"
#include "suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAIA = 1880, LC0 = 1858, ALPHA_ZERO = 4672 };

/* Logits of a head, the legal moves marked, and where the k-th legal move is. */
struct head {
    size_t n, legal;
    double *x;
    unsigned char *mask;
};

static size_t move(const struct head *h, size_t k) { return (2 * k + 1) * h->n / (2 * h->legal); }

static struct head position(struct gen *g, size_t n, size_t legal)
{
    struct head h = {n, legal, gen_logits(g, n), gen_mask(g, n)};
    for (size_t i = 0; i < n; i++) {
        h.x[i] = (double)(i * 13 % 37) / 4 - 4; /* an illegal move has a logit too: from -4 to 5 */
        h.mask[i] = 0;
    }
    for (size_t k = 0; k < legal; k++) h.mask[move(&h, k)] = 1;
    return h;
}

/* Legal moves at `top`, each `step` below the one before. */
static void ramp(struct gen *g, const char *slug, size_t n, size_t legal, double top, double step)
{
    struct head h = position(g, n, legal);
    for (size_t k = 0; k < legal; k++) h.x[move(&h, k)] = top - step * (double)k;
    gen_arrays(g, slug, 1, n, h.mask, h.x);
}

/* The mask of a position: its legal moves from 6 down to -1.75, by eighths, in the order of the head. */
static void legal(struct gen *g, const char *name, enum chess_head which)
{
    static struct chess_moves moves;
    char slug[40];
    const struct chess_position *p = chess_position_named(name);
    chess_moves_build(&moves, which);
    struct head h = position(g, moves.n, 0);
    for (const char *move = p->moves; *move != '\0'; move += strspn(move, " ")) {
        char text[6] = {0};
        size_t length = strcspn(move, " ");
        memcpy(text, move, length);
        if (which == HEAD_LC0 && strcmp(text, "e1g1") == 0) text[2] = 'h'; /* castling: the king takes its rook */
        if (which == HEAD_LC0 && strcmp(text, "e1c1") == 0) text[2] = 'a';
        int index = chess_moves_index(&moves, text);
        if (index < 0) abort();
        h.mask[index] = 1;
        move += length;
    }
    for (size_t i = 0, k = 0; i < h.n; i++)
        if (h.mask[i]) h.x[i] = 6 - (double)(k++ % 63) / 8;
    snprintf(slug, sizeof slug, "%s-%s", which == HEAD_MAIA2 ? "maia2" : which == HEAD_LC0 ? "lc0" : "az", name);
    gen_arrays(g, slug, 1, h.n, h.mask, h.x);
}

static void make(struct gen *g)
{
    ramp(g, "chess-start-equal", MAIA, 20, 11.4394, 0); /* x * mask leaks 0.1 %: the article's typical position */
    ramp(g, "chess-start-worst", MAIA, 20, 7.4562, 0);  /* and 5.1 %: its worst */
    ramp(g, "chess-218", MAIA, 218, 0, 1.0 / 16);       /* the most legal moves of any position */
    ramp(g, "chess-single", MAIA, 1, -30, 0);
    ramp(g, "chess-stalemate", MAIA, 0, 0, 0);
    ramp(g, "lc0-1858", LC0, 20, 3, 0);
    ramp(g, "az-4672", ALPHA_ZERO, 20, 3, 0);

    struct head h = position(g, MAIA, 22); /* maia2's own test: linspace(-1, 1), a position of 22 moves */
    for (size_t i = 0; i < MAIA; i++) h.x[i] = -1 + 2 * (double)i / (MAIA - 1);
    gen_arrays(g, "chess-linspace", 1, MAIA, h.mask, h.x);

    h = position(g, MAIA, 30); /* the best move is en passant, and the position forgot that it is legal */
    for (size_t k = 0; k < 30; k++) h.x[move(&h, k)] = 15 - (double)k / 2;
    h.x[move(&h, 7) + 1] = 25;
    gen_arrays(g, "chess-en-passant-illegal", 1, MAIA, h.mask, h.x);

    size_t count = gen_count(g, 24);
    for (size_t i = 0; i < count; i++) {
        static const size_t sizes[] = {MAIA, LC0, ALPHA_ZERO};
        size_t rows = gen_rows(g, i % 4 == 3 ? 4 : 1), n = gen_cols(g, sizes[i % 3]);
        double *x = gen_logits(g, rows * n);
        unsigned char *mask = gen_mask(g, rows * n);
        gen_fill(g, rows, n, 30 / (double)n, 3, mask, x);
        for (size_t j = 0; j < rows * n; j++) /* a trained head keeps most illegal moves low */
            x[j] += mask[j] ? 6 : i % 2 ? -6 : 0;
        gen_arrays(g, "random", rows, n, mask, x);
    }

    static const char *const of_maia2[] = {"start",    "218",   "218b",       "single",
                                           "kiwipete", "maia2", "promotions", "en-passant"};
    for (size_t i = 0; i < sizeof of_maia2 / sizeof *of_maia2; i++) legal(g, of_maia2[i], HEAD_MAIA2);
    legal(g, "kiwipete", HEAD_LC0);
    legal(g, "kiwipete", HEAD_ALPHA_ZERO);
}

SUITE(chess, .hunts = "LEAK EMPTY", .about = "policy heads of 1858, 1880 and 4672 moves, 0 to 218 of them legal",
      .make = make);
