"""A merchant's day on a phone, against the real server."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Route, expect

from tests.custody.world import M1, M2, kg, receipt
from tests.web.browser import Chromium
from tests.web.e2e.conftest import Stage
from tests.web.e2e.served import Phone

pytestmark = pytest.mark.slow


def test_disinfection_is_done_in_three_taps(stage: Stage, chromium: Chromium) -> None:
    phone = stage.merchant("shop", M1)
    page = phone.open("/")
    page.locator("a.tile[href='/disinfect']").click()
    phone.page.wait_for_load_state()
    phone.sign()
    assert "台账第" in phone.outcome("accepted")


def test_pages_change_their_language_without_network(stage: Stage, chromium: Chromium) -> None:
    phone = stage.merchant("shop", M1)
    page = phone.open("/settings")
    expect(page.locator("h1")).to_have_text("设置")
    phone.offline()
    page.locator("#language").click()
    expect(page.locator("h1")).to_have_text("Settings")
    page.locator("#language").click()
    expect(page.locator("h1")).to_have_text("设置")


PHOTO = (
    "() => new Promise((done) => { const c = document.createElement('canvas'); c.width = 2000; c.height = 1500;"
    "const p = c.getContext('2d'); p.fillStyle = '#8a6'; p.fillRect(0, 0, 2000, 1500); p.fillStyle = '#000';"
    "p.font = '200px serif'; p.fillText('Certificate', 100, 700);"
    "c.toBlob((b) => b.arrayBuffer().then((a) => done([...new Uint8Array(a)])), 'image/jpeg'); })"
)


def receive(phone: Phone, name: str, batch: str, amount: str, *, photo: bool = False) -> None:
    """Fill the form of goods in."""
    page = phone.page
    page.fill("[name=supplier]", "Frutas Andinas SpA")
    page.fill("[name=country]", "cl")
    page.fill("[name=unloading_place]", "后门")
    page.fill("[name=unloading_method]", "人工")
    page.fill("[data-name=name]", name)
    page.fill("[data-name=value]", amount)
    page.fill("[data-name=batch]", batch)
    page.fill("[name=paper1_number]", "460120261000000123")
    if photo:
        data = bytes(page.evaluate(PHOTO))
        page.set_input_files(
            ".paper input[type=file]", {"name": "DSC_1.jpg", "mimeType": "image/jpeg", "buffer": data}
        )


def test_goods_logged_without_network_survive_a_restart_and_arrive_once(
    stage: Stage, chromium: Chromium
) -> None:
    phone = stage.merchant("shop", M1)
    page = phone.open("/goods/in")
    expect(page.locator("[data-name=zone]")).to_have_value("D1")
    size = stage.world.size
    phone.verified(size)
    phone.offline()
    page = phone.open("/goods/in")
    expect(page.locator("[data-name=zone]")).to_have_value("D1")
    receive(phone, "智利车厘子", "B-7", "12.50", photo=True)
    page.locator("form button.primary").click()
    page.locator("dialog.sheet").wait_for()
    phone.picture("zh-sign")
    page.locator("dialog.sheet button.primary").click()
    assert "待发送" in phone.outcome("waiting")
    stage.down()  # a browser that starts sends what waits before it can be told that it is offline
    phone.restart()
    phone.offline()
    page = phone.open("/queue")
    expect(page.locator("[data-state=waiting]")).to_have_count(1)
    assert "智利车厘子" in (page.locator("#items li").first.text_content() or "")
    assert stage.world.size == size
    stage.up()
    phone.offline(False)  # which is enough: what waits goes out by itself
    expect(page.locator("[data-state=waiting]")).to_have_count(0)
    assert stage.world.size == size + 1
    entry = stage.world.ledger.entry(size)
    body: Any = entry.statement.body
    assert body["lines"][0]["quantity"] == {"unit": "kg", "value": "12.5"}
    assert entry.statement.seen is not None and entry.statement.seen.size == size
    photo = body["documents"][0]["attachment"]
    assert (
        stage.folder / "ledger/blobs/sha256" / photo["sha256"][:2] / photo["sha256"][2:]
    ).stat().st_size == photo["bytes"]
    assert photo["name"] == "photo-1.jpg"
    page = phone.open("/holdings")
    expect(page.locator("#items")).to_contain_text("12.5 千克")


def test_goods_are_handed_over_to_a_second_phone_which_accepts_some(stage: Stage, chromium: Chromium) -> None:
    stage.desk.say("goods.received", M1, receipt("H1", "10"), stage.world.k1)
    sender, receiver = stage.merchant("shop", M1), stage.merchant("receiver", M2)
    page = sender.open("/goods/out")
    page.check("input[value=handed]")
    page.fill("#to", M2.lower())
    page.fill("[data-batch=H1] input", "40")
    page.locator("form button.primary").click()
    assert "库存只有 10 千克" in page.locator(".complaint").inner_text()
    page.fill("[data-batch=H1] input", "4")
    sender.sign()
    sender.outcome("accepted")
    page = receiver.open("/goods/accept")
    page.fill("[name=accepted]", "3")
    page.locator("form button.primary").click()
    assert "合计应为 4 千克" in page.locator(".complaint").inner_text()
    page.fill("[name=missing]", "1")
    receiver.sign()
    receiver.outcome("accepted")
    assert stage.world.held("H1", M1) == 6_000_000
    assert stage.world.held("H1", M2) == 3_000_000


def test_what_the_ledger_contradicts_is_shown_before_it_is_attested(stage: Stage, chromium: Chromium) -> None:
    stage.desk.say("goods.received", M1, receipt("W1", "10", supplier={"name": "?"}), stage.world.k1)
    phone = stage.merchant("shop", M1)
    page = phone.open("/clears")
    assert "来源不明：W1" in page.locator("[data-against=source]").inner_text()
    assert not page.locator("input[value=yes]").is_checked()
    page.locator("form button.primary").click()
    assert "请说明" in page.locator(".complaint").inner_text()
    page.fill("[data-item=source] .field input", "供货方未留地址")
    phone.sign()
    phone.outcome("accepted")
    body = stage.world.ledger.entry(stage.world.size - 1).statement.body
    assert body["items"] == [{"clear": False, "code": "source", "note": "供货方未留地址"}]


def test_a_refused_statement_says_why_and_does_not_stop_the_next(stage: Stage, chromium: Chromium) -> None:
    stage.desk.say("goods.received", M1, receipt("R1", "10"), stage.world.k1)
    phone = stage.merchant("shop", M1)
    phone.open("/goods/out")
    phone.page.locator("[data-batch=R1]").wait_for()
    phone.open("/disinfect")
    phone.offline()
    page = phone.open("/goods/out")
    page.fill("[data-batch=R1] input", "8")
    phone.sign()
    phone.outcome("waiting")
    phone.open("/disinfect")
    phone.sign()
    phone.outcome("waiting")
    stage.desk.say(
        "goods.sold", M1, {"buyer": {"type": "consumers"}, "lines": [line("R1", "5")]}, stage.world.k1
    )
    page = phone.open("/queue")
    phone.offline(False)  # which is enough: what waits goes out by itself

    page.locator("[data-state=refused]").wait_for()
    phone.picture("zh-queue-refused")
    assert "R1" in page.locator("[data-state=refused]").inner_text()
    expect(page.locator("[data-state=waiting]")).to_have_count(0)
    expect(page.locator("#items li").first.locator("[data-state=accepted]")).to_be_visible()


def line(batch: str, value: str) -> dict[str, object]:
    return {"batch": batch, "quantity": kg(value)}


def test_characters_that_turn_words_round_are_seen(stage: Stage, chromium: Chromium) -> None:
    goods = receipt("TURNED", "5")
    goods["lines"][0]["name"] = "虾\u202egk 8"
    stage.desk.say("goods.received", M1, goods, stage.world.keys[M1])
    page = stage.merchant("shop", M1).open("/holdings")
    expect(page.locator("main")).to_contain_text("虾⟨U+202E⟩gk 8")


def test_a_statement_whose_answer_was_lost_is_sent_again_and_stands_once(
    stage_alone: Stage, chromium: Chromium
) -> None:
    stage = stage_alone
    phone = stage.merchant("shop", M1)
    phone.no_background()
    page = phone.open("/disinfect")
    size = stage.world.size
    swallowed: list[int] = []

    def swallow(route: Route) -> None:
        swallowed.append(route.fetch().status)
        route.abort()

    phone.context.route("**/statements", swallow)
    phone.sign()
    phone.outcome("waiting")
    expect(page.locator("#queue-count")).to_have_text("1")
    while not swallowed:
        page.wait_for_timeout(50)
    page.wait_for_function("() => navigator.locks.query().then(({ held }) => held.length === 0)")
    assert stage.world.size == size + 1
    phone.context.unroute("**/statements")
    phone.open("/queue")
    expect(page.locator("#items li").first.locator("[data-state=accepted]")).to_be_visible()
    assert stage.world.size == size + 1


def test_temperatures_of_a_cold_store_are_logged(stage: Stage, chromium: Chromium) -> None:
    phone = stage.merchant("shop", M1)
    page = phone.open("/temperature")
    expect(page.locator("#zone")).to_have_value("D1")
    for name, value in (("probe", "P1"), ("minimum", "3"), ("maximum", "2.50")):
        page.fill(f"[name={name}]", value)
    page.locator("form button.primary").click()
    assert "最低" in page.locator(".complaint").inner_text()
    page.fill("[name=minimum]", "-1.50")
    phone.sign()
    phone.outcome("accepted")
    entry = stage.world.ledger.entry(stage.world.size - 1).statement
    body: Any = entry.body
    assert (entry.kind, entry.merchant, body["zone"]) == ("temperature.logged", M1, "D1")
    assert (body["minimum"], body["maximum"], body["mean"]) == ("-1.5", "2.5", "0.5")


def test_the_commitment_letter_is_signed_once(stage: Stage, chromium: Chromium) -> None:
    phone = stage.merchant("shop", M1)
    page = phone.open("/papers")
    page.locator("[data-paper=commitment] button.primary").click()
    page.locator("dialog.sheet button.primary").click()
    phone.outcome("accepted")
    entry = stage.world.ledger.entry(stage.world.size - 1).statement
    assert (entry.kind, entry.merchant) == ("commitment.signed", M1)
    assert entry.body["title"] == "承诺书"
    phone.open("/papers")
    expect(page.locator("[data-paper=commitment] .notice.good")).to_have_count(1)
    assert page.locator("[data-paper=commitment] button").count() == 0
