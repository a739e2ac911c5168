"""A small server with nothing on it but sessions and enrolment, and devices that speak to it over HTTP.

server = Server(world)
phone = server.device(world.k1)
phone.sign_in()
phone.get("/session").json()
"""

from __future__ import annotations

import asyncio
from base64 import b64encode
from typing import Annotated, Any

import httpx
from fastapi import Depends, FastAPI, Request
from fastapi.responses import Response

from ledger.errors import LedgerError
from ledger.log import PrivateKey
from ledger.log.session import Challenge, session_message
from ledger_web import enrolment, sessions
from ledger_web.access import Reader
from ledger_web.challenges import enrolment_message
from ledger_web.enrolment import Desk
from ledger_web.invitations import Invitations, digest_of
from ledger_web.languages import reader_language
from ledger_web.problems import respond
from ledger_web.sessions import Gate, reader
from ledger_web.settings import Settings
from ledger_web.shield import Shield
from tests.custody.world import ORIGIN, World

HOST = "ledger.example:8443"
HERE = f"https://{HOST}"


def send(
    app: FastAPI,
    method: str,
    path: str,
    base: str,
    cookies: httpx.Cookies,
    address: str = "192.0.2.1",
    **more: Any,
) -> httpx.Response:
    """One request to an app, without a socket; the cookies it sets are put to those given."""

    async def go() -> httpx.Response:
        transport = httpx.ASGITransport(app, client=(address, 40_000))
        async with httpx.AsyncClient(transport=transport, base_url=base, cookies=cookies) as client:
            answer = await client.request(method, path, **more)
            cookies.update(client.cookies)
            for gone in [one for one in cookies.jar if one.name not in dict(client.cookies)]:
                cookies.jar.clear(gone.domain, gone.path, gone.name)
            return answer

    return asyncio.run(go())


class Server:
    """The app on a world's ledger; `restart` forgets what is in memory alone."""

    def __init__(
        self, world: World, *, hosts: tuple[str, ...] = ("ledger.example", "second.example")
    ) -> None:
        self.world, self.hosts = world, hosts
        self.invitations = Invitations(world.folder, clock=self.clock)
        self.restart()

    def clock(self) -> int:
        return self.world.now

    def restart(self) -> None:
        app = FastAPI()
        app.include_router(sessions.router)
        app.include_router(enrolment.router)
        app.add_middleware(Shield, settings=Settings(hosts=self.hosts))
        self.gate = Gate(self.world.ledger, clock=self.clock)
        self.gate.install(app)
        self.desk = Desk(self.invitations, clock=self.clock)
        self.desk.install(app)

        @app.exception_handler(LedgerError)
        def refused(request: Request, error: LedgerError) -> Response:
            return respond(error, reader_language(request.headers.get("accept-language")))

        @app.get("/merchant/{merchant}")
        def merchant(merchant: str, found: Annotated[Reader, Depends(reader)]) -> dict[str, str]:
            found.require_merchant(merchant)
            return {"merchant": merchant}

        @app.get("/batch/{batch}")
        def batch(batch: str, found: Annotated[Reader, Depends(reader)]) -> dict[str, str]:
            found.require_batch(batch)
            return {"batch": batch}

        self.app = app

    def device(
        self, key: PrivateKey | None = None, *, base: str = HERE, address: str = "192.0.2.1"
    ) -> Device:
        return Device(self, key or PrivateKey.generate("p256"), base, address)


class Device:
    """A phone with a key and a cookie jar. It builds what it signs itself, as the page does."""

    def __init__(self, server: Server, key: PrivateKey, base: str, address: str) -> None:
        self.server, self.key, self.base, self.address = server, key, base, address
        self.cookies = httpx.Cookies()

    @property
    def host(self) -> str:
        return httpx.URL(self.base).netloc.decode()

    def send(self, method: str, path: str, **more: Any) -> httpx.Response:
        return send(self.server.app, method, path, self.base, self.cookies, self.address, **more)

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.send("GET", path, **more)

    def post(self, path: str, body: Any = None, **more: Any) -> httpx.Response:
        return self.send("POST", path, json=body, **more)

    def challenge(self) -> Challenge:
        found = self.post("/session/challenge").json()
        return Challenge(found["challenge"], found["expires"])

    def answer(self, asked: Challenge, **other: str) -> dict[str, str]:
        """The challenge signed; `other` puts something else into what is signed."""
        about = {"ledger": ORIGIN, "host": self.host, "keyid": self.key.public.keyid} | other
        message = session_message(challenge=asked, **about)
        return self.signed(asked, message)

    def signed(self, asked: Challenge, message: bytes) -> dict[str, str]:
        signature = b64encode(self.key.sign(message)).decode()
        return {"challenge": asked.text, "keyid": self.key.public.keyid, "signature": signature}

    def sign_in(self) -> dict[str, Any]:
        answer = self.post("/session", self.answer(self.challenge()))
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def bring(self, code: str, **other: str) -> httpx.Response:
        """Bring a code with this device's key."""
        about = {
            "ledger": ORIGIN, "host": self.host, "invitation": digest_of(code),
            "keyid": self.key.public.keyid,
        } | other  # fmt: skip
        proof = b64encode(self.key.sign(enrolment_message(**about))).decode()
        return self.post("/enrolment", {"code": code, "public_key": self.key.public.text, "proof": proof})

    def state(self, code: str) -> httpx.Response:
        return self.post("/enrolment/state", {"code": code, "keyid": self.key.public.keyid})
