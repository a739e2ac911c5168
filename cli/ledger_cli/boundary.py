"""The one place where failures become messages and exit codes: no traceback reaches a user.

    0   done
    1   the ledger refused a statement, or what was verified is not true
    2   usage, unreadable input, or the ledger could not be read or written
    3   verification found nothing wrong but could not check all that was asked
    130 interrupted     141 the reader of our output went away

A message is one line on stderr in the language spoken, ``Error CODE: message``; with --json one object
``{"error": {…}}``, whose ``message`` is English and whose ``zh`` is the same in Chinese. With CUSTODY_DEBUG=1 the
traceback follows.
"""

from __future__ import annotations

import contextlib
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import typer

from ledger_cli.language import CHINESE, N_, _, language

if TYPE_CHECKING:  # loading the ledger's floors takes longer than all of `custody --help` may
    from ledger.errors import LedgerError
    from ledger_schemas import Flaw, Problem

REFUSED, UNUSABLE, INTERRUPTED, BROKEN_PIPE = 1, 2, 130, 141


def guarded(run: Callable[[], object], *, as_json: bool) -> int:
    """Run the program and give its exit code."""
    try:
        result = _flushed(run)
    except typer.Exit as leave:
        return leave.exit_code
    except KeyboardInterrupt:
        typer.echo(_("Interrupted"), err=True)
        return INTERRUPTED
    except typer.Abort:
        typer.echo(_("Aborted"), err=True)
        return UNUSABLE
    except BrokenPipeError:
        discard_output()
        return BROKEN_PIPE
    except Exception as error:  # whatever it is, the user gets a message
        return _explained(error, as_json)
    if result == INTERRUPTED:  # typer turns the interrupt into this code itself
        typer.echo(_("Interrupted"), err=True)
    return result if isinstance(result, int) else 0


def report(error: LedgerError, *, as_json: bool) -> None:
    """Say on stderr what is wrong, where, and what to do."""
    if as_json:
        _emit({"code": error.code, **described(error)})
        return
    problems = _problems(error)
    if not problems:
        _say(error.code, language().told(error.title), language().error(error))
        return
    _say(error.code, language().told(error.title), "")
    for problem in problems:
        typer.echo(f"  {_place(problem)}: {said(problem)}", err=True)


def said(problem: Problem | Flaw) -> str:
    """What is wrong with a body or an identifier, in the language spoken; it carries both."""
    return problem.zh if language().name == CHINESE else problem.message


def _say(code: str, title: str, text: str) -> None:
    typer.echo(_("Error {code}: {text}", code=code, title=title, text=text).rstrip(), err=True)


def described(error: LedgerError) -> dict[str, object]:
    """The parts of an error, for programs; of a body with its `problems`, each with field, message and zh."""
    parts: dict[str, object] = {
        "message": error.message,
        "zh": language(CHINESE).told(error.message),
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
        _report_usage(error, as_json)
        return exit_code
    if isinstance(error, OSError):
        discard_output()
        code, title, message = "SystemError", N_("System"), _of_system(error)
    else:
        code, title, message = "InternalError", N_("A mistake of the program"), _of_program(error)
    if as_json:
        both = {"message": message, "zh": language(CHINESE).told(message)}
        _emit({"code": code, **both, "field": None, "index": None, "row": None})
    else:
        _say(code, _(title), language().told(message))
    _debug()
    return UNUSABLE


def _of_system(error: OSError) -> str:
    from ledger.messages import Message
    from ledger_cli.reasons import why

    return (
        Message("{file}: {reason}", file=error.filename, reason=why(error)) if error.filename else why(error)
    )


def _of_program(error: Exception) -> str:
    from ledger.messages import Message

    first = f"{type(error).__name__}: {error}".splitlines()[0]
    return Message("{error} (CUSTODY_DEBUG=1 shows where)", error=first)


def _report_usage(error: Exception, as_json: bool) -> None:
    from ledger_cli.usage import usage_error

    found = usage_error(error)
    if found is None:
        return  # help has been shown instead
    report(found, as_json=as_json)
    context = getattr(error, "ctx", None)
    if context is not None and not as_json:
        typer.echo(_("Try: {command} --help", command=context.command_path), err=True)


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
