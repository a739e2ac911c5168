"""The weekly report: the numbers in page, PDF and workbook are those of the query, in either language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from typing import Any

import pypdfium2  # type: ignore[import-untyped]  # has no types
import pytest
from openpyxl import load_workbook

from ledger.custody.authoring import CHINA
from ledger.custody.supervision.weekly import Missed, Weekly, weekly
from ledger.errors import SheetError, UsageError
from ledger.exchange.report import content as content_module
from ledger.exchange.report.content import content
from ledger.exchange.report.files import write
from ledger.exchange.report.fonts import printable
from ledger.exchange.report.html import html
from ledger.exchange.report.parts import About, Cell, Degrees, Minutes, Moment, Report, Table
from ledger.exchange.report.pdf import pdf
from ledger.exchange.report.words import Words
from ledger.exchange.report.workbook import workbook
from ledger.language import LANGUAGES
from ledger_schemas import LABELS
from tests.custody.street_week import NUMBER, play
from tests.custody.world import World

ROOT = Path(content_module.__file__).parent
ABOUT = About("custody.example/test", 99, "ab" * 32)
HOSTILE = "=1+1<script>alert(1)</script>&\x01"


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Weekly]:
    world = play(World(tmp_path_factory.mktemp("report") / "ledger"))
    ledger = world.ledger
    yield weekly(ledger.store.facts, ledger.facts(), ledger.setting, week=NUMBER, as_of=world.size)
    ledger.close()


@pytest.fixture(params=LANGUAGES)
def report(week: Weekly, request: pytest.FixtureRequest) -> Report:
    return content(week, ABOUT, Words.of(request.param))


def tables(report: Report) -> list[Table]:
    return [table for section in report.sections for table in section.tables]


class Page(HTMLParser):
    """The tables, figures and addresses of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tables: dict[str, list[list[str]]] = {}
        self.figures: dict[str, str] = {}
        self.tags: set[str] = set()
        self.addresses: list[str] = []
        self._key = self._figure = ""
        self._cell = self._value = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.tags.add(tag)
        self.addresses += [given[name] for name in ("src", "href", "xlink:href", "action") if name in given]
        if tag == "table":
            self._key = given["data-table"]
            self.tables[self._key] = []
        elif tag == "tr":
            self.tables[self._key].append([])
        elif tag == "div" and "data-figure" in given:
            self._figure = given["data-figure"]
            self.figures[self._figure] = ""
        self._cell = tag == "td"
        if self._cell:
            self.tables[self._key][-1].append("")
        self._value = tag == "dd"

    def handle_endtag(self, tag: str) -> None:
        self._cell = self._value = False

    def handle_data(self, data: str) -> None:
        if self._cell:
            self.tables[self._key][-1][-1] += data
        elif self._value:
            self.figures[self._figure] += data.strip()


# ------------------------------------------------------------------ the same numbers


def test_the_page_has_every_row_and_figure(report: Report) -> None:
    page = Page(html(report))
    for table in tables(report):
        shown = [row for row in page.tables.get(table.key, []) if row]
        assert shown == [[report.shown(cell) for cell in row] for row in table.rows], table.key
    assert page.figures == {one.key: one.value for one in report.figures}


def test_the_workbook_has_every_row_as_numbers(report: Report) -> None:
    book = load_workbook(BytesIO(workbook(report)))
    assert book.sheetnames[1:] == [table.title[:31] for table in tables(report)]
    for table in tables(report):
        rows = list(book[table.title[:31]].iter_rows(values_only=True))
        assert list(rows[0]) == [column.name for column in table.columns]
        assert [list(row) for row in rows[1:]] == [[_stored(cell) for cell in row] for row in table.rows]


def _stored(cell: Cell) -> Any:
    match cell:
        case Moment(seconds):
            return datetime.fromtimestamp(seconds, CHINA).replace(tzinfo=None)
        case Degrees(hundredths):
            return None if hundredths is None else hundredths / 100
        case Minutes(minutes):
            return minutes
        case date():
            return datetime.combine(cell, datetime.min.time())
    return cell


def test_the_content_is_that_of_the_query(week: Weekly, report: Report) -> None:
    """Each number of the query, by the name of its table."""
    rows = {table.key: table.rows for table in tables(report)}
    for grid, row in zip(week.grids, rows["grids"], strict=True):
        assert row == (
            grid.grid,
            *grid.made,
            sum(grid.made),
            grid.counted,
            grid.required,
            grid.merchants,
            grid.missed,
        )
    assert [row[-2:] for row in rows["missed"]] == [(one.counted, one.required) for one in week.missed]
    assert [row[1:] for row in rows["findings"]] == [(one.standing, one.waived) for one in week.findings]
    assert len(rows["cards"]) == len(week.cards) == 1
    assert sum(int(str(row[1])) for row in rows["orders"]) == week.rectification.ordered == 3
    assert len(rows["overdue"]) == week.rectification.overdue == 2
    assert [row[1:] for row in rows["plan"]] == [tuple(one)[1:] for one in week.plan.officers] != []
    (warm,) = week.excursions
    assert rows["excursions"][0][7:] == (
        Degrees(warm.low), Degrees(warm.high), Degrees(None), Degrees(-1800),
    )  # fmt: skip
    assert [row[1:] for row in rows["notices"]] == [(1, 1, 2), (1, 0, 2)]
    assert [row[-1] for row in rows["unsent"]] == [one.findings for one in week.unsent] != []
    assert [row[1] for row in rows["announced"]] == [one.index for one in week.announced] != []
    assert [row[3:] for row in rows["late"]] == [(1, Minutes(1500))]
    value = {one.key: one.value for one in report.figures}
    assert (value["checks"], value["missed"], value["cards"], value["excursions"]) == ("3", "2", "0 / 1", "1")
    assert value["same_day"] == "33.3%" and value["notices"] == "50.0%"


def test_the_charts_show_the_numbers(week: Weekly, report: Report) -> None:
    text = html(report)
    drawn = "".join(re.findall(r"<svg.*?</svg>", text, re.DOTALL))
    for grid in week.grids:
        assert f">{grid.grid}<" in drawn and f">{grid.counted} / {grid.required}<" in drawn
    for one in week.findings:
        assert f"{report.words.code('finding_code', one.code)}  {one.standing} / {one.waived}" in drawn
    assert ">1 / 1 / 0<" in drawn  # Monday's orders


# ------------------------------------------------------------------ page


def test_the_page_fetches_nothing(report: Report) -> None:
    text = html(report)
    page = Page(text)
    assert page.addresses == []
    assert not page.tags & {"script", "link", "img", "iframe", "object", "form", "base"}
    assert "@import" not in text and not re.search(r"url\((?!#)", text)
    assert f'<html lang="{report.words.tag}">' in text and "@media print" in text
    ids = re.findall(r'\bid="([^"]+)"', text)
    assert len(ids) == len(set(ids))


def test_what_people_wrote_is_text_everywhere(week: Weekly) -> None:
    """In the page, in its charts, in the workbook and in the PDF."""
    grids = (week.grids[0]._replace(grid=HOSTILE), *week.grids[1:])
    made = week._replace(grids=grids, missed=(Missed(HOSTILE, "92410104MACU00014Y", HOSTILE, HOSTILE, 2, 0),))
    report = content(made, ABOUT, Words.of("zh"))
    text = html(report)
    assert "<script" not in text and "&lt;script&gt;" in text
    cells = [
        cell
        for sheet in load_workbook(BytesIO(workbook(report)))
        for row in sheet.iter_rows()
        for cell in row
    ]
    assert all(cell.data_type != "f" for cell in cells)
    assert any(str(cell.value).startswith("=1+1<script>") for cell in cells)
    assert "<script>" in _text(pdf(report))


def test_long_tables_are_cut_on_paper_and_whole_in_the_workbook(week: Weekly) -> None:
    many = tuple(Missed("g/1/01", f"M-{number:03}", "某店", None, 2, 0) for number in range(200))
    report = content(week._replace(missed=many), ABOUT, Words.of("zh"))
    page = Page(html(report))
    assert len([row for row in page.tables["missed"] if row]) == 60
    assert "共 200 行" in html(report) and "共 200 行" in _text(pdf(report))
    assert load_workbook(BytesIO(workbook(report)))["漏检商户"].max_row == 201


# ------------------------------------------------------------------ PDF


def _text(data: bytes) -> str:
    document = pypdfium2.PdfDocument(data)
    return "".join(page.get_textpage().get_text_range() for page in document)


def test_the_pdf_brings_its_font(report: Report) -> None:
    """No font of the machine is needed: every one used is embedded, and the words are there."""
    data = pdf(report)
    text = _text(data).replace("\r\n", "").replace("\n", "")
    assert report.title in text
    for section in report.sections:
        assert section.title in text
    fonts = set(re.findall(rb"/BaseFont\s*/([^\s/]+)", data))
    assert fonts and data.count(b"/FontFile2") >= 1
    assert {name for name in fonts if b"+" not in name} <= {
        b"Helvetica"
    }  # the library's own default, not drawn with
    assert data == pdf(report)


def test_the_pdf_has_every_cell_whole(report: Report) -> None:
    """Also where a column is narrow: nothing is lost in wrapping."""
    text = "".join(_text(pdf(report)).split())
    for table in tables(report):
        if table.key not in ("grids", "findings", "orders"):  # they stand in the charts
            for cell in (cell for row in table.rows for cell in row):
                assert "".join(printable(report.shown(cell)).split()) in text, (table.key, cell)


def test_what_the_font_lacks_leaves_a_mark(week: Weekly) -> None:
    missed = (Missed("g/1/01", "92410104MACU00014Y", "㗊记Ⅴ店", None, 2, 0),)
    report = content(week._replace(missed=missed), ABOUT, Words.of("zh"))
    assert "〓记V店" in _text(pdf(report)) and "㗊记Ⅴ店" in html(report)
    assert printable("\u2103 \u3000中") == "°C \u3000中"


def test_a_page_of_the_pdf_has_ink_where_the_charts_are(report: Report) -> None:
    page = pypdfium2.PdfDocument(pdf(report))[0]
    image = page.render(scale=1).to_pil().convert("L")
    dark = sum(image.histogram()[:128])
    assert 2_000 < dark < image.width * image.height // 2


# ------------------------------------------------------------------ words


def test_a_chinese_report_has_no_english_heading(week: Weekly) -> None:
    report = content(week, ABOUT, Words.of("zh"))
    heads = [column.name for table in tables(report) for column in table.columns]
    assert all(re.search("[\u4e00-\u9fff]", text) for text in heads)
    assert "红牌" in html(report) and "温度" in html(report)


def test_codes_have_the_names_of_the_schemas() -> None:
    for code, label in LABELS["finding_code"].items():
        assert Words.of("zh").code("finding_code", code) == label.zh
        assert Words.of("en").code("finding_code", code) == label.en
    assert Words.of("en").code("finding_code", "of-tomorrow") == "of-tomorrow"


def test_a_language_that_there_is_not() -> None:
    with pytest.raises(UsageError, match="choose zh, en"):
        Words.of("fr")


# ------------------------------------------------------------------ files


def test_three_files_and_nothing_is_overwritten(week: Weekly, tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    report = content(week, ABOUT, Words.of("zh"))
    paths = write(report, folder)
    assert sorted(path.name for path in folder.iterdir()) == sorted(path.name for path in paths)
    assert [path.suffix for path in paths] == [".html", ".pdf", ".xlsx"]
    assert len(write(content(week, ABOUT, Words.of("en")), folder)) == 3  # beside the Chinese ones
    paths[0].write_text("mine")
    with pytest.raises(UsageError, match="already"):
        write(report, folder)
    assert paths[0].read_text() == "mine"


def test_a_folder_that_is_a_file_or_cannot_be_made(week: Weekly, tmp_path: Path) -> None:
    report = content(week, ABOUT, Words.of("zh"))
    (tmp_path / "file").write_text("mine")
    with pytest.raises(UsageError, match="is a file"):
        write(report, tmp_path / "file")
    with pytest.raises(SheetError, match="cannot"):
        write(report, tmp_path / "file" / "below")


def test_if_one_cannot_be_written_none_is_left(
    week: Weekly, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Path.open

    def full(path: Path, mode: str = "r", **more: Any) -> Any:
        if path.suffix == ".pdf" and "x" in mode:
            raise OSError(28, "No space left on device", str(path))
        return real(path, mode, **more)

    monkeypatch.setattr(Path, "open", full)
    with pytest.raises(SheetError, match="No space left"):
        write(content(week, ABOUT, Words.of("zh")), tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []
