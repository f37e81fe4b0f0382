"""SPDX-License-Identifier: MIT"""
import pathlib

import numpy

from .inference import MOVES, BOARD


class Network:
    """Logits that depend on the row alone.  `fail_at`: the row at which it breaks off; `nan_at`: the row it spoils."""
    fail_at = nan_at = None

    def eval(self):
        return self

    def __call__(self, boards, elos_self, elos_oppo):
        assert boards.shape[1:] == BOARD and len(elos_self) == len(elos_oppo) == len(boards)
        rows = boards[:, 0, 0, 0].astype(int)
        if Network.fail_at is not None and Network.fail_at in rows:
            raise KeyboardInterrupt
        logits = numpy.stack([numpy.random.default_rng(row).normal(3, 3, MOVES) for row in rows]).astype("f4")
        logits[rows == (-1 if Network.nan_at is None else Network.nan_at)] = numpy.nan
        return logits, None, None


def from_pretrained(type, device="auto", save_root="./maia2_models"):
    root = pathlib.Path(save_root)
    root.mkdir(parents=True, exist_ok=True)
    (root / f"{type}_model.pt").write_bytes(b"weights of " + type.encode())
    return Network()
