"""Supervision for the big ledger: what offices and officers say beside the checks that `town` makes.

    oversee(town)       # duties, a drawn week, orders, cards, seals, recalls, notices and their answers

Everything stands on findings of checks that are in the ledger, and is admitted like any other statement.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any

from benchmarks.town import PER_COMMIT, Town
from ledger import log
from ledger.custody.authoring import CHINA, instant
from ledger.custody.matters import read
from ledger.custody.supervision.plan import drawing, summary
from ledger.log import Envelope
from ledger_cli.street.cast import key_of

REGULATOR, UNIT = "管城区市场监管局", "二里岗街道办事处"
ORDERS, CARDS, SEALS, RECALLS, TOLD = 800, 100, 40, 5, 1_000
HOUR_MS = 3_600_000


def oversee(town: Town) -> None:
    """See the module docstring."""
    offices = {office: key_of(7, office) for office in (REGULATOR, UNIT)}
    _commit(town, _duties(town, offices))
    _plan(town)
    found = _findings(town)
    _commit(town, _ordered(town, found[:ORDERS]))
    _commit(town, _carded(town, found[:CARDS]))
    _commit(town, _held(town))
    _commit(town, _told(town, found[:TOLD]))
    _commit(town, _answered(town, offices))


def _commit(town: Town, said: Iterable[Envelope]) -> None:
    envelopes = list(said)
    for start in range(0, len(envelopes), PER_COMMIT):
        town.submit(envelopes[start : start + PER_COMMIT])
    town.wait(HOUR_MS)


def _duties(town: Town, offices: dict[str, Any]) -> Iterator[Envelope]:
    for office, key in offices.items():
        body = {"public_key": key.public.text, "role": "office", "scope": office}
        yield town.say([town.operator], "key.granted", None, body)
    body = {"grid": "erligang", "regulator": REGULATOR, "unit": UNIT}
    yield town.say([town.operator], "duty.assigned", None, body)
    for officer in town.officers.values():
        body = {"grid": officer.grid, "supervisor": officer.holder}
        yield town.say([town.operator], "duty.assigned", None, body)


def _plan(town: Town) -> None:
    """The week after the ledger's last day, announced and drawn."""
    year, number, _ = (town.today + timedelta(days=7)).isocalendar()
    week, secret, seed_size = f"{year}-W{number:02d}", bytes(32), town.size + 2
    body = {
        "week": week, "grid": "erligang", "officers": sorted(town.officers), "days": [1, 2, 3, 4, 5],
        "seed_size": seed_size, "commitment": sha256(secret).hexdigest(), "extra_checks": 200,
        "weight_card": 10, "weight_finding": 3, "weight_cold_chain": 2,
    }  # fmt: skip
    announced = town.say([town.operator], "plan.announced", None, body)
    _commit(town, [announced])
    _commit(town, town.next_independent(1))
    ledger, facts, announcement = town.ledger, town.ledger.facts(), _id(announced)
    root = ledger.root_at(seed_size)
    drawn = drawing(facts, ledger.setting, announcement, secret.hex(), root, town.size)
    body = {"announcement": announcement, "secret": secret.hex(), "seed_root": root.hex(), **summary(drawn)}
    _commit(town, [town.say([town.operator], "plan.drawn", None, body)])
    town.wait_until(date.fromisocalendar(year, number, 1))


def _findings(town: Town) -> list[tuple[str, str, dict[str, Any]]]:
    """Those that stand: merchant, rule set of the check, what an order or a notice says of it."""
    found = []
    for row in map(read, town.ledger.store.facts.matters_of_topic("finding")):
        if row.value["stands"]:
            statement = town.ledger.entry(row.index).statement
            about = {"inspection": statement.id, "code": row.value["code"]}
            if row.value["subject"]:
                about["subject"] = row.value["subject"]
            body: Any = statement.body
            found.append((str(statement.merchant), str(body["rulesets"][0]), about))
    return found


def _ordered(town: Town, found: list[tuple[str, str, dict[str, Any]]]) -> Iterator[Envelope]:
    deadline = datetime.combine(town.today, datetime.min.time(), CHINA).replace(hour=22).isoformat()
    for merchant, _, about in found:
        body = {**about, "what": "当日整改到位 Put right today", "deadline": deadline}
        yield town.say(town.officers_of(merchant), "rectification.ordered", merchant, body)


def _carded(town: Town, found: list[tuple[str, str, dict[str, Any]]]) -> Iterator[Envelope]:
    steps = {body["code"]: body["card_steps"][0] for body in town.rulesets if body.get("card_steps")}
    once = {merchant: (ruleset, about) for merchant, ruleset, about in found if ruleset in steps}
    for merchant, (ruleset, about) in once.items():
        step = steps[ruleset]
        body = {
            **about, "card": step["card"], "ruleset": ruleset, "step": step["step"],
            "closes": step.get("closes", False), "reason": "违规经营 Against the rules",
        }  # fmt: skip
        yield town.say(town.officers_of(merchant), "card.issued", merchant, body)


def _held(town: Town) -> Iterator[Envelope]:
    """Seals and recalls of goods that somebody holds; they move no more."""
    all_held = [(one, batch) for one in town.merchants for batch in one.held]
    for holder, batch in (*all_held[:SEALS], *all_held[-RECALLS:]):
        del holder.held[batch]
    held = [(holder.code, batch) for holder, batch in all_held]
    answer_by = instant(town.now_ms + 24 * HOUR_MS)
    for merchant, batch in held[:SEALS]:
        body: dict[str, Any] = {"batch": batch, "reason": "待检 To be tested"}
        yield town.say(town.officers_of(merchant), "goods.sealed", merchant, body)
    for merchant, batch in held[-RECALLS:]:
        body = {"batch": batch, "reason": "检出 found", "answer_by": answer_by}
        yield town.say(town.officers_of(merchant), "recall.ordered", merchant, body)


def _told(town: Town, found: list[tuple[str, str, dict[str, Any]]]) -> Iterator[Envelope]:
    for merchant, _, about in found:
        for capacity, office in (("regulator", REGULATOR), ("unit", UNIT)):
            body = {**about, "office": office, "capacity": capacity, "text": about["code"]}
            yield town.say([town.operator], "notice.sent", merchant, body)


def _answered(town: Town, offices: dict[str, Any]) -> Iterator[Envelope]:
    """Of the notices nine in ten."""
    for number, row in enumerate(map(read, town.ledger.store.facts.matters_of_topic("notice"))):
        if number % 10:
            body = {"notice": row.value["id"], "answer": "已阅 Noted"}
            merchant = row.value["merchant"]
            yield town.say([offices[row.value["office"]]], "notice.acknowledged", merchant, body)


def _id(envelope: Envelope) -> str:
    return log.statement.parse_statement(envelope.payload).id
