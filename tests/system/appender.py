"""A process that appends statements one a commit and prints each receipt when it has it.

python -m tests.system.appender FOLDER SEED COUNT
python -m tests.system.appender FOLDER             a child for each seed on stdin, so that imports are paid for once
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from random import Random

from ledger.custody.authoring import Author, seen_of
from ledger.custody.batch import Receipt
from ledger.custody.ledger import Ledger
from ledger.store.sqlite import SqliteStore
from tests.custody.world import M1, M2, START, key

BODY = {
    "target": "shelf",
    "place": "一号库",
    "agent": "酒精",
    "concentration": "75%",
    "method": "擦拭",
    "contact_minutes": 5,
}


def main(folder: Path, seed: int, count: int) -> None:
    rng = Random(seed)

    def clock() -> int:
        return START + time.monotonic_ns() // 1_000_000

    with Ledger(SqliteStore.open(folder), log_key=key("log"), clock=clock) as ledger:
        for number in range(count):
            merchant, name = ((M1, "m1"), (M2, "m2"))[number % 2]
            author = Author(
                ledger.store.origin,
                [key(name, "p256" if name == "m2" else "ed25519")],
                clock=clock,
                randomness=rng.randbytes,
            )
            head = seen_of(ledger.store.head())
            (answer,) = ledger.append([author.state("disinfection.logged", merchant, BODY, seen=head)])
            assert isinstance(answer, Receipt), answer
            say({"index": answer.index, "id": answer.id})


def nursery(folder: Path) -> None:
    """For each seed a forked child that appends until it is killed; its pid goes first, its end last."""
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            say({"pid": os.getpid()})
            main(folder, int(line), 1_000_000)
            os._exit(0)
        _, status = os.waitpid(pid, 0)
        say({"ended": status})


def say(what: dict[str, object]) -> None:
    """One line in one write: whole, or not there at all."""
    os.write(1, (json.dumps(what) + "\n").encode())


if __name__ == "__main__":
    if len(sys.argv) == 2:
        nursery(Path(sys.argv[1]))
        sys.exit()
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
