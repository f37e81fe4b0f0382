#!/usr/bin/env python3
"""vectors_valid - the exports by other people's programs: jsonschema for the JSON, numpy for the .npz.  Each test and
each array is spelled back as an answer line, which must be the stored one.
SPDX-License-Identifier: MIT"""

import copy, hashlib, json, pathlib, subprocess, sys

import jsonschema, numpy

HERE = pathlib.Path("oracle/vectors")
CLASS_WORDS = ("empty", "nan", "pinf", "all-ninf")


def check(ok, what):
    if not ok:
        sys.exit(f"FAIL {what}")


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def spell(case, x, dy, mask, tokens):
    """An answer line; mask and tokens are flat, a row without a distribution is its class name."""
    n, rows = case["n"], range(0, len(mask), case["n"])
    head = [case["id"], case["op"], case["format"], "/".join("".join(str(int(m)) for m in mask[r:r + n]) for r in rows)]
    answers = [name if name in CLASS_WORDS else " ".join(tokens[r:r + n]) for r, name in zip(rows, case["class"])]
    return " ".join([*head, *x, *dy, "=", " / ".join(answers)])


def manifest_is_true(manifest):
    for name, entry in manifest["files"].items():
        data = (HERE / name).read_bytes()
        check(sha256(data) == entry["sha256"] and len(data) == entry["bytes"], f"{name}: the bytes in manifest.json")
    other = {p.name for p in HERE.iterdir()} - set(manifest["files"])
    known = {"README.md", "manifest.json", "readers", "vectors.schema.json", "found.md", "found.lines"}
    check(other == known, f"only what belongs here: {other}")


def words_of(form, values):
    """Decimals rounded to the format; by numpy, which has no bf16: that is half an f32."""
    code, digits = {"f64": ("f8", 16), "f32": ("f4", 8), "bf16": ("f4", 8), "f16": ("f2", 4)}[form]
    bits = [int(b) for b in numpy.array(values, dtype=code).view("u" + code[1])]
    if form == "bf16":
        bits, digits = [b + 0x8000 >> 16 for b in bits], 4
    return ["nan" if v == "nan" else f"{b:0{digits}x}" for v, b in zip(values, bits)]


def json_is_valid(path, validator, lines):
    content = json.loads(path.read_text())
    error = next(validator.iter_errors(content), None)
    check(error is None, f"{path}: {error}")
    for test in content["tests"]:
        tokens = [word + frac for word, frac in zip(test["expected"], test["frac"])]
        line = spell(test, test["logits"], test.get("dy", []), test["mask"], tokens)
        check(lines[test["suite"], test["format"], test["op"]].get(test["id"])
              == line, f"{path}: {test['id']}: the stored line")
        check(words_of(test["format"], test["value"]) == test["expected"], f"{path}: {test['id']}: the values")
        check(set(test["bugs"]) <= set(content["notes"]), f"{path}: {test['id']}: a note for each bug")
    return content


def schema_can_fail(validator, content):
    """What the schema is to refuse, one at a time."""
    for what, key, value in (("a field more", "extra", 1), ("a word too short", "logits", ["3f8000"]), ("a mask of 2",
            "mask", [2]), ("an unknown class", "class", ["odd"]), ("a frac without sign", "frac", [".5"]),
            ("a dy of softmax", "dy", ["00000000"]), ("a number for a word", "expected", [1]), ("no id", "id", None)):
        bad = {**content, "tests": [copy.deepcopy(content["tests"][0])]}
        bad["tests"][0][key] = value
        if value is None:
            del bad["tests"][0][key]
        check(not validator.is_valid(bad), f"the schema refuses {what}")


def npz_is_true(path, lines):
    """Every array by numpy; how many cases."""
    form, op = path.name.split(".")[:2]
    a = numpy.load(path)
    digits, flat = 2 * a["x"].itemsize, {"id": a["id"].astype(str), "suite": a["suite"].astype(str)}
    tokens = numpy.full(a["x"].size, "0" * digits, dtype=object)
    tokens[a["mask"]] = [f"{w:0{digits}x}" + (f"{'+-'[int(s < 0)]}.{m:06d}" if s else "")
                         for w, s, m in zip(a["word"], a["side"], a["millionths"])]
    start = row = 0
    for i, (rows, n) in enumerate(zip(a["rows"], a["n"])):
        end = start + rows * n
        case = {"id": flat["id"][i], "op": op, "format": form, "n": n, "class": a["class"][row:row + rows].astype(str)}
        line = spell(case, [f"{w:0{digits}x}" for w in a["x"][start:end]], [], a["mask"][start:end], tokens[start:end])
        check(lines[flat["suite"][i], form, op].get(case["id"]) == line, f"{path}: {case['id']}: the stored line")
        start, row = end, row + rows
    check(start == a["x"].size and row == a["class"].size and i > 0, f"{path}: all of its arrays")
    return i + 1


def recipe_works(suite, form, op, recipe):
    """As oracle/vectors/README.md tells it, in a shell; the first case of the recipe."""
    name, promised = next(iter(recipe["sha256"].items()))
    found = subprocess.run(f"build/bin/maskproof gen {suite} {form} --op {op} --id {name} | build/bin/maskproof truth |"
                           "grep -v '^#' | sha256sum", shell=True, capture_output=True, text=True).stdout
    check(found.startswith(promised), f"recipe of {name}: {found}")


def lines_are_cases():
    """A golden file is a case file for `run` and the answers for `judge`."""
    def judged(impl, path):
        return subprocess.run(f"build/bin/maskproof run {impl} {path} | build/bin/maskproof judge {path} --max-ulp 82",
                              shell=True, capture_output=True, text=True)
    for path in sorted(HERE.glob("*.f32.softmax.txt")):
        right, wrong = judged("safe", path), judged("multiply", path)
        check(right.returncode == 0 and wrong.returncode == 1, f"{path}: safe passes, multiply fails: {right.stderr}")


def main():
    manifest = json.loads((HERE / "manifest.json").read_text())
    manifest_is_true(manifest)
    lines = {}
    for path in HERE.glob("*.txt"):
        answers = [line for line in path.read_text().splitlines() if line[0] != "#"]
        lines[tuple(path.name.split(".")[:3])] = {line.split()[0]: line for line in answers}
    schema = json.loads((HERE / "vectors.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    tests = cases = 0
    for name, entry in manifest["files"].items():
        if name.endswith(".json"):
            content = json_is_valid(HERE / name, validator, lines)
            check(len(content["tests"]) == entry["cases"], f"{name}: the number of cases in manifest.json")
            tests += entry["cases"]
            if name == "f32.softmax.json":
                schema_can_fail(validator, content)
        elif name.endswith(".npz"):
            check(npz_is_true(HERE / name, lines) == entry["cases"], f"{name}: its number of cases")
            cases += entry["cases"]
    for stem, recipe in manifest["recipes"].items():
        if stem.endswith(".f32.vjp"):
            recipe_works(*stem.split("."), recipe)
    lines_are_cases()
    check(tests > 0 and cases > 0, "some tests and cases")
    print(f"{tests} tests fit the schema and the lines; {cases} cases of the .npz are the stored lines")


main()
