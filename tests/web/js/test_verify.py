"""A whole ledger verified in the browser: the same answer as `custody verify` gives, for sound and for forged ones."""

from __future__ import annotations

import copy
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest

from ledger.audit.verify import verify
from ledger.exchange.sources import DirectorySource
from ledger.log import NoteSigner, checkpoint
from tests.audit.memory import ORIGIN, VKEY, forge, key
from tests.audit.sample import make_long, make_sample
from tests.cli.runner import Custody
from tests.web.browser import Site
from tests.web.js.modules import Modules
from tests.web.js.published import DAMAGES, Damage, Files, files_of, granted_by, lay

MADE_HERE = [
    *("encoding", "index", "chain", "merchant_chain", "tree"),
    *("checkpoint_signature", "statement_signature", "authority", "seen"),
]

VERIFY = """
    const progress = [];
    const options = { ...x.options, onProgress: (one) => progress.push([one.done, one.total]) };
    if (options.since) options.since = h.raw(options.since);
    const answer = await h.answer(() => m.verify.verifyLedger(m.source.httpSource(x.base), options));
    return { ...answer, progress };
"""


class Verifying:
    def __init__(self, js: Modules, site: Site, folder: Path) -> None:
        self.js, self.site, self.folder = js, site, folder
        self.base = site.mount(f"ledger-{folder.parent.name}-{folder.name}", folder)

    def answer(self, base: str | None = None, **options: str | None) -> dict[str, Any]:
        given = {"vkey": VKEY, **options}
        found: dict[str, Any] = self.js.run(VERIFY, {"base": base or self.base, "options": given})
        assert "crash" not in found, found
        return found

    def verdict(self, **options: str | None) -> dict[str, Any]:
        found: dict[str, Any] = self.answer(**options)["ok"]
        assert all(one["zh"] and one["en"] for one in (*found["faults"], *found["gaps"], *found["remarks"]))
        return found

    def of(self, files: Files, **options: str | None) -> dict[str, Any]:
        lay(self.folder, files)
        return self.verdict(**options)


@pytest.fixture
def verifying(js: Modules, site: Site, tmp_path: Path) -> Verifying:
    (tmp_path / "site").mkdir()
    return Verifying(js, site, tmp_path / "site")


def places(verdict: dict[str, Any]) -> dict[str, list[int | None]]:
    found: dict[str, list[int | None]] = {}
    for fault in verdict["faults"]:
        found.setdefault(fault["check"], []).append(fault["index"])
    return found


def keys(things: list[dict[str, Any]]) -> set[str]:
    return {one["key"] for one in things}


@pytest.mark.parametrize("size", [None, 5])
def test_a_sound_ledger(verifying: Verifying, size: int | None) -> None:
    made = make_long()
    size = size and made.commits[size]
    verdict = verifying.of(files_of(made, size))
    whole = size or len(made.data)
    assert (verdict["verdict"], verdict["size"], verdict["read"]) == ("intact", whole, whole)
    assert verdict["root"] == made.roots[whole].hex()
    assert verdict["faults"] == verdict["gaps"] == []
    state = {check["check"]: (check["state"], check["looked"]) for check in verdict["checks"]}
    assert [state[name][0] for name in MADE_HERE] == ["passed"] * len(MADE_HERE)
    assert state["statement_signature"][1] >= whole == state["encoding"][1]
    assert state["custody"] == state["inspection"] == state["attachments"] == ("not_checked", 0)
    assert keys(verdict["remarks"]) == {"verify.no_since", "verify.not_made"}


def test_every_kind_of_statement(verifying: Verifying) -> None:
    made = make_sample()
    remembered = b64encode(made.notes[3][1]).decode()
    verdict = verifying.of(files_of(made), since=remembered)
    assert (verdict["verdict"], verdict["faults"]) == ("intact", [])
    assert keys(verdict["remarks"]) == {"verify.disputed", "verify.not_made"}


def test_officers_hand_out_keys_of_merchants_in_their_grid(verifying: Verifying) -> None:
    """What the ledger takes in is no fault here."""
    files = granted_by("officer")
    assert verifying.of(files)["faults"] == []


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.name.replace(" ", "-"))
def test_what_is_wrong_is_found_as_the_ledgers_own_program_finds_it(
    verifying: Verifying, damage: Damage
) -> None:
    verdict = verifying.of(damage.files())
    found = places(verdict)
    assert verdict["verdict"] == "tampered"
    assert damage.checks <= set(found), verdict["faults"][:5]
    assert damage.at is None or any(damage.at in indexes for indexes in found.values()), found
    with DirectorySource(verifying.folder) as source:
        report = verify(source, vkey=VKEY, processes=0)
    assert report.verdict == "tampered"
    if damage.name in READ_OTHERWISE:
        return
    theirs: dict[str, list[int | None]] = {}
    for fault in report.faults:
        if fault.check in MADE_HERE:
            theirs.setdefault(fault.check, []).append(fault.index)
    if damage.name in JUDGED_ELSEWHERE:
        found.pop("authority")
    assert {check: set(indexes) for check, indexes in found.items()} == {
        check: set(indexes) for check, indexes in theirs.items()
    }


READ_OTHERWISE = {
    "a bundle gone",
    "the first entry taken out",
    "an entry taken out",
    "the last entry taken out",
}
"""`custody verify` takes a short bundle for one that cannot be read, and goes on behind it; the browser reads what is
in it, and no further."""
JUDGED_ELSEWHERE = {
    *(
        "a key granted twice",
        "an auditor for one grid",
        "a key that revokes itself",
        "the ledger opened again",
    ),
    *("a merchant where there is none",),
}
"""`custody verify` calls them faults of `custody` or `schema`."""


def test_a_cut_off_tail_shows_to_somebody_who_remembers(verifying: Verifying) -> None:
    made = make_sample()
    stop = made.commits[-2]
    cut = forge(made, {}, stop=stop)
    assert verifying.of(files_of(cut))["verdict"] == "intact"
    verdict = verifying.verdict(since=b64encode(made.notes[-1][1]).decode())
    assert (verdict["verdict"], places(verdict)) == ("tampered", {"tree": [stop]})


def test_another_history_shows_to_somebody_who_remembers(verifying: Verifying) -> None:
    made = make_sample()
    index = made.find("goods.sold")
    rewritten = forge(made, {index: None})
    size, root = made.commits[-3], bytes(32)
    verifying.of(files_of(rewritten))
    since = b64encode(checkpoint.sign(ORIGIN, size, root, NoteSigner(ORIGIN, key("log")))).decode()
    faults = verifying.verdict(since=since)["faults"]
    assert ("tree", "tree.since", 0) in {(one["check"], one["key"], one["index"]) for one in faults}
    stranger = b64encode(checkpoint.sign(ORIGIN, size, root, NoteSigner(ORIGIN, key("nobody")))).decode()
    assert verifying.answer(since=stranger)["code"] == "NoteError"


def test_the_logs_key(verifying: Verifying) -> None:
    """Without one, the source's own word is taken and remarked on; another one than it says is a fault."""
    made = make_sample()
    verdict = verifying.of(files_of(made), vkey=None)
    assert verdict["verdict"] == "intact"
    assert "verify.own_vkey" in keys(verdict["remarks"])
    other = NoteSigner(ORIGIN, key("other log")).verifier.vkey
    verdict = verifying.verdict(vkey=other)
    assert places(verdict) == {"checkpoint_signature": [None, len(made.data) - 1], "authority": [0]}
    assert verifying.answer(vkey="nonsense")["code"] == "NoteError"
    for claim in (b"nonsense\n", b"\xff", b""):
        (verifying.folder / "vkey").write_bytes(claim)
        assert places(verifying.verdict(vkey=None)) == {"checkpoint_signature": [None]}
    (verifying.folder / "vkey").unlink()
    verdict = verifying.verdict(vkey=None)
    assert (verdict["verdict"], keys(verdict["gaps"])) == ("incomplete", {"verify.no_vkey"})


def test_what_cannot_be_read(verifying: Verifying) -> None:
    """That nothing was heard proves nothing."""
    assert verifying.answer(base=verifying.site.url("/nowhere/"))["key"] == "source.no_checkpoint"
    assert verifying.answer(base=verifying.site.url("/broken/"))["key"] == "source.status"
    assert verifying.answer(base="http://127.0.0.1:9/")["key"] == "source.unreachable"
    files = {path: data for path, data in files_of(make_sample()).items() if "entries" not in path}
    verdict = verifying.of(files)
    assert (verdict["verdict"], keys(verdict["gaps"])) == ("incomplete", {"source.no_entries"})
    dropped = verifying.js.run(
        """
        const files = m.source.httpSource(x.base);
        const flaky = { read: (path) => path.startsWith('tile/entries/001')
            ? m.errors.fail('SourceError', 'source.unreachable', { path })
            : files.read(path) };
        return m.verify.verifyLedger(flaky, { vkey: x.vkey });
        """,
        {"base": _laid(verifying, make_long()), "vkey": VKEY},
    )
    assert (dropped["verdict"], keys(dropped["gaps"])) == ("incomplete", {"source.unreachable"})


def _laid(verifying: Verifying, made: Any) -> str:
    lay(verifying.folder, files_of(made))
    return verifying.base


def test_kinds_of_a_newer_program(verifying: Verifying) -> None:
    """Bytes, chains and signatures are verified all the same; who may say it cannot be told."""
    made = copy.copy(make_sample())
    verdict = verifying.js.run(
        """
        const { MAY_STATE } = m.authority;
        const known = MAY_STATE['notice.sent'];
        delete MAY_STATE['notice.sent'];
        try {
            return await m.verify.verifyLedger(m.source.httpSource(x.base), { vkey: x.vkey });
        } finally {
            MAY_STATE['notice.sent'] = known;
        }
        """,
        {"base": _laid(verifying, made), "vkey": VKEY},
    )
    assert (verdict["verdict"], keys(verdict["gaps"])) == ("incomplete", {"verify.unknown_kind"})


def test_partial_tiles_that_have_gone(verifying: Verifying) -> None:
    """A log may drop a partial tile once there is the full one; a smaller checkpoint is then read from that."""
    made = make_long()
    size = max(size for size in made.commits if size < 256)
    files = files_of(made) | {"checkpoint": dict(made.notes)[size]}
    verdict = verifying.of(files)
    assert (verdict["verdict"], verdict["read"]) == ("intact", size)


def test_an_old_checkpoint_does_not_come_from_the_browsers_cache(js: Modules) -> None:
    asked = js.run(
        """
        const asked = {};
        const fetch = async (url, { cache }) => { asked[url.pathname] = cache; return new Response('a'); };
        const source = m.source.httpSource('http://ledger.example/at/', fetch);
        await source.read('checkpoint');
        await source.read('tile/0/000');
        return asked;
        """
    )
    assert asked == {"/at/checkpoint": "no-cache", "/at/tile/0/000": "default"}


def test_progress_and_stopping(verifying: Verifying) -> None:
    lay(verifying.folder, files_of(make_long()))
    size = len(make_long().data)
    assert verifying.answer()["progress"] == [[256, size], [512, size], [size, size]]
    stopped = verifying.js.run(
        """
        const stop = new AbortController();
        const options = { vkey: x.vkey, signal: stop.signal, onProgress: () => stop.abort() };
        return h.answer(() => m.verify.verifyLedger(m.source.httpSource(x.base), options));
        """,
        {"base": verifying.base, "vkey": VKEY},
    )
    assert (stopped["code"], stopped["key"]) == ("UsageError", "verify.stopped")


def test_in_a_worker(verifying: Verifying) -> None:
    lay(verifying.folder, files_of(make_long()))
    run = """
        const worker = new Worker('/static/js/verify-worker.js', { type: 'module' });
        const heard = [];
        const last = new Promise((resolve, reject) => {
            worker.onerror = (event) => reject(new Error(event.message));
            worker.onmessage = ({ data }) => { heard.push(Object.keys(data)[0]); if (!data.progress) resolve(data); };
        });
        worker.postMessage(x);
        const data = await last;
        worker.terminate();
        return { ...data, heard };
    """
    found = verifying.js.run(run, {"base": verifying.base, "vkey": VKEY})
    assert found["heard"] == ["progress"] * 3 + ["verdict"]
    assert found["verdict"]["verdict"] == "intact"
    found = verifying.js.run(run, {"base": verifying.site.url("/nowhere/"), "vkey": VKEY})
    assert found["error"]["key"] == "source.no_checkpoint"


def test_what_the_command_line_writes(verifying: Verifying, tmp_path: Path) -> None:
    """`custody publish` and `custody prove`, read in the browser with the key that `custody init` named."""
    custody = Custody(tmp_path / "ledger")
    custody.ok("init", tmp_path / "ledger", "--origin", "custody.example/erligang", "--no-passphrase")
    custody.ok("ruleset", "publish", "ha-2022-non-cold-chain")
    custody.ok("publish", verifying.folder, "--json")
    vkey = (verifying.folder / "vkey").read_text().strip()
    verdict = verifying.verdict(vkey=vkey)
    assert (verdict["verdict"], verdict["read"]) == ("intact", custody.size())
    custody.ok("prove", 1, "-o", tmp_path / "one.tlog-proof")
    proof = (tmp_path / "one.tlog-proof").read_bytes()
    (checked,) = verifying.js.oks("tlog-proof", [proof], vkey=vkey)
    assert checked["index"] == 1
    assert b'"kind":"ruleset.published"' in bytes.fromhex(checked["bytes"])
