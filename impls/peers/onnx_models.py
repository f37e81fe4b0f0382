"""onnx_models - the graphs that the peers onnx, onnxruntime and openvino run, as their users' exporters write them.

Inputs x and m are [rows, n]; the output is p.  Each is a function of the ONNX element type.
SPDX-License-Identifier: MIT
"""
import math

from onnx import TensorProto, helper

FORMAT = {"float64": TensorProto.DOUBLE, "float32": TensorProto.FLOAT, "bfloat16": TensorProto.BFLOAT16,
          "float16": TensorProto.FLOAT16}
LOWEST = {TensorProto.DOUBLE: -1.7976931348623157e308, TensorProto.FLOAT: -3.4028234663852886e38,
          TensorProto.BFLOAT16: -3.3895313892515355e38, TensorProto.FLOAT16: -65504.0}
OPSET = 24


def model(kind, nodes, **constants):
    """A graph of these nodes; a constant is a list of integers or a number of the element type."""
    value = [helper.make_tensor(name, TensorProto.INT64, [len(c)], c) if isinstance(c, list) else
             helper.make_tensor(name, kind, [], [c]) for name, c in constants.items()]
    graph = helper.make_graph(nodes, "masked_softmax",
                              [helper.make_tensor_value_info("x", kind, ["rows", "n"]),
                               helper.make_tensor_value_info("m", TensorProto.BOOL, ["rows", "n"])],
                              [helper.make_tensor_value_info("p", kind, ["rows", "n"])], value)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=11)


def where(kind, last="Softmax"):
    return model(kind, [helper.make_node("Where", ["m", "x", "fill"], ["z"]),
                        helper.make_node(last, ["z"], ["p"], axis=-1)], fill=-math.inf)


def add_min(kind):
    return model(kind, [helper.make_node("Where", ["m", "zero", "fill"], ["bias"]),
                        helper.make_node("Add", ["x", "bias"], ["z"]),
                        helper.make_node("Softmax", ["z"], ["p"], axis=-1)], zero=0.0, fill=LOWEST[kind])


def attention(kind):
    """One query, 1, for each row; keys x of width 1; the values do not matter: output 3 is the probabilities."""
    return model(kind, [helper.make_node("Unsqueeze", ["x", "inner"], ["keys"]),
                        helper.make_node("Unsqueeze", ["m", "middle"], ["mask"]),
                        helper.make_node("Shape", ["x"], ["rows_1"], start=0, end=1),
                        helper.make_node("Concat", ["rows_1", "one_1_1"], ["q_shape"], axis=0),
                        helper.make_node("Expand", ["one", "q_shape"], ["queries"]),
                        helper.make_node("Attention", ["queries", "keys", "keys", "mask"], ["y", "", "", "q"],
                                         scale=1.0, qk_matmul_output_mode=3),
                        helper.make_node("Squeeze", ["q", "squeezed"], ["p"])],
                 inner=[1, 3], middle=[1, 2], one_1_1=[1, 1, 1], one=1.0, squeezed=[1, 2])


MODELS = {"where": where, "where_log": lambda kind: where(kind, "LogSoftmax"), "add_min": add_min,
          "attention": attention}
