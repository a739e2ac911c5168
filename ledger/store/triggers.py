"""Append-only, enforced by the database itself.

What it does: writes the SQLite triggers that refuse every change of what has been recorded, also to
somebody who opens the file with another program: UPDATE, DELETE, and the inserts that replace a row
(`INSERT OR REPLACE` deletes without firing delete triggers, therefore the insert triggers look first).
Whoever drops the triggers can still change the file: that is what `triggers_missing` and, above all,
verification from the entry bytes are for.

    entry         "index" must be the highest so far + 1
    checkpoint    size must be above the highest so far
    tile          new bytes must begin with the old ones; a full tile stays as it is
    meta          origin, vkey and version stay as they are
    facts         a key stands once; emptied only by a rebuild, which drops and makes tables and triggers

>>> print(fact_triggers(FACT_TABLES[CorrectionFact])["fact_correction_delete"])
CREATE TRIGGER fact_correction_delete BEFORE DELETE ON fact_correction
BEGIN SELECT RAISE(ABORT, 'append-only: rows of fact_correction are never deleted'); END
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.store.fact_tables import FACT_TABLES
from ledger.store.facts import CorrectionFact
from ledger.store.tables import FULL_TILE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Table

__all__ = ["ALL_TRIGGERS", "CorrectionFact", "fact_triggers", "ledger_triggers"]

_FIXED_META = "('origin', 'vkey', 'version')"


def _trigger(name: str, event: str, table: str, message: str, when: str = "") -> tuple[str, str]:
    condition = f"WHEN {when} " if when else ""
    # FAIL leaves the rows inserted before, which were allowed. ABORT would take them back, and for that SQLite keeps a
    # copy of every page an insert touches: a third of its time.
    action = "FAIL" if event == "INSERT" else "ABORT"
    return name, (
        f"CREATE TRIGGER {name} BEFORE {event} ON {table}\n"
        f"{condition}BEGIN SELECT RAISE({action}, 'append-only: {message}'); END"
    )


def _never_changed(table: str) -> list[tuple[str, str]]:
    return [
        _trigger(f"{table}_update", "UPDATE", table, f"rows of {table} are never changed"),
        _trigger(f"{table}_delete", "DELETE", table, f"rows of {table} are never deleted"),
    ]


def _entry() -> list[tuple[str, str]]:
    return [
        _trigger(
            "entry_insert",
            "INSERT",
            "entry",
            "entries are numbered without gaps",
            'new."index" IS NOT (SELECT coalesce(max("index"), -1) + 1 FROM entry)',
        ),
        *_never_changed("entry"),
    ]


def _checkpoint() -> list[tuple[str, str]]:
    return [
        _trigger(
            "checkpoint_insert",
            "INSERT",
            "checkpoint",
            "a checkpoint follows the ones before it",
            "new.size <= (SELECT coalesce(max(size), 0) FROM checkpoint)",
        ),
        *_never_changed("checkpoint"),
    ]


def _tile() -> list[tuple[str, str]]:
    # An upsert fires the insert trigger too, so this one lets through what grows.
    shrinks = "substr(new.data, 1, length({old}.data)) IS NOT {old}.data"
    return [
        _trigger(
            "tile_insert",
            "INSERT",
            "tile",
            "a tile only grows",
            "EXISTS (SELECT 1 FROM tile AS old_tile WHERE old_tile.level = new.level "  # noqa: S608 (no input)
            f"AND old_tile.number = new.number AND {shrinks.format(old='old_tile')})",
        ),
        _trigger(
            "tile_update",
            "UPDATE",
            "tile",
            "a tile only grows",
            "new.level IS NOT old.level OR new.number IS NOT old.number "
            f"OR {shrinks.format(old='old')} OR length(new.data) > {FULL_TILE}",
        ),
        _trigger("tile_delete", "DELETE", "tile", "rows of tile are never deleted"),
    ]


def _meta() -> list[tuple[str, str]]:
    message = "origin, vkey and version of a ledger are never changed"
    return [
        _trigger(
            "meta_insert",
            "INSERT",
            "meta",
            message,
            f"new.name IN {_FIXED_META} AND EXISTS (SELECT 1 FROM meta WHERE name = new.name)",  # noqa: S608
        ),
        _trigger(
            "meta_update",
            "UPDATE",
            "meta",
            message,
            f"old.name IN {_FIXED_META} OR new.name IN {_FIXED_META}",
        ),
        _trigger("meta_delete", "DELETE", "meta", message, f"old.name IN {_FIXED_META}"),
    ]


def _unique_keys(table: Table) -> list[list[str]]:
    keys = [[column.name for column in table.primary_key.columns]]
    keys += [[column.name for column in index.columns] for index in table.indexes if index.unique]
    return sorted(keys)


def _taken(table: str, key: Sequence[str]) -> str:
    same = " AND ".join(f'"{column}" = new."{column}"' for column in key)
    return f"EXISTS (SELECT 1 FROM {table} WHERE {same})"  # noqa: S608 (names of our own tables)


def fact_triggers(table: Table) -> dict[str, str]:
    """The triggers of one fact table, SQL by name."""
    taken = " OR ".join(_taken(table.name, key) for key in _unique_keys(table))
    insert = _trigger(
        f"{table.name}_insert", "INSERT", table.name, f"this key stands in {table.name} already", taken
    )
    return dict([insert, *_never_changed(table.name)])


def ledger_triggers() -> dict[str, str]:
    """The triggers of entry, tile, checkpoint and meta, SQL by name."""
    return dict([*_entry(), *_checkpoint(), *_tile(), *_meta()])


#: Every trigger a ledger file must have: SQL, exactly as SQLite keeps it, by name.
ALL_TRIGGERS: dict[str, str] = {
    **ledger_triggers(),
    **{name: sql for table in FACT_TABLES.values() for name, sql in fact_triggers(table).items()},
}
