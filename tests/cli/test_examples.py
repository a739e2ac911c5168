"""The examples in --help run, as they stand, one after the other: together they are a day at a street office."""

from __future__ import annotations

import shlex
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ledger_cli.app import app

PREPARE = """
custody key new market --no-passphrase
custody key new officer-a --no-passphrase
custody key new old-phone --no-passphrase
"""
GRANT = """
custody key grant market --role merchant --scope 92410104MACU00022R
custody key grant phone --role office --scope 市场科
custody key grant old-phone --role office --scope 市场科
"""
SUPERVISE = """
custody key new officer-b --no-passphrase
custody key grant officer-b --role supervisor --scope erligang/3 --holder officer-018
custody key new town --no-passphrase
custody key grant town --role office --scope 二里岗街道办
custody key new trade --no-passphrase
custody key grant trade --role office --scope 市场科
"""
TAKE = "import pypdfium2; pypdfium2.PdfDocument('labels.pdf')[0].render(scale=3).to_pil().save('carton.jpg')"
PHOTOGRAPH = f"""
'{sys.executable}' -c "{TAKE}" && test -s carton.jpg
"""
DAY = (
    *("key_new", PREPARE, "ruleset_list", "ruleset_publish", "ruleset_show"),
    *("merchant_enroll", "merchant_list", "key_grant", GRANT, "key_list", "merchant_show"),
    *("device_invite", "device_list", "tls_make"),
    *("goods_receive", "goods_hand_over", "goods_accept", "goods_sell", "goods_dispose", "goods_adjust"),
    *("log_disinfection", "log_temperature", "attest_clears", "attest_commitment", "attest_briefing"),
    *("inspect", "submit", "key_revoke", "correct"),
    *(SUPERVISE, "duty_assign", "duty_list", "plan_announce", "plan_void"),
    *("rectification_order", "rectification_report", "rectification_reject", "rectification_confirm"),
    *("rectification_list", "plan_draw", "plan_show", "card_issue", "card_list", "card_lift", "card_suspend"),
    *("cosign", "goods_release", "goods_seal", "goods_release"),
    *("recall_order", "recall_answer", "recall_status", "recall_list", "ruleset_test"),
    *("notice_send", "notice_list", "coverage", "check_coverage", "report_week"),
    *("label", PHOTOGRAPH, "scan"),
)
"""The examples of these commands, and what else it takes to get from one to the next."""

SHELL = {"|", "&&", ">", "||", ";"}
PROGRAM = f"""set -e -o pipefail
custody() {{ '{sys.executable}' -c 'from ledger_cli.app import main; main()' "$@"; }}
"""


@pytest.mark.slow
def test_the_examples_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run(examples("init"))
    monkeypatch.chdir(tmp_path / "erligang")
    for step in DAY:
        run(examples(step) if step.isidentifier() else step)
    assert (tmp_path / "tianjin" / "ledger.db").exists()


def examples(module: str) -> str:
    text: str = import_module(f"ledger_cli.commands.{module}").EXAMPLES
    return text


def run(script: str) -> None:
    """Run lines of shell where we are: in this process, unless they need a shell."""
    for line in script.replace("\\\n", " ").strip().splitlines():
        words = shlex.split(line)
        if SHELL & set(words):
            done = subprocess.run(["bash", "-c", PROGRAM + line], capture_output=True, check=False)
            code, output = done.returncode, (done.stdout + done.stderr).decode()
        else:
            result = CliRunner().invoke(app, words[1:])
            code, output = result.exit_code, result.output
        assert code == 0, (line, output)
