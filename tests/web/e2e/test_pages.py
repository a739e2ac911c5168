"""Every page on a phone, in both languages: nothing wider than the screen, no text cut, nothing axe calls serious.

CUSTODY_ARTEFACTS=DIR pytest tests/web/e2e/test_pages.py      # pictures of all pages, 390 by 844
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from ledger_web.pages import merchant, shell
from tests.custody.world import M1
from tests.web.browser import Chromium
from tests.web.e2e.conftest import Stage
from tests.web.e2e.served import HEIGHT, Phone

pytestmark = pytest.mark.slow

CUT = """() => {
  const wide = [];
  if (document.documentElement.scrollWidth > innerWidth) wide.push(`page ${document.documentElement.scrollWidth}`);
  for (const one of document.querySelectorAll('body *')) {
    const style = getComputedStyle(one);
    const shown = one.checkVisibility() && !one.closest('.away, .skip, .sprite, svg') && style.opacity !== '0';
    const text = [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== '');
    if (shown && (text || one.matches('input, select')) && one.scrollWidth > one.clientWidth + 1 && style.display !== 'inline') {
      wide.push(`${one.tagName} ${one.id} ${one.className}: ${one.textContent.trim().slice(0, 40)}`);
    }
    const box = one.getBoundingClientRect();
    if (shown && text && (box.right > innerWidth + 1 || box.left < -1)) wide.push(`out ${one.tagName}: ${one.textContent.trim().slice(0, 40)}`);
  }
  return wide;
}"""
SMALL = """() => [...document.querySelectorAll('button, .button, .tabs a, .tile, input:not([type=file]), select, summary')]
  .filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 43.5 && getComputedStyle(one).opacity !== '0')
  .map((one) => `${one.tagName} ${one.textContent.trim().slice(0, 30)} ${one.getBoundingClientRect().height}`)"""


def look_at(phone: Phone, name: str, folder: Path | None) -> list[str]:
    """What is wrong with the page that is open; its picture, if pictures are wanted."""
    page = phone.page
    wrong = [*page.evaluate(CUT), *page.evaluate(SMALL)]
    for one in Axe().run(page).response["violations"]:
        if one["impact"] in ("serious", "critical"):
            wrong += [f"{one['id']}: {node['html'][:150]} {node['failureSummary']}" for node in one["nodes"]]
    if folder is not None:
        page.screenshot(path=folder / f"{name}.png")
        if page.evaluate("() => document.documentElement.scrollHeight") > HEIGHT * 1.2:
            page.screenshot(path=folder / f"{name}.full.png", full_page=True)
    return [f"{name}: {one}" for one in wrong]


@pytest.mark.parametrize("language", ["zh-CN", "en-GB"])
def test_every_page_fits_and_can_be_used_by_all(stage_busy: Stage, chromium: Chromium, language: str) -> None:
    wanted = os.environ.get("CUSTODY_ARTEFACTS")
    folder = None if wanted is None else Path(wanted)
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
    phone = stage_busy.phone(f"shop-{language}", language=language)
    short = language[:2]
    phone.open("/")
    phone.page.locator("[data-role=none] .button").wait_for()
    wrong = look_at(phone, f"{short}-home-new", folder)
    phone.open("/enrol")
    phone.page.locator("#ask").wait_for()
    wrong += look_at(phone, f"{short}-enrol-code", folder)
    phone.enrol(stage_busy.desk, "merchant", M1)
    for page in (*shell.PAGES, *merchant.PAGES):
        phone.open(page.path)
        phone.page.wait_for_load_state("networkidle")
        wrong += look_at(phone, f"{short}-{re.sub('[^a-z]+', '-', page.path).strip('-') or 'home'}", folder)
    assert wrong == []
