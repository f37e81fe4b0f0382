"""peer_numpy - NumPy has no softmax, so everyone writes one.  These are the ways it is written.

multiply is the article's bug; where is F14 of the usual list; where_argument uses NumPy's own where=; masked_array
its numpy.ma.
SPDX-License-Identifier: MIT
"""
import numpy as np
from line import serve, softmax


def plain(z):
    e = np.exp(z - z.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


@softmax
def multiply(x, m):
    return plain(x * m)


@softmax
def where(x, m):
    return plain(np.where(m, x, x.dtype.type(-np.inf)))


@softmax
def renormalize(x, m):
    """p = softmax(x) * m; p / p.sum(-1, keepdims=True)"""
    p = plain(x) * m
    return p / p.sum(-1, keepdims=True)


@softmax
def where_argument(x, m):
    """e = np.exp(x - x.max(where=m), where=m); e / e.sum()"""
    top = x.max(-1, keepdims=True, where=m, initial=-np.inf)
    e = np.exp(x - top, where=m, out=np.zeros_like(x))
    return e / e.sum(-1, keepdims=True)


@softmax
def masked_array(x, m):
    """z = np.ma.array(x, mask=~m); e = np.ma.exp(z - z.max()); (e / e.sum()).filled(0)"""
    z = np.ma.array(x, mask=~m)
    e = np.ma.exp(z - z.max(-1, keepdims=True))
    return (e / e.sum(-1, keepdims=True)).filled(0)


serve(f"NumPy {np.__version__}", ["f64", "f32", "f16"],
      timed=["where", "renormalize", "where_argument", "masked_array"])
