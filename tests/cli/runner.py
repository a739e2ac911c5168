"""Runs `custody` inside this process, and keeps what it answered."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from ledger_cli.app import app

M1 = "92410104MACU00014Y"
M2 = "92410104MACU00022R"


@dataclass(frozen=True)
class Answer:
    """Exit code and both streams of one command."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:  # Any: whatever the command answers
        """What it said on stdout, as JSON."""
        return json.loads(self.out)

    @property
    def error(self) -> dict[str, Any]:
        """The error object of --json: the last line on stderr."""
        found: dict[str, Any] = json.loads(self.err.splitlines()[-1])["error"]
        return found


class Custody:
    """The command, bound to one ledger."""

    def __init__(self, ledger: Path) -> None:
        self.ledger = ledger

    def run(self, *arguments: object, input: bytes | str | None = None, **environment: str) -> Answer:
        """Run one command on the ledger, in English unless told otherwise; never a traceback, whatever happens."""
        words = ["--ledger", str(self.ledger), *map(str, arguments)]
        spoken = {"CUSTODY_LANG": "en"} | environment
        result = CliRunner().invoke(app, words, input=input, env=spoken, prog_name="custody")
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        assert "Traceback" not in result.output
        return Answer(result.exit_code, result.stdout, result.stderr)

    def ok(self, *arguments: object, input: bytes | str | None = None, **environment: str) -> Answer:
        """The same, for what has to work."""
        answer = self.run(*arguments, input=input, **environment)
        assert answer.code == 0, (answer.code, answer.out, answer.err)
        return answer

    def receipt(self, *arguments: object, input: bytes | str | None = None) -> dict[str, Any]:
        """The receipt of a statement that has to be accepted."""
        found: dict[str, Any] = self.ok(*arguments, "--json", input=input).json
        assert found["status"] == "accepted"
        return found

    def refused(
        self, *arguments: object, code: str, field: str | None = None, exit_code: int = 1
    ) -> dict[str, Any]:
        """The error of a command that has to fail, which leaves the ledger as it was."""
        before = self.size()
        answer = self.run(*arguments, "--json")
        assert answer.code == exit_code, (answer.code, answer.out, answer.err)
        error = answer.error
        assert error["code"] == code, error
        assert error["zh"] and error["message"]
        if field is not None:
            assert error["field"] == field, error
        assert self.size() == before
        return error

    def size(self) -> int:
        """How many entries the ledger has."""
        from ledger.custody.home import Home

        with Home(self.ledger).open(clock=lambda: 0) as ledger:
            return ledger.store.head().size

    def entry(self, index: int) -> Any:  # Any: an entry as JSON
        """One entry."""
        from ledger.custody.home import Home

        with Home(self.ledger).open(clock=lambda: 0) as ledger:
            return json.loads(ledger.entry(index).data)
