"""peer_tinygrad - tinygrad on the processor, where it compiles every formula for every shape with clang.

SPDX-License-Identifier: MIT
"""
import os

os.environ.update(DEV="CPU", CPU="1")
try:
    from importlib.metadata import version

    from tinygrad import Tensor, dtypes
    Tensor.zeros(1).contiguous().realize()
except (ImportError, RuntimeError, OSError):
    raise SystemExit(77)
import numpy as np
from line import log_softmax, serve, softmax


@softmax
def where(x, m):
    return m.where(x, -float("inf")).softmax(-1)


@log_softmax
def where(x, m):
    return m.where(x, -float("inf")).log_softmax(-1)


@softmax
def masked_fill(x, m):
    return x.masked_fill(m.logical_not(), x.dtype.min).softmax(-1)


def gradient(f, x, m, dy):
    x.requires_grad = True
    return f(x, m).gradient(x, gradient=dy)[0]


serve(f"tinygrad {version('tinygrad')}", ["f64", "f32", "f16"], Tensor, lambda t: t.numpy(), gradient)
