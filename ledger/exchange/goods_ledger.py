"""The goods ledger (台账) as a workbook or as CSV, for people who look at it in a spreadsheet program.

    about = LedgerAbout(origin="custody.example/erligang", size=1041, root="…64 hex…", checkpoint="…")
    write_xlsx(Path("台账.xlsx"), rows, about)
    write_csv(Path("台账.csv"), rows)

The **workbook** has one heading row in both languages, frozen and with filters; dates are dates and
quantities are numbers, so that both sort. Text is always stored as text, whatever it begins with. A second
sheet says of which ledger state this is a picture and how to check it. Times are to the second, in the
author's own offset, which stands beside them.

The **CSV** has the same columns, UTF-8 with byte order mark, dates and times exactly as in the ledger. A
cell that a spreadsheet program could run as a formula gets an apostrophe in front (`csv_safe`). CSV cannot
say that a cell is text, so such programs show long numbers (a customs declaration has 18 digits) rounded:
for looking at, prefer the workbook.

What is in a row is the caller's (`goods_columns.GoodsLedgerRow`). The file itself proves nothing: the
ledger does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO, Final, TypeAlias

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from ledger.errors import SheetError
from ledger.exchange import csv_safe
from ledger.exchange.goods_columns import COLUMNS, Column, GoodsLedgerRow
from ledger.exchange.xlsx_text import cell_of, text_of

NUMBER_HEADING: Final = "序号 No."
ROWS_PER_SHEET: Final = 1_000_000
"""The format ends at 1,048,576; what is beyond goes to a further sheet."""

_HOW: Final = (
    "本表只是台账的一个视图，不能单独作为证据。This table is a view; the ledger is the record.",
    "每一行写明台账序号、记录号和叶哈希，叶哈希 = SHA-256(0x00 ‖ 条目字节)。",
    "Each row names its entry; leaf hash = SHA-256(0x00 ‖ entry bytes).",
    "核对一行：取得公开的台账或备份，先验证它与上面的检查点一致，再按台账序号取出条目，比较叶哈希和内容。",
    "To check a row: take the published ledger or a backup, verify it against the checkpoint above, fetch the "
    "entry by its index, compare leaf hash and content.",
    "检查点由台账的密钥签名，任何人可离线验证。",
    "The checkpoint is signed by the ledger's key; anyone can verify it offline.",
    "姓名和电话不在台账中，只有摘要。Names and phones of people are not in the ledger, only digests.",
)

_Value: TypeAlias = Any  # what openpyxl takes in a row: text, number, date, or a cell of its own
_FIRST_DAY: Final = date(1900, 3, 1)
"""Before it spreadsheet programs disagree about day numbers."""


@dataclass(frozen=True, slots=True)
class LedgerAbout:
    """Of which state of which ledger a file is a picture: values of its checkpoint, and the signed note.

    `root` is 64 hex digits, `made_at` a time in words or RFC 3339, `scope` says whose goods are shown.
    """

    origin: str
    size: int
    root: str
    checkpoint: str
    scope: str | None = None
    made_at: str | None = None
    vkey: str | None = None
    how_to_verify: tuple[str, ...] = ()
    """Sentences to stand before the general ones, such as a command."""


def write_xlsx(
    path: Path, rows: Iterable[GoodsLedgerRow], about: LedgerAbout, *, rows_per_sheet: int = ROWS_PER_SHEET
) -> int:
    """Write the goods ledger as a workbook; answers the number of rows. Raises SheetError.

    Rows are streamed; the file appears under its name only once it is complete.
    """
    part = path.with_name(f"{path.name}.part")
    try:
        with part.open("wb") as file:
            count = _write_book(file, rows, about, rows_per_sheet)
        part.replace(path)
    except OSError as error:
        raise SheetError(
            "cannot write {path}: {reason}", path=path, reason=error.strerror or error
        ) from error
    finally:
        part.unlink(missing_ok=True)
    return count


def write_csv(path: Path, rows: Iterable[GoodsLedgerRow]) -> int:
    """Write the goods ledger as CSV; answers the number of rows. Raises SheetError."""
    return csv_safe.write_csv(path, _csv_rows(rows))


def _csv_rows(rows: Iterable[GoodsLedgerRow]) -> Iterator[list[str]]:
    yield [NUMBER_HEADING, *(column.heading for column in COLUMNS)]
    for number, row in enumerate(rows, 1):
        yield [str(number), *(column.text(row) or "" for column in COLUMNS)]


# ---------------------------------------------------------------------- workbook


def _write_book(
    file: BinaryIO, rows: Iterable[GoodsLedgerRow], about: LedgerAbout, rows_per_sheet: int
) -> int:
    book = Workbook(write_only=True)
    try:
        sheet = _new_sheet(book, "台账 Ledger")
        count = on_sheet = 0
        for row in rows:
            if on_sheet == rows_per_sheet:
                _finish(sheet, on_sheet)
                sheet = _new_sheet(book, f"台账 Ledger {count // rows_per_sheet + 1}")
                on_sheet = 0
            count, on_sheet = count + 1, on_sheet + 1
            sheet.append([count, *(_value(sheet, column, column.text(row)) for column in COLUMNS)])
        _finish(sheet, on_sheet)
        _about(book, about, count)
        book.save(file)
    finally:
        for left in book.worksheets:  # when a row could not be had: openpyxl's writers must be told
            if not left.closed:
                left.close()
    return count


def _new_sheet(book: Workbook, title: str) -> Any:  # openpyxl's write-only sheet has no public type
    sheet: Any = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    sheet.print_title_rows = "1:1"
    for number, width in enumerate([6, *(column.width for column in COLUMNS)], 1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.append([_heading(sheet, NUMBER_HEADING), *(_heading(sheet, column.heading) for column in COLUMNS)])
    return sheet


def _heading(sheet: Any, text: str) -> Any:
    cell = WriteOnlyCell(sheet, value=text)
    cell.font = Font(bold=True)
    cell.fill = PatternFill("solid", start_color="DDE6F0")
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    return cell


def _finish(sheet: Any, rows: int) -> None:
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(COLUMNS) + 1)}{rows + 1}"


def _value(sheet: Any, column: Column, text: str | None) -> _Value:
    """What a spreadsheet program is to hold of a cell. What does not fit its column's kind stays text."""
    if not text:
        return None
    match column.kind:
        case "number":
            return _number(text) if _is_exact(text) else text_of(sheet, text)
        case "day":
            return _day(text) or text_of(sheet, text)
        case "local" | "utc":
            return _moment(text, utc=column.kind == "utc") or text_of(sheet, text)
    return text_of(sheet, text)


def _is_exact(text: str) -> bool:
    """Whether spreadsheet programs, which keep 15 digits, hold this decimal as it is."""
    digits = text.lstrip("-0.").replace(".", "")
    return re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", text) is not None and len(digits) <= 15


def _number(text: str) -> int | Decimal:
    return Decimal(text) if "." in text else int(text)


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day >= _FIRST_DAY else None


def _moment(text: str, *, utc: bool) -> datetime | None:
    """A time as it is shown: without its offset, which the format cannot hold."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if utc and moment.tzinfo is not None:
        moment = moment.astimezone(UTC)
    moment = moment.replace(tzinfo=None, microsecond=0)
    return moment if moment.date() >= _FIRST_DAY else None


def _about(book: Workbook, about: LedgerAbout, count: int) -> None:
    sheet: Any = book.create_sheet("说明 About")
    sheet.column_dimensions["A"].width = 30
    sheet.column_dimensions["B"].width = 100
    facts = (
        ("台账 Ledger", about.origin),
        ("范围 Scope", about.scope),
        ("条目数 Size", str(about.size)),
        ("根哈希 Root", about.root),
        ("制表时间 Made at", about.made_at),
        ("行数 Rows", str(count)),
        ("验证公钥 Verifier key", about.vkey),
        ("检查点 Checkpoint", about.checkpoint),
    )
    for words, value in facts:
        if value is not None:
            sheet.append([_heading(sheet, words), _wrapped(sheet, value)])
    for number, sentence in enumerate((*about.how_to_verify, *_HOW)):
        words = "怎样核对 How to verify" if number == 0 else ""
        sheet.append([_heading(sheet, words), _wrapped(sheet, sentence)])


def _wrapped(sheet: Any, text: str) -> Any:
    cell = cell_of(sheet, text)
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    return cell
