"""peer_onnx - ONNX's own reference evaluator: what the specification means, run in NumPy.

SPDX-License-Identifier: MIT
"""
try:
    import onnx
    from onnx.reference import ReferenceEvaluator
    from onnx_models import FORMAT, MODELS
except ImportError:
    raise SystemExit(77)
from line import log_softmax, serve, softmax

evaluators = {}


def run(name, x, m):
    key = name, x.dtype
    if key not in evaluators:
        evaluators[key] = ReferenceEvaluator(MODELS[name](FORMAT[x.dtype.name]))
    return evaluators[key].run(None, {"x": x, "m": m})[0]


@softmax
def where(x, m):
    """Softmax(Where(m, x, -inf))"""
    return run("where", x, m)


@log_softmax
def where(x, m):
    return run("where_log", x, m)


@softmax
def attention(x, m):
    """Attention(1, x, attn_mask=m, qk_matmul_output_mode=3), opset 24"""
    return run("attention", x, m)


serve(f"ONNX reference {onnx.__version__}", ["f64", "f32", "bf16", "f16"])
