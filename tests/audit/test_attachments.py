"""Files that entries name: there and unchanged, absent, or different."""

from __future__ import annotations

import pytest

from ledger.audit.attachments import AttachmentChecks, _digests
from ledger.audit.source import Attached
from ledger.audit.verify import verify
from tests.audit.memory import detail, found, status
from tests.audit.sample import make_sample, make_tiny


def test_a_changed_file_is_a_fault_of_every_entry_that_names_it() -> None:
    made = make_sample()
    for sha256 in made.blobs:
        source = made.source()
        source.blobs[sha256] += b"!"
        named = [index for index, data in enumerate(made.data) if sha256.encode() in data]
        assert named
        assert found(verify(source, signatures=False)) == {"attachments": named}


def test_an_absent_file_is_counted() -> None:
    source = make_sample().source()
    source.blobs.pop(next(iter(source.blobs)))
    report = verify(source)
    assert report.verdict == "intact"
    assert status(report)["attachments"] == "passed"
    assert "1 of them are absent" in detail(report, "attachments")


def test_no_file_at_all_leaves_the_verdict_incomplete() -> None:
    source = make_sample().source()
    source.blobs.clear()
    report = verify(source)
    assert report.verdict == "incomplete"
    assert status(report)["attachments"] == "not_checked"
    assert "none of the 6 files" in detail(report, "attachments")


def test_left_out_as_asked() -> None:
    source = make_sample().source()
    source.blobs.clear()
    report = verify(source, attachments=False)
    assert report.verdict == "intact"
    assert status(report)["attachments"] == "not_checked"


def test_a_ledger_that_names_no_files() -> None:
    assert status(verify(make_tiny().source()))["attachments"] == "passed"


@pytest.mark.parametrize(
    ("body", "count"),
    [
        ({"a": [{"b": {"bytes": 1, "media_type": "x", "name": "y", "sha256": "ab" * 32}}]}, 1),
        ({"bytes": 1, "media_type": "x", "name": "y", "sha256": "AB" * 32}, 0),
        ({"bytes": 1, "media_type": "x", "name": "y", "sha256": ["ab" * 32]}, 0),
        ({"sha256": "ab" * 32}, 0),
        ({"text_sha256": "ab" * 32}, 0),
        ("sha256", 0),
    ],
)
def test_what_is_an_attachment(body: object, count: int) -> None:
    assert len(list(_digests(body))) == count


def test_every_file_is_read_once() -> None:
    made = make_sample()
    source = made.source()
    asked: list[str] = []
    read = source.attachment

    def attachment(sha256: str) -> Attached:
        asked.append(sha256)
        return read(sha256)

    source.attachment = attachment  # type: ignore[method-assign]
    checks = AttachmentChecks(source, None, wanted=True)  # type: ignore[arg-type]
    for _ in range(2):
        for index in range(len(made.data)):
            checks.look(index, made.entry(index))
    assert sorted(asked) == sorted(made.blobs)
