"""`custody report week`: three files from one query, over nothing, and the numbers with --json."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook

from ledger.custody.authoring import CHINA
from tests.cli.runner import M1, Custody

WEEK = datetime.now(CHINA).strftime("%G-W%V")


@pytest.fixture
def checked(stocked: Custody) -> Custody:
    stocked.receipt("inspect", M1, "--all-ok", "--key", "officer-a", "--count", "B1=11kg")
    return stocked


def test_a_week_as_three_files(checked: Custody, tmp_path: Path) -> None:
    out = tmp_path / "reports"
    answer = checked.ok("report", "week", "--out", out, "--lang", "zh")  # this week
    names = [f"week-{WEEK}-zh.{suffix}" for suffix in ("html", "pdf", "xlsx")]
    assert sorted(path.name for path in out.iterdir()) == names
    assert "监督检查周报" in answer.out and all(name in answer.out for name in names)
    assert "监督检查周报" in (out / names[0]).read_text("utf-8")
    assert (out / names[1]).read_bytes().startswith(b"%PDF-")
    assert load_workbook(out / names[2])["漏检商户"].max_row == 3


def test_the_numbers_with_json_are_those_of_the_files(checked: Custody, tmp_path: Path) -> None:
    found = checked.ok("report", "week", WEEK, "--out", tmp_path / "r", "--lang", "en", "--json").json
    assert (found["week"], found["checks"], found["as_of"]) == (WEEK, 1, checked.size())
    book = load_workbook(found["files"][2])
    rows = list(book["Findings by kind"].iter_rows(min_row=2, values_only=True))
    assert [row[1:] for row in rows] == [(one["standing"], one["waived"]) for one in found["findings"]]
    assert "stock_differs" in {one["code"] for one in found["findings"]}
    grids = list(book["Checks by grid and weekday"].iter_rows(min_row=2, values_only=True))
    assert [sum(int(str(cell)) for cell in row[1:8]) for row in grids] == [
        sum(one["made"]) for one in found["grids"]
    ]


def test_a_grid_and_an_earlier_state(checked: Custody, tmp_path: Path) -> None:
    other = checked.ok("report", "week", WEEK, "--out", tmp_path / "a", "--grid", "erligang/3/08", "--json")
    assert other.json["checks"] == 0 and len(other.json["grids"]) == 1
    before = checked.size() - 1
    earlier = checked.ok("report", "week", WEEK, "--out", tmp_path / "b", "--as-of", before, "--json")
    assert earlier.json["checks"] == 0 and earlier.json["as_of"] == before


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        (("2026-W60",), "week"),
        (("last",), "week"),
        (("2019-W10",), "week"),
        (("2099-W10",), "week"),
        ((WEEK, "--lang", "fr"), "--lang"),
        ((WEEK, "--grid", "nowhere"), "--grid"),
        ((WEEK, "--as-of", 9999), "--as-of"),
        ((WEEK, "--as-of", 0), "--as-of"),
    ],
)
def test_what_cannot_be_reported(
    checked: Custody, tmp_path: Path, arguments: tuple[object, ...], field: str
) -> None:
    out = tmp_path / "reports"
    checked.refused("report", "week", *arguments, "--out", out, code="UsageError", field=field, exit_code=2)
    assert not out.exists()


def test_nothing_is_overwritten(checked: Custody, tmp_path: Path) -> None:
    out = tmp_path / "reports"
    out.mkdir()
    (out / "letter.txt").write_text("mine")
    (out / f"week-{WEEK}-zh.pdf").write_text("mine too")
    error = checked.refused(
        *("report", "week", WEEK, "--out", out, "--lang", "zh"), code="UsageError", field="--out", exit_code=2
    )
    assert f"week-{WEEK}-zh.pdf" in error["message"]
    assert {path.name: path.read_text() for path in out.iterdir()} == {
        "letter.txt": "mine",
        f"week-{WEEK}-zh.pdf": "mine too",
    }
    checked.ok("report", "week", WEEK, "--out", out, "--lang", "en")  # other names, beside what is there


def test_a_folder_that_is_none(checked: Custody, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    checked.refused(
        "report", "week", WEEK, "--out", tmp_path / "file", code="UsageError", field="--out", exit_code=2
    )
    checked.refused(
        *("report", "week", WEEK, "--out", tmp_path / "file" / "x"),
        code="SheetError",
        field="--out",
        exit_code=2,
    )


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written(checked: Custody, tmp_path: Path) -> None:
    (tmp_path / "locked").mkdir(mode=0o500)
    checked.refused(
        *("report", "week", WEEK, "--out", tmp_path / "locked"), code="SheetError", field="--out", exit_code=2
    )
