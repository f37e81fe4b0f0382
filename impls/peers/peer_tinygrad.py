"""peer_tinygrad - tinygrad on the processor, where it compiles every formula for every shape with clang: some
40 s for the shapes of one format, so it is asked for little.

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
from line import serve, softmax


@softmax
def where(x, m):
    return m.where(x, -float("inf")).softmax(-1)


@softmax
def masked_fill(x, m):
    return x.masked_fill(m.logical_not(), x.dtype.min).softmax(-1)


serve(f"tinygrad {version('tinygrad')}", ["f32", "f16"], Tensor, lambda t: t.numpy(), only={"masked_fill": ["f32"]})
