"""timed - what a peer does for `maskproof bench --peer`: copy the arrays, and time one call of a formula when asked.

Lines in, lines out: "load FORMAT ROWS N", "run NAME" (p is written behind x), "time NAME CALLS" (answered by
nanoseconds a call and a checksum of p).  Each timed call comes after an untimed one, which brings the arrays near.

SPDX-License-Identifier: MIT
"""
import gc
import os
import sys
import time
import zlib

import numpy as np

PREPARED = {}  # name -> what makes, of x and m, the function of nothing that is timed


def prepared(f):
    """Offer f(x, m), which does what need not be timed and returns the function that is, under its own name."""
    PREPARED[f.__name__] = f
    return f


class Batch:
    """The arrays of one shape, and the functions made for them."""

    def __init__(self, path, format, rows, n, to):
        real = {"f64": np.float64, "f32": np.float32}[format]
        self.path, self.shape, self.real, self.calls = path, (rows, n), real, {}
        self.bytes = rows * n * np.dtype(real).itemsize
        self.x = to(np.fromfile(path, real, rows * n).reshape(self.shape))
        self.m = to(np.fromfile(path, np.uint8, rows * n, offset=2 * self.bytes).reshape(self.shape) == 1)

    def call(self, name, formulas):
        if name not in self.calls:
            if name in PREPARED:
                self.calls[name] = PREPARED[name](self.x, self.m)
            else:
                self.calls[name] = lambda f=formulas[name]["softmax"]: f(self.x, self.m)
        return self.calls[name]

    def write(self, p):
        if p.dtype != self.real or p.shape != self.shape:
            raise TypeError(f"expected {self.real} {self.shape}, the formula returned {p.dtype} {p.shape}")
        with open(self.path, "r+b") as file:
            file.seek(self.bytes)
            file.write(np.ascontiguousarray(p).data.cast("B"))


def measure(call, wait, calls):
    p = wait(call())
    start = time.perf_counter_ns()
    for _ in range(calls):
        p = wait(call())
    return (time.perf_counter_ns() - start) / calls, p


def answer(path, words, batch, formulas, to, back, wait):
    """(the answer to a question, the batch from then on)"""
    if words[0] == "load":
        return "ok", Batch(path, words[1], int(words[2]), int(words[3]), to)
    call = batch.call(words[1], formulas)
    if words[0] == "run":
        batch.write(back(wait(call())))
        return "ok", batch
    ns, p = measure(call, wait, int(words[2]))
    return f"{ns} {zlib.crc32(np.ascontiguousarray(back(p)).data.cast('B')):x}", batch


def times(path, version, names, formulas, to, back, wait):
    """Answer until the end of input; a library that prints does not get into the answers."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    gc.disable()
    print(version, " ".join([*names, *PREPARED]), sep="\t", file=answers)
    batch = None
    for line in sys.stdin:
        try:
            said, batch = answer(path, line.split(), batch, formulas, to, back, wait)
        except NotImplementedError:
            said = "skip"
        except Exception as e:  # whatever a library throws: it is the answer
            said = " ".join(f"{type(e).__name__}: {e}".split())[:300]
        print(said, file=answers)
