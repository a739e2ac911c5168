"""Groups that load a command's file only when that command runs.

`custody --help` and the shell's completion read the catalogue; importing the file, and all the floors below it, waits
until the command is named. Each loaded command also gets the options all of them share.
"""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import HAS_RICH, TyperCommand, TyperGroup

from ledger_cli.boundary import BROKEN_PIPE, discard_output, guarded
from ledger_cli.catalogue import CATALOGUE, Command, Group
from ledger_cli.frame import Frame
from ledger_cli.language import N_, _, speak, wanted

EVERYWHERE = N_("Everywhere")
STATEMENT = N_("For every statement")


TYPER_WORDS = {
    "DEFAULT_STRING": N_("[default: {}]"),
    "ENVVAR_STRING": N_("[env var: {}]"),
    "REQUIRED_LONG_STRING": N_("[required]"),
    "ARGUMENTS_PANEL_TITLE": N_("Arguments"),
    "OPTIONS_PANEL_TITLE": N_("Options"),
    "COMMANDS_PANEL_TITLE": N_("Commands"),
}
"""Constants of typer's help, in its own words."""
TOLD = ("help", "short_help", "epilog", "rich_help_panel")
"""What help shows of commands and options."""
TYPER_USAGE = "Usage: "
TYPER_OPTIONS = (
    N_("Install completion for the current shell."),
    N_("Show completion for the current shell, to copy it or customize the installation."),
)
"""Help of the options that typer adds to the program; `_tell` says it like that of all others."""


class Stub(TyperCommand):
    """A command that has not been loaded: its name and its line of help."""

    def __init__(self, name: str, known: Command) -> None:
        super().__init__(name, help=known.help, short_help=known.help, rich_help_panel=known.panel)
        self.known = known


class _Spoken:
    """What typer's help says of every command in its own words, said in the language spoken."""

    def get_help_option(self, ctx: Any) -> Any:  # Any: typer brings click's classes under changing names
        option = super().get_help_option(ctx)  # type: ignore[misc]  # of whichever command it is mixed into
        if option is not None:
            option.help = _("Show this message and exit.")
        return option

    def get_usage(self, ctx: Any) -> str:  # Any: as above
        usage: str = super().get_usage(ctx)  # type: ignore[misc]  # as above
        return usage.replace(TYPER_USAGE, _("Usage: "), 1)


class WithExamples(_Spoken, TyperCommand):
    """A command whose help ends with its examples, as they are: lines that can be copied."""

    examples = ""

    def format_help(self, ctx: Any, formatter: Any) -> None:  # Any: as above
        _lend_words()
        super().format_help(ctx, formatter)
        text = _("Examples:") + "\n" + "".join(f"  {line}\n" for line in self.examples.splitlines())
        if HAS_RICH and self.rich_markup_mode is not None:
            typer.echo(text, nl=False)
        else:
            formatter.write(f"\n{text}")


class LazyGroup(_Spoken, TyperGroup):
    """A group of commands from the catalogue."""

    def format_help(self, ctx: Any, formatter: Any) -> None:  # Any: as above
        _lend_words()
        super().format_help(ctx, formatter)

    def resolve_command(
        self, ctx: Any, args: list[str]
    ) -> tuple[str | None, Any, list[str]]:  # Any: as above
        if not ctx.resilient_parsing and args and self._unknown(ctx, args[0]):
            from ledger_cli.usage import no_such_command

            raise no_such_command(ctx.command_path, args[0], get_close_matches(args[0], self.commands))
        name, command, rest = super().resolve_command(ctx, args)
        return name, loaded(command) if isinstance(command, Stub) else command, rest

    def _unknown(self, ctx: Any, word: str) -> bool:  # Any: as above
        return not word.startswith("-") and self.get_command(ctx, word) is None


class Program(LazyGroup):
    """The whole program: the catalogue, streams in UTF-8, and every failure kept inside the boundary."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        for word, known in CATALOGUE.items():
            self.add_command(group(word, known) if isinstance(known, Group) else Stub(word, known))

    def invoke(self, ctx: Any) -> Any:  # Any: as above
        try:
            return super().invoke(ctx)
        except BrokenPipeError as gone:  # typer would leave with 1, which here means refused
            discard_output()
            raise typer.Exit(BROKEN_PIPE) from gone

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        for stream in (sys.stdout, sys.stderr):
            _speak_utf8(stream)
        arguments = list(sys.argv[1:] if args is None else args)

        def run() -> Any:
            with _readable(arguments):
                speak(wanted(arguments, os.environ))
                _tell(self)
                return super(Program, self).main(
                    arguments, prog_name, complete_var, False, windows_expand_args, **extra
                )

        code = guarded(run, as_json="--json" in arguments)
        if standalone_mode:
            sys.exit(code)
        return code


def group(name: str, known: Group) -> TyperGroup:
    """The group `name` of the catalogue."""
    return LazyGroup(
        name=name,
        commands={word: Stub(word, command) for word, command in known.commands.items()},
        help=known.help,
        short_help=known.help,
        no_args_is_help=True,
        rich_help_panel=known.panel,
    )


def loaded(stub: Stub) -> WithExamples:
    """The command itself, from its file."""
    module = import_module(f"ledger_cli.commands.{stub.known.module}")
    text = f"{_(stub.known.help)}\n\n{_(inspect.getdoc(module.command) or '')}".strip()
    command = _built(stub.name or "", module.command, text.replace("[", r"\["))
    command.examples = inspect.cleandoc(module.EXAMPLES)
    for shared in ("everywhere", stub.known.shared):
        if shared:
            command.params.extend(_built("", SHARED[shared], "").params)
    for parameter in command.params:
        _tell(parameter)
    return command


def _built(name: str, function: Callable[..., None], text: str) -> WithExamples:
    app = typer.Typer(add_completion=False)
    app.command(name, cls=WithExamples, help=text)(function)
    command = typer.main.get_command(app)
    assert isinstance(command, WithExamples)  # noqa: S101 - it is the class asked for
    return command


def _tell(shown: Any) -> None:  # Any: a command or an option, as above
    """Say in the language spoken what help shows of a command, those below it and their options."""
    english = vars(shown).setdefault("_english", {name: getattr(shown, name, None) for name in TOLD})
    for name, text in english.items():
        if text:
            setattr(shown, name, _(text))
    for below in (*getattr(shown, "params", ()), *getattr(shown, "commands", {}).values()):
        _tell(below)


def _lend_words() -> None:
    """Help says "Usage", "Options" and the like in the language spoken, too. typer asks gettext's one global catalogue
    for them, partly on import; so its words are lent to it here.
    """
    import typer.core
    import typer.rich_utils

    typer.core.__dict__["_"] = typer.rich_utils.__dict__["_"] = _
    for constant, word in TYPER_WORDS.items():
        setattr(typer.rich_utils, constant, _(word))
    typer.rich_utils.__dict__["_make_rich_text"] = _folded(_typers_text())


@cache
def _typers_text() -> Callable[..., Any]:  # Any: a renderable of rich
    import typer.rich_utils

    return typer.rich_utils._make_rich_text


def _folded(make: Callable[..., Any]) -> Callable[..., Any]:  # Any: as above
    """typer cuts off a word that is longer than its column, and Chinese knows no spaces: fold it instead."""

    def folded(**how: Any) -> Any:
        made = make(**how)
        if hasattr(made, "overflow"):
            made.overflow = "fold"
        return made

    return folded


@contextmanager
def _readable(arguments: Sequence[str]) -> Iterator[None]:
    """Names of files may be any bytes; where something else is not UTF-8, it is said which. Raises: UsageError."""
    try:
        yield
    except UnicodeEncodeError as error:
        from ledger.errors import UsageError

        odd = [word for word in arguments if any("\ud800" <= character <= "\udfff" for character in word)]
        if not odd:
            raise
        raise UsageError(
            "the argument {odd!a} is not UTF-8: check the terminal's encoding", odd=odd[0]
        ) from error


def _speak_utf8(stream: object) -> None:
    """Chinese is written whatever the locale says; what cannot be written at all is escaped."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(encoding="utf-8", errors="backslashreplace")


# ---------------------------------------------------------------------- options shared by commands


def keep_ledger(context: typer.Context, value: Path | None) -> Path | None:
    if value is not None:
        Frame.of(context).ledger = value
    return value


def keep_json(context: typer.Context, value: bool) -> bool:
    if value:
        Frame.of(context).json = True
    return value


def _keep(name: str) -> Callable[[typer.Context, Any], Any]:  # Any: the value of whichever option
    def keep(context: typer.Context, value: Any) -> Any:
        if value:
            setattr(Frame.of(context).recording, name, value)
        return value

    return keep


def _everywhere(
    ledger: Annotated[
        Path | None,
        typer.Option(
            "--ledger",
            metavar="DIR",
            help=N_("Folder of the ledger (default: CUSTODY_LEDGER, or here)."),
            callback=keep_ledger,
            expose_value=False,
            rich_help_panel=EVERYWHERE,
        ),
    ] = None,
    json: Annotated[
        bool,
        typer.Option(
            "--json",
            help=N_("Answer in JSON."),
            callback=keep_json,
            expose_value=False,
            rich_help_panel=EVERYWHERE,
        ),
    ] = False,
    lang: Annotated[
        str | None,
        typer.Option(
            "--lang",
            metavar="zh|en",
            help=N_("Language to answer in (default: CUSTODY_LANG, or that of the system)."),
            expose_value=False,
            rich_help_panel=EVERYWHERE,
        ),
    ] = None,
) -> None:
    """Nothing: only its options are used."""


def _statement(
    key: Annotated[
        list[str] | None,
        typer.Option(
            "--key",
            metavar="NAME",
            help=N_("Key to sign with; twice for two officers. Default: the only one here that may."),
            callback=_keep("keys"),
            expose_value=False,
            rich_help_panel=STATEMENT,
        ),
    ] = None,
    occurred_at: Annotated[
        str | None,
        typer.Option(
            "--occurred-at",
            metavar="TIME",
            help=N_("When it happened: RFC 3339, or 'YYYY-MM-DD HH:MM' at +08:00. Default: now."),
            callback=_keep("occurred_at"),
            expose_value=False,
            rich_help_panel=STATEMENT,
        ),
    ] = None,
    body: Annotated[
        str | None,
        typer.Option(
            "--body",
            metavar="FILE|-",
            help=N_("The whole body as JSON or TOML, - for JSON from stdin; other options override it."),
            callback=_keep("body"),
            expose_value=False,
            rich_help_panel=STATEMENT,
        ),
    ] = None,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run",
            help=N_("Show the statement and whether it would be taken in; record nothing."),
            callback=_keep("dry_run"),
            expose_value=False,
            rich_help_panel=STATEMENT,
        ),
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="FILE",
            help=N_("Add the signed envelope to FILE instead of recording it; `custody submit` takes it in."),
            callback=_keep("out"),
            expose_value=False,
            rich_help_panel=STATEMENT,
        ),
    ] = None,
) -> None:
    """Nothing: only its options are used."""


SHARED: dict[str, Callable[..., None]] = {"everywhere": _everywhere, "statement": _statement}
"""Sets of options by name."""
