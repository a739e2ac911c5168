"""From the cells of one row to the head and a line of a receipt, and to its body. Used by `importing`.

The head is all that is said once for a receipt (supplier, documents, transport …); rows of one receipt must
agree in it. Every row is checked against the schema of ``goods.received`` by itself, so that a fault can be
told by row and column.

    maker = ReceiptMaker(mapping, merchant=None, salt=None)
    head, line = maker.read({"ASN/DN #": "ASN-8", …})
    body, disclosures = maker.body(head, [line], seed)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime, tzinfo
from typing import Final, NamedTuple, Protocol, TypeAlias, TypeVar

from ledger.errors import SheetError
from ledger.exchange.mapping import SheetMapping
from ledger.exchange.receipt_fields import KIND
from ledger.exchange.rules import NOTHING, Cells, DocumentRule, Found, Reference, RowFault, Rule, readable
from ledger.exchange.values import NotOfTypeError, offset
from ledger.log import sealed
from ledger.log.canonical import JSON
from ledger.messages import Message, joined
from ledger_schemas import BodyError, Problem, parse_body
from ledger_schemas.identifiers import CREDIT_CODE

Salt: TypeAlias = Callable[[str], bytes]
"""16 bytes of salt for a seed text: secret, and the same on every run (see `importing.secret_salt`)."""

Body: TypeAlias = dict[str, JSON]

_NO_MERCHANT: Final = Message("the merchant must be a Unified Social Credit Code of 18 characters")
_YEARS: Final = range(1970, 2200)
"""Ids of statements begin with the time since 1970; days end with 2199."""
_UNSEALED: Final[JSON] = {"sealed": "A" * 43}
"""Stands for a sealed value while a row is checked."""
_MEMBER: Final = re.compile(r"(lines|documents|references)\[(\d+)\]\.?")


T_co = TypeVar("T_co", covariant=True)


class _Readable(Protocol[T_co]):
    """A rule of either kind."""

    def read(self, cells: Cells) -> T_co: ...


class Head(NamedTuple):
    """What is said once for a receipt. `values` are those of `ReceiptMaker.head_rules`, `words` the cells."""

    merchant: str | None
    occurred_at: str
    values: tuple[Found, ...]
    references: tuple[Reference | None, ...]
    words: tuple[str, ...]


class Line(NamedTuple):
    """One line of a receipt, as the body has it."""

    batch: str
    body: Body


class ReceiptMaker:
    """Makes receipts by one mapping."""

    def __init__(self, mapping: SheetMapping, *, merchant: str | None, salt: Salt | None) -> None:
        """Raises SheetError if the mapping seals values and there is no salt, or if the merchant is none."""
        self._mapping = mapping
        self._merchant = merchant
        self._salt = salt
        self.head_rules = mapping.receipt + tuple(rule for one in mapping.documents for rule in one.rules)
        if merchant is not None and re.fullmatch(CREDIT_CODE, merchant) is None:
            raise SheetError(_NO_MERCHANT, field=merchant)
        if salt is None and any(rule.sealed for rule in (*self.head_rules, *mapping.line)):
            raise SheetError("this mapping seals personal values: give a secret for salts", field="sealed")

    @property
    def batch_column(self) -> str | None:
        """The column to name when a batch id is at fault."""
        return next((rule.label for rule in self._mapping.line if rule.path == "batch"), None)

    def read(self, cells: Cells) -> tuple[Head, Line]:
        """The head and the line of one row, checked. Raises RowFault with everything that is wrong."""
        faults: list[RowFault] = []
        values = tuple(_attempt(rule, cells, faults) or NOTHING for rule in self.head_rules)
        line_values = tuple(_attempt(rule, cells, faults) or NOTHING for rule in self._mapping.line)
        references = tuple(_attempt(rule, cells, faults) for rule in self._mapping.receipt_references)
        line_references = tuple(_attempt(rule, cells, faults) for rule in self._mapping.line_references)
        occurred_at = merchant = None
        try:
            occurred_at = self._occurred_at(cells)
            merchant = self._merchant or self._own_merchant(cells)
        except RowFault as fault:
            faults.append(fault)
        if faults or occurred_at is None:
            raise _together(faults)
        words = tuple(rule.shown(cells) for rule in self.head_rules)
        head = Head(merchant, occurred_at, values, references, words)
        body: Body = {}
        for rule, one in zip(self._mapping.line, line_values, strict=True):
            _put(body, rule.path, one.value)
        _put_references(body, (*line_references, *(one.reference for one in line_values)))
        self._check(head, body, cells)
        return head, Line(str(body["batch"]), body)

    def compare(self, first: Head, other: Head, cells: Cells, number: int) -> None:
        """Raises RowFault where a row disagrees with the first of its receipt, which is row `number`."""
        for rule, one, two, was, now in zip(
            self.head_rules, first.values, other.values, first.words, other.words, strict=True
        ):
            if one != two:
                raise _differs(rule.label or rule.path, number, was, now)
        for kept, left, right in zip(
            self._mapping.receipt_references, first.references, other.references, strict=True
        ):
            if left != right:
                raise _differs(kept.column, number, left.value if left else "", right.value if right else "")
        if first.occurred_at != other.occurred_at:
            raise _differs(self._mapping.occurred_at, number, first.occurred_at, other.occurred_at)
        if first.merchant != other.merchant:
            column = self._mapping.merchant.label if self._mapping.merchant else None
            raise _differs(column or "merchant", number, first.merchant or "", other.merchant or "")

    def body(self, head: Head, lines: Sequence[Line], seed: str) -> tuple[Body, tuple[str, ...]]:
        """The body of the receipt, and the disclosures of what was sealed in it."""
        disclosures: list[str] = []

        def seal(rule: Rule, value: JSON) -> JSON:
            if self._salt is None:
                raise SheetError("a secret for salts is needed", field=rule.path)
            salt = self._salt(f"{seed}\n{rule.path}")
            made = sealed.disclose(rule.path.rsplit(".", 1)[-1], str(value), salt)
            disclosures.append(made.text)
            return {"sealed": made.digest}

        body = self._head_body(head, seal)
        body["lines"] = [line.body for line in lines]
        return body, tuple(disclosures)

    def _head_body(self, head: Head, seal: Callable[[Rule, JSON], JSON]) -> Body:
        body: Body = {}
        own = len(self._mapping.receipt)
        for rule, found in zip(self._mapping.receipt, head.values[:own], strict=True):
            _put(body, rule.path, seal(rule, found.value) if rule.sealed and found.value else found.value)
        documents: list[JSON] = [document for _rule, document in self._documents(head)]
        if documents:
            body["documents"] = documents
        _put_references(body, (*head.references, *(found.reference for found in head.values)))
        return body

    def _documents(self, head: Head) -> list[tuple[DocumentRule, JSON]]:
        """The documents that are there, each with the rule it comes from."""
        made: list[tuple[DocumentRule, JSON]] = []
        values = iter(head.values[len(self._mapping.receipt) :])
        for document in self._mapping.documents:
            found = [(rule, next(values)) for rule in document.rules]
            if any(rule.columns and one.value is not None for rule, one in found):
                body: Body = {}
                for rule, one in found:
                    _put(body, rule.path, one.value)
                made.append((document, body))
        return made

    # ------------------------------------------------------------------ merchant and time

    def _own_merchant(self, cells: Cells) -> str | None:
        rule = self._mapping.merchant
        if rule is None:
            return None
        merchant = rule.read(cells).value
        if not isinstance(merchant, str) or re.fullmatch(CREDIT_CODE, merchant) is None:
            raise RowFault(rule.label, _NO_MERCHANT, rule.shown(cells))
        return merchant

    def _occurred_at(self, cells: Cells) -> str:
        column = self._mapping.occurred_at
        text = readable(cells, column).strip()
        if not text:
            raise RowFault(column, Message("the date is missing: fill it in, in merged cells in every row"))
        cell = cells[column]
        try:
            moment = self._mapping.dates.read(cell if isinstance(cell, datetime) else text)
        except NotOfTypeError as error:
            raise RowFault(column, error.reason, text) from error
        if moment.year not in _YEARS:
            raise RowFault(
                column, Message("the year {year} is not between 1970 and 2199", year=moment.year), text
            )
        zone = moment.tzinfo or self._zone(cells)
        return moment.replace(tzinfo=zone, microsecond=0).isoformat()

    def _zone(self, cells: Cells) -> tzinfo:
        zone = self._mapping.timezone
        if not isinstance(zone, str):
            return zone
        text = readable(cells, zone)
        try:
            return offset(text)
        except NotOfTypeError as error:
            raise RowFault(zone, error.reason, text) from error

    # ------------------------------------------------------------------ schema

    def _check(self, head: Head, line: Body, cells: Cells) -> None:
        """Hold one row against the schema. Raises RowFault."""
        body = self._head_body(head, lambda _rule, _value: _UNSEALED)
        body["lines"] = [line]
        try:
            parse_body(KIND, body)
        except BodyError as error:
            raise _together(
                [self._fault(problem, head, body, cells) for problem in error.problems]
            ) from error

    def _fault(self, problem: Problem, head: Head, body: Body, cells: Cells) -> RowFault:
        """A problem of the schema, told by column where one rule is behind it."""
        said = Message.in_words(problem.message, zh=problem.zh)
        rules: Sequence[Rule] = self._mapping.receipt
        references = self._mapping.receipt_references
        at: JSON = body
        path = problem.field
        while (member := _MEMBER.match(path)) is not None:
            kind, number = member[1], int(member[2])
            at = at[kind][number] if isinstance(at, dict) else at  # type: ignore[index]  # as built
            path = path[member.end() :]
            if kind == "lines":
                rules, references = self._mapping.line, self._mapping.line_references
            elif kind == "documents":
                rules = self._documents(head)[number][0].rules
            elif isinstance(at, dict):
                columns = [one.column for one in references if one.name == at["name"]]
                columns += [rule.columns[0] for rule in rules if rule.keep_other_as == at["name"]]
                return RowFault(
                    columns[0],
                    Message("{place}: {problem}", place=at["name"], problem=said),
                    str(at["value"]),
                )
        for rule in rules:
            if path == rule.path or path.startswith(f"{rule.path}."):
                source = rule.unit if rule.unit and path.endswith(".unit") else rule
                return RowFault(source.label, said, source.shown(cells))
        return RowFault(None, Message("{place}: {problem}", place=problem.field, problem=said))


def _attempt(rule: _Readable[T_co], cells: Cells, faults: list[RowFault]) -> T_co | None:
    try:
        return rule.read(cells)
    except RowFault as fault:
        faults.append(fault)
        return None


def _together(faults: Sequence[RowFault]) -> RowFault:
    """One fault that names all; the first one's column and value go in front."""
    first, *more = faults
    also = [
        Message("also {column}: {reason}", column=one.column or Message("the row"), reason=one.reason)
        for one in more
    ]
    return RowFault(first.column, joined([first.reason, *also]), first.value)


def _differs(column: str, number: int, there: str, here: str) -> RowFault:
    return RowFault(
        column,
        Message(
            "row {number} of the same receipt has {there!r} here, this row {here!r}: "
            "correct one of them, or add the column to group_by in the mapping",
            number=number,
            there=there or Message("nothing"),
            here=here or Message("nothing"),
        ),
        here,
    )


def _put(body: Body, path: str, value: JSON) -> None:
    """Set a field by its dotted path, if there is a value."""
    if value is None:
        return
    *parents, name = path.split(".")
    for parent in parents:
        inner = body.setdefault(parent, {})
        assert isinstance(inner, dict)  # noqa: S101 - paths are those of the schema
        body = inner
    body[name] = value


def _put_references(body: Body, references: Sequence[Reference | None]) -> None:
    found: list[JSON] = [reference.json() for reference in references if reference is not None]
    if found:
        body["references"] = found
