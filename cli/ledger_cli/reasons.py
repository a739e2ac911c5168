"""Why the system refused something, as it says itself, so that it can be said in Chinese too.

raise SourceError("{source} cannot be read: {reason}", source=source, reason=why(error), field=option)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ledger_cli.language import N_

if TYPE_CHECKING:
    from ledger.messages import Message

KNOWN: Final = (
    N_("No such file or directory"),
    N_("Permission denied"),
    N_("Is a directory"),
    N_("Not a directory"),
    N_("File exists"),
    N_("File name too long"),
    N_("No space left on device"),
    N_("Read-only file system"),
    N_("Input/output error"),
    N_("Too many open files"),
    N_("Disk quota exceeded"),
)
"""What files come to grief of; other reasons are told in the system's own words."""


def why(error: OSError) -> Message:
    """The reason alone, without the name of the file."""
    from ledger.messages import Message

    return Message(error.strerror or str(error))
