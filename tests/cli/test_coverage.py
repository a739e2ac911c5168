"""`custody coverage` and `custody check-coverage`: who was missed, by whom, and proof that nothing is left out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.runner import M1, M2, Custody
from tests.cli.test_notices import state


@pytest.fixture
def checked(stocked: Custody) -> Custody:
    """M1 was checked once of twice, M2 never; one officer is responsible for both, by the duty of their grid."""
    for name in ("officer-c", "office-a"):
        stocked.ok("key", "new", name, "--no-passphrase")
    stocked.ok(
        "key", "grant", "officer-c", "--role", "supervisor", "--scope", "erligang/3", "--holder", "张三"
    )
    state(stocked, "duty.assigned", None, {"grid": "erligang/3", "supervisor": "张三"})
    stocked.receipt("inspect", M1, "--all-ok", "--key", "officer-c", "--count", "B1=11.5kg")
    return stocked


def test_grids_and_supervisors_with_whom_they_missed(checked: Custody) -> None:
    grids = checked.ok("coverage", "--by", "grid", "--json").json["grid"]
    assert [(one["name"], one["due"], one["covered"], one["checks"]) for one in grids] == [
        ("erligang/3", 2, 0, 1),
        ("erligang/3/07", 1, 0, 1),
        ("erligang/3/08", 1, 0, 0),
    ]
    missing = [(one["merchant"], one["supervisor"], one["missing"]) for one in grids[0]["missed"]]
    assert missing == [(M1, "张三", 1), (M2, "张三", 2)]
    (one,) = checked.ok("coverage", "--by", "supervisor", "--missed", "--json").json["supervisor"]
    assert (one["name"], one["due"], one["checks"], len(one["missed"])) == ("张三", 2, 1, 2)
    out = checked.ok("coverage", "--by", "supervisor").out
    assert "Merchants missed" in out and "城东超市" in out and "missed 2" in out
    (nobody,) = checked.ok("coverage", "--by", "supervisor", "--as-of", checked.size() - 3, "--json").json[
        "supervisor"
    ]
    assert nobody["name"] is None
    assert "nobody" in checked.ok("coverage", "--by", "grid", "--as-of", checked.size() - 3).out
    assert checked.ok("coverage", "--week", "2020-W01", "--by", "grid", "--json").json["grid"] == []
    checked.refused("coverage", "--by", "moon", code="UsageError", field="--by", exit_code=2)


def test_a_file_proves_the_checks_alone_and_with_a_bundle(checked: Custody, tmp_path: Path) -> None:
    file = tmp_path / "m1.chain"
    made = checked.ok("coverage", "--prove", M1, "-o", file, "--json").json
    vkey = checked.ok("checkpoint", "--vkey").out.strip()
    assert made["vkey"] == vkey and made["bytes"] == file.stat().st_size
    (check,) = made["checks"]
    assert check["officers"][0]["holder"] == "张三" and check["findings"] > 0
    for week, count in ((check["week"], 1), ("2020-W01", 0)):
        shown = checked.ok("check-coverage", file, "--vkey", vkey, "--week", week, "--json").json
        assert shown["valid"] and len(shown["checks"]) == count
        assert (
            shown["last_is_last"] == "claimed by the log" and shown["last_entry"]["index"] == check["index"]
        )
    out = checked.ok("check-coverage", file, "--vkey", vkey).out
    assert "nothing was dropped up to entry" in out and "signed claim" in out and "张三" in out

    checked.receipt("inspect", M1, "--all-ok", "--key", "officer-c")
    for target in ("published", "published.zip"):
        checked.ok("publish", tmp_path / target)
        out = checked.ok("check-coverage", file, "--vkey", vkey, "--bundle", tmp_path / target).out
        assert "It is the last: proved from all" in out
    assert "It is" not in checked.ok("coverage", "--prove", M1, "-o", file).out
    error = checked.refused(
        "check-coverage",
        file,
        "--vkey",
        vkey,
        "--bundle",
        tmp_path / "nowhere",
        code="SourceError",
        exit_code=2,
    )
    assert "no such file" in error["message"]
    checked.ok("publish", tmp_path / "newer")
    checked.receipt("inspect", M1, "--all-ok", "--key", "officer-c")
    checked.ok("coverage", "--prove", M1, "-o", file)
    error = checked.refused(
        *("check-coverage", file, "--vkey", vkey, "--bundle", tmp_path / "newer"),
        code="SourceError",
        field="--bundle",
        exit_code=2,
    )
    assert "newer copy" in error["message"]


def test_what_does_not_hold_is_said(checked: Custody, tmp_path: Path) -> None:
    file, other = tmp_path / "m1.chain", tmp_path / "other"
    checked.ok("coverage", "--prove", M1, "-o", file)
    vkey = checked.ok("checkpoint", "--vkey").out.strip()
    stranger = Custody(other)
    stranger.ok("init", other, "--origin", "custody.example/erligang", "--no-passphrase")
    for key in (stranger.ok("checkpoint", "--vkey").out.strip(),):
        answer = checked.run("check-coverage", file, "--vkey", key, "--json")
        assert answer.code == 1 and answer.json["valid"] is False
    file.write_bytes(file.read_bytes().replace(M1.encode(), M2.encode()))
    answer = checked.run("check-coverage", file, "--vkey", vkey)
    assert answer.code == 1 and "does not hold" in answer.out
    file.write_bytes(b"")
    assert checked.run("check-coverage", file, "--vkey", vkey).code == 1
    checked.refused(
        "check-coverage", file, "--vkey", "nonsense", code="UsageError", field="--vkey", exit_code=2
    )
    checked.refused(
        "check-coverage", tmp_path / "no", "--vkey", vkey, code="SourceError", field="FILE", exit_code=2
    )
    checked.refused(
        "check-coverage", file, "--vkey", vkey, "--week", "x", code="UsageError", field="week", exit_code=2
    )


def test_a_proof_asked_for_wrongly(checked: Custody, tmp_path: Path) -> None:
    file = tmp_path / "m1.chain"
    for wrong in (
        ("--prove", M1),
        ("-o", file),
        ("--prove", M1, "-o", file, "--missed"),
        ("--prove", M1, "-o", file, "--as-of", "3"),
        ("--prove", M1, "-o", file, "--by", "grid"),
        ("--prove", "92410104MACU00030L", "-o", file),
    ):
        checked.refused("coverage", *wrong, code="UsageError", field="--prove", exit_code=2)
    checked.refused("coverage", "--prove", M1, "-o", tmp_path, code="UsageError", field="--out", exit_code=2)
    assert not file.exists()
    for key in (checked.ledger / "keys").glob("log.*"):
        key.unlink()
    assert checked.run("coverage", "--prove", M1, "-o", file).code == 2


def test_an_edited_table_does_not_make_the_log_sign_a_false_claim(checked: Custody, tmp_path: Path) -> None:
    """Derived tables can be edited by whoever has the file; the claim is read off the entries."""
    import sqlite3

    size = checked.size()
    connection = sqlite3.connect(checked.ledger / "ledger.db")
    for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
        connection.execute(f'DROP TRIGGER "{name}"')
    connection.execute('DELETE FROM fact_statement WHERE "index" = ?', (size - 1,))
    connection.commit()
    connection.close()
    file = tmp_path / "m1.chain"
    made = json.loads(checked.ok("coverage", "--prove", M1, "-o", file, "--json").out)
    assert made["last_entry"]["index"] == size - 1
