"""The demonstration: plays the street office, then asks the ledger the questions it exists for.

Everything shown is computed by the same code that `custody coverage`, `trace`, `prove`, `check-proof` and `verify` run.
"""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import orjson

from ledger import log
from ledger.audit.live import live_source
from ledger.audit.report import Report
from ledger.audit.verify import verify
from ledger.custody.coverage import Coverage, coverage, week_text
from ledger.custody.home import OPERATOR_KEY, Home
from ledger.custody.inspection import iso_week
from ledger.custody.ledger import Ledger
from ledger.custody.supervision.weekly import Weekly, weekly
from ledger.custody.trace import Trace, trace_batch
from ledger.errors import StoreExists
from ledger.exchange.answers.goods import trace_json
from ledger.exchange.answers.supervision import coverage_json
from ledger.exchange.report.content import content
from ledger.exchange.report.files import write
from ledger.exchange.report.parts import About
from ledger.exchange.report.words import Words
from ledger.log import canonical
from ledger.store.facts import CheckFact, MovementFact
from ledger_cli import show
from ledger_cli.asking import plain_json
from ledger_cli.commands.coverage import show_coverage
from ledger_cli.commands.report_week import show_week
from ledger_cli.commands.trace import show_trace
from ledger_cli.commands.verify import VERDICT, show_faults
from ledger_cli.frame import Frame
from ledger_cli.language import _, language
from ledger_cli.street.cast import Cast
from ledger_cli.street.play import Clock, Player
from ledger_cli.street.weeks import FIRST_DAY, Weeks, at

ORIGIN = "custody.example/erligang"
MARK = ".custody-demo"
"""A folder that bears this file was made by a demonstration and may be made anew."""


class Demo:
    """See the module docstring."""

    def __init__(self, frame: Frame, directory: Path, *, merchants: int, weeks: int, seed: int) -> None:
        self._frame = frame
        self._directory = directory
        self._merchants, self._weeks, self._seed = merchants, weeks, seed

    def run(self) -> None:
        """Play, show, and answer with one object under --json."""
        home, seconds = self._play()
        with home.open(clock=Clock(0)) as ledger:
            size = ledger.store.head().size
            week = iso_week(FIRST_DAY + timedelta(days=7 * self._weeks - 1))
            covered = coverage(ledger.store.facts, ledger.facts(), ledger.setting, week=week, as_of=size)
            traced = trace_batch(ledger.store, ledger.facts(), _longest(ledger), as_of=size)
            proof = ledger.prove(traced.steps[-1].index)
            entry, head = log.proof.check(proof, log.NoteVerifier.from_vkey(ledger.store.vkey))
            found = weekly(ledger.store.facts, ledger.facts(), ledger.setting, week=week, as_of=size)
            files = write(
                content(found, About(ORIGIN, size, head.root.hex()), Words.of(language().name)),
                self._directory / "report",
            )
            check = _last_check_with_findings(ledger)
        intact = self._verify(home)
        touched = entry.index
        tampered = self._tamper(home, touched, _more_goods)
        dropped = self._tamper(home, check, _without_a_finding)
        answer = {
            "directory": str(self._directory),
            "entries": size,
            "seconds": round(seconds, 1),
            "coverage": coverage_json(covered, missed_only=True),
            "trace": trace_json(traced),
            "proof": {
                "index": entry.index,
                "size": head.size,
                "root": head.root.hex(),
                "bytes": len(proof),
                "valid": True,
            },
            "verdict": intact.verdict,
            "tampering": {
                "entry": touched,
                "verdict": tampered.verdict,
                "faults": [fault._asdict() for fault in tampered.faults],
            },
            "dropped_finding": {
                "entry": check,
                "verdict": dropped.verdict,
                "faults": [fault._asdict() for fault in dropped.faults if fault.index == check],
            },
            "report": {"files": [str(file) for file in files], **plain_json(found)},
        }
        reports = (intact, tampered, dropped)
        self._frame.answer(answer, lambda: self._show(answer, covered, traced, reports, found))

    def _play(self) -> tuple[Home, float]:
        self._clear()
        clock, random = Clock(at(FIRST_DAY, 5)), Random(f"demo {self._seed}")
        began = time.perf_counter()
        home = Home.create(
            self._directory,
            origin=ORIGIN,
            title="二里岗街道办事处进口货物监管台账（演示）",
            jurisdiction="CN-HA",
            earliest=None,
            passphrase=None,
            clock=clock,
            randomness=random.randbytes,
        )
        (self._directory / MARK).touch()
        operator = home.key(OPERATOR_KEY, lambda _: None)
        with home.open(lambda _: None, clock=clock) as ledger:
            player = Player(ledger, clock, random.randbytes)
            story = Weeks(Cast.of(self._seed, self._merchants), player, seed=self._seed, operator=operator)
            with self._frame.progress(_("Playing"), self._weeks * 7) as step:
                story.play(self._weeks, lambda _done, _total: step(1))
        return home, time.perf_counter() - began

    def _clear(self) -> None:
        """Make room for a new demonstration, in place of an earlier one only."""
        if (self._directory / MARK).exists():
            shutil.rmtree(self._directory)
        elif self._directory.exists():
            raise StoreExists(
                "{directory} is there and no demonstration of before: choose a new folder",
                directory=self._directory,
            )

    def _verify(self, home: Home) -> Report:
        store = home.store()
        try:
            with (
                self._frame.progress(_("Verifying")),
                live_source(store, home.blobs, name=str(home.directory)) as source,
            ):
                return verify(source, vkey=store.vkey)
        finally:
            store.close()

    def _tamper(self, home: Home, index: int, change: Callable[[bytes], bytes]) -> Report:
        """Change one entry in a copy, as somebody with the database file can."""
        with tempfile.TemporaryDirectory() as scratch:
            copy = Path(scratch) / "copy"
            copy.mkdir()
            with (
                sqlite3.connect(home.directory / "ledger.db") as here,
                sqlite3.connect(copy / "ledger.db") as there,
            ):
                here.backup(there)
                triggers = there.execute(
                    "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'"
                ).fetchall()
                for name, _sql in triggers:
                    there.execute(f'DROP TRIGGER "{name}"')
                (data,) = there.execute('SELECT data FROM entry WHERE "index" = ?', (index,)).fetchone()
                there.execute('UPDATE entry SET data = ? WHERE "index" = ?', (change(data), index))
                for _name, sql in triggers:
                    there.execute(sql)
            here.close()
            there.close()
            return self._verify(Home(copy))

    def _show(
        self,
        answer: dict[str, Any],
        covered: Coverage,
        traced: Trace,
        reports: tuple[Report, Report, Report],
        found: Weekly,
    ) -> None:
        intact, tampered, dropped = reports
        line = show.print_line
        line(
            _(
                "1. Recorded: {entries} entries in {seconds} s, in {directory}",
                entries=answer["entries"],
                seconds=answer["seconds"],
                directory=self._directory,
            )
        )
        line("   " + _("Verified: {verdict}, root {root}", verdict=_verdict(intact), root=intact.root.hex()))
        line()
        line(_("2. Coverage of the last week, {week}: who was missed", week=week_text(covered.week)))
        show_coverage(covered, missed_only=True)
        line()
        line(_("3. One batch, from its supplier to everyone who held it"))
        show_trace(traced)
        line()
        line(_("4. One proof, checked offline against the log's key alone"))
        proof = {name: answer["proof"][name] for name in ("index", "size", "bytes")}
        line("   " + _("entry {index} of {size}, {bytes} bytes: the proof holds", **proof))
        line()
        line(
            _(
                "5. In a copy, one digit was put into entry {entry}: {verdict}",
                entry=answer["tampering"]["entry"],
                verdict=_verdict(tampered),
            )
        )
        show_faults(tampered.faults[:8])
        line()
        check = answer["dropped_finding"]["entry"]
        line(
            _(
                "6. In another copy, a finding was dropped from check {check}: {verdict}",
                check=check,
                verdict=_verdict(dropped),
            )
        )
        show_faults([fault for fault in dropped.faults if fault.index == check])
        line()
        line(_("7. The weekly report of the last week"))
        show_week(found, [Path(file) for file in answer["report"]["files"]])
        line()
        line(
            _(
                "8. The pages for phones: start the server, then let a browser be a device of a shop or an auditor"
            )
        )
        custody = f"custody --ledger {self._directory}"
        invite = f"{custody} device invite --url http://127.0.0.1:8420"
        shop = traced.steps[0].merchant
        line(f"   {custody} serve")
        line(f"   {invite} --role merchant --subject {shop}")
        line(f"   {invite} --role auditor --subject '*'")
        line(f"   {custody} device grant " + _('"FINGERPRINT"'))


def _verdict(report: Report) -> str:
    return _(VERDICT[report.verdict])


def _more_goods(data: bytes) -> bytes:
    """More than was signed for."""
    return data.replace(b'"value":"', b'"value":"1', 1)


def _without_a_finding(data: bytes) -> bytes:
    """The entry as somebody would write it who wants a finding gone, with everything else in its place."""
    entry = orjson.loads(data)
    entry["statement"]["body"]["findings"].pop()
    return canonical.encode(entry)


def _last_check_with_findings(ledger: Ledger) -> int:
    """Of those whose findings all stand."""
    checks = ledger.store.facts.rows(CheckFact)
    kept = [
        check.index
        for check in checks
        if check.findings and not ledger.entry(check.index).statement.body.get("waivers")
    ]
    return kept[-1]


def _longest(ledger: Ledger) -> str:
    """The batch with the most movements."""
    counts: dict[str, int] = {}
    for movement in ledger.store.facts.rows(MovementFact):
        counts[movement.batch] = counts.get(movement.batch, 0) + 1
    return max(counts, key=lambda batch: counts[batch])
