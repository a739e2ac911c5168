"""The pages of an officer, whose data is `/api/duty`, `/api/checks`, `/api/cosign`, `/api/plans`, `/api/measures`
and `/enrolment`.

`/orders` is merchants' too, and plans are operators'.
"""

from __future__ import annotations

from typing import Final

from ledger_web.pages.page import Page

PAGES: Final = (
    Page("/plan", "plan.html.j2"),
    Page("/check/{merchant}", "check.html.j2"),
    Page("/cosign", "cosign.html.j2"),
    Page("/plans", "plans.html.j2"),
    Page("/cards", "cards.html.j2"),
    Page("/seals", "seals.html.j2"),
    Page("/devices", "devices.html.j2"),
)
