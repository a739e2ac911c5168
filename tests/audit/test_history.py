"""Entries taken out, put in, moved, signed anew; all of it also by an insider with the database and the log's key."""

from __future__ import annotations

from collections.abc import Iterator

import orjson
import pytest

from ledger.audit.verify import verify
from ledger.log import canonical
from tests.audit.memory import (
    LOG_KEY,
    SIGNER,
    VKEY,
    Chained,
    Json,
    MemorySource,
    altered,
    chain,
    detail,
    forge,
    found,
    key,
)
from tests.audit.sample import M1, M3, World, care, kg, lose_a_key, make_long, make_sample, set_up, trade

# ---------------------------------------------------------------- without rebuilding anything


@pytest.mark.parametrize("bundle", [False, True])
@pytest.mark.parametrize("index", [0, 1, 20, 45, 69])
def test_an_entry_taken_out(index: int, bundle: bool) -> None:
    made = make_sample()
    source = made.source(bundle=bundle)
    del source.data[index]
    places = found(verify(source, vkey=VKEY))
    assert index in places["chain"]
    assert index in places["index"]
    assert index in places["tree"]


def test_the_row_of_an_entry_taken_out_of_a_database() -> None:
    """The others keep their numbers, so the gap is named and everything behind it is still checked."""
    source = make_sample().source()
    remove_row(source, 20)
    report = verify(source)
    places = found(report)
    assert places["index"] == [20]
    assert places["chain"] == [21]
    assert "entry 20 is missing" in next(f.detail for f in report.faults if f.check == "index")
    assert "statement_signature" not in places


def test_a_run_of_rows_taken_out() -> None:
    source = make_long().source()
    for _ in range(300):
        remove_row(source, 200)
    report = verify(source, signatures=False)
    assert found(report)["index"] == [200]
    assert "entries 200 to 499 are missing" in report.faults[0].detail
    assert report.size == len(make_long().data)


def remove_row(source: MemorySource, index: int) -> None:
    """Take out what is filed under `index`, or the first one behind it, and leave the others where they are filed."""
    filed = [source.filed.get(place, place) for place in range(len(source.data))]
    at = next(place for place, number in enumerate(filed) if number >= index)
    del source.data[at], filed[at]
    source.filed = dict(enumerate(filed))


def test_a_correction_of_an_entry_that_has_gone() -> None:
    """Read when its statement came by, and no longer there when it is looked up again."""
    made = make_sample()
    source = made.source()
    gone = made.find("goods.received", 1)
    read = source.entries

    def entries(start: int, stop: int) -> Iterator[tuple[int, bytes]]:
        return iter(()) if (start, stop) == (gone, gone + 1) else read(start, stop)

    source.entries = entries  # type: ignore[method-assign]
    report = verify(source)
    assert found(report)["custody"][0] == made.find("statement.corrected")
    assert "is missing" in next(f.detail for f in report.faults if f.check == "custody")


def test_two_entries_swapped() -> None:
    source = make_sample().source()
    source.data[20], source.data[21] = source.data[21], source.data[20]
    places = found(verify(source))
    assert {20, 21, 22} <= set(places["chain"])
    assert {20, 21} <= set(places["index"])
    assert 20 in places["tree"]


def test_an_entry_twice() -> None:
    source = make_sample().source()
    source.data.insert(21, source.data[20])
    report = verify(source)
    places = found(report)
    assert 21 in places["chain"]
    assert "has the statement id of entry 20" in " ".join(
        f.detail for f in report.faults if f.check == "index"
    )


def test_more_entries_than_the_newest_checkpoint_covers() -> None:
    made = make_sample()
    source = made.source()
    source.notes.pop()
    report = verify(source)
    assert found(report) == {"tree": [made.commits[-2]]}
    assert report.size == len(made.data)


def test_fewer_entries_than_the_newest_checkpoint_covers() -> None:
    made = make_sample()
    for bundle in (False, True):
        source = made.source(bundle=bundle)
        del source.data[-2:]
        places = found(verify(source))
        assert places["index"] == [len(source.data)]
        assert places["tree"] == [len(source.data)]


def test_an_entry_filed_under_another_number() -> None:
    made = make_sample()
    source = made.source()
    last = len(made.data) - 1
    source.filed = {last: 10**12}
    places = found(verify(source))
    assert places["index"] == [last, last]  # missing where it was, and found elsewhere
    assert "encoding" not in places


def test_entries_that_cannot_be_read_are_passed_over() -> None:
    source = make_long().source()
    source.unreadable = {100, 300, 301}
    report = verify(source, signatures=False)
    places = found(report)
    assert places["index"] == [100, 300]
    assert {101} <= set(places["chain"])
    assert report.size == len(source.data)


# ---------------------------------------------------------------- the insider


def test_what_the_insider_rewrites_contradicts_its_author_and_all_who_signed_since() -> None:
    made = make_sample()
    index = made.find("goods.sold")
    forged = forge(made, {index: altered(made.said[index].envelope, less_sold)})
    report = verify(forged.source(), vkey=VKEY)
    places = found(report)
    assert set(places) == {"statement_signature", "seen", "custody"}
    assert places["statement_signature"] == [index]
    assert places["custody"] == [made.find("plan.drawn")], "its seed was the root of the true history"
    later = [n for n in range(index, len(made.data)) if (made.entry(n).statement.seen or (0, 0))[1] > index]
    assert places["seen"] == later


def less_sold(parsed: Json) -> None:
    parsed["body"]["lines"][0]["quantity"] = kg("4")


def test_signing_it_anew_takes_a_key_that_the_ledger_knows() -> None:
    made = make_sample()
    index = made.find("goods.sold")
    forged = forge(made, {index: altered(made.said[index].envelope, less_sold, [key("nobody")])})
    places = found(verify(forged.source(), vkey=VKEY))
    assert places["statement_signature"] == [index]
    assert places["authority"] == [index]
    assert places["seen"]


@pytest.mark.parametrize("who", ["m3", "operator", "officer", "probe"])
def test_signing_it_anew_with_the_wrong_key_of_the_ledger(who: str) -> None:
    """Not even the operator speaks for a merchant."""
    made = make_sample()
    index = made.find("goods.sold")
    forged = forge(made, {index: altered(made.said[index].envelope, less_sold, [key(who)])})
    places = found(verify(forged.source(), vkey=VKEY))
    assert places["authority"] == [index]
    assert "statement_signature" not in places


def test_signing_it_anew_with_the_merchants_stolen_key_still_contradicts_the_others() -> None:
    made = make_sample()
    index = made.find("goods.sold")
    forged = forge(made, {index: altered(made.said[index].envelope, less_sold, [key("m1")])})
    assert set(found(verify(forged.source(), vkey=VKEY))) == {"seen", "custody"}


def test_what_the_insider_leaves_out_contradicts_all_who_signed_since() -> None:
    made = make_sample()
    index = made.find("disinfection.logged")
    places = found(verify(forge(made, {index: None}).source(), vkey=VKEY))
    assert "seen" in places
    assert set(places) <= {"seen", "inspection", "custody"}  # checks and draws since then had counted on it


def test_what_the_insider_puts_in_before_others_contradicts_them() -> None:
    made = make_sample()
    said = list(made.said)
    extra = altered(said[20].envelope, new_id, [key("m1")])
    said.insert(20, said[20]._replace(envelope=extra))
    assert "seen" in found(verify(chain(said, made.commits, blobs=made.blobs).source(), vkey=VKEY))


def new_id(parsed: Json) -> None:
    parsed["id"] = parsed["id"][:-4] + "ffff"


def test_the_same_statement_put_in_twice() -> None:
    made = make_sample()
    index = made.find("disinfection.logged")
    late = made.said[index]._replace(recorded_ms=made.said[-1].recorded_ms)
    again = chain([*made.said, late], [*made.commits, len(made.said) + 1], blobs=made.blobs)
    report = verify(again.source(), vkey=VKEY)
    assert [(f.check, f.index) for f in report.faults] == [("index", len(made.said))]


def test_a_cut_off_tail_shows_to_those_who_remember_it() -> None:
    """Dropped with all that belongs to it: only a checkpoint from outside tells, and the report says so."""
    made = make_sample()
    cut = forge(made, {}, stop=made.commits[-2])
    report = verify(cut.source(), vkey=VKEY)
    assert report.verdict == "intact"
    assert "a cut-off tail would not show" in detail(report, "tree")
    report = verify(cut.source(), vkey=VKEY, since=made.notes[-1][1])
    assert [(f.check, f.index) for f in report.faults] == [("tree", made.commits[-2])]
    assert "cut-off tail" in report.faults[0].detail


def test_a_tail_cut_off_and_grown_again_shows_to_pins() -> None:
    """Whoever signs later has seen what is gone."""
    made = make_sample()
    middle = made.commits[3]
    gone = dict.fromkeys(range(middle, middle + 3))
    places = found(verify(forge(made, gone).source(), vkey=VKEY))
    assert min(p for p in places["seen"] if p is not None) >= middle
    report = verify(forge(made, gone).source(), vkey=VKEY, since=made.notes[4][1])
    assert 0 in found(report)["tree"]


def test_another_history_with_the_same_keys() -> None:
    world = World()
    set_up(world)
    care(world)
    trade(world, "Q")
    lose_a_key(world)
    other = world.chainer.made
    assert verify(other.source(), vkey=VKEY).verdict == "intact"
    report = verify(other.source(), vkey=VKEY, since=make_sample().notes[5][1])
    assert [(f.check, f.index) for f in report.faults] == [("tree", 0)]


def test_another_log_key_than_the_one_known() -> None:
    made = make_sample()
    other = key("other log")
    opened = altered(made.said[0].envelope, lambda parsed: name_log_key(parsed, other.public.text))
    forged = forge(made, {0: opened}, log_key=other)
    source = forged.source()
    source.vkey = None
    places = found(verify(source, vkey=VKEY))
    assert places["statement_signature"] == [0]
    assert len(places["checkpoint_signature"]) == len(made.notes) + 1


def name_log_key(parsed: Json, text: str) -> None:
    parsed["body"]["log_key"] = text


def test_time_runs_backwards() -> None:
    made = make_sample()
    said = list(made.said)
    said[30] = said[30]._replace(recorded_ms=said[29].recorded_ms - 1000)
    report = verify(chain(said, made.commits, blobs=made.blobs).source(), vkey=VKEY)
    assert found(report)["index"] == [30]


def test_a_merchants_chain_with_a_gap() -> None:
    """Entries that follow on each other well, but whose places in the merchant's own chain were counted wrongly."""
    made = make_sample()
    index = made.find("disinfection.logged", 1)
    source = _rechained(made, index, "merchant_seq", 7)
    assert index in found(verify(source, vkey=VKEY))["merchant_chain"]
    index = made.find("goods.sold")
    source = _rechained(made, index, "merchant_prev", "ab" * 32)
    assert index in found(verify(source, vkey=VKEY))["merchant_chain"]


def _rechained(made: Chained, index: int, name: str, value: object) -> MemorySource:
    source = made.source(bundle=True)
    parsed = orjson.loads(source.data[index])
    parsed[name] = value
    source.data[index] = canonical.encode(parsed)
    return source


def test_revoked_and_unknown_signers_are_named() -> None:
    made = make_sample()
    late = altered(made.said[-1].envelope, lambda parsed: parsed.update(merchant=M3), [key("lost")])
    report = verify(forge(made, {len(made.said) - 1: late}).source(), vkey=VKEY)
    assert "was revoked by entry" in next(f.detail for f in report.faults if f.check == "authority")


def test_it_is_the_log_key_that_makes_all_this_possible() -> None:
    """Without it the insider's checkpoints are not believed."""
    made = make_sample()
    forged = forge(made, {made.find("goods.sold"): None}, log_key=key("thief"))
    assert len(found(verify(forged.source(), vkey=VKEY))["checkpoint_signature"]) == len(forged.notes)
    assert LOG_KEY.public.keyid == SIGNER.key.public.keyid
    assert M1 in made.data[20].decode()
