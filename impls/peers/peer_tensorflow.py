"""peer_tensorflow - TensorFlow on the processor: fills before tf.nn.softmax, and sparse.softmax, which has no masked
entries at all.

SPDX-License-Identifier: MIT
"""
import os

os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="")
try:
    import tensorflow as tf
except ImportError:
    raise SystemExit(77)
from line import log_softmax, serve, softmax


@softmax
def where(x, m):
    return tf.nn.softmax(tf.where(m, x, -float("inf")))


@log_softmax
def where(x, m):
    return tf.nn.log_softmax(tf.where(m, x, -float("inf")))


@softmax
def add_1e9(x, m):
    return tf.nn.softmax(x + (1 - tf.cast(m, x.dtype)) * -1e9)


@softmax
def sparse(x, m):
    """tf.sparse.to_dense(tf.sparse.softmax(SparseTensor(tf.where(m), x[m], x.shape)))"""
    if x.dtype == tf.bfloat16:
        raise NotImplementedError
    z = tf.SparseTensor(tf.where(m), tf.boolean_mask(x, m), x.shape)
    return tf.sparse.to_dense(tf.sparse.softmax(z))


def gradient(f, x, m, dy):
    with tf.GradientTape() as tape:
        tape.watch(x)
        p = f(x, m)
    return tape.gradient(p, x, dy)


serve(f"TensorFlow {tf.__version__}", ["f64", "f32", "bf16", "f16"], tf.constant, lambda t: t.numpy(), gradient,
      ["where"], timed=["where", "add_1e9"])
