"""The pages of an officer, whose data is `/api/duty`, `/api/checks`, `/api/cosign`; `/orders` is merchants' too."""

from __future__ import annotations

from typing import Final

from ledger_web.pages.page import Page

PAGES: Final = (
    Page("/plan", "plan.html.j2"),
    Page("/check/{merchant}", "check.html.j2"),
    Page("/cosign", "cosign.html.j2"),
)
