"""`/api/public/…`: what anybody may know of a batch who has its label in hand, and where its proof begins.

    GET /api/public/batches/B1      name, origin, days, cold chain, the day it was recorded, whether sealed or recalled
    GET /01/06291041500213/10/L9?batch=B1      a label's GS1 Digital Link: leads on to /b/B1

Who guesses a batch id learns what stands on that batch's label (`labels.content`) and no more: no merchant, supplier,
holder, quantity, paper or person. `proof` names the entry of its receipt by place and leaf hash; with both `POST
/proof/{index}` proves that the ledger holds an entry of that hash. The entry itself is not public, so that these words
stand in it is for those to see who may read it. A rate keeps anybody from going through all ids there might be.

What it leaves to others: the page (`pages.public`), proofs (`tlog`), what a label's address is (`labels.link`).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any, Final, cast
from urllib.parse import quote

from fastapi import APIRouter, FastAPI, Path
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from ledger.custody.authoring import CHINA
from ledger.custody.facts import Facts
from ledger.custody.matters import latest
from ledger.custody.supervision.holds import standing_seal
from ledger.exchange.labels.link import batch_in
from ledger.log import Entry
from ledger.log.times import parse_instant
from ledger.messages import Message
from ledger_schemas import GoodsReceived, ReceiptLine, parse_body
from ledger_web.faults import NotThere
from ledger_web.limits import Limiter, place_of
from ledger_web.service import Service

router = APIRouter(tags=["public"])

EVERY_MS: Final = 1_000
BURST: Final = 60
"""A shelf of goods may be scanned at once; a list of guesses takes years."""
_SHOWN: Final = (
    "name",
    "goods_class",
    "brand",
    "specification",
    "origin_country",
    "production_date",
    "best_before",
    "lot",
    "gtin",
)


class Window:
    """How often one place may ask for batches; one for a server."""

    def __init__(self, *, clock: Callable[[], int]) -> None:
        self.asking = Limiter(every_ms=EVERY_MS, burst=BURST, clock=clock)

    def install(self, app: FastAPI) -> None:
        """Make the routes below work in this application."""
        app.state.window = self


@router.get("/api/public/batches/{batch}")
def public_batch(
    request: Request, response: Response, batch: Annotated[str, Path(max_length=64)]
) -> dict[str, Any]:
    """标签信息 What stands on a batch's label, its state, and the place of its receipt in the ledger."""
    response.headers["cache-control"] = "no-store"
    window = cast("Window", request.app.state.window)
    window.asking.take(place_of(request.client.host if request.client else None))
    ledger = Service.of(request).ledger
    size = ledger.store.head().size
    rows = ledger.store.facts.batches_by_id([batch], before=size)
    if not rows:
        raise NotThere(Message("there is no such batch here"), field="batch")
    return _told(ledger.facts(), batch, ledger.entry(rows[-1].index), size)


def _told(facts: Facts, batch: str, entry: Entry, size: int) -> dict[str, Any]:
    line = _line(entry, batch)
    recorded = datetime.fromtimestamp(parse_instant(entry.recorded_at) / 1000, UTC).astimezone(CHINA)
    return {
        "batch": batch,
        "as_of": size,
        **line.model_dump(mode="json", include=set(_SHOWN)),
        "recorded_on": recorded.date().isoformat(),
        "taken_back": facts.batch(batch, size) is None,
        "sealed": standing_seal(facts, batch, size) is not None,
        "recalled": latest(facts, "recall", batch, size) is not None,
        "proof": {"index": entry.index, "leaf_hash": entry.leaf_hash.hex()},
    }


def _line(entry: Entry, batch: str) -> ReceiptLine:
    receipt = parse_body(entry.statement.kind, entry.statement.body)
    assert isinstance(receipt, GoodsReceived)  # noqa: S101 - a batch begins with nothing else
    return next(line for line in receipt.lines if line.batch == batch)


@router.get("/01/{rest:path}", include_in_schema=False)
def digital_link(request: Request) -> Response:
    """A label's GS1 Digital Link; the batch it names has its page."""
    batch = batch_in(str(request.url))
    if batch is None:
        raise NotThere(
            Message(
                "this code names no batch of a ledger: scan the label of the batch, or type its id after /b/"
            ),
        )
    return RedirectResponse(f"/b/{quote(batch, safe=':()+')}", 302, {"cache-control": "no-store"})
