"""peer_mlx - MLX on the processor: where before softmax, and its attention.

SPDX-License-Identifier: MIT
"""
import numpy as np

try:
    import mlx.core as mx
    from importlib.metadata import version
    mx.set_default_device(mx.cpu)
    mx.eval(mx.zeros(1))
except (ImportError, RuntimeError):
    raise SystemExit(77)
from line import at_most, bfloat16, log_softmax, serve, softmax


@softmax
def where(x, m):
    return mx.softmax(mx.where(m, x, -mx.inf), axis=-1)


@softmax
def precise(x, m):
    return mx.softmax(mx.where(m, x, -mx.inf), axis=-1, precise=True)


@log_softmax
def where(x, m):
    z = mx.where(m, x, -mx.inf)
    return z - mx.logsumexp(z, axis=-1, keepdims=True)


@softmax
def attention(x, m):
    """mx.fast.scaled_dot_product_attention(e1, x e1', identity, mask=m, scale=1)"""
    at_most(x, 1024)
    rows, n = x.shape
    q = mx.ones((rows, 1, 1, 1), x.dtype)
    v = mx.broadcast_to(mx.eye(n, dtype=x.dtype), (rows, 1, n, n))
    return mx.fast.scaled_dot_product_attention(q, x.reshape(rows, 1, n, 1), v, scale=1.0,
                                                mask=m.reshape(rows, 1, 1, n))


def to(a):
    if a.dtype.name == "bfloat16":
        return mx.array(a.view(np.uint16)).view(mx.bfloat16)
    return mx.array(a, mx.float64) if a.dtype == np.float64 else mx.array(a)


def back(t):
    return np.array(t.view(mx.uint16)).view(bfloat16) if t.dtype == mx.bfloat16 else np.array(t)


def computed(p):
    mx.eval(p)
    return p


def gradient(f, x, m, dy):
    return mx.vjp(lambda x: f(x, m).reshape(x.shape), [x], [dy])[1][0]


serve(f"MLX {version('mlx')}", ["f64", "f32", "bf16", "f16"], to, back, gradient, ["where"],
      timed=["where", "precise"], wait=computed)
