/* chess_moves - the policy heads of chess networks: which move each logit is, rebuilt from the rules that list them.
   All are of the side to move, which plays up the board: Black's moves are those on the mirrored board.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_CHESS_MOVES_H
#define MASKPROOF_CHESS_MOVES_H

#include <stddef.h>

/* MAIA2: 1880 = 1456 queen-like + 336 knight moves + 88 promotions; CSSLab/maia2, utils.get_all_possible_moves.
   LC0: 1858; promotions to a knight are the plain move, castling is the king taking its rook; Leela Chess Zero, and
   Maia-1 by it.
   ALPHA_ZERO: 4672 = 64 squares x 73 planes: 56 queen-like (direction N, NE .. NW, then distance), 8 knight, 9
   promotions to n, b, r; to a queen is the plain move; Silver et al., arXiv:1712.01815, table S2.  1858 of these
   name a move on the board, the others none. */
enum chess_head { HEAD_MAIA2, HEAD_LC0, HEAD_ALPHA_ZERO, CHESS_HEADS };

enum { CHESS_MOVES_MAX = 4672 };

struct chess_moves {
    const char *name;
    size_t n;                                   /* logits */
    size_t queen, knight, promotions;           /* how many of them are moves of each kind */
    char plain;                                 /* the promotion that is written as the plain move; '\0': none is */
    char move[CHESS_MOVES_MAX][sizeof "a7a8q"]; /* "e2e4", "a7a8q"; [i] owns logit i, i < n; "" names no move */
};

void chess_moves_build(struct chess_moves *v, enum chess_head head);

/* The index of a move, or -1 if it has no logit. */
int chess_moves_index(const struct chess_moves *v, const char *move);

/* How many different moves the head has. */
size_t chess_moves_distinct(const struct chess_moves *v);

#endif
