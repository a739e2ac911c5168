"""Where an office is told: `notices.toml` in the ledger's folder.

    # notices.toml, chmod 600: addresses hold passwords
    [offices]
    "市场科" = ["mailto://user:password@example.org?to=office@example.org", "wecombot://KEY"]
    "城东社区" = ["json://127.0.0.1:8080/notices"]

A message goes to each address of the office, written as the `apprise` library reads them. No address is ever in an
entry or in a message of this program: they are named by office and place in the list.

What it does: reads the file strictly. What it leaves to others: whether an address can be reached (`delivery`), and
whether the ledger knows the office (whoever asks hands in those it knows).
"""

from __future__ import annotations

import stat
import tomllib
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Final, NamedTuple

from ledger.errors import SourceError, UsageError
from ledger.messages import Message

FILE_NAME: Final = "notices.toml"
MAX_BYTES: Final = 1_000_000
MAX_ADDRESSES: Final = 20
EXAMPLE: Final = '[offices]\n"OFFICE" = ["mailto://user:password@example.org", "json://host/path"]'

Addresses = dict[str, tuple[str, ...]]
"""Addresses of each office."""


class Place(NamedTuple):
    """An address as it may be named to people: without what is secret in it."""

    office: str
    number: int

    def __str__(self) -> str:
        return f"{self.office} #{self.number}"


def read(directory: Path, *, offices: Collection[str], understands: Callable[[str], bool]) -> Addresses:
    """The addresses in `directory`, for offices the ledger knows, each understood by the channel.

    Raises: UsageError when there is no such file, others may read it, or an office or address in it makes no sense;
    SourceError when it cannot be read.
    """
    path = directory / FILE_NAME
    return _checked(path, _tables(path), offices, understands)


def _tables(path: Path) -> dict[str, object]:
    try:
        mode = path.stat().st_mode
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError as error:
        raise UsageError(
            "there is no {file_name} beside the ledger: write {path} (chmod 600) with\n{example}",
            file_name=FILE_NAME,
            path=path,
            example=EXAMPLE,
            field=FILE_NAME,
        ) from error
    except OSError as error:
        raise SourceError(
            "{path} cannot be read: {reason}",
            path=path,
            reason=error.strerror or error,
            field=FILE_NAME,
        ) from error
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise UsageError(
            "{path} may be read by others, and addresses hold passwords: chmod 600 {path}",
            path=path,
            field=FILE_NAME,
        )
    if len(data) > MAX_BYTES:
        raise SourceError(
            "{path} is larger than {max_bytes} bytes", path=path, max_bytes=MAX_BYTES, field=FILE_NAME
        )
    try:
        return tomllib.loads(data.decode())
    except UnicodeDecodeError as error:
        raise SourceError(
            "{path} is not UTF-8 text (byte {start}): save it as UTF-8",
            path=path,
            start=error.start,
            field=FILE_NAME,
        ) from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise SourceError("{path} is not TOML: {error}", path=path, error=error, field=FILE_NAME) from error


def _checked(
    path: Path, tables: dict[str, object], offices: Collection[str], understands: Callable[[str], bool]
) -> Addresses:
    unknown = [name for name in tables if name != "offices"]
    listed = tables.get("offices")
    if unknown or not isinstance(listed, dict):
        problem = Message("there is no table [offices]")
        if unknown:
            problem = Message("{setting} means nothing here", setting=unknown[0])
        raise UsageError(
            "{path}: {problem}; write\n{example}",
            path=path,
            problem=problem,
            example=EXAMPLE,
            field=unknown[0] if unknown else "offices",
        )
    found: Addresses = {}
    for office, addresses in listed.items():
        field = f"offices.{office}"
        if office not in offices:
            known = ", ".join(sorted(offices)) or Message("none: grant a key of role office first")
            raise UsageError(
                "{path}: the ledger knows no office {office!r} (it knows {known}); write it as in its key's scope",
                path=path,
                office=office,
                known=known,
                field=field,
            )
        if not isinstance(addresses, list) or not 0 < len(addresses) <= MAX_ADDRESSES:
            raise UsageError(
                "{path}: give a list of 1 to {max_addresses} addresses",
                path=path,
                max_addresses=MAX_ADDRESSES,
                field=field,
            )
        for number, address in enumerate(addresses, 1):
            if not isinstance(address, str) or not understands(address):
                scheme = (
                    address.partition("://")[0][:20] if isinstance(address, str) else type(address).__name__
                )
                raise UsageError(
                    "{path}: address {number} ({scheme}) is not one that apprise can send to: compare it with the "
                    "form that apprise asks of this service",
                    path=path,
                    number=number,
                    scheme=scheme,
                    field=f"{field}[{number - 1}]",
                )
        if len(set(addresses)) < len(addresses):
            raise UsageError(
                "{path}: an address stands twice; it would be told twice", path=path, field=field
            )
        found[office] = tuple(addresses)
    return found
