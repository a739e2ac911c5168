"""`/api/…`: questions to the ledger, with the numbers and the JSON of the command line's `--json`.

    /api/ledger                             what this ledger is                            public
    /api/merchants, /api/merchants/{code}   who is enrolled, and the card of one
    /api/merchants/{code}/holdings          what a merchant holds
    /api/batches/{batch}                    where a batch came from and went
    /api/coverage, /api/duties, /api/plan   who was checked, who is responsible, who checks next
    /api/orders, /api/cards                 orders to put right, cards and suspensions
    /api/recalls, /api/recalls/{id}         recalls and their answers
    /api/notices                            who was told and has answered
    /api/entries                            the record itself, a page at a time

Each takes `as_of`. A reader gets what it may see: of a list the part within its sight, and sums of that part; of
single things beyond it the same answer as for what is not there. An unknown name is 404, never an empty answer.

What it leaves to others: the answers (`ledger.exchange.answers`), who sees what (`access`).
"""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Path, Query

from ledger.custody.authoring import CHINA
from ledger.custody.coverage import by_grid, by_supervisor, coverage, week_text
from ledger.custody.holdings import holdings
from ledger.custody.matters import latest
from ledger.custody.supervision.cards import suspensions
from ledger.custody.supervision.duty import duties
from ledger.custody.supervision.holds import Recall, recall_status
from ledger.custody.supervision.notices import notices
from ledger.custody.supervision.plan import planned, undrawn
from ledger.custody.supervision.progress import progress
from ledger.custody.supervision.rectification import days_of
from ledger.custody.trace import trace_batch
from ledger.errors import LedgerError, UsageError
from ledger.exchange.answers import asking
from ledger.exchange.answers.goods import holdings_json, one_side, trace_json
from ledger.exchange.answers.registry import merchant_json, merchants_json
from ledger.exchange.answers.supervision import (
    announced_json,
    cards_json,
    coverage_json,
    duties_json,
    group_json,
    notices_json,
    orders_json,
    plan_json,
    recall_json,
    recalls_json,
)
from ledger.exchange.outbox import Outbox
from ledger.log import checkpoint
from ledger.messages import Message
from ledger_schemas import KINDS
from ledger_web.access import Reader
from ledger_web.asked import MAX_INDEX, Asked, Code, Json, Name, Question, Week
from ledger_web.faults import NotThere, NotUnderstood, NotYours

router = APIRouter(prefix="/api", tags=["views"])

PAGE: Final = 200
SCANNED: Final = 2_000
"""Entries looked at for a page of those that a reader may see."""


@router.get("/ledger")
def about(ask: Question) -> Json:
    """台账概况 What this ledger is: title, jurisdiction, newest checkpoint, verifier key."""
    head = ask.ledger.store.head()
    note = checkpoint.parse(head.checkpoint_note)
    opened = ask.ledger.entry(0).statement.body
    return {
        "origin": note.origin,
        "title": opened.get("title"),
        "jurisdiction": opened.get("jurisdiction"),
        "size": note.size,
        "root": note.root.hex(),
        "note": head.checkpoint_note.decode(),
        "vkey": ask.ledger.store.vkey,
    }


@router.get("/merchants")
def merchants(ask: Question, grid: Name = None) -> list[Json]:
    """商户列表 Merchants enrolled."""
    ask.signed_in()
    found = [one for one in ask.enrolled() if _within(one.grid, grid)]
    return merchants_json(sorted(found, key=lambda one: (one.grid, one.merchant)))


@router.get("/merchants/{merchant}")
def merchant_card(ask: Question, merchant: Code) -> Json:
    """查看商户 What is known of a merchant; a contact unless it has been erased."""
    _require_merchant(ask, merchant)
    enrolment = ask.facts.merchant(merchant, ask.size)
    assert enrolment is not None  # noqa: S101 - just required
    return merchant_json(ask.ledger, ask.service.home, enrolment)


@router.get("/merchants/{merchant}/holdings")
def merchant_holdings(ask: Question, merchant: Code) -> Json:
    """库存 What a merchant holds."""
    _require_merchant(ask, merchant)
    return holdings_json(merchant, ask.size, holdings(ask.facts, merchant, as_of=ask.size))


@router.get("/batches/{batch}")
def trace(ask: Question, batch: Annotated[str, Path(max_length=200)]) -> Json:
    """追溯 Where a batch came from and went; for one of its holders where it came from, and its own side."""
    reader = ask.signed_in()
    reader.require_batch(batch)
    try:
        found = trace_batch(ask.ledger.store, ask.facts, batch, as_of=ask.size)
    except UsageError as error:
        raise NotThere(
            Message("there was no such batch as of entry {ask_size}", ask_size=ask.size),
            field="batch",
        ) from error
    if reader.sees_everything or reader.grids:
        return trace_json(found)
    return one_side(found, reader.may_see_merchant, reader.may_see_movement)


@router.get("/coverage")
def week_coverage(
    ask: Question,
    week: Week = None,
    missed: bool = False,
    by: Annotated[str | None, Query(max_length=20)] = None,
) -> Json:
    """检查覆盖 Who was checked how often in a week, and who was not."""
    ask.official()
    if by not in (None, "grid", "supervisor"):
        raise NotUnderstood(Message("by is grid or supervisor"), field="by")
    whole = coverage(ask.store, ask.facts, ask.ledger.setting, week=ask.week(week), as_of=ask.size)
    found = whole._replace(merchants=tuple(ask.visible(whole.merchants)))
    answer = coverage_json(found, missed_only=missed)
    if by is not None:
        groups = by_grid(found) if by == "grid" else by_supervisor(found)
        answer[by] = [group_json(one) for one in groups if one.missed or not missed]
    return answer


@router.get("/duties")
def duty_list(ask: Question, grid: Name = None, unassigned: bool = False) -> Json:
    """责任清单 Who is responsible for whom, and for whom nobody is."""
    ask.official()
    found = ask.visible(one for one in duties(ask.facts, ask.size) if _within(one.grid, grid))
    root = ask.ledger.root_at(ask.size).hex()
    return duties_json(found, as_of=ask.size, root=root, grid=grid, unassigned_only=unassigned)


@router.get("/plan")
def plan(
    ask: Question,
    week: Week = None,
    officer: Name = None,
    merchant: Name = None,
    day: Annotated[int | None, Query(ge=1, le=7)] = None,
) -> Json:
    """抽查任务 Who checks whom when, and what is done; for those who check."""
    reader = ask.signed_in()
    if not reader.may_see_plans:
        raise NotYours(Message("plans are for those who check, and for auditors"))
    asked = week_text(ask.week(week))
    names = ask.names()
    found = []
    for one in planned(ask.facts, ask.ledger.setting, asked, ask.size, draws=ask.service.draws):
        checks = [
            check
            for check in progress(ask.store, ask.facts, one, today=asking.day_of(ask.now_ms), as_of=ask.size)
            if (officer is None or officer in check.assignment.officers)
            and merchant in (None, check.assignment.merchant)
            and day in (None, check.assignment.day)
            and reader.may_see_merchant(check.assignment.merchant)
        ]
        found.append(plan_json(one, checks, names))
    others = [one for one in undrawn(ask.ledger.store.facts, ask.facts, ask.size) if one.week != asked]
    return {
        "week": asked,
        "as_of": ask.size,
        "plans": found,
        "undrawn_elsewhere": [{"week": one.week, **announced_json(one)} for one in others],
    }


@router.get("/orders")
def order_list(ask: Question, open: bool = False, overdue: bool = False, merchant: Name = None) -> Json:
    """整改清单 Orders to put findings right, and 日产日清 per day."""
    ask.signed_in()
    found = ask.orders(merchant)
    listed = [one for one in found if (not open or one.open) and (not overdue or one.overdue(ask.now_ms))]
    return orders_json(listed, days_of(found, ask.now_ms, CHINA), as_of=ask.size, now_ms=ask.now_ms)


@router.get("/cards")
def card_list(ask: Question, standing: bool = False, merchant: Name = None) -> Json:
    """红黄牌清单 Cards and suspensions."""
    ask.signed_in()
    day = asking.day_of(ask.now_ms)
    issued = [one for one in ask.cards(merchant) if not (standing and one.lifted is not None)]
    decided = [
        one for one in suspensions(ask.matters("suspension", merchant)) if not standing or one.covers(day)
    ]
    return cards_json(issued, decided, as_of=ask.size, day=day)


@router.get("/recalls")
def recall_list(ask: Question, unanswered: bool = False) -> list[Json]:
    """召回清单 Recalls of batches that the reader may see."""
    reader = ask.signed_in()
    found = [
        _visible(reader, recall_status(ask.store, ask.facts, one.key, ask.size)) for one in ask.recalls()
    ]
    return recalls_json(
        [one for one in found if not unanswered or any(holder.answer is None for holder in one.holders)]
    )


@router.get("/recalls/{recall}")
def recall(ask: Question, recall: Annotated[str, Path(max_length=200)], unanswered: bool = False) -> Json:
    """召回进展 Who has answered a recall for how much; by its id, or by the recalled batch."""
    reader = ask.signed_in()
    by_batch = latest(ask.facts, "recall", recall, ask.size)
    gone = NotThere(Message("there is no such recall here"), field="recall")
    try:
        found = recall_status(
            ask.store, ask.facts, recall.lower() if by_batch is None else str(by_batch.value["id"]), ask.size
        )
    except LedgerError as error:
        raise gone from error
    if not reader.may_see_batch(found.batch):
        raise gone
    shown = _visible(reader, found)
    if unanswered:
        shown = shown._replace(holders=tuple(one for one in shown.holders if one.answer is None))
    return recall_json(shown, ask.now_ms)


@router.get("/notices")
def notice_list(ask: Question, unanswered: bool = False, office: Name = None) -> Json:
    """通报列表 Who was told of what, and has answered."""
    reader = ask.official()
    sent = notices(
        ask.store.matters_of_topic("notice", before=ask.size),
        ask.store.matters_of_topic("notice_answer", before=ask.size),
    )
    reader.expect(one.merchant for one in sent)
    found = [
        one
        for one in sent
        if office in (None, one.office) and reader.may_see_notice(one.office, one.merchant)
    ]
    found.sort(key=lambda one: (one.office, one.index))
    with Outbox(ask.service.home.directory) as outbox:
        delivered = outbox.done() if outbox.exists else None
    listed = [one for one in found if one.answered is None] if unanswered else found
    return notices_json(listed, found, delivered)


@router.get("/entries")
def entries(
    ask: Question,
    start: Annotated[int, Query(alias="from", ge=0, le=MAX_INDEX)] = 0,
    merchant: Name = None,
    kind: Annotated[str | None, Query(max_length=64)] = None,
    limit: Annotated[int, Query(ge=1, le=PAGE)] = 50,
) -> Json:
    """条目 Entries that the reader may see, from an index on; `next` is where the next page begins, or null."""
    reader = ask.signed_in()
    if kind is not None and kind not in KINDS:
        raise NotUnderstood(Message("kind is one of {kinds}", kinds=", ".join(KINDS)), field="kind")
    if merchant is not None:
        reader.require_merchant(merchant)
    shown: list[Json] = []
    after = ask.size
    found = ask.ledger.store.entries_of(merchant, kind, start, ask.size)
    for looked, (entry, visible) in enumerate(reader.sift(found, limit), 1):
        if visible:
            shown.append(
                {
                    "index": entry.index,
                    "leaf_hash": entry.leaf_hash.hex(),
                    "recorded_at": entry.recorded_at,
                    "entry": entry.data.decode(),
                }
            )
        if len(shown) >= limit or looked >= SCANNED:
            # Where the next one is, is not looked for: it may be one that the reader may not see.
            after = entry.index + 1
            break
    return {"as_of": ask.size, "entries": shown, "next": after if after < ask.size else None}


def _within(place: str, grid: str | None) -> bool:
    """Whether a grid is another or below it; None is all."""
    return grid is None or place == grid or place.startswith(f"{grid}/")


def _require_merchant(ask: Asked, merchant: str) -> None:
    """Raises: SignInNeeded, NotThere; also for one that was not enrolled yet as of the entry asked for."""
    ask.reader.require_merchant(merchant)
    if ask.facts.merchant(merchant, ask.size) is None:
        raise NotThere(
            Message("the merchant was not enrolled as of entry {ask_size}", ask_size=ask.size),
            field="merchant",
        )


def _visible(reader: Reader, recall: Recall) -> Recall:
    """The recall with those of its holders that the reader may see."""
    reader.expect(one.merchant for one in recall.holders)
    return recall._replace(
        holders=tuple(one for one in recall.holders if reader.may_see_merchant(one.merchant))
    )
