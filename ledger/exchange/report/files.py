"""Writes a weekly report into a folder as HTML, PDF and XLSX, over nothing that is there.

    write(report, Path("reports"))      # [Path('reports/week-2026-W17-zh.html'), …]

All three are made before the first is written, and if one cannot be written none is left.
"""

from __future__ import annotations

from pathlib import Path

from ledger.errors import SheetError, UsageError
from ledger.exchange.report.html import html
from ledger.exchange.report.parts import Report
from ledger.exchange.report.pdf import pdf
from ledger.exchange.report.workbook import workbook

SUFFIXES = (".html", ".pdf", ".xlsx")


def require_free(folder: Path, week: str, language: str) -> list[Path]:
    """The files that a report is going to be. Raises: UsageError if one is there, or `folder` is no folder."""
    paths = [folder / f"week-{week}-{language}{suffix}" for suffix in SUFFIXES]
    try:
        if folder.exists() and not folder.is_dir():
            raise UsageError("{folder} is a file: name a folder", folder=folder, field="--out")
        there = [path.name for path in paths if path.exists() or path.is_symlink()]
    except OSError as error:
        raise SheetError(
            "cannot look into {folder}: {reason}",
            folder=folder,
            reason=error.strerror or error,
            field="--out",
        ) from error
    if there:
        raise UsageError(
            "{folder} has {there} already, and nothing is overwritten: name another folder, or move them",
            folder=folder,
            there=", ".join(there),
            field="--out",
        )
    return paths


def write(report: Report, folder: Path) -> list[Path]:
    """Write the three files. Raises: UsageError, SheetError."""
    paths = require_free(folder, report.week.week, report.words.name)
    made = [html(report).encode(), pdf(report), workbook(report)]
    written: list[Path] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, data in zip(paths, made, strict=True):
            with path.open("xb") as file:  # x: whatever came there in the meantime stays
                written.append(path)
                file.write(data)
    except OSError as error:
        for path in written:
            path.unlink(missing_ok=True)
        where = error.filename or folder
        raise SheetError(
            "cannot write {where}: {reason}: choose a folder you may write to",
            where=where,
            reason=error.strerror or error,
            field="--out",
        ) from error
    return paths
