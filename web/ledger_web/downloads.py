"""Files that auditors and supervisors take away: the published ledger, and all entries of one merchant.

    GET /api/bundle                        the ledger as `custody publish FILE.zip` writes it: operator, auditors
    GET /api/bundle?attachments=false      the same without attachments
    GET /api/merchants/{merchant}/chain    as `custody coverage --prove` writes it: officials who see the merchant

Both read the whole ledger, so one of each is made at a time and others are asked to come again. The zip is written
beside the ledger first and sent from there: it is compared with the tree on the way, and what does not agree becomes an
answer that says so, not a file that breaks off. Nobody but this program can open it by name, and it is gone afterwards.

What it leaves to others: the formats (`ledger.exchange.bundle`, `ledger.custody.merchant_chain`).
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Annotated, Final, cast

from fastapi import APIRouter, FastAPI, Path
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from ledger.errors import UsageError
from ledger.exchange.bundle import publish
from ledger.messages import Message
from ledger_web.faults import Busy, NotThere, NotYours
from ledger_web.service import Service

router = APIRouter(prefix="/api", tags=["downloads"])

CHUNK: Final = 1 << 18
_SCRATCH: Final = ".bundle-"


class Counter:
    """Where files are made, one of a kind at a time; one for a server."""

    def __init__(self) -> None:
        self.bundle, self.chain = threading.Lock(), threading.Lock()

    def install(self, app: FastAPI) -> None:
        """Make the routes below work in this application."""
        app.state.counter = self

    @staticmethod
    @contextmanager
    def alone(lock: threading.Lock) -> Iterator[None]:
        """Raises: Busy while somebody else's is being made."""
        if not lock.acquire(blocking=False):
            raise Busy(
                Message("the same is being made for somebody else: try again in a minute"),
                retry_after=30,
            )
        try:
            yield
        finally:
            lock.release()


@router.get("/bundle", response_class=Response)
def bundle(request: Request, attachments: bool = True) -> Response:
    """下载台账 The published ledger as a zip: checkpoint, hash tiles, entries and attachments."""
    service = Service.of(request)
    reader = service.reader(request)
    reader.require_signed_in()
    if not reader.sees_everything:
        raise NotYours(
            Message("the whole ledger is for operator and auditors: ask for the proofs of single entries"),
        )
    folder = service.home.directory
    with Counter.alone(cast("Counter", request.app.state.counter).bundle):
        for left in folder.glob(f"{_SCRATCH}*"):  # of a server that was killed meanwhile
            left.unlink(missing_ok=True)
        target = folder / f"{_SCRATCH}{service.randomness(8).hex()}.zip"
        try:
            made = publish(service.ledger.store, target, blobs=service.home.blobs if attachments else None)
            stream = target.open("rb")
        finally:
            target.unlink(missing_ok=True)
    headers = {
        "cache-control": "no-store",
        "content-disposition": f'attachment; filename="ledger-{made.size}.zip"',
        "content-length": str(stream.seek(0, 2)),
    }
    return StreamingResponse(_pieces(stream), headers=headers, media_type="application/zip")


@router.get("/merchants/{merchant}/chain", response_class=Response)
def chain(request: Request, merchant: Annotated[str, Path(max_length=64)]) -> Response:
    """出具覆盖证明 All entries of a merchant with their proofs, and the log's signed claim that there are no more."""
    service = Service.of(request)
    reader = service.reader(request)
    reader.require_merchant(merchant)
    if reader.merchant is not None:
        raise NotYours(Message("for supervisors, offices and auditors"))
    with Counter.alone(cast("Counter", request.app.state.counter).chain):
        try:
            data = service.ledger.prove_chain(merchant)
        except UsageError as error:
            raise NotThere(Message("there is no such merchant here"), field="merchant") from error
    headers = {
        "cache-control": "no-store",
        "content-disposition": f'attachment; filename="{merchant}.chain"',
    }
    return Response(data, 200, headers, "text/plain; charset=utf-8")


def _pieces(stream: IO[bytes]) -> Iterator[bytes]:
    with stream:
        stream.seek(0)
        while piece := stream.read(CHUNK):
            yield piece
