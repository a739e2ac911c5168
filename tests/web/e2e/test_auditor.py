"""An auditor, who trusts no server: the ledger, one entry, one batch, one merchant, all checked in the browser."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Page, expect

from ledger.audit.verify import verify
from ledger.custody.home import Home
from ledger.exchange.sources import open_source
from ledger.log import NoteVerifier
from tests.cli.runner import Custody
from tests.custody.world import M1, M3, World, key
from tests.web.browser import Chromium
from tests.web.e2e.overseen import Overseen, looked
from tests.web.e2e.served import Phone, now_ms

pytestmark = pytest.mark.slow

OUT_ONCE = """() => {
  const plain = window.Worker;
  window.signedIn = 0;
  window.Worker = class extends plain {
    postMessage(order) {
      if (order.base) fetch('/session', { method: 'DELETE' }).then(() => super.postMessage(order));
      else {
        window.signedIn += 1;
        super.postMessage(order);
      }
    }
  };
}"""
"""The session ends between the page's signing in and the worker's first question."""


@pytest.fixture
def overseen(chromium: Chromium, tmp_path: Path) -> Iterator[Overseen]:
    with Overseen(chromium, tmp_path) as stage:
        yield stage


@pytest.fixture
def auditor(overseen: Overseen, chromium: Chromium) -> Phone:
    made: Phone = chromium.call(lambda: overseen.device("auditor", "auditor"))
    return made


def verified(phone: Phone) -> Page:
    """Verify everything; the verdict is there."""
    page = phone.open("/verify")
    page.locator("#start:enabled").click()
    page.locator("[data-verdict]").wait_for()
    return page


def tamper(stage: Overseen, script: str, *values: object) -> None:
    """Somebody with the database file, while the server is down."""
    stage.served.stop()
    with sqlite3.connect(stage.folder / "ledger/ledger.db") as db:
        for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            db.execute(f'DROP TRIGGER "{name}"')
        assert db.execute(script, values).rowcount == 1
    stage.served.start()


def test_a_whole_ledger_is_verified_and_what_was_not_is_said(
    overseen: Overseen, auditor: Phone, chromium: Chromium
) -> None:
    page = verified(auditor)
    assert page.locator("[data-verdict]").get_attribute("data-verdict") == "intact"
    size = overseen.world.size
    expect(page.locator("[data-verdict]")).to_contain_text(f"{size} 条中未发现问题")
    assert page.locator("[data-check=statement_signature]").get_attribute("data-state") == "passed"
    expect(page.locator("#not-checked")).to_contain_text("货物出入规则")
    expect(page.locator("#vkey")).to_have_text(overseen.vkey)
    expect(page.locator("#vkey-source")).to_have_attribute("data-from", "enrolment")


def test_a_session_that_ends_meanwhile_is_renewed(
    overseen: Overseen, auditor: Phone, chromium: Chromium
) -> None:
    """A large ledger takes longer than a session: the worker asks the page to sign in, and goes on."""
    page = auditor.open("/verify")
    page.locator("#start:enabled").wait_for()
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.evaluate(OUT_ONCE)
    page.locator("#start").click()
    page.locator("[data-verdict=intact]").wait_for()
    assert page.evaluate("window.signedIn") >= 1


def test_a_changed_entry_in_the_database_is_found(
    overseen: Overseen, auditor: Phone, chromium: Chromium
) -> None:
    index = next(e.index for e in overseen.world.entries() if e.statement.kind == "goods.received")
    data = overseen.world.ledger.entry(index).data
    changed = data.replace(b"12.5", b"92.5", 1)
    assert changed != data
    tamper(overseen, 'UPDATE entry SET data = ? WHERE "index" = ?', changed, index)
    page = verified(auditor)
    assert page.locator("[data-verdict]").get_attribute("data-verdict") == "tampered"
    expect(page.locator(f"#faults [data-index='{index}']").first).to_be_visible()
    expect(page.locator("[data-verdict] .notice.bad").first).to_contain_text("已被篡改")


def test_a_server_of_another_history_is_caught(
    overseen: Overseen, auditor: Phone, chromium: Chromium, tmp_path: Path
) -> None:
    """The same log key has signed two histories of one size: what was verified before gives it away."""
    copy = tmp_path / "copy"
    overseen.served.stop()
    shutil.copytree(tmp_path / "ledger", copy)
    overseen.served.start()
    other = World.__new__(World)
    other.__dict__.update(overseen.world.__dict__)
    other.ledger = Home(copy).open(lambda name: None, clock=lambda: other.now)
    overseen.world.now = other.now = now_ms()
    overseen.world.receive("T1", "1")
    other.receive("T2", "1")
    other.ledger.close()
    verified(auditor)
    overseen.served.instead(copy)
    page = auditor.open("/verify")
    alarm = page.locator("#alarm")
    alarm.wait_for()
    alarm.locator("button.primary").click()
    page.locator("#start:enabled").click()
    page.locator("[data-verdict=tampered]").wait_for()
    expect(page.locator("#history [data-history]")).to_contain_text("两份历史")
    assert page.locator("#history pre").count() == 1


def test_the_key_of_the_enrolment_stays_and_another_is_an_alarm(
    overseen: Overseen, auditor: Phone, chromium: Chromium
) -> None:
    page = auditor.open("/verify")
    page.locator("#key summary").click()
    type_key(page, "nonsense")
    expect(page.locator("#key .complaint")).to_be_visible()
    type_key(page, NoteVerifier.from_key("custody.example/elsewhere", key("somebody").public).vkey)
    expect(page.locator("#key .complaint")).to_contain_text("另一台账")
    assert page.locator("#alarm").count() == 0
    false = NoteVerifier.from_key(overseen.vkey.split("+")[0], key("somebody").public).vkey
    type_key(page, false)
    alarm = page.locator("#alarm")
    expect(alarm).to_contain_text("另一把密钥")
    assert alarm.locator("pre").all_inner_texts() == [overseen.vkey, false]
    alarm.locator("button.primary").click()
    expect(page.locator("#vkey")).to_have_text(overseen.vkey)
    type_key(page, overseen.vkey)
    expect(page.locator("#vkey-source")).to_have_attribute("data-from", "confirmed")


def type_key(page: Page, text: str) -> None:
    page.fill("#vkey-text", text)
    page.locator("#key form button").first.click()


def test_a_proof_is_checked_and_a_bad_one_refused(
    overseen: Overseen, auditor: Phone, chromium: Chromium
) -> None:
    index = next(e.index for e in overseen.world.entries() if e.statement.kind == "goods.received")
    good = overseen.world.ledger.prove(index)
    page = auditor.open("/proof")
    page.locator("#vkey").wait_for()
    give(page, good)
    expect(page.locator("[data-proof=holds]")).to_contain_text(f"第 {index} 条")
    expect(page.locator("[data-proof=holds]")).to_contain_text("同一历史")
    expect(page.locator("[data-proof=holds]")).to_have_attribute("data-authors", "verified")
    expect(page.locator("[data-author=verified]")).to_contain_text(M1)
    lines = good.split(b"\n")
    lines[3] = lines[4]  # another hash of the path twice
    give(page, b"\n".join(lines))
    expect(page.locator("[data-proof=refused]")).to_contain_text("证明不成立")
    give(page, b"\x00\x01 no proof at all")
    expect(page.locator("[data-proof=refused] p")).to_contain_text("证明由文字行、一个空行和检查点组成")
    page.fill("#text", good.decode())
    page.locator("#form button.primary").click()
    page.locator("[data-proof=holds]").wait_for()
    page.fill("#text", str(index))
    page.locator("#form button.primary").click()
    page.locator("[data-proof=holds]").wait_for()


def give(page: Page, data: bytes) -> None:
    page.set_input_files("#file", {"name": "x.tlog-proof", "mimeType": "text/plain", "buffer": data})


def test_a_proof_of_another_history_is_refused(
    overseen: Overseen, auditor: Phone, chromium: Chromium, tmp_path: Path
) -> None:
    """Signed by the same log, but of a state that this device's history does not lead to."""
    other = World(tmp_path / "other")
    overseen.world.receive("T9", "1")
    proof = other.ledger.prove(1)
    other.ledger.close()
    verified(auditor)
    page = auditor.open("/proof")
    page.locator("#vkey").wait_for()
    give(page, proof)
    alarm = page.locator("#alarm")
    expect(alarm).to_contain_text("台账被改动")
    with page.expect_download() as waiting:
        alarm.locator("button.plain").click()
    file = tmp_path / "evidence.json"
    waiting.value.save_as(file)
    told = Custody(tmp_path / "ledger").run("check-evidence", file, "--vkey", overseen.vkey, "--json")
    assert (told.code, told.json["signed"]) == (1 if told.json["contradiction"] else 3, [True, True])
    alarm.locator("button.primary").click()
    expect(page.locator("#verdict [data-history]")).to_contain_text("两份历史")


def test_the_authors_are_known_offline_from_grants_given_along(
    overseen: Overseen, chromium: Chromium
) -> None:
    """Somebody whom the ledger does not know, with two files and no connection."""
    phone = overseen.phone("passer-by")
    page = phone.open("/proof")
    page.locator("#vkey").wait_for()
    phone.ready()
    phone.offline()
    entry = next(e for e in overseen.world.entries() if e.statement.kind == "goods.received")
    granted = overseen.world.ledger.facts().grant(entry.signatures[0].keyid, overseen.world.size)
    assert granted is not None
    prove = overseen.world.ledger.prove
    give(page, prove(entry.index))
    shown = page.locator("[data-proof=holds]")
    expect(shown).to_have_attribute("data-authors", "unverified")
    expect(shown).to_contain_text("没有核验")
    files: list[FilePayload] = [
        {"name": f"{at}.tlog-proof", "mimeType": "text/plain", "buffer": prove(at)}
        for at in (entry.index, granted.index)
    ]
    page.set_input_files("#file", files)
    expect(shown).to_have_attribute("data-authors", "verified")
    expect(page.locator("[data-author=verified]")).to_contain_text(f"第 {granted.index} 条")
    other = next(e for e in overseen.world.entries() if e.statement.kind == "inspection.recorded")
    give(page, prove(other.index))
    expect(shown).to_have_attribute("data-authors", "unverified")  # that key was not shown
    give(page, prove(entry.index))
    expect(shown).to_have_attribute("data-authors", "verified")  # remembered
    phone.offline(False)


def test_a_photographed_label_leads_to_its_proof_and_trace(
    overseen: Overseen, auditor: Phone, chromium: Chromium
) -> None:
    page = auditor.open("/trace/B1")
    page.locator("#steps tbody tr").first.wait_for()
    with page.expect_download() as waiting:
        page.locator("[data-label=svg]").click()
    svg = Path(waiting.value.path()).read_text(encoding="utf-8")
    assert "batch=B1" in svg or "车厘子" in svg
    picture = page.context.new_page()
    picture.set_viewport_size({"width": 900, "height": 600})
    picture.goto("data:text/html,<body></body>")
    picture.set_content(svg.replace('width="90mm" height="50mm"', 'width="800"'))
    shot = picture.screenshot()
    picture.close()
    page = auditor.open("/proof")
    page.locator("#vkey").wait_for()
    page.set_input_files("#photo + input", {"name": "label.png", "mimeType": "image/png", "buffer": shot})
    page.locator("[data-proof=holds]").wait_for()
    page.locator("#verdict a[href='/trace/B1']").click()
    page.locator("#steps tbody tr").first.wait_for()


def test_a_trace_shows_who_had_it_when_and_proves_each_step(
    overseen: Overseen, auditor: Phone, chromium: Chromium
) -> None:
    page = auditor.open("/trace/B1")
    rows = page.locator("#steps tbody tr")
    rows.first.wait_for()
    shown = rows.all_inner_texts()
    assert len(shown) == 7
    assert "进货 12.5 千克" in shown[0] and "到货短少 0.5 千克" in " ".join(shown)
    assert page.locator("svg.trace circle").count() == 7
    assert page.locator("svg.trace path.passing").count() == 2
    assert page.locator("svg.trace path.open").count() == 1  # on the way to the third
    assert page.locator("svg.trace [style]").count() == 0
    rows.nth(2).locator("a").click()
    page.locator("[data-proof=holds]").wait_for()


def test_nobody_can_be_left_out_of_a_coverage_proof(
    overseen: Overseen, auditor: Phone, chromium: Chromium
) -> None:
    page = auditor.open("/absence")
    page.locator("#vkey").wait_for()
    page.fill("#merchant", M1.lower())
    page.locator("#form button.primary").click()
    page.locator("[data-proof=holds]").wait_for()
    assert page.locator("[data-check]").count() == 2
    expect(page.locator("[data-since]")).to_have_attribute("data-since", "newest")
    page.locator("#prove-last").click()
    page.locator("[data-claim=proved]").wait_for()
    data = overseen.world.ledger.prove_chain(M1)
    lines = data.split(b"\n")
    last = max(at for at, line in enumerate(lines) if line.startswith(b"entry "))
    end = next(at for at, line in enumerate(lines) if at > last and b" " not in line and line == b"")
    give(page, b"\n".join(lines[:last] + lines[end:]))  # the newest entry left out
    expect(page.locator("[data-proof=refused]")).to_contain_text("声明")
    overseen.world.now = now_ms()
    overseen.world.receive("LATER", "1")
    give(page, data)
    expect(page.locator("[data-since=later]")).to_contain_text(f"第 {overseen.world.size - 1} 条")
    expect(page.locator("[data-claim=claimed]")).to_contain_text("台账签名声明")
    page.fill("#merchant", M3)
    page.locator("#form button.primary").click()
    expect(page.locator("#verdict")).to_contain_text("从未有人检查过该商户")


def test_the_ledger_is_taken_away_and_verified_elsewhere(
    overseen: Overseen, auditor: Phone, chromium: Chromium, tmp_path: Path
) -> None:
    page = auditor.open("/verify")
    page.locator("#download").wait_for()
    with page.expect_download() as waiting:
        page.locator("[data-bundle=true]").click()
    file = tmp_path / "taken.zip"
    waiting.value.save_as(file)
    assert waiting.value.suggested_filename == f"ledger-{overseen.world.size}.zip"
    with open_source(str(file)) as source:
        assert verify(source, vkey=overseen.vkey).verdict == "intact"
    assert not list((tmp_path / "ledger").glob(".bundle*"))


@pytest.mark.parametrize("language", ["zh-CN", "en-GB"])
def test_the_pages_of_an_auditor_fit(overseen: Overseen, chromium: Chromium, language: str) -> None:
    auditor = overseen.device(f"auditor-{language}", "auditor", language=language)
    wrong = []
    auditor.open("/")
    wrong += looked(auditor, "auditor-home")
    page = verified(auditor)
    wrong += looked(auditor, "auditor-verify")
    page = auditor.open("/proof?entry=12")
    page.locator("[data-proof=holds]").wait_for()
    wrong += looked(auditor, "auditor-proof")
    page = auditor.open("/trace/B1")
    page.locator("#steps tbody tr").first.wait_for()
    wrong += looked(auditor, "auditor-trace")
    page = auditor.open("/absence")
    page.locator("#vkey").wait_for()
    page.fill("#merchant", M1)
    page.locator("#form button.primary").click()
    page.locator("[data-proof=holds]").wait_for()
    wrong += looked(auditor, "auditor-absence")
    assert wrong == []
