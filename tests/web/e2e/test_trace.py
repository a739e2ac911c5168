"""A batch that went through thirty hands: its way on a phone and at a desk, in both languages, light and dark."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import expect
from stdnum.cn import uscc

from ledger.custody.home import LOG_KEY, Home
from tests.custody.world import DAY, HOUR, M1, World, key
from tests.web.browser import Chromium
from tests.web.e2e.overseen import Overseen
from tests.web.e2e.served import HEIGHT, WIDTH, Phone, now_ms
from tests.web.e2e.test_pages import look_at

pytestmark = pytest.mark.slow

SHOPS = 30
WAY_HOME = 3
"""Handovers that nobody has answered."""


def travelled(world: World) -> list[str]:
    """B9 goes from M1 to thirty shops in one afternoon; most accept and sell, and from the last it goes on by hops."""
    shops = [_shop(world, number) for number in range(SHOPS)]
    world.receive("B9", "100")
    sent = [world.hand_over("B9", "3", to=shop) for shop in shops]
    world.later(HOUR)
    for shop, one in list(zip(shops, sent, strict=True))[:-WAY_HOME]:
        world.must(world.accept(one.id, "B9", "3", merchant=shop))
    world.later(HOUR)
    for shop in shops[:10]:
        world.must(world.sell("B9", "3", merchant=shop))
    for sender, to in pairwise(shops[12:21]):
        world.later(HOUR // 2)
        one = world.hand_over("B9", "2", sender=sender, to=to)
        world.must(world.accept(one.id, "B9", "2", merchant=to))
    return shops


def _shop(world: World, number: int) -> str:
    start = f"92410104MACU9{number:04d}"
    code = start + str(uscc.calc_check_digit(start))
    world.enroll(code, "east/1/01")
    world.keys[code] = key(f"shop {number}")
    world.grant(world.keys[code], "merchant", code)
    return code


class Travelled(Overseen):
    """A stage on that ledger."""

    def __init__(self, chromium: Chromium, folder: Path) -> None:
        self.chromium, self.folder = chromium, folder
        self.world = World(folder / "ledger", set_up=False)
        self.world.now = now_ms() - DAY
        self.world._set_up()
        self.shops = travelled(self.world)
        self.world.now = now_ms()
        log = self.world.log_key
        Home(folder / "ledger").keyring.add(LOG_KEY, log.to_pem(None), log.public.text)
        self.serve()


@pytest.fixture
def stage(chromium: Chromium, tmp_path: Path) -> Iterator[Travelled]:
    with Travelled(chromium, tmp_path) as made:
        yield made


@pytest.mark.parametrize("language", ["zh-CN", "en-GB"])
def test_thirty_merchants_can_be_followed(stage: Travelled, chromium: Chromium, language: str) -> None:
    phone = stage.device("auditor", "auditor", language=language)
    page = phone.open("/trace/B9")
    page.locator(".lines-of-way > li").first.wait_for()
    runs = page.locator(".lines-of-way > li[data-run]")
    assert [int(one) for one in runs.evaluate_all("all => all.map((one) => one.dataset.run)")][:3] == [
        30,
        27,
        10,
    ]
    wrong = _looks(phone, f"{language[:2]}-trace-30")
    runs.first.locator("button").click()
    assert page.locator(".lines-of-way > li[data-line]").count() >= SHOPS
    expect(runs.first.locator("button")).to_be_focused()
    expect(runs.first.locator("button")).to_have_attribute("aria-expanded", "true")
    assert page.locator("svg.trace path.open").count() == WAY_HOME
    assert page.locator("svg.trace a path").count() >= SHOPS
    assert page.locator("svg.trace [style]").count() == 0
    wrong += _looks(phone, f"{language[:2]}-trace-30-open")
    holder = page.locator(f"[data-holder='{stage.shops[0]}']")
    assert holder.locator("a").count() == 2  # from and until, each with its proof
    expect(page.locator(f"[data-holder='{M1}']")).to_contain_text("10")  # what it still has
    page.locator(".lines-of-way > li[data-line] a").nth(1).click()
    page.locator("[data-proof=holds]").wait_for()
    assert wrong == []


def _looks(phone: Phone, name: str) -> list[str]:
    wrong: list[str] = []
    for scheme in ("light", "dark"):
        phone.page.emulate_media(color_scheme=scheme)
        wrong += look_at(phone, f"{name}-{scheme}")
        phone.page.set_viewport_size({"width": 1280, "height": 800})
        wrong += look_at(phone, f"{name}-{scheme}-wide")
        phone.page.set_viewport_size({"width": WIDTH, "height": HEIGHT})
    return wrong
