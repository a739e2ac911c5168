"""A ledger that has been supervised for some days, its desks, and how a page of it is looked at.

with Overseen(chromium, tmp_path) as stage:
    office = stage.device("office", "office", MARKET)
"""

from __future__ import annotations

import re
from pathlib import Path
from types import TracebackType
from typing import Self

from ledger.custody.authoring import instant
from ledger.custody.home import LOG_KEY, Home
from tests.custody.supervised import STREET, card, check, notice, order, supervise
from tests.custody.world import DAY, HOUR, M1, M2, M3, World, receipt
from tests.web.browser import Chromium
from tests.web.e2e.conftest import Stage
from tests.web.e2e.served import HEIGHT, WIDTH, Desk, Phone, Served, now_ms
from tests.web.e2e.test_pages import look_at

LINE = {
    "origin_country": "CL",
    "brand": "Andes",
    "specification": "5 kg",
    "production_date": "2026-03-01",
    "best_before": "2099-03-01",
    "lot": "L9",
    "gtin": "6291041500213",
}


def overseen(world: World) -> None:
    """B1 goes from M1 to M2 and on; M1 is checked, told, ordered and shown a card; W is sealed; M3 is never checked."""
    supervise(world)
    body = receipt("B1", "12.5")
    body["lines"] = [body["lines"][0] | LINE]
    world.must(world.say(M1, "goods.received", body))
    world.receive("W", "3", merchant=M3)
    sent = world.hand_over("B1", "4")
    world.must(world.accept(sent.id, "B1", "3.5", missing="0.5"))
    world.must(world.sell("B1", "1"))
    world.must(world.sell("B1", "2", merchant=M2))
    world.hand_over("B1", "1", to=M3)  # on the way
    first = check(world)
    midnight = ((world.now + 8 * HOUR) // DAY + 1) * DAY - 8 * HOUR  # in China; the order is for the same day
    world.must(order(world, first.id, deadline=instant(min(world.now + HOUR, midnight - 1_000))))
    world.must(card(world, first.id))
    world.must(notice(world, first.id))
    world.must(notice(world, first.id, STREET, "unit"))
    seal = {"batch": "W", "reason": "无中文标签"}
    world.must(world.state([world.officer], "goods.sealed", M3, seal))
    world.later(2 * DAY)
    check(world)


class Overseen(Stage):
    """A stage on such a ledger, with an operator's desk, which invites offices and auditors."""

    def __init__(self, chromium: Chromium, folder: Path) -> None:
        self.chromium, self.folder = chromium, folder
        self.world = World(folder / "ledger", set_up=False)
        self.world.now = now_ms() - 2 * DAY - 60_000
        self.world._set_up()
        overseen(self.world)
        self.world.now = now_ms()
        key = self.world.log_key
        Home(folder / "ledger").keyring.add(LOG_KEY, key.to_pem(None), key.public.text)
        self.serve()

    def serve(self) -> None:
        self.served = Served(self.folder / "ledger")
        self.phones = []

    def __enter__(self) -> Self:
        self.served.start()
        self.desk = Desk(self.world, self.served, self.world.operator)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def device(self, name: str, role: str, scope: str = "*", *, language: str = "zh-CN") -> Phone:
        phone = self.phone(name, language=language)
        phone.enrol(self.desk, role, scope)
        return phone

    @property
    def vkey(self) -> str:
        return self.world.ledger.store.vkey


def looked(phone: Phone, name: str) -> list[str]:
    """What is wrong with the page that is open: on a phone, and for those at a desk also 1280 wide."""
    phone.page.wait_for_load_state("networkidle")
    wrong = look_at(phone, f"{phone.language[:2]}-{name}")
    if re.match("office|auditor", name):
        phone.page.set_viewport_size({"width": 1280, "height": 800})
        wrong += look_at(phone, f"{phone.language[:2]}-{name}-wide")
        phone.page.set_viewport_size({"width": WIDTH, "height": HEIGHT})
    return wrong
