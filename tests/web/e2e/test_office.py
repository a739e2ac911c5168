"""An office on its phone: what it was told, its answer, who was checked how often."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.custody.supervised import MARKET
from tests.custody.world import M1, M3
from tests.web.browser import Chromium
from tests.web.e2e.overseen import Overseen, looked

pytestmark = pytest.mark.slow

SHADES = """() => {
  const found = {};
  for (const one of document.querySelectorAll('.heat td:not(:last-child)')) {
    const { color, backgroundColor } = getComputedStyle(one);
    if (color === backgroundColor) throw new Error('a number that cannot be read');
    found[one.textContent] = [...new Set([...(found[one.textContent] ?? []), backgroundColor])];
  }
  return found;
}"""


@pytest.fixture
def overseen(chromium: Chromium, tmp_path: Path) -> Iterator[Overseen]:
    with Overseen(chromium, tmp_path) as stage:
        yield stage


def test_an_office_answers_what_it_was_told(overseen: Overseen, chromium: Chromium) -> None:
    office = overseen.device("office", "office", MARKET)
    page = office.open("/")
    page.locator("section[data-role=office] a.tile[href='/notices']").wait_for()
    expect(page.locator("[data-todo]").first).to_contain_text("1 件通报待答复")
    page = office.open("/notices")
    expect(page.locator("#sums")).to_contain_text("1 件中 1 件未答复")
    assert (
        page.locator("[data-notice] form").count() == 1
    )  # of what the other office was told it only sees that
    page.locator("[data-notice] form button.primary").click()
    assert "请说明如何处理" in page.locator(".complaint").inner_text()
    page.fill("[data-notice] textarea", "已督促整改")
    office.sign()
    office.outcome("accepted")
    entry = overseen.world.ledger.entry(overseen.world.size - 1)
    assert entry.statement.kind == "notice.acknowledged" and entry.statement.merchant == M1
    assert entry.statement.body["answer"] == "已督促整改"
    page = office.open("/notices")
    expect(page.locator("#items")).to_contain_text("所有通报均已答复")
    page.locator("[data-part=answered] summary").click()
    expect(page.locator("[data-part=answered] [data-notice]")).to_contain_text("已答复")
    page.locator("[data-part=others] summary").click()
    expect(page.locator("[data-part=others] [data-notice]")).to_contain_text("尚未答复")


def test_coverage_says_who_was_missed_and_what_is_overdue(overseen: Overseen, chromium: Chromium) -> None:
    office = overseen.device("office", "office", MARKET)
    page = office.open("/coverage")
    page.locator("table.heat tbody tr").first.wait_for()
    rows = [row.split() for row in page.locator("table.heat tbody tr").all_inner_texts()]
    assert [row[0] for row in rows] == ["east/1/01", "east/1/02", "west/2"]
    assert all(len(row) == 9 for row in rows)
    assert sum(map(int, rows[0][1:8])) >= 1 and sum(map(int, rows[2][1:8])) == 0
    assert rows[2][8] == "0/1"
    shades = page.evaluate(SHADES)
    assert len(shades["0"]) == 1 and not set(shades["1"]) & set(shades["0"])
    expect(page.locator("#missed")).to_contain_text(M3)
    expect(page.locator("#missed h3")).to_have_text("责任人：officer-1")
    expect(page.locator("#overdue")).to_contain_text("消毒")
    expect(page.locator("#cards")).to_contain_text("黄牌")
    shown = page.locator("#week").inner_text()
    page.locator("#before").click()
    expect(page.locator("#week")).not_to_have_text(shown)
    assert "week=" in page.url


@pytest.mark.parametrize("language", ["zh-CN", "en-GB"])
def test_the_pages_of_an_office_fit(overseen: Overseen, chromium: Chromium, language: str) -> None:
    office = overseen.device(f"office-{language}", "office", MARKET, language=language)
    wrong = []
    for path in ("/", "/notices", "/coverage"):
        office.open(path)
        wrong += looked(office, f"office-{path[1:] or 'home'}")
    assert wrong == []
