"""What the ledger says about a merchant before anybody looks: for the supervisor on the spot.

show_picture(picture, outlook, seen)

As JSON it is `ledger.exchange.answers.checking`.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from ledger.custody.authoring import instant
from ledger.custody.goods import plain
from ledger_cli import show
from ledger_cli.acting import ORDER_STATES, local
from ledger_cli.language import _, language

if TYPE_CHECKING:
    from ledger.custody.preparing import Outlook, Picture
    from ledger.log import Seen


def show_picture(picture: Picture, outlook: Outlook, seen: Seen) -> None:
    """The whole picture as tables."""
    _head(picture, outlook, seen)
    show.table(
        _("Held by the ledger"),
        [_("Batch"), _("Product"), show.Number(_("Quantity")), _("Unit"), show.Number(_("Entry"))],
        [
            (one.batch, one.name, plain(one.amount), show.unit(one.unit), one.since)
            for one in picture.holdings
        ],
    )
    if picture.handovers:
        show.table(
            _("Handovers not answered"),
            [_("Id"), _("Sender"), _("At")],
            [(UUID(bytes=one.id), one.sender, instant(one.occurred * 1000)) for one in picture.handovers],
        )
    if outlook.temperatures:
        show.table(
            _("Temperatures since the last check"),
            [
                _("Zone"),
                show.Number(_("Lowest")),
                show.Number(_("Highest")),
                show.Number(_("Readings")),
                show.Number(_("Missing minutes")),
                _("Latest"),
            ],
            [
                (
                    one.zone,
                    _celsius(one.low),
                    _celsius(one.high),
                    one.readings,
                    one.missing,
                    local(one.until * 1000) if one.until is not None else _("none"),
                )
                for one in outlook.temperatures
            ],
        )
    if outlook.documents:
        show.table(
            _("Documents due"),
            [_("Finding"), _("Document"), _("Detail")],
            [
                (
                    show.label("finding_code", one.code, typed=True),
                    one.subject,
                    language().told(one.detail or ""),
                )
                for one in outlook.documents
            ],
        )
    if outlook.orders:
        show.table(
            _("Open orders"),
            [
                show.Number(_("Entry")),
                _("Finding"),
                _("Subject"),
                _("Deadline"),
                _("State"),
            ],
            [
                (
                    one.index,
                    show.label("finding_code", one.code, typed=True),
                    one.subject,
                    local(one.deadline_ms),
                    _(ORDER_STATES[one.state]),
                )
                for one in outlook.orders
            ],
        )


def _head(picture: Picture, outlook: Outlook, seen: Seen) -> None:
    last = picture.last_check
    done = picture.disinfected
    show.print_line(f"{picture.enrolment.name} {picture.enrolment.merchant}")
    show.pairs(
        [
            (_("Ledger"), _("{size} entries, root {root}", size=seen.size, root=f"{seen.root[:16]}…")),
            (_("Grid"), picture.enrolment.grid),
            (_("Rule sets"), ", ".join(ruleset.body.code for ruleset in picture.rulesets) or _("none")),
            (
                _("Last check"),
                _("{day}, findings: {count}", day=date.fromordinal(last.day), count=last.findings)
                if last
                else _("none"),
            ),
            (_("Last disinfection"), instant(done.end * 1000) if done else _("none")),
        ]
    )
    for reading in picture.attested:
        period = f"{date.fromordinal(reading.start)} – {date.fromordinal(reading.end)}"
        show.pairs(
            [(_("Attested"), f"{show.label('goods_class', reading.subject.partition(':')[0])} {period}")]
        )
    for card in outlook.cards:
        closes = ", " + _("shop closed") if card.value["closes"] else ""
        show.pairs([(_("Card standing"), f"{show.label('card', card.value['card'])} ({card.index}){closes}")])
    if outlook.suspension is not None:
        decision = outlook.suspension
        show.pairs([(_("Suspended"), f"{decision.value['document_number']} ({decision.index})")])


def _celsius(hundredths: int | None) -> str | None:
    return None if hundredths is None else plain(hundredths * 10_000)
