"""A page with the modules in it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.web.browser import Chromium, Site
from tests.web.js.modules import Modules


@pytest.fixture(scope="session")
def js(chromium: Chromium, site: Site) -> Iterator[Modules]:
    page = chromium.page(site.url("/blank.html"))
    yield Modules(page)
    page.close()


@pytest.fixture
def fresh(chromium: Chromium, site: Site) -> Iterator[Modules]:
    """The same in a browser profile of its own, with empty storage."""
    page = chromium.page(site.url("/blank.html"))
    yield Modules(page)
    page.close()
