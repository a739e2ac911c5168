"""Every negative vector is refused with the error it names; the generator makes just the files there are."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ledger.errors import LedgerError
from ledger.log import (
    bundles,
    canonical,
    checkpoint,
    entry,
    keys,
    note,
    proof,
    sealed,
    statement,
    tiles,
    tree,
)
from tests.reference import slow
from tests.reference.sample import SmallLedger
from tests.vectors import edwards, make_negative
from tests.vectors.cases import input_of

SMALL = SmallLedger()
VERIFIER = note.NoteVerifier.from_vkey(SMALL.vkey)


def author(keyid: str) -> keys.PublicKey | None:
    spki = SMALL.spki_of(keyid)
    return None if spki is None else keys.PublicKey.from_spki(spki)


def verify_signatures(data: bytes) -> None:
    statement.verify_envelope(statement.parse_envelope(data), author)


def grant(data: bytes) -> None:
    keys.require_grantable(keys.PublicKey.from_base64(data.decode()))


def verify_inclusion(given: dict[str, Any]) -> None:
    path = [bytes.fromhex(one) for one in given["path"]]
    leaf, root = bytes.fromhex(given["leaf"]), bytes.fromhex(given["root"])
    tree.verify_inclusion(given["index"], given["size"], leaf, path, root)


def verify_consistency(given: dict[str, Any]) -> None:
    path = [bytes.fromhex(one) for one in given["path"]]
    old_root, new_root = bytes.fromhex(given["old_root"]), bytes.fromhex(given["new_root"])
    tree.verify_consistency(given["old"], given["new"], path, old_root, new_root)


CHECKS: dict[str, Callable[[Any], object]] = {
    "json": canonical.decode,
    "statement": statement.parse_statement,
    "envelope": statement.parse_envelope,
    "entry": entry.parse,
    "key": grant,
    "signature": verify_signatures,
    "vkey": lambda data: note.NoteVerifier.from_vkey(data.decode()),
    "note": lambda data: note.open(data, [VERIFIER]),
    "checkpoint": lambda data: checkpoint.open(data, VERIFIER),
    "inclusion": verify_inclusion,
    "consistency": verify_consistency,
    "tlog-proof": lambda data: proof.check(data, VERIFIER),
    "tile-path": lambda data: tiles.parse_path(data.decode()),
    "bundle": bundles.decode_bundle,
    "disclosure": lambda data: sealed.open_disclosure(data.decode()),
}


def stored() -> list[Path]:
    return sorted(make_negative.FOLDER.glob("*/*.json"))


@pytest.mark.parametrize("path", stored(), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_refused_with_the_error_it_names(path: Path) -> None:
    record = json.loads(path.read_text(encoding="utf-8"))
    with pytest.raises(LedgerError) as caught:
        CHECKS[path.parent.name](input_of(record))
    assert caught.value.code == record["want_error"], record["desc"]
    assert caught.value.message


def test_what_the_vectors_were_made_from_is_accepted() -> None:
    """Else every refusal above might have another reason."""
    for index in range(SMALL.size):
        entry.parse(SMALL.entries[index])
        verify_signatures(SMALL.envelopes[index])
        statement.parse_statement(SMALL.payload(index))
        proof.check(SMALL.proof(index), VERIFIER)
    for key in (SMALL.merchant, SMALL.phone):
        grant(slow.b64(slow.spki(key)).encode())
    note.open(slow.note("Ein Text.\n\n第二段\n", SMALL.origin, SMALL.log), [VERIFIER])
    checkpoint.open(SMALL.checkpoint, VERIFIER)
    for path in ("tile/0/000", "tile/63/x001/000.p/255", "tile/entries/999", "tile/entries/x001/000.p/1"):
        tiles.parse_path(path)
    assert bundles.decode_bundle(b"\0\1a" * 256) == [b"a"] * 256
    sealed.open_disclosure(slow.disclosure("phone", "13800000000", "_26bc4LT-ac6q2KI6cBW5es"))


def test_the_generator_makes_these_files_and_no_others() -> None:
    on_disk = {
        path.relative_to(make_negative.FOLDER).as_posix(): path.read_text(encoding="utf-8")
        for path in stored()
    }
    assert on_disk == make_negative.files()
    assert {name.split("/")[0] for name in on_disk} == set(CHECKS)


def test_low_order_points_are_all_and_only_those() -> None:
    """All fourteen encodings are known to the program; a point of full order is none of them."""
    encodings = edwards.low_order_encodings()
    assert len(encodings) == 14
    for raw in encodings:
        assert keys.PublicKey.from_ed25519(raw).is_low_order
    for raw in edwards.unreduced():
        assert not keys.PublicKey.from_ed25519(raw).is_low_order
    assert not keys.PublicKey.from_spki(slow.spki(SMALL.merchant)).is_low_order
