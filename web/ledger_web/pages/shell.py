"""The pages of every role: what to do today, enrolling a device, what waits to be sent, settings."""

from __future__ import annotations

from typing import Final

from ledger_web.pages.page import Page

PAGES: Final = (
    Page("/", "home.html.j2"),
    Page("/enrol", "enrol.html.j2"),
    Page("/queue", "queue.html.j2"),
    Page("/settings", "settings.html.j2"),
)
