"""An officer's day on a phone, against the real server: plan, check, order, card, a second signature."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from ledger.custody.supervision.plan import drawing, summary
from ledger.log.statement import encode_envelope
from tests.cli.runner import Custody
from tests.custody.supervised import SECRET, announce, assign, filler, publish, rules
from tests.custody.world import M1, M2, M3, World
from tests.web.browser import Chromium
from tests.web.e2e.conftest import Stage, staged
from tests.web.e2e.served import Desk, Phone
from tests.web.e2e.test_merchant import PHOTO
from tests.web.e2e.test_pages import look_at

pytestmark = pytest.mark.slow

CLEANED = {
    "target": "premises", "place": "专区", "agent": "含氯消毒液", "method": "喷洒", "contact_minutes": 30
}  # fmt: skip


def street(world: World, **changes: Any) -> None:
    """Rules with cards and orders of the day; M1 with faults, M2 in order; a cold store at M3; a plan for today."""
    said: dict[str, Any] = {"notices": [], "checks_per_week": 1, **changes}
    world.must(publish(world, rules(**said)))
    for office in ("market-office", "street-office"):
        world.grant(world.log_key.from_seed(office.encode().ljust(32, b"!")), "office", office)
    world.must(
        assign(world, grid="*", supervisor="officer-1", regulator="market-office", unit="street-office")
    )
    zones = [
        {
            "code": "D1",
            "name": "专区",
            "goods_class": "non_cold_chain",
            "storage": "ambient",
            "dedicated": True,
        },
        {"code": "F1", "name": "一号冷库", "goods_class": None, "storage": "frozen", "dedicated": False},
    ]
    world.enroll(M3, "west/2", zones=zones)
    world.receive("B1", "12.5")
    world.receive("B2", "3", documents=[])
    world.receive("C1", "20", merchant=M2)
    today = date.fromisoformat(world.today())
    attested = {
        "ruleset": "r-sup", "period_start": str(today), "period_end": str(today + timedelta(days=6)),
        "goods_class": "non_cold_chain", "items": [{"code": "source", "clear": True}],
    }  # fmt: skip
    world.must(world.say(M2, "disinfection.logged", CLEANED))
    world.must(world.say(M2, "commitment.signed", {"title": "承诺书", "version": "1"}))
    world.must(world.say(M2, "clearance.attested", attested))


def with_plan(world: World) -> None:
    """The street, and a plan of this week in which every shop is checked today."""
    street(world)
    year, week, today = date.fromisoformat(world.today()).isocalendar()
    about = {
        "week": f"{year}-W{week:02d}", "officers": ["officer-1"], "extra_checks": 0,
        "days": [today],
    }  # fmt: skip
    said = world.must(announce(world, **about))
    while world.size < said.index + 2:
        filler(world)
    root = world.ledger.root_at(said.index + 2)
    checks = drawing(world.ledger.facts(), world.ledger.setting, said.id, SECRET, root, world.size)
    drawn = {"announcement": said.id, "secret": SECRET, "seed_root": root.hex(), **summary(checks)}
    world.must(world.state([world.officer], "plan.drawn", None, drawn))


def with_two(world: World) -> None:
    """The street, where two officers sign checks and seals."""
    street(world, two_officers=["inspection.recorded", "goods.sealed"])


@pytest.fixture(scope="module")
def planned(chromium: Chromium, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    yield from staged(chromium, tmp_path_factory.mktemp("planned"), with_plan)


@pytest.fixture
def two(chromium: Chromium, tmp_path: Path) -> Iterator[Stage]:
    yield from staged(chromium, tmp_path, with_two)


def officer(stage: Stage, name: str, holder: str, scope: str = "*", *, language: str = "zh-CN") -> Phone:
    """An officer's phone, granted at the operator's desk; under the same name the same phone."""
    there = next((one for one in stage.phones if one.profile.name == name), None)
    if there is not None:
        return there
    desk = Desk(stage.world, stage.served, stage.world.operator)
    phone = stage.phone(name, language=language)
    phone.enrol(desk, "supervisor", scope, holder)
    desk.http.close()
    return phone


def sign(page: Page) -> None:
    page.locator("dialog.sheet button.primary").click()


def all_in_order(page: Page) -> None:
    page.locator("#all").click()
    page.locator("#form .actions.stick button").click()
    page.locator("#review").wait_for()


def latest(stage: Stage, kind: str) -> Any:
    entries = (stage.world.ledger.entry(index) for index in reversed(range(stage.world.size)))
    return next(one for one in entries if one.statement.kind == kind)


def put_right(stage: Stage, phone: Phone, order: str) -> None:
    """The merchant reports, is sent back, reports again, and the officer confirms."""
    page = phone.page
    report = {"order": order, "what": "找到了，已入账"}
    stage.desk.say("rectification.reported", M1, report, stage.world.k1)
    phone.open("/orders")
    one = page.locator(f"[data-order='{order}']")
    one.locator("summary").nth(1).click()
    one.locator("[name=reason]").fill("数量仍不符")
    assert look_at(phone, "zh-officer-order-open") == []
    one.locator("button.primary").nth(1).click()
    sign(page)
    phone.outcome("accepted")
    assert latest(stage, "rectification.rejected").statement.body["reason"] == "数量仍不符"
    stage.desk.say("rectification.reported", M1, report, stage.world.k1)
    phone.open("/orders")
    one = page.locator(f"[data-order='{order}']")
    assert "找到了" in one.inner_text()
    one.locator("summary").first.click()
    one.locator("[name=note]").fill("已核实")
    one.locator("button.primary").first.click()
    sign(page)
    phone.outcome("accepted")
    assert latest(stage, "rectification.confirmed").statement.body["order"] == order


def test_a_check_of_the_plan_is_made_without_network_and_counts(planned: Stage, chromium: Chromium) -> None:
    phone = officer(planned, "officer", "officer-1")
    page = phone.open("/plan")
    page.locator("#ready[data-ready='3']").wait_for()
    assert [one.get_attribute("data-merchant") for one in page.locator("#today > li").all()] == [M1, M2, M3]
    phone.verified(planned.world.size)
    phone.offline()
    phone.open("/plan")
    page.locator(f"#today [data-merchant='{M2}'] a").click()
    page.locator("#all").wait_for()
    data = bytes(page.evaluate(PHOTO))
    page.set_input_files("#photos", {"name": "IMG.jpg", "mimeType": "image/jpeg", "buffer": data})
    size = planned.world.size
    all_in_order(page)
    expect(page.locator("#review .notice.good")).to_have_count(1)
    page.locator("#review button.primary").click()
    sign(page)
    phone.outcome("waiting")
    phone.restart()
    page = phone.page
    phone.offline()
    phone.open("/plan")
    expect(page.locator(f"#today [data-merchant='{M2}'][data-state=signed]")).to_have_count(1)
    assert look_at(phone, "zh-officer-plan-offline") == []
    expect(page.locator("#queue-count")).to_have_text("1")
    assert planned.world.size == size
    phone.offline(False)
    phone.open("/queue")
    page.locator("#items [data-state=accepted]").first.wait_for()
    entry = latest(planned, "inspection.recorded")
    body, photo = entry.statement.body, entry.statement.body["observed"]["photos"][0]
    assert entry.index == size and entry.statement.merchant == M2 and body["findings"] == []
    assert entry.statement.seen is not None and entry.statement.seen.size == size
    assert body["observed"]["stock"] == [{"batch": "C1", "quantity": {"unit": "kg", "value": "20"}}]
    assert (planned.folder / "ledger/blobs/sha256" / photo["sha256"][:2] / photo["sha256"][2:]).exists()
    custody = Custody(planned.folder / "ledger")
    assert custody.ok("verify", "--json").json["verdict"] == "intact"
    covered = {one["merchant"]: one for one in custody.ok("coverage", "--json").json["merchants"]}
    assert covered[M2]["checks"] == [size]
    phone.open("/plan")
    expect(page.locator(f"#done [data-merchant='{M2}']")).to_have_attribute("data-state", "done")


def test_a_missing_batch_is_found_before_signing_and_ordered_and_carded(
    planned: Stage, chromium: Chromium
) -> None:
    phone = officer(planned, "officer", "officer-1")
    page = phone.open(f"/check/{M1}")
    page.locator("#all").click()
    page.locator("[data-batch=B1] input").fill("10")
    page.locator("#form .actions.stick button").click()
    found = page.locator("#review [data-finding=stock_differs]")
    found.wait_for()
    assert "B1" in found.inner_text()
    assert page.locator("#review [data-finding=disinfection_overdue]").count() == 1
    overdue = page.locator("#review [data-finding=disinfection_overdue]")
    overdue.locator("summary").click()
    overdue.locator("input").fill("当场消毒")
    size = planned.world.size
    page.locator("#review button.primary").click()
    assert "账实不符" in page.locator("dialog.sheet").inner_text()
    assert planned.world.size == size
    sign(page)
    phone.outcome("accepted")
    check = latest(planned, "inspection.recorded").statement
    assert [one["code"] for one in check.body["waivers"]] == ["disinfection_overdue"]
    assert page.locator("#follow [data-finding=disinfection_overdue]").count() == 0
    page.locator("[data-order=stock_differs] summary").click()
    page.locator("[data-order=stock_differs] [name=what]").fill("查明去向")
    page.locator("[data-order=stock_differs] button.primary").click()
    sign(page)
    page.locator("[data-kind='rectification.ordered'] [data-state=accepted]").wait_for()
    page.locator("#card summary").click()
    assert "黄牌" in page.locator("#card").inner_text()
    page.locator("#card input[name=reason]").fill("少了 2.5 千克")
    page.locator("#card button.primary").click()
    sign(page)
    page.locator("[data-kind='card.issued'] [data-state=accepted]").wait_for()
    order = latest(planned, "rectification.ordered").statement
    card = latest(planned, "card.issued").statement
    assert order.body["deadline"][:10] == order.occurred_at[:10] and order.body["subject"] == "B1"
    assert (card.body["card"], card.body["step"], card.body["inspection"]) == ("yellow", 1, check.id)
    assert page.locator("#card").count() == 0  # one card for a check
    put_right(planned, phone, order.id)


def test_findings_that_a_hostile_page_leaves_out_are_refused(planned: Stage, chromium: Chromium) -> None:
    phone = officer(planned, "officer", "officer-1")
    page = phone.page
    lies = {"as_of": 1, "rulesets": ["r-sup"], "findings": []}
    phone.context.route(f"**/api/checks/{M3}/findings", lambda route: route.fulfill(json=lies))
    phone.open(f"/check/{M3}")
    all_in_order(page)
    expect(page.locator("#review .notice.good")).to_have_count(1)
    size = planned.world.size
    page.locator("#review button.primary").click()
    sign(page)
    assert "disinfection_overdue" in phone.outcome("refused")
    assert planned.world.size == size
    phone.context.unroute(f"**/api/checks/{M3}/findings")

    phone.offline()  # then the phone computes them, and the ledger agrees
    phone.open(f"/check/{M3}")
    all_in_order(page)
    page.locator("#review [data-finding=disinfection_overdue]").wait_for()
    assert "由本机" in page.locator("#review").inner_text()
    page.locator("#review button.primary").click()
    sign(page)
    phone.outcome("waiting")
    phone.offline(False)
    phone.outcome("accepted")
    entry = latest(planned, "inspection.recorded")
    assert entry.statement.merchant == M3 and entry.statement.seen is not None
    assert "disinfection_overdue" in {one["code"] for one in entry.statement.body["findings"]}


def test_a_second_officer_signs_on_another_phone_and_what_rests_on_it_follows(
    two: Stage, chromium: Chromium
) -> None:
    first = officer(two, "first", "officer-1")
    second = officer(two, "second", "officer-2", "east/1")
    page = first.open(f"/check/{M1}")
    all_in_order(page)
    size = two.world.size
    page.locator("#review button.primary").click()
    sign(page)
    page.locator(".outcome [data-state=cosign]").wait_for()
    page.locator("[data-seal] summary").first.click()
    page.locator("[data-seal] button.primary").first.click()
    sign(page)
    page.locator("[data-kind='goods.sealed'] [data-state=cosign]").wait_for()
    assert two.world.size == size
    other = second.open("/cosign")
    other.locator("li.wait").wait_for()
    assert "officer-1" in other.locator("li.wait").inner_text()
    assert look_at(second, "zh-officer-cosign-waiting") == []
    other.locator("li.wait summary").click()
    expect(other.locator("li.wait pre")).to_contain_text('"kind": "inspection.recorded"')
    expect(other.locator("li.wait pre")).to_contain_text('"stock": [')
    other.locator("li.wait button.primary").click()
    sign(other)
    second.outcome("accepted")
    check = latest(two, "inspection.recorded")
    assert len(check.data) and two.world.size == size + 1
    first.open("/cosign")
    page.locator("[data-own]").wait_for()  # the seal, handed in now that its check is in
    expect(page.locator("[data-own]")).to_have_count(1)
    other = second.open("/cosign")
    other.locator("li.wait button.primary").click()
    sign(other)
    second.outcome("accepted")
    first.open("/queue")
    expect(page.locator("#items [data-state=accepted]")).to_have_count(2)
    assert latest(two, "goods.sealed").statement.body["inspection"] == check.statement.id

    first.open(f"/check/{M1}")
    page.get_by_role("button", name="再次检查该商户").click()
    all_in_order(page)
    page.locator("#review button.primary").click()
    sign(page)
    page.locator(".outcome [data-state=cosign]").wait_for()
    first.open("/cosign")
    page.locator("[data-own] .danger").click()
    expect(page.locator("[data-own]")).to_have_count(0)
    other = second.open("/cosign")
    expect(other.locator("#place .notice.good")).to_have_count(1)
    assert latest(two, "inspection.recorded").index == check.index
    assert Custody(two.folder / "ledger").ok("verify", "--json").json["verdict"] == "intact"


def test_what_officers_do_not_sign_together_is_not_signed(two: Stage, chromium: Chromium) -> None:
    second = officer(two, "second", "officer-2", "east/1")
    grant = {"public_key": two.world.k1.public.text, "role": "operator", "scope": "*"}
    sent = encode_envelope(two.world.envelope([two.world.officer], "key.granted", None, grant))
    waits = {"id": "1", "merchant": M1, "name": "检查", "signed_by": ["officer-1"], "mine": False}
    lies = {"as_of": 1, "waiting": [{**waits, "envelope": json.loads(sent)}]}
    second.context.route("**/api/cosign", lambda route: route.fulfill(json=lies))
    page = second.open("/cosign")
    expect(page.locator("#place li")).to_contain_text("不能在此签名")
    assert page.locator("#place button").count() == 0
    second.context.unroute("**/api/cosign")


@pytest.mark.parametrize("language", ["zh-CN", "en-GB"])
def test_pages_of_an_officer_fit_and_can_be_used_by_all(
    planned: Stage, chromium: Chromium, language: str
) -> None:
    phone, short = officer(planned, f"look-{language}", "officer-1", language=language), language[:2]
    page, wrong = phone.page, []
    for name, path in (("home", "/"), ("plan", "/plan"), ("orders", "/orders"), ("cosign", "/cosign")):
        phone.open(path)
        page.wait_for_load_state("networkidle")
        wrong += look_at(phone, f"{short}-officer-{name}")
    phone.open(f"/check/{M3}")
    page.locator("#all").wait_for()
    page.locator("#before summary").click()
    page.locator("#add").click()
    page.locator("[data-unlisted] [data-name]").fill("冻牛腩")
    wrong += look_at(phone, f"{short}-officer-check")
    page.locator("[data-zone=F1]").fill("-12")
    page.locator("#passed").click()
    page.locator("#form .actions.stick button").click()
    page.locator("#review [data-finding=temperature_out_of_limits]").wait_for()
    page.locator("#review .actions button.plain").click()
    page.locator("[data-added] [data-detail]").fill("地面积水")
    wrong += look_at(phone, f"{short}-officer-findings")
    page.locator("#review button.primary").click()
    wrong += look_at(phone, f"{short}-officer-sign")
    sign(page)
    phone.outcome("accepted")
    for one in page.locator("#follow summary").all()[:2]:
        one.click()
    page.locator("#card summary").click()
    wrong += look_at(phone, f"{short}-officer-follow")
    assert wrong == []
