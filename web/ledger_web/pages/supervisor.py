"""The pages of an officer, with data of `/api/duty`, `/api/checks`, `/api/cosign`; `/orders` is shared with merchants."""

from __future__ import annotations

from typing import Final

from ledger_web.pages.page import Page

PAGES: Final = (
    Page("/plan", "plan.html.j2"),
    Page("/check/{merchant}", "check.html.j2"),
    Page("/cosign", "cosign.html.j2"),
)
