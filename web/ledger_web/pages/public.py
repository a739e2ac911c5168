"""The page behind a label's QR code, for anybody. Its data is `GET /api/public/batches/{batch}`."""

from __future__ import annotations

from typing import Final

from ledger_web.pages.page import Page

PAGES: Final = (Page("/b/{batch}", "batch.html.j2"),)
