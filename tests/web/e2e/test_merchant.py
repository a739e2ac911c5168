"""A merchant's day on a phone, against the real server."""

from __future__ import annotations

import pytest

from tests.custody.world import M1
from tests.web.browser import Chromium
from tests.web.e2e.conftest import Stage

pytestmark = pytest.mark.slow


def test_disinfection_is_done_in_three_taps(stage: Stage, chromium: Chromium) -> None:
    phone = stage.merchant("shop", M1)
    page = phone.open("/")
    page.locator("a.tile[href='/disinfect']").click()
    phone.page.wait_for_load_state()
    phone.sign()
    assert "台账第" in phone.outcome("accepted")
