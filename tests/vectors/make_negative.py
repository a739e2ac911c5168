"""Writes the negative vectors below `negative/`: one file per mutation, the same files on every run.

    python -m tests.vectors.make_negative          # from the project folder

Good bytes come from the reference's sample ledger; each case bends one thing in them. A file says what was
done (`desc`), which error must answer (`want_error`), and the input. Files that no case makes are removed.
"""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Iterator
from pathlib import Path

from tests.reference.sample import SmallLedger
from tests.vectors import negative_json, negative_keys, negative_tree
from tests.vectors.cases import Case

FOLDER = Path(__file__).parent / "negative"
SEED = 6962


def areas() -> Iterator[tuple[str, Iterator[Case]]]:
    """Folder and cases of every area, with one seeded source of chance."""
    small, draw = SmallLedger(), random.Random(SEED)
    yield "json", negative_json.json_cases()
    yield "statement", negative_json.statement_cases(small)
    yield "envelope", negative_json.envelope_cases(small)
    yield "entry", negative_json.entry_cases(small)
    yield "key", negative_keys.key_cases(small)
    yield "signature", negative_keys.signature_cases(small)
    yield "vkey", negative_tree.vkey_cases(small)
    yield "note", negative_tree.note_cases(small)
    yield "checkpoint", negative_tree.checkpoint_cases(small)
    yield "inclusion", negative_tree.inclusion_cases(draw)
    yield "consistency", negative_tree.consistency_cases(draw)
    yield "tlog-proof", negative_tree.proof_cases(small, draw)
    yield "tile-path", negative_tree.tile_path_cases()
    yield "bundle", negative_tree.bundle_cases(small)
    yield "disclosure", negative_tree.disclosure_cases()


def files() -> dict[str, str]:
    """Every file, by its path below the folder."""
    made: dict[str, str] = {}
    for area, cases in areas():
        for number, case in enumerate(cases):
            text = json.dumps(case.record(), ensure_ascii=False, indent=1)
            made[f"{area}/{number:03d}-{case.slug}.json"] = text + "\n"
    return made


def main() -> None:
    shutil.rmtree(FOLDER, ignore_errors=True)
    for name, text in files().items():
        path = FOLDER / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
