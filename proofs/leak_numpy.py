"""leak_numpy - every number of `maskproof leak --json` against NumPy, which computes each formulation entry by entry as its
formula is written, in float64: equal to 1e-12, counts exactly.

SPDX-License-Identifier: MIT"""
import json, os, subprocess
import numpy as np

LEAK, ROOM = "build/bin/maskproof-leak", "build/leak"
LEVELS, QUANTILES = (0.1, 1, 5), (50, 90, 99, 99.9)


def softmax(z):
    e = np.exp(z - z.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


def renormalized(p):
    return p / p.sum(1, keepdims=True)


def eps(p, m, e):
    r = p * m
    return r / (r.sum(1, keepdims=True) + e)


FORMULAS = {
    "multiply": lambda x, m: softmax(x * m),
    "fill_tiny": lambda x, m: softmax(np.where(m, x, -1e-10)),
    "unmasked": lambda x, m: softmax(x),
    "mask_as_bias": lambda x, m: softmax(x + m),
    "post_mask": lambda x, m: softmax(x) * m,
    "allennlp": lambda x, m: eps(softmax(x * m), m, 1e-13),
    "renormalize_eps": lambda x, m: eps(softmax(x), m, 1e-13),
    "add_eps": lambda x, m: renormalized((softmax(x) + 1e-10) * m),
    "fill_1e4": lambda x, m: softmax(np.where(m, x, -1e4)),
    "fill_1e9": lambda x, m: softmax(np.where(m, x, -1e9)),
    "fill_min": lambda x, m: softmax(np.where(m, x, np.finfo("f4").min)),
    "add_1e4": lambda x, m: softmax(x + (1 - m) * -1e4),
    "add_1e9": lambda x, m: softmax(x + (1 - m) * -1e9),
    "renormalize": lambda x, m: renormalized(softmax(x) * m),
    "log_mask": lambda x, m: softmax(x + np.log(m)),
    "where": lambda x, m: softmax(np.where(m, x, -np.inf)),
    "gather": lambda x, m: np.array([np.bincount(np.flatnonzero(k), softmax(r[k > 0][None])[0], len(r))
                                     for r, k in zip(x, m)]),
}


def close(ours, theirs, what):
    assert ours is not None and abs(ours - theirs) <= 1e-12 * max(1, abs(theirs)), (what, ours, theirs)


def compare(name, x, m):
    """Files of x and m as they are, and what leak says of them."""
    logits, mask, out = (f"{ROOM}/{name}.{part}" for part in ("x.npy", "m.npy", "json"))
    np.save(logits, x)
    np.save(mask, m)
    subprocess.run([LEAK, logits, mask, "--json", out, "--worst", "9"], check=True, stdout=subprocess.DEVNULL)
    with open(out, encoding="utf-8") as file:
        seen = json.load(file)
    x, m = np.asarray(x, "f8"), np.asarray(m, "f8")
    valid = np.where(m > 0, x, -np.inf)
    empty, nan = m.sum(1) == 0, np.isnan(valid).any(1)
    pinf = ~nan & (valid == np.inf).any(1)
    all_ninf = ~empty & (valid == -np.inf).all(1)
    assert seen["left_out"] == {"empty": empty.sum(), "nan": nan.sum(), "pinf": pinf.sum(), "all-ninf": all_ninf.sum()}
    rows = np.flatnonzero(~(empty | nan | pinf | all_ninf))
    assert seen["rows"] == len(x) and seen["classes"] == x.shape[1]
    x, m, valid = x[rows], m[rows], valid[rows]
    p = softmax(valid)
    lse = np.log(np.exp(valid - valid.max(1, keepdims=True)).sum(1)) + valid.max(1)
    close(seen["lse"]["min"], lse.min(), "lse"), close(seen["lse"]["max"], lse.max(), "lse")
    close(seen["valid"]["mean"], m.sum(1).mean(), "valid")
    assert [f["name"] for f in seen["formulations"]] == list(FORMULAS) and seen["law_difference"] < 1e-12
    for f in seen["formulations"]:
        q = FORMULAS[f["name"]](x, m)
        ok = ~np.isnan(q).any(1)
        assert f["rows"] == ok.sum() and f["nan"] == (~ok).sum(), (f["name"], f["rows"], f["nan"], ok.sum())
        q, r, k = q[ok], p[ok], m[ok]
        wrong = np.maximum(np.maximum(q - r, 0).sum(1), np.maximum(r - q, 0).sum(1))
        kl = np.where(r > 0, r * np.log(np.where(r > 0, r, 1) / np.where(r > 0, q, 1)), 0).sum(1)
        masked = np.where(k > 0, -np.inf, q).max(1) > np.where(k > 0, q, -np.inf).max(1)
        leak = (q * (1 - k)).sum(1)
        what = f"{name} {f['name']}"
        close(f["wrong"]["mean"], wrong.mean(), what), close(f["wrong"]["max"], wrong.max(), what)
        close(f["kl"]["mean"], kl.mean(), what), close(f["kl"]["max"], kl.max(), what)
        for level in LEVELS:
            assert f["wrong"]["above"][f"{level}"] == (wrong > level / 100).sum(), (what, level)
        for percent in QUANTILES:
            close(f["wrong"]["quantiles"][f"{percent}"], np.quantile(wrong, percent / 100), what)
        assert f["invalid_argmax"] == {"certain": masked.sum(), "possible": masked.sum()}, (what, masked.sum())
        close(f["sample_1"], leak.mean(), what), close(f["sample_40"], 1 - (1 - leak.mean())**40, what)
        for at, worst in zip(np.sort(wrong)[::-1], f["worst"]):
            close(worst["wrong"], at, what), close(worst["lse"], lse[rows == worst["row"]][0], what)
    print(f"{name}: {len(FORMULAS)} formulations on {len(rows)} of {seen['rows']} rows as NumPy {np.__version__} has them")


np.seterr(all="ignore")
os.makedirs(ROOM, exist_ok=True)
random = np.random.default_rng(1)
for name, rows, n, logits, masks in (("chess", 2000, 1880, "f4", "?"), ("f64", 300, 40, "f8", "f4"),
                                     ("f16", 300, 40, "f2", "u1"), ("lm", 20, 50257, "f4", "i8")):
    m = random.random((rows, n)) < random.uniform(0, 60 / n, (rows, 1))
    x = random.normal(-4, 3, (rows, n)) + random.normal(8, 3, (rows, 1)) * m
    compare(name, x.astype(logits), m.astype(masks))
x, m = random.normal(0, 9, (400, 12)).astype("f4"), random.random((400, 12)) < 0.4
for value in np.nan, np.inf, -np.inf:
    x[random.random(x.shape) < 0.03] = value
compare("special", x, m)
