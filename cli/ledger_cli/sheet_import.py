"""A spreadsheet into the ledger: receipts signed and appended by the hundred, and every row accounted for.

    Importing(frame, Path("taizhang.csv"), Path("taizhang.toml"), merchant=None).run(dry_run=False, rejects=…)

Reading and mapping are `ledger.exchange.importing`'s. Ids come from the file's content, so the same rows are the same
statements when the file is taken in again.
"""

from __future__ import annotations

import os
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

from ledger.custody.authoring import Author, seen_of
from ledger.custody.batch import Receipt
from ledger.custody.ledger import Ledger
from ledger.errors import LedgerError, UsageError
from ledger.exchange.importing import ImportedReceipt, Reject, open_import, stable_uuid7
from ledger.exchange.mapping import load_mapping
from ledger.exchange.rejects import write_rejects
from ledger.exchange.sheet_rows import cell_text
from ledger.log import Envelope, PrivateKey
from ledger.log.times import parse_instant
from ledger_cli.draft import Draft
from ledger_cli.frame import Frame, now_ms
from ledger_cli.language import _

KIND = "goods.received"
PER_COMMIT = 500


class Importing:
    """One run; see the module docstring."""

    def __init__(self, frame: Frame, file: Path, mapping: Path, merchant: str | None) -> None:
        self._frame = frame
        self._file, self._mapping, self._merchant = file, load_mapping(mapping), merchant
        self._sheet = open_import(file, self._mapping, merchant=merchant, salt=lambda _: os.urandom(16))
        self._rejects: list[Reject] = []
        self._keys: dict[str, list[PrivateKey]] = {}
        self._again = 0
        self._taken: list[Receipt] = []
        self._lines = 0

    def run(self, *, dry_run: bool, rejects: Path) -> dict[str, Any]:
        """Take the file in, and say what became of it. Raises: SheetError, UsageError, StoreError, KeyInvalid."""
        with Draft(self._frame) as draft, self._frame.progress(_("Importing")) as step:
            found = iter(self._sheet)
            if dry_run:
                self._rehearse(found)
            else:
                with self._frame.writing() as ledger:
                    while batch := list(islice(found, PER_COMMIT)):
                        self._take(ledger, draft, batch)
                        step(len(batch))
        if self._rejects:
            write_rejects(rejects, self._sheet.header, self._rejects, self._rejected_rows())
        return {
            "rows": self._sheet.rows_read,
            "rows_imported": self._lines,
            "rows_rejected": len(self._rejects),
            "receipts": len(self._taken),
            "already_there": self._again,
            "first_index": self._taken[0].index if self._taken else None,
            "last_index": self._taken[-1].index if self._taken else None,
            "rejects": str(rejects) if self._rejects else None,
            "notes": list(self._sheet.notes),
        }

    def _rehearse(self, found: Any) -> None:
        for one in found:
            if isinstance(one, Reject):
                self._rejects.append(one)
            else:
                self._lines += len(one.rows)

    def _take(self, ledger: Ledger, draft: Draft, batch: list[ImportedReceipt | Reject]) -> None:
        """One commit's worth: what is known already is counted, the rest is signed and appended."""
        self._rejects += [one for one in batch if isinstance(one, Reject)]
        receipts = [one for one in batch if isinstance(one, ImportedReceipt)]
        facts, head = ledger.facts(), ledger.store.head()
        ids = {one.id_seed: stable_uuid7(parse_instant(one.occurred_at), one.id_seed) for one in receipts}
        facts.statements.prefetch(UUID(text).bytes for text in ids.values())
        fresh: list[tuple[ImportedReceipt, Envelope]] = []
        for one in receipts:
            stated = ids[one.id_seed]
            known = facts.statements.last(UUID(stated).bytes, head.size)
            if known is not None and _unsealed(ledger.entry(known.index).statement.body) == _unsealed(
                one.body
            ):
                self._again += 1
                self._lines += len(one.rows)
                continue
            merchant = self._merchant or one.merchant
            if merchant is None:
                raise UsageError(
                    "say for which merchant: --merchant, or merchant = … in the mapping", field="--merchant"
                )
            author = Author(
                ledger.store.origin, self._keys_of(draft, merchant), clock=now_ms, randomness=os.urandom
            )
            fresh.append(
                (
                    one,
                    author.state(
                        KIND, merchant, one.body, seen=seen_of(head), occurred_at=one.occurred_at, id=stated
                    ),
                )
            )
        self._append(ledger, fresh)

    def _append(self, ledger: Ledger, fresh: list[tuple[ImportedReceipt, Envelope]]) -> None:
        with self._frame.home.disclosures as disclosures:
            for one, _ in fresh:
                for text in one.disclosures:
                    disclosures.put(text)
        answers = ledger.append([envelope for _, envelope in fresh]) if fresh else []
        for (one, _), answer in zip(fresh, answers, strict=True):
            if isinstance(answer, LedgerError):
                self._rejects += [Reject(row, None, f"{answer.code}: {answer}", "") for row in one.rows]
            else:
                self._taken.append(answer)
                self._lines += len(one.rows)

    def _keys_of(self, draft: Draft, merchant: str) -> list[PrivateKey]:
        if merchant not in self._keys:
            draft.enrolment(merchant)
            self._keys[merchant] = draft.signing(KIND, merchant)
        return self._keys[merchant]

    def _rejected_rows(self) -> dict[int, tuple[str, ...]]:
        """The cells of every rejected row; those the ledger refused are read from the file once more."""
        rows = dict(self._sheet.rejected_rows)
        missing = {one.row for one in self._rejects} - rows.keys()
        if missing:
            again = open_import(
                self._file, self._mapping, merchant=self._merchant, salt=lambda _: os.urandom(16)
            )
            for row in again.sheet.rows():
                if row.number in missing:
                    rows[row.number] = tuple(cell_text(cell) for cell in row.cells)
        return rows


def _unsealed(value: Any) -> Any:
    """A body without its sealed digests, which are salted anew on every run."""
    if isinstance(value, dict):
        return {name: _unsealed(part) for name, part in value.items() if name != "sealed"}
    return [_unsealed(part) for part in value] if isinstance(value, list) else value
