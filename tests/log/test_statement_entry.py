"""Statements, envelopes and entries against the reference, and what a single changed byte can do."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import NamedTuple, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import EntryError, EnvelopeError, FormatError, LedgerError, NotAuthorised, SignatureInvalid
from ledger.log import entry as entries
from ledger.log import statement as statements
from ledger.log.keys import PrivateKey, PublicKey
from ledger.log.times import format_utc, parse_instant
from tests.log.test_canonical import KEYS, VALUES
from tests.reference import slow
from tests.reference.sample import SmallLedger, p256_scalar, seed
from tests.reference.trees import leaf_hash, verify_inclusion

SMALL = SmallLedger()
MERCHANT, PHONE = PrivateKey.from_seed(seed("merchant")), PrivateKey.from_p256_scalar(p256_scalar("phone"))
BODIES = st.dictionaries(KEYS, VALUES, max_size=5)
UUIDS = st.uuids().map(lambda one: str(one)[:14] + "7" + str(one)[15:19] + "9" + str(one)[20:])
INSTANTS = st.datetimes().map(lambda one: one.isoformat(timespec="seconds") + "+08:00")
KINDS = st.from_regex(r"[a-z][a-z0-9_]{0,9}\.[a-z][a-z0-9_]{0,9}", fullmatch=True)
MERCHANTS = st.none() | st.from_regex(r"[0-9A-Z]{18}", fullmatch=True)
PINS = st.none() | st.tuples(st.binary(min_size=32, max_size=32), st.integers(1, 2**53 - 1))


def known(keyid: str) -> PublicKey | None:
    spki = SMALL.spki_of(keyid)
    return None if spki is None else PublicKey.from_spki(spki)


def seen(pin: tuple[bytes, int] | None) -> statements.Seen | None:
    return None if pin is None else statements.Seen(pin[0].hex(), pin[1])


def changed_bytes(good: bytes, draw: random.Random) -> Iterator[bytes]:
    """At every place: three of the 255 other bytes, low, case and top bit turned; one byte less, one more."""
    for at, byte in enumerate(good):
        others = {byte ^ 0x01, byte ^ 0x20, byte ^ 0x80}
        others.update(draw.sample([other for other in range(256) if other != byte], 3))
        for other in others:
            yield good[:at] + bytes([other]) + good[at + 1 :]
        yield good[:at] + good[at + 1 :]
        yield good[:at] + bytes([draw.randrange(256)]) + good[at:]
    yield good + b" "
    yield good + b"\n"
    yield good + b"\0"


@given(st.binary(max_size=300))
def test_pre_authentication_encoding(payload: bytes) -> None:
    assert statements.pae(payload) == slow.pae(payload)


def test_keys_have_the_same_names_and_make_each_others_signatures() -> None:
    assert MERCHANT.public.spki == slow.spki(SMALL.merchant)
    assert PHONE.public.spki == slow.spki(SMALL.phone)
    for fast_key, slow_key in ((MERCHANT, SMALL.merchant), (PHONE, SMALL.phone)):
        assert fast_key.public.keyid == slow.keyid(slow.spki(slow_key))
        for message in (b"", b"m", bytes(1000)):
            assert slow.verify(slow.spki(slow_key), fast_key.sign(message), message)
            assert fast_key.public.verify(slow.sign(slow_key, message), message)
            assert not fast_key.public.verify(slow.sign(slow_key, message), message + b"\0")
            assert not fast_key.public.verify(slow.sign(slow_key, message)[:-1], message)
            assert not fast_key.public.verify(b"", message)
            signature = slow.sign(slow_key, message)
            assert not fast_key.public.verify(signature[:32] + b"\0" + signature[32:], message)
    assert MERCHANT.sign(b"m") == slow.sign(SMALL.merchant, b"m")


class Said(NamedTuple):
    """What a statement is made of."""

    body: dict[str, slow.Json]
    id: str
    kind: str
    ledger: str
    merchant: str | None
    occurred_at: str


@given(st.builds(Said, BODIES, UUIDS, KINDS, st.just("a.example/b"), MERCHANTS, INSTANTS), PINS)
def test_any_statement_becomes_the_same_bytes_and_comes_back(
    said: Said, pin: tuple[bytes, int] | None
) -> None:
    want = slow.statement(**said._asdict(), seen=pin)
    made = statements.build_statement(**said._asdict(), seen=seen(pin))
    assert made == want
    assert statements.parse_statement(made) == (*said, seen(pin))


@given(BODIES, MERCHANTS, st.integers(0, 5), st.data())
def test_any_entry_becomes_the_same_bytes_and_comes_back(
    body: dict[str, slow.Json], merchant: str | None, length: int, data: st.DataObject
) -> None:
    choices: list[list[slow.Key]] = [[SMALL.merchant], [SMALL.phone], [SMALL.phone, SMALL.merchant]]
    keys = data.draw(st.sampled_from(choices))
    ms = data.draw(st.integers(0, 4_000_000_000_000))
    history = SMALL.entries[:length]
    payload = slow.statement(
        body=body,
        id="0199d0a4-7c1e-7d3a-9b1f-3f2f6a1c0d55",
        kind="a.b",
        ledger="a.example/b",
        merchant=merchant or (None if length < 4 else "92410104MACU00014Y"),
        occurred_at="2026-11-23T08:15:00+08:00",
        seen=None,
    )
    want = slow.entry(history, format_utc(ms), payload, slow.signatures(payload, keys))
    envelope = statements.parse_envelope(slow.envelope(payload, keys))
    read = entries.parse(want)
    before = None if read.merchant_prev is None else bytes.fromhex(read.merchant_prev)
    previous = leaf_hash(history[-1]) if history else None
    made = entries.build(length, previous, read.merchant_seq, before, format_utc(ms), envelope)
    assert made == read
    assert made.data == want
    assert made.leaf_hash == leaf_hash(want)
    assert entries.statement_bytes(want) == payload == envelope.payload
    loose = json.loads(want)
    assert [read.index, read.prev, read.merchant_seq, read.merchant_prev, read.recorded_at] == [
        loose[name] for name in ("index", "prev", "merchant_seq", "merchant_prev", "recorded_at")
    ]


def test_the_sample_is_read_and_made_again() -> None:
    for index, data in enumerate(SMALL.entries):
        read = entries.parse(data)
        assert read.index == index
        assert read.leaf_hash == SMALL.leaf(index)
        assert entries.statement_bytes(data) == SMALL.payload(index)
        assert statements.parse_statement(SMALL.payload(index)) == read.statement
        envelope = statements.parse_envelope(SMALL.envelopes[index])
        assert envelope == (SMALL.payload(index), read.signatures)
        statements.verify_envelope(envelope, known)
        line = statements.encode_envelope(envelope)
        assert json.loads(line) == json.loads(SMALL.envelopes[index])
        assert b"\n" not in line
        assert statements.parse_envelope(line) == envelope


def test_signing_sorts_and_takes_each_key_once() -> None:
    payload = SMALL.payload(5)
    one, two = sorted((MERCHANT, PHONE), key=lambda key: key.public.keyid)
    envelope = statements.sign(payload, [two, one])
    assert [signature.keyid for signature in envelope.signatures] == [one.public.keyid, two.public.keyid]
    statements.verify_envelope(envelope, known)
    for keys in ([], [one, one]):
        with pytest.raises(EnvelopeError):
            statements.sign(payload, keys)
    assert statements.sign(payload, [MERCHANT]) == statements.parse_envelope(SMALL.envelopes[5])._replace(
        signatures=tuple(s for s in envelope.signatures if s.keyid == MERCHANT.public.keyid)
    )


def test_layout_of_an_envelope_is_free_and_changes_nothing() -> None:
    good = statements.parse_envelope(SMALL.envelopes[5])
    loose = json.loads(SMALL.envelopes[5])
    turned = dict(reversed(loose.items()))
    assert statements.parse_envelope(json.dumps(turned, indent=4).encode()) == good


@pytest.mark.parametrize("index", [3, 4, 5])
def test_a_changed_byte_of_an_envelope(index: int) -> None:
    """Refused, or harmless: only white space outside of values may differ, which nobody has signed."""
    good = statements.parse_envelope(SMALL.envelopes[index])
    same = refused = 0
    for bad in changed_bytes(SMALL.envelopes[index], random.Random(index)):
        try:
            read = statements.parse_envelope(bad)
            statements.verify_envelope(read, known)
        except (FormatError, SignatureInvalid, NotAuthorised):
            refused += 1
            continue
        assert read == good
        assert json.loads(bad) == json.loads(SMALL.envelopes[index])
        same += 1
    assert refused > 50 * same > 0


@pytest.mark.parametrize("index", [0, 3, 5])
def test_a_changed_byte_of_an_entry(index: int) -> None:
    """Refused by form or by signature; what the ledger itself adds, by the tree."""
    good, root = entries.parse(SMALL.entries[index]), SMALL.tree.root()
    path = SMALL.tree.inclusion(index, SMALL.size)
    places: set[str] = set()
    for bad in changed_bytes(SMALL.entries[index], random.Random(index)):
        try:
            read = entries.parse(bad)
        except FormatError:
            continue
        assert read.data == bad
        assert read.leaf_hash == leaf_hash(bad) != good.leaf_hash
        assert not verify_inclusion(index, SMALL.size, read.leaf_hash, path, root)
        assert entries.statement_bytes(bad) == slow.encode(json.loads(bad)["statement"])
        if (read.statement, read.signatures) != (good.statement, good.signatures):
            places.add("signed")
            with pytest.raises(LedgerError) as caught:
                statements.verify_envelope(read.envelope, known)
            assert isinstance(caught.value, SignatureInvalid | NotAuthorised)
        else:
            places.update(
                name for name in ("prev", "recorded_at") if getattr(read, name) != getattr(good, name)
            )
    assert places >= ({"signed", "recorded_at", "prev"} if index else {"signed", "recorded_at"})


def outcome(data: bytes) -> entries.Entry | None:
    try:
        return entries.parse(data)
    except FormatError:
        return None


def test_the_quick_way_and_the_thorough_way_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    """Over every changed byte, and changes that keep the frame: what the quick way takes, the thorough one does."""
    datas = [
        data
        for index in range(SMALL.size)
        for data in changed_bytes(SMALL.entries[index], random.Random(index))
    ]
    for entry in SMALL.entries:
        for old, new in (
            (b'"index":', b'"index":900719925474099'), (b'"merchant_prev":"', b'"merchant_prev":null,"x":"'),
            (b'"seen":{', b'"seen":{"more":1,'), (b'"merchant":"', b'"merchant":"\\u0041'),
            (b'"body":{', b'"body":{"a":1.5,'), (b'"body":{', b'"body":{"A":1,'),
            (b'"body":{', b'"body":' + b'{"a":' * 70 + b"1" + b"}" * 70 + b',"b":{'), (b'==",', b'",'),
            (b'"ledger":"', b'"ledger":"+'), (b',"id":"', b',"id":"x","id":"'), (b'"body":', b'"body" :'),
            (b'"size":', b'"size":0'), (b'"merchant_seq":', b'"merchant_seq":-'),
        ):  # fmt: skip
            datas.append(entry.replace(old, new, 1))
    quick = [outcome(data) for data in datas]
    monkeypatch.setattr(entries, "_quick", lambda data: None)
    monkeypatch.setattr(statements, "quick_statement", lambda payload: None)
    assert quick == [outcome(data) for data in datas]
    assert sum(entry is not None for entry in quick) > 100


ID, AT = "0199d0a4-7c1e-7d3a-9b1f-3f2f6a1c0d55", "2026-11-23T08:15:00+08:00"
GOOD_TEXTS: dict[str, list[slow.Json]] = {
    "id": [ID, "00000000-0000-7000-8000-000000000000", "ffffffff-ffff-7fff-bfff-ffffffffffff"],
    "kind": ["goods.received", "a.b", "z9_.z_9"],
    "ledger": ["a", "custody.example/erligang", "二里岗.example", "a.b", "2026-11-23T08:15:00Z"],
    "occurred_at": [
        AT,
        "0001-01-01T00:00:00Z",
        "2024-02-29T23:59:59.999999999-23:59",
        "2026-11-23T08:15:00.5+00:00",
    ],
    "merchant": [None, "92410104MACU00014Y", "x", "店" * 64, "a b"],
}
BAD_TEXTS: dict[str, list[slow.Json]] = {
    "id": [ID + " ", ID + "\n", " " + ID, ID.upper(), ID.replace("-7", "-4"), f"{ID} a.b",
           ID[:-1], ID.replace("0", "٠")],
    "kind": ["a", "a.b.c", ".b", "a.", "A.b", "a.b ", "a.b\n", " a.b", "a.b c", "1.b", "a.1", "ä.b", f"a.b {ID}"],
    "ledger": ["a b", "a+b", "a\n", " a", "a\u00a0b", "a\u3000", "a\x1f", f"a {AT}"],
    "occurred_at": [AT + " ", AT + "\n", " " + AT, AT[:-6], AT.replace("T", " "), f"a {AT}", AT.replace(":15:", ":60:"),
                    "2023-02-29T00:00:00Z", "0000-01-01T00:00:00Z", AT[:-5] + "24:00", AT.replace("2026", "２026"),
                    "2026-11-23T08:15:00.+08:00"],
    "merchant": ["x" * 65, "a\nb", "a\x85b", "a\x7f"],
}  # fmt: skip


NO_TEXTS: list[slow.Json] = [5, True, [], {}, ["a"], ""]


def test_every_good_and_every_bad_value_of_a_field() -> None:
    loose = json.loads(SMALL.payload(5))
    for name, values in GOOD_TEXTS.items():
        for value in values:
            assert getattr(statements.parse_statement(slow.encode({**loose, name: value})), name) == value
    for name, bad_values in BAD_TEXTS.items():
        for bad in [*bad_values, *NO_TEXTS, *([None] if name != "merchant" else [])]:
            with pytest.raises(EnvelopeError) as caught:
                statements.parse_statement(slow.encode({**loose, name: bad}))
            assert caught.value.field == name


@given(
    st.fixed_dictionaries(
        {name: st.sampled_from([*GOOD_TEXTS[name], *BAD_TEXTS[name]]) for name in GOOD_TEXTS}
    )
)
def test_what_one_field_lacks_no_neighbour_makes_up_for(values: dict[str, slow.Json]) -> None:
    text = slow.encode({**json.loads(SMALL.payload(5)), **values})
    if all(values[name] in good for name, good in GOOD_TEXTS.items()):
        assert statements.parse_statement(text).kind == values["kind"]
        return
    with pytest.raises(EnvelopeError):
        statements.parse_statement(text)


def test_a_foreign_signature_of_another_statement_does_not_carry_over() -> None:
    first, second = (statements.parse_envelope(SMALL.envelopes[n]) for n in (3, 5))
    mixed = statements.Envelope(second.payload, first.signatures)
    with pytest.raises(SignatureInvalid):
        statements.verify_envelope(mixed, known)
    for empty in ((), (first.signatures[0], first.signatures[0])):
        with pytest.raises(EnvelopeError):
            statements.verify_envelope(first._replace(signatures=empty), known)
    with pytest.raises(NotAuthorised):
        statements.verify_envelope(first, lambda keyid: None)


def test_all_of_several_signatures_must_hold() -> None:
    good = statements.parse_envelope(SMALL.envelopes[5])
    for at in (0, 1):
        bad = list(good.signatures)
        bad[at] = bad[at]._replace(sig=bad[1 - at].sig)
        with pytest.raises(SignatureInvalid):
            statements.verify_envelope(good._replace(signatures=tuple(bad)), known)


def test_an_entry_is_as_long_as_a_bundle_allows() -> None:
    def signed(length: int) -> statements.Envelope:
        loose = json.loads(SMALL.payload(3))
        payload = slow.encode({**loose, "body": {"a": "x" * length}})
        return statements.sign(payload, [MERCHANT])

    def build(length: int) -> entries.Entry:
        return entries.build(0, None, 0, None, "2026-11-23T00:15:02.123Z", signed(length))

    room = entries.MAX_ENTRY_BYTES - len(build(0).data)
    full = build(room)
    assert len(full.data) == 65_535
    assert entries.parse(full.data) == full
    with pytest.raises(FormatError):
        build(room + 1)
    with pytest.raises(FormatError):
        entries.parse(full.data.replace(b'"xx', b'"xxx'))


@pytest.mark.parametrize(
    ("index", "prev", "seq", "before", "at"),
    [
        (0, b"p" * 32, 0, None, "2026-11-23T00:15:02.123Z"),
        (1, None, 0, None, "2026-11-23T00:15:02.123Z"),
        (1, b"p" * 31, 0, None, "2026-11-23T00:15:02.123Z"),
        (-1, b"p" * 32, 0, None, "2026-11-23T00:15:02.123Z"),
        (2**53, b"p" * 32, 0, None, "2026-11-23T00:15:02.123Z"),
        (1, b"p" * 32, None, None, "2026-11-23T00:15:02.123Z"),
        (1, b"p" * 32, -1, b"q" * 32, "2026-11-23T00:15:02.123Z"),
        (1, b"p" * 32, 0, b"q" * 32, "2026-11-23T00:15:02.123Z"),
        (1, b"p" * 32, 1, None, "2026-11-23T00:15:02.123Z"),
        (1, b"p" * 32, 1, b"q" * 33, "2026-11-23T00:15:02.123Z"),
        (1, b"p" * 32, 0, None, "2026-11-23T08:15:02.123+08:00"),
        (1, b"p" * 32, 0, None, "2026-02-29T08:15:02.123Z"),
        (1, b"p" * 32, 0, None, ""),
    ],
)
def test_an_entry_is_not_built_at_an_impossible_place(
    index: int, prev: bytes | None, seq: int | None, before: bytes | None, at: str
) -> None:
    envelope = statements.parse_envelope(SMALL.envelopes[3])
    with pytest.raises(EntryError):
        entries.build(index, prev, seq, before, at, envelope)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=8),
                    lambda inner: st.lists(inner, max_size=3), max_leaves=4), st.data())  # fmt: skip
def test_any_value_in_any_field_is_read_or_refused(value: object, data: st.DataObject) -> None:
    """Never another exception, whatever stands in a field; and what is read is what stood there."""
    loose = json.loads(SMALL.entries[5])
    place = data.draw(st.sampled_from([loose, loose["statement"], loose["signatures"][0]]))
    name = data.draw(st.sampled_from(sorted(place)))
    place[name] = value
    bad = json.dumps(loose, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode(
        errors="surrogatepass"
    )
    payload = json.dumps(loose["statement"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    for parse, text in (
        (entries.parse, bad),
        (statements.parse_statement, payload.encode(errors="surrogatepass")),
        (statements.parse_envelope, bad),
    ):
        try:
            read = cast("entries.Entry | statements.Statement", parse(text))
        except FormatError:
            continue
        if isinstance(read, entries.Entry):
            assert read.data == bad == slow.encode(loose)


@given(st.datetimes(), st.integers(-(24 * 60) + 1, 24 * 60 - 1).filter(bool), st.integers(0, 999))
def test_instants(moment: object, offset: int, ms: int) -> None:
    """Against the calendar of the standard library, with the offset taken off by hand."""
    text = f"{moment:%Y-%m-%dT%H:%M:%S}".rjust(19, "0")
    sign, minutes = "-+"[offset > 0], abs(offset)
    days = parse_instant(f"{text}.{ms:03d}{sign}{minutes // 60:02d}:{minutes % 60:02d}")
    assert days == parse_instant(f"{text}Z") - offset * 60_000 + ms
    if days >= parse_instant("0001-01-01T00:00:00Z") and days <= parse_instant("9999-12-31T23:59:59.999Z"):
        assert parse_instant(format_utc(days)) == days
