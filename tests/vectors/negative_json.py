"""Bad JSON, statements, envelopes and entries: what each field refuses."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Sequence
from typing import Any

from tests.reference import slow
from tests.reference.sample import SmallLedger
from tests.vectors.cases import Case, Parts

REMOVED = object()
ROOT = "ab" * 32


def changed(value: Any, path: Sequence[str | int], new: object) -> Any:
    """A deep copy with the value at `path` replaced, added or removed."""
    copied = copy.deepcopy(value)
    place = copied
    for step in path[:-1]:
        place = place[step]
    if new is REMOVED:
        del place[path[-1]]
    else:
        place[path[-1]] = new
    return copied


def dumped(value: Any) -> str:
    """Sorted compact JSON of anything, also of what the profile refuses."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


# slug, description, bytes; all are EncodingError
JSON_TEXTS: list[tuple[str, str, str | bytes | Parts]] = [
    ("empty", "no bytes at all", ""),
    ("truncated-object", "an object without its end", '{"a":1'),
    ("two-values", "a second value behind the first", "{}{}"),
    ("trailing-newline", "a newline behind the value", '{"a":1}\n'),
    ("leading-space", "a space before the value", ' {"a":1}'),
    ("space-after-colon", "a space inside", '{"a": 1}'),
    ("unsorted-keys", "keys out of order", '{"b":1,"a":2}'),
    ("duplicate-key", "one key twice", '{"a":1,"a":1}'),
    ("duplicate-key-by-escape", "one key twice, once written with an escape", '{"a":1,"\\u0061":2}'),
    ("float", "a fraction", '{"a":1.5}'),
    ("float-whole", "a whole number written as a fraction", '{"a":1.0}'),
    ("exponent", "a number with an exponent", '{"a":1e2}'),
    ("minus-zero", "minus zero", '{"a":-0}'),
    ("leading-zero", "a number with a leading zero", '{"a":01}'),
    ("nan", "not a number", '{"a":NaN}'),
    ("two-to-the-53", "one beyond the largest integer", '{"a":9007199254740992}'),
    ("huge-integer", "an integer of 5000 digits", [("9", 5000)]),
    ("nul-escaped", "U+0000 in a string", '{"a":"\\u0000"}'),
    ("lone-high-surrogate", "a high surrogate alone", '{"a":"\\ud83d"}'),
    ("lone-low-surrogate", "a low surrogate alone", '{"a":"\\ude00"}'),
    ("escaped-pair", "a character beyond the basic plane written as two escapes", '{"a":"\\ud83d\\ude00"}'),
    ("surrogate-in-utf8", "a surrogate as three raw bytes", b'{"a":"\xed\xa0\xbd"}'),
    ("overlong-utf8", "a slash as two raw bytes", b'{"a":"\xc0\xaf"}'),
    ("stray-byte", "a byte that never stands in UTF-8", b'{"a":"\xff"}'),
    ("byte-order-mark", "a byte order mark at the start", b'\xef\xbb\xbf{"a":1}'),
    ("raw-control", "a raw newline in a string", '{"a":"\n"}'),
    ("needless-escape", "an escape where the letter itself must stand", '{"a":"\\u0041"}'),
    ("escaped-slash", "an escaped slash", '{"a":"\\/"}'),
    ("upper-case-escape", "an escape with upper-case hex digits", '{"a":"\\u001F"}'),
    ("key-upper-case", "a key with a capital", '{"aB":1}'),
    ("key-empty", "an empty key", '{"":1}'),
    ("key-digit-first", "a key that begins with a digit", '{"1a":1}'),
    ("key-newline", "a key with a newline at its end", '{"a\\n":1}'),
    ("key-not-ascii", "a key beyond ASCII", '{"é":1}'),
    ("deep-arrays", "20,000 arrays in one another", [("[", 20_000), ("]", 20_000)]),
    ("deep-objects", "5,000 objects in one another", [('{"a":', 5_000), ("1", 1), ("}", 5_000)]),
    ("too-long", "65,536 bytes, one more than an entry may have", [('"', 1), ("a", 65_534), ('"', 1)]),
]

BAD_TIMES = [
    ("no-offset", "no UTC offset", "2026-11-23T08:15:00"),
    ("space", "a space in place of T", "2026-11-23 08:15:00+08:00"),
    ("day", "a day that does not exist", "2026-02-30T08:15:00+08:00"),
    ("hour", "hour 24", "2026-11-23T24:00:00+08:00"),
    ("offset", "an offset of 24 hours", "2026-11-23T08:15:00+24:00"),
    ("newline", "a newline at the end", "2026-11-23T08:15:00+08:00\n"),
    ("date", "a date without a time", "2026-11-23"),
]

BAD_IDS = [
    ("version", "a random UUID (version 4)", "0199d0a4-7c1e-4d3a-9b1f-3f2f6a1c0d55"),
    ("variant", "a UUID of another variant", "0199d0a4-7c1e-7d3a-cb1f-3f2f6a1c0d55"),
    ("upper", "a UUID in capitals", "0199D0A4-7C1E-7D3A-9B1F-3F2F6A1C0D55"),
    ("newline", "a newline at the end", "0199d0a4-7c1e-7d3a-9b1f-3f2f6a1c0d55\n"),
]

# path, slug, description, new value
BAD_FIELDS: list[tuple[list[str | int], str, str, object]] = [
    (["body"], "body-array", "a body that is an array", []),
    (["kind"], "kind-without-dot", "a kind of one word", "opened"),
    (["kind"], "kind-upper", "a kind with capitals", "Goods.Received"),
    (["kind"], "kind-newline", "a kind with a newline at the end", "goods.received\n"),
    (["ledger"], "ledger-empty", "an empty ledger name", ""),
    (["merchant"], "merchant-number", "a merchant that is a number", 92410104),
    (["seen"], "seen-without-size", "a pin without its size", {"root": ROOT}),
    (["seen"], "seen-more", "a pin with one field more", {"at": "now", "root": ROOT, "size": 1}),
    (["seen"], "seen-upper", "a root in capitals", {"root": ROOT.upper(), "size": 1}),
    (["seen"], "seen-negative", "a negative size", {"root": ROOT, "size": -1}),
    (["seen"], "seen-true", "a size that is true", {"root": ROOT, "size": True}),
]


def json_cases() -> Iterator[Case]:
    for slug, desc, data in JSON_TEXTS:
        yield Case(slug, desc, "EncodingError", data)


def statement_cases(small: SmallLedger) -> Iterator[Case]:
    good = json.loads(small.payload(5))
    text = dumped(good)
    yield Case("not-canonical", "a space more", "EncodingError", text.replace(":", ": ", 1))
    yield Case("duplicate-field", "a field twice", "EncodingError", text[:-1] + ',"seen":null}')
    yield Case(
        "float-in-body", "a fraction in the body", "EncodingError", dumped({**good, "body": {"a": 0.5}})
    )
    yield Case("not-an-object", "an array", "EnvelopeError", "[]")
    for name in sorted(good):
        yield Case(
            f"without-{name}", f"{name} missing", "EnvelopeError", dumped(changed(good, [name], REMOVED))
        )
    yield Case("more", "an unknown field", "EnvelopeError", dumped({**good, "signature": "x"}))
    yield Case(
        "renamed", "occurred for occurred_at", "EnvelopeError", text.replace("occurred_at", "occurred")
    )
    for slug, desc, value in BAD_IDS:
        yield Case(f"id-{slug}", desc, "EnvelopeError", dumped({**good, "id": value}))
    for slug, desc, moment in BAD_TIMES:
        yield Case(f"time-{slug}", desc, "EnvelopeError", dumped({**good, "occurred_at": moment}))
    for path, slug, desc, bad in BAD_FIELDS:
        yield Case(slug, desc, "EnvelopeError", dumped(changed(good, path, bad)))


def bad_signatures(good: list[dict[str, str]]) -> Iterator[tuple[str, str, object]]:
    """Lists of signatures that neither an envelope nor an entry may have."""
    first, second = good
    blob = slow.unb64(first["sig"])
    yield "none", "no signature", []
    yield "unsorted", "signatures not sorted by keyid", [second, first]
    yield "one-key-twice", "two signatures by one key", [first, {**second, "keyid": first["keyid"]}]
    yield "more", "a signature with one field more", [{**first, "at": "now"}]
    yield "without-keyid", "a signature without its keyid", [{"sig": first["sig"]}]
    yield "keyid-upper", "a keyid in capitals", [{**first, "keyid": first["keyid"].upper()}]
    yield "keyid-short", "a keyid of 63 digits", [{**first, "keyid": first["keyid"][1:]}]
    yield "short", "a signature of 63 bytes", [{**first, "sig": slow.b64(blob[:-1])}]
    yield "long", "a signature of 65 bytes", [{**first, "sig": slow.b64(blob + b"\0")}]
    yield "unpadded", "base64 without its padding", [{**first, "sig": first["sig"].rstrip("=")}]
    yield "url-safe", "base64 of the other alphabet", [{**first, "sig": "-_" + first["sig"][2:]}]
    yield "spare-bits", "base64 with unused bits set", [{**first, "sig": first["sig"][:-3] + "B=="}]


def envelope_cases(small: SmallLedger) -> Iterator[Case]:
    good = json.loads(small.envelopes[5])
    text = dumped(good)
    want = "EnvelopeError"
    yield Case("empty", "no bytes at all", "EncodingError", "")
    yield Case("array", "an array of envelopes", want, f"[{text}]")
    yield Case("two", "a second envelope behind the first", "EncodingError", text + text)
    yield Case(
        "byte-order-mark", "a byte order mark at the start", "EncodingError", b"\xef\xbb\xbf" + text.encode()
    )
    yield Case(
        "stray-byte", "a byte that never stands in UTF-8", "EncodingError", text.encode()[:-2] + b'\xff"]}'
    )
    yield Case("deep", "60,000 arrays in one another", "EncodingError", [("[", 60_000), ("]", 60_000)])
    yield Case(
        "duplicate-key", "two payloads", "EncodingError", text[:-1] + f',"payload":"{good["payload"]}"}}'
    )
    for name in sorted(good):
        yield Case(f"without-{name.lower()}", f"{name} missing", want, dumped(changed(good, [name], REMOVED)))
    yield Case("more", "an unknown field", want, dumped({**good, "comment": "x"}))
    in_toto = "application/vnd.in-toto+json"
    yield Case("other-type", "another payload type", want, dumped({**good, "payloadType": in_toto}))
    later = slow.PAYLOAD_TYPE.replace("v1", "v2")
    yield Case(
        "later-type", "a later version of the payload type", want, dumped({**good, "payloadType": later})
    )
    payload = good["payload"]
    yield Case(
        "payload-unpadded", "base64 without padding", want, dumped({**good, "payload": payload.rstrip("=")})
    )
    yield Case("payload-plain", "the statement itself as payload", want, dumped({**good, "payload": {}}))
    yield Case("payload-stars", "no base64", want, dumped({**good, "payload": "*" + payload[1:]}))
    for slug, desc, signed in bad_signatures(good["signatures"]):
        yield Case(f"signatures-{slug}", desc, want, dumped({**good, "signatures": signed}))


BAD_ENTRY_FIELDS: list[tuple[list[str | int], str, str, object]] = [
    (["index"], "index-negative", "a negative index", -1),
    (["index"], "index-true", "an index that is true", True),
    (["index"], "index-zero-with-prev", "index 0 after another entry", 0),
    (["prev"], "prev-null", "no previous hash at index 5", None),
    (["prev"], "prev-upper", "a previous hash in capitals", ROOT.upper()),
    (["merchant_seq"], "seq-null", "no sequence number for a merchant's entry", None),
    (["merchant_seq"], "seq-zero-with-prev", "sequence number 0 after another entry", 0),
    (["merchant_prev"], "merchant-prev-null", "no previous hash at sequence number 2", None),
    (["recorded_at"], "recorded-offset", "an offset in place of Z", "2026-11-23T00:15:02.123+00:00"),
    (["recorded_at"], "recorded-micro", "microseconds", "2026-11-23T00:15:02.123456Z"),
    (["recorded_at"], "recorded-day", "a day that does not exist", "2026-02-30T00:15:02.123Z"),
    (["statement", "merchant"], "no-merchant", "a sequence number without a merchant", None),
]


def entry_cases(small: SmallLedger) -> Iterator[Case]:
    good = json.loads(small.entries[5])
    text = dumped(good)
    yield Case("not-canonical", "a space more", "EncodingError", text.replace(":", ": ", 1))
    yield Case("float", "a fraction as index", "EntryError", dumped({**good, "index": 5.0}))
    yield Case("array", "an array", "EntryError", "[]")
    long = text.replace('"body":{}', '"body":{"a":"!"}').split("!")
    padding = slow.MAX_ENTRY_BYTES - sum(len(part.encode()) for part in long) + 1
    yield Case("too-long", "65,536 bytes", "EncodingError", [(long[0], 1), ("a", padding), (long[1], 1)])
    for name in ("merchant_prev", "prev", "signatures", "statement"):
        yield Case(f"without-{name}", f"{name} missing", "EntryError", dumped(changed(good, [name], REMOVED)))
    yield Case("more", "an unknown field", "EntryError", dumped({**good, "witness": None}))
    opened = json.loads(small.entries[0])
    yield Case("first-with-prev", "index 0 after another", "EntryError", dumped({**opened, "prev": ROOT}))
    for path, slug, desc, value in BAD_ENTRY_FIELDS:
        yield Case(slug, desc, "EntryError", dumped(changed(good, path, value)))
    for slug, desc, signed in bad_signatures(good["signatures"]):
        if slug in ("none", "unsorted", "one-key-twice", "long", "spare-bits"):
            yield Case(f"signatures-{slug}", desc, "EnvelopeError", dumped({**good, "signatures": signed}))
    bad_id = changed(good, ["statement", "id"], "x")
    yield Case("statement-id", "a bad id in the statement", "EnvelopeError", dumped(bad_id))
    more = changed(good, ["statement", "more"], 1)
    yield Case("statement-more", "an unknown field in the statement", "EnvelopeError", dumped(more))
