"""What all commands share: which ledger, how to answer, how to ask for a passphrase.

    def command(context: typer.Context, merchant: …) -> None:
        frame = Frame.of(context)
        with frame.reading() as ledger:                 # the live ledger
            …
        frame.answer(value, lambda: show.table(…))      # JSON with --json, a table for people without

Only typer and the standard library are imported at the top, because `custody --help` loads this module.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from ledger_cli.language import _

if TYPE_CHECKING:
    from ledger.custody.home import Home
    from ledger.custody.ledger import Ledger

PASSPHRASE = "CUSTODY_PASSPHRASE"  # noqa: S105 - the name of the variable
TRIES = 3
MAX_INDEX = 2**63 - 1
"""No ledger has an entry there, and no database a greater number."""


def now_ms() -> int:
    """Milliseconds since 1970 UTC, by this machine's clock."""
    return time.time_ns() // 1_000_000


@dataclass
class Recording:
    """Options of every command that states something."""

    keys: list[str] = field(default_factory=list)
    occurred_at: str | None = None
    body: str | None = None
    dry_run: bool = False
    out: Path | None = None


@dataclass
class Frame:
    """One run of the program."""

    ledger: Path = field(default_factory=Path)
    json: bool = False
    recording: Recording = field(default_factory=Recording)
    _passphrases: list[bytes] = field(default_factory=list, repr=False)

    @classmethod
    def of(cls, context: typer.Context) -> Frame:
        """The frame of this run; options put into it are seen by the commands below."""
        root = context.find_root()
        if not isinstance(root.obj, cls):
            root.obj = cls()
        return root.obj

    # ------------------------------------------------------------------ the ledger

    @property
    def home(self) -> Home:
        """The folder of the ledger, opened or not."""
        from ledger.custody.home import Home

        return Home(self.ledger)

    def reading(self) -> Ledger:
        """The ledger for reading, to be closed (a context manager). Raises: StoreError."""
        return self.home.open(clock=now_ms)

    def writing(self) -> Ledger:
        """The ledger for appending, unlocked with its log key. Raises: StoreError, KeyInvalid."""
        return self.home.open(self.passphrase, clock=now_ms)

    # ------------------------------------------------------------------ answers

    def answer(self, value: object, people: Callable[[], None]) -> None:
        """One JSON value on stdout with --json, else whatever `people` prints."""
        if self.json:
            typer.echo(dumps(value))
        else:
            people()

    def note(self, text: str) -> None:
        """A remark for people, on stderr; nothing with --json."""
        if not self.json:
            typer.echo(text, err=True)

    @contextmanager
    def progress(self, words: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
        """A progress bar on stderr while the block runs, if that is a terminal; the block calls it with steps done."""
        if self.json or not sys.stderr.isatty():
            yield lambda _steps: None
            return
        from rich.console import Console
        from rich.progress import Progress

        with Progress(console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task(words, total=total)
            yield lambda steps: bar.advance(task, steps)

    # ------------------------------------------------------------------ passphrases

    def passphrase(self, name: str) -> bytes:
        """The passphrase of the key `name` of this ledger: from the environment, one given before, or asked for.

        Raises: KeyInvalid when there is nobody to ask, or after three wrong answers.
        """
        from ledger.errors import KeyInvalid

        pem = self.home.keyring.pem(name)
        given = os.environ.get(PASSPHRASE)
        if given is not None:
            self._passphrases.append(given.encode())
        for known in self._passphrases:
            if _opens(pem, known):
                return known
        if given is not None:
            raise KeyInvalid(
                "key {name}: the passphrase in {passphrase} is wrong",
                name=name,
                passphrase=PASSPHRASE,
                field="passphrase",
            )
        for _try in range(TRIES):
            answer = ask_secretly(_("Passphrase of key {name}: ", name=name))
            if _opens(pem, answer):
                self._passphrases.append(answer)
                return answer
            typer.echo(_("Wrong passphrase"), err=True)
        raise KeyInvalid("key {name}: the passphrase is wrong", name=name, field="passphrase")

    def new_passphrase(self, name: str) -> bytes:
        """A passphrase for a new key: from the environment, or asked for twice. Raises: UsageError."""
        from ledger.errors import UsageError

        given = os.environ.get(PASSPHRASE)
        if given is not None:
            if not given:
                raise UsageError(
                    "{passphrase} is empty: set one, or use --no-passphrase",
                    passphrase=PASSPHRASE,
                    field=PASSPHRASE,
                )
            return given.encode()
        for _try in range(TRIES):
            first = ask_secretly(_("New passphrase for {name}: ", name=name))
            if not first:
                typer.echo(_("The passphrase is empty; --no-passphrase makes a key without"), err=True)
                continue
            if ask_secretly(_("Once more: ")) == first:
                self._passphrases.append(first)
                return first
            typer.echo(_("They differ"), err=True)
        raise UsageError("no passphrase was set: try again, or use --no-passphrase", field="passphrase")


def ask_secretly(prompt: str) -> bytes:
    """An answer typed without being shown. Raises: UsageError when there is no terminal to ask at."""
    from getpass import getpass

    from ledger.errors import UsageError

    if not has_terminal():
        raise UsageError(
            "a passphrase is needed and there is no terminal to ask at: set {passphrase}",
            passphrase=PASSPHRASE,
            field="passphrase",
        )
    try:
        return getpass(prompt, stream=sys.stderr).encode()
    except EOFError as error:
        raise UsageError("no passphrase was given", field="passphrase") from error


def has_terminal() -> bool:
    """Whether somebody can be asked, even while stdin is a pipe."""
    if sys.stdin.isatty():
        return True
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
    except (OSError, AttributeError):  # no controlling terminal, or a system without such files
        return False
    return True


def _opens(pem: bytes, passphrase: bytes) -> bool:
    from ledger.errors import KeyInvalid
    from ledger.log import PrivateKey

    try:
        PrivateKey.from_pem(pem, passphrase)
    except KeyInvalid:
        return False
    return True


def dumps(value: object) -> str:
    """JSON on one line, with Chinese as it is; whatever cannot be encoded in UTF-8 is escaped."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text if _encodable(text) else json.dumps(value, separators=(",", ":"))


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
