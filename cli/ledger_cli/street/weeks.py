"""What the street says, day by day: opening, then weeks of receipts, handovers, sales, care, attestations and checks.

    Weeks(cast, player, seed=7).play(weeks=4)

Most go by the rules. What does not is planted here on purpose: papers missing, cleaning forgotten, counts that differ,
warm freezers, late records, attestations that the ledger contradicts, and merchants that a supervisor did not get to.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

from ledger.custody.authoring import CHINA
from ledger.custody.context import rulesets_in_force
from ledger.custody.facts import Facts, Ruleset
from ledger.custody.findings import Check, compute
from ledger.log import PrivateKey
from ledger_cli.street import goods
from ledger_cli.street.cast import COLD, DRY, Cast, Merchant
from ledger_cli.street.oversight import Oversight
from ledger_cli.street.play import Player
from ledger_schemas import Observed, default_rulesets

FIRST_DAY = date(2022, 6, 27)
"""A Monday; the four weeks from here contain the change of July 2022."""

HOURS = (9, 12, 15, 18, 21)


def at(day: date, hour: int, minute: int = 0) -> int:
    """Milliseconds since 1970 of a wall-clock time in China."""
    local = datetime(day.year, day.month, day.day, hour, minute, tzinfo=CHINA)
    return int(local.astimezone(UTC).timestamp()) * 1000


class Weeks:
    """See the module docstring."""

    def __init__(self, cast: Cast, player: Player, *, seed: int, operator: Any) -> None:
        self._cast = cast
        self._player = player
        self._rng = Random(f"weeks {seed}")
        self._operator = [operator]
        self._rulesets = default_rulesets()
        self._number = 0
        self._liar = next(merchant for merchant in cast.importers if merchant.classes == (DRY,))
        """Attests that transport is clear, and takes in goods without saying how they came."""
        self._today: list[tuple[Merchant, list[PrivateKey]]] = []
        self._afternoon: list[tuple[Merchant, list[PrivateKey]]] = []
        self._handovers: list[tuple[Merchant, str, dict[str, int]]] = []
        self._setting = player.ledger.setting
        self._facts: Facts = player.ledger.facts()
        self._by_code = {merchant.code: merchant for merchant in cast.merchants}
        self.oversight = Oversight(cast, player, seed=seed, operator=operator)
        self._officers = {supervisor.holder: supervisor for supervisor in cast.supervisors}

    def play(self, weeks: int, progress: Callable[[int, int], None] = lambda done, total: None) -> None:
        """The opening and `weeks` weeks. `progress` gets days done and days in all."""
        self._open()
        for number in range(weeks * 7):
            self._day(FIRST_DAY + timedelta(days=number))
            progress(number + 1, weeks * 7)

    # ------------------------------------------------------------------ opening

    def _open(self) -> None:
        day, say = FIRST_DAY, self._player.say
        for body in self._rulesets:
            say(self._operator, "ruleset.published", None, body, at(day, 6))
        for supervisor in self._cast.supervisors:
            body = {
                "public_key": supervisor.key.public.text,
                "role": "supervisor",
                "scope": "erligang",
                "holder": supervisor.holder,
            }
            say(self._operator, "key.granted", None, body, at(day, 6))
        self._player.commit(at(day, 6, 10))
        for merchant in self._cast.merchants:
            officer = self._officers[merchant.supervisor]
            say([officer.key], "merchant.enrolled", merchant.code, merchant.enrolment(), at(day, 6, 20))
            if merchant.key is not None:
                body = {"public_key": merchant.key.public.text, "role": "merchant", "scope": merchant.code}
                say(self._operator, "key.granted", None, body, at(day, 6, 20))
        self.oversight.open(at(day, 6, 30))
        self._player.commit(at(day, 7))
        self.oversight.announce(day, at(day, 7, 10))
        for merchant in self._cast.importers:
            self._papers(merchant, day)
            self._attest(merchant, day)
        self._player.commit(at(day, 7, 50))
        self.oversight.draw(at(day, 8))
        self._player.commit(at(day, 8))

    def _papers(self, merchant: Merchant, day: date) -> None:
        if merchant.careless and self._rng.random() < 0.3:
            return
        titles = set()
        for body in self._rulesets:
            for paper, kind in (("commitment", "commitment.signed"), ("briefing", "briefing.acknowledged")):
                if (
                    body["goods_class"] in merchant.classes
                    and body.get(paper)
                    and (kind, body[paper]["title"], body[paper]["version"]) not in titles
                ):
                    titles.add((kind, body[paper]["title"], body[paper]["version"]))
                    self._say(
                        merchant,
                        kind,
                        {"title": body[paper]["title"], "version": body[paper]["version"]},
                        at(day, 7, 20),
                    )

    # ------------------------------------------------------------------ a day

    def _day(self, day: date) -> None:
        for hour in HOURS:
            self._facts = self._player.ledger.facts()
            for merchant in self._cast.importers:
                self._care(merchant, day, hour)
                if hour in (12, 15):
                    self._trade(merchant, day, hour)
            if hour == 18:
                self._accept(day)
                if day.weekday() == 6:
                    self.oversight.announce(day + timedelta(days=1), at(day, 17))
                    for merchant in self._cast.importers:
                        self._attest(merchant, day + timedelta(days=1), spoken=day)
                self.oversight.reports(at(day, 17, 45))
            if hour == 21:
                self.oversight.evening(day, at(day, 20, 30))
            self._player.commit(at(day, hour))
            if hour in (9, 15):
                self._checks(day, hour)
                self._player.commit(at(day, hour, 50))
            if hour == 21 and day.weekday() == 6:
                self.oversight.draw(at(day, 21, 30))
                self._player.commit(at(day, 21, 30))

    def _say(self, merchant: Merchant, kind: str, body: dict[str, Any], at_ms: int) -> str:
        assert merchant.key is not None  # noqa: S101 - only importers speak
        return self._player.say([merchant.key], kind, merchant.code, body, at_ms)

    def _minute(self, day: date, hour: int) -> int:
        """Some minute in the two hours before a commit."""
        return at(day, hour) - self._rng.randrange(1, 115) * 60_000

    def _care(self, merchant: Merchant, day: date, hour: int) -> None:
        rng = self._rng
        if (hour == 9 or (hour == 21 and rng.random() < 0.5)) and not (
            merchant.careless and rng.random() < 0.4
        ):
            body = {
                "target": rng.choice(("premises", "shelf", "goods", "tools")),
                "place": merchant.zones[0]["name"],
                "agent": "含氯消毒液 chlorine",
                "concentration": "500 mg/L",
                "method": "喷洒 spraying",
                "contact_minutes": 30,
            }
            late = 2 * 86_400_000 if merchant.careless and rng.random() < 0.05 else 0
            self._say(
                merchant,
                "disinfection.logged",
                body,
                max(self._minute(day, hour) - late, at(FIRST_DAY, 7, 30)),
            )
        if COLD in merchant.classes and hour in (9, 21):
            self._temperature(merchant, day, hour)

    def _temperature(self, merchant: Merchant, day: date, hour: int) -> None:
        warm = merchant.careless and self._rng.random() < 0.05
        end = at(day, hour) - 60_000
        start = max(end - 12 * 3_600_000 + (60_000 if hour == 9 else 0), at(FIRST_DAY, 7))
        body = {
            "zone": merchant.zone_for(COLD),
            "probe": f"P-{merchant.code[-4:]}",
            "started_at": datetime.fromtimestamp(start // 1000, CHINA).isoformat(),
            "ended_at": datetime.fromtimestamp(end // 1000, CHINA).isoformat(),
            "count": max(1, (end - start) // 300_000),
            "minimum": "-21.5",
            "maximum": "-11.2" if warm else f"-18.{self._rng.randrange(1, 9)}",
            "mean": "-19.8",
            "minutes_missing": 0,
        }
        self._say(merchant, "temperature.logged", body, end)

    def _trade(self, merchant: Merchant, day: date, hour: int) -> None:
        rng = self._rng
        if merchant.closed:
            return
        false = merchant is self._liar and day == FIRST_DAY + timedelta(days=1) and hour == 12
        if false or rng.random() < (0.5 if merchant.place in ("cold_store", "supermarket") else 0.1):
            self._number += 1
            zones = {zone["goods_class"]: zone["code"] for zone in merchant.zones}
            asked = self._documents(merchant.classes, day)
            body, came = goods.received(
                rng, self._number, merchant.classes, zones, day, asked, careless=merchant.careless
            )
            if false:
                body.pop("transport", None)
            self._say(merchant, "goods.received", body, self._minute(day, hour))
            self._arrive(merchant, came)
        elif merchant.held and rng.random() < 0.35:
            batch, amount = rng.choice(sorted(merchant.held.items()))
            part = (
                amount
                if rng.random() < 0.2
                else max(500_000, amount // 1_000_000 // rng.randrange(2, 6) * 500_000)
            )
            line = {"batch": batch, "quantity": goods.quantity(min(part, amount))}
            self._move(merchant, batch, min(part, amount), line, day, hour)

    def _move(
        self, merchant: Merchant, batch: str, amount: int, line: dict[str, Any], day: date, hour: int
    ) -> None:
        rng = self._rng
        when = self._minute(day, hour)
        merchant.held[batch] -= amount
        if not merchant.held[batch]:
            del merchant.held[batch]
        goods_class = self._facts_class(batch)
        takers = [
            other for other in self._cast.importers if other is not merchant and goods_class in other.classes
        ]
        if takers and rng.random() < 0.45:
            taker = rng.choice(takers)
            body = {
                "to": taker.code,
                "document_number": f"DB{day:%Y%m%d}{rng.randrange(10**4):04d}",
                "lines": [line],
            }
            self._handovers.append(
                (taker, self._say(merchant, "goods.handed_over", body, when), {batch: amount})
            )
        elif rng.random() < 0.04:
            body = {"manner": "destroyed", "reason": "包装破损 damaged packaging", "lines": [line]}
            self._say(merchant, "goods.disposed", body, when)
        else:
            self._say(merchant, "goods.sold", {"buyer": {"type": "consumers"}, "lines": [line]}, when)

    def _facts_class(self, batch: str) -> str:
        fact = self._facts.batch(batch, self._player.seen_size)
        return fact.goods_class if fact else ""

    def _arrive(self, merchant: Merchant, came: dict[str, int]) -> None:
        """From the next hour on it can be moved: the story, like a shop, does not sell what it has not booked."""
        for batch, amount in came.items():
            merchant.held[batch] = merchant.held.get(batch, 0) + amount

    def _accept(self, day: date) -> None:
        waiting, self._handovers = self._handovers, []
        for taker, handover, sent in waiting:
            if taker.careless and self._rng.random() < 0.3:
                self._handovers.append((taker, handover, sent))
                continue
            lines, came = [], {}
            for batch, amount in sent.items():
                refused = 500_000 if amount > 2_000_000 and self._rng.random() < 0.05 else 0
                came[batch] = amount - refused
                line = {"batch": batch, "accepted": goods.quantity(amount - refused)}
                if refused:
                    line["refused"] = goods.quantity(refused)
                lines.append(line)
            self._say(taker, "goods.accepted", {"handover": handover, "lines": lines}, at(day, 17, 30))
            self._arrive(taker, came)

    # ------------------------------------------------------------------ attestations and checks

    def _documents(self, classes: tuple[str, ...], day: date) -> list[str]:
        return sorted(
            {
                document["type"]
                for body in self._rulesets
                if body["goods_class"] in classes
                and body["valid_from"] <= day.isoformat() <= (body.get("valid_to") or "9999")
                for document in body["documents"]
                if document["required"]
            }
        )

    def _attest(self, merchant: Merchant, first: date, spoken: date | None = None) -> None:
        if merchant.careless and self._rng.random() < 0.1:
            return
        for body in self._rulesets:
            in_force = body["valid_from"] <= first.isoformat() <= (body.get("valid_to") or "9999")
            items = [item["code"] for item in body["items"] if item["type"] in ("clear", "no")]
            if body["goods_class"] in merchant.classes and in_force and items:
                attested = {
                    "ruleset": body["code"],
                    "period_start": first.isoformat(),
                    "period_end": (first + timedelta(days=6)).isoformat(),
                    "goods_class": body["goods_class"],
                    "items": [{"code": code, "clear": True} for code in items],
                }
                self._say(
                    merchant, "clearance.attested", attested, at(spoken or first, 17 if spoken else 7, 40)
                )

    def _checks(self, day: date, hour: int) -> None:
        self._facts = self._player.ledger.facts()
        if hour == 9:
            due = self.oversight.due(day)
            half = len(due) // 2
            self._today, self._afternoon = due[:half], due[half:]
        else:
            self._today = self._afternoon
        for merchant, keys in self._today:
            self._inspect(merchant, keys, day, hour)

    def _inspect(self, merchant: Merchant, keys: list[PrivateKey], day: date, hour: int) -> None:
        as_of = self._player.seen_size
        began = at(day, hour, 5 + self._rng.randrange(0, 30))
        rulesets = rulesets_in_force(
            self._facts, self._setting.jurisdiction, list(merchant.classes), day, as_of
        )
        seen = self._observe(merchant, rulesets, as_of)
        check = Check(merchant.code, rulesets, Observed.model_validate(seen), began, day, as_of)
        found = compute(self._facts, check)
        waivers = [
            {"code": one.code, "subject": one.subject, "reason": "纸质单据已核对 paper original seen"}
            for one in found
            if one.code == "document_missing" and self._rng.random() < 0.2
        ]
        body = {
            "rulesets": [ruleset.body.code for ruleset in rulesets],
            "started_at": datetime.fromtimestamp(began // 1000, CHINA).isoformat(),
            "ended_at": datetime.fromtimestamp(began // 1000 + 300, CHINA).isoformat(),
            "place": merchant.address,
            "observed": seen,
            "findings": [{**finding._asdict(), "source": "computed"} for finding in found],
            "waivers": waivers,
        }
        said = self._player.say(keys, "inspection.recorded", merchant.code, body, began + 300_000)
        waived = {(waiver["code"], waiver["subject"]) for waiver in waivers}
        standing = [one for one in found if (one.code, one.subject) not in waived]
        self.oversight.follow_up(
            merchant, keys[0], said, [(one, rulesets[0]) for one in standing], began + 360_000
        )

    def _observe(self, merchant: Merchant, rulesets: list[Ruleset], as_of: int) -> dict[str, Any]:
        held = self._facts.holdings(merchant.code, as_of)
        counted = self._rng.sample(sorted(held), min(3, len(held)))
        stock = []
        for batch in counted:
            amount = held[batch]
            if merchant.careless and self._rng.random() < 0.1:
                amount = max(0, amount - 500_000)
            stock.append({"batch": batch, "quantity": goods.quantity(amount)})
        asked = sorted({item.code for ruleset in rulesets for item in ruleset.body.checklist})
        answers: list[dict[str, Any]] = [
            {"code": code, "passed": not (merchant.careless and self._rng.random() < 0.04)} for code in asked
        ]
        temperatures = [
            {"zone": zone["code"], "value": "-18.8"} for zone in merchant.zones if zone["storage"] == "frozen"
        ]
        return {"stock": stock, "temperatures": temperatures, "checklist": answers}
