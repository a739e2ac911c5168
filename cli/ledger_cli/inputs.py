"""The small notations of the command line: quantities, lines, documents, times, whole bodies.

    12.5kg                                     a quantity: {"value": "12.5", "unit": "kg"}
    B1=2.5kg                                   a batch and how much of it
    batch=B1,name=冻虾,quantity=12.5kg          members by name; a part without = continues the value before it
    2026-11-23 08:15                           a time at +08:00, or RFC 3339 with its own offset

What they read is not judged here: bodies are checked by the schemas, statements by the ledger. Wrong notation is a
UsageError that names the option and shows how it is written.
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ledger.errors import SourceError, UsageError
from ledger_cli.reasons import why

Json = dict[str, Any]  # Any: a body as people write it, before the schemas have looked at it

_QUANTITY = re.compile(r"([+-]?[0-9]+(?:\.[0-9]+)?)\s*([^\s0-9.+-].*)")
_LOCAL = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[ T]([0-9]{2}:[0-9]{2})(:[0-9]{2})?")
CHINA = "+08:00"
MAX_BODY = 1_000_000

MODES = {
    "truck": "road",
    "lorry": "road",
    "van": "road",
    "train": "rail",
    "ship": "sea",
    "vessel": "sea",
    "barge": "inland_water",
    "plane": "air",
    "post": "courier",
    "self": "own",
}
"""Everyday words for modes of transport."""

RECEIPT_LINE = {
    "class": "goods_class",
    "spec": "specification",
    "origin": "origin_country",
    "produced": "production_date",
    "shelf_life": "shelf_life_days",
    "temperature": "arrival_temperature",
    "trace": "trace_code",
}
"""Short names of the members of a receipt line."""


def quantity(text: str, option: str) -> dict[str, str]:
    """A number and its unit, by readable name or in Chinese."""
    from ledger_schemas import LABELS

    match = _QUANTITY.fullmatch(text.strip())
    if match is None:
        raise UsageError(
            "{text!r} is no quantity: write number and unit, such as 12.5kg", text=text, field=option
        )
    value, unit = match[1].removeprefix("+"), match[2].strip()
    in_chinese = {label.zh: name for name, label in LABELS["unit"].items()}
    return {"value": value, "unit": in_chinese.get(unit, unit)}


def batch_quantity(text: str, option: str) -> tuple[str, dict[str, str]]:
    """A batch and how much of it, written ``B1=2.5kg``."""
    batch, equals, amount = text.partition("=")
    if not equals:
        raise UsageError(
            "{text!r} should be a batch and a quantity, such as B1=2.5kg", text=text, field=option
        )
    return batch.strip(), quantity(amount, option)


def goods_lines(texts: list[str] | None, option: str = "--line") -> list[Json] | None:
    """Lines of batch and quantity, or None when there are none."""
    if not texts:
        return None
    lines = []
    for text in texts:
        batch, amount = batch_quantity(text, option)
        lines.append({"batch": batch, "quantity": amount})
    return lines


def members(text: str, option: str) -> dict[str, str]:
    """Members by name, written ``name=value,name=value``; a part without = continues the value before it."""
    found: dict[str, str] = {}
    last = ""
    for part in text.split(","):
        name, equals, value = part.partition("=")
        if equals and re.fullmatch(r"\s*[A-Za-z_][A-Za-z0-9_]*\s*", name):
            last = name.strip()
            if last in found:
                raise UsageError("{last} stands twice in {text!r}", last=last, text=text, field=option)
            found[last] = value.strip()
        elif last:
            found[last] += f",{part}"
        else:
            raise UsageError("{text!r} should be written name=value,name=value", text=text, field=option)
    return {name: value for name, value in found.items() if value}


def receipt_line(text: str) -> Json:
    """One line of a receipt; short names as in `RECEIPT_LINE`."""
    line: Json = {RECEIPT_LINE.get(name, name): value for name, value in members(text, "--line").items()}
    if "quantity" in line:
        line["quantity"] = quantity(line["quantity"], "--line")
    if "shelf_life_days" in line:
        line["shelf_life_days"] = whole(line["shelf_life_days"], "--line")
    return line


def document(text: str) -> Json:
    """A document, written ``TYPE:NUMBER``, ``TYPE:NUMBER:VALID_TO`` or by its members; `file` is to be attached."""
    if re.match(r"\s*[a-z_]+\s*=", text):
        return members(text, "--document")
    parts = [part.strip() for part in text.split(":")]
    named = dict(zip(("type", "number", "valid_to"), parts, strict=False))
    if len(parts) > 3 or len(parts) < 2:
        raise UsageError(
            "{text!r} should be TYPE:NUMBER, TYPE:NUMBER:VALID_TO or type=…,number=…,issuer=…",
            text=text,
            field="--document",
        )
    return {name: value for name, value in named.items() if value}


def transport(text: str | None) -> Json | None:
    """How goods travel, written ``MODE``, ``MODE:PLATE`` or by its members."""
    if not text:
        return None
    if "=" in text:
        found = members(text, "--transport")
    else:
        mode, _, plate = text.partition(":")
        found = {"mode": mode.strip()} | ({"plate": plate.strip()} if plate.strip() else {})
    if "mode" in found:
        found["mode"] = MODES.get(found["mode"], found["mode"])
    return found


def unloading(text: str | None) -> Json | None:
    """Where and how goods were unloaded, written ``PLACE:METHOD`` or by its members."""
    if not text:
        return None
    if re.match(r"\s*[a-z_]+\s*=", text):
        found: Json = dict(members(text, "--unloading"))
        if "workers" in found:
            found["workers"] = whole(found["workers"], "--unloading")
        return found
    place, _, method = text.partition(":")
    return {"place": place.strip()} | ({"method": method.strip()} if method.strip() else {})


def whole(text: str, option: str) -> int:
    """A whole number."""
    if not re.fullmatch(r"-?[0-9]{1,15}", text.strip()):
        raise UsageError("{text!r} is no whole number", text=text, field=option)
    return int(text)


def instant(text: str | None, option: str) -> str | None:
    """A time: RFC 3339 as it is, or a local one read at +08:00."""
    if text is None:
        return None
    match = _LOCAL.fullmatch(text.strip())
    if match:
        return f"{match[1]}T{match[2]}{match[3] or ':00'}{CHINA}"
    if re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ]", text):
        return text.strip().replace(" ", "T", 1)
    raise UsageError(
        "{text!r} is no time: write 2026-11-23T08:15:00+08:00, or '2026-11-23 08:15' for +08:00",
        text=text,
        field=option,
    )


def named(text: str, option: str, what: str) -> tuple[str, str]:
    """A name and what is said of it, written ``NAME=…``."""
    name, equals, value = text.partition("=")
    if not equals or not name.strip() or not value.strip():
        raise UsageError("{text!r} should be written {what}", text=text, what=what, field=option)
    return name.strip(), value.strip()


# ---------------------------------------------------------------------- files


def contents(path: Path, limit: int, field: str) -> bytes:
    """All bytes of a file, which may be one without an end. Raises: OSError; UsageError beyond the limit."""
    with path.open("rb") as file:
        data = file.read(limit + 1)
    if len(data) > limit:
        raise UsageError(
            "{path} has more than {limit:,} bytes: is it the right file?", path=path, limit=limit, field=field
        )
    return data


# ---------------------------------------------------------------------- whole bodies


def load(source: str, option: str = "--body") -> Json:
    """An object from a JSON or TOML file, ``-`` for JSON from stdin. Raises: SourceError with line and column."""
    data = read(source, option)
    try:
        text = data.decode("utf-8-sig")
        value = (
            tomllib.loads(text)
            if source.lower().endswith(".toml")
            else json.loads(text, object_pairs_hook=_object)
        )
    except UnicodeDecodeError as error:
        raise SourceError(
            "{source} is not UTF-8 text (byte {start}): save it as UTF-8",
            source=source,
            start=error.start,
            field=option,
        ) from error
    except json.JSONDecodeError as error:
        raise SourceError(
            "{source} is not JSON: {msg} at line {lineno}, column {colno}",
            source=source,
            msg=error.msg,
            lineno=error.lineno,
            colno=error.colno,
            field=option,
        ) from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise SourceError(
            "{source} cannot be read: {error}", source=source, error=error, field=option
        ) from error
    if not isinstance(value, dict):
        raise SourceError(
            "{source} should hold one object with the fields of the body", source=source, field=option
        )
    return {name: _plain(member) for name, member in value.items()}


def read(source: str, option: str) -> bytes:
    """The bytes of a file, ``-`` for stdin, at most a million. Raises: SourceError."""
    try:
        if source == "-":
            data = sys.stdin.buffer.read(MAX_BODY + 1)
        else:
            with Path(source).open("rb") as file:
                data = file.read(MAX_BODY + 1)
    except OSError as error:
        raise SourceError(
            "{source} cannot be read: {reason}",
            source=source,
            reason=why(error),
            field=option,
        ) from error
    if len(data) > MAX_BODY:
        raise SourceError(
            "{source} is larger than a body can be ({max_body} bytes)",
            source=source,
            max_body=MAX_BODY,
            field=option,
        )
    return data


def _object(pairs: list[tuple[str, Any]]) -> Json:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise SourceError("the field {twice} stands twice in one object: keep one", twice=twice, field=twice)
    return found


def _plain(value: Any) -> Any:
    """TOML's dates and times as text, as bodies carry them."""
    if isinstance(value, dict):
        return {name: _plain(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_plain(member) for member in value]
    return value.isoformat() if hasattr(value, "isoformat") else value


def pretty(value: object) -> str:
    """JSON for people, over several lines."""
    return json.dumps(value, ensure_ascii=False, indent=2)


def merged(body: Mapping[str, Any], flags: Mapping[str, Any]) -> Json:
    """The body with what the options say put over it; options not given (None) change nothing."""
    result = dict(body)
    for name, value in flags.items():
        if value is None:
            continue
        under = result.get(name)
        result[name] = merged(under, value) if isinstance(under, dict) and isinstance(value, dict) else value
    return result


def given(**fields: Any) -> Json | None:
    """An object of the fields that are not None, or None when there are none."""
    found = {name: value for name, value in fields.items() if value is not None}
    return found or None
