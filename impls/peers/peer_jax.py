"""peer_jax - JAX on the processor: the where= that it offers, the where its users write, and its attention.

JAX compiles for every shape, 153 of them, some 20 s for each format and operation; so only softmax(where=) runs in all.
SPDX-License-Identifier: MIT
"""
import functools
import os

os.environ["JAX_PLATFORMS"] = "cpu"
import numpy as np

try:
    import jax
    import jax.numpy as jnp
except ImportError:
    raise SystemExit(77)
from line import at_most, log_softmax, serve, softmax

jax.config.update("jax_enable_x64", True)  # else f64 is read as f32


@softmax
@jax.jit
def where_argument(x, m):
    return jax.nn.softmax(x, axis=-1, where=m)


@log_softmax
@jax.jit
def where_argument(x, m):
    return jax.nn.log_softmax(x, axis=-1, where=m)


@softmax
@jax.jit
def where(x, m):
    return jax.nn.softmax(jnp.where(m, x, -jnp.inf), axis=-1)


@softmax
@jax.jit
def finfo_min(x, m):
    return jax.nn.softmax(jnp.where(m, x, jnp.finfo(x.dtype).min), axis=-1)


@softmax
@jax.jit
def attention(x, m):
    """dot_product_attention(e1, x e1', identity, mask=m, scale=1)"""
    at_most(x, 1024)
    rows, n = x.shape
    first = jnp.zeros(n, x.dtype).at[0].set(1)  # queries, keys and values must be of one width here
    q = jnp.broadcast_to(first, (rows, 1, 1, n))
    k = jnp.where(first == 1, x[:, :, None, None], 0)
    v = jnp.broadcast_to(jnp.eye(n, dtype=x.dtype)[None, :, None, :], (rows, n, 1, n))
    return jax.nn.dot_product_attention(q, k, v, mask=m.reshape(rows, 1, 1, n), scale=1.0).reshape(rows, n)


@functools.partial(jax.jit, static_argnums=0)
def gradient(f, x, m, dy):
    return jax.vjp(lambda x: f(x, m), x)[1](dy)[0]


serve(f"JAX {jax.__version__}", ["f64", "f32", "bf16", "f16"], jnp.asarray, np.asarray, gradient, ["where_argument"],
      {"log_softmax": ["f32"], "vjp": ["f32"], "where": ["f32"], "finfo_min": ["f32"], "attention": ["f32", "bf16"]},
      timed=["where_argument", "where"], wait=jax.block_until_ready)
