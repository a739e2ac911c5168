"""One negative case, and how its input stands in a file.

    {"desc": "...", "want_error": "EncodingError", "encoding": "text", "input": "{\"a\": 1}"}

`encoding` is `text` (UTF-8 of the string), `base64` (bytes that are not text), `parts` (a list of [text,
times] put one behind the other, for inputs too long to print) or `json` (arguments by name, for proofs).
"""

from __future__ import annotations

import base64
from typing import Any, NamedTuple

Parts = list[tuple[str, int]]


class Case(NamedTuple):
    """`slug` names the file, `desc` says what is wrong, `want` is the class of the error."""

    slug: str
    desc: str
    want: str
    input: str | bytes | Parts | dict[str, object]

    def record(self) -> dict[str, object]:
        """What the file holds."""
        value = self.input
        if isinstance(value, bytes):
            text = value.decode("utf-8", errors="replace")
            if "\ufffd" in text or "\ufeff" in text:  # no text, or invisible in an editor
                return self._with("base64", base64.b64encode(value).decode("ascii"))
            return self._with("text", text)
        kind = {str: "text", list: "parts", dict: "json"}[type(value)]
        return self._with(kind, value)

    def _with(self, encoding: str, value: object) -> dict[str, object]:
        return {"desc": self.desc, "want_error": self.want, "encoding": encoding, "input": value}


def input_of(record: dict[str, Any]) -> Any:
    """The input that a file describes: bytes, or the arguments of a proof."""
    value = record["input"]
    match record["encoding"]:
        case "text":
            return value.encode("utf-8")
        case "base64":
            return base64.b64decode(value)
        case "parts":
            return "".join(text * times for text, times in value).encode("utf-8")
        case _:
            return value
