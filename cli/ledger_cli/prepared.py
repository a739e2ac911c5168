"""A check prepared without network: what was seen, when, and the checkpoint it was made against, in one file.

    {"merchant": "92410104MACU00014Y", "seen": {"size": 1040, "root": "5f16…"},
     "started_at": "2026-11-23T08:15:00+08:00", "ended_at": "2026-11-23T08:40:00+08:00",
     "observed": {"stock": […], "checklist": […]}, "waivers": [{"code": "temperature_gap", "reason": "…"}]}

`custody inspect M --show --json` gives the beginning of such a file as its member `check`. A file with the fields of
`observed` alone says only what was seen. Findings are computed when the check is recorded; those in the file count
only where a supervisor added them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ledger.custody.authoring import seen_of
from ledger.errors import SeenMismatch, SourceError, UsageError
from ledger.log import Seen
from ledger.messages import Message
from ledger_cli import inputs

if TYPE_CHECKING:
    from ledger_cli.draft import Draft
    from ledger_cli.inputs import Json

MEMBERS = ("merchant", "seen", "started_at", "ended_at", "place", "observed", "findings", "waivers")


class Prepared(NamedTuple):
    """What a file says of a check; None and empty where it says nothing."""

    observed: Json
    size: int | None = None
    root: str | None = None
    started_at: str | None = None
    ended_at: str | None = None
    place: str | None = None
    added: tuple[Json, ...] = ()
    waivers: tuple[Json, ...] = ()


def read_prepared(source: str | None, merchant: str) -> Prepared:
    """The check in a file. Raises: SourceError, UsageError, naming the member."""
    if source is None:
        return Prepared({})
    found = inputs.load(source, "--from")
    if not set(found) & {"observed", "started_at", "ended_at", "seen"}:
        return Prepared(found)
    unknown = [name for name in found if name not in MEMBERS]
    if unknown:
        raise SourceError(
            "{source} has a member {unknown}; a check has {members}",
            source=source,
            unknown=unknown[0],
            members=", ".join(MEMBERS),
            field="--from",
        )
    if found.get("merchant", merchant) != merchant:
        raise UsageError(
            "the check in {source} is of {found}, not of {merchant}",
            source=source,
            found=found["merchant"],
            merchant=merchant,
            field="MERCHANT",
        )
    seen = _typed(found, "seen", dict)
    size = seen.get("size")
    if seen and (not isinstance(size, int) or isinstance(size, bool) or size < 1):
        raise SourceError("seen.size is the number of entries of the checkpoint", field="seen.size")
    return Prepared(
        _typed(found, "observed", dict),
        size if seen else None,
        seen.get("root"),
        inputs.instant(_text(found, "started_at"), "started_at"),
        inputs.instant(_text(found, "ended_at"), "ended_at"),
        _text(found, "place"),
        tuple(one for one in _typed(found, "findings", list) if _member(one, "source") != "computed"),
        tuple(_typed(found, "waivers", list)),
    )


def pinned(draft: Draft, prepared: Prepared, as_of: int | None) -> Seen | None:
    """The checkpoint that a check was made against: that of the file, --as-of, or the newest.

    Raises: SeenMismatch when this ledger has no such checkpoint.
    """
    if prepared.size is not None and as_of is not None and prepared.size != as_of:
        raise UsageError(
            "the file was made against {prepared_size} entries: leave --as-of out",
            prepared_size=prepared.size,
            field="--as-of",
        )
    size = as_of if prepared.size is None else prepared.size
    if size is None:
        return seen_of(draft.head)
    if not 0 < size <= draft.as_of:
        raise SeenMismatch(
            "the checkpoint has {size} entries, this ledger has {as_of}: submit the check to the ledger it was "
            "made against",
            size=size,
            as_of=draft.as_of,
            field="seen.size",
        )
    root = draft.ledger.root_at(size).hex()
    if prepared.root not in (None, root):
        raise SeenMismatch(
            "the check was made against another history: root {root!s:.16}… at {size} entries, here "
            "{root_2}…. Keep both and tell an auditor",
            root=prepared.root,
            size=size,
            root_2=root[:16],
            field="seen.root",
        )
    return Seen(root, size)


def _typed(found: Json, name: str, kind: type) -> Any:  # Any: what the schemas look at later
    value = found.get(name, kind())
    if not isinstance(value, kind):
        raise SourceError(
            "{name} should be {which}",
            name=name,
            which=Message("a list") if kind is list else Message("an object"),
            field=name,
        )
    return value


def _text(found: Json, name: str) -> str | None:
    value = found.get(name)
    if value is not None and not isinstance(value, str):
        raise SourceError("{name} should be text", name=name, field=name)
    return value


def _member(value: object, name: str) -> object:
    return value.get(name) if isinstance(value, dict) else None
