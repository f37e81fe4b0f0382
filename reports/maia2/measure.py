"""measure - the article's experiment: raw logits of Maia2 on its example test set of some 100,000 positions, and how much
softmax(x * mask) leaks of them.  Needs the package maia2 and a network that reaches its weights; `make maia2` does it all.

  measure.py DIRECTORY [rapid] [blitz] [--rows N] [--batch N]

Leaves KIND.logits.npy, KIND.mask.npy, KIND.json and KIND.svg in DIRECTORY.  What is interrupted goes on where it was.  The
logits are taken before any softmax: the package's own answers are of legal moves only, rounded to four digits.
SPDX-License-Identifier: MIT"""
import argparse, hashlib, json, os, pathlib, subprocess, sys

try:
    import numpy
except ImportError as missing:
    print(f"measure.py: {missing}", file=sys.stderr)
    sys.exit(77)

LEAK = pathlib.Path(__file__).resolve().parents[2] / "build/bin/maskproof-leak"
MOVES = 1880
ARTICLE = {"most": 0.001, "worst": 0.051}
# As maia2 0.11.0 has them in model.py and dataset.py.
ASSETS = {
    "rapid": ("rapid_model.pt", "65aae8465eed5e65df66a24ea7370715579f9e5435098d06fe18bdb1e267e997"),
    "blitz": ("blitz_model.pt", "5090d5d0d49dc29787c08d13febbed5b2da81a18c2ddcd8a90070cd3b43c44b2"),
    "data": ("example_test_dataset.csv", "cd4defb7213f052eb0c3e78c1af32f40ee67b8cb85b859e890862db31dcb7bd9"),
}


class Damage(Exception):
    """What is there is not what it should be."""


class Missing(Exception):
    """The data or the weights are not to be had here."""


def verified(directory, asset):
    """The SHA-256 of a file that was loaded; another one than that of `asset` is refused."""
    name, expected = asset
    digest = hashlib.sha256()
    with open(directory / name, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    if digest.hexdigest() != expected:
        raise Damage(f"{directory / name}: expected SHA-256 {expected}, found {digest.hexdigest()}")
    return expected


def forward(network, samples):
    """Raw logits and legal moves of a batch."""
    import torch
    _, boards, elos_self, elos_oppo, legal = zip(*samples)
    with torch.no_grad():
        logits = network(torch.stack(boards), torch.tensor(elos_self), torch.tensor(elos_oppo))[0]
    return numpy.asarray(logits, dtype="<f4"), numpy.stack([numpy.asarray(row) for row in legal])


class Capture:
    """Two .npy files under way, and how many of their rows are there.  The count is written after the rows are."""

    def __init__(self, directory, kind, rows, source):
        self.paths = {part: directory / f"{kind}.{part}.npy" for part in ("logits", "mask")}
        self.state, self.source, self.rows, self.done = directory / f"{kind}.state", source, rows, 0
        types = {"logits": "<f4", "mask": "|u1"}
        if self.state.exists():
            seen = json.loads(self.state.read_text())
            self.done = seen.pop("done")
            if seen != {"rows": rows, **source}:
                raise Damage(f"{self.state}: of other data, weights or rows; delete it to start again")
        self.arrays = {}
        for part, path in self.paths.items():
            mode = "r+" if self.done else "w+"
            size = path.stat().st_size if self.done and path.exists() else None
            try:
                array = numpy.lib.format.open_memmap(path, mode, types[part], (rows, MOVES))
                if array.shape != (rows, MOVES) or array.dtype != numpy.dtype(types[part]):
                    raise ValueError(f"{array.shape} of {array.dtype}")
                if size not in (None, array.offset + array.nbytes):
                    raise ValueError(f"{size} bytes")
            except (ValueError, OSError) as why:
                raise Damage(f"{path}: expected {rows} x {MOVES} of {types[part]}: {why}; delete {self.state} to start "
                             "again") from why
            self.arrays[part] = array

    def add(self, logits, mask):
        end = self.done + len(logits)
        if logits.shape != mask.shape or logits.shape[1:] != (MOVES,):
            raise Damage(f"expected {MOVES} logits and as many legal moves, found {logits.shape} and {mask.shape}")
        if not numpy.isfinite(logits).all():
            raise Damage(f"rows {self.done} to {end - 1}: expected finite logits")
        if not numpy.isin(mask, (0, 1)).all() or not mask.any(1).all():
            raise Damage(f"rows {self.done} to {end - 1}: expected legal moves, 0 or 1")
        self.arrays["logits"][self.done:end], self.arrays["mask"][self.done:end] = logits, mask
        for array in self.arrays.values():
            array.flush()
        self.done = end
        beside = self.state.with_suffix(".part")
        beside.write_text(json.dumps({"done": end, "rows": self.rows, **self.source}))
        os.replace(beside, self.state)


def capture(kind, directory, assets, limit, batch):
    """All rows of one kind, from where it was left."""
    from maia2 import dataset, inference, model
    try:
        data = dataset.load_example_test_dataset(save_root=str(directory / "data"))
        network = model.from_pretrained(type=kind, device="cpu", save_root=str(directory / "models"))
    except Exception as why:  # of whatever library was to download it
        raise Missing(f"Maia2 {kind} or its test set is not to be had here: {why}") from why
    source = {"kind": kind, "data": verified(directory / "data", assets["data"]),
              "weights": verified(directory / "models", assets[kind])}
    network.eval()
    moves, elos, _ = inference.prepare()
    positions = inference.TestDataset(data, moves, elos)
    rows = min(limit or len(positions), len(positions))
    out = Capture(directory, kind, rows, source)
    if out.done:
        print(f"{kind}: going on after {out.done} of {rows} rows", file=sys.stderr)
    while out.done < rows:
        out.add(*forward(network, [positions[i] for i in range(out.done, min(out.done + batch, rows))]))
        if sys.stderr.isatty():
            print(f"\r{kind}: {out.done} of {rows}", end="" if out.done < rows else None, file=sys.stderr, flush=True)
    return out


def report(kind, directory, paths):
    """What leak says of the files, and the article beside it."""
    out, svg = directory / f"{kind}.json", directory / f"{kind}.svg"
    subprocess.run([LEAK, paths["logits"], paths["mask"], "--json", out, "--svg", svg], check=True)
    seen = json.loads(out.read_text())
    wrong, rows = seen["formulations"][0]["wrong"], seen["formulations"][0]["rows"]
    above = wrong["above"]["0.1"] / rows
    print(f"\nMaia2 {kind}, {rows} positions     article     here\n"
          f"leak of softmax(x * mask), worst    {ARTICLE['worst']:7.1%}  {wrong['max']:7.2%}\n"
          f"positions that leak less than 0.1 %    most  {1 - above:7.1%}")
    return seen


def run(directory, kinds, assets=None, limit=0, batch=512):
    directory = pathlib.Path(directory)
    directory.mkdir(parents=True, exist_ok=True)
    return {kind: report(kind, directory, capture(kind, directory, assets or ASSETS, limit, batch).paths)
            for kind in kinds}


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("directory")
    options.add_argument("kinds", nargs="*", choices=("rapid", "blitz", []), help="default: both")
    options.add_argument("--rows", type=int, default=0, help="the first so many only")
    options.add_argument("--batch", type=int, default=512)
    asked = options.parse_args()
    try:
        run(asked.directory, asked.kinds or ["rapid", "blitz"], limit=asked.rows, batch=asked.batch)
    except (ImportError, Missing) as missing:
        print(f"measure.py: {missing}", file=sys.stderr)
        sys.exit(77)
    except Damage as damage:
        print(f"measure.py: {damage}", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
