"""`custody inspect`: what the ledger says, what was seen, and findings that nobody can leave out."""

from __future__ import annotations

import json
import os
import pty
import select
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.cli.runner import M1, M2, Custody

OK = ("--all-ok", "--key", "officer-a")


def found(receipt: dict[str, Any]) -> set[tuple[str, str | None]]:
    return {(one["code"], one.get("subject")) for one in receipt["findings"] if one["source"] == "computed"}


def test_findings_are_computed_from_ledger_and_observation(stocked: Custody) -> None:
    receipt = stocked.receipt(
        *("inspect", M1, *OK, "--count", "B1=11.5kg", "--unlisted", "name=牛肉,quantity=3kg,note=无标签"),
        *("--temperature", "冷库-1=-15.5", "--check", "shelf_goods=fail:账外货物"),
    )
    assert {
        ("stock_differs", "B1"),
        ("unlisted_goods", "牛肉"),
        ("temperature_out_of_limits", "冷库-1"),
        ("temperature_gap", "冷库-1"),
        ("checklist_failed", "shelf_goods"),
        ("document_missing", "B1:trace_code"),
        ("disinfection_overdue", None),
        ("commitment_unsigned", "进口冷链货物经营承诺书 2022-01"),
    } <= found(receipt)
    entry = stocked.entry(receipt["index"])["statement"]
    assert entry["seen"]["size"] == receipt["index"] and entry["body"]["place"] == "城东路 1 号"
    assert [answer["passed"] for answer in entry["body"]["observed"]["checklist"]].count(False) == 1


def test_what_has_been_put_right_is_no_finding(stocked: Custody) -> None:
    stocked.receipt(
        *("log", "disinfection", "-m", M1, "--target", "premises", "--place", "一号冷库", "--agent", "84"),
        *("--method", "喷洒", "--minutes", 30),
    )
    stocked.receipt("attest", "commitment", "-m", M1)
    codes = {code for code, _ in found(stocked.receipt("inspect", M1, *OK, "--count", "B1=12.5kg"))}
    assert not codes & {"stock_differs", "disinfection_overdue", "commitment_unsigned", "supplier_unknown"}
    assert "briefing_unacknowledged" in codes


def test_findings_are_added_and_waived(stocked: Custody) -> None:
    receipt = stocked.receipt(
        *("inspect", M1, *OK, "--add", "other:门口:堆放杂物", "--waive", "disinfection_overdue=当日停业"),
        *("--waive", "document_missing:B1:trace_code=已补传"),
    )
    assert {"code": "other", "subject": "门口", "detail": "堆放杂物", "source": "added"} in receipt[
        "findings"
    ]
    assert receipt["waivers"] == [
        {"code": "disinfection_overdue", "reason": "当日停业"},
        {"code": "document_missing", "subject": "B1:trace_code", "reason": "已补传"},
    ]
    error = stocked.refused(
        *("inspect", M1, *OK, "--waive", "document_missing=已补传"),
        code="UsageError",
        field="--waive",
        exit_code=2,
    )
    assert "document_missing:B1:trace_code" in error["message"]
    stocked.refused("inspect", M1, *OK, "--waive", "late_entry=x", code="UsageError", exit_code=2)


def test_a_finding_cannot_be_dropped(stocked: Custody, tmp_path: Path) -> None:
    receipt = stocked.receipt("inspect", M1, *OK)
    made = stocked.entry(receipt["index"])["statement"]["body"]
    made["findings"] = made["findings"][1:]
    edited = tmp_path / "check.json"
    edited.write_text(json.dumps(made), encoding="utf-8")
    error = stocked.refused("inspect", M1, "--body", edited, "--key", "officer-a", code="FindingsDiffer")
    assert "missing: document_missing" in error["message"]


def test_two_officers_sign_one_check(stocked: Custody) -> None:
    receipt = stocked.receipt("inspect", M1, "--all-ok", "--key", "officer-a", "--key", "officer-b")
    assert len(stocked.entry(receipt["index"])["signatures"]) == 2
    error = stocked.refused("inspect", M1, "--all-ok", code="UsageError", field="--key", exit_code=2)
    assert "officer-a, officer-b" in error["message"]


def test_an_observation_from_a_file_and_photos(stocked: Custody, tmp_path: Path) -> None:
    seen = tmp_path / "seen.json"
    checklist = [{"code": "ledger_kept", "passed": False, "note": "缺页"}]
    seen.write_text(json.dumps({"checklist": checklist}), encoding="utf-8")
    photo = tmp_path / "a.png"
    photo.write_bytes(b"png")
    receipt = stocked.receipt("inspect", M1, *OK, "--from", seen, "--photo", photo, "--count", "B1=12.5kg")
    observed = stocked.entry(receipt["index"])["statement"]["body"]["observed"]
    assert observed["checklist"][0] == checklist[0] and len(observed["checklist"]) == 6
    assert observed["photos"][0]["media_type"] == "image/png"


def test_unanswered_questions_and_wrong_names_are_told(stocked: Custody) -> None:
    error = stocked.refused(
        "inspect", M1, "--key", "officer-a", code="UsageError", field="--check", exit_code=2
    )
    assert "ledger_kept" in error["message"] and "shelf_goods" in error["message"]
    for wrong in (
        ("--check", "nothing=ok"),
        ("--check", "ledger_kept=perhaps"),
        ("--temperature", "门=-18"),
        ("--count", "B1"),
        ("--count", "B1=much"),
    ):
        stocked.refused("inspect", M1, *OK, *wrong, code="UsageError", field=wrong[0], exit_code=2)
    stocked.refused("inspect", M1, *OK, "--count", "B9=1kg", code="UnknownReference")
    stocked.refused("inspect", M1, *OK, "--count", "B1=1box", code="CustodyRefused")
    stocked.refused("inspect", "92410104MACU00030L", *OK, code="UnknownReference", field="merchant")
    stocked.refused("inspect", M1, *OK, "--started-at", "1999-01-01 10:00", code="UnknownReference")
    stocked.refused("inspect", M1, "--all-ok", "--key", "shop", code="NotAuthorised")


def test_a_check_made_for_people_shows_the_ledger_first(stocked: Custody) -> None:
    stocked.receipt("goods", "hand-over", "-m", M1, "--to", M2, "-l", "B1=1kg")
    out = stocked.ok("inspect", M2, *OK).out
    assert out.index("Handovers not answered") < out.index("问题 Findings") < out.index("已入账 Recorded")
    assert "上次检查 Last check" in out and "ha-2022-07-non-cold-chain" in out


def test_at_a_terminal_counts_and_answers_are_asked_for(stocked: Custody) -> None:
    command = [
        sys.executable,
        "-c",
        "from ledger_cli.app import main; main()",
        "--ledger",
        str(stocked.ledger),
    ]
    master, slave = pty.openpty()
    environment = os.environ | {"COLUMNS": "200", "TERM": "dumb"}
    process = subprocess.Popen(
        [*command, "inspect", M1, "--key", "officer-a"],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        env=environment,
    )
    os.close(slave)
    answers = iter(["much", "11 kg", "maybe", "ok", "ok", "fail:没有明白卡", "ok", "y", "合格"])
    shown = ""
    while select.select([master], [], [], 60)[0]:
        try:
            shown += os.read(master, 65536).decode(errors="replace")
        except OSError:  # the other end is gone
            break
        if shown.rstrip(" ").endswith(("not counted）:", "[:note]:")):
            os.write(master, f"{next(answers)}\n".encode())
            shown += "<answered>"
    os.close(master)
    assert process.wait(60) == 0, shown
    body = stocked.entry(stocked.size() - 1)["statement"]["body"]
    assert body["observed"]["stock"] == [{"batch": "B1", "quantity": {"unit": "kg", "value": "11"}}]
    assert body["observed"]["checklist"][2] == {
        "code": "briefing_card",
        "note": "没有明白卡",
        "passed": False,
    }
    assert next(answers, None) is None
