"""Every page opens and works without network after one visit of the first page, in a browser that was started anew.

And every page's first view, with nothing kept before, is small.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import TimeoutError as PlaywrightTimeout
from playwright.sync_api import expect

from ledger_web.pages.site import PAGES
from tests.custody.world import M1, M2, M3
from tests.web.browser import Chromium
from tests.web.e2e.conftest import Stage
from tests.web.e2e.served import Desk, Phone
from tests.web.e2e.test_pages import WEIGHT
from tests.web.e2e.test_queue import wait_for
from tests.web.e2e.test_supervisor import officer, planned

__all__ = ["planned"]  # a fixture

pytestmark = pytest.mark.slow

MOST_BYTES = 150_000
LACKS = "#result [role=alert]"
"""Where a page says what it does not have and how to get it."""

EVERYBODY = {
    "/": "main section:not([hidden]) .card, main section:not([hidden]) .notice, main section:not([hidden]) form",
    "/enrol": "#done:not([hidden])",
    "/queue": "#summary:not(:empty)",
    "/settings": "#holders dl",
    "/trace/{batch}": LACKS,
    "/b/{batch}": LACKS,
}
SHOWS = {
    "merchant": EVERYBODY
    | {
        "/goods/in": "#form [data-name=zone] option[value=D1]",
        "/goods/out": "#stock li[data-batch=B1]",
        "/goods/accept": "#handovers .notice",
        "/holdings": "#items .card h2",
        "/disinfect": "#places option",
        "/temperature": "#zone option",
        "/clears": "#place form",
        "/papers": "#items .card",
        "/orders": "#items .notice",
    },
    "supervisor": EVERYBODY
    | {
        "/plan": "#today [data-merchant]",
        "/check/{merchant}": "#form:not([hidden]) [data-item]",
        "/cosign": "#place .notice",
        "/devices": "#form:not([hidden])",
        "/plans": "main h1",
        "/cards": "main h1",
        "/seals": "main h1",
        "/recalls": "main h1",
        "/orders": "#items .notice, #items .card",
    },
    "office": EVERYBODY | {"/notices": "#items li, #sums:not(:empty)", "/coverage": "#heat table"},
    "auditor": EVERYBODY
    | {"/verify": "#start", "/proof": "#form", "/absence": "#form", "/coverage": "#heat table"},
}
SCOPES = {"merchant": M1, "office": "market-office", "auditor": "*"}


def enrolled(stage: Stage, role: str) -> Phone:
    """A phone of this role; the same one again."""
    if role == "supervisor":
        return officer(stage, "supervisor", "officer-1")
    there = next((one for one in stage.phones if one.profile.name == role), None)
    if there is not None:
        return there
    desk = Desk(stage.world, stage.served, stage.world.operator)
    phone = stage.phone(role)
    phone.enrol(desk, role, SCOPES[role])
    desk.http.close()
    return phone


def url_of(path: str) -> str:
    return path.replace("{batch}", "B1").replace("{merchant}", M2)


def test_every_page_is_looked_at() -> None:
    assert {path for shown in SHOWS.values() for path in shown} == {page.path for page in PAGES}


@pytest.mark.parametrize("role", SHOWS)
def test_pages_work_without_network_after_one_visit(planned: Stage, chromium: Chromium, role: str) -> None:
    phone = enrolled(planned, role)
    phone.open("/").wait_for_load_state("networkidle")
    if role == "supervisor":
        names = [f"check {one}" for one in (M1, M2, M3)]
        wait_for(phone, lambda: set(names) <= {one.partition(" ")[2] for one in phone.page.evaluate(FACTS)})
    planned.down()
    try:
        phone.restart()
        lacking = []
        for path, shows in SHOWS[role].items():
            page = phone.open(url_of(path))
            try:
                page.locator(shows).first.wait_for(state="attached", timeout=8_000)
            except PlaywrightTimeout:
                lacking.append(f"{path}: {page.locator('main').inner_text()[:200]}")
            expect(page.locator("#offline")).to_be_visible()
            if shows not in (LACKS, "main h1") and page.locator(LACKS).count():
                lacking.append(f"{path}: {page.locator(LACKS).inner_text()}")
            phone.picture(f"zh-offline-{role}-{path.strip('/').replace('/', '-') or 'home'}")
        assert lacking == []
    finally:
        planned.up()


FACTS = """() => new Promise((done) => { const open = indexedDB.open('custody'); open.onsuccess = () => {
  const asked = open.result.transaction('facts').objectStore('facts').getAllKeys();
  asked.onsuccess = () => { open.result.close(); done(asked.result); }; }; })"""


@pytest.mark.parametrize("role", SHOWS)
def test_the_first_view_of_each_page_is_small(planned: Stage, chromium: Chromium, role: str) -> None:
    phone = enrolled(planned, role)
    page = phone.page
    devtools = phone.context.new_cdp_session(page)
    devtools.send("Network.enable")
    devtools.send("Network.setBypassServiceWorker", {"bypass": True})
    weights = {}
    for path in SHOWS[role]:
        devtools.send("Network.clearBrowserCache")
        phone.open(url_of(path)).wait_for_load_state("networkidle")
        weights[path] = page.evaluate(WEIGHT)
    devtools.detach()
    folder = os.environ.get("CUSTODY_ARTEFACTS")
    if folder is not None:
        Path(folder, f"weights-{role}.txt").write_text(
            "".join(f"{n:8} {path}\n" for path, n in weights.items())
        )
    assert all(10_000 < one <= MOST_BYTES for one in weights.values()), weights
