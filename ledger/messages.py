"""Text for people that remembers how it was made, so that a front door can say it in another language.

    >>> said = Message("batch {batch} is not held", batch="B-7")
    >>> said
    'batch B-7 is not held'
    >>> said.template, said.values
    ('batch {batch} is not held', {'batch': 'B-7'})

A message is the English text, so it goes wherever a text goes: into JSON, a log, another message. A catalogue is asked
for its template (`ledger.language`). Values may be messages themselves.

    >>> joined([said, Message("enter the unit")])
    'batch B-7 is not held; enter the unit'
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final


class Message(str):
    """See the module docstring. Braces stand for values only where there are values."""

    template: str
    values: Mapping[str, object]
    worded: Mapping[str, str] = {}
    """The text by language, where it did not come from a template: problems of the schemas bring theirs along."""

    def __new__(cls, template: str, /, **values: object) -> Message:
        kept = {name: _kept(value) for name, value in values.items()}
        made = super().__new__(cls, template.format_map(kept) if kept else template)
        made.template = template
        made.values = kept
        return made

    @classmethod
    def in_words(cls, text: str, **worded: str) -> Message:
        """A text that comes with its wording in other languages, by the names that people ask for (``zh``)."""
        made = cls(text)
        made.worded = worded
        return made


def message(text: str) -> Message:
    """A text as a message: what is one already stays as it is."""
    return text if isinstance(text, Message) else Message(text)


def joined(parts: Sequence[str]) -> Message:
    """One or more messages as one. They are halved, so that thousands are not nested thousands deep."""
    if len(parts) == 1:
        return message(parts[0])
    half = len(parts) // 2
    return Message(_JOINED, first=joined(parts[:half]), rest=joined(parts[half:]))


def shortened(text: str, limit: int) -> Message:
    """A text of about `limit` characters, still with its template: what is long among its values is cut."""
    said = message(text)
    if len(said) <= limit:
        return said
    if said.template == _JOINED:
        first = shortened(str_of(said, "first"), limit)
        room = limit - len(first)
        return (
            first if room <= 0 else Message(_JOINED, first=first, rest=shortened(str_of(said, "rest"), room))
        )
    texts = {name: value for name, value in said.values.items() if isinstance(value, str)}
    longest = max(texts, key=lambda name: len(texts[name]), default=None)
    if longest is not None and (room := limit - len(said) + len(texts[longest])) > 0:
        return Message(said.template, **{**said.values, longest: shortened(texts[longest], room)})
    return Message.in_words(
        f"{said[:limit]}…", **{name: f"{words[:limit]}…" for name, words in said.worded.items()}
    )


def str_of(said: Message, name: str) -> str:
    """A value of a message as text, a message staying one."""
    value = said.values[name]
    return value if isinstance(value, str) else str(value)


def either(parts: Sequence[str]) -> Message:
    """Several texts of which one is meant."""
    first, *rest = parts
    return Message("{first} or {rest}", first=first, rest=either(rest)) if rest else message(first)


_JOINED: Final = Message("{first}; {rest}")


def _kept(value: object) -> object:
    """An error among the values leaves its text, not the frames that it was raised through."""
    if isinstance(value, BaseException):
        placed = getattr(value, "placed", None)
        return placed if isinstance(placed, Message) else said_by(value)
    return value


def said_by(error: BaseException) -> str:
    """What an error says: the message it was made with, where it was made with one."""
    said = error.args[0] if error.args else None
    return said if isinstance(said, Message) else str(error)
