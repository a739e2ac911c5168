"""Private keys as files beside the ledger.

What it does: keeps `keys/NAME.pem` (readable by its owner only, from the first byte on) and `keys/NAME.pub`
(one line, base64 SubjectPublicKeyInfo). Nothing is ever overwritten: a lost signing key cannot be had
again. What it leaves to others: cryptography. The PEM is opaque here; whether it is encrypted is decided by
who made it (`ledger.log.keys`).

>>> from tempfile import mkdtemp
>>> ring = Keyring(mkdtemp())
>>> ring.add("log", b"-----BEGIN PRIVATE KEY-----…", "MCowBQYDK2VwAyEA…")   # doctest: +SKIP
>>> ring.names()
[]
"""

from __future__ import annotations

import re
import stat
from pathlib import Path

from ledger.errors import UsageError
from ledger.messages import Message
from ledger.store.faults import translated
from ledger.store.files import sync_directory, write_new

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


class Keyring:
    """The keys below a ledger's directory."""

    def __init__(self, directory: Path | str) -> None:
        """`directory`: the ledger's; nothing is made in it before the first `add`."""
        self._root = Path(directory) / "keys"

    def _path(self, name: str, suffix: str) -> Path:
        if not _NAME.fullmatch(name):
            raise UsageError(
                "{name!r} cannot name a key: use 1 to 64 of a-z, 0-9, dot, underscore and hyphen, "
                "beginning with a letter or digit",
                name=name,
                field="name",
            )
        return self._root / f"{name}{suffix}"

    def add(self, name: str, pem: bytes, public: str) -> None:
        """Store a key pair; `public`: its base64 line. UsageError if the name is taken; also StoreFull,
        StoreReadOnly.

        The private half is written last and in one step: a name is taken when its .pem is there.
        """
        private_path, public_path = self._path(name, ".pem"), self._path(name, ".pub")
        line = f"{public.strip()}\n".encode("ascii")
        taken = UsageError(
            "there is a key named {name} already: choose another name", name=name, field="name"
        )
        with translated(private_path):
            if not self._root.exists():
                self._root.mkdir(mode=0o700, parents=True)
                sync_directory(self._root.parent)
            # Left over from an `add` that was cut short, the same line is no obstacle.
            if private_path.exists() or (public_path.exists() and public_path.read_bytes() != line):
                raise taken
            try:
                if not public_path.exists():
                    write_new(public_path, line)
                write_new(private_path, pem, mode=0o600)
            except FileExistsError as error:
                raise taken from error

    def _read(self, name: str, suffix: str) -> bytes:
        path = self._path(name, suffix)
        with translated(path):
            try:
                return path.read_bytes()
            except FileNotFoundError as error:
                known = ", ".join(self.names()) or Message("none yet")
                raise UsageError(
                    "there is no key named {name} (known: {known})", name=name, known=known, field="name"
                ) from error

    def pem(self, name: str) -> bytes:
        """The private key as it was stored; UsageError if there is none of this name."""
        return self._read(name, ".pem")

    def public(self, name: str) -> str:
        """The public key's base64 line, without newline."""
        return self._read(name, ".pub").decode("ascii").strip()

    def names(self) -> list[str]:
        """Names of all keys whose private half is here, sorted."""
        if not self._root.is_dir():
            return []
        stems = (path.name.removesuffix(".pem") for path in self._root.glob("*.pem"))
        return sorted(stem for stem in stems if _NAME.fullmatch(stem))

    def exposed(self) -> list[str]:
        """Names of keys whose file others than the owner may use: its mode was changed since."""
        return [
            name
            for name in self.names()
            if self._path(name, ".pem").stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)
        ]
