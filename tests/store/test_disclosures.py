"""Sealed values: kept under their digest, and gone from the file's bytes when erased."""

from __future__ import annotations

import random
import sqlite3
import threading
from pathlib import Path

import pytest

from ledger.errors import NotALedger, StoreBusy, StoreCorrupt, StoreTooNew
from ledger.store.disclosures import Disclosures, digest_of

# Disclosure and digest of RFC 9901 section 4.2.3.
EXAMPLE = "WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0"
EXAMPLE_DIGEST = "X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0"


def bytes_of(directory: Path) -> bytes:
    return b"".join(path.read_bytes() for path in directory.iterdir())


def test_the_digest_is_the_standards() -> None:
    assert digest_of(EXAMPLE) == EXAMPLE_DIGEST


def test_what_was_put_is_there(tmp_path: Path) -> None:
    with Disclosures(tmp_path) as disclosures:
        assert disclosures.get(EXAMPLE_DIGEST) is None
        assert not disclosures.erase(EXAMPLE_DIGEST)
        assert list(tmp_path.iterdir()) == [], "asking makes nothing"
        assert disclosures.put(EXAMPLE) == EXAMPLE_DIGEST
        assert disclosures.put(EXAMPLE) == EXAMPLE_DIGEST
        assert disclosures.get(EXAMPLE_DIGEST) == EXAMPLE
    with Disclosures(tmp_path) as again:
        assert again.get(EXAMPLE_DIGEST) == EXAMPLE


def test_what_was_erased_is_gone_from_the_file(tmp_path: Path) -> None:
    with Disclosures(tmp_path) as disclosures:
        disclosures.put(EXAMPLE)
        assert EXAMPLE.encode() in bytes_of(tmp_path)
        assert disclosures.erase(EXAMPLE_DIGEST)
        assert disclosures.get(EXAMPLE_DIGEST) is None
        assert EXAMPLE.encode() not in bytes_of(tmp_path)
        assert not disclosures.erase(EXAMPLE_DIGEST)
        assert disclosures.put(EXAMPLE) == EXAMPLE_DIGEST
        assert disclosures.get(EXAMPLE_DIGEST) == EXAMPLE


@pytest.mark.parametrize("seed", range(2))
def test_no_copy_stays_behind_whatever_else_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """Rows of all lengths come and go, so pages split, merge and move; no piece of an erased text may stay."""
    choose = random.Random(seed)
    kept: dict[str, str] = {}
    # Writing over the text must be enough by itself: the search for copies is not to help.
    monkeypatch.setattr(Disclosures, "_holds", lambda _self, _text: False)
    with Disclosures(tmp_path) as disclosures:
        for _ in range(250):
            if kept and choose.random() < 0.45:
                digest = choose.choice(sorted(kept))
                text = kept.pop(digest)
                assert disclosures.erase(digest)
                left = bytes_of(tmp_path)
                pieces = [text[start : start + 40].encode() for start in range(0, len(text), 40)]
                assert not [piece for piece in pieces if len(piece) > 20 and piece in left]
                assert text.encode() not in left
            else:
                text = choose.randbytes(choose.choice([60, 150, 400, 700, 1500])).hex()
                kept[disclosures.put(text)] = text
        assert {digest: disclosures.get(digest) for digest in kept} == kept


def test_a_copy_left_in_free_space_is_found_and_removed(tmp_path: Path) -> None:
    """The second line of defence: a program that knows nothing of all this has left half a text in a freed page."""
    text = random.Random(1).randbytes(500).hex()
    with Disclosures(tmp_path) as disclosures:
        digest = disclosures.put(text)
        disclosures.put("another text " * 20)
        with sqlite3.connect(disclosures.path) as connection:
            connection.execute("PRAGMA secure_delete = OFF")
            connection.execute("CREATE TABLE copy AS SELECT substr(text, 300, 200) FROM content")
            connection.execute("DROP TABLE copy")
        connection.close()
        assert bytes_of(tmp_path).count(text[320:480].encode()) == 2
        assert disclosures.erase(digest)
        assert text[320:480].encode() not in bytes_of(tmp_path)
        assert disclosures.get(digest_of("another text " * 20)) == "another text " * 20


def test_threads_may_share_them(tmp_path: Path) -> None:
    with Disclosures(tmp_path) as disclosures:

        def work(part: int) -> None:
            for number in range(20):
                digest = disclosures.put(f"thread {part} text {number}")
                assert disclosures.get(digest) is not None
                assert disclosures.erase(digest) or number < 0

        threads = [threading.Thread(target=work, args=(part,)) for part in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with sqlite3.connect(disclosures.path) as connection:
            assert connection.execute("SELECT count(*) FROM disclosure").fetchone() == (0,)
        connection.close()


@pytest.mark.parametrize("text", ["WyJzYWx0IiwgImNvbnRhY3QiLCAieCJd", "李四 666", b"\xff"])
def test_a_text_that_was_never_sealed_is_not_shown(tmp_path: Path, text: object) -> None:
    with Disclosures(tmp_path) as disclosures:
        disclosures.put(EXAMPLE)
        with sqlite3.connect(disclosures.path) as connection:
            connection.execute("UPDATE content SET text = ?", (text,))
        connection.close()
        with pytest.raises(StoreCorrupt, match="another text than the one sealed"):
            disclosures.get(EXAMPLE_DIGEST)


def test_a_locked_file_is_busy(tmp_path: Path) -> None:
    with Disclosures(tmp_path, busy_timeout=0.05) as disclosures:
        disclosures.put(EXAMPLE)
        other = sqlite3.connect(disclosures.path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreBusy):
            disclosures.erase(EXAMPLE_DIGEST)
        other.execute("ROLLBACK")
        other.close()
        assert disclosures.erase(EXAMPLE_DIGEST)


def test_files_that_are_something_else(tmp_path: Path) -> None:
    path = tmp_path / "disclosures.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE disclosure (other)")
    connection.close()
    with pytest.raises(NotALedger):
        Disclosures(tmp_path).put(EXAMPLE)
    path.write_bytes(b"garbage" * 1000)
    with pytest.raises(StoreCorrupt):
        Disclosures(tmp_path).get(EXAMPLE_DIGEST)
    path.unlink()
    with Disclosures(tmp_path) as disclosures:
        disclosures.put(EXAMPLE)
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 2")
    connection.close()
    with pytest.raises(StoreTooNew, match="version 2, this program knows 1"):
        Disclosures(tmp_path).get(EXAMPLE_DIGEST)
