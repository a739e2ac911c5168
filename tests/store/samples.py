"""What the tests of the store put in: entries, tiles, facts, checkpoints that fit but mean nothing.

The store keeps what it is given, so roots and hashes here are random; sizes, numbers and keys are right.
"""

from __future__ import annotations

import base64
import hashlib
import random
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from ledger.store.facts import (
    AcceptanceFact,
    BatchFact,
    CheckFact,
    CorrectionFact,
    EventFact,
    FactRow,
    GrantFact,
    HandoverFact,
    HolderFact,
    MatterFact,
    MerchantFact,
    MovementFact,
    RevocationFact,
    RulesetFact,
    StatementFact,
)

ORIGIN = "custody.example/erligang"
VKEY = "custody.example/erligang+c74f2a13+AZ0mE3nUJ3r8"
MERCHANTS = ("92410104MACU00014Y", "92410104MACU00022R", "91410104MA9KXXXX0A")
_PLACES: list[int] = []
START_MS = 1_795_392_902_123
EVENT_KINDS = ("disinfection.logged", "temperature.logged")


def root_of(size: int) -> bytes:
    """A stand-in for the tree's root."""
    return hashlib.sha256(b"root %d" % size).digest()


def note_of(size: int) -> bytes:
    root = base64.b64encode(root_of(size)).decode()
    return f"{ORIGIN}\n{size}\n{root}\n\n— {ORIGIN} {base64.b64encode(bytes(68)).decode()}\n".encode()


def recorded_ms(index: int) -> int:
    return START_MS + 1_000 * index


def entry_of(index: int, length: int = 300) -> bytes:
    moment = datetime.fromtimestamp(recorded_ms(index) / 1000, UTC)
    recorded = moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    head = f'{{"index":{index},"recorded_at":"{recorded}","statement":"'
    filling = random.Random(index).randbytes(length).hex()[: length - len(head) - 2]
    return f'{head}{filling}"}}'.encode()


def id_of(index: int) -> bytes:
    return hashlib.sha256(b"id %d" % index).digest()[:16]


class Commit(NamedTuple):
    """The four arguments of `Transaction.append`."""

    entries: list[tuple[int, bytes]]
    tiles: list[tuple[int, int, bytes]]
    facts: dict[type[FactRow], list[FactRow]]
    checkpoint: tuple[int, bytes]


def leaf_of(index: int) -> bytes:
    return hashlib.sha256(b"leaf %d" % index).digest()


def tiles_of(start: int, stop: int) -> list[tuple[int, int, bytes]]:
    """The tiles of level 0 that change from size `start` to size `stop`."""
    return [
        (0, number, b"".join(leaf_of(index) for index in range(number * 256, min(stop, number * 256 + 256))))
        for number in range(start // 256, (stop - 1) // 256 + 1)
    ]


def _place_in_chain(index: int) -> int:
    """How many entries of the same merchant stand below."""
    while len(_PLACES) <= index:
        place = len(_PLACES)
        _PLACES.append(_PLACES[place - 3] + ((place - 3) % 7 != 0) if place >= 3 else 0)
    return _PLACES[index]


def statements(start: int, stop: int) -> list[FactRow]:
    """One StatementFact per entry: three merchants in turn, every seventh about the ledger itself."""
    rows: list[FactRow] = []
    for index in range(start, stop):
        about = index % 7 != 0
        merchant = MERCHANTS[index % 3] if about else None
        seq = _place_in_chain(index) if about else None
        kind = EVENT_KINDS[index % 2] if about else "key.granted"
        rows.append(StatementFact(index, id_of(index), kind, merchant, seq, 90 if index % 5 == 0 else 1))
    return rows


def events(start: int, stop: int) -> list[FactRow]:
    return [
        EventFact(index, index * 60, None, -1850, -1700, 0, f"zone-{index % 4}")
        for index in range(start, stop)
        if index % 7
    ]


def commit(start: int, count: int, *, length: int = 300) -> Commit:
    """A commit of `count` entries onto a ledger of size `start`."""
    stop = start + count
    return Commit(
        entries=[(index, entry_of(index, length)) for index in range(start, stop)],
        tiles=tiles_of(start, stop),
        facts={StatementFact: statements(start, stop), EventFact: events(start, stop)},
        checkpoint=(stop, note_of(stop)),
    )


def one_of_each(index: int) -> dict[type[FactRow], Sequence[FactRow]]:
    """One row of every fact, all from one entry."""
    merchant, other = MERCHANTS[:2]
    rows: list[FactRow] = [
        StatementFact(index, id_of(index), "goods.received", merchant, index, 61),
        GrantFact(index, "ab" * 32, "merchant", merchant, "holder-1", "MCow"),
        RevocationFact(index, "ab" * 32, None),
        RulesetFact(index, "henan-2022", '{"code":"henan-2022"}'),
        MerchantFact(
            index, merchant, "二里岗超市", "erligang/3/07", "shop", "cold_chain", None, "[]", 739578
        ),
        BatchFact(
            index,
            0,
            "B-1",
            merchant,
            "kg",
            "cold_chain",
            "Shrimp 虾",
            "customs_declaration",
            7,
            None,
            "06291041500213",
            "L9",
            "TC-1",
        ),
        MovementFact(index, 0, "B-1", merchant, "received", 12_500_000, 12_500_000, None),
        HolderFact(index, merchant, "B-1"),
        HandoverFact(index, id_of(index), merchant, other, 1_795_392_902),
        AcceptanceFact(index, index),
        EventFact(index, 1, 2, -1850, -1700, 5, "zone-1"),
        CheckFact(index, merchant, index, 202648, 739578, 1, "ab" * 32),
        CorrectionFact(index, merchant, index),
        MatterFact(index, 0, "card", merchant, '{"card":"yellow"}'),
    ]
    return {type(row): [row] for row in rows}
