"""`/api/labels/{batch}`: the label of a batch for printing, as `custody label` makes it.

    GET /api/labels/B1                     one label as SVG
    GET /api/labels/B1?kind=pdf&copies=10  A4 sheets with marks to cut along

For whoever may see the batch. The code on it leads to this server, under the name by which it was asked. What it leaves
to others: what stands on a label and where (`ledger.exchange.labels`).
"""

from __future__ import annotations

from typing import Annotated, Final, Literal
from urllib.parse import quote

from fastapi import APIRouter, Path, Query
from starlette.requests import Request
from starlette.responses import Response

from ledger.custody.trace import trace_batch
from ledger.exchange.labels.content import label_of
from ledger.exchange.labels.layout import Size, layout
from ledger.exchange.labels.link import Base
from ledger.exchange.labels.sheet import sheet
from ledger.exchange.labels.svg import svg
from ledger_web.service import Service
from ledger_web.sessions import host_of, scheme_of

router = APIRouter(prefix="/api", tags=["labels"])

MOST_COPIES: Final = 200
_TYPES: Final = {"svg": "image/svg+xml", "pdf": "application/pdf"}


@router.get("/labels/{batch}", response_class=Response)
def label(
    request: Request,
    batch: Annotated[str, Path(max_length=64)],
    kind: Literal["svg", "pdf"] = "svg",
    copies: Annotated[int, Query(ge=1, le=MOST_COPIES)] = 1,
    size: Annotated[str, Query(max_length=12, description="毫米 mm")] = "90x50",
) -> Response:
    """批次标签 The label of a batch that the reader may see."""
    service = Service.of(request)
    service.reader(request).require_batch(batch)
    ledger = service.ledger
    base = Base.of(f"{scheme_of(request)}://{host_of(request)}")
    trace = trace_batch(ledger.store, ledger.facts(), batch, as_of=ledger.store.head().size)
    said = label_of(trace, base)
    drawn = layout(said, Size.of(size))
    if kind == "pdf":
        data = sheet([drawn], copies=copies, title=batch)
    else:
        data = svg(drawn, title=f"{said.name} {batch}").encode()
    name = f"{quote(batch, safe='')}.{kind}"
    headers = {
        "cache-control": "no-store",
        "content-disposition": f"attachment; filename=\"label.{kind}\"; filename*=UTF-8''{name}",
    }
    return Response(data, 200, headers, _TYPES[kind])
