"""The pages of an officer, on `/api/duty`, `/api/checks`, `/api/cosign` and `/enrolment`; `/orders` is shared."""

from __future__ import annotations

from typing import Final

from ledger_web.pages.page import Page

PAGES: Final = (
    Page("/plan", "plan.html.j2"),
    Page("/check/{merchant}", "check.html.j2"),
    Page("/cosign", "cosign.html.j2"),
    Page("/devices", "devices.html.j2"),
)
