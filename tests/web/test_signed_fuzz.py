"""Signed statements of every kind, right and wrong in all sorts of ways: server and command line say the same of each.

Granted keys sign what Hypothesis makes of examples and schemas: members missing, of other types, amounts and times
beyond all measure, ids of others, kinds that there are not, bytes that are not canonical. One ledger gets them through
HTTP, a copy of it through `custody submit`. Examples are the same in every run; `SIGNED_EXAMPLES` makes them more.
"""

from __future__ import annotations

import json
import os
import shutil
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

import httpx
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from ledger.custody.authoring import instant, uuid7
from ledger.custody.rules import RULES
from ledger.errors import LedgerError
from ledger.log import PrivateKey, Seen, statement
from ledger.log.statement import encode_envelope
from ledger_schemas import KINDS, json_schema
from tests.cli.runner import Custody
from tests.custody.supervised import HEALTH, MARKET, STREET, check, supervise
from tests.custody.test_admission import CLEANED
from tests.custody.world import HOUR, M1, M2, M3, ORIGIN, World, key, kg, receipt
from tests.schemas.examples import EXAMPLES, LEAST
from tests.schemas.mutations import leaves, places, replaced, without
from tests.schemas.schema_strategy import matching
from tests.web.conftest import Web
from tests.web.process import Server, running

pytestmark = pytest.mark.slow
MADE = int(os.environ.get("SIGNED_EXAMPLES", "60"))
BATCHES = ("B1", "B2", "B3")
HOLDING = {
    "operator": ["operator"],
    "supervisor": ["officer", "officer", "second"],
    "office": [MARKET, STREET, HEALTH],
    "merchant": ["k1", "k1", "k2"],
    "device": ["probe"],
}
WRONG = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False),
    st.text(max_size=8),
    st.sampled_from(["", "-1", "0", "1e9", "NaN", "9" * 40, "0.0000001", "9999-12-31T23:59:59Z", "x" * 20_000]),
    st.sampled_from([[], {}, [[[[]]]], {"sealed": "?"}, kg("999999999999999")]),
)  # fmt: skip


class Both(NamedTuple):
    """A served ledger, and a copy of it for the command line."""

    server: Server
    world: World
    custody: Custody
    ids: list[str]
    counts: Counter[str]


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    folder = tmp_path_factory.mktemp("signed")
    web = Web(folder / "served")
    world = supervise(web.world)
    for batch in BATCHES:
        world.receive(batch, "1000")
    world.must(world.hand_over("B1", "10"))
    world.must(check(world))
    ids = [entry.statement.id for entry in world.entries()]
    world.ledger.close()
    shutil.copytree(web.home.directory, folder / "copied")
    counts: Counter[str] = Counter()
    with running(web.home.directory, bad_signatures=10**6) as server:
        yield Both(server, world, Custody(folder / "copied"), ids, counts)
    for one in (web.home.directory, folder / "copied"):
        assert Custody(one).ok("verify", "--json").json["verdict"] == "intact"
    assert counts["accepted"] > sum(counts.values()) // 10, counts  # or next to nothing was tried
    assert len(counts) > 8, counts


def keys_of(world: World) -> dict[str, PrivateKey]:
    """Granted keys, and one that nobody knows."""
    named = {"k1": world.k1, "k2": world.k2, "k3": world.k3, "probe": world.probe, "officer": world.officer}
    offices = {name: key(name) for name in (MARKET, STREET, HEALTH)}
    return named | offices | {"operator": world.operator, "second": world.second, "stranger": key("stranger")}


@st.composite
def stated(draw: st.DrawFn, both: Both, serial: Iterator[int]) -> bytes:
    """A signed envelope."""
    world, keys = both.world, keys_of(both.world)
    if draw(st.booleans()):
        kind, by, merchant, body = draw(st.sampled_from(sound(next(serial))))
    else:
        kind = draw(st.sampled_from(list(KINDS)))
        rule = RULES[kind]
        by = draw(st.sampled_from([name for role in sorted(rule.by) for name in HOLDING[role]]))
        merchant = draw(st.sampled_from([M1, M1, M2] if rule.about == "merchant" else [None]))
        if draw(st.integers(0, 7)) == 0:
            by, merchant = draw(st.sampled_from(sorted(keys))), draw(st.sampled_from([None, M2, M3]))
        examples = st.sampled_from([EXAMPLES[kind], LEAST[kind]])
        body = draw(st.one_of(examples, examples, matching(json_schema(kind))))
        body = draw(grounded(body, both.ids))
    signers = [keys[by]]
    for _ in range(draw(st.sampled_from([0, 0, 0, 0, 1, 2]))):
        body = draw(damaged(body))
    said: dict[str, Any] = {
        "body": body,
        "id": uuid7(world.now, next(serial).to_bytes(10, "big")),
        "kind": kind,
        "ledger": ORIGIN,
        "merchant": merchant,
        "occurred_at": instant(world.now),
        "seen": None,
    }
    if draw(st.integers(0, 3)) == 0:
        name, value = draw(st.sampled_from(odd(both)))
        said[name] = value
    if draw(st.integers(0, 9)) == 0:
        signers.append(keys[draw(st.sampled_from(sorted(keys.keys() - {by})))])
    envelope = statement.sign(payload_of(said), signers)
    if draw(st.integers(0, 19)) == 0:
        envelope = envelope._replace(signatures=statement.sign(b"{}", signers).signatures)
    return encode_envelope(envelope)


def sound(number: int) -> list[tuple[str, str, str | None, Any]]:
    """Statements that the rules allow, as long as there is enough of everything."""
    new = key(f"n{number}").public.text
    little = {"batch": BATCHES[number % 3], "quantity": kg("0.5")}
    return [
        ("disinfection.logged", "k1", M1, CLEANED),
        ("goods.received", "k1", M1, receipt(f"N{number}")),
        ("goods.received", "k3", M3, receipt(f"N{number}", "99999")),
        ("goods.sold", "k1", M1, {"buyer": {"type": "consumers"}, "lines": [little]}),
        ("goods.sold", "k1", M1, {"buyer": {"type": "consumers"}, "lines": [little | {"quantity": kg("9999")}]}),
        ("goods.handed_over", "k1", M1, {"to": M2, "lines": [little, little]}),
        ("goods.disposed", "k1", M1, {"manner": "destroyed", "reason": "过期", "lines": [little]}),
        ("key.granted", "operator", None, {"public_key": new, "role": "merchant", "scope": M2}),
    ]  # fmt: skip


def grounded(body: Any, ids: list[str]) -> st.SearchStrategy[Any]:
    """The same about batches, statements and merchants that there are."""
    found = st.just(body)
    for loc, value in leaves(body):
        if loc and loc[-1] == "batch":
            found = st.builds(replaced, found, st.just(loc), st.sampled_from(BATCHES))
        elif isinstance(value, str) and value.count("-") == 4 and len(value) == 36:
            found = st.builds(replaced, found, st.just(loc), st.sampled_from(ids))
    return found


@st.composite
def damaged(draw: st.DrawFn, body: Any) -> Any:
    """The same with one member gone or another."""
    spots = [loc for loc, _ in places(body) if loc]
    if not spots:
        return draw(WRONG)
    loc = draw(st.sampled_from(spots))
    return without(body, loc) if draw(st.booleans()) else replaced(body, loc, draw(WRONG))


def odd(both: Both) -> list[tuple[str, Any]]:
    """Members of a statement that are not as they should be."""
    head = Seen("ab" * 32, 3)
    return [
        ("occurred_at", "2199-01-01T00:00:00Z"), ("occurred_at", "0001-01-01T00:00:00Z"), ("occurred_at", "gestern"),
        ("occurred_at", instant(both.world.now - 90 * 24 * HOUR)), ("ledger", "custody.example/other"),
        ("id", both.ids[5]), ("id", "0" * 36), ("kind", "goods.eaten"), ("kind", 7), ("merchant", ["x"]),
        ("seen", {"root": head.root, "size": head.size}), ("seen", {"size": -1}), ("extra", 1), ("body", None),
    ]  # fmt: skip


def payload_of(said: dict[str, Any]) -> bytes:
    """Canonical where the format has a way to write it."""
    try:
        return statement.build_statement(**said)
    except (LedgerError, TypeError, AttributeError):
        return json.dumps(said, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode(
            errors="replace"
        )


def through_http(url: str, sent: list[bytes], way: str) -> list[dict[str, Any]]:
    """The answer to each, `{"accepted": …}` or `{"refused": …}`."""
    with httpx.Client(base_url=url, timeout=30) as client:
        if way == "one":
            answers = []
            for one in sent:
                answer = client.post("/statements", content=one, headers={"content-type": "application/json"})
                assert answer.status_code < 500 and b"Traceback" not in answer.content, answer.text
                found = answer.json()
                answers.append(found if answer.status_code < 300 else {"refused": found})
            return answers
        media, body = (
            ("application/json", b"[" + b",".join(sent) + b"]")
            if way == "array"
            else ("application/x-ndjson", b"\n".join(sent))
        )
        answer = client.post("/statements", content=body, headers={"content-type": media})
        assert answer.status_code == 200 and b"Traceback" not in answer.content, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        assert all(item["refused"]["status"] < 500 for item in items if "refused" in item), items
        return items


def test_server_and_command_line_say_the_same(both: Both) -> None:
    serial = iter(range(1, 10**9))

    @settings(
        max_examples=MADE,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],  # both ledgers have gone on: nothing could be shrunk
        suppress_health_check=list(HealthCheck),
    )
    @given(
        st.lists(stated(both, serial), min_size=1, max_size=12), st.sampled_from(["one", "array", "lines"])
    )
    def run(sent: list[bytes], way: str) -> None:
        answers = through_http(both.server.url, sent, way)
        line = both.custody.run("submit", "-", input=b"\n".join(sent) + b"\n")
        told = [json.loads(one) for one in line.out.splitlines()]
        assert len(answers) == len(told) == len(sent)
        for one, other, envelope in zip(answers, told, sent, strict=True):
            refused = one.get("refused")
            said = ("accepted",) if refused is None else (refused["code"], refused["field"])
            assert (
                said == ("accepted",)
                if other["status"] == "accepted"
                else said == (other["code"], other["field"])
            ), (one, other, envelope)
            both.counts[said[0]] += 1
        assert httpx.get(f"{both.server.url}/healthz").json()["size"] == both.custody.size()

    run()
    assert both.server.process.poll() is None
