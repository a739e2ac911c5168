"""Cutting a stream into lines: whatever the chunks are, the lines are the same."""

from __future__ import annotations

import io

from hypothesis import given
from hypothesis import strategies as st

from ledger_cli.lines import batches


class Dripping(io.BytesIO):
    """A stream that gives a few bytes at a time."""

    def __init__(self, data: bytes, step: int) -> None:
        super().__init__(data)
        self._step = step

    def read(self, size: int | None = -1) -> bytes:
        return super().read(min(self._step, self._step if size is None or size < 0 else size))


@given(
    st.lists(st.binary(max_size=30).map(lambda line: line.replace(b"\n", b"")), max_size=30),
    st.integers(1, 40),
    st.integers(1, 7),
    st.booleans(),
)
def test_lines_are_those_of_split(lines: list[bytes], step: int, size: int, ended: bool) -> None:
    data = b"\n".join(lines) + (b"\n" if ended else b"")
    found = list(batches(Dripping(data, step), size=size, limit=20))
    assert all(1 <= len(batch) <= size for batch in found)
    expected = [
        (number, None if len(line) > 20 else line)
        for number, line in enumerate(data.split(b"\n"), 1)
        if len(line) > 20 or line.strip()
    ]
    assert [line for batch in found for line in batch] == expected
