"""The modules in a page, and a short way to put many inputs through one function of theirs."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

from tests.web.browser import Page


class Modules:
    """See the `harness.js` beside."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def each(self, name: str, inputs: Sequence[object], **context: object) -> list[dict[str, Any]]:
        """The answers, none of which is a crash. Bytes go as base64."""
        answers: list[dict[str, Any]] = self.page.evaluate(
            "async ([name, inputs, context]) => (await import('/tests/js/harness.js')).each(name, inputs, context)",
            [name, [given(one) for one in inputs], context],
        )
        assert len(answers) == len(inputs)
        crashed = [(one, answer) for one, answer in zip(inputs, answers, strict=True) if "crash" in answer]
        assert not crashed, crashed[:3]
        return answers

    def oks(self, name: str, inputs: Sequence[object], **context: object) -> list[Any]:
        """The results, none of which is an error."""
        answers = self.each(name, inputs, **context)
        refused = [answer for answer in answers if "ok" not in answer]
        assert not refused, refused[:3]
        return [answer["ok"] for answer in answers]

    def run(self, script: str, argument: object = None) -> Any:
        """The result of an async function body in which `m` are the modules, `h` the harness and `x` the argument."""
        return self.page.evaluate(
            "async (x) => { const h = await import('/tests/js/harness.js'); const m = h.modules; "
            + script
            + " }",
            argument,
        )


def given(one: object) -> object:
    return base64.b64encode(one).decode("ascii") if isinstance(one, bytes) else one
