"""What the street's supervisors do besides looking: duties, plans, orders, cards, notices, and one recall.

    oversight = Oversight(cast, player, seed=7, operator=key)
    oversight.open(day)                                   # keys of the offices, duties
    oversight.announce(monday, at_ms), oversight.draw(at_ms)
    oversight.due(day)                                    # who is to be checked today, by whom: from the plan
    oversight.follow_up(merchant, officer, check, found, at_ms)
    oversight.evening(day)                                # reports, confirmations, lifted cards, answers of the offices

What is planted is counted in `planted`, so that a test can compare it with what the weekly report finds: about 2.2 % of
the checks end in a yellow card and 0.3 % in a red one, some merchants are missed, some orders overdue.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from hashlib import sha256
from random import Random
from typing import Any, NamedTuple

from ledger.custody.authoring import CHINA
from ledger.custody.facts import Ruleset
from ledger.custody.findings import Found
from ledger.custody.supervision.plan import drawing, summary
from ledger.log import PrivateKey, SigningKey
from ledger_cli.street.cast import Cast, Merchant, key_of
from ledger_cli.street.play import Player

YELLOW, RED, LEFT_OUT = 0.022, 0.003, 0.015
REGULATOR, UNIT = "管城区市场监管局", "二里岗街道办事处"
MINUTE = 60_000


class Ordered(NamedTuple):
    """An order that the story still has to end; `heeded` where the merchant puts it right the same day."""

    id: str
    merchant: Merchant
    officer: SigningKey
    check: str
    day: date
    heeded: bool


@dataclass
class Planted:
    """What the story has put in, by ISO week (202617)."""

    checks: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    yellow: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    red: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    made: dict[int, dict[str, int]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(int)))
    """Checks made of each merchant; some that the plan asks for are left out."""
    ordered: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    overdue: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    """Orders not confirmed by their deadline."""
    notices: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    unanswered: dict[int, int] = field(default_factory=lambda: defaultdict(int))


class Oversight:
    """See the module docstring."""

    def __init__(self, cast: Cast, player: Player, *, seed: int, operator: SigningKey) -> None:
        self.planted = Planted()
        self._cast = cast
        self._player = player
        self._rng = Random(f"oversight {seed}")
        self._operator = [operator]
        self._keys = {supervisor.holder: supervisor.key for supervisor in cast.supervisors}
        self._offices = {office: key_of(seed, office) for office in (REGULATOR, UNIT)}
        self._by_code = {merchant.code: merchant for merchant in cast.merchants}
        self._announced: tuple[str, str, str] | None = None  # id, week, secret
        self._due: dict[date, list[tuple[Merchant, list[PrivateKey]]]] = defaultdict(list)
        self._orders: list[Ordered] = []
        self._cards: list[tuple[str, Merchant, SigningKey, str]] = []
        self._carded: set[str] = set()
        self._waiting: list[tuple[str, str, str]] = []  # notices: id, merchant, office
        self._checks = self._yellow = self._red = 0

    def open(self, at_ms: int) -> None:
        """Keys for both offices, and duties along the grid tree."""
        say = self._player.say
        for office, key in self._offices.items():
            body = {"public_key": key.public.text, "role": "office", "scope": office}
            say(self._operator, "key.granted", None, body, at_ms)
        say(
            self._operator,
            "duty.assigned",
            None,
            {"grid": "erligang", "regulator": REGULATOR, "unit": UNIT},
            at_ms,
        )
        for officer in self._cast.supervisors:
            say(
                self._operator,
                "duty.assigned",
                None,
                {"grid": officer.grid, "supervisor": officer.holder},
                at_ms,
            )

    # ------------------------------------------------------------------ the plan

    def announce(self, monday: date, at_ms: int) -> None:
        """The week's plan, bound to a secret and to entries still to come."""
        year, week, _ = monday.isocalendar()
        secret = self._rng.randbytes(32)
        name = f"{year}-W{week:02d}"
        body = {
            "week": name,
            "grid": "erligang",
            "officers": [supervisor.holder for supervisor in self._cast.supervisors],
            "days": [1, 2, 3, 4, 5, 6, 7],
            "seed_size": self._player.next_index + 2,
            "commitment": sha256(secret).hexdigest(),
            "extra_checks": len(self._cast.importers) // 10,
            "weight_card": 10,
            "weight_finding": 3,
            "weight_cold_chain": 2,
        }
        said = self._player.say(self._operator, "plan.announced", None, body, at_ms)
        self._announced = said, name, secret.hex()

    def draw(self, at_ms: int) -> None:
        """Draw the announced plan and take note of who is due when. What was queued must have been committed."""
        assert self._announced is not None  # noqa: S101 - the story announces before it draws
        announcement, week, secret = self._announced
        ledger = self._player.ledger
        facts, size = ledger.facts(), ledger.store.head().size
        announced = facts.matters("plan", week, size)[-1]
        root = ledger.root_at(announced.index + 2)
        drawn = drawing(facts, ledger.setting, announcement, secret, root, size)
        body = {"announcement": announcement, "secret": secret, "seed_root": root.hex(), **summary(drawn)}
        self._player.say(self._operator, "plan.drawn", None, body, at_ms)
        monday = date.fromisocalendar(int(week[:4]), int(week[6:]), 1)
        for one in drawn:
            keys = [self._keys[officer] for officer in one.officers]
            self._due[monday + timedelta(days=one.day - 1)].append((self._by_code[one.merchant], keys))

    def due(self, day: date) -> list[tuple[Merchant, list[PrivateKey]]]:
        """Today's checks, less those that are planted as missed."""
        kept = []
        for merchant, keys in self._due.pop(day, []):
            if self._rng.random() >= LEFT_OUT:
                kept.append((merchant, keys))
        return kept

    # ------------------------------------------------------------------ after a check

    def follow_up(
        self,
        merchant: Merchant,
        officer: SigningKey,
        check: str,
        findings: list[tuple[Found, Ruleset]],
        at_ms: int,
    ) -> None:
        """Order what stands to be put right, show a card now and then, and tell both offices."""
        day = datetime.fromtimestamp(at_ms // 1000, CHINA).date()
        self.planted.checks[_week(day)] += 1
        self.planted.made[_week(day)][merchant.code] += 1
        self._checks += 1
        for found, _ in findings:
            about = {"inspection": check, "code": found.code} | (
                {"subject": found.subject} if found.subject else {}
            )
            self._tell(merchant, about, found, at_ms + 2 * MINUTE, day)
        if findings:
            self._order(merchant, officer, check, findings[0][0], at_ms, day)
            self._card(merchant, officer, check, findings[0], at_ms + MINUTE, day)

    def _order(
        self, merchant: Merchant, officer: SigningKey, check: str, found: Found, at_ms: int, day: date
    ) -> None:
        left = merchant.careless and (not self.planted.overdue or self._rng.random() < 0.3)
        deadline = datetime(day.year, day.month, day.day, 22, tzinfo=CHINA)
        body = {
            "inspection": check,
            "code": found.code,
            "what": "当日整改到位 Put right today",
            "deadline": deadline.isoformat(),
        } | ({"subject": found.subject} if found.subject else {})
        said = self._player.say([officer], "rectification.ordered", merchant.code, body, at_ms)
        self._orders.append(Ordered(said, merchant, officer, check, day, heeded=not left))
        self.planted.ordered[_week(day)] += 1
        if left:
            self.planted.overdue[_week(day)] += 1

    def _card(
        self,
        merchant: Merchant,
        officer: SigningKey,
        check: str,
        finding: tuple[Found, Ruleset],
        at_ms: int,
        day: date,
    ) -> None:
        """Yellow for a first violation, red for a second, as often as the shares ask for."""
        found, ruleset = finding
        carded = merchant.code in self._carded
        if carded and self._red < RED * self._checks:
            step, self._red = ruleset.body.card_steps[1], self._red + 1
            self.planted.red[_week(day)] += 1
            merchant.closed = True
        elif not carded and self._yellow < YELLOW * self._checks:
            step, self._yellow = ruleset.body.card_steps[0], self._yellow + 1
            self.planted.yellow[_week(day)] += 1
            self._carded.add(merchant.code)
        else:
            return
        body = {
            "card": step.card,
            "ruleset": ruleset.body.code,
            "step": step.step,
            "closes": step.closes,
            "inspection": check,
            "code": found.code,
            "reason": "违规经营 Against the rules",
        } | ({"subject": found.subject} if found.subject else {})
        said = self._player.say([officer], "card.issued", merchant.code, body, at_ms)
        self._cards.append((said, merchant, officer, check))

    def _tell(self, merchant: Merchant, about: dict[str, Any], found: Found, at_ms: int, day: date) -> None:
        for capacity, office in (("regulator", REGULATOR), ("unit", UNIT)):
            body = about | {"office": office, "capacity": capacity, "text": found.detail or found.code}
            said = self._player.say(self._operator, "notice.sent", merchant.code, body, at_ms)
            self.planted.notices[_week(day)] += 1
            if self._rng.random() < 0.02:
                self.planted.unanswered[_week(day)] += 1
            else:
                self._waiting.append((said, merchant.code, office))

    # ------------------------------------------------------------------ the evening

    def reports(self, at_ms: int) -> None:
        """Merchants report what they have put right."""
        for order in self._orders:
            if order.heeded and order.merchant.key is not None:
                body = {"order": order.id, "what": "已整改 Put right"}
                self._player.say(
                    [order.merchant.key], "rectification.reported", order.merchant.code, body, at_ms
                )

    def evening(self, day: date, at_ms: int) -> None:
        """Supervisors confirm (what was left lying, a day late), lift cards; offices answer."""
        kept = []
        for order in self._orders:
            if order.heeded or order.day < day:
                self._player.say(
                    [order.officer],
                    "rectification.confirmed",
                    order.merchant.code,
                    {"order": order.id},
                    at_ms,
                )
            else:
                kept.append(order)
        self._orders = kept
        open_checks = {order.check for order in kept}
        waiting = []
        for card, merchant, officer, check in self._cards:
            if check in open_checks:
                waiting.append((card, merchant, officer, check))
                continue
            body = {"card": card, "reason": "已整改 Put right"}
            self._player.say([officer], "card.lifted", merchant.code, body, at_ms + MINUTE)
            merchant.closed = False
        self._cards = waiting
        for notice, code, office in self._waiting:
            body = {"notice": notice, "answer": "已阅 Noted"}
            self._player.say([self._offices[office]], "notice.acknowledged", code, body, at_ms + 2 * MINUTE)
        self._waiting = []


def _week(day: date) -> int:
    year, week, _ = day.isocalendar()
    return year * 100 + week
