"""The README does what it says: its commands run in order, in an empty folder, and each succeeds."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = [
    line[2:]
    for block in re.findall(r"```console\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    for line in block.splitlines()
    if line.startswith("$ ")
]


@pytest.mark.slow
def test_readme(tmp_path: Path) -> None:
    script = "set -e\n" + "\n".join(COMMANDS) + "\n"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CUSTODY_")}
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
    environment["CUSTODY_LANG"] = "zh"
    done = subprocess.run(
        ["bash", "-xc", script], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(COMMANDS) > 25
    assert len(re.findall(r"结论 +完好", done.stdout)) == 4
    assert "证明成立。" in done.stdout
    assert (tmp_path / "taizhang.xlsx").stat().st_size > 5000
    assert (tmp_path / "restored" / "ledger.db").exists()


def test_the_documents_it_names_are_there() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", (ROOT / "README.md").read_text("utf-8")):
        if "://" not in target:
            assert (ROOT / target).exists(), target
