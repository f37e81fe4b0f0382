"""export_json - answer lines of small cases as JSON, a test a line: for those who have a JSON reader and no shell.
SPDX-License-Identifier: MIT"""

import json, struct

MOST_ENTRIES = 64  # of a case here: JSON takes twice the bytes of a line
DIGITS = {"f64": 17, "f32": 9, "bf16": 4, "f16": 5}  # tell every word of the format from its neighbours
HEX = {"f64": 16, "f32": 8, "bf16": 4, "f16": 4}


def decimal(form, word):
    if word == "nan":
        return word
    digits = DIGITS[form]
    if form == "bf16":
        form, word = "f32", word + "0000"
    number = struct.unpack({"f64": ">d", "f32": ">f", "f16": ">e"}[form], bytes.fromhex(word))[0]
    return f"{number:.{digits}g}"


def masked_word(form, op):
    """What a masked entry must hold: +0, of log_softmax -inf."""
    ninf = {"f64": "fff0000000000000", "f32": "ff800000", "bf16": "ff80", "f16": "fc00"}
    return ninf[form] if op == "log_softmax" else "0" * HEX[form]


def row_answers(form, op, tokens, mask):
    """Class, words and fracs of a row.  Without a distribution the words are those of strict-zero; "nan" is any NaN."""
    digits, nothing = HEX[form], masked_word(form, op)
    if tokens[0] in ("nan", "pinf"):
        return tokens[0], ["nan" if m == "1" else nothing for m in mask], [""] * len(mask)
    if tokens[0] in ("empty", "all-ninf"):
        return tokens[0], [nothing] * len(mask), [""] * len(mask)
    return "plain", [t[:digits] for t in tokens], [t[digits:] for t in tokens]


def parse(line):
    """An answer line as a dictionary, all rows behind one another."""
    case, answer = line.split(" = ")
    name, op, form, mask, *words = case.split()
    rows = mask.split("/")
    entries = len(rows) * len(rows[0])
    answers = [row_answers(form, op, text.split(), row) for text, row in zip(answer.split(" / "), rows)]
    return {"id": name, "op": op, "format": form, "rows": len(rows), "n": len(rows[0]), "logits": words[:entries],
            "dy": words[entries:], "mask": [int(m) for row in rows for m in row],
            "class": [a[0] for a in answers], "expected": [w for a in answers for w in a[1]],
            "frac": [f for a in answers for f in a[2]]}


def test(line, suite, bugs):
    t = parse(line)
    dy = {"dy": t["dy"]} if t["op"] == "vjp" else {}
    return {"id": t["id"], "suite": suite, "bugs": bugs, "op": t["op"], "format": t["format"], "rows": t["rows"],
            "n": t["n"], "logits": t["logits"], **dy, "mask": t["mask"], "class": t["class"],
            "expected": t["expected"], "value": [decimal(t["format"], w) for w in t["expected"]], "frac": t["frac"]}


def is_small(line):
    return len(line.split(" ", 4)[3].replace("/", "")) <= MOST_ENTRIES


def export(form, op, all_vectors, notes):
    """The bytes of a file and how many tests it has."""
    tests = [test(line, v.suite, v.bugs()) for v in all_vectors for line in v.lines if is_small(line)]
    head = {"schema": "vectors.schema.json", "license": "CC0-1.0", "op": op, "format": form, "notes": notes}
    text = json.dumps(head, indent=2)[:-2] + ',\n  "tests": [\n' + \
        ",\n".join(json.dumps(t, separators=(",", ":")) for t in tests) + "\n  ]\n}\n"
    return text.encode(), len(tests)
