"""peer_scipy - SciPy: special.softmax of -inf where masked, and special.logsumexp with the mask as its weights b.

SPDX-License-Identifier: MIT
"""
import numpy as np

try:
    import scipy
    from scipy.special import log_softmax as lsm, logsumexp, softmax as sm
except ImportError:
    raise SystemExit(77)
from line import log_softmax, serve, softmax


def fill(x, m):
    return np.where(m, x, x.dtype.type(-np.inf))


@softmax
def where(x, m):
    return sm(fill(x, m), axis=-1)


@log_softmax
def where(x, m):
    return lsm(fill(x, m), axis=-1)


@softmax
def logsumexp_b(x, m):
    """np.where(m, np.exp(x - logsumexp(x, axis=-1, b=m)), 0)"""
    return np.where(m, np.exp(x - logsumexp(x, axis=-1, b=m, keepdims=True)), x.dtype.type(0))


@log_softmax
def logsumexp_b(x, m):
    return np.where(m, x - logsumexp(x, axis=-1, b=m, keepdims=True), x.dtype.type(-np.inf))


serve(f"SciPy {scipy.__version__}", ["f64", "f32", "f16"], timed=["where", "logsumexp_b"])
