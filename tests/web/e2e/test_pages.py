"""Every page on a phone, in both languages: nothing wider than the screen, no text cut, nothing axe calls serious.

CUSTODY_ARTEFACTS=DIR pytest tests/web/e2e/test_pages.py      # pictures of all pages, 390 by 844
"""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it has no types

from ledger_web.pages import merchant, shell
from tests.custody.world import M1
from tests.web.browser import Chromium
from tests.web.e2e.conftest import Stage
from tests.web.e2e.served import HEIGHT, Phone

pytestmark = pytest.mark.slow

CUT = """() => {
  const wide = [];
  const pen = document.createElement('canvas').getContext('2d');
  for (const one of document.querySelectorAll('select')) {
    const style = getComputedStyle(one);
    const room = one.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight) - 20; // the arrow
    pen.font = style.font;
    const [chosen] = one.selectedOptions;
    const cut = chosen && one.checkVisibility() && pen.measureText(chosen.text).width > room;
    if (cut) wide.push(`select ${chosen.text}`);
  }
  if (document.documentElement.scrollWidth > innerWidth) wide.push(`page ${document.documentElement.scrollWidth}`);
  for (const one of document.querySelectorAll('body *')) {
    const style = getComputedStyle(one);
    const shown = one.checkVisibility() && !one.closest('.away, .skip, .sprite, svg') && style.opacity !== '0';
    const text = [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== '');
    const cut = one.scrollWidth > one.clientWidth + 1 && style.display !== 'inline';
    if (shown && cut && (text || one.matches('input, select'))) {
      wide.push(`${one.tagName} ${one.id} ${one.className}: ${one.textContent.trim().slice(0, 40)}`);
    }
    const box = one.getBoundingClientRect();
    const out = box.right > innerWidth + 1 || box.left < -1;
    if (shown && text && out) wide.push(`out ${one.tagName}: ${one.textContent.trim().slice(0, 40)}`);
  }
  return wide;
}"""
SETTLED = """() => document.readyState === 'complete' && !document.querySelector('#age[hidden]')
  && document.querySelector('[data-role]:not([hidden])')"""
TARGETS = "button, .button, .tabs a, .tile, input:not([type=file]), select, summary"
SMALL = (
    f"() => [...document.querySelectorAll('{TARGETS}')]"
    + """
  .filter((one) => one.checkVisibility() && getComputedStyle(one).opacity !== '0')
  .filter((one) => one.getBoundingClientRect().height < 43.5)
  .map((one) => `${one.tagName} ${one.textContent.trim().slice(0, 30)} ${one.getBoundingClientRect().height}`)"""
)


WEIGHT = """() => ['navigation', 'resource'].flatMap((kind) => performance.getEntriesByType(kind))
  .reduce((sum, one) => sum + one.transferSize, 0)"""


def barriers(phone: Phone) -> list[str]:
    """What axe calls serious or critical."""
    return [
        f"{one['id']}: {node['html'][:150]} {node['failureSummary']}"
        for one in Axe().run(phone.page).response["violations"]
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]


def look_at(phone: Phone, name: str) -> list[str]:
    """What is wrong with the page that is open; its picture, if pictures are wanted."""
    page = phone.page
    wrong = [*page.evaluate(CUT), *page.evaluate(SMALL), *barriers(phone)]
    phone.picture(name)
    if page.evaluate("() => document.documentElement.scrollHeight") > HEIGHT * 1.2:
        phone.picture(f"{name}.full", full=True)
    return [f"{name}: {one}" for one in wrong]


@pytest.mark.parametrize("language", ["zh-CN", "en-GB"])
def test_every_page_fits_and_can_be_used_by_all(stage_busy: Stage, chromium: Chromium, language: str) -> None:
    phone = stage_busy.phone(f"shop-{language}", language=language)
    short = language[:2]
    phone.open("/")
    phone.page.locator("[data-role=none] .button").wait_for()
    assert 10_000 < phone.page.evaluate(WEIGHT) <= 150_000
    wrong = look_at(phone, f"{short}-home-new")
    phone.open("/enrol")
    phone.page.locator("#ask").wait_for()
    wrong += look_at(phone, f"{short}-enrol-code")
    phone.enrol(stage_busy.desk, "merchant", M1)
    for page in (*shell.PAGES, *merchant.PAGES):
        phone.open(page.path)
        phone.page.wait_for_function(SETTLED)
        wrong += look_at(phone, f"{short}-{re.sub('[^a-z]+', '-', page.path).strip('-') or 'home'}")
    phone.page.emulate_media(color_scheme="dark")
    for path in ("/", "/clears", "/goods/out", "/holdings"):
        phone.open(path)
        phone.page.wait_for_function(SETTLED)
        wrong += [f"dark {path}: {one}" for one in barriers(phone)]
        phone.picture(f"{short}-dark-{path.replace('/', '')}")
    assert wrong == []
