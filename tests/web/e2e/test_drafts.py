"""What was half filled in is there again after a restart: lines, photos and all; and gone once it is signed."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.custody.world import M1, M2
from tests.web.browser import Chromium
from tests.web.e2e.conftest import Stage
from tests.web.e2e.served import Phone
from tests.web.e2e.test_merchant import PHOTO, receive
from tests.web.e2e.test_queue import wait_for
from tests.web.e2e.test_supervisor import all_in_order, officer, planned, sign

__all__ = ["planned"]  # a fixture

pytestmark = pytest.mark.slow

STORED = """() => new Promise((done) => {
  const open = indexedDB.open('custody');
  open.onsuccess = () => {
    const asked = open.result.transaction('facts').objectStore('facts').getAllKeys();
    asked.onsuccess = () => {
      open.result.close();
      done(asked.result.filter((one) => one.startsWith('draft ')));
    };
  };
})"""
TURN = """(keyid) => new Promise((done) => {
  const open = indexedDB.open('custody');
  open.onsuccess = () => {
    const keys = open.result.transaction('keys', 'readwrite').objectStore('keys');
    const was = keys.get('active');
    was.onsuccess = () => {
      const holder = keys.get(`holder ${was.result}`);
      holder.onsuccess = () => {
        keys.put({ ...holder.result, keyid }, `holder ${keyid}`);
        keys.put(keyid, 'active').onsuccess = () => {
          open.result.close();
          done(was.result);
        };
      };
    };
  };
})"""
"""Let the phone speak for another key; gives the one before."""


def drafts(phone: Phone) -> list[str]:
    return [str(one) for one in phone.page.evaluate(STORED)]


def test_goods_in_come_back_with_all_lines_papers_and_photos(stage: Stage, chromium: Chromium) -> None:
    phone = stage.merchant("drafts", M1)
    page = phone.open("/goods/in")
    expect(page.locator("[data-name=zone]")).to_have_value("D1")
    receive(phone, "智利车厘子", "L-1", "12.5", photo=True)
    page.locator("#add-line").click()
    page.fill("[name=line2_name]", "蓝莓")
    page.fill("[name=line2_value]", "3")
    page.fill("[name=line2_batch]", "L-2")
    page.select_option("[name=line2_zone]", "")
    page.locator("#add-document").click()
    page.locator(".paper").last.locator("[data-name=number]").fill("检 77")
    data = bytes(page.evaluate(PHOTO))
    page.locator(".paper input[type=file]").last.set_input_files(
        {"name": "2.jpg", "mimeType": "image/jpeg", "buffer": data}
    )
    papers = page.locator(".paper").count()
    wait_for(phone, lambda: len(drafts(phone)) == 1)
    page.wait_for_timeout(1_500)  # photos are made smaller
    phone.kill()
    phone.revive()
    page = phone.open("/goods/in")
    page.locator("[data-draft]").wait_for()
    phone.picture("zh-draft")
    expect(page.locator(".line")).to_have_count(2)
    expect(page.locator(".paper")).to_have_count(papers)
    expect(page.locator("[name=line2_name]")).to_have_value("蓝莓")
    expect(page.locator("[name=line2_batch]")).to_have_value("L-2")
    expect(page.locator("[name=line2_zone]")).to_have_value("")
    expect(page.locator("[data-count]").filter(has_text="1")).to_have_count(2)
    phone.sign()
    phone.outcome("accepted")
    body: Any = stage.world.ledger.entry(stage.world.size - 1).statement.body
    assert [one["name"] for one in body["lines"]] == ["智利车厘子", "蓝莓"]
    assert [bool(one.get("attachment")) for one in body["documents"] if "number" in one] == [True, True]
    assert drafts(phone) == []
    phone.open("/goods/in")
    expect(page.locator("[data-name=zone]")).to_have_value("D1")
    expect(page.locator("[data-draft]")).to_have_count(0)
    expect(page.locator("[data-name=name]")).to_have_value("")


def test_a_draft_can_be_thrown_away_and_belongs_to_whom_the_device_speaks_for(
    stage: Stage, chromium: Chromium
) -> None:
    phone = stage.merchant("anew", M1)
    page = phone.open("/disinfect")
    page.wait_for_function("() => document.querySelector('#where').value !== ''")
    page.fill("#where", "后仓")
    page.fill("#concentration", "")
    wait_for(phone, lambda: len(drafts(phone)) == 1)
    mine = page.evaluate(TURN, "00")
    page = phone.open("/disinfect")
    page.wait_for_load_state("networkidle")
    expect(page.locator("#where")).not_to_have_value("后仓")
    page.evaluate(TURN, mine)
    page = phone.open("/disinfect")
    expect(page.locator("#where")).to_have_value("后仓")
    expect(page.locator("#concentration")).to_have_value("")
    page.locator("[data-draft] button").click()
    expect(page.locator("[data-draft]")).to_have_count(0)
    expect(page.locator("#concentration")).to_have_value("500 mg/L")
    assert drafts(phone) == []


def test_a_check_comes_back_with_counts_answers_goods_and_photos(planned: Stage, chromium: Chromium) -> None:
    phone = officer(planned, "officer", "officer-1")
    page = phone.open(f"/check/{M2}")
    page.locator("[data-batch=C1] input").fill("19")
    page.locator("[data-item] input[value=no]").first.check(force=True)
    page.locator("[data-item] .field input").first.fill("地面有水")
    for name in ("无标签虾", "蟹"):
        page.locator("#add").click()
        page.locator("[data-unlisted] [data-name]").last.fill(name)
    data = bytes(page.evaluate(PHOTO))
    page.set_input_files("#photos", {"name": "2.jpg", "mimeType": "image/jpeg", "buffer": data})
    wait_for(phone, lambda: len(drafts(phone)) == 1)
    page.wait_for_timeout(1_500)
    phone.restart()
    page = phone.open(f"/check/{M2}")
    page.locator("[data-draft]").wait_for()
    expect(page.locator("[data-batch=C1] input")).to_have_value("19")
    expect(page.locator("[data-item] .field input").first).to_have_value("地面有水")
    assert [one.input_value() for one in page.locator("[data-unlisted] [data-name]").all()] == [
        "无标签虾",
        "蟹",
    ]
    expect(page.locator("[data-count]")).to_contain_text("1")
    page.locator("[data-draft] button").click()
    page.locator("[data-draft]").wait_for(state="detached")
    page.locator("[data-batch=C1]").wait_for()
    expect(page.locator("[data-unlisted]")).to_have_count(0)
    all_in_order(page)
    page.locator("#review button.primary").click()
    sign(page)
    phone.outcome("accepted")
    assert drafts(phone) == []
