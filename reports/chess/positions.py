"""positions - chess positions with their legal moves, from python-chess, for programs that know no chess.

  positions.py             write what is stored: oracle/chess_positions.inc (named ones) and, beside this file,
                           positions.fen and positions_{offsets,moves}.npy (2000 of games it plays itself, seeded)
  positions.py --check     compare what is stored with python-chess, the 4000 positions of maia1/ too
  positions.py --fen FILE --head maia2 MASK.npy      masks of the positions of a file, one FEN a line

Moves are of the side to move, Black's on the mirrored board, as Maia2 and lc0 have them.  Needs chess and numpy.
SPDX-License-Identifier: MIT"""
import argparse, gzip, pathlib, random, sys

try:
    import chess, numpy
except ImportError as missing:
    print(f"positions.py: no {missing.name} here: nothing is compared", file=sys.stderr)
    sys.exit(77)

HERE = pathlib.Path(__file__).parent
INCLUDE = HERE / "../../oracle/chess_positions.inc"
GAMES, POSITIONS = 400, 2000
NAMED = {
    "start": chess.STARTING_FEN,
    "218": "R6R/3Q4/1Q4Q1/4Q3/2Q4Q/Q4Q2/pp1Q4/kBNN1KB1 w - - 0 1",  # N. Petrovic, 1964: the most of any position
    "218b": "3Q4/1Q4Q1/4Q3/2Q4R/Q4Q2/3Q4/1Q4Rp/1K1BBNNk w - - 0 1",  # another
    "216": "R6R/3Q4/1Q4Q1/4Q3/2Q4Q/Q4Q2/pp1Q4/kBNNK1B1 w - - 0 1",  # the first as it is often misprinted
    "single": "7k/8/6K1/8/8/8/8/R7 b - - 0 1",
    "stalemate": "7k/5Q2/7K/8/8/8/8/8 b - - 0 1",
    "kiwipete": "r3k2r/p1ppqpb1/bn2pnp1/3PN3/1p2P3/2N2Q1p/PPPBBPPP/R3K2R w KQkq - 0 1",  # castling to both sides
    "maia2": "rn1q1rk1/ppp2ppp/4bn2/3p3P/4p3/P3P3/1PPPBPPb/RNBQK3 w Q - 0 11",  # of its own tests
    "promotions": "n1n5/PPPk4/8/8/8/8/4Kppp/5N1N b - - 0 1",  # Black's, so mirrored
    "en-passant": "rnbqkbnr/ppp1p1pp/8/3pPp2/8/8/PPPP1PPP/RNBQKBNR w KQkq f6 0 3",
}
COUNTS = {"start": 20, "218": 218, "218b": 218, "216": 216, "single": 1, "stalemate": 0, "kiwipete": 48, "maia2": 22,
          "promotions": 24, "en-passant": 31}


def name(from_, to, piece=""):
    return chess.square_name(from_) + chess.square_name(to) + piece


def reach(from_, knight):
    attacks = chess.BB_KNIGHT_ATTACKS[from_] if knight else (chess.BB_RANK_ATTACKS[from_][0] |
                                                             chess.BB_FILE_ATTACKS[from_][0] |
                                                             chess.BB_DIAG_ATTACKS[from_][0])
    return list(chess.SquareSet(attacks))


def promotions(sides, pieces):
    return [name(48 + f, 56 + f + s, p) for f in range(8) for s in sides if 0 <= f + s < 8 for p in pieces]


def heads():
    """The moves of each head, by python-chess's attack tables: no line of ours is shared with oracle/chess_moves.c."""
    maia2, lc0 = [], []
    for square in chess.SQUARES:
        queen, knight = reach(square, False), reach(square, True)
        maia2 += [name(square, to) for to in sorted(queen, reverse=True) + sorted(knight, reverse=True)]
        lc0 += [name(square, to) for to in sorted(queen + knight)]
    return {"maia2": maia2 + promotions((0, -1, 1), "qrbn"), "lc0": lc0 + promotions((-1, 0, 1), "qrb")}


HEADS = heads()
INDEX = {head: {move: i for i, move in enumerate(moves)} for head, moves in HEADS.items()}


def legal(fen, head="maia2"):
    """Sorted indices of the legal moves; of both colours on White's side of the board."""
    board = chess.Board(fen)
    if board.turn == chess.BLACK:
        board = board.mirror()
    indices = []
    for move in board.legal_moves:
        text = move.uci()
        if head == "lc0":
            text = {"e1g1": "e1h1", "e1c1": "e1a1"}[text] if board.is_castling(move) else text.removesuffix("n")
        indices.append(INDEX[head][text])
    return sorted(indices)


def interest(board):
    """How seldom a position is of its kind: what a random game shows too little of is kept first."""
    moves = list(board.legal_moves)
    return (any(map(board.is_en_passant, moves)) + any(map(board.is_castling, moves)) + any(m.promotion for m in moves) +
            board.is_check() + (len(moves) <= 3) + (len(moves) >= 45))


def play():
    """Games of random moves, captures and promotions a little preferred; five positions of each, the rarest kinds first."""
    draw, seen = random.Random(8), {}
    for _ in range(GAMES):
        board, game = chess.Board(), []
        while not board.is_game_over(claim_draw=True) and board.ply() < 240:
            moves = sorted(board.legal_moves, key=chess.Move.uci)
            weights = [1 + 2 * board.is_capture(m) + 4 * (m.promotion is not None) for m in moves]
            board.push(draw.choices(moves, weights)[0])
            if any(board.legal_moves):
                game.append((interest(board) + draw.random(), board.fen()))
        for _, fen in sorted(game, reverse=True)[:2] + draw.sample(game, min(6, len(game))):
            seen.setdefault(fen)
    return list(seen)[:POSITIONS]


def include():
    """The named positions, as rows of a C table."""
    lines = ["/* Written by reports/chess/positions.py from python-chess: slug, FEN, legal moves of the side to move. */"]
    for slug, fen in NAMED.items():
        moves = [HEADS["maia2"][i] for i in legal(fen)]
        assert len(moves) == COUNTS[slug], (slug, len(moves))
        lines.append(f'POSITION("{slug}", "{fen}",')
        for i in range(0, len(moves), 20):
            lines.append('         "' + " ".join(moves[i:i + 20]) + (' "' if i + 20 < len(moves) else '"'))
        lines.append('         "")' if not moves else lines.pop() + ")")
    return "\n".join(lines) + "\n"


def arrays(fens):
    rows = [legal(fen) for fen in fens]
    return (numpy.cumsum([0] + [len(r) for r in rows]).astype("<i4"),
            numpy.array([i for r in rows for i in r], dtype="<u2"))


def write():
    fens = play()
    offsets, moves = arrays(fens)
    INCLUDE.write_text(include())
    (HERE / "positions.fen").write_text("\n".join(fens) + "\n")
    numpy.save(HERE / "positions_offsets.npy", offsets)
    numpy.save(HERE / "positions_moves.npy", moves)


def check():
    fens = (HERE / "positions.fen").read_text().splitlines()
    offsets, moves = arrays(fens)
    assert INCLUDE.read_text() == include(), f"{INCLUDE} is not what python-chess says"
    assert numpy.array_equal(numpy.load(HERE / "positions_offsets.npy"), offsets), "counts of legal moves"
    assert numpy.array_equal(numpy.load(HERE / "positions_moves.npy"), moves), "legal moves"
    boards, counts = [chess.Board(fen) for fen in fens], numpy.diff(offsets)
    kinds = {"en passant": lambda b: any(map(b.is_en_passant, b.legal_moves)),
             "castling": lambda b: any(map(b.is_castling, b.legal_moves)),
             "promotion": lambda b: any(m.promotion for m in b.legal_moves), "check": chess.Board.is_check,
             "Black to move": lambda b: not b.turn}
    print(f"python-chess {chess.__version__}: {len(NAMED)} named positions and {len(fens)} of games, {counts.min()} to "
          f"{counts.max()} legal moves, as stored; " + ", ".join(f"{sum(map(k, boards))} {n}" for n, k in kinds.items()))


def check_maia1():
    """The moves whose logits are stored are the legal ones, in lc0's head, which these networks have."""
    offsets, index = (numpy.load(HERE / f"maia1/sample_{part}.npy") for part in ("offsets", "index"))
    with gzip.open(HERE / "maia1/sample_positions.tsv.gz", "rt", encoding="ascii") as file:
        fens = [line.rstrip("\n").split("\t")[3] for line in file][1:]
    assert len(fens) == len(offsets) - 1
    for fen, start, end in zip(fens, offsets, offsets[1:]):
        assert legal(fen, "lc0") == index[start:end].tolist(), fen
    print(f"maia1: {len(index)} legal moves of {len(fens)} positions, in lc0's head, as stored")


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--check", action="store_true")
    options.add_argument("--fen", help="a file of FENs, one a line")
    options.add_argument("--head", choices=sorted(HEADS), default="maia2")
    options.add_argument("mask", nargs="?", help="where the masks of --fen go")
    asked = options.parse_args()
    if asked.check:
        check()
        check_maia1()
    elif asked.fen:
        fens = pathlib.Path(asked.fen).read_text().splitlines()
        masks = numpy.zeros((len(fens), len(HEADS[asked.head])), bool)
        for mask, fen in zip(masks, fens):
            mask[legal(fen, asked.head)] = True
        numpy.save(asked.mask, masks)
    else:
        write()


main()
