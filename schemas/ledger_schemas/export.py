"""Writes the JSON Schema of every kind to a folder, or checks that the folder holds just these.

python -m ledger_schemas.export             writes schemas/json/<kind>.schema.json
python -m ledger_schemas.export --check     compares; exit 1 and the names of files that differ
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from ledger_schemas.kinds import KINDS, json_schema

FOLDER = Path(__file__).resolve().parents[1] / "json"


def texts() -> dict[str, str]:
    """File name to content, one for each kind. Properties stand in the order of the form."""
    return {
        f"{kind}.schema.json": json.dumps(json_schema(kind), ensure_ascii=False, indent=2) + "\n"
        for kind in KINDS
    }


def differing(folder: Path) -> list[str]:
    """Names of files that are missing, differ, or should not be there."""
    expected = texts()
    there = {path.name for path in folder.glob("*.schema.json")}
    wrong = [
        name
        for name, text in expected.items()
        if name not in there or (folder / name).read_text(encoding="utf-8") != text
    ]
    return sorted(wrong + list(there - expected.keys()))


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code: 0 written or the same, 1 something differs."""
    parser = argparse.ArgumentParser(
        prog="python -m ledger_schemas.export", description="JSON Schemas of all kinds"
    )
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="default: schemas/json of the project")
    options = parser.parse_args(arguments)
    folder: Path = options.folder
    if options.check:
        wrong = differing(folder)
        for name in wrong:
            sys.stdout.write(f"differs: {name}\n")
        if wrong:
            sys.stdout.write("run python -m ledger_schemas.export to write them anew\n")
        return 1 if wrong else 0
    folder.mkdir(parents=True, exist_ok=True)
    expected = texts()
    for path in folder.glob("*.schema.json"):
        if path.name not in expected:
            path.unlink()
    for name, text in expected.items():
        (folder / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
