"""The mapping file: which column of a spreadsheet becomes which field of a receipt. TOML, read strictly.

    name = "scms"                              # part of every id made from it: do not change it later
    ignore = ["Remarks"]                       # columns that are left out on purpose

    [source]
    encoding = "iso-8859-1"                    # stated rather than detected
    delimiter = "tab"

    [receipt]
    group_by = ["ASN/DN #"]                    # rows with the same value become one receipt
    occurred_at = "Delivered to Client Date"
    date_formats = ["%d-%b-%y"]
    timezone = "+00:00"                        # or { column = "…" }
    "supplier.name" = { column = "Vendor" }
    "transport.mode" = { column = "Shipment Mode", map = { Air = "air" }, missing = ["N/A"] }
    references = ["Project Code", { column = "Weight", name = "weight" }]

    [line]
    batch = { template = "SCMS-{ID}" }
    goods_class = { const = "non_cold_chain" }
    quantity = { column = "Line Item Quantity", type = "decimal", unit = "pack" }

Every column of the file must be named, if only under `ignore`, and every column named must be in the file:
`check` says which are not. Fields are checked against the schema of ``goods.received`` when the mapping is
read, so a misspelt one is found before any row is.

What stands in a field is one of: `column`; `columns` with `join`, which puts those together that are there;
`const`; `template`, which is there when all its columns are. Then, as needed:

| setting | meaning |
| --- | --- |
| missing = […] | words that mean nothing is there |
| map = {…}, else = … | words to values; without `else`, other words must fit `type` or refuse the row |
| type = "…" | text, decimal, integer, date, country_name |
| date_formats = […] | for a date, instead of those of the receipt; see `values.DateFormats` |
| scale, thousands, suffixes | multiply a number; sign between thousands; words to take off the end |
| unit = "…" or {…} | makes a quantity |
| keep_other_as = "…" | words not of the type are kept as a reference of this name |
| other_is_absent = true | … or are left out, where the same column is kept elsewhere too |
| sealed = true | personal: only a digest goes into the record |
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timezone
from decimal import Decimal
from pathlib import Path
from typing import Final

from ledger.errors import SheetError
from ledger.exchange.mapping_table import Table
from ledger.exchange.receipt_fields import check_field, document_fields, line_fields, receipt_fields
from ledger.exchange.rules import TYPES, DocumentRule, ReferenceRule, Rule, split_template
from ledger.exchange.sheet_rows import did_you_mean, plain_heading
from ledger.exchange.values import DateFormats, NotOfTypeError, offset
from ledger.messages import Message, joined

MAX_MAPPING: Final = 1 << 20
"""Bytes of a mapping file."""
_SOURCES: Final = ("column", "columns", "const", "template")


@dataclass(frozen=True, slots=True)
class Source:
    """How to read the file: see `sheets.open_sheet`. `id` is part of every id made from it."""

    id: str
    encoding: str | None
    delimiter: str | None
    sheet: str | None
    header_row: int
    line_break: str | None
    """What stands in place of a line break inside a cell: records hold single lines. None refuses the row."""


@dataclass(frozen=True, slots=True)
class SheetMapping:
    """A mapping file, read and checked."""

    name: str
    title: str | None
    ignore: tuple[str, ...]
    source: Source
    group_by: tuple[str, ...]
    merchant: Rule | None
    occurred_at: str
    dates: DateFormats
    timezone: timezone | str
    """A fixed offset, or the column that has it."""
    receipt: tuple[Rule, ...]
    documents: tuple[DocumentRule, ...]
    receipt_references: tuple[ReferenceRule, ...]
    line: tuple[Rule, ...]
    line_references: tuple[ReferenceRule, ...]

    def kept(self) -> Iterator[str]:
        """Columns whose content goes into records, some of them more than once."""
        yield self.occurred_at
        if isinstance(self.timezone, str):
            yield self.timezone
        for rule in (*self.receipt, *self.line, *((self.merchant and (self.merchant,)) or ())):
            yield from rule.all_columns()
        for document in self.documents:
            for rule in document.rules:
                yield from rule.all_columns()
        for reference in (*self.receipt_references, *self.line_references):
            yield reference.column

    def check(self, header: Sequence[str]) -> None:
        """Every column named is in the file, every column of the file is named. Raises SheetError."""
        named = dict.fromkeys((*self.kept(), *self.group_by, *self.ignore))
        absent = [column for column in named if column not in header]
        if absent:
            raise SheetError(
                "the mapping names columns that the file does not have: {columns}. Correct it, or see "
                "header_row, sheet and delimiter in it",
                columns=joined([did_you_mean(column, header) for column in absent]),
                field=absent[0],
            )
        unnamed = [column for column in header if column not in named]
        if unnamed:
            raise SheetError(
                "the mapping says nothing about these columns: {columns}. Map each to a field, list it under "
                "references, or leave it out on purpose by naming it under ignore",
                columns=", ".join(f"“{column}”" for column in unnamed),
                field=unnamed[0],
            )


def load_mapping(path: Path) -> SheetMapping:
    """Read a mapping file. Raises SheetError, naming the setting."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_MAPPING + 1)
        text = data.decode("utf-8")
    except OSError as error:
        raise SheetError("cannot read {path}: {reason}", path=path, reason=error.strerror or error) from error
    except UnicodeDecodeError as error:
        raise SheetError(
            "{path_name} is not UTF-8 at byte {start}: save it as UTF-8",
            path_name=path.name,
            start=error.start,
        ) from error
    if len(data) > MAX_MAPPING:
        raise SheetError(
            "{path} has more than {max_mapping:,} bytes: it is no mapping", path=path, max_mapping=MAX_MAPPING
        )
    return parse_mapping(text, path.name)


def parse_mapping(text: str, file: str = "mapping") -> SheetMapping:
    """A mapping from its TOML text. Raises SheetError, naming the setting."""
    try:
        top = Table(tomllib.loads(text.removeprefix("\ufeff"), parse_float=Decimal))
    except tomllib.TOMLDecodeError as error:
        if text.isascii():
            raise SheetError("{file} is not TOML: {error}", file=file, error=error) from error
        raise SheetError(
            "{file} is not TOML: {error}; names that are not plain letters stand in quotes",
            file=file,
            error=error,
        ) from error
    except RecursionError as error:
        raise SheetError("{file} is nested too deeply to be a mapping", file=file) from error
    name = top.text("name")
    title = top.text("title", None)
    ignore = _headings(top.texts("ignore", ()))
    source = _source(top.table("source", {}), name)
    mapping = _receipt(top.table("receipt"), top.table("line"), source, name=name, title=title, ignore=ignore)
    top.done()
    _check_fates(mapping)
    return mapping


def _source(table: Table, name: str) -> Source:
    source = Source(
        id=table.text("id", name),
        encoding=table.text("encoding", None),
        delimiter=table.text("delimiter", None),
        sheet=table.text("sheet", None),
        header_row=table.whole("header_row", 1),
        line_break=table.text("line_break", None),
    )
    table.done()
    return source


def _receipt(
    receipt: Table, line: Table, source: Source, *, name: str, title: str | None, ignore: tuple[str, ...]
) -> SheetMapping:
    dates = _dates(receipt, ())
    reader = _Reader(dates, source.line_break)
    group_by = _headings(receipt.texts("group_by"))
    if not group_by:
        raise receipt.error("group_by", Message("names no column"))
    mapping = SheetMapping(
        name=name,
        title=title,
        ignore=ignore,
        source=source,
        group_by=group_by,
        merchant=reader.rule(receipt.table("merchant"), "merchant") if "merchant" in receipt else None,
        occurred_at=plain_heading(receipt.text("occurred_at")),
        dates=dates,
        timezone=_timezone(receipt),
        documents=tuple(reader.document(one) for one in receipt.tables("documents")),
        receipt_references=reader.references(receipt),
        receipt=reader.rules(receipt, receipt_fields()),
        line_references=reader.references(line),
        line=reader.rules(line, line_fields()),
    )
    receipt.done()
    line.done()
    return mapping


def _timezone(receipt: Table) -> timezone | str:
    if receipt.is_table("timezone"):
        table = receipt.table("timezone")
        column = plain_heading(table.text("column"))
        table.done()
        return column
    try:
        return offset(receipt.text("timezone"))
    except NotOfTypeError as error:
        raise receipt.error("timezone", error.reason) from error


def _dates(table: Table, default: tuple[str, ...]) -> DateFormats:
    try:
        return DateFormats(table.texts("date_formats", default))
    except NotOfTypeError as error:
        raise table.error("date_formats", error.reason) from error


class _Reader:
    """Reads rules; knows what they inherit from the tables above."""

    def __init__(self, dates: DateFormats, line_break: str | None) -> None:
        self._dates = dates
        self._line_break = line_break

    def rules(self, table: Table, fields: dict[str, str]) -> tuple[Rule, ...]:
        """All fields left in the table, by dotted path."""
        found = []
        for path, one in table.leaves(_SOURCES):
            rule = self.rule(one, path)
            check_field(one, rule, fields)
            found.append(rule)
        return tuple(found)

    def document(self, table: Table) -> DocumentRule:
        rules = []
        for key in table.keys_left():
            constant = table.is_text(key)
            one = Table({"const": table.text(key)}, table.path(key)) if constant else table.table(key)
            rule = self.rule(one, key)
            check_field(one, rule, document_fields())
            rules.append(rule)
        if not any(rule.columns for rule in rules):
            raise table.error("", Message("takes nothing from a column, so it would stand on every receipt"))
        return DocumentRule(tuple(rules))

    def references(self, table: Table) -> tuple[ReferenceRule, ...]:
        found = []
        for one in table.texts_or_tables("references"):
            if isinstance(one, str):
                rule = ReferenceRule(plain_heading(one), plain_heading(one), line_break=self._line_break)
            else:
                column = plain_heading(one.text("column"))
                missing = frozenset(one.texts("missing", ()))
                rule = ReferenceRule(column, one.text("name", column), missing, self._line_break)
                one.done()
            found.append(rule)
        names = [rule.name for rule in found]
        if len(set(names)) != len(names):
            raise table.error("references", Message("two references have the same name"))
        return tuple(found)

    def rule(self, table: Table, path: str) -> Rule:
        given = [key for key in _SOURCES if key in table]
        if len(given) != 1:
            raise table.error("", Message("must have exactly one of {sources}", sources=", ".join(_SOURCES)))
        columns, template = _columns_of(table, given[0])
        kind = table.text("type", "text")
        if kind not in TYPES:
            raise table.error(
                "type",
                Message("there is no type {kind!r}: there are {types}", kind=kind, types=", ".join(TYPES)),
            )
        rule = Rule(
            path,
            columns,
            const=table.scalar("const", None),
            template=template,
            join=table.text("join", None),
            missing=frozenset(table.texts("missing", ())),
            table=table.scalars("map"),
            otherwise=table.scalar("else", None),
            type=kind,
            dates=_dates(table, self._dates.formats),
            scale=table.decimal("scale"),
            thousands=table.text("thousands", None),
            suffixes=table.texts("suffixes", ()),
            unit=self._unit(table),
            keep_other_as=table.text("keep_other_as", None),
            other_is_absent=table.flag("other_is_absent"),
            line_break=self._line_break,
            sealed=table.flag("sealed"),
        )
        table.done()
        for wrong, message in _contradictions(rule):
            if wrong:
                raise table.error("", message)
        return rule

    def _unit(self, table: Table) -> Rule | None:
        if "unit" not in table:
            return None
        if table.is_text("unit"):
            return Rule("unit", const=table.text("unit"))
        return self.rule(table.table("unit"), "unit")


def _columns_of(table: Table, source: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The columns a rule reads, and its template."""
    if source == "column":
        return (plain_heading(table.text("column")),), ()
    if source == "columns":
        return _headings(table.texts("columns")), ()
    if source == "const":
        return (), ()
    try:
        template = split_template(table.text("template"))
    except NotOfTypeError as error:
        raise table.error("template", error.reason) from error
    template = tuple(part if place % 2 == 0 else plain_heading(part) for place, part in enumerate(template))
    if len(template) == 1:
        raise table.error("template", Message("names no column: use const"))
    return tuple(dict.fromkeys(template[1::2])), template


def _contradictions(rule: Rule) -> Iterator[tuple[bool, Message]]:
    one_column = len(rule.columns) == 1 and not rule.template and rule.join is None
    joined = len(rule.columns) > 1 and not rule.template
    typed = rule.type != "text" or rule.table is not None
    scaled = rule.scale is not None or rule.thousands is not None
    kept = rule.keep_other_as is not None
    yield joined != (rule.join is not None), Message("columns and join go together")
    yield typed and not one_column, Message("type and map need a single column")
    yield rule.otherwise is not None and rule.table is None, Message("else needs a map")
    yield scaled and rule.type not in ("decimal", "integer"), Message("scale and thousands need a number")
    yield (kept or rule.other_is_absent) and not typed, Message("any text is of type text")
    yield kept and rule.other_is_absent, Message("keep_other_as and other_is_absent contradict")
    yield rule.sealed and (typed or rule.unit is not None), Message("only plain text can be sealed")
    yield rule.const is not None and bool(rule.missing), Message("a constant is never missing")


def _check_fates(mapping: SheetMapping) -> None:
    """No column is used and ignored; no words can fall under the table."""
    kept = list(mapping.kept())
    for column in mapping.ignore:
        if column in kept:
            raise SheetError(
                "“{column}” is used and ignored: do one of the two", column=column, field="ignore"
            )
    for column in mapping.group_by:
        if column not in kept and column not in mapping.ignore:
            raise SheetError(
                "“{column}” groups rows, but its value would be kept nowhere: map it, make it a reference, "
                "or name it under ignore",
                column=column,
                field="receipt.group_by",
            )
    for rule in (*mapping.receipt, *mapping.line):
        if rule.other_is_absent and kept.count(rule.columns[0]) < 2:
            raise SheetError(
                "other_is_absent would lose words of “{columns}”: take the column a second time, as "
                "another field or under references, or use keep_other_as",
                columns=rule.columns[0],
                field=rule.path,
            )


def _headings(columns: Sequence[str]) -> tuple[str, ...]:
    return tuple(map(plain_heading, columns))
