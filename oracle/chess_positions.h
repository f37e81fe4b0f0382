/* chess_positions - positions with their legal moves as python-chess has them: the most there are (218), none, one, of
   both colours, with castling, en passant and promotions.  reports/chess/positions.py writes the table, and compares.
   SPDX-License-Identifier: MIT */
#ifndef MASKPROOF_CHESS_POSITIONS_H
#define MASKPROOF_CHESS_POSITIONS_H

struct chess_position {
    const char *slug, *fen;
    const char *moves; /* "e2e4 e1g1 a7a8q", blank separated; Black's on the mirrored board */
};

extern const struct chess_position chess_positions[]; /* ended by a NULL slug */

/* The one of that slug, or NULL. */
const struct chess_position *chess_position_named(const char *slug);

#endif
