"""maia2_loader - reports/maia2/measure.py on a stand-in for the package: whole, interrupted and gone on, damaged.

SPDX-License-Identifier: MIT"""
import hashlib, pathlib, shutil, sys

import numpy

sys.path[:0] = ["proofs/maia2_stand_in", "reports/maia2"]
import measure
from maia2 import model

ROOM, ROWS = pathlib.Path("build/maia2-test"), 300


def sha256(data):
    return hashlib.sha256(data).hexdigest()


ASSETS = {"rapid": ("rapid_model.pt", sha256(b"weights of rapid")),
          "blitz": ("blitz_model.pt", sha256(b"weights of blitz")),
          "data": ("example_test_dataset.csv", sha256(pathlib.Path("reports/chess/positions.fen").read_bytes()))}


def run(name, assets=ASSETS, kinds=("rapid",), rows=ROWS, batch=64):
    return measure.run(ROOM / name, kinds, assets, rows, batch)


def refused(expected, *args, **kwargs):
    try:
        run(*args, **kwargs)
    except measure.Damage as damage:
        assert expected in str(damage), damage
        return
    raise AssertionError(f"not refused: {expected}")


def same(a, b):
    return all((ROOM / a / f"rapid.{part}.npy").read_bytes() == (ROOM / b / f"rapid.{part}.npy").read_bytes()
               for part in ("logits", "mask"))


shutil.rmtree(ROOM, ignore_errors=True)
seen = run("whole", kinds=("rapid", "blitz"))
x, m = (numpy.load(ROOM / f"whole/rapid.{part}.npy").astype("f8") for part in ("logits", "mask"))
assert x.shape == m.shape == (ROWS, measure.MOVES)
weights = numpy.exp(x * m - (x * m).max(1, keepdims=True))
leak = (weights * (1 - m)).sum(1) / weights.sum(1)
wrong = seen["rapid"]["formulations"][0]["wrong"]
assert abs(wrong["max"] - leak.max()) < 1e-12 and abs(wrong["mean"] - leak.mean()) < 1e-12, wrong
assert wrong["above"]["0.1"] == (leak > 0.001).sum() and seen["blitz"]["formulations"][0]["rows"] == ROWS
assert (m.sum(1) == numpy.diff(numpy.load("reports/chess/positions_offsets.npy"))[:ROWS]).all()

model.Network.fail_at = 200
try:
    run("interrupted")
    raise AssertionError("not interrupted")
except KeyboardInterrupt:
    pass
model.Network.fail_at = None
refused("of other data, weights or rows", "interrupted", rows=ROWS - 1)
asked, forward = [], measure.forward
measure.forward = lambda network, samples: asked.append(len(samples)) or forward(network, samples)
run("interrupted", batch=50)
measure.forward = forward
assert asked == [50, 50, 8], asked  # 192 rows were there
assert same("whole", "interrupted")

refused("expected SHA-256", "weights", dict(ASSETS, rapid=measure.ASSETS["rapid"]))
refused("expected SHA-256", "data", dict(ASSETS, data=measure.ASSETS["data"]))
model.Network.nan_at = 70
refused("rows 64 to 127: expected finite logits", "nan")
model.Network.nan_at = None
run("nan")
assert same("whole", "nan")
(ROOM / "nan/rapid.state").write_text((ROOM / "nan/rapid.state").read_text().replace('"rows": 300', '"rows": 400'))
refused("delete", "nan", rows=400)
with open(ROOM / "whole/rapid.logits.npy", "r+b") as file:
    file.truncate(100000)
refused("delete", "whole")
shutil.rmtree(ROOM)
print(f"\nmaia2_loader: {ROWS} rows of a stand-in; interrupted and gone on: the same bytes; six damages refused")
