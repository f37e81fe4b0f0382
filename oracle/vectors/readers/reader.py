#!/usr/bin/env python3
"""reader.py - holds a masked softmax to the golden vectors, with nothing but Python.  Put yours in place of safe().

    python3 reader.py [safe|multiply|...] [DIRECTORY]    exit 0: all cases pass, 1: some fail, 2: nothing to check
SPDX-License-Identifier: MIT"""

import json, math, pathlib, struct, sys

LIMITS = {"f32": 1, "f64": 514}  # ulps that you allow; math.exp(x - max) rounds x - max, which is up to 745
PRECISION = {"f32": (24, -149, ">f"), "f64": (53, -1074, ">d")}  # bits, exponent of the smallest number, struct code


def safe(x, mask):
    """One row: numbers and a mask of 0 and 1 in, probabilities out."""
    valid = [v for v, m in zip(x, mask) if m]
    top = math.nan if any(map(math.isnan, valid)) else max(valid, default=-math.inf)
    if top == -math.inf:
        return [0.0] * len(x)
    e = [math.exp(v - top) if m else 0.0 for v, m in zip(x, mask)]
    total = sum(e)
    return [v / total if m else 0.0 for v, m in zip(e, mask)]


SUBJECTS = {  # besides it, what must fail: the article's bug, and what a careless check lets pass
    "safe": safe,
    "multiply": lambda x, mask: safe([v * m for v, m in zip(x, mask)], [1] * len(x)),
    "nan": lambda x, mask: [math.nan if m else 0.0 for m in mask],
    "zeros": lambda x, mask: [0.0] * len(x),
    "nearly": lambda x, mask: [p * (1 - 2**-22) for p in safe(x, mask)],
}


def number(form, word):
    return struct.unpack(PRECISION[form][2], bytes.fromhex(word))[0]


def rounded(form, value):
    """To the format, as your own code would store it."""
    try:
        return number(form, struct.pack(PRECISION[form][2], value).hex())
    except OverflowError:
        return math.copysign(math.inf, value)


def ulp(form, word, frac):
    """Spacing of the format at the exact value, which frac may put into the binade below the word's."""
    bits, least, _ = PRECISION[form]
    m, e = math.frexp(number(form, word))
    return math.ldexp(1, max(e - bits - (m == 0.5 and frac < 0), least) if m else least)


def error(form, got, word, frac):
    """In ulps of the exact value; infinite where nothing but the word itself will do."""
    if word == "nan":
        return 0 if math.isnan(got) else math.inf
    if frac == "" and int(word, 16) == 0:  # masked, or of exactly no weight: +0 and not -0
        return 0 if struct.pack(">d", got) == bytes(8) else math.inf
    if not 0 <= got <= 1:  # so that NaN loses
        return math.inf
    frac = float(frac or 0)
    return abs((got - number(form, word)) / ulp(form, word, frac) - frac)


def check(softmax, form, test):
    """What one test gives, and the error of each entry."""
    n, x, p = test["n"], [number(form, word) for word in test["logits"]], []
    for r in range(0, test["rows"] * n, n):
        p += softmax(x[r:r + n], test["mask"][r:r + n])
    if len(p) != len(x):
        return p, [math.inf]
    return p, [error(form, rounded(form, v), *due) for v, *due in zip(p, test["expected"], test["frac"])]


def main(name="safe", directory=pathlib.Path(__file__).parent.parent):
    cases, failed, worst = 0, 0, dict.fromkeys(LIMITS, 0)
    for form, limit in LIMITS.items():
        for test in json.loads(pathlib.Path(directory, f"{form}.softmax.json").read_text())["tests"]:
            p, errors = check(SUBJECTS[name], form, test)
            worst[form] = max(worst[form], *errors)
            cases += 1
            if not all(e <= limit for e in errors):
                failed += 1
                print(f"FAIL {test['id']}: {p}, expected {test['value']}")
    print(f"reader.py, {name}: {cases - failed} of {cases} cases pass; largest error in ulps:",
          *(f"{form} {e:.3g}" for form, e in worst.items()))
    return 2 if cases == 0 else 1 if failed else 0


if __name__ == "__main__":
    if len(sys.argv) > 3 or (len(sys.argv) > 1 and sys.argv[1] not in SUBJECTS):
        sys.exit(print(f"expected {', '.join(SUBJECTS)} and a directory", file=sys.stderr) or 2)
    try:
        sys.exit(main(*sys.argv[1:]))
    except (OSError, ValueError, KeyError) as why:
        sys.exit(print(f"expected the golden vectors: {why}", file=sys.stderr) or 2)
