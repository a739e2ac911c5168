"""What the browser signs and seals the ledger's own program verifies and opens, and the other way round."""

from __future__ import annotations

from base64 import b64decode
from random import Random

import pytest

from ledger.log import sealed, statement
from ledger.log.keys import PrivateKey, PublicKey
from tests.reference.sample import SmallLedger
from tests.web.js.agreement import some_value
from tests.web.js.modules import Modules

SMALL = SmallLedger()


@pytest.mark.parametrize("algorithm", ["ed25519", "p256"])
def test_signed_in_the_browser_verified_by_the_ledger(js: Modules, algorithm: str) -> None:
    made = js.run(
        """
        const key = await m.keys.DeviceKey.make(x);
        const second = await m.keys.DeviceKey.make();
        const clock = { now: 1795392902123, offset: 480, random: (n) => crypto.getRandomValues(new Uint8Array(n)) };
        const envelopes = [];
        for (let n = 0; n < 20; n += 1) {
            const payload = m.statement.makeStatement({
                body: { note: `含氯 ${n} 🧊`, list: [n, -n, null, {}] }, kind: 'disinfection.logged',
                ledger: 'custody.example/erligang', merchant: n % 2 ? '92410104MACU00014Y' : null,
                seen: n ? { root: 'ab'.repeat(32), size: n } : null,
            }, clock);
            let envelope = await m.dsse.sign(payload, [key]);
            if (n % 3 === 0) {
                const [sig] = (await m.dsse.sign(payload, [second])).signatures;
                envelope = m.dsse.addSignatures(envelope, [sig]);
            }
            envelopes.push(m.bytes.encodeBase64(m.dsse.encodeEnvelope(envelope)));
        }
        return { envelopes, keys: [key.public.text, second.public.text], keyid: key.public.keyid,
            chosen: second.public.algorithm };
        """,
        algorithm,
    )
    keys = [PublicKey.from_base64(text) for text in made["keys"]]
    assert (keys[0].algorithm, keys[0].keyid) == (algorithm, made["keyid"])
    assert made["chosen"] == "ed25519"  # Chromium has it
    known, ids = {key.keyid: key for key in keys}, set()
    for n, data in enumerate(made["envelopes"]):
        envelope = statement.parse_envelope(b64decode(data))
        statement.verify_envelope(envelope, known.get)
        said = statement.parse_statement(envelope.payload)
        assert said.occurred_at == "2026-11-23T08:15:02+08:00"
        assert said.body["note"] == f"含氯 {n} 🧊"
        assert said.seen == (None if n == 0 else statement.Seen("ab" * 32, n))
        assert len(envelope.signatures) == (2 if n % 3 == 0 else 1)
        ids.add(said.id)
    assert len(ids) == 20
    assert {one[:13] for one in ids} == {f"{1795392902123:012x}"[:8] + "-" + f"{1795392902123:012x}"[8:]}


@pytest.mark.parametrize("algorithm", ["ed25519", "p256"])
def test_signed_by_the_ledger_verified_in_the_browser(js: Modules, algorithm: str) -> None:
    keys = [PrivateKey.generate("ed25519" if algorithm == "ed25519" else "p256") for _ in range(3)]
    envelopes = [
        statement.encode_envelope(statement.sign(SMALL.payload(index), keys[: 1 + index % 3]))
        for index in range(SMALL.size)
    ]
    js.oks("signature", envelopes, spkis=[key.public.text for key in keys])
    answers = js.each("signature", envelopes, spkis=[keys[1].public.text])
    assert {answer["code"] for answer in answers} == {"NotAuthorised"}


def test_sealed_in_the_browser_opened_by_the_ledger(js: Modules) -> None:
    rng = Random("sealed")
    values = [some_value(rng) for _ in range(100)]
    made = js.run(
        """
        const random = (n) => crypto.getRandomValues(new Uint8Array(n));
        const all = [];
        for (const value of x) all.push(await m.sealed.seal('phone', value, random));
        const other = await h.answer(() => m.sealed.openSealed({ sealed: all[0].digest }, all[1].disclosure));
        return { all, other };
        """,
        values,
    )
    for value, one in zip(values, made["all"], strict=True):
        assert sealed.open_disclosure(one["disclosure"])[1:] == ("phone", value)
        assert sealed.digest(one["disclosure"]) == one["digest"]
    assert made["other"]["key"] == "sealed.other"
