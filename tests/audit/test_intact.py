"""An untouched ledger: what the report says, and what is left out or cannot be checked."""

from __future__ import annotations

import re

import pytest

from ledger.audit import verify as rooms
from ledger.audit.report import CHECKS
from ledger.audit.verify import verify
from ledger.errors import NoteError, SourceError
from ledger.log import NoteSigner, checkpoint
from ledger.log.tree import EMPTY_ROOT
from ledger.messages import Message
from tests.audit.memory import SIGNER, VKEY, chain, detail, found, key, status
from tests.audit.sample import M1, M3, World, make_long, make_sample, make_tiny, set_up, trade
from tests.audit.test_rules import DONE
from tests.reference.trees import Tree


@pytest.mark.parametrize("bundle", [False, True])
def test_the_sample_is_intact(bundle: bool) -> None:
    made = make_sample()
    report = verify(made.source(bundle=bundle), vkey=VKEY)
    assert (report.verdict, report.exit_code, report.faults) == ("intact", 0, ())
    assert report.size == len(made.data)
    assert report.root == Tree(made.data).root() == made.roots[len(made.data)]
    not_made = {name for name, state in status(report).items() if state == "not_checked"}
    assert not_made == ({"facts", "witness"} if bundle else {"witness"})
    assert [one.name for one in report.checks] == list(CHECKS)


def test_counts_are_those_of_the_ledger() -> None:
    made = make_sample()
    counts = {one.name: one.count for one in verify(made.source()).checks}
    signatures = sum(len(said.envelope.signatures) for said in made.said)
    rows = sum(map(len, made.rows.values()))
    assert counts["statement_signature"] == signatures
    assert counts["checkpoint_signature"] == len(made.notes)
    assert counts["tree"] == len(made.notes) + len(made.tiles)
    assert counts["facts"] == rows
    assert counts["attachments"] == len(made.blobs)
    assert counts["inspection"] == 4
    for name in ("encoding", "index", "chain", "authority", "schema", "custody"):
        assert counts[name] == len(made.data), name


def test_several_tiles_and_workers() -> None:
    made = make_long()
    assert {level for level, _ in made.tiles} == {0, 1}
    assert verify(made.source(), processes=0) == verify(made.source(), processes=0)


def test_workers_find_what_one_process_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    source = make_long().source()
    bad = (3, 255, 256, 600)
    for index in bad:
        source.data[index] = _with_another_signature(source.data[index])
    alone = verify(source)
    assert [f.index for f in alone.faults if f.check == "statement_signature"] == list(bad)
    monkeypatch.setattr(rooms, "ALONE", 0)
    assert verify(source, processes=2) == alone
    assert verify(source) == alone


def _with_another_signature(data: bytes) -> bytes:
    at = data.index(b'"sig":"') + 12
    return data[:at] + (b"A" if data[at : at + 1] != b"A" else b"B") + data[at + 1 :]


def test_progress_is_told_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    made = make_long()
    told: list[tuple[int, int]] = []
    monkeypatch.setattr(rooms, "PROGRESS", 256)
    verify(made.source(), progress=lambda done, total: told.append((done, total)))
    size = len(made.data)
    assert told == [(256, size), (512, size), (size, size)]


def test_the_end_needs_somebody_outside() -> None:
    source = make_sample().source()
    assert "a cut-off tail would not show" in detail(verify(source), "tree")
    for size, note in source.notes:
        report = verify(source, since=note)
        assert report.verdict == "intact"
        assert (f"vouches for the end, from entry {size} on" in detail(report, "tree")) == (
            size < len(source.data)
        )


def test_the_operator_does_not_vouch_for_the_end() -> None:
    """Whoever could have cut the tail off pins what is left, with keys of its own: that counts for nothing."""
    world = World()
    set_up(world)
    trade(world, "A")
    made = world.chainer.made
    before = detail(verify(made.source()), "tree")
    world.commit()
    granted = {"public_key": key("new").public.text, "role": "operator", "scope": "*"}
    world.state("key.granted", None, granted, [world.operator])
    world.commit()
    after = detail(verify(made.source()), "tree")
    seen = re.compile(r"had seen the first (\d+) of \d+ entries, (\d+) key")
    assert seen.findall(before) == seen.findall(after) != []
    world.state("disinfection.logged", M1, DONE, [world.keys[M1]])
    world.state("disinfection.logged", M3, DONE, [world.keys[M3]])
    world.commit()
    assert seen.findall(detail(verify(made.source()), "tree")) == [(str(made.commits[-2]), "2")]


def test_a_ledger_ahead_of_the_clock() -> None:
    made = make_sample()
    last = made.said[-1].recorded_ms
    assert "clock" not in detail(verify(made.source(), now_ms=last), "index")
    behind = verify(made.source(), now_ms=last - 86_400_000)
    assert behind.verdict == "intact"
    assert "one of the two clocks is wrong" in detail(behind, "index")


def test_a_key_that_the_source_names_itself_is_said_to_be() -> None:
    source = make_sample().source()
    assert f"{VKEY} was taken from the source itself" in detail(verify(source), "checkpoint_signature")
    assert "taken from" not in detail(verify(source, vkey=VKEY), "checkpoint_signature")
    source.vkey = None
    report = verify(source)
    assert report.verdict == "intact"
    assert "was taken from the first entry itself" in detail(report, "checkpoint_signature")


def test_without_signatures_it_is_incomplete() -> None:
    report = verify(make_sample().source(), signatures=False)
    assert (report.verdict, report.exit_code) == ("incomplete", 3)
    assert status(report)["statement_signature"] == "not_checked"
    assert status(report)["checkpoint_signature"] == "passed"


def test_a_fault_weighs_more_than_what_was_left_out() -> None:
    source = make_sample().source()
    source.data[5] = source.data[5][:-2]
    assert verify(source, signatures=False).verdict == "tampered"


def test_disputed_entries_are_counted() -> None:
    assert "disputed: 1 of the signatures" in detail(verify(make_sample().source()), "authority")
    assert "disputed" not in detail(verify(make_tiny().source()), "authority")


def test_warnings_of_the_source_are_passed_on() -> None:
    source = make_tiny().source()
    source.odd.append(Message("the trigger is gone"))
    assert verify(source).warnings == ("the trigger is gone",)


def test_nothing_is_no_ledger() -> None:
    source = chain(make_tiny().said[:1], [1]).source(bundle=True)
    source.data.clear()
    source.tiles.clear()
    source.notes = [(0, checkpoint.sign(SIGNER.name, 0, EMPTY_ROOT, SIGNER))]
    report = verify(source)
    assert (report.verdict, report.size, report.root) == ("tampered", 0, EMPTY_ROOT)
    assert found(report) == {"index": [0]}


def test_what_the_caller_gives_must_be_what_it_is_called() -> None:
    source = make_tiny().source()
    with pytest.raises(NoteError, match="verifier key"):
        verify(source, vkey="custody.example/audit")
    with pytest.raises(NoteError, match="checkpoint to begin from") as caught:
        verify(source, since=b"no checkpoint")
    assert caught.value.field == "since"


def test_a_published_ledger_without_checkpoint_cannot_be_read() -> None:
    source = make_tiny().source(bundle=True)
    source.notes.clear()
    with pytest.raises(SourceError, match="no checkpoint"):
        verify(source)


def test_another_log_of_the_same_entries() -> None:
    """Opened with another log key, everything agrees with itself: only a key from outside tells them apart."""
    other = NoteSigner(SIGNER.name, key("other log"))
    made = chain(make_tiny().said, make_tiny().commits, signer=other)
    source = made.source()
    source.vkey = other.verifier.vkey
    report = verify(source)
    assert [(f.check, f.index) for f in report.faults] == [("checkpoint_signature", 0)]
