"""One browser and one web server for all tests of pages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.web.browser import Chromium, Site


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    with Site() as site:
        yield site


@pytest.fixture(scope="session")
def chromium() -> Iterator[Chromium]:
    with Chromium() as chromium:
        yield chromium
