"""The device's key: made in the browser, kept there, never let out; and Ed25519 where the browser has none."""

from __future__ import annotations

from base64 import b64encode
from random import Random
from typing import Any

import pytest

from ledger.log.keys import PrivateKey, PublicKey, require_grantable
from tests.vectors import edwards
from tests.web.js.modules import Modules


def b64(data: bytes) -> str:
    return b64encode(data).decode("ascii")


@pytest.mark.parametrize("algorithm", ["ed25519", "p256"])
def test_a_key_survives_a_restart_and_never_comes_out(fresh: Modules, algorithm: str) -> None:
    made = fresh.run(
        """
        const store = await m.database.openStore('custody');
        const none = await m.keys.DeviceKey.load(store);
        const key = await m.keys.DeviceKey.make(x);
        await key.keep(store);
        await key.keep(store);
        const exported = await crypto.subtle.exportKey('pkcs8', key.privateKey)
            .then(() => 'exported', (error) => error.name);
        store.close();
        return { none, text: key.public.text, exported, extractable: key.privateKey.extractable };
        """,
        algorithm,
    )
    assert made | {"text": ""} == {
        "none": None,
        "text": "",
        "exported": "InvalidAccessError",
        "extractable": False,
    }
    fresh.page.reload()
    later = fresh.run(
        """
        const store = await m.database.openStore('custody');
        const key = await m.keys.DeviceKey.load(store);
        const other = await h.answer(async () => (await m.keys.DeviceKey.make()).keep(store));
        const message = m.bytes.utf8('after the restart');
        const again = (await m.keys.DeviceKey.load(store)).public.text;
        return h.shown({ text: key.public.text, signature: await key.sign(message), other, again });
        """
    )
    assert later["text"] == later["again"] == made["text"]
    key = PublicKey.from_base64(made["text"])
    assert key.algorithm == algorithm
    assert key.verify(bytes.fromhex(later["signature"]), b"after the restart")
    assert later["other"]["key"] == "key.there_already"


def test_a_damaged_store_is_named(fresh: Modules) -> None:
    answers = fresh.run(
        """
        const store = m.database.temporaryStore();
        const answers = [];
        for (const kept of [1, 'key', {}, { privateKey: 1, public: 'x' }]) {
            await store.put('device-key', kept);
            answers.push(await h.answer(() => m.keys.DeviceKey.load(store)));
        }
        return answers;
        """
    )
    assert [answer["key"] for answer in answers] == ["key.kept"] * 4


def test_without_ed25519_a_p256_key_is_made_and_checkpoints_verify_all_the_same(fresh: Modules) -> None:
    """As in a browser of 2024: WebCrypto knows nothing of Ed25519."""
    signer = PrivateKey.from_seed(bytes(range(32)))
    message = "第一条".encode()
    found = fresh.run(
        """
        for (const name of ['generateKey', 'importKey', 'sign', 'verify']) {
            const original = SubtleCrypto.prototype[name];
            SubtleCrypto.prototype[name] = function (...given) {
                if (given.some((one) => one === 'Ed25519' || one?.name === 'Ed25519')) {
                    return Promise.reject(new DOMException('Unrecognized name', 'NotSupportedError'));
                }
                return original.apply(this, given);
            };
        }
        const key = await m.keys.PublicKey.fromText(x.key);
        const signature = h.raw(x.signature);
        const message = h.raw(x.message);
        const good = await key.verify(signature, message);
        signature[3] ^= 1;
        return {
            has: await m.keys.hasEd25519(), good, bad: await key.verify(signature, message),
            made: (await m.keys.DeviceKey.make()).public.algorithm,
            asked: await h.answer(() => m.keys.DeviceKey.make('ed25519')),
        };
        """,
        {"key": signer.public.text, "signature": b64(signer.sign(message)), "message": b64(message)},
    )
    assert found["asked"].pop("key") == "key.unsupported"
    found.pop("asked")
    assert found == {"has": False, "good": True, "bad": False, "made": "p256"}


def test_keys_that_a_browser_cannot_keep_are_not_made(fresh: Modules) -> None:
    """Some make Ed25519 keys and cannot put them into a database."""
    made = fresh.run(
        """
        const original = structuredClone;
        globalThis.structuredClone = (value) => {
            if (value instanceof CryptoKey) throw new DOMException('cannot be cloned', 'DataCloneError');
            return original(value);
        };
        return (await m.keys.DeviceKey.make()).public.algorithm;
        """
    )
    assert made == "p256"


def test_ed25519_arithmetic(js: Modules) -> None:
    """Against OpenSSL and the browser's own, over good signatures and all sorts of bad ones."""
    rng = Random("arithmetic")
    cases: list[dict[str, str]] = []
    want: list[bool] = []

    def case(key: bytes, signature: bytes, message: bytes) -> None:
        cases.append({"key": b64(key), "signature": b64(signature), "message": b64(message)})
        want.append(PublicKey.from_ed25519(key).verify(signature, message))

    order = 2**252 + 27742317777372353535851937790883648493
    for n in range(24):
        private, message = PrivateKey.from_seed(rng.randbytes(32)), rng.randbytes(n * 7)
        key, signature = private.public.raw, private.sign(message)
        case(key, signature, message)
        case(key, signature, message + b"\0")
        at = rng.randrange(64)
        case(
            key,
            signature[:at] + bytes([signature[at] ^ 1 << rng.randrange(8)]) + signature[at + 1 :],
            message,
        )
        s = int.from_bytes(signature[32:], "little")
        case(key, signature[:32] + (s + order).to_bytes(32, "little"), message)
        case(PrivateKey.from_seed(rng.randbytes(32)).public.raw, signature, message)
    case(key, bytes(64), message)
    assert sum(want) == 24
    assert js.oks("ed25519", cases) == [[one, one] for one in want]


def test_keys_in_whose_name_anyone_could_sign(js: Modules) -> None:
    rng = Random("points")
    raws = [*edwards.low_order_encodings(), *edwards.unreduced(), *(rng.randbytes(32) for _ in range(100))]
    raws += [PrivateKey.from_seed(rng.randbytes(32)).public.raw for _ in range(10)]

    def grantable(raw: bytes) -> bool:
        try:
            require_grantable(PublicKey.from_ed25519(raw))
        except Exception:
            return False
        return True

    wanted = [grantable(raw) for raw in raws]
    assert 40 < sum(wanted) < 90  # of random bytes about half are the encoding of a point
    assert js.oks("full-order", [b64(raw) for raw in raws]) == wanted


def test_the_store(fresh: Modules) -> None:
    """Changes in one transaction each, also when several tabs make them at once; what fails leaves nothing."""
    found: dict[str, Any] = fresh.run(
        """
        const [one, other] = await Promise.all([m.database.openStore('counts'), m.database.openStore('counts')]);
        const add = (before) => (before ?? 0) + 1;
        await Promise.all(Array.from({ length: 50 }, (_, n) => (n % 2 ? one : other).update('n', add)));
        const count = await one.get('n');
        const failed = await one.update('n', () => { throw new RangeError('no'); }).catch((error) => error.name);
        const unkept = await one.put('f', () => 1).catch((error) => error.name);
        const still = await other.get('n');
        await one.remove('n');
        return { count, failed, unkept, still, gone: (await other.get('n')) === undefined };
        """
    )
    assert found == {
        "count": 50,
        "failed": "RangeError",
        "unkept": "DataCloneError",
        "still": 50,
        "gone": True,
    }
