"""maia1_runs - every softmax of impls/ on the 4000 ragged rows of reports/chess/maia1 (or on one of 40 of them), through
case, truth, run and judge, in f32 and f16:

- a right one passes; the leak of `multiply` in f32 is that of the law, row by row;
- a leak that comes of zeros under the mask is the same, bit for bit, whatever the masked logits are: 0, -6 or 3.

  maia1_runs.py            one row of 40, as CI does
  maia1_runs.py --write    all rows, and the table reports/chess/maia1/runs.tsv

SPDX-License-Identifier: MIT"""
import math, struct, subprocess, sys

BIN, DATA, ROOM = "build/bin/maskproof-", "reports/chess/maia1/", "build/maia1"
CLASSES, STEP = 1858, 1 if "--write" in sys.argv else 40
LIMIT = {"f32": 100, "f16": 16}  # ulps: what no right one needs here; exact limits are for check
MASKED = (0, -6, 3)


def maskproof(verb, *args, text=None, ok=(0,)):
    done = subprocess.run([BIN + verb, *args], input=text, capture_output=True, text=True)
    assert done.returncode in ok, (verb, args, done.stderr)
    return done.stdout


def cases(masked, form):
    """Case lines of the sample, and which rows they are."""
    lines = maskproof("case", "--ragged", str(CLASSES), f"--masked={masked}", "--format", form, "--slug", "maia1",
                      DATA + "sample_offsets.npy", DATA + "sample_logits_1500.npy", DATA + "sample_index.npy").splitlines()
    assert len(lines) == 4000
    return "\n".join(lines[::STEP]) + "\n"


def judged(name, form, lines, answers):
    """Each row's status, bug and leak."""
    path = f"{ROOM}.{form}.answers"
    with open(path, "w", encoding="ascii") as file:
        file.write(answers)
    results = maskproof("run", name, text=lines)
    out = maskproof("judge", "--quiet", "--max-ulp", str(LIMIT[form]), path, text=results, ok=(0, 1))
    rows = [line.split("\t") for line in out.splitlines()]
    return [row[6] for row in rows], [row[7] for row in rows], [float(row[10]) for row in rows]


def value(word, form):
    return struct.unpack(">f" if form == "f32" else ">e", bytes.fromhex(word))[0]


def law(lines, form):
    """N / (N + e^LSE) of each case, from its words."""
    leaks = []
    for line in lines.splitlines():
        _, _, _, mask, *words = line.split(" ")
        odds = math.fsum(math.exp(value(w, form)) for m, w in zip(mask, words) if m == "1")
        leaks.append(mask.count("0") / (mask.count("0") + odds))
    return leaks


def softmaxes():
    """Name and claim of each: None if it claims to be right."""
    listed = {}
    for line in maskproof("run", "--list").splitlines():
        if not line.startswith(" "):
            name = line.split()[0]
            listed[name] = None
        elif line.strip().startswith("WRONG:"):
            listed[name] = line.split("WRONG:")[1].strip()
    return {name: bugs for name, bugs in listed.items() if not name.startswith(("log_", "vjp_")) or name == "log_mask"}


def main():
    table = ["# impl\tformat\trows\tpass\tnan_rows\tbug\tleak_mean\tleak_max"]
    for form in LIMIT:
        text = {masked: cases(masked, form) for masked in MASKED}
        answers = {masked: maskproof("truth", text=lines) for masked, lines in text.items()}
        for name, claimed in softmaxes().items():
            status, bugs, leak = judged(name, form, text[0], answers[0])
            assert len(status) == 4000 // STEP, (name, len(status))
            real = [x for x in leak if not math.isnan(x)]
            seen = sorted({b for b in bugs if b != "-"})
            table.append("\t".join(map(str, (name, form, len(status), status.count("pass"), len(leak) - len(real),
                                             ",".join(seen) or "-", f"{sum(real) / len(real):.6g}" if real else "nan",
                                             f"{max(real):.6g}" if real else "nan"))))
            assert claimed or set(status) == {"pass"}, table[-1]
            if name in ("multiply", "fill_tiny"):
                others = [judged(name, form, text[m], answers[m])[2] for m in MASKED[1:]]
                assert all(other == leak for other in others), f"{name} in {form}: the masked logits matter"
            if name == "multiply" and form == "f32":
                worst = max(abs(x / y - 1) for x, y in zip(leak, law(text[0], form)))
                print(f"multiply in f32 and the law differ by {worst:.1e} of the leak at most, on {len(leak)} rows")
                assert worst <= (CLASSES + 8) * 2**-24  # a sum from left to right, exp, a division
        rows = [row.split("\t") for row in table if f"\t{form}\t" in row]
        print(f"{form}: {len(rows)} implementations on {len(status)} rows; leaking: "
              + ", ".join(f"{r[0]} {100 * float(r[7]):.3g} %" for r in rows if r[7] != "nan" and float(r[7]) > 1e-6)
              + "; NaN: " + (", ".join(r[0] for r in rows if int(r[4])) or "none"))
    if STEP == 1:
        with open(DATA + "runs.tsv", "w", encoding="ascii") as file:
            file.write("\n".join(table) + "\n")


main()
