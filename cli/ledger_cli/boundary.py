"""The one place where failures become messages and exit codes: no traceback reaches a user.

    0   done
    1   the ledger refused a statement, or what was verified is not true
    2   usage, unreadable input, or the ledger could not be read or written
    3   verification found nothing wrong but could not check all that was asked
    130 interrupted     141 the reader of our output went away

A message is one line on stderr, ``错误 CODE 中文: message``; with --json one object ``{"error": {…}}``. With
CUSTODY_DEBUG=1 the traceback follows.
"""

from __future__ import annotations

import contextlib
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:  # loading the ledger's floors takes longer than all of `custody --help` may
    from ledger.errors import LedgerError
    from ledger_schemas import Problem

REFUSED, UNUSABLE, INTERRUPTED, BROKEN_PIPE = 1, 2, 130, 141


def guarded(run: Callable[[], object], *, as_json: bool) -> int:
    """Run the program and give its exit code."""
    try:
        result = _flushed(run)
    except typer.Exit as leave:
        return leave.exit_code
    except KeyboardInterrupt:
        typer.echo("已中断 Interrupted", err=True)
        return INTERRUPTED
    except typer.Abort:
        typer.echo("已取消 Aborted", err=True)
        return UNUSABLE
    except BrokenPipeError:
        discard_output()
        return BROKEN_PIPE
    except Exception as error:  # whatever it is, the user gets a message
        return _explained(error, as_json)
    if result == INTERRUPTED:  # typer turns the interrupt into this code itself
        typer.echo("已中断 Interrupted", err=True)
    return result if isinstance(result, int) else 0


def report(error: LedgerError, *, as_json: bool) -> None:
    """Say on stderr what is wrong, where, and what to do."""
    if as_json:
        _emit({"code": error.code, **described(error)})
        return
    problems = _problems(error)
    if not problems:
        typer.echo(f"错误 {error.code} {error.zh}: {error}", err=True)
        return
    typer.echo(f"错误 {error.code} {error.zh}:", err=True)
    for problem in problems:
        typer.echo(f"  {_place(problem)}: {problem.zh}。{problem.message}", err=True)


def described(error: LedgerError) -> dict[str, object]:
    """The parts of an error, for programs; of a body with its `problems`, each with field, message and zh."""
    parts: dict[str, object] = {
        "zh": error.zh,
        "message": error.message,
        "field": error.field,
        "index": error.index,
        "row": error.row,
    }
    problems = _problems(error)
    if problems:
        parts["problems"] = [{"field": _place(one), "message": one.message, "zh": one.zh} for one in problems]
    return parts


def _problems(error: LedgerError) -> Sequence[Problem]:
    """What the schemas found wrong with the body, in both languages."""
    found: Sequence[Problem] = getattr(error.__cause__, "problems", ())
    return found


def _explained(error: Exception, as_json: bool) -> int:
    from ledger.errors import LedgerError, Refused

    if not isinstance(error, LedgerError):
        return _unforeseen(error, as_json)
    report(error, as_json=as_json)
    _debug()
    return REFUSED if isinstance(error, Refused) else UNUSABLE


def _place(problem: Problem) -> str:
    return f"body.{problem.field}" if problem.field else "body"


def _flushed(run: Callable[[], object]) -> object:
    """Run, and write out what was printed while failures can still be told."""
    result = run()
    sys.stdout.flush()
    return result


def _unforeseen(error: Exception, as_json: bool) -> int:
    exit_code = getattr(error, "exit_code", None)
    if isinstance(exit_code, int):  # typer's own: an unknown option, a missing argument …
        _report_usage(error, exit_code, as_json)
        return exit_code
    if isinstance(error, OSError):
        discard_output()
        where = f"{error.filename}: " if error.filename else ""
        code, zh, message = "SystemError", "系统错误", f"{where}{error.strerror or error}"
    else:
        code, zh = "InternalError", "程序内部错误"
        message = f"{type(error).__name__}: {error}".splitlines()[0] + " (CUSTODY_DEBUG=1 shows where)"
    if as_json:
        _emit({"code": code, "zh": zh, "message": message, "field": None, "index": None, "row": None})
    else:
        typer.echo(f"错误 {code} {zh}: {message}", err=True)
    _debug()
    return UNUSABLE


def _report_usage(error: Exception, exit_code: int, as_json: bool) -> None:
    message = error.format_message() if hasattr(error, "format_message") else str(error)
    if not message.strip():
        return  # help has been shown instead
    context = getattr(error, "ctx", None)
    parameter = getattr(error, "param", None)
    field = parameter.opts[-1] if parameter is not None and parameter.opts else None
    if as_json:
        _emit(
            {
                "code": "UsageError",
                "zh": "用法错误",
                "message": message,
                "field": field,
                "index": None,
                "row": None,
            }
        )
        return
    typer.echo(f"错误 UsageError 用法错误: {message}", err=True)
    if context is not None:
        typer.echo(f"试试 Try: {context.command_path} --help", err=True)


def _emit(error: dict[str, object]) -> None:
    from ledger_cli.frame import dumps

    typer.echo(dumps({"error": error}), err=True)


def _debug() -> None:
    if os.environ.get("CUSTODY_DEBUG"):
        traceback.print_exc()


def discard_output() -> None:
    """Nothing more can be written to stdout: keep the interpreter from trying, and complaining, at its end."""
    try:
        sys.stdout.flush()
    except (OSError, ValueError):
        with contextlib.suppress(OSError, ValueError):  # not a file: then nothing is tried at the end
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
