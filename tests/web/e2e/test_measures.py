"""Cards lifted, sealed goods released, recalls answered by who has nothing left and followed by office and officer."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.cli.runner import Custody
from tests.custody.supervised import MARKET, card, check, order, supervise
from tests.custody.supervised import officer as said_by_officer
from tests.custody.world import HOUR, M1, M2, M3, World
from tests.web.browser import Chromium
from tests.web.e2e.conftest import Stage, staged
from tests.web.e2e.served import Desk, Phone
from tests.web.e2e.test_merchant import PHOTO
from tests.web.e2e.test_pages import look_at
from tests.web.e2e.test_supervisor import latest, officer, sign

pytestmark = pytest.mark.slow


def measured(world: World) -> None:
    """M1 has a card and an open order; W1 and W2 are sealed at M3; B1 is recalled, of which M2 has sold all it got."""
    supervise(world, rectification_same_day=False)
    world.receive("B1", "12.5")
    sent = world.hand_over("B1", "4")
    world.must(world.accept(sent.id, "B1", "4"))
    world.must(world.sell("B1", "4", merchant=M2))
    first = check(world)
    world.must(order(world, first.id, deadline=world.time(HOUR)))
    world.must(card(world, first.id))
    for batch in ("W1", "W2", "W3"):
        world.receive(batch, "3", merchant=M3)
    for batch in ("W1", "W2"):
        world.must(
            said_by_officer(world, "goods.sealed", {"batch": batch, "reason": "无中文标签"}, merchant=M3)
        )
    body = {"batch": "B1", "reason": "检出问题", "answer_by": world.time(24 * HOUR)}
    world.must(said_by_officer(world, "recall.ordered", body))


@pytest.fixture(scope="module")
def held(chromium: Chromium, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    yield from staged(chromium, tmp_path_factory.mktemp("held"), measured)


def office(stage: Stage, language: str = "zh-CN") -> Phone:
    """The market office's phone."""
    there = next((one for one in stage.phones if one.profile.name == f"office-{language}"), None)
    if there is not None:
        return there
    desk = Desk(stage.world, stage.served, stage.world.operator)
    phone = stage.phone(f"office-{language}", language=language)
    phone.enrol(desk, "office", MARKET)
    desk.http.close()
    return phone


@pytest.mark.parametrize("language", ["zh-CN", "en-GB"])
def test_the_pages_of_measures_fit(held: Stage, chromium: Chromium, language: str) -> None:
    phone, desk = officer(held, f"look-{language}", "officer-1", language=language), office(held, language)
    wrong = []
    for path in ("/cards", "/seals", "/recalls"):
        for who, one in (("officer", phone), ("office", desk)):
            if who == "office" and path != "/recalls":
                continue
            page = one.open(path)
            page.locator("#items > li.card").first.wait_for()
            for summary in page.locator("summary:visible").all():
                summary.click()
            wrong += look_at(one, f"{language[:2]}-{who}-{path[1:]}")
    assert wrong == []


def test_a_card_is_lifted_once_the_orders_of_its_check_are_confirmed(held: Stage, chromium: Chromium) -> None:
    phone = officer(held, "officer", "officer-1")
    page = phone.open("/cards")
    one = page.locator("[data-card]")
    expect(one.locator("[data-missing]")).to_have_attribute("data-missing", "1")
    assert (
        "立即消毒" in one.inner_text() and "未消毒" in one.inner_text() and one.locator("form").count() == 0
    )
    given = latest(held, "rectification.ordered").statement
    held.desk.say("rectification.reported", M1, {"order": given.id, "what": "已消毒"}, held.world.k1)
    held.desk.say("rectification.confirmed", M1, {"order": given.id})
    phone.open("/cards")
    one.locator("button.primary").click()
    assert "请说明如何改好" in one.locator(".complaint").inner_text()
    one.locator("[name=reason]").fill("复查合格")
    one.locator("button.primary").click()
    sign(page)
    phone.outcome("accepted")
    lifted, shown = latest(held, "card.lifted").statement, latest(held, "card.issued").statement
    assert (lifted.merchant, lifted.body["card"], lifted.body["reason"]) == (M1, shown.id, "复查合格")
    phone.open("/cards")
    expect(page.locator("#items .notice.good")).to_have_count(1)
    standing = Custody(held.folder / "ledger").ok("card", "list", "--standing", "--json").json
    assert standing["cards"] == []


def test_sealed_goods_are_released_and_a_refusal_comes_before_the_signature(
    held: Stage, chromium: Chromium
) -> None:
    phone = officer(held, "officer", "officer-1")
    page = phone.open("/seals")
    expect(page.locator("[data-seal]")).to_have_count(2)
    seals = {
        one.statement.body["batch"]: one.statement
        for one in held.world.entries()
        if one.statement.kind == "goods.sealed"
    }
    held.desk.say("goods.released", M3, {"seal": seals["W2"].id, "reason": "已更正"})
    for batch in ("W2", "W1"):
        box = page.locator(f"[data-release={batch}]")
        box.locator("summary").click()
        box.locator("[name=reason]").fill("标签已更正")
    size = held.world.size
    page.locator("[data-release=W2] button.primary").click()
    expect(page.locator("#result .notice.bad")).to_contain_text("解除")
    assert page.locator("dialog").count() == 0 and held.world.size == size
    page.locator("[data-release=W1] button.primary").click()
    sign(page)
    phone.outcome("accepted")
    released = latest(held, "goods.released").statement
    assert (released.merchant, released.body["seal"]) == (M3, seals["W1"].id)
    phone.open("/seals")
    expect(page.locator("#items .notice.good")).to_have_count(1)
    page.locator("#place summary").click()
    page.fill("#batch", "W3")
    page.fill("#reason", "来源不明")
    page.locator("#seal button.primary").click()
    sign(page)
    phone.outcome("accepted")
    assert latest(held, "goods.sealed").statement.body == {"batch": "W3", "reason": "来源不明"}


def test_a_recall_is_answered_by_who_has_nothing_left_and_the_office_sees_who_has_not(
    held: Stage, chromium: Chromium
) -> None:
    shop, desk = held.merchant("second-shop", M2), office(held)
    page = desk.open("/")
    expect(page.locator("[data-todo]").last).to_contain_text("2 件召回未答复")
    mine = shop.open("/orders")
    one = mine.locator("[data-recall]")
    expect(one.locator("[name=found]")).to_have_value("0")
    expect(one.locator("[name=sold]")).to_have_value("4")
    one.locator("[name=note]").fill("全部售给散客，已贴告示")
    data = bytes(mine.evaluate(PHOTO))
    one.locator("input[type=file]").set_input_files(
        {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": data}
    )
    one.locator("button.primary").click()
    sign(mine)
    shop.outcome("accepted")
    answered = latest(held, "recall.answered").statement
    assert answered.merchant == M2 and answered.body["found"] == {"unit": "kg", "value": "0"}
    assert (answered.body["sold"]["value"], answered.body["note"]) == ("4", "全部售给散客，已贴告示")
    shop.open("/orders")
    expect(mine.locator("#items")).to_be_visible()
    assert mine.locator("[data-recall]").count() == 0
    page = desk.open("/recalls")
    recall = page.locator(f"[data-recall='{answered.body['recall']}']")
    expect(recall.locator("[data-unanswered]")).to_have_attribute("data-unanswered", "1")
    expect(recall.locator(f"[data-unanswered] [data-merchant='{M1}']")).to_have_count(1)
    recall.locator("summary").click()
    expect(recall.locator(f"[data-answered='{M2}']")).to_contain_text("已贴告示")
    recall.locator(f"[data-answered='{M2}'] [data-file] img").wait_for()
    assert page.locator("#order").is_hidden()


def test_an_officer_orders_a_recall(held: Stage, chromium: Chromium) -> None:
    phone = officer(held, "officer", "officer-1")
    page = phone.open("/recalls")
    page.locator("#order summary").click()
    size = held.world.size
    page.fill("#batch", "B1")
    page.fill("#reason", "同批检出")
    page.locator("#order button.primary").click()
    expect(page.locator("#result .notice.bad")).to_contain_text("召回")  # it is recalled already
    assert page.locator("dialog").count() == 0 and held.world.size == size
    page.fill("#batch", "W3")
    page.locator("#order button.primary").click()
    sign(page)
    phone.outcome("accepted")
    ordered = latest(held, "recall.ordered").statement
    assert (ordered.merchant, ordered.body["batch"]) == (M3, "W3")
