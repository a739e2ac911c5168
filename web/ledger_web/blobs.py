"""Attachments by digest: up in pieces, down as what they are.

    HEAD  /blobs/uploads/{sha256}     Upload-Offset: how much has come
    PATCH /blobs/uploads/{sha256}     Upload-Offset, Upload-Complete: ?0 or ?1, the next bytes
    GET   /blobs/sha256/{2}/{62}      the file; ?entry=N names an entry that you may see and that names the file

The headers and their meaning are those of the IETF's resumable uploads (draft-ietf-httpbis-resumable-upload), which tus
became. The address differs: it is the digest, which the sender knows before it begins, so there is nothing to ask for
first and nothing to remember. A piece cut off by a lost signal counts as far as it came.

Any granted key may send, with a session, since a photograph is often there before its statement; an auditor may not.
Whether the file is the one it is said to be its digest decides at the end. What no entry names is never published, and
never given out to anybody but those who see everything.

Nothing that comes up is run or shown as a page: JPEG, PNG and WebP of a bearable size are pictures and shown; a PDF is
called one; all else is bytes; everything but pictures is to be saved. No archive is ever unpacked.
"""

from __future__ import annotations

import re
import warnings
from pathlib import Path
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from fastapi import Path as InPath
from PIL import Image
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, Response

from ledger.exchange.bundle import digests_named
from ledger.messages import Message
from ledger_web.access import Reader
from ledger_web.faults import Busy, Invalid, NotThere, NotUnderstood, NotYours, OutOfStep, TooLong
from ledger_web.service import Service
from ledger_web.statements import content_type

router = APIRouter(prefix="/blobs", tags=["attachments"])

PARTIAL: Final = "application/partial-upload"
WHOLE: Final = "application/octet-stream"
_PICTURES: Final = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
_OFFSET: Final = re.compile(r"0|[1-9][0-9]{0,14}")
_SANDBOX: Final = "default-src 'none'; sandbox; frame-ancestors 'none'"

Digest = Annotated[str, InPath(pattern="^[0-9a-f]{64}$", description="SHA-256")]


@router.head("/uploads/{sha256}", include_in_schema=False)
def progress(request: Request, sha256: Digest) -> Response:
    """How much of a file has come."""
    service, reader = _sender(request)
    if service.home.blobs.renew(sha256) is not None:
        return Response(status_code=204, headers=_state(service.home.blobs.path(sha256).stat().st_size, True))
    offset = service.uploads.offset(service.uploads.part(reader.keyid or "", sha256))
    if offset is None:
        raise NotThere(Message("nothing of this file is here: begin at 0"))
    return Response(status_code=204, headers=_state(offset, False))


@router.patch("/uploads/{sha256}", status_code=201, response_class=Response)
async def append(request: Request, sha256: Digest) -> Response:
    """发送附件 The next bytes of a file; the last ones say `Upload-Complete: ?1`."""
    service, reader = _sender(request)
    content_type(request, (PARTIAL, WHOLE))
    claimed, complete = _claimed(request)
    if await run_in_threadpool(service.home.blobs.renew, sha256) is not None:
        return _there(sha256, service.home.blobs.path(sha256))
    part = service.uploads.part(reader.keyid or "", sha256)
    announced = int(request.headers.get("content-length", "0"))  # the shield has looked at it
    await run_in_threadpool(_require_room, service, reader.keyid or "", part, announced)
    with service.uploads.writing(part) as stream:
        offset = part.stat().st_size
        if claimed != offset:
            raise OutOfStep(
                Message("{offset} bytes have come: go on from there", offset=offset),
                field="Upload-Offset", headers=_state(offset, False),
            )  # fmt: skip
        try:
            async for piece in request.stream():
                offset += len(piece)
                if offset > service.settings.attachment_bytes:
                    raise _too_long(service)
                stream.write(piece)
        except ClientDisconnect:
            return Response(status_code=204)  # nobody hears it; what came is kept
        stream.flush()
        if not complete:
            return Response(status_code=204, headers=_state(offset, False))
        if not await run_in_threadpool(_adopt, service, reader.keyid or "", part, sha256):
            part.unlink(missing_ok=True)
            problem = {"field": "sha256", "detail": f"{offset} bytes have another digest"}
            raise Invalid(
                Message(
                    "the bytes that came have another digest, and were thrown away: send the file again from 0"
                ),
                problems=[problem],
            )
    return _there(sha256, service.home.blobs.path(sha256))


@router.get("/sha256/{first}/{rest}", response_class=Response)
def download(
    request: Request,
    first: Annotated[str, InPath(pattern="^[0-9a-f]{2}$")],
    rest: Annotated[str, InPath(pattern="^[0-9a-f]{62}$")],
    entry: Annotated[
        int | None, Query(ge=0, le=2**53, description="条目编号 An entry that names the file")
    ] = None,
) -> Response:
    """下载附件 The file; a picture is shown, anything else is to be saved."""
    service = Service.of(request)
    reader = service.reader(request)
    reader.require_signed_in()
    sha256 = first + rest
    path = service.home.blobs.open(sha256) if _may_read(service, reader, sha256, entry) else None
    if path is None:
        raise NotThere(
            Message(
                "there is no such attachment here: name an entry that you may see with ?entry=, which names it"
            ),
            field="sha256",
        )
    media = sniffed(path)
    shown = "inline" if media.startswith("image/") else "attachment"
    headers = {
        "content-disposition": f'{shown}; filename="{sha256[:16]}"',
        "content-security-policy": _SANDBOX,
        "cache-control": "private, max-age=31536000, immutable",
        "etag": f'"{sha256}"',
    }
    return FileResponse(path, headers=headers, media_type=media)


def sniffed(path: Path) -> str:
    """What a file is by its content, as far as anybody is told."""
    with path.open("rb") as stream:
        start = stream.read(8)
        if start.startswith(b"%PDF-"):
            return "application/pdf"
        stream.seek(0)
        try:
            with warnings.catch_warnings():  # of pictures with more pixels than a phone should unpack
                warnings.simplefilter("error", Image.DecompressionBombWarning)
                with Image.open(stream, formats=list(_PICTURES)) as picture:
                    kind = picture.format
                    picture.verify()
        except Exception:  # whatever a decoder says of hostile bytes: it is no picture
            return WHOLE
    return _PICTURES.get(kind or "", WHOLE)


def _sender(request: Request) -> tuple[Service, Reader]:
    """Raises: SignInNeeded, NotYours."""
    service = Service.of(request)
    reader = service.reader(request)
    reader.require_signed_in()
    if reader.role == "auditor" or reader.keyid is None:
        raise NotYours(Message("an auditor reads: send with a key that states something"))
    return service, reader


def _claimed(request: Request) -> tuple[int, bool]:
    """Where the piece begins, and whether it is the last. Raises: NotUnderstood."""
    offset = request.headers.get("upload-offset", "")
    complete = request.headers.get("upload-complete", "")
    if not _OFFSET.fullmatch(offset):
        raise NotUnderstood(
            Message("Upload-Offset is the number of bytes that were sent before"),
            field="Upload-Offset",
        )
    if complete not in ("?0", "?1"):
        raise NotUnderstood(
            Message("Upload-Complete is ?1 for the last piece, else ?0"),
            field="Upload-Complete",
        )
    return int(offset), complete == "?1"


def _may_read(service: Service, reader: Reader, sha256: str, index: int | None) -> bool:
    if reader.sees_everything:
        return True
    if index is None or index >= service.ledger.store.head().size:
        return False
    entry = service.ledger.entry(index)
    return sha256 in digests_named(entry.data) and reader.may_see_statement(entry.statement)


def _adopt(service: Service, keyid: str, part: Path, sha256: str) -> bool:
    """Give a whole file its place, noted as one that no entry names yet; False when it has another digest."""
    store = service.ledger.store
    service.unnamed.note(keyid, sha256, store.head().size, part.stat().st_size)
    taken = service.home.blobs.adopt(part, sha256)
    if not taken:
        service.unnamed.drop(keyid, sha256)
    return taken


def _require_room(service: Service, keyid: str, part: Path, announced: int) -> None:
    """Raises: Busy when too much of others is unfinished, or too much of this key is named by no statement."""
    offset = service.uploads.offset(part)
    service.unnamed.require_room(keyid, service.ledger.store, (offset or 0) + announced)
    if offset:
        return
    service.uploads.sweep()
    service.uploads.make_room(part, most=service.settings.uploads_each)
    _, waiting = service.uploads.waiting()
    if waiting > service.settings.attachments_waiting:
        raise Busy(
            Message("too many uploads of others are unfinished: this one is taken later"),
            retry_after=60,
            headers={"connection": "close"},
        )


def _too_long(service: Service) -> TooLong:
    most = service.settings.attachment_bytes
    return TooLong(
        Message("an attachment has at most {most} bytes: send a smaller picture", most=most),
        headers={"connection": "close"},
    )


def _state(offset: int, complete: bool) -> dict[str, str]:
    return {
        "upload-offset": str(offset),
        "upload-complete": "?1" if complete else "?0",
        "cache-control": "no-store",
    }


def _there(sha256: str, path: Path) -> Response:
    headers: dict[str, Any] = _state(path.stat().st_size, True)
    headers["location"] = f"/blobs/sha256/{sha256[:2]}/{sha256[2:]}"
    return Response(status_code=201, headers=headers)
