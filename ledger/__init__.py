"""Custody Ledger: an append-only, hash-chained ledger of imported goods that anyone can verify offline.

The public face: what is listed in `__all__` stays. Everything else is inside, on the floors `log`, `store`,
`custody`, `audit`
and `exchange` (see ``docs/architecture.md``).

    from ledger import Home, verify, open_source

    report = verify(open_source("https://mirror.example/erligang"), vkey="custody.example/erligang+…")
    print(report.verdict, report.size)

Names are fetched when they are first used, so that a program (or a worker process) pays only for the floors it enters.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ledger.audit.report import Report
    from ledger.audit.verify import verify
    from ledger.custody.authoring import Author
    from ledger.custody.batch import Receipt
    from ledger.custody.home import Home
    from ledger.custody.ledger import Ledger
    from ledger.errors import LedgerError
    from ledger.exchange.bundle import publish
    from ledger.exchange.restore import restore
    from ledger.exchange.sources import open_source

__all__ = [
    "Author",
    "Home",
    "Ledger",
    "LedgerError",
    "Receipt",
    "Report",
    "__version__",
    "open_source",
    "publish",
    "restore",
    "verify",
]

__version__ = "0.1.0"

_HOMES = {
    "Author": "ledger.custody.authoring",
    "Home": "ledger.custody.home",
    "Ledger": "ledger.custody.ledger",
    "LedgerError": "ledger.errors",
    "Receipt": "ledger.custody.batch",
    "Report": "ledger.audit.report",
    "open_source": "ledger.exchange.sources",
    "publish": "ledger.exchange.bundle",
    "restore": "ledger.exchange.restore",
    "verify": "ledger.audit.verify",
}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(home), name)


def __dir__() -> list[str]:
    return sorted(__all__)
