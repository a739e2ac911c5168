"""A key ends: revoked, or enrolled for the wrong shop. The phone says so, and comes to a new one with all it knew."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.custody.world import M1, M2
from tests.web.browser import Chromium
from tests.web.e2e.conftest import Stage
from tests.web.e2e.served import Desk, Phone, world_now
from tests.web.e2e.test_pages import look_at
from tests.web.e2e.test_trust import rewritten

pytestmark = pytest.mark.slow

KEPT = """() => new Promise((done) => {
  indexedDB.open('custody').onsuccess = ({ target }) => {
    const found = {};
    const all = target.result.transaction(['keys', 'memory']);
    for (const name of ['keys', 'memory']) {
      const table = all.objectStore(name);
      table.getAllKeys().onsuccess = ({ target: names }) => {
        for (const key of names.result) table.get(key).onsuccess = (one) => {
          const value = one.target.result;
          found[`${name} ${key}`] = value?.privateKey ? { ...value, privateKey: value.privateKey.extractable } : value;
        };
      };
    }
    all.oncomplete = () => {
      target.result.close();
      done(found);
    };
  };
})"""
"""What the phone keeps of keys and checkpoints."""


def kept(phone: Phone) -> dict[str, Any]:
    found: dict[str, Any] = phone.page.evaluate(KEPT)
    return found


def keyid(phone: Phone) -> str:
    return str(kept(phone)["keys active"])


def checkpoint(phone: Phone) -> int:
    """Entries of the newest checkpoint remembered."""
    (note,) = (value for name, value in kept(phone).items() if name.startswith("memory checkpoint "))
    return int(note.splitlines()[1])


def disinfect(phone: Phone, state: str) -> None:
    phone.open("/disinfect")
    phone.sign()
    phone.outcome(state)


def destroy(phone: Phone) -> None:
    """On the settings page: the only key that is here."""
    page = phone.open("/settings")
    page.locator("[data-holder] .danger").click()
    page.locator("dialog.sheet h2").wait_for()
    assert look_at(phone, f"{phone.language[:2]}-settings-destroy") == []
    page.locator("dialog.sheet button.primary").click()
    page.wait_for_url("**/enrol")


def test_a_revoked_phone_says_so_and_is_enrolled_anew(stage_alone: Stage, chromium: Chromium) -> None:
    phone = stage_alone.merchant("shop", M1)
    disinfect(phone, "accepted")
    phone.offline()
    disinfect(phone, "waiting")
    before, old = kept(phone), keyid(phone)
    assert before[f"keys key {old}"]["privateKey"] is False  # cannot be taken out of the browser
    operator = Desk(stage_alone.world, stage_alone.served, stage_alone.world.operator)
    operator.say("key.revoked", None, {"keyid": old, "reason": "遗失"})
    phone.offline(False)
    page = phone.open("/queue")
    page.locator("#items [data-state=refused]").wait_for()
    size = stage_alone.world.size
    page = phone.open("/orders")
    page.locator("#revoked").wait_for()
    assert "已被撤销" in page.locator("#revoked").inner_text()
    assert look_at(phone, "zh-revoked") == []
    page.locator("#revoked a").click()
    expect(page.locator(f"[data-holder='{old}']")).to_contain_text("已被撤销")
    destroy(phone)
    between = kept(phone)
    assert not [name for name in between if old in name and name.startswith("keys")]
    assert between["keys log"] == before["keys log"]
    phone.enrol(stage_alone.desk, "merchant", M1)
    new = keyid(phone)
    assert new != old and kept(phone)["keys log"] == before["keys log"]
    assert page.locator("#revoked").count() == 0
    disinfect(phone, "accepted")
    assert stage_alone.world.size == size + 2  # the grant, and this
    assert stage_alone.world.ledger.entry(size + 1).signatures[0].keyid == new
    phone.open("/queue")
    expect(page.locator("#items [data-state=refused]")).to_have_count(1)  # what was refused stays in sight
    expect(page.locator("#items [data-state=accepted]")).to_have_count(2)


def test_what_was_signed_with_a_destroyed_key_is_still_sent(stage_alone: Stage, chromium: Chromium) -> None:
    phone = stage_alone.merchant("shop", M2)  # the wrong shop's code
    old = keyid(phone)
    phone.offline()
    disinfect(phone, "waiting")
    page = phone.open("/settings")
    page.locator("[data-holder] .danger").click()
    expect(page.locator("dialog.sheet [data-waiting]")).to_have_attribute("data-waiting", "1")
    page.locator("dialog.sheet button.plain").click()  # thought better of it
    assert keyid(phone) == old
    destroy(phone)
    size = stage_alone.world.size
    phone.offline(False)
    page = phone.open("/queue")
    page.locator("#items [data-state=accepted]").wait_for()
    entry = stage_alone.world.ledger.entry(size)
    assert (entry.statement.merchant, entry.signatures[0].keyid) == (M2, old)
    phone.enrol(stage_alone.desk, "merchant", M1)
    disinfect(phone, "accepted")
    assert stage_alone.world.ledger.entry(stage_alone.world.size - 1).statement.merchant == M1


def test_a_phone_without_keys_still_knows_its_ledger(
    stage_alone: Stage, chromium: Chromium, tmp_path: Path
) -> None:
    phone = stage_alone.merchant("shop", M1)
    phone.open("/settings")
    size = checkpoint(phone)
    destroy(phone)
    assert checkpoint(phone) == size == stage_alone.world.size
    other = world_now(tmp_path / "other", rewritten)
    stage_alone.served.instead(tmp_path / "other")
    page = phone.open("/enrol")
    expect(page.locator("#alarm")).to_contain_text("台账被改动")
    other.ledger.close()


def test_a_new_code_takes_the_place_of_one_that_nobody_granted(
    stage_alone: Stage, chromium: Chromium
) -> None:
    phone, desk = stage_alone.phone("shop"), stage_alone.desk
    page = phone.open("/enrol")
    shown = page.locator("#fingerprint")
    page.goto(desk.invite("merchant", M2))
    shown.wait_for()
    first = shown.inner_text()
    page.goto(desk.invite("merchant", M1))
    expect(shown).not_to_have_text(first)  # a key is brought once
    expect(page.locator("#for")).to_contain_text(M1)
    assert shown.inner_text() == desk.waiting()["fingerprint"]
    desk.grant()
    page.locator("#done").wait_for()
    assert kept(phone)[f"keys holder {keyid(phone)}"]["scope"] == M1


def test_a_phone_enrolled_by_an_older_page_goes_on(stage_alone: Stage, chromium: Chromium) -> None:
    """There was room for one key, under names of its own."""
    phone = stage_alone.merchant("shop", M1)
    old = keyid(phone)
    phone.page.evaluate(AS_BEFORE)
    disinfect(phone, "accepted")
    assert keyid(phone) == old
    entry = stage_alone.world.ledger.entry(stage_alone.world.size - 1)
    assert entry.signatures[0].keyid == old
    assert not {"keys identity", "keys device-key"} & set(kept(phone))


AS_BEFORE = """() => new Promise((done) => {
  indexedDB.open('custody').onsuccess = ({ target }) => {
    const writing = target.result.transaction('keys', 'readwrite');
    const keys = writing.objectStore('keys');
    const get = (name) => new Promise((found) => { keys.get(name).onsuccess = (one) => found(one.target.result); });
    (async () => {
      const keyid = await get('active');
      const { since, ...who } = await get(`holder ${keyid}`);
      keys.put(await get(`key ${keyid}`), 'device-key');
      keys.put({ ...who, ...(await get('log')) }, 'identity');
      for (const name of ['active', 'log', `holder ${keyid}`, `key ${keyid}`]) keys.delete(name);
    })();
    writing.oncomplete = () => {
      target.result.close();
      done();
    };
  };
})"""
