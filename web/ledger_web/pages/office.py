"""The pages of an office: what it was told and has to answer, who was checked how often, who answered a recall.

Data: `/api/notices`, `/api/coverage`, `/api/measures/recalls`. Officers have `/recalls` too.
"""

from __future__ import annotations

from typing import Final

from ledger_web.pages.page import Page

PAGES: Final = (
    Page("/notices", "notices.html.j2"),
    Page("/coverage", "coverage.html.j2"),
    Page("/recalls", "recalls.html.j2"),
)
