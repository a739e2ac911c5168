"""Pages, files, words, manifest and service worker over HTTP; and what a merchant's phone is told."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from typing import TypeVar

import httpx
import pytest

from ledger_web.pages.icons import icon_png
from ledger_web.pages.site import PAGES
from tests.custody.world import M1, M2, M3
from tests.web.conftest import Web

T = TypeVar("T")


def told(web: Web, work: Callable[[httpx.AsyncClient], Awaitable[T]]) -> T:
    async def go() -> T:
        async with web.client() as client:
            return await work(client)

    return asyncio.run(go())


def get(web: Web, path: str, **headers: str) -> httpx.Response:
    return told(web, lambda client: client.get(path, headers=headers))


def test_pages_speak_the_language_of_cookie_then_browser_and_load_only_what_is_there(web: Web) -> None:
    async def go(client: httpx.AsyncClient) -> None:
        for page in PAGES:
            answer = await client.get(page.path, headers={"accept-language": "en"})
            assert answer.status_code == 200 and '<html lang="en">' in answer.text
            assert '<html lang="zh-CN">' in (await client.get(page.path)).text
            kept = {"accept-language": "en", "cookie": "lang=zh"}
            assert '<html lang="zh-CN">' in (await client.get(page.path, headers=kept)).text
            assert '<html lang="en">' in (await client.get(f"{page.path}?lang=en", headers=kept)).text
            assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=", answer.text)
            for url in re.findall(r'(?:src|href)="(/[^"#]*)"', answer.text):
                assert (await client.get(url)).status_code == 200, (page.path, url)

    told(web, go)


def test_every_module_that_is_imported_is_there(web: Web) -> None:
    async def go(client: httpx.AsyncClient) -> None:
        kept = json.loads((await client.get("/sw.js")).text.split("\n", 1)[0][len("const KEPT = ") : -1])
        for url in kept["files"]:
            answer = await client.get(url)
            assert answer.status_code == 200, url
            if "/js/" not in url:
                continue
            assert answer.headers["cache-control"].endswith("immutable")
            assert answer.headers["content-type"].startswith("text/javascript")
            for name in re.findall(r"(?:from|import\()\s*'(\.[^']+)'", answer.text):
                found = str(httpx.URL(f"http://x{url}").join(name).path)
                assert found in kept["files"], (url, name)
        for page in kept["pages"]:
            assert re.match(page["pattern"], page["url"])

    told(web, go)


def test_a_file_of_another_version_is_not_kept_and_one_that_is_not_there_is_404(web: Web) -> None:
    assert get(web, "/static/000000000000/app.css").headers["cache-control"] == "no-store"
    assert get(web, "/static/000000000000/..%2f..%2fapp.py").status_code == 404
    assert get(web, "/static/000000000000/none.css").status_code == 404


def test_words_have_every_code_and_manifest_its_icons(web: Web) -> None:
    words = get(web, "/words/zh.json").json()
    assert words["texts"]["Holdings"] == "库存" and words["codes"]["unit"]["kg"] == "千克"
    assert get(web, "/words/en.json").json()["texts"] == {}
    assert get(web, "/words/fr.json").status_code == 404
    manifest = get(web, "/manifest.webmanifest", **{"accept-language": "en"}).json()
    assert manifest["name"] == "Custody Ledger" and manifest["start_url"] == "/"
    assert get(web, manifest["icons"][0]["src"]).content == icon_png(192)


def test_a_merchant_is_told_what_it_holds_and_what_the_ledger_has_against_it(web: Web) -> None:
    web.reader = ("merchant", M1)
    web.world.receive("B1", "12.5")
    web.world.receive("B2", supplier=None)
    web.world.receive("C1", merchant=M2)
    web.world.hand_over("C1", "4", sender=M2, to=M1)
    mine = get(web, "/api/mine").json()
    assert [(one["batch"], one["quantity"]["value"]) for one in mine["holdings"]] == [
        ("B1", "12.5"),
        ("B2", "10"),
    ]
    assert mine["zones"][0]["name"] == "专区"
    (handover,) = mine["handovers"]
    assert handover["lines"] == [{"batch": "C1", "name": "车厘子", "quantity": {"value": "4", "unit": "kg"}}]
    assert [one["subject"] for one in mine["clears"]["r-dry"]["source"]] == ["B2"]
    assert {"supplier_unknown", "clearance_missing"} <= {one["code"] for one in mine["findings"]}


@pytest.mark.parametrize(("role", "scope", "status"), [("supervisor", "*", 403), ("public", "", 401)])
def test_only_a_merchant_has_goods_of_its_own(web: Web, role: str, scope: str, status: int) -> None:
    web.reader = (role, scope)
    assert get(web, "/api/mine").status_code == status


def test_another_merchant_sees_nothing_of_it(web: Web) -> None:
    web.world.receive("B1", "12.5")
    web.reader = ("merchant", M3)
    assert get(web, "/api/mine").json()["holdings"] == []
