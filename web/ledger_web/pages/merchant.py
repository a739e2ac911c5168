"""The pages of a merchant. Their data is `GET /api/mine` (see `ledger_web.mine`)."""

from __future__ import annotations

from typing import Final

from ledger_web.pages.page import Page

PAGES: Final = (
    Page("/goods/in", "goods_in.html.j2"),
    Page("/goods/out", "goods_out.html.j2"),
    Page("/goods/accept", "goods_accept.html.j2"),
    Page("/holdings", "holdings.html.j2"),
    Page("/disinfect", "disinfect.html.j2"),
    Page("/temperature", "temperature.html.j2"),
    Page("/clears", "clears.html.j2"),
    Page("/papers", "papers.html.j2"),
    Page("/orders", "orders.html.j2"),
)
