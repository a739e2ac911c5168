"""The main flows: goods, care, attestations, checks, corrections, and what stands in the entries afterwards."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from ledger.custody.home import Home
from ledger.log.sealed import open_disclosure
from tests.cli.runner import M1, M2, Custody


def held(custody: Custody, merchant: str) -> dict[str, int]:
    with Home(custody.ledger).open(clock=lambda: 0) as ledger:
        return ledger.facts().holdings(merchant, ledger.store.head().size)


def body(custody: Custody, receipt: dict[str, object]) -> dict[str, object]:
    found: dict[str, object] = custody.entry(int(str(receipt["index"])))["statement"]["body"]
    return found


def test_goods_move_and_the_sums_stay_right(stocked: Custody) -> None:
    sent = stocked.receipt("goods", "hand-over", "-m", M1, "--to", M2, "-l", "B1=2.5kg", "--transport", "van")
    assert held(stocked, M1) == {"B1": 10_000_000}
    answer = stocked.receipt("goods", "accept", sent["id"], "-l", "B1=2kg,refused=0.3kg,missing=0.2kg")
    assert answer["merchant"] == M2
    assert held(stocked, M1) == {"B1": 10_300_000} and held(stocked, M2) == {"B1": 2_000_000}
    stocked.receipt("goods", "sell", "-m", M1, "-l", "B1=3kg")
    stocked.receipt(
        "goods", "dispose", "-m", M1, "-l", "B1=0.3千克", "--manner", "destroyed", "--reason", "破损"
    )
    stocked.receipt("goods", "adjust", "-m", M1, "-l", "B1=-0.5kg", "--reason", "盘亏")
    stocked.receipt("goods", "adjust", "-m", M1, "-l", "B1=+0.25kg", "--reason", "盘盈")
    assert held(stocked, M1) == {"B1": 6_750_000}


def test_a_handover_is_accepted_as_sent_unless_told_otherwise(stocked: Custody) -> None:
    stocked.receipt("goods", "receive", "-m", M1, "-l", "batch=B2,name=鱼,class=cold_chain,quantity=4box")
    sent = stocked.receipt("goods", "hand-over", "-m", M1, "--to", M2, "-l", "B1=2.5kg", "-l", "B2=3box")
    answer = stocked.receipt("goods", "accept", "-m", M2, "-l", "B2=1box,refused=2box")
    assert body(stocked, answer) == {
        "handover": sent["id"],
        "lines": [
            {"accepted": {"unit": "kg", "value": "2.5"}, "batch": "B1"},
            {
                "accepted": {"unit": "box", "value": "1"},
                "batch": "B2",
                "refused": {"unit": "box", "value": "2"},
            },
        ],
    }
    assert stocked.run("goods", "accept", "-m", M2).code == 2  # none waits any more


def test_several_open_handovers_are_listed(stocked: Custody) -> None:
    first = stocked.receipt("goods", "hand-over", "-m", M1, "--to", M2, "-l", "B1=1kg")
    second = stocked.receipt("goods", "hand-over", "-m", M1, "--to", M2, "-l", "B1=2kg")
    error = stocked.refused("goods", "accept", "-m", M2, code="UsageError", field="HANDOVER", exit_code=2)
    assert first["id"] in error["message"] and second["id"] in error["message"]
    assert stocked.receipt("goods", "accept", second["index"])["merchant"] == M2  # by entry index too


def test_a_receipt_says_what_the_options_say(custody: Custody, tmp_path: Path) -> None:
    scan = tmp_path / "cert.pdf"
    scan.write_bytes(b"%PDF-1.7 certificate")
    receipt = custody.receipt(
        *(
            "goods",
            "receive",
            "-m",
            M1,
            "--number",
            "D-1",
            "--supplier",
            "Nordfisk AS",
            "--supplier-country",
            "NO",
        ),
        *(
            "--contact",
            "Kari +47 400 00 000",
            "--purchased-on",
            "2022-07-02",
            "--exporter",
            "Nordfisk, Bergen",
        ),
        *("--document", "quarantine_certificate:Q-7:2099-01-01"),
        *("--document", f"type=health_certificate,issuer=Mattilsynet,file={scan}"),
        *("--transport", "mode=sea,container=MSKU1234565,seal=S-1,carrier=Maersk"),
        *("--unloading", "place=2号门,method=人工,workers=3"),
        *(
            "--line",
            "name=三文鱼, 去头 Salmon,class=cold_chain,quantity=40 千克,zone=冷库-1,temperature=-19.5,shelf_life=365",
        ),
        *("--line", "batch=L-2,name=鳕鱼,class=cold_chain,quantity=3carton,gtin=6291041500213,trace=T-1"),
    )
    assert receipt["batches"][1] == "L-2" and receipt["batches"][0].startswith("B")
    digest = hashlib.sha256(scan.read_bytes()).hexdigest()
    stated = body(custody, receipt)
    contact = stated["supplier"].pop("contact")["sealed"]  # type: ignore[attr-defined]
    assert stated == {
        "number": "D-1",
        "supplier": {"name": "Nordfisk AS", "country": "NO", "overseas_exporter": "Nordfisk, Bergen"},
        "purchased_on": "2022-07-02",
        "documents": [
            {"type": "quarantine_certificate", "number": "Q-7", "valid_to": "2099-01-01"},
            {
                "type": "health_certificate",
                "issuer": "Mattilsynet",
                "attachment": {
                    "bytes": 20,
                    "media_type": "application/pdf",
                    "name": "cert.pdf",
                    "sha256": digest,
                },
            },
        ],
        "transport": {"mode": "sea", "container": "MSKU1234565", "seal": "S-1", "carrier": "Maersk"},
        "unloading": {"place": "2号门", "method": "人工", "workers": 3},
        "lines": [
            {
                "batch": receipt["batches"][0],
                "name": "三文鱼, 去头 Salmon",
                "goods_class": "cold_chain",
                "quantity": {"value": "40", "unit": "kg"},
                "zone": "冷库-1",
                "arrival_temperature": "-19.5",
                "shelf_life_days": 365,
            },
            {
                "batch": "L-2",
                "name": "鳕鱼",
                "goods_class": "cold_chain",
                "quantity": {"value": "3", "unit": "carton"},
                "gtin": "6291041500213",
                "trace_code": "T-1",
            },
        ],
    }
    home = Home(custody.ledger)
    assert home.blobs.verify(digest) == "intact"
    with home.disclosures as disclosures:
        assert open_disclosure(disclosures.get(contact) or "")[1:] == ("contact", "Kari +47 400 00 000")


def test_a_body_from_a_file_with_options_over_it(custody: Custody, tmp_path: Path) -> None:
    as_toml = tmp_path / "receipt.toml"
    as_toml.write_text(
        'purchased_on = 2022-07-02\n[supplier]\nname = "A"\ncountry = "AR"\n[[lines]]\nbatch = "T1"\n'
        'name = "虾"\ngoods_class = "cold_chain"\nquantity = {value = "1", unit = "kg"}\n',
        encoding="utf-8",
    )
    receipt = custody.receipt("goods", "receive", "-m", M1, "--body", as_toml, "--supplier-country", "CL")
    stated = body(custody, receipt)
    assert stated["supplier"] == {"name": "A", "country": "CL"} and stated["purchased_on"] == "2022-07-02"
    sale = json.dumps(
        {"buyer": {"type": "consumers"}, "lines": [{"batch": "T1", "quantity": {"value": "1", "unit": "kg"}}]}
    )
    assert custody.receipt("goods", "sell", "-m", M1, "--body", "-", input=sale)["kind"] == "goods.sold"


def test_care_is_logged(stocked: Custody, tmp_path: Path) -> None:
    photo = tmp_path / "清洁.jpg"
    photo.write_bytes(b"\xff\xd8\xff photo")
    receipt = stocked.receipt(
        *(
            "log",
            "disinfection",
            "-m",
            M1,
            "--target",
            "goods",
            "--place",
            "一号冷库",
            "--agent",
            "含氯消毒液",
        ),
        *("--method", "喷洒", "--minutes", 30, "--who", "赵六", "--batch", "B1", "--attach", photo),
        *("--occurred-at", "2022-07-02 08:15"),
    )
    entry = stocked.entry(receipt["index"])
    assert entry["statement"]["occurred_at"] == "2022-07-02T08:15:00+08:00"
    assert "赵六" not in json.dumps(entry, ensure_ascii=False)
    assert entry["statement"]["body"]["photos"][0]["name"] == "清洁.jpg"
    stated = body(
        stocked,
        stocked.receipt(
            *(
                "log",
                "temperature",
                "-m",
                M1,
                "--zone",
                "冷库-1",
                "--probe",
                "T-1",
                "--from",
                "2022-07-01 00:00",
            ),
            *(
                "--to",
                "2022-07-01T08:00:00+08:00",
                "--count",
                96,
                "--min",
                "-21.5",
                "--max",
                "-18.2",
                "--mean",
                "-19.8",
            ),
        ),
    )
    assert stated["started_at"] == "2022-07-01T00:00:00+08:00" and stated["minutes_missing"] == 0


def test_the_three_clears_are_attested_by_the_rule_set_in_force(custody: Custody) -> None:
    receipt = custody.receipt("attest", "clears", "-m", M2, "--not-clear", "unloading_clear:卸货未留记录")
    stated = body(custody, receipt)
    assert (stated["ruleset"], stated["goods_class"]) == ("ha-2022-07-non-cold-chain", "non_cold_chain")
    assert stated["items"] == [
        {"code": "source_clear", "clear": True},
        {"code": "transport_clear", "clear": True},
        {"code": "unloading_clear", "clear": False, "note": "卸货未留记录"},
        {"code": "no_unknown_source", "clear": True},
    ]
    assert str(stated["period_start"]) <= str(stated["period_end"])
    custody.refused("attest", "clears", "-m", M2, "--not-clear", "nothing:x", code="UsageError", exit_code=2)
    custody.refused("attest", "clears", "-m", M1, code="UnknownReference", field="--ruleset")
    custody.refused(
        "attest", "clears", "-m", M2, "--ruleset", "x", code="UnknownReference", field="--ruleset"
    )


def test_papers_default_to_those_the_rule_set_asks_for(custody: Custody, tmp_path: Path) -> None:
    letter = tmp_path / "letter.txt"
    letter.write_text("承诺", encoding="utf-8")
    stated = body(
        custody, custody.receipt("attest", "commitment", "-m", M1, "--signer", "孙七", "--text", letter)
    )
    assert (stated["title"], stated["version"]) == ("进口冷链货物经营承诺书", "2022-01")
    assert stated["text_sha256"] == hashlib.sha256("承诺".encode()).hexdigest()
    stated = body(custody, custody.receipt("attest", "briefing", "-m", M1, "--issued-by", "街道办事处"))
    assert (stated["title"], stated["issued_by"]) == ("进口冷链货物明白卡", "街道办事处")
    error = custody.refused("attest", "briefing", "-m", M2, code="UsageError", field="--title", exit_code=2)
    assert "进口冷链货物明白卡 2022-01" in error["message"]
    assert custody.receipt("attest", "briefing", "-m", M2, "--title", "卡", "--version", "1")


def test_a_statement_is_taken_back_by_its_author(stocked: Custody) -> None:
    sale = stocked.receipt("goods", "sell", "-m", M1, "-l", "B1=3kg")
    right = stocked.receipt("goods", "sell", "-m", M1, "-l", "B1=2kg")
    wrong = ("--reason", "wrong_data", "--explanation", "数量填错")
    receipt = stocked.receipt("correct", sale["index"], *wrong, "--replacement", right["id"])
    assert held(stocked, M1) == {"B1": 10_500_000}
    assert body(stocked, receipt)["statement"] == sale["id"]
    stocked.refused("correct", sale["id"], *wrong, code="Conflict", field="body.statement")
    stocked.refused("correct", right["id"], *wrong, "--key", "market", code="NotAuthorised")
    stocked.refused("correct", "no-id", *wrong, code="UsageError", exit_code=2)
    stocked.refused("correct", "0199d0a4-7c1e-7d3a-9b1f-3f2f6a1c0d55", *wrong, code="UnknownReference")
    assert (
        "not taken back" in stocked.refused("correct", 1, *wrong, code="UsageError", exit_code=2)["message"]
    )
    stocked.refused("correct", 999, *wrong, code="UsageError", exit_code=2)


def test_every_statement_pins_the_ledger_it_was_made_on(stocked: Custody) -> None:
    size = stocked.size()
    receipt = stocked.receipt("goods", "sell", "-m", M1, "-l", "B1=1kg")
    with Home(stocked.ledger).open(clock=lambda: 0) as ledger:
        root = ledger.tree(size).root().hex()
    assert stocked.entry(receipt["index"])["statement"]["seen"] == {"root": root, "size": size}


def test_the_merchant_is_the_one_the_key_speaks_for(stocked: Custody) -> None:
    assert stocked.receipt("goods", "sell", "--key", "shop", "-l", "B1=1kg")["merchant"] == M1
    error = stocked.refused(
        "goods", "sell", "-l", "B1=1kg", code="UsageError", field="--merchant", exit_code=2
    )
    assert M1 in error["message"] and M2 in error["message"]


def test_dry_run_records_nothing_and_says_what_would_happen(stocked: Custody) -> None:
    size = stocked.size()
    answer = stocked.ok(
        "goods", "sell", "-m", M1, "-l", "B1=1kg", "--buyer", "person", "--buyer-name", "王五", "--dry-run"
    )
    assert '"kind": "goods.sold"' in answer.out and "Would be taken in" in answer.err
    refused = stocked.run("goods", "sell", "-m", M1, "-l", "B1=99kg", "--dry-run")
    assert refused.code == 1 and "CustodyRefused" in refused.err and '"goods.sold"' in refused.out
    as_json = stocked.run("goods", "sell", "-m", M1, "-l", "B1=99kg", "--dry-run", "--json")
    assert as_json.json["status"] == "would_be_refused" and as_json.json["error"]["code"] == "CustodyRefused"
    assert stocked.size() == size
    assert not (stocked.ledger / "disclosures.db").exists()


def test_people_get_words_and_programs_get_json(stocked: Custody) -> None:
    answer = stocked.ok("goods", "sell", "-m", M1, "-l", "B1=1kg")
    assert "Recorded: Goods sold" in answer.out and "Leaf hash" in answer.out
    receipt = stocked.receipt("goods", "sell", "-m", M1, "-l", "B1=1kg")
    assert receipt.keys() == {
        *(
            "status",
            "index",
            "id",
            "leaf_hash",
            "recorded_at",
            "checkpoint_size",
            "again",
            "kind",
            "merchant",
            "batches",
        )
    }
    assert receipt["checkpoint_size"] == receipt["index"] + 1 and len(receipt["leaf_hash"]) == 64
