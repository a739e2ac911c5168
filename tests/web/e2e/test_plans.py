"""Plans on the phone: announced, drawn, checked, put right; and voided by two where the secret is lost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from hashlib import sha256
from typing import Any

import pytest
from playwright.sync_api import Page, Request, expect

from tests.cli.runner import Custody
from tests.custody.supervised import filler
from tests.custody.world import M1, M2, M3
from tests.web.browser import Chromium
from tests.web.e2e.conftest import Stage, staged
from tests.web.e2e.served import Phone, now_ms, today
from tests.web.e2e.test_merchant import PHOTO
from tests.web.e2e.test_pages import look_at
from tests.web.e2e.test_supervisor import latest, officer, sign, street

pytestmark = pytest.mark.slow

SECRETS = """() => new Promise((done, fail) => {
  const opening = indexedDB.open('custody');
  opening.onerror = () => fail(opening.error);
  opening.onsuccess = () => {
    const keys = opening.result.transaction('keys').objectStore('keys');
    const names = keys.getAllKeys();
    names.onsuccess = () => {
      const mine = names.result.filter((one) => String(one).startsWith('plan-secret '));
      const values = keys.getAll(IDBKeyRange.bound('plan-secret ', 'plan-secret ~'));
      values.onsuccess = () => done(mine.map((_one, at) => values.result[at].secret));
    };
  };
})"""


@pytest.fixture(scope="module")
def streets(chromium: Chromium, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    yield from staged(chromium, tmp_path_factory.mktemp("street"), street)


def announce(page: Page, *, week: int = 0, by: tuple[str, ...] = ("officer-1",)) -> None:
    """Fill the form for this week and today, or the week to come."""
    form = page.locator("#announce")
    form.locator("[name=week]").select_option(index=week)
    for one in form.locator("input[name=officer]").all():
        one.set_checked(one.get_attribute("value") in by)
    wanted = str(date.fromisoformat(today()).isoweekday()) if week == 0 else "3"
    for one in form.locator("input[name=day]").all():
        if one.is_enabled():
            one.set_checked(one.get_attribute("value") == wanted)
    form.locator("[name=after]").fill("1")
    form.locator("button.primary").click()


def test_a_plan_is_announced_and_drawn_on_the_phone_and_leads_to_what_is_put_right(
    streets: Stage, chromium: Chromium
) -> None:
    phone, world = officer(streets, "officer", "officer-1"), streets.world
    page, sent = phone.page, []

    def note(request: Request) -> None:
        sent.append(request.post_data or "")

    phone.context.on("request", note)
    announcement, secret = announced_here(streets, phone)
    world.now = now_ms()
    filler(world)
    phone.open("/")
    expect(page.locator("#duties")).to_contain_text("的抽查可以抽取")
    phone.open("/plans")
    one = page.locator(f"[data-plan='{announcement}']")
    expect(one).to_have_attribute("data-state", "ready")
    assert not [body for body in sent if secret in body]  # it has never left the phone
    one.locator("[data-draw]").click()
    page.locator("dialog.sheet").wait_for()
    assert look_at(phone, "zh-officer-draw") == []
    sign(page)
    phone.outcome("accepted")
    drawn = latest(streets, "plan.drawn").statement
    assert drawn.body["announcement"] == announcement and drawn.body["checks"] == 3
    page.locator(".outcome [data-proved]").wait_for()
    phone.open("/plans")
    page.locator("#ended summary").click()
    expect(page.locator("#ended [data-state=drawn]")).to_have_count(1)
    assert page.evaluate(SECRETS) == []  # its draw is proved to be in the ledger
    phone.context.remove_listener("request", note)

    phone.open("/plan")
    expect(page.locator("#today > li")).to_have_count(3)
    assert {one.get_attribute("data-merchant") for one in page.locator("#today > li").all()} == {M1, M2, M3}
    order = checked_and_ordered(streets, phone)
    shop = streets.merchant("shop", M1)
    reported(shop, order)
    confirmed(phone, order)
    entry = latest(streets, "rectification.confirmed")
    assert entry.statement.body["order"] == order and entry.statement.merchant == M1
    custody = Custody(streets.folder / "ledger")
    assert custody.ok("verify", "--json").json["verdict"] == "intact"
    states = custody.ok("plan", "show", "--json").json["plans"][0]["states"]
    assert (states["done"], states["due"]) == (1, 2)


def announced_here(stage: Stage, phone: Phone) -> tuple[str, str]:
    """The announcement's id and the secret behind its commitment, which waits on the phone."""
    page = phone.page
    phone.open("/")
    expect(page.locator("#duties")).to_contain_text("请发布下周")
    phone.open("/plans")
    announce(page)
    assert "秘密值摘要" in page.locator("dialog.sheet").inner_text()
    sign(page)
    phone.outcome("accepted")
    announced: Any = latest(stage, "plan.announced").statement
    (secret,) = page.evaluate(SECRETS)
    assert sha256(bytes.fromhex(secret)).hexdigest() == announced.body["commitment"]
    assert announced.body["seed_size"] == stage.world.size + 1
    phone.open("/settings")
    expect(page.locator("#secrets li")).to_have_count(1)
    phone.open("/plans")
    expect(page.locator(f"[data-plan='{announced.id}']")).to_have_attribute("data-state", "waiting")
    assert page.locator("[data-draw]").count() == 0
    return announced.id, secret


def checked_and_ordered(stage: Stage, phone: Phone) -> str:
    """A check out of the plan in which goods are missing, and the order to put that right."""
    page = phone.page
    page.locator(f"#today [data-merchant='{M1}'] a").click()
    page.locator("#all").click()
    page.locator("[data-batch=B1] input").fill("10")
    page.locator("#form .actions.stick button").click()
    page.locator("#review button.primary").click()
    sign(page)
    phone.outcome("accepted")
    page.locator("[data-order=stock_differs] summary").click()
    page.locator("[data-order=stock_differs] button.primary").click()
    sign(page)
    page.locator("[data-kind='rectification.ordered'] [data-state=accepted]").wait_for()
    return str(latest(stage, "rectification.ordered").statement.id)


def reported(shop: Phone, order: str) -> None:
    """The merchant's report, with a photo."""
    page = shop.open("/orders")
    one = page.locator(f"[data-order='{order}']")
    one.locator("[name=what]").fill("已找到，重新上架")
    data = bytes(page.evaluate(PHOTO))
    one.locator("input[type=file]").set_input_files(
        {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": data}
    )
    one.locator("button.primary").click()
    sign(page)
    shop.outcome("accepted")


def confirmed(phone: Phone, order: str) -> None:
    """The officer opens the photo, and confirms."""
    page = phone.open("/orders")
    one = page.locator(f"[data-order='{order}']")
    picture = one.locator("[data-file] img")
    picture.wait_for()
    assert page.evaluate("(one) => one.naturalWidth", picture.element_handle()) > 500
    one.locator("[data-file] button").click()
    page.locator("dialog img.whole").wait_for()
    assert look_at(phone, "zh-officer-evidence") == []
    page.locator("dialog button").click()
    one.locator("summary").first.click()
    one.locator("button.primary").first.click()
    sign(page)
    phone.outcome("accepted")


def test_evidence_that_is_not_there_is_said_so(streets: Stage, chromium: Chromium) -> None:
    phone = officer(streets, "officer", "officer-1")
    page = phone.page
    phone.context.route(
        "**/blobs/sha256/**", lambda route: route.fulfill(body=b"another", content_type="image/jpeg")
    )
    ask = {
        "id": "x", "index": 1, "merchant": M1, "name": "商户", "grid": "east", "address": "", "code": "stock_differs",
        "subject": None, "what": "查明", "ordered_at": "2026-01-01T00:00:00Z", "deadline": "2026-01-01T00:00:00Z",
        "state": "reported", "overdue": True, "checked_again": None,
        "reports": [{"index": 1, "what": "已改", "evidence": [{"sha256": "0" * 64}]}],
    }  # fmt: skip
    phone.context.route("**/api/duty/orders", lambda route: route.fulfill(json={"as_of": 1, "orders": [ask]}))
    phone.open("/orders")
    expect(page.locator("[data-file][data-missing]")).to_contain_text("与签名所指不同")
    phone.context.unroute("**/blobs/sha256/**")
    phone.open("/orders")
    expect(page.locator("[data-file][data-missing]")).to_contain_text("尚未传到服务器")
    phone.context.unroute("**/api/duty/orders")


def test_a_plan_whose_secret_is_lost_is_voided_by_two_and_not_announced_again_by_the_same(
    streets: Stage, chromium: Chromium
) -> None:
    first, second = (
        officer(streets, "officer", "officer-1"),
        officer(streets, "second", "officer-2", "east/1"),
    )
    page = first.open("/plans")
    announce(page, week=1, by=("officer-1", "officer-2"))
    sign(page)
    first.outcome("accepted")
    announced = latest(streets, "plan.announced").statement

    other = second.open("/plans")
    one = other.locator(f"[data-plan='{announced.id}']")
    expect(one.locator("[data-secret]")).to_have_attribute("data-secret", "0")
    assert other.locator("#announce").count() == 0 and "全台账" in other.locator("#new").inner_text()
    one.locator("[data-void] summary").click()
    one.locator("[name=reason]").fill("手机丢失")
    one.locator("button.primary").click()
    sign(other)
    other.locator(".outcome [data-state=cosign]").wait_for()
    page = first.open("/cosign")
    expect(page.locator("li.wait")).to_contain_text(announced.body["week"])
    page.locator("li.wait button.primary").click()
    sign(page)
    first.outcome("accepted")
    voided = latest(streets, "plan.voided")
    assert voided.statement.body == {"announcement": announced.id, "reason": "手机丢失"}
    assert len(voided.signatures) == 2

    page = first.open("/plans")
    page.locator("#ended summary").click()
    expect(page.locator(f"#ended [data-plan='{announced.id}']")).to_have_attribute("data-state", "voided")
    size = streets.world.size
    announce(page, week=1)
    expect(page.locator("#result .notice.bad")).to_contain_text("作废")  # refused, and nothing was signed
    assert page.locator("dialog").count() == 0 and streets.world.size == size


@pytest.mark.parametrize("language", ["zh-CN", "en-GB"])
def test_the_pages_of_plans_fit(streets: Stage, chromium: Chromium, language: str) -> None:
    phone = officer(streets, f"look-{language}", "officer-1", language=language)
    page = phone.open("/plans")
    page.locator("#announce").wait_for()
    for one in page.locator("summary").all():
        one.click()
    wrong = look_at(phone, f"{language[:2]}-officer-plans")
    phone.open("/")
    page.wait_for_load_state("networkidle")
    assert wrong + look_at(phone, f"{language[:2]}-officer-home") == []
