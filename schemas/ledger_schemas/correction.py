"""Taking back a statement: the entry stays, and from here on it no longer counts."""

from typing import Annotated

from ledger_schemas.base import Body, Problems, Ruled
from ledger_schemas.problems import Problem
from ledger_schemas.text import LongText, StatementId
from ledger_schemas.vocabulary import CorrectionReason
from ledger_schemas.words import field


class StatementCorrected(
    Ruled,
    Body,
    kind="statement.corrected",
    zh="更正记录",
    en="Statement corrected",
    about_zh="原记录保留，不再计入",
):
    """An earlier statement of the same author no longer counts; another may stand for it."""

    statement: Annotated[StatementId, field("被更正的记录", "Statement", "哪一条记录", "Id of the statement")]
    reason: Annotated[
        CorrectionReason,
        field("更正原因", "Reason", "没有发生，或填错", "It did not happen, or its data are wrong"),
    ]
    explanation: Annotated[LongText, field("说明", "Explanation", "怎么错的", "How the mistake came about")]
    replacement: Annotated[
        StatementId | None,
        field("代替的记录", "Replacement", "正确的那一条", "Id of the statement that is right"),
    ] = None

    def rules(self) -> Problems:
        """What did not happen has no replacement, and nothing replaces itself."""
        if self.replacement is None:
            return ()
        if self.reason == "did_not_happen":
            return (
                Problem(
                    "replacement",
                    "what did not happen has no replacement: leave it out, or choose wrong_data",
                    "没有发生的事没有代替记录，请删去，或改选“内容填错”",
                ),
            )
        if self.replacement == self.statement:
            return (Problem("replacement", "a statement cannot replace itself", "记录不能代替自己"),)
        return ()
