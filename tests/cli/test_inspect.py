"""`custody inspect`: what the ledger says, what was seen, and findings that nobody can leave out."""

from __future__ import annotations

import json
import os
import pty
import select
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
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
    assert out.index("Handovers not answered") < out.index("\nFindings") < out.index("\nRecorded: ")
    assert "Last check" in out and "ha-2022-07-non-cold-chain" in out


def test_at_a_terminal_counts_and_answers_are_asked_for(stocked: Custody) -> None:
    command = [
        sys.executable,
        "-c",
        "from ledger_cli.app import main; main()",
        "--ledger",
        str(stocked.ledger),
    ]
    master, slave = pty.openpty()
    environment = os.environ | {"COLUMNS": "200", "TERM": "dumb", "CUSTODY_LANG": "en"}
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
        if shown.rstrip(" ").endswith(("not counted):", "[:note]:")):
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


def test_the_ledger_is_shown_before_a_check(stocked: Custody) -> None:
    size = stocked.size()
    shown = stocked.ok("inspect", M1, "--show", "--json").json
    assert shown["seen"]["size"] == size == stocked.size()
    assert shown["holdings"][0]["quantity"] == {"value": "12.5", "unit": "kg"}
    assert {
        "code": "document_missing",
        "subject": "B1:trace_code",
        "detail": "trace_code of batch B1",
    } in shown["documents_due"]
    assert shown["temperatures"] == [
        {"zone": "冷库-1", "readings": 0, "low": None, "high": None, "missing_minutes": 0, "until": None}
    ]
    stocked.receipt(
        *("log", "temperature", "-m", M1, "--zone", "冷库-1", "--probe", "p", "--from", "2026-01-01 08:00"),
        *("--to", "2026-01-01 09:00", "--count", 4, "--min", "-20", "--max", "-18.5", "--mean", "-19"),
    )
    (zone,) = stocked.ok("inspect", M1, "--show", "--json").json["temperatures"]
    assert (zone["readings"], zone["low"], zone["high"]) == (1, "-20", "-18.5")
    assert (
        stocked.ok("inspect", M1, "--show", "--as-of", size, "--json").json["temperatures"][0]["readings"]
        == 0
    )
    alone = stocked.ok("inspect", M1)
    assert "Documents due" in alone.out and "nothing is recorded" in alone.err
    assert stocked.size() == size + 1
    stocked.receipt("inspect", M1, *OK)
    (zone,) = stocked.ok("inspect", M1, "--show", "--json").json["temperatures"]
    assert zone["readings"] == 0  # none since that check


def offline(custody: Custody, file: Path, **changes: Any) -> dict[str, Any]:
    """A check of M1 prepared now, and written to a file."""
    shown = custody.ok("inspect", M1, "--show", "--json").json
    now = datetime.now(UTC).astimezone(timezone(timedelta(hours=8))).replace(microsecond=0)
    check: dict[str, Any] = shown["check"] | {
        "started_at": now.isoformat(),
        "ended_at": (now + timedelta(minutes=1)).isoformat(),
        "place": "冷库门口",
        "findings": [{"code": "other", "source": "added", "detail": "堆放杂物"}],
        "waivers": [{"code": "disinfection_overdue", "reason": "当日停业"}],
    }
    check["observed"]["checklist"] = [{"code": one["code"], "passed": True} for one in shown["checklist"]]
    check |= changes
    file.write_text(json.dumps(check), encoding="utf-8")
    return check


def test_a_check_made_without_network_is_submitted_later(stocked: Custody, tmp_path: Path) -> None:
    file = tmp_path / "check.json"
    check = offline(stocked, file)
    stocked.receipt(  # meanwhile: it would take the finding away from a check made now
        *("log", "disinfection", "-m", M1, "--target", "premises", "--place", "库", "--agent", "84"),
        *("--method", "喷洒", "--minutes", 30),
    )
    receipt = stocked.receipt("inspect", M1, "--from", file, "--key", "officer-a")
    stated = stocked.entry(receipt["index"])["statement"]
    assert stated["seen"] == check["seen"] and stated["seen"]["size"] == receipt["index"] - 1
    assert stated["occurred_at"] == stated["body"]["ended_at"] == check["ended_at"]
    assert stated["body"]["place"] == "冷库门口" and stated["body"]["waivers"] == check["waivers"]
    assert ("disinfection_overdue", None) in found(receipt)
    assert {"code": "other", "source": "added", "detail": "堆放杂物"} in receipt["findings"]


def test_a_prepared_check_that_fits_nothing_is_refused(stocked: Custody, tmp_path: Path) -> None:
    file = tmp_path / "check.json"
    inspect = ("inspect", M1, "--from", file, "--key", "officer-a")
    seen = offline(stocked, file)["seen"]
    offline(stocked, file, seen=seen | {"root": "0" * 64})
    stocked.refused(*inspect, code="SeenMismatch", field="seen.root")
    offline(stocked, file, seen=seen | {"size": 999})
    stocked.refused(*inspect, code="SeenMismatch", field="seen.size")
    for changes, field in (
        ({"seen": {"size": "all"}}, "seen.size"),
        ({"seen": 7}, "seen"),
        ({"observed": []}, "observed"),
        ({"started_at": 8}, "started_at"),
        ({"weather": "sunny"}, "--from"),
    ):
        offline(stocked, file, **changes)
        stocked.refused(*inspect, code="SourceError", field=field, exit_code=2)
    offline(stocked, file, merchant=M2)
    stocked.refused(*inspect, code="UsageError", field="MERCHANT", exit_code=2)
    offline(stocked, file)
    stocked.refused(*inspect, "--as-of", 3, code="UsageError", field="--as-of", exit_code=2)
    offline(stocked, file, started_at="2026-01-01T08:00:00+08:00", ended_at="2026-01-01T08:30:00+08:00")
    stocked.refused(*inspect, code="CustodyRefused", field="body.ended_at")  # before the checkpoint was there
