"""What was signed and not sent: whatever breaks, it arrives once and in order, and what is lost is said."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from playwright.sync_api import Error, Route, expect

from tests.custody.world import M1, kg, receipt
from tests.web.browser import Chromium
from tests.web.e2e.conftest import Stage
from tests.web.e2e.served import Phone

pytestmark = pytest.mark.slow

PROBLEM = "application/problem+json"


def ready(phone: Phone) -> None:
    """The form is filled with what it takes to work without network."""
    phone.open("/disinfect").wait_for_function("() => document.querySelector('#where').value !== ''")


def disinfect(phone: Phone, place: str) -> None:
    ready(phone)
    phone.page.fill("#where", place)
    phone.sign()
    phone.page.locator(".outcome [data-state]").wait_for()


def body_of(route: Route) -> Any:
    return json.loads(b64decode(json.loads(route.request.post_data or "{}")["payload"]))


def failing(
    test: Callable[[Any], bool], status: int, answer: dict[str, Any] | str
) -> Callable[[Route], None]:
    """Answers so to the statements for which `test` holds; the others reach the server."""
    text, media = (answer, "text/html") if isinstance(answer, str) else (json.dumps(answer), PROBLEM)

    def handle(route: Route) -> None:
        if test(body_of(route)):
            route.fulfill(status=status, body=text, content_type=media)
        else:
            route.continue_()

    return handle


def places(stage: Stage, since: int) -> list[str]:
    """What was disinfected, by entry, from an entry on."""
    said = (stage.world.ledger.entry(index).statement for index in range(since, stage.world.size))
    return [str(one.body["place"]) for one in said if one.kind == "disinfection.logged"]


def wait_for(phone: Phone, test: Callable[[], bool], seconds: float = 30) -> None:
    for _ in range(int(seconds * 10)):
        if test():
            return
        phone.page.wait_for_timeout(100)
    raise AssertionError("it did not come about")


def test_one_that_the_server_fails_on_keeps_back_only_what_rests_on_it(
    stage: Stage, chromium: Chromium
) -> None:
    stage.desk.say("goods.received", M1, receipt("S1", "10"), stage.world.k1)
    phone = stage.merchant("stuck", M1)
    phone.no_background()
    phone.open("/goods/out").locator("[data-batch=S1]").wait_for()
    phone.offline()
    for amount in ("1", "2"):
        phone.open("/goods/out").fill("[data-batch=S1] input", amount)
        phone.sign()
        phone.outcome("waiting")
    disinfect(phone, "后仓")
    size = stage.world.size

    posted: list[str] = []

    def first(said: Any) -> bool:
        posted.append(str(said["kind"]))
        return bool(said["body"].get("lines", [{}])[0].get("quantity") == kg("1"))

    full = {"code": "StoreFull", "title": "存储已满", "detail": "没有空间", "status": 507}
    phone.context.route("**/statements", failing(first, 507, full))
    page = phone.open("/queue")
    phone.offline(False)
    stuck = page.locator("[data-stuck]")
    while not stuck.is_visible():
        page.locator("#send").click()
        page.wait_for_timeout(200)
    expect(page.locator("[data-state=accepted]")).to_have_count(1)
    assert posted[:4] == ["goods.sold", "goods.sold", "goods.sold", "disinfection.logged"]
    expect(stuck).to_contain_text("存储已满：没有空间")
    expect(page.locator("#stuck")).to_be_visible()
    expect(page.locator("[data-behind]")).to_contain_text("销售")
    expect(page.locator("#queue-count")).to_have_class("count bad")
    phone.picture("zh-queue-stuck")
    assert places(stage, size) == ["后仓"]
    assert stage.world.held("S1", M1) == 10_000_000
    with page.expect_download() as saved:
        stuck.locator("button").click()
    assert json.loads(saved.value.path().read_text())["payloadType"].startswith("application/vnd.custody")
    phone.context.unroute("**/statements")
    page.locator("#send").click()
    expect(page.locator("[data-state=accepted]")).to_have_count(3)
    expect(page.locator("#stuck")).to_have_count(0)
    bodies: list[Any] = [stage.world.ledger.entry(size + at).statement.body for at in (1, 2)]
    assert [one["lines"][0]["quantity"] for one in bodies] == [kg("1"), kg("2")]


def test_what_is_not_the_ledgers_answer_is_no_refusal(stage: Stage, chromium: Chromium) -> None:
    phone = stage.merchant("portal", M1)
    phone.no_background()
    disinfect(phone, "门厅")
    for status, answer in ((403, "<h1>Sign in to this network</h1>"), (200, "<h1>Welcome</h1>"), (200, "{}")):
        phone.context.route("**/statements", failing(lambda said: True, status, answer))
        size = stage.world.size
        disinfect(phone, f"{status}")
        page = phone.open("/queue")
        expect(page.locator("#items li").first.locator("[data-state=waiting]")).to_be_visible()
        phone.context.unroute("**/statements")
        phone.open("/queue")
        expect(page.locator("#items li").first.locator("[data-state=accepted]")).to_be_visible()
        assert places(stage, size) == [f"{status}"]


def test_a_phone_that_dies_while_it_sends_has_sent_once(stage_alone: Stage, chromium: Chromium) -> None:
    stage = stage_alone
    phone = stage.merchant("shop", M1)
    phone.no_background()
    phone.open("/disinfect")
    size = stage.world.size
    taken: list[int] = []

    def die(route: Route) -> None:
        taken.append(route.fetch().status)
        phone.kill()

    phone.context.route("**/statements", die)
    phone.sign()
    with suppress(Error):  # the page is gone
        wait_for(phone, lambda: bool(taken))
    phone.revive()
    page = phone.open("/queue")
    expect(page.locator("[data-state=accepted]")).to_have_count(1)
    assert stage.world.size == size + 1 and taken == [201]
