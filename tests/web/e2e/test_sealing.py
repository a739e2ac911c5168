"""Names and phones of people from a phone: the ledger gets digests, the phone keeps what they stand for."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import expect

from ledger.log.sealed import digest, open_disclosure
from tests.custody.world import M1, receipt
from tests.web.browser import Chromium
from tests.web.e2e.conftest import Stage
from tests.web.e2e.test_merchant import receive

pytestmark = pytest.mark.slow


def newest(stage: Stage) -> Any:
    """The body of the last entry."""
    return stage.world.ledger.entry(stage.world.size - 1).statement.body


def test_sealed_values_stay_on_the_phone_and_can_be_shown_saved_and_erased(
    stage: Stage, chromium: Chromium
) -> None:
    stage.desk.say("goods.received", M1, receipt("P1", "10"), stage.world.k1)
    phone = stage.merchant("sealing", M1)
    page = phone.open("/goods/in")
    expect(page.locator("[data-name=zone]")).to_have_value("D1")
    receive(phone, "智利车厘子", "SE-1", "2")
    page.fill("#contact", "李雷 13800000000")
    page.locator("form button.primary").click()
    expect(page.locator("dialog.sheet")).to_contain_text("李雷 13800000000")
    page.locator("dialog.sheet button.primary").click()
    phone.outcome("accepted")
    bodies = [newest(stage)["supplier"]["contact"]]
    page = phone.open("/goods/out")
    page.locator("[data-batch=P1]").wait_for()
    page.select_option("#buyer", "person")
    page.fill("[data-batch=P1] input", "1")
    phone.page.locator("form button.primary").click()
    expect(page.locator(".complaint")).to_be_visible()
    page.fill("#buyer-name", "韩梅梅")
    phone.sign()
    phone.outcome("accepted")
    bodies.append(newest(stage)["buyer"]["name"])
    assert "韩梅梅" not in phone.open("/queue").locator("main").inner_text()
    page = phone.open("/settings")
    cards = page.locator("[data-sealed]")
    expect(cards).to_have_count(2)
    cards.first.locator("summary").first.click()
    expect(cards.first).to_contain_text("韩梅梅")
    phone.picture("zh-settings-sealed", full=True)
    with page.expect_download() as saved:
        page.locator("#save-sealed").click()
    kept = [one["disclosure"] for one in json.loads(saved.value.path().read_text())]
    assert [digest(one) for one in reversed(kept)] == [one["sealed"] for one in bodies]
    assert [open_disclosure(one)[1:] for one in kept] == [("name", "韩梅梅"), ("contact", "李雷 13800000000")]
    cards.first.locator("summary").last.click()
    cards.first.locator("button.danger").click()
    expect(cards).to_have_count(1)
    phone.open("/")
    expect(page.locator("section[data-role=merchant]")).to_be_visible()
    expect(page.locator("[data-sealed-lost]")).to_have_count(0)
    page.goto("about:blank")
    devtools = phone.context.new_cdp_session(page)
    devtools.send("Storage.clearDataForOrigin", {"origin": phone.url, "storageTypes": "indexeddb"})
    phone.open("/")
    expect(page.locator("[data-sealed-lost='1']")).to_be_visible()
