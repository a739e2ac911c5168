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

    def down(self) -> None:
        """No server any more: unlike `Phone.offline`, for the service worker of a browser that starts, too."""
        self.desk.http.close()
        self.served.stop()

    def up(self) -> None:
        self.served.start()
        self.desk = Desk(self.world, self.served, self.world.officer)

    def supervisor(self, name: str, *, language: str = "zh-CN") -> Phone:
        """An officer's phone, which an operator has let in."""
        phone = self.phone(name, language=language)
        operator = Desk(self.world, self.served, self.world.operator)
        phone.enrol(operator, "supervisor", "*", name)
        operator.http.close()
        return phone

    def phone(self, name: str, *, language: str = "zh-CN") -> Phone:
        made = Phone(self.chromium, self.served.url, self.folder / name, language=language)
        self.phones.append(made)
        return made

    def merchant(self, name: str, scope: str, *, language: str = "zh-CN") -> Phone:
        """A merchant's phone, enrolled; the one there is if there is one of that name."""
        found = next((one for one in self.phones if one.profile.name == name), None)
        if found is not None:
            found.offline(False)
            return found
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


def staged(chromium: Chromium, folder: Path, before: Callable[[World], None]) -> Iterator[Stage]:
    made = Stage(chromium, folder, before)
    made.open()
    yield made
    made.close()


@pytest.fixture(scope="module")
def stage(chromium: Chromium, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """One for all stories of a module; phones of the same name are the same phone."""
    yield from staged(chromium, tmp_path_factory.mktemp("stage"), lambda world: None)


@pytest.fixture
def stage_alone(chromium: Chromium, tmp_path: Path) -> Iterator[Stage]:
    """For a story after which nothing is as it was."""
    yield from staged(chromium, tmp_path, lambda world: None)


@pytest.fixture(scope="module")
def stage_busy(chromium: Chromium, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A ledger with goods, goods on the way, and something due."""
    yield from staged(chromium, tmp_path_factory.mktemp("busy"), busy)
