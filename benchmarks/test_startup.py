"""Start-up of the command beside a typer program with one command and nothing else."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.measuring import Times, repeat, report

BARE = """
import typer

app = typer.Typer()


@app.command()
def main(name: str) -> None:
    \"\"\"Say hello.\"\"\"
    print(name)


app()
"""


def test_help(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    """`custody --help`, interleaved with the other."""
    program = tmp_path / "bare.py"
    program.write_text(BARE)
    custody, bare = Times(), Times()

    def run(*command: str) -> None:
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)

    def one_round() -> None:
        with custody:
            run(str(Path(sys.executable).with_name("custody")), "--help")

    def setup() -> None:
        with bare:
            run(sys.executable, str(program), "--help")

    repeat(benchmark, one_round, setup=setup, rounds=15)
    report(
        benchmark,
        "custody --help",
        "< 2 bare typer programs",
        ratio=custody.median / bare.median,
        custody_ms=custody.median * 1000,
        bare_ms=bare.median * 1000,
    )
