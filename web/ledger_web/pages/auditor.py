"""The pages of an auditor, whose browser verifies what the server says: the whole ledger, one entry, one merchant."""

from __future__ import annotations

from typing import Final

from ledger_web.pages.page import Page

PAGES: Final = (
    Page("/verify", "verify.html.j2"),
    Page("/proof", "proof.html.j2"),
    Page("/trace/{batch}", "trace.html.j2"),
    Page("/absence", "absence.html.j2"),
)
