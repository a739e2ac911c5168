"""A small program that appends to a ledger, for tests that need another process.

python -m tests.store.driver DIRECTORY grow COUNT       appends COUNT entries one commit at a time, prints each size
python -m tests.store.driver DIRECTORY compete COMMITS  the same, sharing the ledger with others
python -m tests.store.driver DIRECTORY limited BYTES    appends until no file may grow beyond BYTES, then goes on
"""

from __future__ import annotations

import resource
import sys
from pathlib import Path

from ledger.errors import StoreFull
from ledger.store.base import Store
from ledger.store.sqlite import SqliteStore
from tests.store.samples import commit


def one_commit(store: Store, count: int) -> int:
    with store.writing() as transaction:
        transaction.append(*commit(transaction.head.size, count))
    return transaction.head.size


def grow(store: Store, count: int) -> None:
    for number in range(count):
        print(one_commit(store, 1 + number % 5), flush=True)  # noqa: T201 (the test reads it)


def limited(store: Store, limit: int) -> None:
    _soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    size = 0
    try:
        while True:
            size = one_commit(store, 100)
    except StoreFull as error:
        print(error.code, size, store.head().size, len(list(store.entries())))  # noqa: T201
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    print(one_commit(store, 100))  # noqa: T201


def main(directory: str, task: str, amount: str) -> None:
    with SqliteStore.open(Path(directory)) as store:
        (limited if task == "limited" else grow)(store, int(amount))


if __name__ == "__main__":
    main(*sys.argv[1:])
