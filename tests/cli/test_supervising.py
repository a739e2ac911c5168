"""The statements of supervision through the front door: duties, plans, orders, cards, holds, and two officers."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from ledger.custody.home import Home
from tests.cli.runner import M1, M2, Custody

A, B = ("--key", "alpha"), ("--key", "beta")
NAMELESS = ("--key", "officer-a")
"""A supervisor's key without a holder."""
OPERATOR = ("--key", "operator")


@pytest.fixture
def street(stocked: Custody) -> Custody:
    """Officers with names and the whole ledger as their scope, two offices, and 4 kg of B1 gone on to M2."""
    for name in ("alpha", "beta"):
        stocked.ok("key", "new", name, "--no-passphrase")
        stocked.ok(
            "key", "grant", name, "--role", "supervisor", "--scope", "*", "--holder", f"officer-{name}"
        )
    for name, office in (("trade", "市场科"), ("town", "街道办")):
        stocked.ok("key", "new", name, "--no-passphrase")
        stocked.ok("key", "grant", name, "--role", "office", "--scope", office)
    stocked.receipt("goods", "hand-over", "-m", M1, "--to", M2, "-l", "B1=4kg")
    stocked.receipt("goods", "accept", "-m", M2)
    return stocked


def checked(custody: Custody, merchant: str = M1) -> dict[str, Any]:
    return custody.receipt("inspect", merchant, "--all-ok", *NAMELESS)


def test_nobody_is_left_without_somebody_responsible(street: Custody) -> None:
    before = street.ok("duty", "list", "--unassigned", "--json").json
    assert (before["merchants"], before["unassigned"]) == (2, 2)
    street.receipt(
        *("duty", "assign", "--grid", "erligang", "--regulator", "市场科", "--unit", "街道办", *OPERATOR)
    )
    street.receipt("duty", "assign", "--grid", "*", "--supervisor", "officer-alpha", *OPERATOR)
    own = street.receipt(
        *("duty", "assign", "--merchant", M2, "--supervisor", "officer-beta", "--note", "专人", *OPERATOR)
    )
    after = street.ok("duty", "list", "--unassigned", "--json").json
    assert after["duties"] == [] and after["unassigned"] == 0 and after["merchants"] == 2
    with Home(street.ledger).open(clock=lambda: 0) as ledger:
        assert after["root"] == ledger.root_at(after["as_of"]).hex() and after["as_of"] == street.size()
    listed = {one["merchant"]: one for one in street.ok("duty", "list", "--json").json["duties"]}
    assert listed[M1]["supervisor"] == "officer-alpha" and listed[M2]["supervisor"] == "officer-beta"
    assert own["index"] in listed[M2]["assigned"] and listed[M2]["unit"] == "街道办"
    assert street.ok("duty", "list", "--json", "--as-of", before["as_of"]).json["unassigned"] == 2
    people = street.ok("duty", "list", "--unassigned").out
    assert "merchants 2, without somebody responsible 0" in people and after["root"] in people
    assert street.ok("duty", "list", "--grid", "erligang/3/08", "--json").json["merchants"] == 1
    street.refused(
        *("duty", "assign", "--grid", "*", "--supervisor", "nobody", *OPERATOR), code="UnknownReference"
    )
    street.refused("duty", "assign", *OPERATOR, code="BodyInvalid")


def announce(street: Custody, *more: object) -> dict[str, Any]:
    return street.receipt(
        *("plan", "announce", "--officer", "officer-alpha", "--officer", "officer-beta", *more, *OPERATOR)
    )


def test_a_plan_is_announced_drawn_and_followed(street: Custody) -> None:
    announced = announce(street, "--seed-after", 2, "--extra", 1)
    secret = street.ledger / "keys" / f"{announced['id']}.secret"
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    error = street.refused("plan", "draw", *OPERATOR, code="CustodyRefused")
    assert "2 are still missing" in error["message"]
    waiting = street.ok("plan", "show").out
    assert "2 more entries until the draw" in waiting
    checked(street), checked(street, M2)
    lost = secret.rename(secret.with_suffix(".away"))
    error = street.refused("plan", "draw", *OPERATOR, code="UsageError", field="secret", exit_code=2)
    assert secret.name in error["message"]
    lost.rename(secret)
    assert street.ok("plan", "draw", "--dry-run", *OPERATOR).code == 0 and secret.exists()
    drawn = street.receipt("plan", "draw", *OPERATOR)
    assert drawn["checks"] == 5 and not secret.exists()
    assert {load["officer"] for load in drawn["loads"]} == {"officer-alpha", "officer-beta"}
    street.refused("plan", "draw", *OPERATOR, code="Conflict")
    (plan,) = street.ok("plan", "show", "--json").json["plans"]
    assert len(plan["checks"]) == 5 == sum(plan["states"].values())
    done = [one for one in plan["checks"] if one["check"] is not None]
    assert len(done) == 2 and all(one["state"] == "done_otherwise" for one in done)  # others than those drawn
    (one,) = street.ok("plan", "show", "--json", "--merchant", M1, "--officer", "officer-alpha").json["plans"]
    assert {check["merchant"] for check in one["checks"]} <= {M1}
    assert "Per officer and day" in street.ok("plan", "show").out
    assert street.ok("verify").code == 0


def test_a_lost_secret_does_not_cost_the_week(street: Custody) -> None:
    announced = announce(street, "--seed-after", 1)
    (street.ledger / "keys" / f"{announced['id']}.secret").unlink()
    checked(street)
    void = ("plan", "void", "--reason", "电脑损坏")
    street.refused(*void, *OPERATOR, code="NotAuthorised", field="signatures")
    street.refused(*void, "--week", "2031-W01", *OPERATOR, *A, code="UsageError", field="--week", exit_code=2)
    street.refused("plan", "void", *OPERATOR, *A, code="BodyInvalid", field="body.reason")
    assert street.ok(*void, *OPERATOR, *A, "--dry-run").code == 0
    made = street.receipt(*void, *OPERATOR, *A)
    assert made["announced"] == announced["index"] and made["grid"] == "*"
    street.refused(*void, *OPERATOR, *A, code="Conflict", field="--week")
    error = street.refused("plan", "draw", *OPERATOR, code="Conflict")
    assert f"voided by entry {made['index']}" in error["message"]
    who = ("--officer", "officer-alpha", "--officer", "officer-beta", "--seed-after", "1")
    street.refused("plan", "announce", *who, *OPERATOR, code="NotAuthorised")
    again = street.receipt("plan", "announce", *who, *A)
    checked(street, M2)
    street.receipt("plan", "draw", *OPERATOR)
    first, second = street.ok("plan", "show", "--json").json["plans"]
    assert first["voided"] == {"index": made["index"], "reason": "电脑损坏", "seed_known": True}
    assert first["checks"] == [] and second["replaces"] == [first["announced"]] and second["drawn"]
    shown = street.ok("plan", "show").out
    assert f"voided by entry {made['index']}" in shown and "after its seed was known: 电脑损坏" in shown
    assert f"announced by entry {again['index']} (again, after {announced['index']})" in shown
    told = street.ok("verify", "--json").json
    assert any("plans voided" in check["detail"] for check in told["checks"]) and told["verdict"] == "intact"


def test_plans_of_other_weeks_that_wait_are_listed(street: Custody) -> None:
    announced = announce(street, "--week", "2099-W20")
    found = street.ok("plan", "show", "--json").json
    assert found["plans"] == []
    assert [(one["week"], one["announced"]) for one in found["undrawn_elsewhere"]] == [
        ("2099-W20", announced["index"])
    ]
    shown = street.ok("plan", "show").out
    assert f"2099-W20 *: announced by entry {announced['index']}, 20 more entries" in shown
    before = street.ok("plan", "show", "--json", "--as-of", announced["index"]).json
    assert before["undrawn_elsewhere"] == []
    assert street.ok("plan", "show", "--week", "2099-W20", "--json").json["undrawn_elsewhere"] == []


def test_a_refused_announcement_leaves_no_secret(street: Custody) -> None:
    announce(street)
    kept = set((street.ledger / "keys").glob("*.secret"))
    for more in ((), ("--week", "2020-W01")):
        answer = street.run("plan", "announce", "--officer", "officer-alpha", *more, *OPERATOR)
        assert answer.code == 1
    later = ("plan", "announce", "--week", "2099-W01")
    street.refused(*later, "--officer", "nobody", *OPERATOR, code="UnknownReference")
    street.refused("plan", "announce", *OPERATOR, code="BodyInvalid")
    assert set((street.ledger / "keys").glob("*.secret")) == kept
    street.refused("plan", "draw", "--week", "2031-W01", code="UsageError", field="--week", exit_code=2)
    street.refused("plan", "show", "--week", "soon", code="UsageError", field="week", exit_code=2)
    assert "nothing announced" in street.ok("plan", "show", "--week", "2031-W01").out


def order(street: Custody, *more: object) -> dict[str, Any]:
    code = ("--code", "briefing_unacknowledged", "--what", "签收明白卡")
    return street.receipt("rectification", "order", M1, *code, *more, *A)


def test_an_order_is_reported_rejected_and_confirmed(street: Custody) -> None:
    checked(street)
    ordered = order(street)
    assert ordered["deadline"].endswith("23:59:59+08:00")
    entry = street.entry(ordered["index"])["statement"]["body"]
    assert entry["subject"] == "进口冷链货物明白卡 2022-01"  # the only one of that code: found
    street.refused("rectification", "reject", ordered["id"], "--reason", "x", *A, code="CustodyRefused")
    street.receipt("rectification", "report", ordered["index"], "--what", "已签收")
    street.receipt("rectification", "reject", ordered["id"], "--reason", "未上墙", *A)
    street.receipt("rectification", "report", ordered["id"], "--what", "已上墙")
    (listed,) = street.ok("rectification", "list", "--open", "--json").json["orders"]
    assert listed["state"] == "reported" and listed["open"] and not listed["overdue"]
    street.refused(  # a merchant names its order as long as that is the only one
        *("rectification", "report", M2, "--what", "x"), code="UsageError", field="ORDER", exit_code=2
    )
    assert (
        street.ok("rectification", "report", M1, "--what", "再次报告", "--dry-run", "--key", "shop").code == 0
    )
    again = checked(street)
    street.receipt("rectification", "confirm", ordered["id"], "--inspection", again["index"], *A)
    found = street.ok("rectification", "list", "--json").json
    (day,) = found["days"]
    assert (day["ordered"], day["same_day"], day["open"], day["overdue"]) == (1, 1, 0, 0)
    assert street.ok("rectification", "list", "--open", "--json").json["orders"] == []
    street.refused("rectification", "confirm", ordered["id"], *A, code="Conflict")
    people = street.ok("rectification", "list").out
    assert "confirmed the same day 1" in people and "  confirmed  " in people


def test_an_order_needs_a_finding_and_a_possible_deadline(street: Custody) -> None:
    what = ("--what", "x", *A)

    def refused(*arguments: object, field: str) -> dict[str, Any]:
        return street.refused(*arguments, code="UsageError", exit_code=2, field=field)

    error = refused("rectification", "order", M1, *what, field="--inspection")
    assert "has not been checked" in error["message"]
    checked(street)
    error = refused("rectification", "order", M1, *what, field="--code")
    assert "briefing_unacknowledged" in error["message"]
    refused("rectification", "order", M1, "--code", "late_entry", *what, field="--code")
    error = refused("rectification", "order", M1, "--code", "document_missing", *what, field="--subject")
    assert "B1:trace_code" in error["message"]
    briefing = ("rectification", "order", M1, "--code", "briefing_unacknowledged", *what)
    refused(*briefing, "--deadline", "soon", field="--deadline")
    error = street.refused(*briefing, "--deadline", "2099-01-01 10:00", code="CustodyRefused")
    assert "日产日清" in error["message"]
    refused(*briefing, "--inspection", "0", field="--inspection")
    refused("rectification", "report", "0", "--what", "x", field="ORDER")
    refused("rectification", "report", "none", "--what", "x", field="ORDER")


def test_cards_follow_the_steps_of_the_rule_set(street: Custody) -> None:
    issue = ("card", "issue", M1, "--code", "briefing_unacknowledged", "--reason", "屡次不改", *A)
    checked(street)
    shown = street.run(*issue, "--dry-run")
    assert "violation 1 (" in shown.err and "Yellow card" in shown.err
    first = street.receipt(*issue)
    assert (first["card"], first["step"], first["closes"]) == ("yellow", 1, False)
    street.refused(*issue, code="Conflict")
    checked(street)
    second = street.receipt(*issue)
    assert (second["card"], second["step"], second["closes"]) == ("red", 2, True)
    street.refused("goods", "sell", "-m", M1, "-l", "B1=1kg", code="CustodyRefused")
    assert "shop closed" in street.ok("inspect", M1, "--show").out
    street.refused("card", "lift", M1, "--reason", "x", *A, code="UsageError", field="CARD", exit_code=2)
    street.receipt("card", "lift", second["index"], "--reason", "复查合格", *A)
    street.receipt("goods", "sell", "-m", M1, "-l", "B1=1kg")
    standing = street.ok("card", "list", "--standing", "--json").json
    assert [one["index"] for one in standing["cards"]] == [first["index"]]
    assert "lifted by entry" in street.ok("card", "list", "--merchant", M1).out
    street.refused(*issue, "--ruleset", "nothing", code="UsageError", field="--ruleset", exit_code=2)


def test_a_suspension_needs_two_officers_and_ends_by_a_later_decision(street: Custody) -> None:
    decision = ("--document-number", "7号", "--legal-basis", "食品安全法第126条", "--reason", "拒不改正")
    suspend = ("card", "suspend", M2, *decision, "--starts-on", "2026-01-01")
    street.refused(*suspend, *A, code="NotAuthorised", field="signatures")
    decided = street.receipt(*suspend, *A, *B)
    assert len(street.entry(decided["index"])["signatures"]) == 2
    street.refused("goods", "sell", "-m", M2, "-l", "B1=1kg", code="CustodyRefused")
    assert "in force" in street.ok("card", "list").out
    street.receipt(*suspend, "--ends-on", "2026-01-02", *A, *B)
    assert street.ok("card", "list", "--standing", "--json").json["suspensions"] == []
    street.receipt("goods", "sell", "-m", M2, "-l", "B1=1kg")
    street.refused(*suspend, "--ends-on", "2025-01-02", *A, *B, code="BodyInvalid", field="body.ends_on")


def test_a_statement_of_one_officer_is_cosigned_by_another(street: Custody, tmp_path: Path) -> None:
    seal = ("goods", "seal", M1, "B1", "--reason", "无标签")
    street.refused(*seal, *A, code="NotAuthorised", field="signatures")
    one, two = tmp_path / "one.dsse", tmp_path / "two.dsse"
    street.ok(*seal, *A, "--out", one)
    assert street.run("submit", one).code == 1
    signed = street.ok("cosign", one, *B)
    assert '"kind": "goods.sealed"' in signed.err  # whoever signs sees what
    assert len(json.loads(signed.out)["signatures"]) == 2
    street.ok("cosign", one, *B, "--out", two)
    street.refused("cosign", one, *A, code="UsageError", field="--key", exit_code=2)
    street.refused("cosign", one, *B, "--out", two, code="SourceError", field="--out", exit_code=2)
    street.refused("cosign", tmp_path / "none", *B, code="SourceError", field="FILE", exit_code=2)
    street.refused("cosign", one, code="UsageError", field="--key", exit_code=2)  # several officers are here
    receipt = street.ok("submit", "-", input=two.read_bytes())
    index = json.loads(receipt.out)["index"]
    assert len(street.entry(index)["signatures"]) == 2
    # a signature under another statement is no officer's word
    other = json.loads(street.ok(*seal[:3], "B1", "--reason", "别的", *A, "--out", "-").out)
    forged = json.loads(one.read_bytes()) | {"payload": other["payload"]}
    answer = street.run("cosign", "-", *B, "--json", input=json.dumps(forged))
    assert answer.code == 1 and answer.error["code"] == "SignatureInvalid" and answer.error["row"] == 1
    assert answer.out == ""


def test_sealed_goods_stay_until_they_are_released(street: Custody) -> None:
    sealed = street.receipt("goods", "seal", M1, "B1", "--reason", "无标签", *A, *B)
    street.refused("goods", "sell", "-m", M2, "-l", "B1=1kg", code="CustodyRefused")
    street.receipt("goods", "release", "B1", "--reason", "已更正", *A)
    street.refused("goods", "release", sealed["id"], "--reason", "已更正", *A, code="Conflict")
    street.receipt("goods", "sell", "-m", M2, "-l", "B1=1kg")
    street.refused(
        *("goods", "release", "B1", "--reason", "x", *A), code="UsageError", field="SEAL", exit_code=2
    )


def test_a_recall_reaches_every_holder_and_counts_their_answers(street: Custody) -> None:
    street.receipt("goods", "sell", "-m", M2, "-l", "B1=1kg")
    call = ("recall", "order", "B1", "--reason", "检出", "--answer-by", "2099-01-01 18:00", *A)
    ordered = street.receipt(*call)
    assert ordered["merchant"] == M1
    street.refused(*call, code="Conflict")
    street.refused("goods", "sell", "-m", M2, "-l", "B1=1kg", code="CustodyRefused")
    answer = ("recall", "answer", "B1", "-m", M2, "--found", "2kg")
    street.refused(*answer, "--sold", "2box", code="BodyInvalid")
    street.refused(*answer, "--sold", "much", code="UsageError", field="--sold", exit_code=2)
    street.receipt(*answer, "--sold", "1.5kg", "--note", "已下架")
    found = street.ok("recall", "status", ordered["id"], "--json").json
    holders = {one["merchant"]: one for one in found["holders"]}
    assert holders[M1]["answer"] is None and holders[M1]["held"]["value"] == "8.5"
    assert holders[M2]["answer"]["sold"]["value"] == "1.5" and holders[M2]["difference"]["value"] == "-0.5"
    assert found["unanswered"] == 1 and not found["overdue"]
    left = street.ok("recall", "status", ordered["index"], "--unanswered", "--json").json["holders"]
    assert [one["merchant"] for one in left] == [M1]
    assert "not answered 1 of 2" in street.ok("recall", "status", "B1").out
    (line,) = street.ok("recall", "list", "--unanswered", "--json").json
    assert (line["batch"], line["holders"], line["unanswered"]) == ("B1", 2, 1)
    street.receipt("recall", "answer", "B1", "-m", M1, "--found", "8.5kg", "--sold", "0kg")
    assert street.ok("recall", "list", "--unanswered", "--json").json == []
    street.refused("recall", "status", "B9", code="UsageError", exit_code=2)
    street.refused("recall", "order", "B9", *call[3:], code="UsageError", field="BATCH", exit_code=2)


def test_a_draft_is_tried_and_published_nowhere(street: Custody, tmp_path: Path) -> None:
    draft = street.ok("ruleset", "show", "ha-2022-cold-chain", "--json").json
    draft |= {"code": "draft", "checks_per_week": 3, "disinfection_hours": None, "valid_from": "2026-01-01"}
    draft["documents"] = [{"type": "certificate_of_origin", "required": True}]
    draft["card_steps"] = [{"step": 1, "card": "red", "closes": True}]
    file = tmp_path / "draft.json"
    file.write_text(json.dumps(draft), encoding="utf-8")
    size = street.size()
    found = street.ok("ruleset", "test", file, "--merchant", M1, "--json").json
    assert street.size() == size and found["applies"] and found["published_by"] is None
    assert (found["now"]["checks_per_week"], found["then"]["checks_per_week"]) == (2, 3)
    new = {(one["code"], one["subject"]) for one in found["new_findings"]}
    gone = {(one["code"], one["subject"]) for one in found["gone_findings"]}
    assert new == {("document_missing", "B1:certificate_of_origin")}
    assert {("disinfection_overdue", None), ("document_missing", "B1:trace_code")} <= gone
    assert found["now"]["next_cards"][0]["step"]["card"] == "yellow"
    assert found["then"]["next_cards"][0]["step"]["card"] == "red"
    people = street.ok("ruleset", "test", file, "--merchant", M1).out
    assert "  changed" in people and "nothing was published" in people
    for change, field in (
        ({"replaces": None}, "body.valid_from"),
        ({"replaces": "none"}, "body.replaces"),
        ({"replaces": "ha-2022-cold-chain", "min_days_between": 4}, "body.checks_per_week"),
        ({"replaces": "ha-2022-cold-chain", "min_days_between": 3}, None),
    ):
        file.write_text(json.dumps(draft | change), encoding="utf-8")
        refusal = street.ok("ruleset", "test", file, "-m", M1, "--json").json["refusal"]
        assert field == (refusal and refusal["field"])
        assert ("would be refused" in street.ok("ruleset", "test", file, "-m", M1).err) is (field is not None)
    file.write_text(json.dumps(draft | {"jurisdiction": "CN-SH"}), encoding="utf-8")
    assert not street.ok("ruleset", "test", file, "-m", M1, "--json").json["applies"]
    assert "does not apply" in street.ok("ruleset", "test", file, "-m", M1).out
    shortened = draft | {"code": "ha-2022-cold-chain", "valid_to": "2026-01-02"}
    file.write_text(json.dumps(shortened), encoding="utf-8")
    found = street.ok("ruleset", "test", file, "-m", M1, "--day", "2026-02-01", "--json").json
    assert found["published_by"] == 3 and found["then"]["rulesets"] == []  # in the place of the published one
    file.write_text(json.dumps(draft | {"valid_to": "2025-01-01"}), encoding="utf-8")
    street.refused("ruleset", "test", file, "-m", M1, code="BodyInvalid", field="body.valid_to")
    street.refused("ruleset", "test", tmp_path / "none", "-m", M1, code="SourceError", exit_code=2)
    street.refused("ruleset", "test", "ha-2022-cold-chain", "-m", "x", code="UnknownReference")
