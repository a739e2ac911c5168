"""A ledger as it lies on disk: one folder with the database and what belongs beside it.

    DIR/ledger.db          entries, tiles, checkpoints, facts
    DIR/keys/NAME.pem      private keys (PKCS #8, encrypted unless asked otherwise), NAME.pub beside them
    DIR/keys/ID.secret     secret of an announced plan that has not been drawn
    DIR/disclosures.db     sealed values, erasable
    DIR/blobs/             attachments by digest

    home = Home(Path("erligang"))
    with home.open(passphrase=ask) as ledger: …

The clock, randomness and passphrase are handed in.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from ledger.custody.authoring import Author
from ledger.custody.ledger import Ledger
from ledger.custody.replay import derived
from ledger.errors import KeyInvalid, LedgerError, StoreExists
from ledger.log import NoteVerifier, PrivateKey
from ledger.store.blobs import BlobStore
from ledger.store.disclosures import Disclosures
from ledger.store.keyring import Keyring
from ledger.store.secrets import Secrets
from ledger.store.sqlite import SqliteStore

LOG_KEY = "log"
OPERATOR_KEY = "operator"

Passphrase = Callable[[str], bytes | None]
"""Asks for the passphrase of a named key."""


class Home:
    """See the module docstring."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    @property
    def keyring(self) -> Keyring:
        return Keyring(self.directory)

    @property
    def secrets(self) -> Secrets:
        return Secrets(self.directory)

    @property
    def blobs(self) -> BlobStore:
        return BlobStore(self.directory)

    @property
    def disclosures(self) -> Disclosures:
        return Disclosures(self.directory)

    def key(self, name: str, passphrase: Passphrase) -> PrivateKey:
        """A private key of the keyring, unlocked. Raises: KeyInvalid, UsageError when there is none of that name."""
        pem = self.keyring.pem(name)
        locked = b"ENCRYPTED" in pem
        try:
            return PrivateKey.from_pem(pem, passphrase(name) if locked else None)
        except KeyInvalid as error:
            raise KeyInvalid(
                "key {name}: {problem}",
                name=name,
                problem=error.message,
                field="passphrase" if locked else None,
            ) from error

    def new_key(self, name: str, algorithm: str, passphrase: bytes | None) -> PrivateKey:
        """Make a key and keep it. Raises: UsageError when the name is taken."""
        key = PrivateKey.generate("p256" if algorithm == "p256" else "ed25519")
        self.keyring.add(name, key.to_pem(passphrase), key.public.text)
        return key

    def store(self) -> SqliteStore:
        """The database; facts that an older program laid out otherwise are made anew.

        Raises: NotALedger and the other StoreErrors.
        """
        return SqliteStore.open(self.directory, derive=derived)

    def open(self, passphrase: Passphrase | None = None, *, clock: Callable[[], int]) -> Ledger:
        """The ledger, for writing when `passphrase` is given, else for reading.

        Raises: StoreError; KeyInvalid when the log key is not there, cannot be unlocked or is another ledger's.
        """
        store = self.store()
        try:
            log_key = None if passphrase is None else self.key(LOG_KEY, passphrase)
            if log_key is not None and NoteVerifier.from_vkey(store.vkey).key.keyid != log_key.public.keyid:
                raise KeyInvalid(
                    "keys/{log_key}.pem is not the log key of this ledger ({vkey})",
                    log_key=LOG_KEY,
                    vkey=store.vkey,
                )
            return Ledger(store, log_key=log_key, clock=clock)
        except LedgerError:
            store.close()
            raise

    def require_new(self) -> None:
        """Raises: StoreExists when the folder is there and not empty."""
        directory = self.directory
        if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
            raise StoreExists(
                "{directory} is there already and not empty: choose a new folder", directory=directory
            )

    @classmethod
    def create(
        cls,
        directory: Path,
        *,
        origin: str,
        title: str,
        jurisdiction: str,
        earliest: str | None,
        passphrase: bytes | None,
        clock: Callable[[], int],
        randomness: Callable[[int], bytes],
    ) -> Home:
        """A new ledger with an operator key and a log key, opened by its entry 0. Half-made files are removed
        on failure.

        Raises: StoreExists when the folder is there and not empty; NoteError or UsageError for an impossible origin.
        """
        home = cls(directory)
        home.require_new()
        there = directory.exists()
        try:
            home._create(origin, title, jurisdiction, earliest, passphrase, clock, randomness)
        except BaseException:
            if there:
                for path in directory.iterdir():
                    shutil.rmtree(path) if path.is_dir() else path.unlink()
            else:
                shutil.rmtree(directory, ignore_errors=True)
            raise
        return home

    def _create(
        self,
        origin: str,
        title: str,
        jurisdiction: str,
        earliest: str | None,
        passphrase: bytes | None,
        clock: Callable[[], int],
        randomness: Callable[[int], bytes],
    ) -> None:
        log_key, operator = (PrivateKey.from_seed(randomness(32)) for _ in range(2))
        verifier = NoteVerifier.from_key(origin, log_key.public)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.keyring.add(OPERATOR_KEY, operator.to_pem(passphrase), operator.public.text)
        self.keyring.add(LOG_KEY, log_key.to_pem(passphrase), log_key.public.text)
        body = {
            "title": title,
            "jurisdiction": jurisdiction,
            "earliest": earliest,
            "log_key": log_key.public.text,
            "operator_key": operator.public.text,
        }
        opening = Author(origin, [operator], clock=clock, randomness=randomness).state(
            "ledger.opened", None, body, seen=None
        )
        store = SqliteStore.create(self.directory, origin=origin, vkey=verifier.vkey)
        with Ledger(store, log_key=log_key, clock=clock) as ledger:
            (answer,) = ledger.append([opening])
            if isinstance(answer, LedgerError):
                raise answer
