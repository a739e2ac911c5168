"""What people type wrong: each gives one message with its place, exit code 1 or 2, and changes nothing."""

from __future__ import annotations

import sqlite3
import zipfile
from pathlib import Path

import pytest

from ledger.custody.home import Home
from ledger.custody.ledger import Ledger
from ledger.errors import StoreFull
from ledger.log import sealed
from ledger.store.disclosures import Disclosures
from tests.cli.runner import M1, M2, Custody

LINE = "batch=B7,name=虾,class=cold_chain,quantity=1kg"


@pytest.mark.parametrize(
    ("options", "field"),
    [
        (("--line", "B1"), "--line"),
        (("--line", "name=虾,name=鱼"), "--line"),
        (("--line", "batch=B7,quantity=lots"), "--line"),
        (("--line", LINE + ",shelf_life=long"), "--line"),
        (("--document", "customs_declaration"), "--document"),
        (("--document", "a:b:c:d"), "--document"),
        (("--document", "type=other,file=/nowhere/at/all.pdf"), "--document"),
        (("--unloading", "place=门,workers=many"), "--unloading"),
        (("--occurred-at", "yesterday"), "--occurred-at"),
    ],
)
def test_wrong_notation_is_usage(custody: Custody, options: tuple[str, ...], field: str) -> None:
    code = "SourceError" if "file=" in options[1] else "UsageError"
    lines = () if "--line" in options else ("--line", LINE)
    custody.refused("goods", "receive", "-m", M1, *lines, *options, code=code, field=field, exit_code=2)


@pytest.mark.parametrize(
    ("options", "field"),
    [
        (("--line", "batch=B 7,name=虾,class=cold_chain,quantity=1kg"), "body.lines[0].batch"),
        (("--line", "batch=B7,name=虾,class=warm,quantity=1kg"), "body.lines[0].goods_class"),
        (("--line", "batch=B7,name=虾,class=cold_chain,quantity=1stone"), "body.lines[0].quantity.unit"),
        (("--line", "batch=B7,name=虾,class=cold_chain,quantity=0kg"), "body.lines[0].quantity.value"),
        (
            ("--line", "batch=B7,name=虾,class=cold_chain,quantity=1.2345678kg"),
            "body.lines[0].quantity.value",
        ),
        (("--line", "batch=B7,name=虾,class=cold_chain"), "body.lines[0].quantity"),
        (("--line", LINE + ",colour=red"), "body.lines[0].colour"),
        (("--line", LINE + ",hs=0306"), "body.lines[0].hs"),
        (("--line", LINE + ",gtin=6291041500214"), "body.lines[0].gtin"),
        (("--line", LINE + ",produced=2022-02-30"), "body.lines[0].production_date"),
        (("--supplier", "A", "--supplier-country", "XX"), "body.supplier.country"),
        (("--document", "customs_declaration:1"), "body.documents[0].number"),
        (("--transport", "balloon"), "body.transport.mode"),
        (("--unloading", "1号门"), "body.unloading.method"),
    ],
)
def test_wrong_content_names_its_field(custody: Custody, options: tuple[str, ...], field: str) -> None:
    lines = () if "--line" in options else ("--line", LINE)
    custody.refused("goods", "receive", "-m", M1, *lines, *options, code="BodyInvalid", field=field)


@pytest.mark.parametrize(
    ("words", "code", "field"),
    [
        (("sell", "-m", M1, "-l", "B1=99kg"), "CustodyRefused", "body.lines[0].quantity"),
        (("sell", "-m", M1, "-l", "B1=1box"), "CustodyRefused", "body.lines[0].quantity.unit"),
        (("sell", "-m", M1, "-l", "B9=1kg"), "UnknownReference", "body.lines[0].batch"),
        (("sell", "-m", M1, "-l", "B1=1kg", "-l", "B1=2kg"), "BodyInvalid", "body.lines[1].batch"),
        (("sell", "-m", M2, "-l", "B1=1kg"), "CustodyRefused", "body.lines[0].quantity"),
        (("sell", "-m", M1, "-l", "B1=1kg", "--buyer", "person"), "BodyInvalid", "body.buyer.name"),
        (("sell", "-m", M1), "BodyInvalid", "body.lines"),
        (
            ("sell", "-m", M1, "-l", "B1=1kg", "--occurred-at", "2099-01-01 10:00"),
            "TimeRefused",
            "occurred_at",
        ),
        (
            ("sell", "-m", M1, "-l", "B1=1kg", "--occurred-at", "1999-01-01 10:00"),
            "TimeRefused",
            "occurred_at",
        ),
        (
            ("sell", "-m", M1, "-l", "B1=1kg", "--occurred-at", "2022-13-01T10:00:00Z"),
            "EnvelopeError",
            "occurred_at",
        ),
        (("sell", "-m", M1, "-l", "B1=1kg", "--key", "market"), "NotAuthorised", None),
        (
            ("sell", "-m", "92410104MACU00030L", "-l", "B1=1kg", "--key", "shop"),
            "UnknownReference",
            "merchant",
        ),
        (("hand-over", "-m", M1, "--to", M1, "-l", "B1=1kg"), "CustodyRefused", "body.to"),
        (
            ("hand-over", "-m", M1, "--to", "92410104MACU00030L", "-l", "B1=1kg"),
            "UnknownReference",
            "body.to",
        ),
        (("hand-over", "-m", M1, "--to", "12", "-l", "B1=1kg"), "BodyInvalid", "body.to"),
        (
            ("dispose", "-m", M1, "-l", "B1=1kg", "--manner", "eaten", "--reason", "x"),
            "BodyInvalid",
            "body.manner",
        ),
        (
            ("adjust", "-m", M1, "-l", "B1=-99kg", "--reason", "x"),
            "CustodyRefused",
            "body.lines[0].difference",
        ),
        (
            ("adjust", "-m", M1, "-l", "B1=0kg", "--reason", "x"),
            "BodyInvalid",
            "body.lines[0].difference.value",
        ),
        (("receive", "-m", M1, "-l", LINE.replace("B7", "B1")), "Conflict", "body.lines[0].batch"),
        (("receive", "-m", M1, "-l", LINE + ",zone=地下"), "UnknownReference", "body.lines[0].zone"),
    ],
)
def test_what_the_ledger_does_not_take_in(
    stocked: Custody, words: tuple[str, ...], code: str, field: str | None
) -> None:
    stocked.refused("goods", *words, code=code, field=field, exit_code=2 if code == "EnvelopeError" else 1)


def test_answers_that_do_not_add_up(stocked: Custody) -> None:
    stocked.receipt("goods", "hand-over", "-m", M1, "--to", M2, "-l", "B1=2kg")
    accept = ("goods", "accept", "-m", M2)
    stocked.refused(*accept, "-l", "B1=1kg", code="CustodyRefused", field="body.lines[0]")
    stocked.refused(*accept, "-l", "B9=1kg", code="CustodyRefused", field="body.lines")
    stocked.refused(*accept, "-l", "B1=1kg,stolen=1kg", code="UsageError", field="--line", exit_code=2)
    stocked.refused(*accept[:2], "nonsense", code="UsageError", field="HANDOVER", exit_code=2)
    stocked.refused(*accept[:2], 0, code="UnknownReference", field="HANDOVER")
    stocked.receipt(*accept)
    stocked.refused(*accept, stocked.size() - 2, code="Conflict", field="body.handover")


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.json", b"{", "SourceError"),
        ("a.json", b"[]", "SourceError"),
        ("a.json", b'{"lines":[],"lines":[]}', "SourceError"),
        ("a.json", b"\xff\xfe{}", "SourceError"),
        ("a.json", b"[" * 100_000, "SourceError"),
        ("a.json", b" " * 1_000_001, "SourceError"),
        ("a.toml", b"lines = ", "SourceError"),
        (
            "a.json",
            b'{"buyer":{"type":"consumers"},"lines":[{"batch":"B1","quantity":{"value":1.5,"unit":"kg"}}]}',
            "BodyInvalid",
        ),
        (
            "a.json",
            b'{"buyer":{"type":"consumers"},"lines":[{"batch":"\\ud800","quantity":{"value":"1","unit":"kg"}}]}',
            "BodyInvalid",
        ),
        ("a.toml", b"buyer = 1979-05-27", "BodyInvalid"),
    ],
)
def test_bodies_that_cannot_be_read(
    stocked: Custody, tmp_path: Path, name: str, content: bytes, code: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    exit_code = 1 if code == "BodyInvalid" else 2
    stocked.refused("goods", "sell", "-m", M1, "--body", path, code=code, exit_code=exit_code)


def test_files_that_are_not_there(stocked: Custody, tmp_path: Path) -> None:
    none = tmp_path / "none"
    sell = ("goods", "sell", "-m", M1, "-l", "B1=1kg")
    stocked.refused(*sell, "--body", none, code="SourceError", field="--body", exit_code=2)
    stocked.refused(*sell, "--body", tmp_path, code="SourceError", field="--body", exit_code=2)
    stocked.refused(*sell, "--key", "nobody", code="UsageError", field="name", exit_code=2)
    stocked.refused(*sell, "--out", none / "x", code="SystemError", exit_code=2)
    dispose = ("goods", "dispose", "-m", M1, "-l", "B1=1kg", "--manner", "destroyed", "--reason", "x")
    stocked.refused(*dispose, "--attach", none, code="SourceError", field="--attach", exit_code=2)
    (tmp_path / "empty").write_bytes(b"")
    stocked.refused(
        *dispose, "--attach", tmp_path / "empty", code="BodyInvalid", field="body.evidence[0].bytes"
    )


def test_sealed_values_of_what_was_refused_are_erased(stocked: Custody) -> None:
    person = ("--buyer", "person", "--buyer-name", "王五 13900000000")
    stocked.refused("goods", "sell", "-m", M1, "-l", "B1=99kg", *person, code="CustodyRefused")
    receipt = stocked.receipt("goods", "sell", "-m", M1, "-l", "B1=1kg", *person)
    digest = stocked.entry(receipt["index"])["statement"]["body"]["buyer"]["name"]["sealed"]
    assert disclosures(stocked) == [digest]


def test_sealed_values_of_what_could_not_be_written_are_erased(
    stocked: Custody, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise StoreFull("no space left on the disk")

    monkeypatch.setattr(Ledger, "append", full)
    person = ("--buyer", "person", "--buyer-name", "王五 13900000000")
    stocked.refused("goods", "sell", "-m", M1, "-l", "B1=1kg", *person, code="StoreFull", exit_code=2)
    assert disclosures(stocked) == []


def disclosures(custody: Custody) -> list[str]:
    """Digests of the sealed values that are kept."""
    database = sqlite3.connect(custody.ledger / "disclosures.db")
    kept = [row[0] for row in database.execute("SELECT digest FROM disclosure")]
    database.close()
    return kept


def test_a_folder_without_a_ledger(custody: Custody, tmp_path: Path) -> None:
    for place in (tmp_path / "none", tmp_path):
        nowhere = Custody(place)
        for words in (("merchant", "list"), ("goods", "sell", "-m", M1, "-l", "B1=1kg"), ("submit", "-")):
            answer = nowhere.run(*words, "--json")
            assert answer.code == 2 and answer.error["code"] == "NotALedger", words
    assert not (tmp_path / "none").exists()


def test_a_database_that_is_something_else(custody: Custody) -> None:
    for content in (b"not a database at all" * 100, b""):
        (custody.ledger / "ledger.db").write_bytes(content)
        answer = custody.run("merchant", "list", "--json")
        assert answer.code == 2 and answer.error["code"] in ("NotALedger", "StoreCorrupt")


def test_a_statement_of_another_ledger(stocked: Custody, tmp_path: Path) -> None:
    other = Custody(tmp_path / "other")
    other.ok("init", other.ledger, "--origin", "custody.example/other", "--no-passphrase")
    out = tmp_path / "x.dsse"
    stocked.ok("goods", "sell", "-m", M1, "-l", "B1=1kg", "--out", out)
    answer = other.run("submit", out)
    assert answer.code == 1 and '"code":"' in answer.out
    assert Home(other.ledger).keyring.names() == ["log", "operator"]


def test_a_swapped_contact_is_not_shown(custody: Custody) -> None:
    """Somebody who opens the file puts another person where the sealed one was."""
    place = ("--name", "甲", "--address", "乙", "--grid", "erligang/3", "--key", "operator")
    goods = ("--kind", "supermarket", "--class", "cold_chain", "--contact", "张三 13800000000")
    custody.ok("merchant", "enroll", M1, *place, *goods)
    assert "张三" in custody.ok("merchant", "show", M1).out
    with Disclosures(custody.ledger) as disclosures:
        another = disclosures.put(sealed.disclose("contact", "李四 666", bytes(16)).text)
    connection = sqlite3.connect(custody.ledger / "disclosures.db")
    find = "SELECT text FROM disclosure JOIN content USING (place) WHERE digest = ?"
    connection.execute(f"UPDATE content SET text = ({find})", (another,))
    connection.commit()
    connection.close()
    error = custody.refused("merchant", "show", M1, code="StoreCorrupt", exit_code=2)
    assert "李四" not in error["message"]


@pytest.mark.parametrize(
    "words",
    [
        ("prove", "99999999999999999999"),
        ("entries", "--from", 2**63),
        ("entries", "--to", 2**64),
        ("holdings", M1, "--as-of", 10**30),
    ],
)
def test_numbers_that_no_ledger_has(custody: Custody, words: tuple[object, ...]) -> None:
    error = custody.refused(*words, code="UsageError", exit_code=2)
    assert str(2**63 - 1) in error["message"]


@pytest.mark.parametrize("words", [("trace", "\udcff\udcfe"), ("merchant", "show", "\udced\udca0\udc80")])
def test_arguments_that_are_not_utf_8(custody: Custody, words: tuple[str, ...]) -> None:
    error = custody.refused(*words, code="UsageError", exit_code=2)
    assert "is not UTF-8" in error["message"]


def test_a_mapping_of_5000_brackets(custody: Custody, tmp_path: Path) -> None:
    mapping, sheet = tmp_path / "m.toml", tmp_path / "a.csv"
    mapping.write_text("a = " + "[" * 5000)
    sheet.write_text("a\n1\n")
    words = ("goods", "import", sheet, "--map", mapping, "-m", M1)
    assert "nested too deeply" in custody.refused(*words, code="SheetError", exit_code=2)["message"]


def test_a_workbook_without_a_workbook(custody: Custody, tmp_path: Path) -> None:
    sheet = tmp_path / "a.xlsx"
    with zipfile.ZipFile(sheet, "w") as archive:
        types = "http://schemas.openxmlformats.org/package/2006/content-types"
        archive.writestr("[Content_Types].xml", f'<Types xmlns="{types}"></Types>')
    mapping = Path(__file__).parents[2] / "examples" / "taizhang.toml"
    words = ("goods", "import", sheet, "--map", mapping, "-m", M1)
    assert "XLSX" in custody.refused(*words, code="SheetError", exit_code=2)["message"]


def test_a_restored_ledger_is_told_in_words(custody: Custody, tmp_path: Path) -> None:
    custody.ok("publish", tmp_path / "published")
    root = custody.ok("publish", tmp_path / "published", "--json").json["root"]
    told = custody.ok("restore", tmp_path / "published", tmp_path / "restored").out
    assert root in told.replace("\n", "").replace(" ", "") and "intact" in told
    assert "b'" not in told and "Report(" not in told
    answer = custody.ok("restore", tmp_path / "published", tmp_path / "again", "--json").json
    assert (answer["root"], answer["report"]["verdict"]) == (root, "intact")
