"""Somebody with a phone and a label in front of him, whom the ledger does not know."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from ledger.custody.home import Home
from ledger.log import NoteVerifier
from tests.cli.runner import Custody
from tests.custody.world import M1, World, key
from tests.web.browser import Chromium
from tests.web.e2e.overseen import Overseen, looked
from tests.web.e2e.served import now_ms
from tests.web.e2e.test_pages import WEIGHT

pytestmark = pytest.mark.slow


@pytest.fixture
def overseen(chromium: Chromium, tmp_path: Path) -> Iterator[Overseen]:
    with Overseen(chromium, tmp_path) as stage:
        yield stage


def test_a_label_leads_to_what_is_public_and_its_proof(overseen: Overseen, chromium: Chromium) -> None:
    phone = overseen.phone("passer-by")
    page = phone.open("/01/06291041500213/10/L9?batch=B1")
    assert page.url.endswith("/b/B1")
    expect(page.locator("#goods")).to_contain_text("智利")
    expect(page.locator("#goods")).to_contain_text("2099-03-01")
    page.locator("[data-proof=holds]").wait_for()
    entry = next(e for e in overseen.world.entries() if e.statement.kind == "goods.received")
    expect(page.locator("#verdict")).to_contain_text(entry.leaf_hash.hex())
    expect(page.locator("#vkey-source")).to_have_attribute("data-from", "server")
    expect(page.locator("#verdict .notice")).to_contain_text("也取自本服务器")
    whole = page.locator("main").inner_text()
    assert M1 not in whole and "商户 014Y" not in whole and "12.5" not in whole and "Mar del Sur" not in whole
    page.locator("#key summary").click()
    page.fill("#vkey-text", overseen.vkey)
    page.locator("#key form button").first.click()
    expect(page.locator("#vkey-source")).to_have_attribute("data-from", "typed")
    expect(page.locator("#verdict .notice.good")).to_be_visible()


def test_sealed_goods_are_said_to_be_sealed(overseen: Overseen, chromium: Chromium) -> None:
    page = overseen.phone("passer-by").open("/b/W")
    expect(page.locator("[data-state=sealed]")).to_contain_text("查封")


def test_a_server_that_has_changed_its_history_is_caught_by_whoever_came_before(
    overseen: Overseen, chromium: Chromium, tmp_path: Path
) -> None:
    phone = overseen.phone("passer-by")
    page = phone.open("/b/B1")
    page.locator("[data-proof=holds]").wait_for()
    copy = tmp_path / "copy"
    overseen.served.stop()
    shutil.copytree(tmp_path / "ledger", copy)
    overseen.world.now = now_ms()
    overseen.world.receive("T1", "1")
    other = World.__new__(World)
    other.__dict__.update(overseen.world.__dict__)
    other.ledger = Home(copy).open(lambda name: None, clock=lambda: other.now)
    other.receive("T2", "1")
    other.ledger.close()
    overseen.served.start()
    page = phone.open("/b/B1")
    page.locator("[data-proof=holds]").wait_for()
    overseen.served.instead(copy)
    page = phone.open("/b/B1")
    expect(page.locator("#verdict [data-history]")).to_contain_text("两份历史")
    alarm = page.locator("#alarm")
    expect(alarm).to_contain_text("台账被改动")  # as loud as on an enrolled device
    with page.expect_download() as waiting:
        alarm.locator("button.plain").click()
    file = tmp_path / "evidence.json"
    waiting.value.save_as(file)
    told = Custody(tmp_path).run("check-evidence", file, "--vkey", overseen.vkey, "--json")
    assert (told.code, told.json["contradiction"], told.json["signed"]) == (1, True, [True, True])


def test_a_server_with_another_key_than_at_first_proves_nothing(
    overseen: Overseen, chromium: Chromium
) -> None:
    phone = overseen.phone("passer-by")
    page = phone.open("/b/B1")
    page.locator("[data-proof=holds]").wait_for()
    page.locator("#key summary").click()
    page.fill("#vkey-text", NoteVerifier.from_key(overseen.vkey.split("+")[0], key("other").public).vkey)
    page.locator("#key form button").first.click()
    expect(page.locator("#verdict [data-proof=refused]")).to_contain_text("证明不成立")


def test_what_is_not_public_is_not_shown(overseen: Overseen, chromium: Chromium) -> None:
    phone = overseen.phone("passer-by")
    page = phone.open("/b/NOTHING")
    expect(page.locator("#result [role=alert]")).to_contain_text("没有这个批次")
    page = phone.open("/trace/B1")
    expect(page.locator("#result [role=alert]")).to_contain_text("尚未登记")
    assert page.locator("svg.trace").count() == 0
    page = phone.open("/verify")
    expect(page.locator("#who")).to_contain_text("不是审计设备")
    assert not page.locator("#start").is_visible()
    page = phone.open("/proof?entry=12")
    expect(page.locator("[data-proof=refused]")).to_contain_text("已登记的设备")
    page.set_input_files(
        "#file",
        {"name": "x.tlog-proof", "mimeType": "text/plain", "buffer": overseen.world.ledger.prove(12)},
    )
    page.locator("[data-proof=holds]").wait_for()
    for path in ("/notices", "/coverage", "/absence"):
        page = phone.open(path)
        page.wait_for_load_state("networkidle")
        assert not re.search(f"{M1}|商户 014Y", page.locator("main").inner_text())


@pytest.mark.parametrize("language", ["zh-CN", "en-GB"])
def test_the_public_page_fits(overseen: Overseen, chromium: Chromium, language: str) -> None:
    phone = overseen.phone(f"passer-{language}", language=language)
    wrong = []
    for batch in ("B1", "W"):
        page = phone.open(f"/b/{batch}")
        page.locator("[data-proof=holds]").wait_for()
        if batch == "B1":  # the first that this phone has seen of the pages
            assert 10_000 < page.evaluate(WEIGHT) <= 150_000
        wrong += looked(phone, f"batch-{batch}")
    page.locator("details summary").first.click()
    wrong += looked(phone, "batch-open")
    phone.open("/proof")
    wrong += looked(phone, "proof-public")
    phone.open("/verify")
    wrong += looked(phone, "verify-public")
    assert wrong == []
