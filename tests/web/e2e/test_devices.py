"""An officer's phone lets a shop's phone in and takes a lost one out; a code that others have seen grants nothing."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.custody.world import M1, M2
from tests.web.browser import Chromium
from tests.web.e2e.conftest import Stage
from tests.web.e2e.served import Phone
from tests.web.e2e.test_pages import look_at

pytestmark = pytest.mark.slow


def a_code(officer: Phone, scope: str) -> str:
    page = officer.open("/devices")
    page.fill("#scope", scope)
    page.click("#form button.primary")
    page.locator("#code img").wait_for()
    return page.locator("#code dd").first.inner_text()


def brought(phone: Phone, code: str) -> str:
    """The number that a new phone shows."""
    page = phone.open(f"/enrol#{code}")
    shown = page.locator("#fingerprint").filter(has_text=re.compile(r"\d{4}"))
    shown.wait_for()
    return shown.inner_text()


def test_an_officer_grants_a_shop_its_phone_and_revokes_it_when_it_is_lost(
    stage_alone: Stage, chromium: Chromium
) -> None:
    chief = stage_alone.supervisor("officer-1")
    code = a_code(chief, M1.lower())
    assert look_at(chief, "zh-devices-code") == []
    shop = stage_alone.phone("shop")
    number = brought(shop, code)
    waits = chief.page.locator("#waiting [data-state=pending]")
    expect(waits.locator(".fingerprint")).to_have_text(number)
    assert look_at(chief, "zh-devices-waiting") == []
    size = stage_alone.world.size
    waits.locator("button.primary").click()
    chief.page.locator("dialog.sheet button.primary").click()
    chief.outcome("accepted")
    shop.page.locator("#done").wait_for()
    granted = stage_alone.world.ledger.entry(size).statement
    assert (granted.kind, granted.body["role"], granted.body["scope"]) == ("key.granted", "merchant", M1)
    shop.open("/holdings")
    expect(shop.page.locator("#items")).not_to_be_empty()

    page = chief.open("/devices")
    page.fill("#scope", M1)
    page.locator("#scope").press("Tab")
    lost = page.locator("#keys li").filter(has_text=number)
    lost.locator("summary").click()
    lost.locator("button").click()
    expect(lost.locator(".complaint")).to_be_visible()
    lost.locator("input").fill("手机遗失")
    assert look_at(chief, "zh-devices-revoke") == []
    lost.locator("button").click()
    page.locator("dialog.sheet button.primary").click()
    chief.outcome("accepted")
    expect(page.locator("#keys li").filter(has_text=number)).to_have_count(0)
    revoked = stage_alone.world.ledger.entry(stage_alone.world.size - 1).statement
    assert revoked.kind == "key.revoked" and revoked.body["reason"] == "手机遗失"


def test_a_code_that_another_device_tried_too_is_not_granted_but_withdrawn(
    stage_alone: Stage, chromium: Chromium
) -> None:
    chief = stage_alone.supervisor("officer-1", language="en-GB")
    code = a_code(chief, M2)
    thief, shop = stage_alone.phone("thief"), stage_alone.phone("shop")
    brought(thief, code)
    shop.open(f"/enrol#{code}")
    shop.page.locator("#code-form .complaint").wait_for()
    contested = chief.page.locator("#waiting li.bad")
    contested.wait_for()
    assert look_at(chief, "en-devices-contested") == []
    expect(contested.locator("button.primary")).to_have_count(0)
    contested.locator("button").click()
    expect(chief.page.locator("#waiting li.bad")).to_have_count(0)
    thief.page.locator("#result .notice.bad").wait_for()


def test_merchants_find_nothing_here(stage: Stage, chromium: Chromium) -> None:
    page = stage.merchant("shop", M1).open("/devices")
    page.locator("#result .notice.bad").wait_for()
    assert not page.locator("#form").is_visible()
