"""The ledger as a whole: proofs, a missing log key, a damaged end, an empty beginning."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger import log
from ledger.custody.batch import Receipt
from ledger.custody.context import Context
from ledger.custody.home import Home
from ledger.custody.ledger import Ledger
from ledger.custody.rules import RULES
from ledger.errors import (
    KeyInvalid,
    LedgerError,
    NotALedger,
    NotAuthorised,
    ProofError,
    Refused,
    StoreCorrupt,
    StoreExists,
    StoreReadOnly,
    UsageError,
)
from ledger.log import NoteVerifier, PrivateKey
from ledger.store.facts import FactRow
from ledger.store.sqlite import SqliteStore
from tests.custody.test_admission import CLEANED
from tests.custody.world import M1, M3, ORIGIN, START, World, key


def test_every_entry_can_be_proved(world: World) -> None:
    world.receive("B1")
    verifier = NoteVerifier.from_vkey(world.ledger.store.vkey)
    for index in range(world.size):
        entry, head = log.proof.check(world.ledger.prove(index), verifier)
        assert entry == world.ledger.entry(index)
        assert head.root == world.ledger.store.head().root
    with pytest.raises(UsageError):
        world.ledger.prove(world.size)
    with pytest.raises(LedgerError):
        log.proof.check(world.ledger.prove(3).replace(b"index 3", b"index 4"), verifier)
    with pytest.raises((ProofError, LedgerError)):
        log.proof.check(world.ledger.prove(3), NoteVerifier.from_key(ORIGIN, key("other").public))


def test_without_its_log_key_a_ledger_is_read_only(world: World) -> None:
    envelope = world.envelope([world.k1], "disinfection.logged", M1, CLEANED)
    with Ledger(SqliteStore.open(world.folder), log_key=None, clock=lambda: START) as reader:
        assert reader.entry(0).statement.kind == "ledger.opened"
        with pytest.raises(StoreReadOnly):
            reader.append([envelope])


def test_nothing_is_built_on_tiles_that_do_not_give_the_checkpoint(world: World) -> None:
    envelope = world.envelope([world.k1], "disinfection.logged", M1, CLEANED)
    world.ledger.close()
    database = sqlite3.connect(world.folder / "ledger.db")
    for (name,) in database.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
        database.execute(f'DROP TRIGGER "{name}"')
    database.execute("UPDATE tile SET data = zeroblob(length(data))")
    database.commit()
    database.close()
    with Ledger(SqliteStore.open(world.folder), log_key=world.log_key, clock=lambda: world.now) as ledger:
        size = ledger.store.head().size
        with pytest.raises(StoreCorrupt, match="nothing is appended"):
            ledger.append([envelope])
        assert ledger.store.head().size == size
    world.ledger = Ledger(SqliteStore.open(world.folder), log_key=None, clock=lambda: START)


def test_an_empty_ledger_begins_with_its_opening(world: World, tmp_path: Path) -> None:
    envelope = world.envelope([world.k1], "disinfection.logged", M1, CLEANED)
    vkey = NoteVerifier.from_key(ORIGIN, world.log_key.public).vkey
    store = SqliteStore.create(tmp_path / "empty", origin=ORIGIN, vkey=vkey)
    with Ledger(store, log_key=world.log_key, clock=lambda: START) as ledger:
        (answer,) = ledger.append([envelope])
        assert isinstance(answer, NotAuthorised)  # the key is not known
        with pytest.raises(NotAuthorised, match=r"ledger\.opened"):
            ledger.append([world.envelope([key("x")], "key.granted", None, _grant(key("x")))])
        assert store.head().size == 0


def test_a_home_is_made_once_and_opened_with_its_keys(tmp_path: Path) -> None:
    folder = tmp_path / "home"
    home = Home.create(
        folder,
        origin=ORIGIN,
        title="测试",
        jurisdiction="CN-HA",
        earliest=None,
        passphrase=b"secret",
        clock=lambda: START,
        randomness=bytes,
    )
    with pytest.raises(StoreExists):
        Home.create(
            folder,
            origin=ORIGIN,
            title="测试",
            jurisdiction="CN-HA",
            earliest=None,
            passphrase=None,
            clock=lambda: START,
            randomness=bytes,
        )
    with home.open(lambda _: b"secret", clock=lambda: START) as ledger:
        assert ledger.store.head().size == 1
    with pytest.raises(KeyInvalid, match="operator"):
        home.key("operator", lambda _: b"wrong")
    with pytest.raises(NotALedger):
        Home(tmp_path / "none").store()


def test_a_home_that_cannot_be_made_leaves_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "home"
    for there in (False, True):
        if there:
            folder.mkdir()
        with pytest.raises(LedgerError):
            Home.create(
                folder,
                origin=ORIGIN,
                title=" ",
                jurisdiction="CN-HA",
                earliest=None,
                passphrase=None,
                clock=lambda: START,
                randomness=bytes,
            )
        assert not folder.exists() or not any(folder.iterdir())


def test_another_ledgers_log_key_opens_nothing(world: World) -> None:
    home = Home(world.folder)
    other = PrivateKey.generate()
    home.keyring.add("log", other.to_pem(None), other.public.text)
    with pytest.raises(KeyInvalid, match="not the log key"):
        home.open(lambda _: None, clock=lambda: START)


def test_a_context_about_the_ledger_has_no_merchant(world: World) -> None:
    statement = world.ledger.entry(0).statement
    day = world.ledger.setting.earliest
    at = Context(world.ledger.facts(), world.ledger.setting, 1, START, START, day, b"", statement, (), ())
    with pytest.raises(ValueError, match="about the ledger"):
        _ = at.merchant
    with pytest.raises(ValueError, match="not enrolled"):
        _ = at._replace(statement=statement._replace(merchant="91410104MACU0009X1")).enrolled


def _grant(new: PrivateKey) -> dict[str, str]:
    return {"public_key": new.public.text, "role": "merchant", "scope": M1}


def test_a_mistake_of_the_program_does_not_take_the_whole_commit(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One statement that no rule was written for is not taken in; those before and behind it are."""

    def mistaken(_at: Context, _body: object) -> Iterator[FactRow]:
        raise OverflowError("int too big to convert")

    monkeypatch.setitem(RULES, "goods.sold", RULES["goods.sold"]._replace(effect=mistaken))
    world.receive("B1")
    cleaned = world.envelope([world.k1], "disinfection.logged", M1, CLEANED)
    sale = {
        "buyer": {"type": "consumers"},
        "lines": [{"batch": "B1", "quantity": {"value": "1", "unit": "kg"}}],
    }
    sold = world.envelope([world.k1], "goods.sold", M1, sale)
    size = world.size
    last = world.envelope([world.k3], "disinfection.logged", M3, CLEANED)
    first, second, third = world.ledger.append([cleaned, sold, last])
    assert isinstance(first, Receipt) and isinstance(third, Receipt)
    assert (first.index, third.index, world.size) == (size, size + 1, size + 2)
    assert isinstance(second, Refused)
    assert "cannot be judged (OverflowError: int too big to convert)" in second.message
    world.must(world.state([world.k1], "disinfection.logged", M1, CLEANED))
