"""peer_keras - Keras: the layer Softmax with its mask argument, on its default back end, TensorFlow.

SPDX-License-Identifier: MIT
"""
import os

os.environ.update(KERAS_BACKEND="tensorflow", TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="")
try:
    import keras
    import tensorflow as tf
except ImportError:
    raise SystemExit(77)
from line import serve, softmax

layers = {}


@softmax
def layer(x, m):
    """keras.layers.Softmax(dtype=x.dtype)(x, mask=m)"""
    if x.dtype not in layers:
        layers[x.dtype] = keras.layers.Softmax(dtype=x.dtype.name)
    return layers[x.dtype](x, mask=m)


@softmax
def where(x, m):
    return keras.ops.softmax(keras.ops.where(m, x, -float("inf")))


def gradient(f, x, m, dy):
    with tf.GradientTape() as tape:
        tape.watch(x)
        p = f(x, m)
    return tape.gradient(p, x, dy)


serve(f"Keras {keras.__version__}", ["f64", "f32", "bf16", "f16"], tf.constant, lambda t: t.numpy(), gradient,
      ["layer"])
