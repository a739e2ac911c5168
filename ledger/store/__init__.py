"""The database: append, read, facts, and the files that lie beside it.

What it does: keeps entry bytes, hash tiles, checkpoints and derived facts in one SQLite file so that a
commit is all there or not at all, and keeps attachments, disclosures and keys in files of their own.

What it leaves to others: every meaning. Bytes, hashes and signatures belong to `ledger.log`; what a fact
says and whether an entry may be taken in belongs to `ledger.custody`. The store keeps what it is given, in
order, and never changes it.

    base.py         the Protocols Store, Transaction, Snapshot and the head          start here
    sqlite.py       SqliteStore: create, open, writing, snapshot, rebuild
    reading.py      reads of entries, tiles, checkpoints and fact rows, in pages
    reader.py       FactReader: the questions custody asks of the facts
    statements.py   selects compiled once to plain SQL
    tables.py       tables entry, tile, checkpoint, meta
    facts.py        row types of the facts
    fact_tables.py  their tables and indexes
    triggers.py     append-only, enforced by the database itself
    engine.py       pragmas, connections, schema and its version
    faults.py       database errors as errors of ours, with what to do next
    files.py        a new file, all there or not at all
    blobs.py        attachments by digest
    disclosures.py  sealed values that can be erased
    keyring.py      private keys as files

>>> from ledger.store.sqlite import SqliteStore                                       # doctest: +SKIP
>>> with SqliteStore.open("market") as store, store.writing() as transaction:         # doctest: +SKIP
...     transaction.append(entries, tiles, facts, checkpoint)
"""
