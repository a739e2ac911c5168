"""A ledger behind `custody serve`, and phones that come to it with Debian's Chromium.

    with Served(world.folder) as served:
        phone = Phone(chromium, served.url, tmp_path / "phone")
        phone.open("/")

A phone is a browser with a profile of its own on disk, so it can be closed and opened again with all that it kept.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import httpx
from playwright.sync_api import BrowserContext, Dialog, Page
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from ledger.custody.authoring import instant
from ledger.custody.home import LOG_KEY, Home
from ledger.log import PrivateKey
from ledger.log.session import Challenge, session_message
from ledger.log.statement import encode_envelope
from ledger_web.pages.assets import Assets
from tests.custody.world import ORIGIN, World
from tests.web.browser import Chromium, chromium_path

START_SECONDS = 30
WIDTH, HEIGHT = 390, 844


def now_ms() -> int:
    return int(datetime.now(UTC).timestamp() * 1000)


def world_now(folder: Path, before: Callable[[World], None] = lambda world: None) -> World:
    """A ledger that was opened in April and has gone on until now, which is what phones say the time is."""
    world = World(folder, set_up=False)
    world.now = now_ms() - 60_000
    world._set_up()
    before(world)
    world.now = now_ms()
    Home(folder).keyring.add(LOG_KEY, world.log_key.to_pem(None), world.log_key.public.text)
    return world


class Served:
    """`custody serve` as a process of its own; the same port again when it is started again."""

    def __init__(self, folder: Path, port: int = 0, *, more: Sequence[str | Path] = ()) -> None:
        self.folder, self.port, self.more = folder, port, [str(one) for one in more]
        self.url = ""
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        path = self.folder.parent / f"{self.folder.name}.log"
        command = [
            sys.executable,
            "-c",
            "from ledger_cli.app import main; main()",
            "serve",
            "--port",
            str(self.port),
            *self.more,
        ]
        environment = os.environ | {"CUSTODY_LEDGER": str(self.folder), "PYTHONUNBUFFERED": "1"}
        with path.open("w") as log:
            self._process = subprocess.Popen(command, stderr=log, stdout=log, env=environment)
        deadline = time.monotonic() + START_SECONDS
        while True:
            said = path.read_text()
            found = re.search(r"(https?)://127\.0\.0\.1:(\d+)", said)
            if found:
                break
            assert time.monotonic() < deadline and self._process.poll() is None, said
            time.sleep(0.05)
        self.port = int(found[2])
        self.url = f"{found[1]}://127.0.0.1:{self.port}"

    def stop(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(30)
            self._process = None

    def instead(self, folder: Path) -> None:
        """Another ledger's server at the same address."""
        self.stop()
        self.folder = folder
        self.start()


class Desk:
    """An officer at a desk: signs in with a key outside the browser, invites devices and grants them."""

    def __init__(self, world: World, served: Served, key: PrivateKey) -> None:
        self.world, self.key = world, key
        self.http = httpx.Client(base_url=served.url)
        asked = self.http.post("/session/challenge", json={}).json()
        message = session_message(
            ledger=ORIGIN,
            host=httpx.URL(served.url).netloc.decode(),
            challenge=Challenge(asked["challenge"], asked["expires"]),
            keyid=key.public.keyid,
        )
        answer = {
            "challenge": asked["challenge"],
            "keyid": key.public.keyid,
            "signature": _base64(key.sign(message)),
        }
        self.http.post("/session", json=answer).raise_for_status()

    def invite(self, role: str, scope: str, holder: str | None = None) -> str:
        asked = {"role": role, "scope": scope, "holder": holder}
        answer = self.http.post("/enrolment/invitations", json=asked).raise_for_status()
        return str(answer.json()["url"])

    def waiting(self) -> dict[str, Any]:
        """The newest invitation that a device has come to."""
        listed = self.http.get("/enrolment/invitations").json()["invitations"]
        return next(one for one in listed if one["state"] == "pending")

    def grant(self) -> None:
        self.say("key.granted", None, self.waiting()["body"])

    def say(
        self, kind: str, merchant: str | None, body: dict[str, Any], key: PrivateKey | None = None
    ) -> None:
        self.world.now = now_ms()
        envelope = encode_envelope(self.world.envelope([key or self.key], kind, merchant, body, seen=None))
        answer = self.http.post("/statements", content=envelope, headers={"content-type": "application/json"})
        assert answer.status_code == 201, answer.text


class Phone:
    """One phone. In the browser's thread."""

    def __init__(self, chromium: Chromium, url: str, profile: Path, *, language: str = "zh-CN") -> None:
        self.chromium, self.url, self.profile, self.language = chromium, url, profile, language
        self.errors: list[str] = []
        self.start()

    def start(self) -> None:
        assert self.chromium._playwright is not None
        as_root = ["--no-sandbox"] if os.geteuid() == 0 else []
        self.context: BrowserContext = self.chromium._playwright.chromium.launch_persistent_context(
            str(self.profile),
            executable_path=chromium_path(),
            args=[*as_root, "--disable-gpu", "--no-first-run", "--disable-background-networking"],
            viewport={"width": WIDTH, "height": HEIGHT},
            locale=self.language,
            has_touch=True,
            is_mobile=True,
        )
        self.context.set_default_timeout(15_000)
        self.page: Page = self.context.pages[0] if self.context.pages else self.context.new_page()
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("dialog", _dismiss)

    def restart(self) -> None:
        """Closed and opened again, as after a reboot."""
        self.context.close()
        self.start()

    def kill(self) -> None:
        """All its processes end at once, as when the battery is taken out."""
        mine = f"--user-data-dir={self.profile}".encode()
        for folder in Path("/proc").iterdir():
            with suppress(OSError, ValueError):
                if mine in (folder / "cmdline").read_bytes().split(b"\0"):
                    os.kill(int(folder.name), signal.SIGKILL)

    def revive(self) -> None:
        """Started again after `kill`."""
        with suppress(PlaywrightError):
            self.context.close()
        self.start()

    def open(self, path: str) -> Page:
        self.page.goto(self.url + path)
        return self.page

    def offline(self, off: bool = True) -> None:
        self.context.set_offline(off)

    def enrol(self, desk: Desk, role: str, scope: str, holder: str | None = None) -> None:
        """By the code's address, granted at the desk after looking at the number."""
        self.page.goto(desk.invite(role, scope, holder))
        shown = self.page.locator("#fingerprint").filter(has_text=re.compile(r"\d{4}"))
        shown.wait_for()
        assert shown.inner_text() == desk.waiting()["fingerprint"]
        desk.grant()
        self.page.locator("#done").wait_for()
        self.ready()

    def ready(self) -> None:
        """The service worker has everything."""
        self.page.evaluate("navigator.serviceWorker.ready.then(() => true)")

    def verified(self, size: int) -> None:
        """The page has verified this much of the ledger, so that what is signed now may have it in `seen`."""
        module = Assets.load().url("js/app/checkpoint.js")
        newest = f"async () => (await (await import('{module}')).newest())?.size ?? 0"
        deadline = time.monotonic() + START_SECONDS
        while (seen := self.page.evaluate(newest)) < size:
            assert time.monotonic() < deadline, f"verified {seen} of {size}"
            time.sleep(0.05)

    def sign(self) -> None:
        """Press the button that opens the review, and sign."""
        button, sheet = self.page.locator("form button.primary").first, self.page.locator("dialog.sheet")
        button.click()
        with suppress(PlaywrightTimeout):  # the scripts of a page may come after the page
            sheet.wait_for(timeout=3_000)
        if not sheet.is_visible():
            button.click()
        sheet.locator("button.primary").click()

    def outcome(self, state: str) -> str:
        place = self.page.locator(f".outcome [data-state={state}]")
        place.wait_for(timeout=30_000)  # behind what the service worker may be sending
        return place.inner_text()

    def wake(self) -> None:
        """There is a connection again: the browser wakes the service worker for what it asked for."""
        devtools = self.context.new_cdp_session(self.page)
        known: list[str] = []
        devtools.on(
            "ServiceWorker.workerRegistrationUpdated",
            lambda event: known.extend(one["registrationId"] for one in event["registrations"]),
        )
        devtools.send("ServiceWorker.enable")
        while not known:
            self.page.wait_for_timeout(50)
        about = {
            "origin": self.url,
            "registrationId": known[-1],
            "tag": "custody-outbox",
            "lastChance": False,
        }
        devtools.send("ServiceWorker.dispatchSyncEvent", about)

    def no_background(self) -> None:
        """A browser without Background Sync, as most are: only pages send."""
        self.context.add_init_script("delete globalThis.ServiceWorkerRegistration?.prototype.sync")

    def picture(self, name: str, *, full: bool = False) -> None:
        """Keep what is on the screen, if CUSTODY_ARTEFACTS names a folder for it."""
        folder = os.environ.get("CUSTODY_ARTEFACTS")
        if folder is not None:
            Path(folder).mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=Path(folder) / f"{name}.png", full_page=full)

    def close(self) -> None:
        self.context.close()
        assert self.errors == [], self.errors


def _dismiss(dialog: Dialog) -> None:
    dialog.dismiss()


def _base64(data: bytes) -> str:
    from base64 import b64encode

    return b64encode(data).decode()


def today() -> str:
    return instant(now_ms())[:10]
