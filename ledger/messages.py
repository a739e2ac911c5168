"""Text for people that remembers how it was made, so that a front door can say it in another language.

    >>> said = Message("batch {batch} is not held", batch="B-7")
    >>> said
    'batch B-7 is not held'
    >>> said.template, said.values
    ('batch {batch} is not held', {'batch': 'B-7'})

A message is the English text, so it goes wherever a text goes: into JSON, a log, another message. A catalogue is asked
for its template (`ledger.language`). Values may be messages themselves.
"""

from __future__ import annotations

from collections.abc import Mapping


class Message(str):
    """See the module docstring. Braces stand for values only where there are values."""

    template: str
    values: Mapping[str, object]

    def __new__(cls, template: str, /, **values: object) -> Message:
        made = super().__new__(cls, template.format_map(values) if values else template)
        made.template = template
        made.values = values
        return made


def message(text: str) -> Message:
    """A text as a message: what is one already stays as it is."""
    return text if isinstance(text, Message) else Message(text)
