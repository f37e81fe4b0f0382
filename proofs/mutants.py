#!/usr/bin/env python3
"""mutants - one small mistake at a time in the right implementations and in the judge: do our checks notice?

Each mutant is built in a scratch copy of the tree; its checks run from the cheapest to the dearest until one fails,
the last of them once more with the sanitizers on.  A mutant that does not compile is not counted; one that hangs is
caught.  Those that change no behaviour are listed in proofs/mutants.equivalent, with the reason.
SPDX-License-Identifier: MIT"""

import argparse, concurrent.futures, os, queue, random, re, shutil, signal, subprocess, sys, time

# --- what is mutated, and what is to notice it, from the cheapest check to the dearest ---
RIGHT = "gather jax_where log_rest online pairwise ragged safe two_pass vjp_where where".split()
IMPL_CHECKS = ["check {} --format f32 --suite article,edges,empty,poison,batch", "check {} --format f16,f64 --suite "
               "article,edges,empty,poison,batch,tails,huge,subnormal", "check {}",
               "sanitized check {} --format f32 --suite article,edges,empty,poison,batch,tails"]
WHOLE = ["check where multiply fill_1e4 renormalize inverted --format f32,f16 --suite "
         "article,edges,empty,poison,batch,sentinel,starve,subnormal"]
PARTS = {
    "exact_sum": ["test_ulp", "test_judge"],
    "format": ["test_format", "test_ulp", "test_line"],
    "ids": ["test_judge_files"],
    "judge": ["test_judge_files", "test_bad_input"],
    "line": ["test_line", "test_judge_files", "test_bad_input", "test_judge"],
    "policy": ["test_judge", "test_bad_input", "test_judge_files"],
    "ulp": ["test_ulp", "test_judge", "test_judge_ops"],
    "verdict": ["test_judge", "test_judge_ops", "test_judge_files"],
}
CHECKS = {f"impls/{name}.c": [c.format(name) for c in IMPL_CHECKS] for name in RIGHT}
CHECKS |= {f"oracle/{part}.c": tests + WHOLE + [f"sanitized {tests[0]}"] for part, tests in PARTS.items()}

# --- the mutations: name, what is found in the code of a file, and what takes its place ---
START = r"^[ ]*|(?<=\) )|(?<=else )"
CALL = r"(?!return|else|if|for|while|goto|case)[a-z_][\w.>\[\]-]*"
OPERATORS = [
    ("drop the shift", r" - max\b", ""),
    ("< to <=", r" < ", " <= "), ("<= to <", r" <= ", " < "), ("> to >=", r" > ", " >= "), (">= to >", r" >= ", " > "),
    ("== to !=", r" == ", " != "), ("!= to ==", r" != ", " == "),
    ("end a loop early", r"(?<=; )([\w>.-]+) < ", r"\1 + 1 < "),
    ("start at 1", r"(?<=for \()(\w+ \w+) = 0;", r"\1 = 1;"),
    ("float for double", r"\bdouble (?=\w+ =)", "float "), ("real to float", r"\breal (?=\w+ =)", "float "),
    ("skip the mask", r"(?:\w+(?:\.|->))?mask\[[^\]]*\](?! =)", "1"),
    ("+ to -", r" \+ ", " - "), ("- to +", r" - ", " + "), ("* to /", r" \* ", " / "), ("/ to *", r" / ", " * "),
    ("+= to -=", r" \+= ", " -= "), ("/= to *=", r" /= ", " *= "), ("++ to --", r"\+\+", "--"),
    ("drop a statement", rf"(?m)(?:{START})(?:{CALL}(?: [-+*/&|^]?= [^;{{}}]*|\([^;{{}}]*\)|\+\+)|break|continue);",
     ";"),
    ("0 to 1", r"(?<=[=(,?:] )0(?=[;,) ])|(?<=return )0(?=;)", "1"), ("1 to 0", r"(?<=[-+=(,?:] )1(?=[;,) ])", "0"),
    ("&& to ||", r" && ", " || "), ("|| to &&", r" \|\| ", " && "),
    ("true to false", r"\btrue\b", "false"), ("false to true", r"\bfalse\b", "true"),
    ("negate", r"\b(?:if|while) \(", None), ("fmax to fmin", r"\bfmax\(", "fmin("),
]

HERE = "build/mutants"
CPU_SECONDS = 20  # of one process: no right one needs half of that
LISTED = "proofs/mutants.equivalent"
MAKE = ["make", "-j2", "STRICT=-std=c17 -D_POSIX_C_SOURCE=200809L -w -ffp-contract=off"]


def blank(match):
    return re.sub(r"[^\n]", "\0", match.group())


def code_of(text):
    """The text with all that is no code blanked out, character for character."""
    text = re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', blank, text, flags=re.S)
    text = re.sub(r"^#(?:[^\n]*\\\n)*[^\n]*", blank, text, flags=re.M)
    text = re.sub(r"^IMPL.*?;$|^static const struct argp.*?;$|^[^\n]*\[[A-Z_]*\](?:\[\d\])? = \{.*?^\};$", blank, text,
                  flags=re.M | re.S)
    return text


def closing(code, at):
    depth = 0
    for i in range(at, len(code)):
        depth += {"(": 1, ")": -1}.get(code[i], 0)
        if depth == 0:
            return i


def mutants_of(path):
    text = open(path).read()
    code, seen = code_of(text), {text}
    for name, pattern, to in OPERATORS:
        for m in re.finditer(pattern, code):
            if to is None:
                end = closing(code, m.end() - 1)
                new, stop = text[m.start():m.end()] + "!(" + text[m.end():end] + ")", end
            else:
                new, stop = m.expand(to) if "\\" in to else to, m.end()
                if to == ";":
                    new = "; /* not " + text[m.start():m.end()].strip() + " */"
            first = m.start() + len(m.group()) - len(m.group().lstrip())
            number = text.count("\n", 0, first) + 1
            mutated = text[:m.start()] + new + text[stop:]
            if mutated in seen:
                continue
            seen.add(mutated)
            lines = mutated.split("\n")
            now = lines[number - 1].strip()
            if re.fullmatch(r"; /\* not (break|continue); \*/", now):
                now = f"{lines[number - 2].strip()} {now}"  # else it could be anywhere
            yield {"file": path, "line": number, "operator": name, "text": mutated, "is": now}


def run(command, limit, **options):
    """Exit code, or None when the time is over.  Whatever it starts ends with it, or after CPU_SECONDS of its own."""
    command = ["sh", "-c", f'ulimit -t {CPU_SECONDS} && exec "$@"', "sh"] + command
    p = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
                         **options)
    try:
        return p.wait(limit)
    except subprocess.TimeoutExpired:
        return None
    finally:
        try:
            os.killpg(p.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        p.wait()


def place(check):
    """Where a check is built, and the check itself."""
    return ("build/sanitized", check[10:]) if check.startswith("sanitized ") else ("build", check)


class Tree:
    """A scratch copy that is built and in which every check passes."""

    def __init__(self, root, of=None):
        self.root = root
        shutil.rmtree(root, ignore_errors=True)
        if of:
            shutil.copytree(of.root, root, copy_function=shutil.copy2)
        else:
            os.makedirs(root)
            for room in ("impls", "oracle", "bench", "reports", "proofs"):
                shutil.copytree(room, f"{root}/{room}")
            shutil.copy2("Makefile", root)

    def build(self, check, limit=600):
        """What the check needs: a test program, and unless it asks one part alone the verbs too; or everything."""
        where, check = place(check)
        targets = ["all"]
        if check.startswith("test"):
            targets = [f"{where}/tests/{check}"]
            if check not in ("test_ulp", "test_format", "test_line", "test_judge", "test_judge_ops"):
                targets += [f"{where}/bin/maskproof-{verb}" for verb in "gen truth judge case show run".split()]
        sanitize = ["SANITIZE=address,undefined"] if where != "build" else []
        return run(MAKE + [f"BUILD={where}"] + sanitize + targets, limit, cwd=self.root)

    def passes(self, check, limit):
        where, check = place(check)
        program = [f"{where}/tests/{check}", "--fail-fast"] if check.startswith("test") else [f"{where}/bin/maskproof"]
        env = dict(os.environ, MASKPROOF_BIN=os.path.abspath(f"{self.root}/{where}/bin"),
                   ASAN_OPTIONS="hard_rss_limit_mb=4000:allocator_may_return_null=1")
        return run(program + check.split() * (not check.startswith("test")), limit, cwd=self.root, env=env)

    def write(self, path, text):
        with open(f"{self.root}/{path}", "w") as out:
            out.write(text)
        now = time.time() + 2  # newer than what was built from the file before it, however fast that went
        os.utime(f"{self.root}/{path}", (now, now))

    def judge(self, mutant, checks, limits):
        """The check that catches the mutant, 'compiler' if there is no mutant, or 'nothing'."""
        self.write(mutant["file"], mutant["text"])
        try:
            for check in checks:
                if self.build(check) != 0:
                    return "compiler"
                status = self.passes(check, limits[check])
                if status != 0:
                    return check + (" (hangs)" if status is None else "")
            return "nothing"
        finally:
            self.write(mutant["file"], open(mutant["file"]).read())


def short(check):
    return re.sub(r" --format.*", " ...", re.sub(r"where \w.*", "some ...", check))


def equivalents():
    """Lines 'file: mutated line', each after the '#' lines that say why."""
    return {line.rstrip("\n") for line in open(LISTED) if line.strip() and line[0] != "#"}


def main():
    parser = argparse.ArgumentParser(prog="make mutants", description=__doc__.split("\n\n")[0])
    parser.add_argument("--seed", type=int, default=1, help="of the sample (default 1)")
    parser.add_argument("--count", type=int, default=0, help="mutants to try (default: all)")
    parser.add_argument("--only", metavar="FILE", action="append", help="of this file alone; may be repeated")
    parser.add_argument("--list", action="store_true", help="print the mutants, try none")
    parser.add_argument("--listed", action="store_true", help="try those listed as equivalent: none may be caught")
    parser.add_argument("--jobs", type=int, default=2, help="scratch trees at once (default 2)")
    o = parser.parse_args()
    known, found = equivalents(), []
    for path in o.only or CHECKS:
        if path not in CHECKS:
            parser.error(f"expected --only to be one of {', '.join(CHECKS)}, found '{path}'")
        found += mutants_of(path)
    stale = known - {f"{m['file']}: {m['is']}" for m in found}
    if stale and not o.only:
        sys.exit(f"{LISTED}: expected lines that some mutant has, found\n" + "\n".join(sorted(stale)))
    every = len(found)
    found = [m for m in found if (f"{m['file']}: {m['is']}" in known) == o.listed]
    if o.count and o.count < len(found):
        found = random.Random(o.seed).sample(found, o.count)
    found.sort(key=lambda m: (m["file"], m["line"]))
    if o.list:
        for m in found:
            print(f"{m['file']}:{m['line']}\t{m['operator']}\t{m['is']}")
        print(f"{len(found)} of {every} mutants", file=sys.stderr)
        return 0

    print("building", file=sys.stderr)
    first, limits = Tree(f"{HERE}/0"), {}
    if first.build("check") != 0:
        sys.exit("mutants: the tree does not build")
    for path in sorted({m["file"] for m in found}):
        for check in CHECKS[path]:
            if check in limits:
                continue
            start = time.monotonic()
            good = first.build(check) == 0 and first.passes(check, 600) == 0
            limits[check] = 10 + 5 * (time.monotonic() - start)
            if not good and path.startswith("impls/"):
                print(f"mutants: {path} is left out: {check} is not met without any mutation", file=sys.stderr)
                found = [m for m in found if m["file"] != path]
                break
            if not good:
                sys.exit(f"mutants: {check} fails without any mutation")
    trees = queue.Queue()
    trees.put(first)
    for i in range(1, o.jobs):
        trees.put(Tree(f"{HERE}/{i}", first))

    def try_one(m):
        tree = trees.get()
        try:
            m["caught"] = tree.judge(m, CHECKS[m["file"]], limits)
        finally:
            trees.put(tree)
        return m

    tried = []
    with concurrent.futures.ThreadPoolExecutor(o.jobs) as pool, open(f"{HERE}/mutants.tsv", "w") as tsv:
        print("file\tline\tmutation\tcaught by\tthe line", file=tsv)
        for m in pool.map(try_one, found):
            tried.append(m)
            row = (m["file"], m["line"], m["operator"], short(m["caught"]), m["is"])
            print(*row, sep="\t", file=tsv, flush=True)
            print(f"{row[0]}:{row[1]}".ljust(24), row[2].ljust(18), row[3].ljust(24), row[4], flush=True)
    counted = [m for m in tried if m["caught"] != "compiler"]
    alive = [m for m in counted if m["caught"] == "nothing"]
    caught, share = len(counted) - len(alive), 100 * (1 - len(alive) / max(1, len(counted)))
    what = f"sample of {len(tried)}, seed {o.seed}" if o.count else f"all {len(tried)}"
    score = (f"{caught} of {len(counted)} mutants caught, {share:.1f} % ({what}; {len(tried) - len(counted)} do not "
             f"compile; {len(known)} lines listed as equivalent are left out)\n")
    for path in sorted({m["file"] for m in counted}):
        of = [m for m in counted if m["file"] == path]
        score += f"{path:24} {sum(m['caught'] != 'nothing' for m in of):4} of {len(of):4}\n"
    with open(f"{HERE}/score.txt", "w") as out:
        out.write(score)
    print("\n" + score, end="")
    if o.listed:
        return int(caught > 0)
    return int(share < 95 or not counted)


if __name__ == "__main__":
    sys.exit(main())
