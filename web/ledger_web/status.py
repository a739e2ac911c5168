"""How the server is: /healthz for whoever keeps it running, /metrics for prometheus, /problems/{code} for readers.

Figures name nobody; they are for the machine the server runs on and the proxy in front of it all the same, which should
keep /metrics to itself.
"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.requests import Request
from starlette.responses import Response

from ledger.errors import LedgerError
from ledger.messages import Message
from ledger_web.faults import NotThere
from ledger_web.languages import spoken
from ledger_web.service import Service

router = APIRouter(tags=["status"])


@router.get("/healthz")
def healthz(request: Request) -> dict[str, Any]:
    """Whether the ledger answers and statements are taken."""
    service = Service.of(request)
    head = service.ledger.store.head()
    return {"status": "ok", "size": head.size, "waiting": service.queue.waiting}


@router.get("/metrics", response_class=Response)
def metrics(request: Request) -> Response:
    """Figures in the text format of prometheus."""
    return Response(
        generate_latest(Service.of(request).metrics.registry), headers={"content-type": CONTENT_TYPE_LATEST}
    )


@router.get("/problems/{code}")
def problem_kind(code: str) -> dict[str, str]:
    """What a kind of problem means: where `type` of a problem leads."""
    found = next((one for one in _kinds(LedgerError) if one.__name__ == code), None)
    if found is None:
        raise NotThere(Message("there is no such kind of problem"), field="code")
    return {
        "code": code,
        "zh": spoken("zh").told(found.title),
        "en": found.title,
        "kind_of": found.__mro__[1].__name__,
    }


def _kinds(kind: type[LedgerError]) -> list[type[LedgerError]]:
    return [kind, *(below for one in kind.__subclasses__() for below in _kinds(one))]
