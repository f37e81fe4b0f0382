"""peer_onnxruntime - ONNX Runtime on the processor: Where or Add before Softmax, and Attention, which has a mask.

A model is a graph of named nodes, made once for each format.  Attention hands out its probabilities when
qk_matmul_output_mode is 3; queries are 1, keys x, scale 1.
SPDX-License-Identifier: MIT
"""
import numpy as np

try:
    import onnxruntime
    from onnx_models import FORMAT, MODELS
except ImportError:
    raise SystemExit(77)
from line import log_softmax, serve, softmax

sessions = {}


def run(name, x, m):
    key = name, x.dtype
    if key not in sessions:
        quiet = onnxruntime.SessionOptions()
        quiet.log_severity_level = 3
        model = MODELS[name](FORMAT[x.dtype.name]).SerializeToString()
        sessions[key] = onnxruntime.InferenceSession(model, quiet, providers=["CPUExecutionProvider"])
    return sessions[key].run(None, {"x": x, "m": m})[0]


@softmax
def where(x, m):
    """Softmax(Where(m, x, -inf))"""
    return run("where", x, m)


@log_softmax
def where(x, m):
    return run("where_log", x, m)


@softmax
def add_min(x, m):
    """Softmax(Add(x, Where(m, 0, lowest)))"""
    return run("add_min", x, m)


@softmax
def attention(x, m):
    """Attention(1, x, attn_mask=m, qk_matmul_output_mode=3), opset 24"""
    return run("attention", x, m)


serve(f"ONNX Runtime {onnxruntime.__version__}", ["f64", "f32", "f16"])
