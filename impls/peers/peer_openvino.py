"""peer_openvino - OpenVINO on the processor: Select before Softmax, and its LogSoftmax.

Without the hint the plug-in may compute f32 in bf16; EXECUTION_MODE_HINT ACCURACY keeps the model's own format.  f64 is
not offered: the plug-in turns it into f32 in silence.
SPDX-License-Identifier: MIT
"""
import numpy as np

try:
    import openvino
    from openvino import opset13 as ov
except ImportError:
    raise SystemExit(77)
from line import log_softmax, serve, softmax

models = {}


def run(last, x, m):
    key = last, x.dtype
    if key not in models:
        logits, mask = ov.parameter([-1, -1], x.dtype), ov.parameter([-1, -1], bool)
        p = last(ov.select(mask, logits, ov.constant(np.array(-np.inf, x.dtype))), 1)
        models[key] = openvino.compile_model(openvino.Model([p], [logits, mask]), "CPU",
                                             {"EXECUTION_MODE_HINT": "ACCURACY"})
    return next(iter(models[key]([x, m]).values()))


@softmax
def where(x, m):
    """Softmax(Select(m, x, -inf))"""
    return run(ov.softmax, x, m)


@log_softmax
def where(x, m):
    return run(ov.log_softmax, x, m)


serve(f"OpenVINO {openvino.__version__.split('-')[0]}", ["f32", "f16"])
