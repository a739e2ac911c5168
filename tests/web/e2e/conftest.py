"""Stories are told in the browser's thread, since Playwright keeps an event loop there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.custody.world import M1, M2, World
from tests.web.browser import Chromium
from tests.web.e2e.served import Desk, Phone, Served, world_now


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    chromium = pyfuncitem.funcargs.get("chromium")
    if not isinstance(chromium, Chromium):
        return None
    names = pyfuncitem._fixtureinfo.argnames
    chromium.call(partial(pyfuncitem.obj, **{name: pyfuncitem.funcargs[name] for name in names}))
    return True


def busy(world: World) -> None:
    """Goods held, some with nothing stated of them, and goods on the way."""
    world.receive("B1", "12.5")
    world.receive("B2", "3", supplier=None, transport=None, documents=[])
    world.receive("C1", "20", merchant=M2)
    world.hand_over("C1", "5", sender=M2, to=M1)


class Stage:
    """A served ledger, an officer's desk, and as many phones as a story needs."""

    def __init__(
        self, chromium: Chromium, folder: Path, before: Callable[[World], None] = lambda world: None
    ) -> None:
        self.chromium, self.folder = chromium, folder
        self.world: World = world_now(folder / "ledger", before)
        self.served = Served(folder / "ledger")
        self.phones: list[Phone] = []

    def open(self) -> None:
        self.served.start()
        self.desk = Desk(self.world, self.served, self.world.officer)

    def phone(self, name: str, *, language: str = "zh-CN") -> Phone:
        made = Phone(self.chromium, self.served.url, self.folder / name, language=language)
        self.phones.append(made)
        return made

    def merchant(self, name: str, scope: str, *, language: str = "zh-CN") -> Phone:
        phone = self.phone(name, language=language)
        phone.enrol(self.desk, "merchant", scope)
        return phone

    def close(self) -> None:
        try:
            for phone in self.phones:
                self.chromium.call(phone.close)
        finally:
            self.served.stop()
            self.world.ledger.close()
            self.desk.http.close()


@pytest.fixture
def stage(chromium: Chromium, tmp_path: Path) -> Iterator[Stage]:
    made = Stage(chromium, tmp_path)
    made.open()
    yield made
    made.close()


@pytest.fixture
def stage_busy(chromium: Chromium, tmp_path: Path) -> Iterator[Stage]:
    """A ledger with goods, goods on the way, and something due."""
    made = Stage(chromium, tmp_path, busy)
    made.open()
    yield made
    made.close()
