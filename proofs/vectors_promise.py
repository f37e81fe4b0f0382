#!/usr/bin/env python3
"""vectors_promise - is any damage to golden vectors noticed, and do they only grow?  Each kind of damage is done to a
copy; grow_vectors.py is to name the place, end with exit code 2 and write nothing.
SPDX-License-Identifier: MIT"""

import hashlib, json, pathlib, re, shutil, subprocess, sys, tempfile

NAME = "article.f32.softmax.txt"
failures = 0


def check(what, ok, more=""):
    global failures
    failures += not ok
    print(f"{'ok  ' if ok else 'FAIL'} {what}{'' if ok else ': ' + str(more)}")


def grow(directory, suite="article,half"):
    return subprocess.run([sys.executable, "-B", "oracle/grow_vectors.py", "--suite", suite, "--scratch",
                           f"{directory}.new", directory], capture_output=True, text=True)


def content(directory):
    return {path.name: path.read_bytes() for path in directory.iterdir()}


def edit(directory, change, name=NAME):
    path = directory / name
    path.write_text("".join(change(path.read_text().splitlines(keepends=True))))


def declare(directory, name=NAME):
    """Make the manifest say that the file is right."""
    data, path = (directory / name).read_bytes(), directory / "manifest.json"
    manifest = json.loads(path.read_text())
    cases = sum(not line.startswith(b"#") for line in data.splitlines())
    manifest["files"][name] = {"cases": cases, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    path.write_text(json.dumps(manifest))


def at(number, pattern, replacement):
    """A change of one line, numbered as editors do."""
    def change(lines):
        new = re.sub(pattern, replacement, lines[number - 1], count=1)
        assert new != lines[number - 1]
        return lines[:number - 1] + [new] + lines[number:]
    return change


def recipe(change):
    def all_lines(lines):
        manifest = json.loads("".join(lines))
        change(next(iter(manifest["recipes"].values()))["sha256"])
        return [json.dumps(manifest)]
    return all_lines


def flip_recipe(recipes):
    name = next(iter(recipes))
    recipes[name] = recipes[name][::-1]


DAMAGE = [  # what, the change, what the message is to say, the file
    ("a flipped logit", at(11, "3f647454", "3f647455"), f"{NAME}:11: expected the id that its words have", NAME),
    ("a flipped mask", at(9, " 10110 ", " 10111 "), f"{NAME}:9: expected the id", NAME),
    ("a flipped answer", at(9, "3f389376", "3f389377"), f"{NAME}:9: expected the answer '3f389376-.009091", NAME),
    ("a flipped frac", at(9, r"-\.009091", "-.009092"), f"{NAME}:9: expected the answer", NAME),
    ("an answer cut short", at(9, " 00000000$", ""), f"{NAME}:9: expected the answer", NAME),
    ("a renamed case", at(9, "article-5", "article-6"), f"{NAME}: expected the bytes", NAME),
    ("a dropped line", lambda lines: lines[:9] + lines[10:], f"{NAME}:13: expected 6 cases as manifest.json", NAME),
    ("a repeated line", lambda lines: lines + lines[-1:], f"{NAME}:15: expected 6 cases as manifest.json", NAME),
    ("lines out of order", lambda lines: lines[:8] + lines[:7:-1], f"{NAME}: expected the bytes", NAME),
    ("garbage for a line", at(12, ".*", "\x00\x00 = =="), f"{NAME}:12: expected the id", NAME),
    ("an empty file", lambda lines: [], f"{NAME}:0: expected 6 cases", NAME),
    ("a recipe's SHA-256", recipe(flip_recipe), "manifest.json: expected ", "manifest.json"),
    ("a recipe of a case that is lost", recipe(lambda recipes: recipes.update({"f32-to-f16-0123456789abcdef": "0"})),
     "to make f32-to-f16-0123456789abcdef", "manifest.json"),
    ("a manifest cut short", lambda lines: lines[:5], "manifest.json: expected version, files", "manifest.json"),
    ("a manifest without files", lambda lines: ['{"version": 1}'], "manifest.json: expected version, files",
     "manifest.json"),
]


def damage(made, scratch):
    for what, change, says, name in DAMAGE:
        copy = scratch / "copy"
        shutil.copytree(made, copy)
        edit(copy, change, name)
        before, done = content(copy), grow(copy)
        check(f"noticed: {what}", done.returncode == 2 and says in done.stderr and content(copy) == before, done)
        shutil.rmtree(copy)
    for what, change, says in (
            ("a lost file", lambda copy: (copy / NAME).unlink(), f"{NAME}: expected a file"),
            ("an odd name", lambda copy: (copy / "mine.txt").touch(), "expected a name SUITE.FORMAT.OP.txt"),
            ("a stray file", lambda copy: (copy / "mine.f32.softmax.txt").touch(), "expected no such file")):
        copy = scratch / "copy"
        shutil.copytree(made, copy)
        change(copy)
        before, done = content(copy), grow(copy)
        check(f"noticed: {what}", done.returncode == 2 and says in done.stderr and content(copy) == before, done)
        shutil.rmtree(copy)


def growth(made, scratch):
    """What a suite no longer has stays; what it has new is appended, and the version counts it."""
    text = (made / NAME).read_text().splitlines(keepends=True)
    edit(made, lambda lines: lines[:8] + lines[9:12])
    declare(made)
    done = grow(made)
    now = (made / NAME).read_text().splitlines(keepends=True)
    check("new cases are appended", done.returncode == 0 and now[8:11] == text[9:12] and sorted(now) == sorted(text) and
          json.loads((made / "manifest.json").read_text())["version"] == 2, (done, now))
    before = content(made)
    done = grow(made, "half")
    check("what no suite has any more stays", done.returncode == 0 and content(made) == before, done)
    done = grow(made)
    check("a second time changes nothing", done.returncode == 0 and content(made) == before, done)


def main():
    with tempfile.TemporaryDirectory() as directory:
        scratch = pathlib.Path(directory)
        made = scratch / "made"
        done = grow(made)
        check("vectors of two suites", done.returncode == 0 and "version 1" in done.stdout, done)
        damage(made, scratch)
        growth(made, scratch)
    sys.exit(1 if failures else 0)


main()
