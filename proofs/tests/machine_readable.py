"""machine_readable - what `check` and `bench` write for programs, read by parsers that are not ours and strict; and the
speed of check: 100,000 rows of 16 entries take less than 3 s, counted as processor time of everything, so that a busy
machine makes no difference.

SPDX-License-Identifier: MIT"""
import json, os, resource, subprocess, xml.etree.ElementTree

CHECK, RUN = "build/bin/maskproof-check", "build/bin/maskproof-run"
JSON, JUNIT = "build/check.json", "build/check.xml"


def refuse(literal):
    raise ValueError(f"{literal} is no JSON")


def check(status, *args):
    """Run check; returns its JSON and, where it was asked for, its JUnit."""
    for path in JSON, JUNIT:
        if os.path.exists(path):
            os.remove(path)
    done = subprocess.run([CHECK, "--json", JSON, *args], capture_output=True, text=True)
    assert done.returncode == status, (args, done.returncode, done.stdout, done.stderr)
    with open(JSON, encoding="utf-8") as file:
        seen = json.load(file, parse_constant=refuse)
    assert seen["status"] == status
    return seen, xml.etree.ElementTree.parse(JUNIT).getroot() if JUNIT in args else None


def seconds():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


for format in "f32", "f64":
    before = seconds()
    seen, junit = check(0, "--junit", JUNIT, "--suite", "plain", "--format", format, "--count", "100000", "--cols", "16",
                        "--policy", "nan", "--max-ulp", "1000", "--", RUN, "where")
    used, suite = seconds() - before, seen["subjects"][0]["suites"][0]
    print(f"{format}: {suite['rows']['pass']} rows, {used:.2f} s of processor time, on the clock {suite['ours']:.2f} s of"
          f" ours and {suite['seconds']:.2f} s of the command")
    assert suite["rows"] == {"pass": 100004, "fail": 0, "skip": 0, "void": 0}, suite
    assert used < 3, used
    assert [case.get("name") for case in junit.findall("testsuite/testcase")] == ["plain"]

# All implementations; and NaN, infinities and nothing but garbage from a command.
seen, _ = check(0, "--suite", "article,gradient,huge")
assert len(seen["subjects"]) > 60 and seen["command"] is None
for script in "sed -n 's/ .*/ = 7fc00000/p'", RUN + " multiply", "printf '<\\001\\377&]]>\"'; exit 3", "yes":
    seen, junit = check(1, "--junit", JUNIT, "--suite", "article,gradient", "--format", "f32", "--", "sh", "-c", script)
    marked = [(case.get("name"), mark.tag) for case in junit.iter("testcase") for mark in case]
    assert [name for name, _ in marked] == ["article", "gradient"], marked
    print(script, marked)

# bench: its JSON and its TSV say the same, in the columns that they had before and in the new ones.
BENCH = ["build/bin/maskproof-bench", "fused", "renormalize", "multiply", "--shape", "cached,chess", "--quick"]
timed = json.loads(subprocess.run([*BENCH, "--json"], capture_output=True, text=True, check=True).stdout,
                   parse_constant=refuse)
lines = subprocess.run([*BENCH, "--tsv"], capture_output=True, text=True, check=True).stdout.splitlines()
head, *rows = [line.lstrip("# ").split("\t") for line in lines]
assert head[:14] == ["shape", "rows", "n", "density", "format", "impl", "status", "ns_per_element", "ratio", "ratio_low",
                     "ratio_high", "gb_per_s", "max_ulp", "note"], head
assert len(timed["timings"]) == len(rows) == 8 and timed["peers"] == {}, timed
for line, row in zip(timed["timings"], rows):
    row = dict(zip(head, row, strict=True))
    assert set(line) == set(head) - {"kernel"}, (line, head)
    for key in "shape", "impl", "status", "note":
        assert line[key] == row[key], (line, row)
    assert line["ns_per_element"] is None or line["ratio_low"] <= line["ratio"] <= line["ratio_high"], line
    assert (line["status"] == "refused") == (line["impl"] == "multiply") == (line["passes"] is None), line
print(f"bench: {len(rows)} timings")
