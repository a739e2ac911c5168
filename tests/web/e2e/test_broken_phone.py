"""Phones that die, are full, lose what they keep, have a wrong clock: nothing goes twice or is lost in silence."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Error, Page, Route, expect

from ledger.log.times import parse_instant
from tests.custody.world import M1
from tests.web.browser import Chromium
from tests.web.e2e.conftest import Stage
from tests.web.e2e.served import now_ms
from tests.web.e2e.test_queue import body_of, disinfect, places, ready, wait_for

pytestmark = pytest.mark.slow

NOISE = """() => new Promise((done) => { const c = document.createElement('canvas'); c.width = 1600; c.height = 1200;
const p = c.getContext('2d'); const d = p.createImageData(1600, 1200); for (let i = 0; i < d.data.length; i += 1)
d.data[i] = i % 4 === 3 ? 255 : (i * 2654435761 >>> 13) & 255; p.putImageData(d, 0, 0);
c.toBlob((b) => b.arrayBuffer().then((a) => done([...new Uint8Array(a)])), 'image/jpeg', 0.9); })"""


def add_photo(page: Page) -> None:
    data = bytes(page.evaluate(NOISE))
    page.set_input_files("input[data-photos]", {"name": "p.jpg", "mimeType": "image/jpeg", "buffer": data})


def test_a_phone_that_dies_before_it_sends_has_kept_all(stage_alone: Stage, chromium: Chromium) -> None:
    stage = stage_alone
    phone = stage.merchant("shop", M1)
    phone.open("/disinfect")
    stage.down()
    size = stage.world.size
    phone.sign()
    phone.outcome("waiting")
    phone.kill()
    phone.revive()
    page = phone.open("/queue")
    expect(page.locator("[data-state=waiting]")).to_have_count(1)
    stage.up()
    page.locator("#send").click()
    expect(page.locator("[data-state=accepted]")).to_have_count(1)
    assert stage.world.size == size + 1


def test_a_photo_cut_off_by_the_death_of_the_phone_goes_on_where_it_ended(
    stage_alone: Stage, chromium: Chromium
) -> None:
    stage = stage_alone
    phone = stage.merchant("shop", M1)
    phone.no_background()
    page = phone.open("/disinfect")
    add_photo(page)
    pieces: list[int] = []

    def die(route: Route) -> None:
        pieces.append(int(route.request.headers.get("upload-offset", "-1")))
        if len(pieces) == 3:  # one HEAD and one piece have arrived
            phone.kill()
        else:
            route.continue_()

    phone.context.route("**/blobs/uploads/*", die)
    phone.sign()
    with suppress(Error):
        wait_for(phone, lambda: len(pieces) == 3)
    assert pieces[:2] == [-1, 0] and pieces[2] > 0
    phone.revive()
    phone.no_background()
    offsets: list[int] = []

    def watch(route: Route) -> None:
        offsets.append(int(route.request.headers.get("upload-offset", "-1")))
        route.continue_()

    phone.context.route("**/blobs/uploads/*", watch)
    page = phone.open("/queue")
    expect(page.locator("[data-state=accepted]")).to_have_count(1, timeout=20_000)
    assert offsets[:2] == [-1, pieces[2]] and 0 not in offsets
    body: Any = stage.world.ledger.entry(stage.world.size - 1).statement.body
    photo = body["photos"][0]
    kept = stage.folder / "ledger/blobs/sha256" / photo["sha256"][:2] / photo["sha256"][2:]
    assert kept.stat().st_size == photo["bytes"]


def test_two_tabs_send_each_statement_once(stage: Stage, chromium: Chromium) -> None:
    phone = stage.merchant("tabs", M1)
    phone.no_background()
    ready(phone)
    phone.offline()
    for place in ("一", "二", "三"):
        disinfect(phone, place)
    sent: list[str] = []

    def slow(route: Route) -> None:
        sent.append(body_of(route)["id"])
        phone.page.wait_for_timeout(300)
        route.continue_()

    size = stage.world.size
    first = phone.open("/queue")
    second = phone.context.new_page()
    second.goto(f"{phone.url}/queue")
    expect(second.locator("[data-state=waiting]")).to_have_count(3)
    for page in (first, second):
        page.wait_for_function("() => navigator.locks.query().then(({ held }) => held.length === 0)")
    phone.context.route("**/statements", slow)
    phone.offline(False)
    for page in (first, second):
        page.locator("#send").click(force=True)
    for page in (first, second):
        expect(page.locator("[data-state=accepted]")).to_have_count(3)
    assert places(stage, size) == ["一", "二", "三"]
    assert len(sent) == len(set(sent)) == 3
    second.close()


def test_what_waits_is_sent_though_the_page_is_closed(stage_alone: Stage, chromium: Chromium) -> None:
    stage = stage_alone
    phone = stage.merchant("shop", M1)
    ready(phone)
    stage.down()
    size = stage.world.size
    disinfect(phone, "夜里")
    worker = phone.context.service_workers[0]
    assert worker.url.endswith("/sw-module.js")
    phone.page.goto("about:blank")
    stage.up()
    phone.wake()
    wait_for(phone, lambda: stage.world.size > size)
    page = phone.open("/queue")
    expect(page.locator("[data-state=accepted]")).to_have_count(1)
    expect(page.locator("[data-lost]")).to_have_count(0)
    assert places(stage, size) == ["夜里"]


def test_a_browser_without_module_workers_has_the_other_one(stage: Stage, chromium: Chromium) -> None:
    phone = stage.phone("old")
    phone.context.add_init_script(
        "const register = ServiceWorkerContainer.prototype.register;"
        "ServiceWorkerContainer.prototype.register = function (url, options) {"
        "  return options?.type === 'module' ? Promise.reject(new TypeError()) : register.call(this, url, options); }"
    )
    page = phone.open("/")
    phone.ready()
    assert page.evaluate("navigator.serviceWorker.ready.then(({ active }) => active.scriptURL)").endswith(
        "/sw.js"
    )
    phone.offline()
    expect(phone.open("/queue").locator("h1")).to_have_text("待发")


def test_a_full_phone_keeps_nothing_by_halves_and_says_so(stage: Stage, chromium: Chromium) -> None:
    phone = stage.merchant("full", M1)
    phone.no_background()
    page = phone.open("/disinfect")
    add_photo(page)
    devtools = phone.context.new_cdp_session(page)
    devtools.send("Storage.overrideQuotaForOrigin", {"origin": phone.url, "quotaSize": 1000})
    size = stage.world.size
    phone.sign()
    expect(page.locator("#result [role=alert]")).to_contain_text("空间")
    phone.picture("zh-full")
    assert page.evaluate(COUNT) == [0, 0]
    devtools.send("Storage.overrideQuotaForOrigin", {"origin": phone.url})
    phone.sign()
    phone.outcome("accepted")
    assert stage.world.size == size + 1


COUNT = """async () => { const all = (name) => new Promise((done) => { const open = indexedDB.open('custody');
  open.onsuccess = () => { const asked = open.result.transaction(name).objectStore(name).count();
    asked.onsuccess = () => { open.result.close(); done(asked.result); }; }; });
  return [await all('outbox'), await all('photos')]; }"""


def test_what_stands_beside_the_database_stops_nothing(stage: Stage, chromium: Chromium) -> None:
    phone = stage.merchant("beside", M1)
    phone.context.add_init_script(
        "Storage.prototype.setItem = () => { throw new DOMException('', 'QuotaExceededError'); }"
    )
    phone.open("/disinfect")
    size = stage.world.size
    phone.sign()
    phone.outcome("accepted")
    assert stage.world.size == size + 1


def test_what_the_browser_threw_away_is_said_until_it_is_read(stage_alone: Stage, chromium: Chromium) -> None:
    stage = stage_alone
    phone = stage.merchant("shop", M1)
    phone.no_background()
    ready(phone)
    phone.offline()
    disinfect(phone, "后仓")
    page = phone.open("/queue")
    page.goto("about:blank")
    devtools = phone.context.new_cdp_session(page)
    devtools.send("Storage.clearDataForOrigin", {"origin": phone.url, "storageTypes": "indexeddb"})
    for _ in range(2):
        page = phone.open("/")
        expect(page.locator("[data-lost='1']")).to_be_visible()
        expect(page.locator("[data-key-lost]")).to_be_visible()
    phone.picture("zh-lost")
    for name in ("[data-lost]", "[data-key-lost]"):
        page.locator(f"{name} button").click()
    phone.open("/queue")
    page.locator("#summary:not(:empty)").wait_for()
    expect(page.locator("[data-lost], [data-key-lost]")).to_have_count(0)


@pytest.mark.parametrize(
    "missing", ["undefined", "{ open() { throw new DOMException('', 'SecurityError'); } }"]
)
def test_a_browser_that_keeps_nothing_is_told_so(stage: Stage, chromium: Chromium, missing: str) -> None:
    phone = stage.phone(f"private-{len(missing)}")
    phone.context.add_init_script(
        f"Object.defineProperty(globalThis, 'indexedDB', {{ value: {missing}, configurable: true }})"
    )
    for path in ("/", "/goods/in", "/disinfect", "/holdings", "/queue", "/plan", "/settings"):
        page = phone.open(path)
        said = page.locator("[role=alert]").filter(has_text="无痕")
        expect(said.first, path).to_be_visible()


def test_a_wrong_clock_is_said_and_the_refused_can_be_signed_again(stage: Stage, chromium: Chromium) -> None:
    phone = stage.merchant("clock", M1)
    phone.no_background()
    phone.context.clock.install(time=datetime.now(UTC) + timedelta(hours=3))
    page = phone.open("/disinfect")
    page.wait_for_function("() => localStorage.getItem('custody-clock') !== null")
    page.locator("form button.primary").first.click()
    expect(page.locator("dialog.sheet [data-clock]")).to_contain_text("180")
    phone.picture("zh-clock")
    size = stage.world.size
    page.locator("dialog.sheet button.primary").click()
    assert "180" in phone.outcome("refused")
    page.locator("[data-again]").click()
    page.locator("dialog.sheet button.primary").click()
    expect(page.locator("#place [data-state=refused]")).to_contain_text("已重新签名")
    page = phone.open("/queue")
    expect(page.locator("[data-state=accepted]")).to_have_count(1)
    expect(page.locator("[data-again]")).to_have_count(0)
    assert stage.world.size == size + 1
    said = stage.world.ledger.entry(size).statement
    assert (
        abs(parse_instant(said.occurred_at) - now_ms()) < 120_000
        and json.dumps(said.body).count("premises") == 1
    )
