"""SPDX-License-Identifier: MIT"""
import pathlib

POSITIONS = "reports/chess/positions.fen"


def load_example_test_dataset(save_root="./maia2_data"):
    root = pathlib.Path(save_root)
    root.mkdir(parents=True, exist_ok=True)
    text = pathlib.Path(POSITIONS).read_text(encoding="ascii")
    (root / "example_test_dataset.csv").write_text(text, encoding="ascii")
    return text.splitlines()
