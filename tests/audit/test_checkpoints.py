"""Stored and given checkpoints, and the key they are signed with."""

from __future__ import annotations

import pytest

from ledger.audit.verify import verify
from ledger.errors import NoteError, SourceError
from ledger.log import NoteSigner, checkpoint, note
from tests.audit.memory import LOG_KEY, ORIGIN, SIGNER, VKEY, detail, found, key, status
from tests.audit.sample import make_long, make_sample, make_tiny


def sign(size: int, root: bytes, signer: NoteSigner = SIGNER) -> bytes:
    return checkpoint.sign(signer.name, size, root, signer)


def test_since_any_earlier_checkpoint() -> None:
    made = make_long()
    for size, earlier in made.notes[::7]:
        assert verify(made.source(), vkey=VKEY, since=earlier, signatures=False).faults == (), size


def test_since_a_later_one() -> None:
    made = make_sample()
    later = sign(len(made.data) + 5, bytes(32))
    for bundle in (False, True):
        report = verify(made.source(bundle=bundle), vkey=VKEY, since=later)
        assert [(f.check, f.index) for f in report.faults] == [("tree", len(made.data))]
        size = len(made.data)
        assert f"covers {size + 5} entries, there are {size}" in report.faults[0].detail


def test_since_one_of_the_same_size_and_another_root() -> None:
    made = make_sample()
    report = verify(made.source(), vkey=VKEY, since=sign(len(made.data), bytes(32)))
    assert [(f.check, f.index) for f in report.faults] == [("tree", 0)]


def test_since_must_be_signed_by_the_log() -> None:
    """A stranger's checkpoint says nothing about the ledger: an error of whoever gave it, no fault."""
    made = make_sample()
    thief, other = NoteSigner(ORIGIN, key("thief")), NoteSigner("custody.example/other", LOG_KEY)
    for size, root, signer in (
        (19, made.roots[19], thief),
        (500, bytes(32), thief),
        (19, made.roots[19], other),
    ):
        for vkey in (VKEY, None):
            with pytest.raises(NoteError, match="not by the log's key") as caught:
                verify(made.source(), vkey=vkey, since=sign(size, root, signer))
            assert caught.value.field == "since"


def test_the_wrong_vkey() -> None:
    made = make_sample()
    other = NoteSigner(ORIGIN, key("another log")).verifier.vkey
    places = found(verify(made.source(), vkey=other))
    assert set(places) == {"checkpoint_signature"}
    assert {None, 0, *(size - 1 for size, _ in made.notes)} == set(places["checkpoint_signature"])


def test_the_vkey_of_another_ledger() -> None:
    made = make_sample()
    other = NoteSigner("custody.example/other", LOG_KEY).verifier.vkey
    places = found(verify(made.source(), vkey=other))
    assert "checkpoint_signature" in places
    assert places["custody"] == list(range(len(made.data)))  # every statement is for the ledger it names


def test_a_source_that_names_another_key_than_the_one_given() -> None:
    source = make_sample().source()
    source.vkey = NoteSigner(ORIGIN, key("another log")).verifier.vkey
    assert found(verify(source, vkey=VKEY)) == {"checkpoint_signature": [None]}


def test_no_key_at_all() -> None:
    source = make_tiny().source()
    source.vkey = None
    source.data[0] = b"{}"
    report = verify(source)
    assert status(report)["checkpoint_signature"] == "not_checked"
    assert "--vkey" in detail(report, "checkpoint_signature")


def test_a_checkpoint_filed_under_another_size() -> None:
    made = make_sample()
    source = made.source()
    source.notes[3] = (source.notes[3][0] - 1, source.notes[3][1])
    assert found(verify(source)) == {"checkpoint_signature": [made.notes[3][0] - 2]}


def test_a_stored_checkpoint_of_another_root() -> None:
    """Signed by the log: that is how a log shows two histories."""
    made = make_sample()
    source = made.source()
    source.notes[3] = (made.notes[3][0], sign(made.notes[3][0], bytes(32)))
    report = verify(source)
    assert found(report) == {"tree": [made.notes[2][0]]}


def test_what_a_changed_entry_does_to_all_later_checkpoints_is_told_once() -> None:
    made = make_sample()
    source = made.source()
    source.data[20] = source.data[20].replace(b'"recorded_at":"2026', b'"recorded_at":"2025')
    report = verify(source)
    later = [size for size in made.commits if size > 20]
    assert found(report)["tree"] == [max(size for size in made.commits if size <= 20), 20]
    assert f"{len(later) - 1} later checkpoints differ likewise" in detail(report, "tree")


def test_a_checkpoint_of_the_future() -> None:
    made = make_sample()
    source = made.source()
    ahead = len(made.data) + 13
    source.notes.append((ahead, sign(ahead, bytes(32))))
    source.newest = made.notes[-1][1]
    report = verify(source)
    assert found(report) == {"tree": [len(made.data)]}
    assert "the end was cut off" in report.faults[0].detail


def test_a_newest_checkpoint_that_is_not_among_the_stored_ones() -> None:
    made = make_sample()
    source = made.source()
    source.newest = source.notes.pop()[1]
    assert verify(source).verdict == "intact"
    size = len(made.data)
    source.newest = sign(size, bytes(32))
    assert set(found(verify(source))) == {"tree"}
    source.newest = sign(size, made.roots[size], NoteSigner(ORIGIN, key("thief")))
    assert set(found(verify(source))) == {"checkpoint_signature"}


@pytest.mark.parametrize("newest", [b"", b"no note", b"origin\nmany\nroot\n\nno signature\n"])
def test_a_newest_checkpoint_that_cannot_be_read(newest: bytes) -> None:
    made = make_sample()
    source = made.source()
    source.newest = newest
    report = verify(source)
    assert found(report) == {"checkpoint_signature": [None]}
    assert report.size == len(made.data)


def test_a_database_that_has_lost_all_its_checkpoints() -> None:
    made = make_sample()
    source = made.source()
    source.notes.clear()
    report = verify(source)
    assert found(report) == {"checkpoint_signature": [None]}
    assert report.size == len(made.data)


def test_cosignatures_of_witnesses_do_not_disturb() -> None:
    made = make_tiny()
    source = made.source(bundle=True)
    witness = NoteSigner("witness.example/w", key("witness"))
    source.newest = note.add_signatures(made.notes[-1][1], [witness])
    report = verify(source, vkey=VKEY)
    assert report.verdict == "intact"
    assert status(report)["witness"] == "not_checked"


def test_a_second_signature_by_the_log_must_verify_too() -> None:
    made = make_tiny()
    source = made.source(bundle=True)
    wrong = note.sign("something else\n", [SIGNER]).rpartition(b"\n\n")[2]
    source.newest = made.notes[-1][1] + wrong
    assert found(verify(source, vkey=VKEY)) == {"checkpoint_signature": [4]}


def test_a_checkpoint_that_lies_about_its_size_costs_no_more_than_it_is_worth() -> None:
    source = make_tiny().source(bundle=True)
    source.newest = sign(10**15, bytes(32))
    source.notes = [(10**15, source.newest)]
    places = found(verify(source, vkey=VKEY))
    assert places["index"] == [5]
    source.filed = {4: 10**14}
    assert found(verify(source, vkey=VKEY))["index"] == [4, 4]
    source.filed = {}
    source.unreadable = set(range(5))
    assert found(verify(source, vkey=VKEY))["index"]


def test_a_source_that_cannot_be_reached_is_no_tampered_ledger() -> None:
    source = make_tiny().source()

    def fail(*_: int) -> None:
        raise SourceError("the server does not answer")

    source.entries = fail  # type: ignore[method-assign, assignment]
    with pytest.raises(SourceError, match="does not answer"):
        verify(source)
