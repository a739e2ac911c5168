"""typer's own errors as errors of the ledger's tree, so that they are told, placed and coded like all others.

    usage_error(error).message      # "there is no such option; did you mean --since?", its field "--sinze"

What is wrong is read off the class of the error and the parameter it names; typer's sentences are only shown where it
says something that this command line never makes it say. Showing the error is left to the boundary.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ledger_cli.language import N_

if TYPE_CHECKING:
    from ledger.errors import UsageError

EXTRA, MISSING = "Got unexpected extra argument", "Missing command."
"""How typer says so: there are no classes for these."""


def usage_error(error: Exception) -> UsageError | None:
    """The error in our words; None where help has been shown instead."""
    # Of these typer shows only BadParameter to everybody; the others have no public name, and click's own are others.
    from typer._click import exceptions as typers

    from ledger.errors import UsageError

    if isinstance(error, typers.NoArgsIsHelpError):
        return None
    if isinstance(error, typers.NoSuchOption):
        found = no_such_option(error.option_name, sorted(error.possibilities or ()))
    elif isinstance(error, typers.BadOptionUsage):
        needed = "requires" in error.message
        found = UsageError(
            N_("a value has to follow") if needed else N_("no value can be given"), field=error.option_name
        )
    elif isinstance(error, typers.MissingParameter):
        found = UsageError("this is needed and missing", field=_field(error.param))
    elif isinstance(error, typers.BadParameter):
        found = _bad_value(error)
    else:
        found = _by_its_words(error)
    return found


def _by_its_words(error: Exception) -> UsageError:
    """What typer has no class for."""
    from ledger.errors import UsageError

    text = str(error)
    if text.startswith(EXTRA):
        return UsageError("there is more than the command takes: {extra}", extra=text.partition("(")[2][4:-1])
    if text == MISSING:
        return UsageError("name a command")
    return UsageError("this is not understood: {text}", text=text)


def no_such_option(name: str, others: list[str]) -> UsageError:
    """An option nobody knows, and those it may have been meant to be."""
    from ledger.errors import UsageError

    if others:
        return UsageError(
            "there is no such option; did you mean {others}?", others=", ".join(others), field=name
        )
    return UsageError("there is no such option", field=name)


def no_such_command(group: str, word: str, others: list[str]) -> UsageError:
    """A command nobody knows, and those it may have been meant to be."""
    from ledger.errors import UsageError

    if others:
        return UsageError(
            "there is no command {word!r}; did you mean {others}? See {group} --help",
            word=word,
            others=", ".join(others),
            group=group,
        )
    return UsageError("there is no command {word!r}: see {group} --help", word=word, group=group)


def _field(parameter: Any) -> str | None:  # Any: typer's parameter, an option or an argument
    """The option, or the argument as help names it."""
    if parameter is None:
        return None
    if parameter.param_type_name == "argument" and parameter.metavar:
        return str(parameter.metavar).strip("[]")
    return str(parameter.opts[-1]) if parameter.opts else None


def _bad_value(error: Any) -> UsageError:  # Any: typer's BadParameter
    """A value that is not of the kind, or not within the bounds; all that are not text are whole numbers."""
    from ledger.errors import UsageError

    field, descriptor = _field(error.param), getattr(error.param, "type_descriptor", None)
    found = getattr(error.__cause__, "errors", None)
    if descriptor is None or found is None or "int" not in str(descriptor.annotation):
        return UsageError("this is not understood: {text}", text=error.message, field=field)
    value, least, most = (
        found()[0]["input"],
        descriptor.parameter_info.min,
        descriptor.parameter_info.max,
    )
    if least is None:
        return UsageError("this should be a whole number, not {value}", value=value, field=field)
    if most is None:
        return UsageError(
            "this should be a whole number from {least} on, not {value}",
            least=least,
            value=value,
            field=field,
        )
    return UsageError(
        "this should be a whole number from {least} to {most}, not {value}",
        least=least,
        most=most,
        value=value,
        field=field,
    )
