"""A compiled catalogue is used when it was made of the source beside it, and never otherwise."""

from __future__ import annotations

from pathlib import Path

import pytest

from ledger.language import Language, compiling

PO = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\nmsgid "A wholly new text"\nmsgstr "{}"\n'


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A catalogue of one text, not compiled yet."""
    folder = tmp_path / "zh_CN" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "some.po").write_text(PO.format("新"), "utf-8")
    return folder / "some.po"


def said(source: Path) -> str:
    return Language.of("zh", source.parents[2])("A wholly new text")


def test_the_source_alone_is_enough(source: Path) -> None:
    assert said(source) == "新"


def test_what_is_compiled_is_read_instead(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compiling.compile_file(source)
    monkeypatch.delattr(compiling, "compiled")
    assert said(source) == "新"


def test_what_was_left_behind_is_not_used(source: Path) -> None:
    compiling.compile_file(source)
    source.write_text(PO.format("更新"), "utf-8")
    assert said(source) == "更新"


@pytest.mark.parametrize("damaged", [b"", b"no catalogue", b"\xde\x12\x04\x95" + bytes(8)])
def test_what_is_damaged_is_not_used(source: Path, damaged: bytes) -> None:
    source.with_suffix(".mo").write_bytes(damaged)
    assert said(source) == "新"
