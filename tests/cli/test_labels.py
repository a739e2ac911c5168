"""`custody label` and `custody scan`: printed, photographed, read, and found again in the ledger."""

from __future__ import annotations

from pathlib import Path

import pypdfium2  # type: ignore[import-untyped]  # has no types
import pytest
import segno
from PIL import Image

from tests.cli.runner import M1, Custody

BASE = "https://custody.example"
GTIN = "6291041500213"


@pytest.fixture
def labelled(stocked: Custody) -> Custody:
    """Beside B1 a batch with GTIN and lot, and one with the trace code of another system."""
    stocked.receipt(
        *("goods", "receive", "-m", M1, "--supplier", "Secret Supplier S.A.", "--contact", "Kari +47 400"),
        *("--line", f"batch=冻虾-2,name=白虾,class=cold_chain,quantity=3kg,origin=EC,gtin={GTIN},lot=L9"),
        *("--line", "batch=T3,name=鱼,class=cold_chain,quantity=4kg,trace=869012345"),
    )
    return stocked


def photograph(sheet: Path, page: int = 0) -> Path:
    """The first labels of a sheet as a picture."""
    with pypdfium2.PdfDocument(sheet) as document:
        image = document[page].render(scale=3).to_pil().convert("L")
    image.save(sheet.with_suffix(".jpg"))
    return sheet.with_suffix(".jpg")


def test_from_print_to_ledger(labelled: Custody, tmp_path: Path) -> None:
    out = tmp_path / "l.pdf"
    made = labelled.ok(*("label", "B1", "冻虾-2", "--base", BASE, "--out", out, "--copies", 2, "--json")).json
    assert [one["batch"] for one in made["labels"]] == ["B1", "冻虾-2"]
    assert made["labels"][1]["link"].startswith(f"{BASE}/01/06291041500213/10/L9?batch=")
    assert all(one["module_mm"] >= 0.4 for one in made["labels"])
    (seen,) = labelled.ok("scan", photograph(out), "--base", BASE, "--json").json
    found = {code["batch"]: code for code in seen["codes"]}
    assert {batch: code["known"][0]["by"] for batch, code in found.items()} == {
        "B1": "batch",
        "冻虾-2": "batch",
    }
    assert (found["冻虾-2"]["gtin"], found["冻虾-2"]["lot"]) == ("06291041500213", "L9")
    said = labelled.ok("scan", photograph(out)).out
    assert "冻虾 Frozen shrimp" in said and M1 in said


def test_only_what_may_be_public(labelled: Custody, tmp_path: Path) -> None:
    out = tmp_path / "l.pdf"
    labelled.ok("label", "冻虾-2", "--base", BASE, "--out", out)
    with pypdfium2.PdfDocument(out) as document:
        text = document[0].get_textpage().get_text_range()
    assert "白虾" in text and "厄瓜多尔" in text and "L9" in text and GTIN in text
    assert not any(secret in text for secret in ("Secret", "Kari", "3kg", "3 kg", M1, "冷库-1"))
    labelled.ok("label", "冻虾-2", "--base", BASE, "--out", tmp_path / "l.svg")
    drawn = (tmp_path / "l.svg").read_text("utf-8")
    assert "白虾" in drawn and "Secret" not in drawn


@pytest.mark.parametrize(
    ("text", "by"),
    [
        (f"https://id.gs1.org/01/0{GTIN}/10/L9", "lot"),
        (f"(01)0{GTIN}", "gtin"),
        ("869012345", "trace_code"),
        ("T3", "batch"),
        (f"https://other.example/01/0{GTIN}?batch=B1", "gtin"),
    ],
)
def test_codes_of_others_are_found(labelled: Custody, tmp_path: Path, text: str, by: str) -> None:
    segno.make(text).save(str(tmp_path / "c.png"), scale=6, border=4)
    (seen,) = labelled.ok("scan", tmp_path / "c.png", "--base", BASE, "--json").json
    (code,) = seen["codes"]
    assert [(one["batch"], one["by"]) for one in code["known"]] == [("冻虾-2" if GTIN in text else "T3", by)]


@pytest.mark.parametrize("text", [f"https://id.gs1.org/01/0{GTIN}/10/L8", "https://other.example/b/B1", "x"])
def test_what_the_ledger_does_not_know(labelled: Custody, tmp_path: Path, text: str) -> None:
    segno.make(text).save(str(tmp_path / "c.png"), scale=6, border=4)
    (seen,) = labelled.ok("scan", tmp_path / "c.png", "--base", BASE, "--json").json
    assert [code["known"] for code in seen["codes"]] == [[]]


def test_a_wrong_check_digit_is_said(labelled: Custody, tmp_path: Path) -> None:
    segno.make("(01)06291041500214").save(str(tmp_path / "c.png"), scale=6, border=4)
    assert "should be 3" in labelled.ok("scan", tmp_path / "c.png").out


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        (("B9", "--base", BASE), "batch"),
        (("B1", "--base", "custody.example"), "--base"),
        (("B1",), "--base"),
        (("B1", "--base", BASE, "--size", "5x5"), "--size"),
        (("B1", "--base", BASE + "/x" * 60, "--size", "30x20"), "--size"),
        (("B1", "--base", BASE, "--out", "x.png"), "--out"),
        (("B1", "冻虾-2", "--base", BASE, "--out", "x.svg"), "--out"),
        (("B1", "--base", BASE, "--copies", 0), "--copies"),
    ],
)
def test_what_cannot_be_labelled(
    labelled: Custody,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[object, ...],
    field: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    before = {*tmp_path.iterdir()}
    labelled.refused("label", *arguments, code="UsageError", field=field, exit_code=2)
    assert {*tmp_path.iterdir()} == before


def test_a_receipt_that_was_taken_back(labelled: Custody, tmp_path: Path) -> None:
    index = labelled.ok("trace", "T3", "--json").json["origin"]["index"]
    labelled.receipt("correct", index, "--reason", "wrong_data", "--explanation", "填错")
    error = labelled.refused(
        *("label", "T3", "--base", BASE, "--out", tmp_path / "l.pdf"),
        code="UsageError",
        field="BATCH",
        exit_code=2,
    )
    assert "taken back" in error["message"]


def test_nothing_is_overwritten(labelled: Custody, tmp_path: Path) -> None:
    (tmp_path / "l.pdf").write_text("mine")
    labelled.refused(
        *("label", "B1", "--base", BASE, "--out", tmp_path / "l.pdf"),
        code="UsageError",
        field="--out",
        exit_code=2,
    )
    assert (tmp_path / "l.pdf").read_text() == "mine"


def test_pictures_that_say_nothing(labelled: Custody, tmp_path: Path) -> None:
    Image.new("L", (300, 200), 200).save(tmp_path / "wall.png")
    answer = labelled.run("scan", tmp_path / "wall.png")
    assert answer.code == 2 and "nothing can be read" in answer.out
    (tmp_path / "text.jpg").write_text("not a picture")
    labelled.refused("scan", tmp_path / "text.jpg", code="PictureError", exit_code=2)
    assert labelled.run("scan", tmp_path / "none.jpg").code == 2
