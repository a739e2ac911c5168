"""A message is its English text, and can be said in Chinese: with messages, braces and errors among its values."""

from __future__ import annotations

import copy
import multiprocessing
import pickle

import pytest

from ledger.errors import Conflict, CustodyRefused, LedgerError, Refused
from ledger.language import Language
from ledger.messages import Message, either, joined, message, shortened

CHINESE = Language.of("zh")
MISSING = "there is no batch {batch}: check the batch id"


def pickled(one):  # type: ignore[no-untyped-def]
    return pickle.loads(pickle.dumps(one))  # noqa: S301 - its own


def passed(error: LedgerError) -> LedgerError:
    """As a worker hands an error back."""
    return error


@pytest.mark.parametrize("twin", [copy.copy, copy.deepcopy, pickled])
def test_a_copy_keeps_template_and_values(twin) -> None:  # type: ignore[no-untyped-def]
    inner = Message(MISSING, batch="{B}-7")
    for said in (inner, Message("{place}: {problem}", place="body", problem=inner), joined([inner, inner])):
        made = twin(said)
        assert (made, made.template, dict(made.values)) == (said, said.template, dict(said.values))
        assert CHINESE.told(made) == CHINESE.told(said) != said
    worded = Message.in_words("enter it", zh="请填写")
    assert CHINESE.told(twin(worded)) == "请填写"


@pytest.mark.parametrize("twin", [copy.copy, pickled])
def test_a_copy_of_an_error_is_told_alike(twin) -> None:  # type: ignore[no-untyped-def]
    error = Conflict(MISSING, batch="B-7", field="body.batch", index=4, row=2)
    made = twin(error)
    assert type(made) is Conflict
    assert (str(made), made.field, made.index, made.row) == (str(error), "body.batch", 4, 2)
    assert CHINESE.error(made) == CHINESE.error(error)


def test_an_error_comes_back_from_a_process_with_its_template() -> None:
    error = CustodyRefused(MISSING, batch="B-7", field="body.batch")
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        made = pool.apply(passed, (error,))
    assert CHINESE.error(made) == "body.batch：没有批次 B-7：请核对批次号"


def test_braces_in_values_stay_as_they_are() -> None:
    said = Message(MISSING, batch="{0}{x}{")
    assert said == "there is no batch {0}{x}{: check the batch id"
    assert CHINESE.told(said) == "没有批次 {0}{x}{：请核对批次号"
    assert CHINESE.told(Message("{place}: {problem}", place="{", problem=said)) == f"{{：{CHINESE.told(said)}"
    assert (
        Message("no values, so { and } stand for themselves") == "no values, so { and } stand for themselves"
    )


def test_messages_within_messages_are_translated() -> None:
    inner = Message(MISSING, batch="B-7")
    assert CHINESE.told(Message("{first}; {rest}", first=inner, rest=Message("none"))) == (
        "没有批次 B-7：请核对批次号；无"
    )
    assert CHINESE.told(either([Message("nothing"), "A", "B"])) == "无或A或B"


def test_thousands_of_messages_are_joined_and_told() -> None:
    many = joined([Message(MISSING, batch=str(number)) for number in range(5_000)])
    assert many.startswith("there is no batch 0: check the batch id; there is no batch 1:")
    assert CHINESE.told(many).count("请核对批次号；没有批次 ") == 4_999


def test_a_value_that_is_missing_is_a_mistake_where_the_message_is_made() -> None:
    with pytest.raises(KeyError, match="batch"):
        Message(MISSING, batc="B-7")


def test_errors_among_the_values_leave_their_text_and_not_their_frames() -> None:
    inner = Refused(MISSING, batch="B-7", field="body")
    for error, told in ((inner, CHINESE.error(inner)), (OSError("no way"), "no way")):
        said = Message("{path}: {problem}; write\n{example}", path="p", problem=error, example="e")
        assert not any(isinstance(value, BaseException) for value in said.values.values())
        assert CHINESE.told(said) == f"p：{told}；请写成\ne"


def test_plain_text_passes_through() -> None:
    assert CHINESE.told("as it is") == "as it is"
    assert message("as it is").template == "as it is"
    said = Message("none")
    assert message(said) is said


def test_cut_text_is_still_told_in_chinese() -> None:
    said = Message(MISSING, batch="B" * 5_000)
    cut = shortened(said, 100)
    assert len(cut) == 101
    assert cut.template == MISSING
    assert CHINESE.told(cut).startswith("没有批次 BBB")
    assert shortened(said, 10_000) is said
    assert shortened("x" * 50, 10) == "x" * 10 + "…"
    assert CHINESE.told(shortened(Message.in_words("x" * 50, zh="文" * 50), 10)) == "文" * 10 + "…"


def test_english_is_the_text_itself() -> None:
    error = Refused(MISSING, batch="B-7", field="body")
    assert Language.of("en").error(error) == str(error)
