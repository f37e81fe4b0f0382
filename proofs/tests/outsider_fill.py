"""outsider_fill - an outsider for our own check: softmax(x + (1 - mask) * -1e9) in float16, as it is often written.

In float16 -1e9 is -inf, and for a kept entry (1 - 1) * -inf is NaN: `maskproof check --format f16 -- python3
proofs/tests/outsider_fill.py` must say NANFILL.
SPDX-License-Identifier: MIT"""
import math, struct, sys


def half(v):
    """v rounded to float16; what is too large is infinite there."""
    try:
        return struct.unpack("e", struct.pack("e", v))[0]
    except OverflowError:
        return math.copysign(math.inf, v)


for line in sys.stdin:
    if line.startswith("#"):
        continue
    id, op, format, mask, *words = line.split()
    if (op, format) != ("softmax", "f16"):
        print(id, "= skip")
        continue
    x = [struct.unpack(">e", bytes.fromhex(w))[0] for w in words]
    rows, out = mask.split("/"), []
    for r, row in enumerate(rows):
        y = [half(v + half((1 - int(m)) * half(-1e9))) for v, m in zip(x[r * len(row):], row)]
        top = math.nan if any(map(math.isnan, y)) else max(y)
        e = [half(math.exp(v - top)) if v - top < 12 else math.nan for v in y]
        out += [half(v / sum(e)) for v in e]
    print(id, "=", *(struct.pack(">e", v).hex() for v in out))
