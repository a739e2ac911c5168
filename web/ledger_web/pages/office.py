"""The pages of an office: what it was told and has to answer, and who was checked how often. Data: `/api/notices`, …"""

from __future__ import annotations

from typing import Final

from ledger_web.pages.page import Page

PAGES: Final = (
    Page("/notices", "notices.html.j2"),
    Page("/coverage", "coverage.html.j2"),
)
