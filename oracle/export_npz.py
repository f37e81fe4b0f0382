"""export_npz - bulk: the larger cases as arrays for numpy.load, all of them behind one another.

id, suite, rows, n: of each case; class: of each row.  x, mask: of each entry, case after case, row after row.
word, side, millionths: the answer of each *valid* entry, in the same order; frac is side * millionths / 1e6 ulps, and
side 0 means that the word is exact.  A masked entry is exactly +0.  x and word are bits: view them as floats.
SPDX-License-Identifier: MIT"""

import io, struct, zipfile

import export_json

OP = "softmax"  # of which there is bulk; that of the others would be twice the bytes of all else
SMALL = 64  # entries: a case of more is here
BYTES = {"f64": 8, "f32": 4, "bf16": 2, "f16": 2}
CODE = {8: "Q", 4: "I", 2: "H"}


def npy(dtype, count, data):
    """Numpy's own file format, version 1.0, of a flat array (numpy.lib.format)."""
    head = f"{{'descr': '{dtype}', 'fortran_order': False, 'shape': ({count},), }}"
    head += " " * (-(len(head) + 11) % 64) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head.encode() + data


def numbers(dtype, code, values):
    return npy(dtype, len(values), struct.pack(f"<{len(values)}{code}", *values))


def words(size, values):
    return numbers(f"<u{size}", CODE[size], [int(v, 16) for v in values])


def texts(values):
    size = max(map(len, values), default=1)
    return npy(f"|S{size}", len(values), b"".join(v.encode().ljust(size, b"\0") for v in values))


def archive(arrays):
    """Stored, not deflated, and dated 1980: the same bytes from every zlib, on every day."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as file:
        for name, data in arrays.items():
            info = zipfile.ZipInfo(f"{name}.npy", (1980, 1, 1, 0, 0, 0))
            info.create_system, info.external_attr = 3, 0o644 << 16
            file.writestr(info, data)
    return out.getvalue()


def export(form, all_vectors):
    """The bytes of a file and how many cases it has."""
    nan = {"f64": "7ff8000000000000", "f32": "7fc00000", "bf16": "7fc0", "f16": "7e00"}[form]
    size, cases = BYTES[form], []
    for v in all_vectors:
        cases += [(v.suite, c) for c in map(export_json.parse, v.lines) if c["rows"] * c["n"] > SMALL]
    entry = {key: [e for _, c in cases for e in c[key]] for key in ("logits", "mask", "expected", "frac")}
    valid = [i for i, m in enumerate(entry["mask"]) if m]
    fracs = [entry["frac"][i] for i in valid]
    arrays = {
        "id": texts([c["id"] for _, c in cases]),
        "suite": texts([suite for suite, _ in cases]),
        "rows": numbers("<i4", "i", [c["rows"] for _, c in cases]),
        "n": numbers("<i4", "i", [c["n"] for _, c in cases]),
        "class": texts([name for _, c in cases for name in c["class"]]),
        "x": words(size, entry["logits"]),
        "mask": numbers("|b1", "?", entry["mask"]),
        "word": words(size, [entry["expected"][i].replace("nan", nan) for i in valid]),
        "side": numbers("|i1", "b", [{"": 0, "+": 1, "-": -1}[f[:1]] for f in fracs]),
        "millionths": numbers("<i4", "i", [int(f[2:] or 0) for f in fracs]),
    }
    return archive(arrays), len(cases)
