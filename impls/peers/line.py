"""line - case lines in, result lines out: all that a peer in Python need not know about the pipe.

A peer writes its formulas as functions of the logits x and the mask m (true: valid) and calls serve().  Words are bit
patterns, so NaN, -0 and subnormals arrive as they were written; bytes.fromhex skips the blanks between them.

SPDX-License-Identifier: MIT
"""
import inspect
import re
import sys

import numpy as np
from timed import times

try:
    from ml_dtypes import bfloat16
except ImportError:
    bfloat16 = None  # then a peer does not offer bf16

REALS = {"f64": np.float64, "f32": np.float32, "bf16": bfloat16, "f16": np.float16}
FORMULAS = {}  # name -> {operation: function}


def softmax(f):
    """Offer f(x, m) as a formulation of softmax, under its own name."""
    FORMULAS.setdefault(f.__name__, {})["softmax"] = f
    return f


def log_softmax(f):
    """The same of log_softmax."""
    FORMULAS.setdefault(f.__name__, {})["log_softmax"] = f
    return f


def at_most(x, n):
    """Offer no longer rows than this: attention multiplies by an n x n identity."""
    if x.shape[-1] > n:
        raise NotImplementedError


def formula_text(f):
    """What the function returns, as it stands there: the text cannot differ from the code."""
    code = re.sub(r"\s+", " ", inspect.getsource(f).split("return ", 1)[1]).strip()
    return f.__doc__ or code


def parse(line):
    """id, op, format, mask and the words as reals: x, and for vjp dy below it."""
    id, op, format, mask, words = line.split(b"=", 1)[0].decode().split(None, 4)
    real = REALS[format]
    size = {"f64": 8, "f32": 4}.get(format, 2)
    bits = np.frombuffer(bytes.fromhex(words), f">u{size}").astype(f"=u{size}")
    m = np.frombuffer(mask.replace("/", "").encode(), "S1").reshape(mask.count("/") + 1, -1) == b"1"
    return id, op, format, m, bits if real is None else bits.view(real)


def words(a, real):
    """The words of an array, which must be of the format that went in: a peer converts nothing in secret."""
    if a.dtype != real:
        raise TypeError(f"expected an array of {np.dtype(real)}, the formula returned {a.dtype}")
    bits = a.view(f"u{a.itemsize}")
    return bits.astype(bits.dtype.newbyteorder(">")).tobytes().hex(" ", a.itemsize)


def answer(offered, line, formats, to, back, gradient):
    """One result line; gradient is None where vjp is not offered."""
    id, op, format, m, reals = parse(line)
    f = offered.get("softmax" if op == "vjp" else op)
    if f is None or (op == "vjp" and gradient is None) or format not in formats(op) or REALS[format] is None:
        return f"{id} = skip"
    x = reals[:m.size].reshape(m.shape)
    try:
        if op == "vjp":
            p = gradient(f, to(x), to(m), to(reals[m.size:].reshape(m.shape)))
        else:
            p = f(to(x), to(m))
        return f"{id} = {words(np.ascontiguousarray(back(p)).reshape(-1), reals.dtype)}"
    except NotImplementedError:
        return f"{id} = skip"
    except (AttributeError, NameError, TypeError):
        raise  # more likely the peer's own mistake than the library's word on the case
    except Exception as e:  # whatever a library throws: it refuses this case
        print(f"{id}: {type(e).__name__}: {e}".split("\n")[0], file=sys.stderr)
        return f"{id} = error"


def serve(version, formats, to=lambda a: a, back=np.asarray, gradient=None, gradients=FORMULAS, only={},
          timed=(), wait=lambda p: p):
    """Run as the program NAME, or print --list or --version, or answer bench (--time ARRAYS, see timed.py).

    to, back: a numpy array to the library's kind, and back; gradient(f, x, m, dy): its vector-Jacobian product, of the
    formulas named in gradients; only[NAME]: the formats of that formula or operation, where it is not all; timed: the
    formulas that bench times; wait(p): p when it is computed, of a library that returns before.
    """
    what = sys.argv[1] if len(sys.argv) == 2 else "--help"
    if sys.argv[1:2] == ["--time"] and len(sys.argv) == 3:
        if not timed:
            sys.exit(77)
        np.seterr(all="ignore")
        times(sys.argv[2], version, timed, FORMULAS, to, back, wait)
    elif what == "--version":
        print(version)
    elif what == "--list":
        for name, offered in FORMULAS.items():
            ops = list(offered) + (["vjp"] if gradient and name in gradients else [])
            text = formula_text(next(iter(offered.values())))
            print(name, ",".join(ops), ",".join(only.get(name, formats)), text, sep="\t")
    elif what in FORMULAS:
        np.seterr(all="ignore")
        if what not in gradients:
            gradient = None

        def of(op):
            return set(only.get(what, formats)) & set(only.get(op, formats))

        for line in sys.stdin.buffer:
            if line.strip() and not line.startswith(b"#"):
                print(answer(FORMULAS[what], line, of, to, back, gradient))
    else:
        print(f"expected --list, --version or one of {', '.join(FORMULAS)}, found '{what}'", file=sys.stderr)
        sys.exit(2)
