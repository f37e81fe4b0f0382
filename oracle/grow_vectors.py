#!/usr/bin/env -S python3 -B
"""grow_vectors - golden vectors: cases that are stored stay, in order, new ones of the suites follow, all are answered
anew.  If a stored answer would change, an id is not that of its text, or a file is not what the manifest says, nothing
is written.  Truth is computed by `gen | truth` alone.
SPDX-License-Identifier: MIT"""

import argparse, concurrent.futures, hashlib, json, os, pathlib, re, shutil, subprocess, sys, zlib

import export_json, export_npz

FORMATS, OPS = ("f64", "f32", "bf16", "f16"), ("softmax", "log_softmax", "vjp")
STEM = re.compile(rf"[a-z]+\.({'|'.join(FORMATS)})\.({'|'.join(OPS)})")
COLUMNS = 2048  # in a row of a line; a case with longer ones is a recipe: how to make it, and the SHA-256 of its answer
SMALL = 64  # entries
SAMPLE, SAMPLE_LARGE = 4, 1  # cases of each random family: of at most SMALL entries, of more
BUDGET = 8_000_000  # bytes of all files together as git stores them, deflated
LICENSE = "# license CC0-1.0; promise: ids and answers never change, files only grow"


class Damage(Exception):
    pass


class Programs:
    def __init__(self, directory):
        self.directory = directory

    def run(self, verb, *arguments, text=None):
        done = subprocess.run([f"{self.directory}/maskproof-{verb}", *arguments], input=text, capture_output=True,
                              text=True)
        if done.returncode != 0:
            raise Damage(done.stderr.strip() or f"maskproof {verb}: exit code {done.returncode}")
        return done.stdout.splitlines()

    def suites(self):
        return [line.split()[0] for line in self.run("gen", "--list")]

    def bugs(self):
        """What each bug is, in a line."""
        lines = self.run("explain")
        return dict(line.split(maxsplit=1) for line in lines[lines.index("BUGS") + 1:] if re.match("  [A-Z]+  ", line))


# --- lines ---

def case_of(line):
    return line.partition(" =")[0]


def id_of(line):
    return line.partition(" ")[0]


def shape(line):
    mask = line.split(" ", 4)[3]
    n = mask.find("/") if "/" in mask else len(mask)
    return len(mask) - mask.count("/"), n


def is_line(case):
    return shape(case)[1] <= COLUMNS


def is_small(case):
    return shape(case)[0] <= SMALL


def fnv1a(text):
    h = 0xcbf29ce484222325
    for byte in text.encode():
        h = (h ^ byte) * 0x100000001b3 & 0xffffffffffffffff
    return f"{h:016x}"


def sha256(data):
    return hashlib.sha256(data).hexdigest()


# --- what the suites have ---

def sample(cases, most):
    """At most so many, evenly spaced: the first ones of a family are its smallest."""
    return [cases[i * len(cases) // most] for i in range(most)] if len(cases) > most else cases


def generated(programs, suite, form, op):
    """Head, all cases, and those wanted: every named one (another seed has it too) and a sample of each family."""
    lines = programs.run("gen", suite, form, "--op", op)
    head, cases = [l for l in lines if l[0] == "#"], [l for l in lines if l[0] != "#"]
    other_seed = set(map(id_of, programs.run("gen", suite, form, "--op", op, "--seed", "2")))
    families = {}
    for case in cases:
        if id_of(case) not in other_seed:
            families.setdefault((is_small(case), id_of(case)[:-17]), []).append(case)
    chosen = {id_of(case) for (small, _), family in families.items()
              for case in sample(family, SAMPLE if small else SAMPLE_LARGE)}
    return head, cases, [c for c in cases if id_of(c) in other_seed or id_of(c) in chosen]


# --- one file: what is stored, checked, and what follows it ---

class Vectors:
    """SUITE.FORMAT.OP: answer lines, and answer lines of the cases that are too big to store."""

    def __init__(self, stem):
        self.stem, self.head, self.lines, self.long, self.recipes, self.grown = stem, [], [], [], {}, False
        self.suite, self.format, self.op = stem.split(".")

    def bugs(self):
        return " ".join(line[8:] for line in self.head if line.startswith("# hunts ")).split()

    def file(self):
        return "\n".join(self.head + self.lines + [""]).encode() if self.lines else b""


def stored_lines(path, entry):
    """Head and answer lines of a stored file, each with the id that its text has."""
    if entry is None or not path.exists():
        raise Damage(f"{path}: expected a file, for manifest.json lists it" if entry
                     else f"{path}: expected no such file, for manifest.json does not list it")
    lines = path.read_text(errors="replace").splitlines()
    head = [line for line in lines if line.startswith("#")]
    for number, line in enumerate(lines[len(head):], len(head) + 1):
        slug, _, name = id_of(line).rpartition("-")
        if not slug or name != fnv1a(case_of(line).partition(" ")[2]):
            raise Damage(f"{path}:{number}: expected the id that its words have, found {id_of(line)[:60]}")
    if len(lines) - len(head) != entry["cases"]:
        raise Damage(f"{path}:{len(lines)}: expected {entry['cases']} cases as manifest.json says, "
                     f"found {len(lines) - len(head)}")
    return head, lines[len(head):]


def grow(programs, directory, stem, manifest, exists):
    vectors, path = Vectors(stem), directory / f"{stem}.txt"
    entry, recipes = manifest["files"].get(path.name), manifest["recipes"].get(stem, {}).get("sha256", {})
    stored_head, stored, cases, wanted = [], [], [], []
    if entry is not None or path.exists():
        stored_head, stored = stored_lines(path, entry)
        vectors.head = stored_head
    if exists:
        vectors.head, cases, wanted = generated(programs, vectors.suite, vectors.format, vectors.op)
    known, by_id = set(map(id_of, stored)) | set(recipes), {id_of(case): case for case in cases}
    for lost in (i for i in recipes if i not in by_id):
        raise Damage(f"{directory}/manifest.json: expected `gen {' '.join(stem.split('.'))}` to make {lost}, "
                     "for its answer is promised")
    new = [case for case in wanted if id_of(case) not in known]
    short = list(map(case_of, stored)) + [case for case in new if is_line(case)]
    long = [by_id[i] for i in recipes] + [case for case in new if not is_line(case)]
    try:
        answers = programs.run("truth", "--jobs", "1", text="\n".join(short + long + [""])) if short or long else []
    except Damage as why:
        raise Damage(f"{path}: {why}")
    vectors.lines, vectors.long, vectors.grown = answers[:len(short)], answers[len(short):], bool(new)
    for number, (old, now) in enumerate(zip(stored, vectors.lines), len(stored_head) + 1):
        if old != now:
            raise Damage(f"{path}:{number}: expected the answer '{now[len(case_of(now)) + 3:][:60]}', "
                         f"found '{old[len(case_of(old)) + 3:][:60]}'")
    vectors.recipes = {id_of(line): sha256(line.encode() + b"\n") for line in vectors.long}
    for name, old in recipes.items():
        if vectors.recipes[name] != old:
            raise Damage(f"{directory}/manifest.json: expected {vectors.recipes[name]} for {name}, found {old}")
    if entry is not None and sha256(path.read_bytes()) != entry["sha256"]:
        raise Damage(f"{path}: expected the bytes whose SHA-256 manifest.json has; was a line moved, the head changed?")
    vectors.head = [l for l in vectors.head if not l.startswith(("# cases", "# license"))]
    vectors.head[-1:-1] = [f"# cases {len(vectors.lines)}"]
    vectors.head.append(LICENSE)
    return vectors


# --- all of them ---

def read_manifest(path):
    if not path.exists():
        return {"version": 0, "files": {}, "recipes": {}}
    try:
        manifest = json.loads(path.read_text())
        manifest["version"] + sum(entry["cases"] + len(entry["sha256"]) for entry in manifest["files"].values()) + \
            sum(len(recipe["sha256"].values()) for recipe in manifest["recipes"].values())
    except (ValueError, KeyError, TypeError, AttributeError) as why:
        raise Damage(f"{path}: expected version, files and recipes: {why!r}")
    return manifest


def write_manifest(path, version, files, all_vectors):
    def block(name, rows, end):
        return f'  "{name}": {{\n' + ",\n".join(f"    {json.dumps(k)}: {v}" for k, v in rows) + f"\n  }}{end}\n"

    def recipe(v):
        shas = ",\n".join(f"        {json.dumps(k)}: {json.dumps(s)}" for k, s in v.recipes.items())
        gen = json.dumps(f"{v.suite} {v.format} --op {v.op}")
        return f'{{\n      "gen": {gen},\n      "sha256": {{\n{shas}\n      }}\n    }}'

    path.write_text(f'{{\n  "version": {version},\n  "license": "CC0-1.0",\n' +
                    block("files", [(k, json.dumps(v)) for k, v in files.items()], ",") +
                    block("recipes", [(v.stem, recipe(v)) for v in all_vectors if v.long], "") + "}\n")


def rank(stem):
    suite, form, op = stem.split(".")
    return suite, FORMATS.index(form), OPS.index(op)


def make(programs, directory, scratch, only):
    manifest = read_manifest(directory / "manifest.json")
    suites = programs.suites()
    for odd in set(only) - set(suites):
        raise Damage(f"--suite {odd}: expected a suite of `maskproof gen --list`")
    stems = [f"{s}.{f}.{op}" for s in only or suites for f in FORMATS for op in OPS]
    stored = [path.name for path in directory.glob("*.txt")] + list(manifest["files"])
    known = {name[:-4] for name in stored if name.endswith(".txt")} | set(manifest["recipes"])
    for odd in sorted(stem for stem in known if not STEM.fullmatch(stem)):
        raise Damage(f"{directory}/{odd}.txt: expected a name SUITE.FORMAT.OP.txt")
    every = sorted(known.union(stems), key=rank)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        jobs = [pool.submit(grow, programs, directory, stem, manifest, stem in stems) for stem in every]
        try:
            all_vectors = [job.result() for job in jobs]
        except Damage:
            pool.shutdown(cancel_futures=True)
            raise
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    files, notes = {}, programs.bugs()

    def add(name, data, cases):
        (scratch / name).write_bytes(data)
        files[name] = {"cases": cases, "bytes": len(data), "sha256": sha256(data)}

    for v in all_vectors:
        if v.lines:
            add(f"{v.stem}.txt", v.file(), len(v.lines))
    for form in FORMATS:
        for op in OPS:
            of = [v for v in all_vectors if (v.format, v.op) == (form, op)]
            add(f"{form}.{op}.json", *export_json.export(form, op, of, notes))
            if op == export_npz.OP:
                add(f"{form}.{op}.npz", *export_npz.export(form, of))
    version = manifest["version"] + any(v.grown for v in all_vectors)
    write_manifest(scratch / "manifest.json", version, files, all_vectors)
    total = sum(len(zlib.compress(path.read_bytes())) for path in scratch.iterdir())
    if total > BUDGET:
        raise Damage(f"{directory}: expected at most {BUDGET} bytes together, deflated, found {total}")
    publish(scratch, directory)


def publish(scratch, directory):
    """All of them beside their places first, then each by one rename, the manifest last."""
    directory.mkdir(parents=True, exist_ok=True)
    moves = [(directory / f".{path.name}.new", directory / path.name) for path in scratch.iterdir()]
    try:
        for beside, target in moves:
            shutil.copyfile(scratch / target.name, beside)
        for beside, target in sorted(moves, key=lambda move: move[1].name == "manifest.json"):
            beside.replace(target)
    finally:
        for beside, _ in moves:
            beside.unlink(missing_ok=True)


def summary(directory):
    manifest = read_manifest(directory / "manifest.json")
    print(f"golden vectors, version {manifest['version']}")
    paths = [directory / name for name in ["manifest.json", *manifest["files"]]]
    together = sum(path.stat().st_size for path in paths)
    deflated = sum(len(zlib.compress(path.read_bytes())) for path in paths)
    for kind, what in (("txt", "answer lines: SUITE.FORMAT.OP.txt"), ("json", "small cases: FORMAT.OP.json"),
                       ("npz", f"longer cases of {export_npz.OP}: FORMAT.OP.npz")):
        of = [entry for name, entry in manifest["files"].items() if name.endswith(kind)]
        size = sum(entry["bytes"] for entry in of)
        print(f"{sum(entry['cases'] for entry in of):6} cases in {len(of):3} files of {size:8} bytes  {what}")
    recipes = sum(len(recipe["sha256"]) for recipe in manifest["recipes"].values())
    print(f"{recipes:6} longer cases as recipe and SHA-256 in manifest.json")
    print(f"{together} bytes together, {deflated} as git stores them")


def main():
    parser = argparse.ArgumentParser(description="Make the golden vectors grow; `make vectors` calls it.")
    parser.add_argument("--bin", default="build/bin", help="directory of the programs")
    parser.add_argument("--scratch", default="build/vectors", type=pathlib.Path, help="where files are made first")
    parser.add_argument("--suite", help="only cases of these suites, comma-separated, besides what is stored")
    parser.add_argument("directory", type=pathlib.Path)
    parser.add_argument("--summary", action="store_true", help="only say what is stored")
    options = parser.parse_args()
    try:
        if not options.summary:
            make(Programs(options.bin), options.directory, options.scratch,
                 options.suite.split(",") if options.suite else [])
        summary(options.directory)
    except (Damage, OSError) as why:
        sys.exit(print(f"{why}\nno vector was changed", file=sys.stderr) or 2)


main()
