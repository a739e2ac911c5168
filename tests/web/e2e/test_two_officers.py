"""Two officers sign one statement: on two phones, on one phone, and on one phone without network."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Route, expect

from ledger.custody.authoring import instant, uuid7
from ledger.log import PrivateKey, statement
from ledger.log.statement import Seen
from tests.cli.runner import Custody
from tests.custody.world import M1, M2, ORIGIN, World, key
from tests.web.browser import Chromium
from tests.web.e2e.conftest import Stage, staged
from tests.web.e2e.served import Desk, Phone, now_ms
from tests.web.e2e.test_merchant import PHOTO
from tests.web.e2e.test_pages import look_at
from tests.web.e2e.test_queue import wait_for
from tests.web.e2e.test_supervisor import all_in_order, latest, officer, sign, with_plan

pytestmark = pytest.mark.slow

BOTH = ("officer-1", "officer-2")


def planned_for_two(world: World) -> None:
    """A plan of today for two officers, who sign checks and seals together."""
    world.grant(key("officer-2 everywhere"), "supervisor", "*", holder="officer-2")
    with_plan(world, BOTH, two_officers=["inspection.recorded", "goods.sealed"])


@pytest.fixture
def pair(chromium: Chromium, tmp_path: Path) -> Iterator[Stage]:
    yield from staged(chromium, tmp_path, planned_for_two)


def shared(stage: Stage, name: str = "shared", language: str = "zh-CN") -> Phone:
    """One phone with the keys of both officers; the first is at work."""
    phone = officer(stage, name, "officer-1", language=language)
    desk = Desk(stage.world, stage.served, stage.world.operator)
    page = phone.page
    page.goto(desk.invite("supervisor", "*", "officer-2"))
    page.locator("#more").wait_for()
    assert look_at(phone, f"{language[:2]}-enrol-another") == []
    page.locator("#more").click()
    shown = page.locator("#fingerprint").filter(has_text=re.compile(r"\d{4}"))
    shown.wait_for()
    assert shown.inner_text() == desk.waiting()["fingerprint"]
    desk.grant()
    page.locator("#done").wait_for()
    desk.http.close()
    return phone


def signed_by(stage: Stage, kind: str) -> list[str]:
    """Holders of the keys that signed the newest entry of a kind, as the ledger granted them."""
    facts = stage.world.ledger.facts()
    grants = [facts.grant(one.keyid, stage.world.size) for one in latest(stage, kind).signatures]
    return sorted(grant.holder or "" for grant in grants if grant is not None)


def check_in_order(phone: Phone, merchant: str) -> None:
    """A check that has one signature now."""
    page = phone.page
    page.locator("#all").wait_for()
    data = bytes(page.evaluate(PHOTO))
    page.set_input_files("#photos", {"name": "IMG.jpg", "mimeType": "image/jpeg", "buffer": data})
    all_in_order(page)
    page.locator("#review button.primary").click()
    sign(page)
    page.locator(".outcome [data-state=cosign]").wait_for()


def second_here(phone: Phone, holder: str) -> None:
    """Another officer signs on the same phone, from the page where the first has signed."""
    page = phone.page
    page.locator(".outcome [data-state=cosign] a").click()
    form = page.locator("[data-own] [data-second]").first
    form.wait_for()
    assert look_at(phone, f"{phone.language[:2]}-officer-cosign-here") == []
    form.locator("button.primary").click()  # without a name
    assert page.locator("dialog.sheet").count() == 0
    form.get_by_text(holder).click()
    form.locator("button.primary").click()
    dialog = page.locator("dialog.sheet")
    assert holder in dialog.inner_text() and "officer-1" in dialog.inner_text()
    assert look_at(phone, f"{phone.language[:2]}-officer-cosign-sign") == []
    sign(page)


def accepted(stage: Stage, kind: str, merchant: str) -> None:
    """The entry is there, by two holders, and the ledger verifies."""
    assert signed_by(stage, kind) == [*BOTH]
    entry = latest(stage, kind)
    assert entry.statement.merchant == merchant
    assert len({one.keyid for one in entry.signatures}) == 2
    custody = Custody(stage.folder / "ledger")
    assert custody.ok("verify", "--json").json["verdict"] == "intact"


def second_offline(phone: Phone) -> None:
    """Of what waits here for another officer, the newest."""
    page = phone.open("/cosign")
    form = page.locator("[data-own] [data-second]").first
    form.wait_for()
    phone.picture("zh-officer-cosign-offline", full=True)
    form.get_by_text("officer-2").click()
    form.locator("button.primary").click()
    sign(page)
    phone.outcome("waiting")


# ---------------------------------------------------------------------- the three ways


def test_on_two_phones(pair: Stage, chromium: Chromium) -> None:
    first, second = officer(pair, "first", "officer-1"), officer(pair, "second", "officer-2")
    page = first.open("/plan")
    page.locator("#ready[data-ready='3']").wait_for()
    assert "officer-2" in page.locator(f"#today [data-merchant='{M2}']").inner_text()
    page.locator(f"#today [data-merchant='{M2}'] a").click()
    check_in_order(first, M2)
    page.wait_for_function(HANDED_IN)
    size = pair.world.size
    other = second.open("/cosign")
    one = other.locator("li.wait")
    one.locator("[data-second]").wait_for()
    said = one.inner_text()
    for word in ("officer-1", "C1 20", "二里岗街", "r-sup", "photo-1.jpg"):
        assert word in said, said
    expect(one.locator(".checked [data-ok='1']")).to_have_count(2)
    expect(one.locator(".pictures img")).to_have_count(1)
    second.picture("zh-officer-cosign-whole", full=True)
    assert look_at(second, "zh-officer-cosign-two") == []
    one.locator("button.primary").click()
    sign(other)
    second.outcome("accepted")
    assert pair.world.size == size + 1
    accepted(pair, "inspection.recorded", M2)
    first.open("/plan")
    expect(page.locator(f"#done [data-merchant='{M2}']")).to_have_attribute("data-state", "done")


@pytest.mark.parametrize("language", ["zh-CN", "en-GB"])
def test_on_one_phone(pair: Stage, chromium: Chromium, language: str) -> None:
    phone = shared(pair, language=language)
    phone.page.emulate_media(color_scheme="dark" if language == "en-GB" else "light")
    page = phone.open(f"/check/{M2}")
    expect(page.locator("#holder")).to_contain_text("officer-1")
    check_in_order(phone, M2)
    size = pair.world.size
    second_here(phone, "officer-2")
    phone.outcome("accepted")
    assert pair.world.size == size + 1
    accepted(pair, "inspection.recorded", M2)
    # The first one is still at work, with what was loaded for it.
    expect(page.locator("#holder")).to_contain_text("officer-1")
    phone.open("/settings")
    assert page.locator("[data-working='1']").inner_text().startswith("officer-1")
    assert look_at(phone, f"{language[:2]}-officer-holders") == []
    page.locator("[data-holder]:not([data-working]) button.primary").click()
    page.wait_for_url("**/")
    expect(page.locator("#holder")).to_contain_text("officer-2")
    whose = "fetch('/session').then((a) => a.json()).then((one) => one.holder)"
    wait_for(phone, lambda: page.evaluate(whose) is not None)
    phone.open("/plan")  # as itself
    expect(page.locator(f"#done [data-merchant='{M2}']")).to_have_count(1)


def test_on_one_phone_without_network_and_in_order(pair: Stage, chromium: Chromium) -> None:
    phone = shared(pair)
    page = phone.open("/plan")
    page.locator("#ready[data-ready='3']").wait_for()
    phone.offline()
    phone.open(f"/check/{M1}")
    size = pair.world.size
    check_in_order(phone, M1)
    page.locator("[data-seal] summary").first.click()
    page.locator("[data-seal] button.primary").first.click()
    sign(page)
    page.locator("[data-kind='goods.sealed'] [data-state=cosign]").wait_for()
    phone.restart()
    phone.offline()
    page = phone.page
    second_offline(phone)  # the seal first, which is the newest
    phone.offline(False)
    phone.open("/queue")
    page.wait_for_function(HANDED_IN)
    page.wait_for_load_state("networkidle")
    expect(page.locator("#items [data-state=waiting]")).to_have_count(1)  # until its check is in
    assert pair.world.size == size
    phone.offline()
    second_offline(phone)
    phone.restart()
    phone.offline()
    page = phone.page
    phone.open("/queue")
    expect(page.locator("#items [data-state=waiting]")).to_have_count(2)
    assert pair.world.size == size
    phone.offline(False)
    phone.open("/queue")
    expect(page.locator("#items [data-state=accepted]")).to_have_count(2)
    assert pair.world.size == size + 2
    accepted(pair, "inspection.recorded", M1)
    accepted(pair, "goods.sealed", M1)
    check, seal = latest(pair, "inspection.recorded"), latest(pair, "goods.sealed")
    assert (check.index, seal.index) == (size, size + 1)
    assert seal.statement.body["inspection"] == check.statement.id


HANDED_IN = """() => new Promise((done) => {
  indexedDB.open('custody').onsuccess = ({ target }) => {
    target.result.transaction('outbox').objectStore('outbox').getAll().onsuccess = (event) => {
      target.result.close();
      done(event.target.result.some((one) => one.handedInAt));
    };
  };
})"""
"""What waits for a second officer has come to the server."""


# ---------------------------------------------------------------------- what the second phone refuses


def hand_in(stage: Stage, by: PrivateKey, kind: str, body: dict[str, Any], seen: Seen | None) -> None:
    """A statement of the first officer, made by a program that says what it likes."""
    payload = statement.build_statement(
        body=body, id=uuid7(now_ms(), bytes(10)), kind=kind, ledger=ORIGIN, merchant=M1, occurred_at=instant(now_ms()),
        seen=seen,
    )  # fmt: skip
    desk = Desk(stage.world, stage.served, by)
    content = statement.encode_envelope(statement.sign(payload, [by]))
    answer = desk.http.post("/api/cosign", content=content, headers={"content-type": "application/json"})
    assert answer.json() == {"waiting": True}, answer.text
    desk.http.close()


SEAL = {"batch": "B1", "reason": "无中文标签"}


def waits(phone: Phone) -> Locator:
    page = phone.open("/cosign")
    one = page.locator("li.wait")
    one.locator("[data-refused], [data-second]").wait_for()
    return one


def test_the_second_phone_says_what_it_could_not_check(pair: Stage, chromium: Chromium) -> None:
    second = officer(pair, "second", "officer-2")
    hand_in(pair, pair.world.officer, "goods.sealed", SEAL, None)
    second.context.route("**/proof/*", lambda route: route.abort())
    one = waits(second)
    expect(one.locator(".checked [data-ok='0']")).to_have_count(2)
    assert one.locator("[data-second]").count() == 1
    second.context.unroute("**/proof/*")
    one = waits(second)
    expect(one.locator(".checked [data-ok='0']")).to_have_count(1)  # `seen`, of which there is none
    one.locator("button.primary").click()
    sign(second.page)
    second.outcome("accepted")
    accepted(pair, "goods.sealed", M1)


def test_the_second_phone_refuses_what_was_changed_or_what_it_does_not_know(
    pair: Stage, chromium: Chromium
) -> None:
    second = officer(pair, "second", "officer-2")
    hand_in(pair, pair.world.officer, "goods.sealed", {**SEAL, "also": "everything else"}, None)
    one = waits(second)
    assert "body.also" in one.inner_text() and one.locator("button.primary").count() == 0
    assert look_at(second, "zh-officer-cosign-refused") == []

    for change, word in (
        (without_also, "被改动"), (another_kind, "goods.lost"), (another_ledger, "elsewhere.example")
    ):  # fmt: skip
        second.context.route("**/api/cosign", partial(changed, change))
        one = waits(second)
        assert word in one.inner_text() and one.locator("button.primary").count() == 0
        second.context.unroute("**/api/cosign")
    assert second.page.locator("#alarm").count() == 0


def changed(change: Callable[[str], str], route: Route) -> None:
    found = route.fetch().json()
    for waiting in found["waiting"]:
        envelope = waiting["envelope"]
        said = b64decode(envelope["payload"]).decode()
        envelope["payload"] = b64encode(change(said).encode()).decode()
    route.fulfill(json=found)


def test_another_history_under_the_first_signature_is_an_alarm(pair: Stage, chromium: Chromium) -> None:
    second = officer(pair, "second", "officer-2")
    hand_in(pair, pair.world.officer, "goods.sealed", SEAL, Seen("ab" * 32, 5))
    page = second.open("/cosign")
    alarm = page.locator("#alarm")
    alarm.wait_for()
    assert "两种历史" in alarm.inner_text() or "两部手机" in alarm.inner_text()
    assert "signatures" in alarm.locator("pre").nth(1).inner_text()  # what the first officer has signed
    second.picture("zh-alarm-pinned")
    alarm.locator("button.primary").click()
    one = page.locator("li.wait")
    assert one.locator("[data-refused]").count() == 1 and one.locator("button.primary").count() == 0


def without_also(text: str) -> str:
    return text.replace('"also":"everything else",', "")


def another_kind(text: str) -> str:
    return without_also(text).replace('"goods.sealed"', '"goods.lost"')


def another_ledger(text: str) -> str:
    return without_also(text).replace(f'"{ORIGIN}"', '"elsewhere.example"')
