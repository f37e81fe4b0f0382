"""SPDX-License-Identifier: MIT"""
import numpy

MOVES, BOARD = 1880, (18, 8, 8)


def prepare():
    return [dict.fromkeys(range(MOVES)), {}, {}]


class TestDataset:
    def __init__(self, data, all_moves_dict, elo_dict):
        self.data, self.moves = data, len(all_moves_dict)
        self.offsets = numpy.load("reports/chess/positions_offsets.npy")
        self.indices = numpy.load("reports/chess/positions_moves.npy")

    def __len__(self):
        return len(self.data)

    def __getitem__(self, i):
        legal = numpy.zeros(self.moves, "f4")
        legal[self.indices[self.offsets[i]:self.offsets[i + 1]]] = 1
        return self.data[i], numpy.full(BOARD, i, "f4"), 3, 5, legal
