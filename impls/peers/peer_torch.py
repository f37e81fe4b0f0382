"""peer_torch - PyTorch on the processor: what its users write, what it offers itself, and its attention.

A gradient is autograd's, through the formula of softmax.  Attention is asked for its probabilities: with queries 1,
keys x, scale 1 and values the identity, the output is p.
SPDX-License-Identifier: MIT
"""
import math

import numpy as np

try:
    import torch
    from torch.nn.attention import SDPBackend, sdpa_kernel
    from torch.nn.functional import scaled_dot_product_attention
except ImportError:
    raise SystemExit(77)
from line import at_most, log_softmax, serve, softmax
from timed import prepared


@softmax
def masked_fill(x, m):
    return torch.softmax(x.masked_fill(~m, -math.inf), -1)


@log_softmax
def masked_fill(x, m):
    return torch.log_softmax(x.masked_fill(~m, -math.inf), -1)


@softmax
def finfo_min(x, m):
    return torch.softmax(x.masked_fill(~m, torch.finfo(x.dtype).min), -1)


@log_softmax
def finfo_min(x, m):
    return torch.log_softmax(x.masked_fill(~m, torch.finfo(x.dtype).min), -1)


@softmax
def add_log(x, m):
    return torch.softmax(x + m.to(x.dtype).log(), -1)


@log_softmax
def add_log(x, m):
    return torch.log_softmax(x + m.to(x.dtype).log(), -1)


@softmax
def add_1e9(x, m):
    return torch.softmax(x + (1 - m.to(x.dtype)) * -1e9, -1)


@softmax
def multiply(x, m):
    return torch.softmax(x * m, -1)


@softmax
def renormalize(x, m):
    """p = torch.softmax(x, -1) * m; p / p.sum(-1, keepdim=True)"""
    p = torch.softmax(x, -1) * m
    return p / p.sum(-1, keepdim=True)


@softmax
def masked_softmax(x, m):
    return torch.masked.softmax(x, -1, mask=m)


@log_softmax
def masked_softmax(x, m):
    return torch.masked.log_softmax(x, -1, mask=m)


def attention(x, m):
    at_most(x, 1024)
    rows, n = x.shape
    q = torch.ones(rows, 1, 1, 1, dtype=x.dtype)
    v = torch.eye(n, dtype=x.dtype).expand(rows, 1, n, n)
    return scaled_dot_product_attention(q, x.reshape(rows, 1, n, 1), v, m.reshape(rows, 1, 1, n), scale=1.0)


@softmax
def sdpa(x, m):
    """scaled_dot_product_attention(1, x, identity, attn_mask=m, scale=1)"""
    return attention(x, m)


@softmax
def sdpa_math(x, m):
    """the same with sdpa_kernel(SDPBackend.MATH)"""
    with sdpa_kernel(SDPBackend.MATH):
        return attention(x, m)


@prepared
def where(x, m):
    return lambda: torch.softmax(torch.where(m, x, -math.inf), -1)


@prepared
def bias(x, m):
    b = torch.zeros_like(x).masked_fill(~m, -math.inf)
    return lambda: torch.softmax(x + b, -1)


@prepared
def unmasked(x, m):
    return lambda: torch.softmax(x, -1)


def to(a):
    if a.dtype.name == "bfloat16":
        return torch.from_numpy(a.view(np.int16)).view(torch.bfloat16)
    return torch.from_numpy(a)


def back(t):
    from line import bfloat16
    t = t.detach()
    return t.contiguous().view(torch.int16).numpy().view(bfloat16) if t.dtype == torch.bfloat16 else t.numpy()


def gradient(f, x, m, dy):
    x.requires_grad_()
    p = f(x, m)
    p.backward(dy.reshape(p.shape))
    return x.grad


serve(f"PyTorch {torch.__version__}", ["f64", "f32", "bf16", "f16"], to, back, gradient,
      ["masked_fill", "add_log", "masked_softmax", "sdpa"],
      timed=["masked_fill", "add_log", "renormalize", "masked_softmax"])
