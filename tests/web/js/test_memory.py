"""What a device remembers of a ledger: it goes forward with it, and refuses, loudly, any other history."""

from __future__ import annotations

from base64 import b64encode
from random import Random
from typing import Any

import pytest

from ledger.log import NoteSigner, PrivateKey, checkpoint
from ledger.log.tiles import TileTree, TileWriter
from ledger.log.tree import CompactRange
from tests.web.js.modules import Modules

ORIGIN = "custody.example/memory"
SIGNER = NoteSigner(ORIGIN, PrivateKey.from_seed(bytes(31) + b"m"))


class History:
    """A ledger's leaves: honest, or with one of them changed from an index on."""

    def __init__(self, changed: int | None = None) -> None:
        rng = Random("history")
        self.leaves = [rng.randbytes(32) for _ in range(400)]
        if changed is not None:
            self.leaves[changed] = bytes(32)
        self.tiles = {(tile.level, tile.number): tile.data for tile in TileWriter().append(self.leaves)}
        self.tree = TileTree(lambda level, number, width: self.tiles[level, number], len(self.leaves))

    def note(self, size: int, signer: NoteSigner = SIGNER) -> str:
        growing = CompactRange()
        growing.extend(self.leaves[:size])
        return b64encode(checkpoint.sign(ORIGIN, size, growing.root(), signer)).decode()

    def path(self, old: int, size: int) -> list[str]:
        tree = TileTree(lambda level, number, width: self.tiles[level, number], size)
        return [node.hex() for node in tree.consistency(old)]


HONEST, REWRITTEN = History(), History(changed=70)

ADVANCE = """
    const store = x.kept ? await m.database.openStore('custody') : m.database.temporaryStore();
    const memory = new m.memory.Memory(store, await m.note.Verifier.fromVkey(x.vkey));
    const answers = [];
    const asked = [];
    for (const { note, path } of x.steps) {
        const fetchConsistency = async (old, size) => {
            asked.push([old, size]);
            if (path === null) throw new TypeError('Failed to fetch');
            return Array.isArray(path) ? path.map(m.bytes.fromHex) : path;
        };
        answers.push(await memory.advance(h.raw(note), fetchConsistency).then(
            ({ state, checkpoint }) => ({ state, size: checkpoint.size }),
            (error) => ({ code: error.code ?? error.name, key: error.key, zh: error.words?.('zh') }),
        ));
    }
    return { answers, asked, seen: await memory.seen(), evidence: await memory.evidence() };
"""


def advance(js: Modules, *steps: tuple[str, Any], kept: bool = False) -> dict[str, Any]:
    found: dict[str, Any] = js.run(
        ADVANCE,
        {
            "vkey": SIGNER.verifier.vkey,
            "kept": kept,
            "steps": [{"note": note, "path": path} for note, path in steps],
        },
    )
    return found


def test_forward(js: Modules) -> None:
    found = advance(
        js,
        (HONEST.note(0), []),
        (HONEST.note(64), []),
        (HONEST.note(64), []),
        (HONEST.note(100), HONEST.path(64, 100)),
        (HONEST.note(80), HONEST.path(80, 100)),
        (HONEST.note(400), HONEST.path(100, 400)),
    )
    states = [(answer.get("state"), answer.get("size")) for answer in found["answers"]]
    assert states == [
        ("first", 0),
        ("extended", 64),
        ("same", 64),
        ("extended", 100),
        ("older", 100),
        ("extended", 400),
    ]
    assert found["asked"] == [[64, 100], [80, 100], [100, 400]]
    assert found["seen"] == {"root": HONEST.tree.root().hex(), "size": 400}
    assert found["evidence"] == []


def test_nothing_is_seen_of_an_empty_ledger(js: Modules) -> None:
    assert advance(js)["seen"] is None
    assert advance(js, (HONEST.note(0), []))["seen"] is None


@pytest.mark.parametrize("size", [100, 128, 300, 64])
def test_a_history_that_does_not_extend_what_was_verified(js: Modules, size: int) -> None:
    """Whatever proof comes with it: of the rewritten history, of the honest one, or none that is one."""
    old, new = sorted((size, 90))
    for path in (REWRITTEN.path(old, new), HONEST.path(old, new), [], [[1]], "no", ["00"], [None]):
        given = (
            path
            if isinstance(path, str)
            else [one for one in path if one is not None and not isinstance(one, list)]
        )
        shown = REWRITTEN if size > 70 else HistoryOf10
        found = advance(js, (HONEST.note(90), []), (shown.note(size), given), (HONEST.note(90), []))
        assert [answer.get("state") for answer in found["answers"]] == ["first", None, "same"]
        refusal = found["answers"][1]
        assert (refusal["code"], refusal["key"]) == ("HistoryChanged", "memory.not_extended")
        assert "通知审计人员" in refusal["zh"]
        assert found["seen"]["size"] == 90
        (pair,) = found["evidence"]
        for text, note in ((pair["remembered"], HONEST.note(90)), (pair["shown"], shown.note(size))):
            assert b64encode(text.encode()).decode() == note


HistoryOf10 = History(changed=10)


def test_two_histories_of_one_size(js: Modules) -> None:
    found = advance(js, (HONEST.note(90), []), (REWRITTEN.note(90), []), (REWRITTEN.note(90), []))
    assert [answer.get("key") for answer in found["answers"]] == [
        None,
        "memory.two_histories",
        "memory.two_histories",
    ]
    assert found["asked"] == []  # no proof could help
    assert len(found["evidence"]) == 1  # the same pair is kept once
    assert found["evidence"][0]["reason"] == "memory.two_histories"


def test_a_server_out_of_reach_is_no_liar(js: Modules) -> None:
    found = advance(js, (HONEST.note(90), []), (HONEST.note(100), None))
    assert found["answers"][1]["code"] == "TypeError"
    assert found["evidence"] == []
    assert found["seen"]["size"] == 90


def test_what_the_log_has_not_signed_proves_nothing(js: Modules) -> None:
    other = NoteSigner(ORIGIN, PrivateKey.from_seed(bytes(31) + b"n"))
    found = advance(
        js,
        (HONEST.note(90), []),
        (HONEST.note(100, other), HONEST.path(90, 100)),
        (REWRITTEN.note(90, other), []),
    )
    assert [answer.get("code") for answer in found["answers"]] == [None, "NoteError", "NoteError"]
    assert found["evidence"] == []
    assert found["seen"]["size"] == 90


def test_it_is_remembered_through_a_restart(fresh: Modules) -> None:
    advance(fresh, (HONEST.note(90), []), kept=True)
    fresh.page.reload()
    found = advance(fresh, (REWRITTEN.note(100), REWRITTEN.path(90, 100)), kept=True)
    assert found["answers"][0]["code"] == "HistoryChanged"
    fresh.page.reload()
    found = advance(fresh, (HONEST.note(100), HONEST.path(90, 100)), kept=True)
    assert found["answers"] == [{"state": "extended", "size": 100}]
    assert len(found["evidence"]) == 1  # what was shown once stays


def test_two_tabs_at_once_do_not_go_back(fresh: Modules) -> None:
    """Each fetches its proof slowly while the other gets on; the greater checkpoint is what is remembered."""
    found = fresh.run(
        """
        const verifier = await m.note.Verifier.fromVkey(x.vkey);
        const open = async () => new m.memory.Memory(await m.database.openStore('custody'), verifier);
        const [one, other] = [await open(), await open()];
        await one.advance(h.raw(x.notes['64']));
        let release;
        const held = new Promise((resolve) => { release = resolve; });
        const path = async (old, size) => x.paths[`${old}-${size}`].map(m.bytes.fromHex);
        const slow = one.advance(h.raw(x.notes['100']), async (old, size) => { await held; return path(old, size); });
        const quick = await other.advance(h.raw(x.notes['300']), path);
        release();
        return { quick: quick.state, slow: (await slow).state, seen: (await one.seen()).size };
        """,
        {
            "vkey": SIGNER.verifier.vkey,
            "notes": {str(size): HONEST.note(size) for size in (64, 100, 300)},
            "paths": {
                f"{old}-{new}": HONEST.path(old, new) for old, new in ((64, 100), (64, 300), (100, 300))
            },
        },
    )
    assert found == {"quick": "extended", "slow": "older", "seen": 300}
