"""peer_litert - LiteRT (once TensorFlow Lite) on the processor, which runs softmax with a current XNNPACK.

TensorFlow's converter makes the model from the formula.
SPDX-License-Identifier: MIT
"""
import os

os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="")
import numpy as np

try:
    from importlib.metadata import version

    import tensorflow as tf
    from ai_edge_litert.interpreter import Interpreter
except ImportError:
    raise SystemExit(77)
from line import log_softmax, serve, softmax

interpreters = {}


def run(f, x, m):
    if f not in interpreters:
        any_shape = [tf.TensorSpec([None, None], tf.float32), tf.TensorSpec([None, None], tf.bool)]
        graph = tf.function(f, input_signature=any_shape).get_concrete_function()
        model = tf.lite.TFLiteConverter.from_concrete_functions([graph]).convert()
        interpreters[f] = Interpreter(model_content=model)
    i = interpreters[f]
    for given in i.get_input_details():
        i.resize_tensor_input(given["index"], x.shape)
    i.allocate_tensors()
    for given in i.get_input_details():
        i.set_tensor(given["index"], m if given["dtype"] == np.bool_ else x)
    i.invoke()
    return i.get_tensor(i.get_output_details()[0]["index"])


def of_softmax(x, m):
    return tf.nn.softmax(tf.where(m, x, -float("inf")))


def of_log_softmax(x, m):
    return tf.nn.log_softmax(tf.where(m, x, -float("inf")))


@softmax
def where(x, m):
    """SOFTMAX(SELECT_V2(m, x, -inf)), by the XNNPACK delegate"""
    return run(of_softmax, x, m)


@log_softmax
def where(x, m):
    return run(of_log_softmax, x, m)


serve(f"LiteRT {version('ai-edge-litert')}", ["f32"])
