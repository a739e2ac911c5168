"""What a phone does when the server is not the one it knew, and when it has no room."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Route, expect

from tests.custody.world import M1, ORIGIN, World
from tests.web.browser import Chromium
from tests.web.e2e.conftest import Stage
from tests.web.e2e.served import Phone, world_now

pytestmark = pytest.mark.slow


NOISE = (
    "() => new Promise((done) => { const c = document.createElement('canvas'); c.width = c.height = 300;"
    "const p = c.getContext('2d'); const i = p.createImageData(300, 300);"
    "for (let at = 0; at < i.data.length; at += 1) i.data[at] = (at * 2654435761) >>> (at % 24);"
    "p.putImageData(i, 0, 0);"
    "c.toBlob((b) => b.arrayBuffer().then((a) => done([...new Uint8Array(a)])), 'image/jpeg', 0.9); })"
)


FULL = """() => {
  window.put = IDBObjectStore.prototype.put;
  IDBObjectStore.prototype.put = function put(...given) {
    if (this.name === 'outbox') throw new DOMException('full', 'QuotaExceededError');
    return window.put.apply(this, given);
  };
}"""
"""What a full disk looks like to a page; Chromium's own limit cannot be set low enough for a test."""
PHOTOS = """() => new Promise((done) => {
  indexedDB.open('custody').onsuccess = ({ target }) => {
    target.result.transaction('photos').objectStore('photos').count().onsuccess = (event) => {
      target.result.close();
      done(event.target.result);
    };
  };
})"""


def rewritten(world: World) -> None:
    """Another history under the same log key, longer than the first."""
    for number in range(8):
        world.receive(f"X{number}", "1")


def test_a_rewritten_history_raises_the_alarm_and_nothing_is_signed(
    stage_alone: Stage, chromium: Chromium, tmp_path: Path
) -> None:
    phone = stage_alone.merchant("shop", M1)
    phone.open("/disinfect")
    other = world_now(tmp_path / "other", rewritten)
    stage_alone.served.instead(tmp_path / "other")
    page = phone.open("/disinfect")
    alarm = page.locator("#alarm")
    alarm.wait_for()
    assert "台账被改动" in alarm.inner_text()
    assert alarm.locator("pre").count() == 2
    assert all(f"{ORIGIN}\n" in text for text in alarm.locator("pre").all_inner_texts())
    phone.picture("zh-alarm")
    page.keyboard.press("Escape")
    assert alarm.is_visible()
    page = phone.open("/disinfect")  # it stands, whatever is opened
    alarm.wait_for()
    page.evaluate("document.querySelector('#alarm').remove(); document.querySelector('form').requestSubmit()")
    expect(page.locator("#result [role=alert]")).to_contain_text("不能签名")
    assert page.locator("dialog.sheet").count() == 0
    page = phone.open("/settings")
    alarm.wait_for()
    alarm.locator("button.primary").click()
    expect(page.locator("#checkpoint .notice")).to_contain_text("被改动")
    other.ledger.close()


def test_a_server_set_back_to_an_old_copy_raises_the_alarm(
    stage_alone: Stage, chromium: Chromium, tmp_path: Path
) -> None:
    phone = stage_alone.merchant("shop", M1)
    old = World(tmp_path / "old", set_up=False)
    old.now = stage_alone.world.now - 60_000
    old._set_up()
    shorter(old, phone, stage_alone, tmp_path)


def shorter(old: World, phone: Phone, stage: Stage, tmp_path: Path) -> None:
    from ledger.custody.home import LOG_KEY, Home

    Home(tmp_path / "old").keyring.add(LOG_KEY, old.log_key.to_pem(None), old.log_key.public.text)
    assert old.size < stage.world.size
    stage.served.instead(tmp_path / "old")
    page = phone.open("/disinfect")
    expect(page.locator("#alarm")).to_contain_text("比本机核验过的少")
    old.ledger.close()


def test_a_server_that_never_proves_its_checkpoints_raises_the_alarm(
    stage_alone: Stage, chromium: Chromium
) -> None:
    phone = stage_alone.merchant("shop", M1)
    page = phone.open("/settings")
    page.wait_for_load_state("networkidle")
    phone.context.route("**/consistency*", lambda route: route.abort())
    said = {"target": "premises", "place": "A", "agent": "B", "method": "C", "contact_minutes": 30}
    stage_alone.desk.say("disinfection.logged", M1, said, stage_alone.world.keys[M1])
    seen = 0
    while seen < 15 and page.locator("#alarm").count() == 0:
        page = phone.open("/settings")
        page.wait_for_load_state("networkidle")
        seen += 1
    expect(page.locator("#alarm")).to_contain_text("没有给出证明")
    assert seen > 3  # a bad line is no lie


def test_a_receipt_is_proved_on_the_phone(stage_alone: Stage, chromium: Chromium) -> None:
    phone = stage_alone.merchant("shop", M1)
    page = phone.open("/disinfect")
    phone.sign()
    phone.outcome("accepted")
    page.locator("[data-proved]").wait_for()
    page = phone.open("/disinfect")
    phone.context.route("**/statements", false_receipt)
    phone.sign()
    expect(page.locator("#alarm")).to_contain_text("回执")


@pytest.mark.parametrize("status", [0, 422])
def test_a_server_that_never_proves_a_receipt_raises_the_alarm(
    stage_alone: Stage, chromium: Chromium, status: int
) -> None:
    phone = stage_alone.merchant("shop", M1)
    page = phone.open("/disinfect")
    phone.context.route(
        "**/proof/*",
        lambda route: (
            route.fulfill(status=status, content_type="application/problem+json", json={"code": "Invalid"})
            if status
            else route.abort()
        ),
    )
    phone.sign()
    assert "说法" in phone.outcome("accepted")
    seen = 0
    while seen < 15 and page.locator("#alarm").count() == 0:
        page = phone.open("/settings")
        page.wait_for_load_state("networkidle")
        seen += 1
    expect(page.locator("#alarm")).to_contain_text("没有给出证明")
    expect(page.locator("#alarm")).to_contain_text("回执")
    assert seen > 3  # a bad line is no lie


def false_receipt(route: Route) -> None:
    """The server's answer with a receipt of another entry."""
    answer = route.fetch()
    told = answer.json()
    told["accepted"] |= {"index": 3}
    route.fulfill(response=answer, json=told)


def test_a_photo_that_is_refused_keeps_no_statement_back(stage_alone: Stage, chromium: Chromium) -> None:
    phone = stage_alone.merchant("shop", M1)
    page = phone.open("/disinfect")
    page.locator("form button.primary").wait_for()
    noise = bytes(page.evaluate(NOISE))
    phone.context.route(
        "**/blobs/uploads/*", lambda route: route.fulfill(status=413, json={"title": "too large"})
    )
    page.set_input_files("#photos", {"name": "1.jpg", "mimeType": "image/jpeg", "buffer": noise})
    phone.sign()
    assert "1 张照片" in phone.outcome("accepted")


@pytest.mark.parametrize(
    "stranger",
    [
        {"status": 403, "content_type": "text/html", "body": "<h1>Forbidden</h1>"},
        {"status": 404, "json": {"code": "NoRoute"}},
        {"status": 200, "content_type": "text/html", "body": "<h1>Welcome</h1>"},
        {"status": 200, "json": {"accepted": {"index": "3"}}},
    ],
)
def test_only_the_ledger_refuses_or_accepts(
    stage: Stage, chromium: Chromium, stranger: dict[str, object]
) -> None:
    phone = stage.merchant("shop", M1)
    page = phone.open("/disinfect")
    phone.context.route("**/statements", lambda route: route.fulfill(**stranger))
    with page.expect_response("**/statements"):
        phone.sign()
    page.wait_for_function("() => navigator.locks.query().then(({ held }) => held.length === 0)")
    phone.outcome("waiting")
    phone.context.unroute("**/statements")
    phone.open("/queue")
    expect(phone.page.locator("#items li").first.locator("[data-state=accepted]")).to_be_visible()


def test_a_revoked_phone_is_told_so_and_keeps_nothing_waiting_for_ever(
    stage_alone: Stage, chromium: Chromium
) -> None:
    phone = stage_alone.merchant("shop", M1)
    page = phone.open("/holdings")
    page.wait_for_load_state("networkidle")
    page = phone.open("/disinfect")
    page.locator("form button.primary").wait_for()
    noise = bytes(page.evaluate(NOISE))
    keyid = stage_alone.desk.http.get("/enrolment/invitations").json()["invitations"][0]["keyid"]
    stage_alone.desk.say("key.revoked", None, {"keyid": keyid, "reason": "lost"})
    phone.context.clear_cookies()
    page.set_input_files("#photos", {"name": "1.jpg", "mimeType": "image/jpeg", "buffer": noise})
    phone.sign()
    phone.outcome("refused")  # though its photo had to wait for a session that never comes
    page = phone.open("/holdings")
    expect(page.locator("main")).to_contain_text("撤销")  # instead of what was known before


def test_a_full_phone_is_said_and_nothing_counts_as_kept(stage: Stage, chromium: Chromium) -> None:
    phone = stage.merchant("shop", M1)
    page = phone.open("/disinfect")
    page.locator("form button.primary").wait_for()
    page.evaluate(FULL)
    phone.offline()
    noise = bytes(page.evaluate(NOISE))
    page.set_input_files("#photos", {"name": "1.jpg", "mimeType": "image/jpeg", "buffer": noise})
    phone.sign()
    expect(page.locator("#result [role=alert]")).to_contain_text("空间已满")
    assert page.locator(".outcome").count() == 0
    assert page.evaluate(PHOTOS) == 0  # the photo that came first did not stay without its statement
    page.evaluate("() => void (IDBObjectStore.prototype.put = window.put)")
    phone.sign()
    assert "待发送" in phone.outcome("waiting")
    assert page.evaluate(PHOTOS) == 1
    phone.offline(False)
    phone.outcome("accepted")


def test_what_the_browser_threw_away_is_said(stage: Stage, chromium: Chromium) -> None:
    phone = stage.merchant("shop", M1)
    page = phone.open("/disinfect")
    phone.offline()
    phone.sign()
    phone.outcome("waiting")
    page.evaluate(
        "() => new Promise((done) => { indexedDB.deleteDatabase('custody').onsuccess = () => done(true); })"
    )
    page = phone.open("/")
    expect(page.locator("[data-lost='1']")).to_contain_text("丢失")
    page = phone.open("/")
    page.locator("[data-lost='1'] button").click()
    page = phone.open("/")
    page.locator("[data-role=none] .button").wait_for()
    assert page.locator("[data-lost]").count() == 0
