"""Secrets that are announced by their digest and shown later, kept beside the keys until then.

What it does: keeps `keys/NAME.secret` (readable by its owner only, from the first byte on) and never overwrites one:
who has announced a digest and lost the secret cannot draw any more. What it leaves to others: what the secret is
for, and when it may go.

>>> from tempfile import mkdtemp
>>> secrets = Secrets(mkdtemp())
>>> secrets.put("0199d0a4-7c1e-7d3a-9b1f-3f2f6a1c0d55", "00ff")
>>> secrets.get("0199d0a4-7c1e-7d3a-9b1f-3f2f6a1c0d55")
'00ff'
"""

from __future__ import annotations

import re
from pathlib import Path

from ledger.errors import UsageError
from ledger.store.faults import translated
from ledger.store.files import sync_directory, write_new

_NAME = re.compile(r"[0-9a-f-]{36}")


class Secrets:
    """The secrets below a ledger's directory, each under the id of the statement that announced it."""

    def __init__(self, directory: Path | str) -> None:
        """`directory`: the ledger's; nothing is made in it before the first `put`."""
        self._root = Path(directory) / "keys"

    def path(self, name: str) -> Path:
        """Where the secret belongs, there or not; UsageError for what is no statement id."""
        if not _NAME.fullmatch(name):
            raise UsageError("{name!r} is no statement id", name=name, field="name")
        return self._root / f"{name}.secret"

    def put(self, name: str, secret: str) -> None:
        """Keep a secret, on the disk when this returns; UsageError if there is one; also StoreFull, StoreReadOnly."""
        path = self.path(name)
        with translated(path):
            if not self._root.exists():
                self._root.mkdir(mode=0o700, parents=True)
                sync_directory(self._root.parent)
            try:
                write_new(path, f"{secret}\n".encode("ascii"), mode=0o600)
            except FileExistsError as error:
                raise UsageError(
                    "{path} is there already, and is not overwritten", path=path, field="name"
                ) from error

    def get(self, name: str) -> str | None:
        """The secret, or None when it is not here."""
        path = self.path(name)
        with translated(path):
            return path.read_text("ascii").strip() if path.exists() else None

    def remove(self, name: str) -> None:
        """Forget a secret that nobody needs any more: it was shown, or what announced it was refused."""
        path = self.path(name)
        with translated(path):
            path.unlink(missing_ok=True)
