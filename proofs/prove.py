#!/usr/bin/env -S python3 -B
"""prove - checks every proof in proofs/: rocq/ compiles and assumes only what rocq/axioms lists; the C files named in
acsl/goals meet their contracts; README.md quotes what was proved, word by word; planted faults are rejected.
prove.py [rocq|acsl|readme|faults]...: these alone.  --write: fill in what README.md quotes and shows.
SPDX-License-Identifier: MIT"""

import argparse, concurrent.futures, os, pathlib, re, shutil, struct, subprocess, sys

import faults

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent
BUILD = pathlib.Path(os.environ.get("BUILD", ROOT / "build")).resolve() / "proofs"
# What would leave a hole in a proof, or switch a check of the kernel off.
HOLES = re.compile(r"\b(Admitted|admit|give_up|Axioms?|Parameters?|Conjecture|Unset|bypass_check)\b")
GOAL_SECONDS, FAULT_SECONDS = 60, 15  # for one goal; the slowest that holds needs 4


class Refused(Exception):
    """A proof that does not hold, or that does not say what README.md says."""


said = []  # what README.md shows of a run


def say(line):
    said.append(line)
    print(line, flush=True)


def spent():
    """Seconds of processor time that the programs we ran have taken."""
    times = os.times()
    return times.children_user + times.children_system


def call(command, where, **options):
    return subprocess.run([str(c) for c in command], cwd=where, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, **options)


def must(command, where, **options):
    done = call(command, where, **options)
    if done.returncode != 0:
        raise Refused("\n".join(done.stdout.strip().splitlines()[-12:]))
    return done.stdout


# --- README.md: the table of claims ---
# | claim in words | `statement` | `File.v` `theorem` | what is assumed |
ROW = re.compile(r"\| (?P<claim>.*) \| `(?P<statement>.*)` \| `(?P<file>[\w.]+)` `(?P<name>\w+)` \|(?P<assumed>.*)\|")


def rows(readme):
    table = readme.read_text().partition("\n## What is proved\n")[2].partition("\n## ")[0]
    lines = [line for line in table.splitlines() if line.startswith("|")][2:]
    found = [ROW.fullmatch(line) for line in lines]
    if not lines or None in found:
        raise Refused(f"{readme}: {lines[found.index(None)] if lines else 'no table'}: expected claim, `statement`, "
                      "`file` `name`, assumption")
    return found


def in_a_cell(statement):
    return re.sub(r"\s+", " ", statement).strip().replace("|", r"\|")


# --- Rocq ---
def headlines(rocq, table):
    """{theorem: its closed statement}, and the axioms that all of them together rest on, as Rocq prints them."""
    theorems = [(m["file"].removesuffix(".v"), m["name"]) for m in table if m["file"].endswith(".v")]
    modules = sorted(p.stem for p in rocq.glob("*.v") if p.stem != "Headlines")
    text = ["From Coq Require Import Reals List.", "From Coquelicot Require Import Coquelicot.",
            "From Flocq Require Import Core.", f"From Maskproof Require Import {' '.join(modules)}.",
            "Open Scope R_scope.", "Set Printing Width 100000."]
    for module, name in theorems:
        text.append(f'Redirect "{name}.statement" Check @{module}.{name}.')
    text += [f"Definition together := ({', '.join(f'@{module}.{name}' for module, name in theorems)}).",
             'Redirect "together.assumptions" Print Assumptions together.']
    (rocq / "Headlines.v").write_text("\n".join(text) + "\n")
    for old in rocq.glob("*.out"):
        old.unlink()
    must(["coqc", "-w", "none", "-Q", ".", "Maskproof", "Headlines.v"], rocq)
    statements = {name: (rocq / f"{name}.statement.out").read_text().partition(":")[2] for _, name in theorems}
    assumed = (rocq / "together.assumptions.out").read_text().partition("Axioms:\n")[2]
    axioms = set(re.findall(r"^([\w.']+)\s*(?::|$)", assumed, re.M))
    return statements, axioms


def rocq(room, build, again=True):
    """Compiles room/rocq in build/rocq; returns the statements.  again: Rocq's small checker goes through all of it."""
    start, source, here = spent(), room / "rocq", build / "rocq"
    here.mkdir(parents=True, exist_ok=True)
    files = sorted(source.glob("*.v"))
    for stale in here.glob("*.v"):
        if not (source / stale.name).exists():
            stale.unlink()
    for file in files:
        hole = HOLES.search(file.read_text())
        if hole:
            raise Refused(f"{file.name}: {hole.group()}")
        copy = here / file.name
        if not copy.exists() or copy.read_bytes() != file.read_bytes():
            shutil.copy(file, copy)
    must(["coq_makefile", "-Q", ".", "Maskproof", "-arg", "-w", "-arg", "none", "-o", "Makefile",
          *(f.name for f in files)], here)
    must(["make", f"-j{os.cpu_count()}", "--no-print-directory"], here)
    if again:
        must(["coqchk", "-silent", "-Q", ".", "Maskproof"] +
             [w for f in files for w in ("-norec", f"Maskproof.{f.stem}")], here)
    statements, axioms = headlines(here, rows(room / "README.md"))
    allowed = {line.split()[0] for line in (source / "axioms").read_text().splitlines() if line and line[0] != "#"}
    if axioms != allowed:
        raise Refused(f"not in rocq/axioms: {sorted(axioms - allowed)}; in it, not used: {sorted(allowed - axioms)}")
    say(f"rocq: {len(files)} files, {len(statements)} theorems of the table, {len(axioms)} axioms, "
        f"{spent() - start:.0f} s of processor time")
    return statements


# --- Frama-C ---
def compose(source, contract):
    """The C file, with each annotation of the contract in front of the line that it names."""
    lines, out, at = source.splitlines(keepends=True), [], 0
    for block in contract.split("\nbefore ")[1:]:
        line, _, text = block.partition("\n")
        start = at
        while at < len(lines) and lines[at].strip() != line.strip():
            at += 1
        if at == len(lines):
            raise Refused(f"no line {line!r} after line {start} of the source")
        out += lines[start:at]
        clauses = re.split(r"\n(?=\S)", text.strip())
        if re.match(r"(for \w+: )?assert", clauses[0]):  # each of these is an annotation of its own
            out += [f"/*@ {clause} */\n" for clause in clauses]
        else:
            out.append("/*@ " + "\n".join(clauses) + " */\n")
        out.append(lines[at])
        at += 1
    composed = "".join(out + lines[at:])
    if re.sub(r"/\*@ .*? \*/\n", "", composed, flags=re.S) != source:
        raise Refused("without its annotations it is not the source")
    return composed


def solver(build):
    """why3 1.5.1 does not know cvc5: an entry for it, with the driver that Debian has for CVC4."""
    share, lib = (must(["why3", option], ROOT).strip() for option in ("--print-datadir", "--print-libdir"))
    driver, conf = build / "cvc5.drv", build / "why3.conf"
    driver.write_text(f'prelude "(set-logic ALL)"\nimport "{share}/drivers/cvc4_16.gen"\ntheory BuiltIn\n'
                      '  meta "supports_smt_get_info_unknown_reason" ""\nend\n')
    conf.write_text(f'[main]\ndatadir = "{share}"\nlibdir = "{lib}"\nmagic = 14\nmemlimit = 4000\n'
                    'running_provers_max = 2\n\n[prover]\nname = "CVC5"\nversion = "1.0.3"\n'
                    'command = "cvc5 --lang=smt2 %f"\ncommand_steps = "cvc5 --rlimit=%S --lang=smt2 %f"\n'
                    f'driver = "{driver}"\nshortcut = "cvc5"\n')
    return dict(os.environ, WHY3CONFIG=str(conf))


def wp(name, fmt, room, build, only=(), seconds=GOAL_SECONDS, change=lambda text: text):
    """How many goals of a function are proved, how many there are, and which are open; only: of these properties."""
    (build / "cache").mkdir(parents=True, exist_ok=True)
    file = build / f"{name}.{fmt}.c"
    text = compose((ROOT / "impls" / f"{name}.c").read_text(), (room / "acsl" / f"{name}.acsl").read_text())
    file.write_text(change(text))
    libc = must(["frama-c", "-print-share-path"], ROOT).strip() + "/libc"
    text = must(["frama-c", "-no-frama-c-stdlib", "-wp", "-wp-rte", "-warn-special-float", "none", "-wp-prover", "cvc5",
                 "-wp-cache", "update", "-wp-cache-dir", build / "cache", "-wp-timeout", seconds,
                 "-wp-par", os.cpu_count(), "-wp-fct", name, *(["-wp-prop", ",".join(only)] if only else []),
                 f"-cpp-extra-args=-DFORMAT={fmt} -nostdinc -I{HERE / 'acsl'} -I{libc} -I{ROOT / 'impls'}", file],
                ROOT, env=solver(build))
    count = re.search(r"Proved goals: +(\d+) / (\d+)", text)
    if not count:  # frama-c ends with 0 whatever happened
        raise Refused("\n".join(text.splitlines()[-12:]))
    open_goals = re.findall(r"Goal typed_(\S+) : (?!Valid)(\w+)", text)
    return int(count[1]), int(count[2]), ", ".join(f"{g} ({v.lower()})" for g, v in open_goals)


def acsl(room, build):
    """Every C file and format of acsl/goals: all goals proved, and as many as are listed."""
    for line in (room / "acsl" / "goals").read_text().splitlines():
        if line.startswith("#"):
            continue
        name, fmt, listed = line.split()
        start = spent()
        proved, goals, still_open = wp(name, fmt, room, build)
        if proved < goals:
            raise Refused(f"{name} {fmt}: {proved} of {goals} goals proved; open: {still_open}")
        if goals != int(listed):
            raise Refused(f"{name} {fmt}: {goals} goals, acsl/goals lists {listed}")
        say(f"acsl: {name} {fmt}, {proved} of {goals} goals, {spent() - start:.0f} s of processor time")


def clause(contract, label):
    found = re.findall(rf"^\s*ensures {label}: (.*?);$", contract, re.S | re.M)
    if len(found) != 1:
        raise Refused(f"{label}: found {len(found)} times")
    return found[0]


# --- README.md says what was proved ---
def readme(room, statements, write=False):
    file, table = room / "README.md", rows(room / "README.md")
    text = file.read_text()
    for row in table:
        if row["file"].endswith(".v"):
            right = statements[row["name"]]
        else:
            right = clause((room / "acsl" / row["file"]).read_text(), row["name"])
        right = in_a_cell(right)
        if write:
            text = text.replace(row.group(), row.group().replace(f"| `{row['statement']}` |", f"| `{right}` |", 1))
        elif right != row["statement"]:
            raise Refused(f"README.md quotes for {row['name']}\n    {row['statement']}\n"
                          f"and this was proved:\n    {right}")
    if write:
        file.write_text(text)
    say(f"readme: {len(table)} statements are as quoted")


# --- the bounds and the code in C are those of the theorems ---
# C file, the bound there, the theorem, and how it writes the bound: the same number, or units of 2^-53
BOUNDS = [("impls/kernels/exp_double.h", r"#define EXP_DOUBLE_BOUND 0x1p-(\d+) ", "exp_double_bound",
           r"near \((\d+) \* u\)", 53),
          ("impls/kernels/exp_double.h", r"#define EXP_DOUBLE_BOUND 0x1p-(\d+) ", "rounded_bound_is_enough",
           r"K := (\d+) \* u", 53),
          ("impls/kernels/rounded_rows.h", r"#define ROUNDED_BOUND 0x1p-(\d+) ", "rounded_bound_is_enough",
           r"bpow radix2 \(-(\d+)\)", None),
          ("impls/kernels/fused_exp.h", r"fused_exp - e\^x to (\S+) ulp", "exp_fused_bound", r"<= (\S+) \* ulp", None),
          ("impls/kernels/fused_calm.h", r"#define CALM (\d+)\.0f ", "fused_calm_row", r"Rabs \(x j\) <= (\d+)\)", None),
          ("reports/proved.c", r"#define FUSED_EXP_BOUND \((\S+) \* 0x1p-24\)", "exp_fused_relative",
           r"near \((\S+) \* ", None),
          ("oracle/fast_exp.h", r"#define FAST_EXP_BOUND 0x1p-(\d+) ", "exp_oracle_bound", r"near \((\d+) \* u\)", 53),
          ("oracle/fast_exp.h", r"#define FAST_PAIR_BOUND 0x1p-(\d+) ", "exp_of_pair_bound",
           r"near \((\d+) \* u \^ 2\)", 106),
          ("impls/kernels/rounded_rows.h", r"\(\(double\)n \* 0x1p-(\d+)\) \* \(\(double\)n \* 0x1p-\1\)",
           "rounded_bound_is_enough", r"\(INR n \* bpow radix2 \(-(\d+)\)\) \^ 2", None),
          ("impls/kernels/rounded_rows.h", r"pick_off_midpoint\(.*\(1ull << (\d+)\) \+ 16, ", "quick_is_right",
           r"pick_off_midpoint v \(2 \^ (\d+) \+ 16\)", None),
          ("impls/kernels/rounded_rows.h", r"pick_off_midpoint\(.*\(1ull << (\d+)\) - 32\);", "quick_is_right",
           r"\(2 \^ (\d+) - 32\) = true", None),
          ("impls/kernels/rounded_rows.h", r"#define SHORT \((\d+) \* LANES\)", "short_sum_error",
           r"\(n <= (\d+) \* lanes", None),
          ("impls/kernels/rounded_rows.h", r"error_bound\(n\) \+ 2 \* 0x1p-(\d+)\)", "calm_row_is_right",
           r"\(error_bound n\) \(2 \* bpow radix2 \(-(\d+)\)\)", None),
          ("impls/kernels/rounded_rows.h", r"#define CALM (\d+)\.0 ", "calm_row_is_right",
           r"Rabs \(x j\) <= (\d+)\)", None),
          ("impls/kernels/rounded_rows.h", r"#define CALM (\d+)\.0 ", "wide_row_is_right",
           r"Rlt_dec (\d+) \(Rabs max\)", None),
          ("impls/kernels/rounded_rows.h", r"#define DEEP (\d+)\.0 ", "wide_row_is_right",
           r"v_sub max shift\) (\d+)\)", None),
          ("impls/kernels/rounded_rows.h", r"#define CLOSE (\d+)\.0 ", "quick_row_is_right",
           r"Rabs \(x j\) <= (\d+)\)", None),
          ("impls/kernels/rounded_rows.h", r" n <= 1 << (\d+) &&", "quick_row_is_right",
           r"INR n <= bpow radix2 (\d+) ", None),
          ("oracle/fast_words.c", r"#define LOWER \(1 - (\d+) \* 0x1p-53\)", "round_all_is_right",
           r"\(1 - (\d+) \* u\)", None),
          ("oracle/fast_words.c", r"#define UPPER \(1 \+ (\d+) \* 0x1p-53\)", "round_all_is_right",
           r"\(1 \+ (\d+) \* u\)", None)]
# C file, names defined there, and the theorem's file, which defines them to be the same operations on the same numbers
CODE = [("impls/kernels/power16.h", "SIXTEEN_BY_LN2 LN2_BY_16_A LN2_BY_16_REST MAGIC power16_less", "ExpDouble.v"),
        ("impls/kernels/exp_double.h", "exp_of", "ExpDouble.v"),
        ("impls/kernels/rounded_rows.h", "sum_and_loss add_block", "RowSum.v"),
        ("impls/kernels/rounded_rows.h", "narrowed", "WordTest.v"),
        ("impls/kernels/fused_table.h", "STEP_HIGH STEP_LOW STEP power_bits power_lacks", "ExpFused.v"),
        ("impls/kernels/fused_exp.h", "MAGIC STEPS STEPS_PER_E exp_where", "ExpFused.v"),
        ("oracle/format.h", "DOUBLE_FRACTION", "ExpOracle.v"),
        ("oracle/fast_exp.h", "LOG2_E LN2_A LN2_REST MAGIC exp_of", "ExpOracle.v"),
        ("oracle/fast_words.c", "FLOOR", "FastRow.v"),
        ("oracle/fast_exp.h", "LN2_B LN2_C sum_of sum_of_ordered pair_add pair_multiply horner exp_of_pair", "ExpPair.v")]
WORD = re.compile(r"0x[\da-f.]+(?:p[+-]?\d+)?f?|\d[\d.]*f?|[A-Za-z_][\w.]*|<<|[-+*()]")
NO_OPERATION = {"vec", "double", "struct", "pair", "v_all", "return", "let", "in"}


def number(word):
    """Of C or Rocq; with an f at its end it is rounded to float, as C does."""
    if word[:2] == "0x" and "p" not in word:
        return int(word, 16)
    digits = word.rstrip("f")
    exact = float.fromhex(digits) if digits[:2] == "0x" else float(digits)
    return exact if digits == word else struct.unpack("f", struct.pack("f", exact))[0]


def words(text):
    """Names, numbers and operators, in order.  Every name of an operation has so many operands, so that parentheses
    say nothing more, except where operators stand between operands.  Rocq's d.(high) is C's d.high, its pair_of(a, b)
    C's (struct pair){a, b}."""
    text = re.sub(r"/\*.*?\*/|\(\*.*?\*\)|\(int64_t\)|%Z", "", text, flags=re.S)
    text = re.sub(r"(?:\(struct pair\)|(struct pair \w+ = ))\{([^{}]*)\}", r"\1pair_of(\2)", text)
    found = [w for w in WORD.findall(re.sub(r"\.\((\w+)\)", r".\1", text)) if w not in NO_OPERATION]
    if not {"+", "-", "*", "<<"} & set(found):
        found = [w for w in found if w not in {"(", ")"}]
    return [number(w) if w[0].isdigit() else w for w in found]


def results(body):
    """A definition's text with what C writes by pointers as results, as in Rocq: one before `return` stands where it is
    computed; and where nothing is returned, the members that are written stand at the end."""
    written = [] if "return" in body else re.findall(r"\bs->(\w+) =", body)
    return re.sub(r"\b[st]->|\*\w+ =|, &\w+", "", body) + " ".join(written)


def one_definition(file, text, *patterns):
    found = [m for pattern in patterns for m in re.findall(pattern, text, re.S | re.M)]
    if len(found) != 1:
        raise Refused(f"{file}: {len(found)} definitions {' or '.join(patterns)}")
    return words(results(found[0]))


def same_as_in_c(root, statements):
    for file, define, name, number, unit in BOUNDS:
        statement = statements[name].replace("unit_roundoff f64", "u")
        in_c, proved = re.search(define, (root / file).read_text()), re.search(number, statement)
        if not in_c or not proved:
            raise Refused(f"{file}: expected {define}, and {number} in {statement}")
        if (2.0 ** -int(in_c[1]) != int(proved[1]) * 2.0 ** -unit) if unit else in_c[1] != proved[1]:
            raise Refused(f"{file}: {in_c[0].strip()}, and proved: {statement.strip()}")
    count = 0
    for file, names, theorem in CODE:
        c, rocq_text = (root / file).read_text(), (HERE / "rocq" / theorem).read_text()
        for name in names.split():
            in_c = one_definition(file, c, rf"^#define {name} (.*?)$", rf"\b{name}\[\d+\] = \{{(.*?)\}};",
                                  rf"\b{name}\([^)]*\)\n\{{(.*?)^\}}", rf"^enum \{{.*?\b{name} = (\w+)")
            proved = one_definition(theorem, rocq_text, rf"^Definition {name}\b[^=]*?:=(.*?)\.$")
            if in_c != proved:
                at = next((i for i, (a, b) in enumerate(zip(in_c, proved)) if a != b), min(len(in_c), len(proved)))
                raise Refused(f"{file}: {name} is not what {theorem} proves, from word {at + 1}: "
                              f"{in_c[at:at + 3]} and {proved[at:at + 3]}")
            count += 1
    say(f"C: {len(BOUNDS)} bounds and {count} definitions are those of the theorems")


# --- negative tests ---
def once(fault, text):
    if text.count(fault.old) != 1:
        raise SystemExit(f"prove: the fault {fault.what!r} fits {fault.file} {text.count(fault.old)} times, not once")
    return text.replace(fault.old, fault.new)


def plant(number, fault, build):
    """One planted fault in a copy: whether it is rejected, and why."""
    here = build / "faults" / str(number)
    shutil.rmtree(here, ignore_errors=True)
    if fault.goals:  # a fault in C: in the file with its annotations, so that these stay where they are
        name, fmt, *only = fault.goals.split()
        try:
            proved, goals, still_open = wp(name, fmt, HERE, here, only, FAULT_SECONDS, lambda text: once(fault, text))
        except Refused as refused:
            raise SystemExit(f"prove: the fault {fault.what!r} broke the check itself: {refused}") from None
        return proved < goals, still_open
    if not fault.file.startswith("proofs/"):
        for file in {row[0] for row in BOUNDS + CODE}:
            (here / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / file, here / file)
        (here / fault.file).write_text(once(fault, (here / fault.file).read_text()))
        try:
            same_as_in_c(here, {b[2]: (build / "rocq" / f"{b[2]}.statement.out").read_text() for b in BOUNDS})
        except Refused as refused:
            return True, str(refused)
        return False, ""
    room = here / "proofs"
    shutil.copytree(HERE, room, ignore=shutil.ignore_patterns("tests", "sweep", "exhaustive", "__pycache__"))
    file = here / fault.file
    file.write_text(once(fault, file.read_text()))
    try:
        if fault.file.endswith(".acsl"):
            shutil.copytree(build / "acsl", here / "acsl", ignore=shutil.ignore_patterns("*.c"))
            acsl(room, here / "acsl")
        else:
            shutil.copytree(build / "rocq", here / "rocq")
            readme(room, rocq(room, here, again=False))
    except Refused as refused:
        return True, str(refused)
    return False, ""


def reject(build):
    escaped = []
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        planted = {pool.submit(plant, i, fault, build): (i, fault) for i, fault in enumerate(faults.FAULTS)}
        for done in concurrent.futures.as_completed(planted):
            number, fault = planted[done]
            rejected, why = done.result()
            first = next((line for line in why.splitlines() if "rror" in line), why.splitlines()[0] if why else "")
            print(f"fault: {'rejected' if rejected else 'NOT REJECTED'}: {fault.what} ({fault.file}): {first[:100]}",
                  flush=True)
            if not rejected:
                escaped.append(fault.what)
    say(f"faults: {len(faults.FAULTS) - len(escaped)} of {len(faults.FAULTS)} rejected")
    if escaped:
        raise Refused(f"not rejected: {'; '.join(escaped)}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="rocq|acsl|readme|faults")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    unknown = set(options.parts) - {"rocq", "acsl", "readme", "faults"}
    if unknown:
        parser.error(f"{' '.join(sorted(unknown))}: expected rocq, acsl, readme or faults")
    parts, before = options.parts or ["rocq", "readme", "acsl", "faults"], spent()
    BUILD.mkdir(parents=True, exist_ok=True)
    try:
        if {"rocq", "readme"} & set(parts):
            statements = rocq(HERE, BUILD)
            readme(HERE, statements, options.write)
            same_as_in_c(ROOT, statements)
        if "acsl" in parts:
            acsl(HERE, BUILD / "acsl")
        if "faults" in parts:
            reject(BUILD)
    except Refused as refused:
        print(f"prove: {refused}", file=sys.stderr)
        return 1
    say(f"all of it holds, {spent() - before:.0f} s of processor time")
    if options.write and not options.parts:
        text = (HERE / "README.md").read_text()
        seen = must([BUILD.parent / "bin" / "maskproof", "bounds"], ROOT).rstrip().splitlines()
        for mark, says, lines in (("", "A run, with its processor time:", said), (": maskproof bounds", "", seen)):
            block = "\n".join([f"<!-- proofs/prove.py --write{mark} -->", *([says] if says else []), "```",
                               *(line.rstrip() for line in lines), "```", "<!-- end -->"])
            text = re.sub(rf"<!-- proofs/prove.py --write{mark} -->.*?<!-- end -->", lambda _: block, text, flags=re.S)
        (HERE / "README.md").write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
