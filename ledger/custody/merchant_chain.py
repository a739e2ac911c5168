"""All entries of one merchant in one file, so that a check that was made cannot be left out and none slipped in.

    custody-ledger/merchant-chain@v1
    merchant 92410104MACU00014Y
    key eyJpbmRleCI6MCwibWVyY2hh…
    FhX100Ih9w9IXYoe8u1eYuFm+YMdwhaUynnxPdHlQaA=
    …
    entry eyJpbmRleCI6NDIsIm1lcm…
    6SPLmCl6QxrxaHqCnmmKlilsz/B4Gtlzon1pfHTCnX0=
    …

    custody-ledger/merchant-head@v1
    custody.example/erligang
    92410104MACU00014Y
    17 1041 q7U3F0JiHI3pqKASZ2XH83F0pTTNm1olQ+fbOwFwcOQ=
    1200 zCnX0SPLmCl6QxrxaHqCnmmKlilsz/B4Gtlzon1pfHT=

    — custody.example/erligang q7U3F0JiHI3pqKASZ2XH83F0pTTNm1olQ+fbOwFw…

    custody.example/erligang
    1200
    zCnX0SPLmCl6QxrxaHqCnmmKlilsz/B4Gtlzon1pfHT=

    — custody.example/erligang 1l7DCHudKb1bw59hR3rSEsI2yCRcQeZMzVvZc0Fw…

First the entries that gave out the keys (`ledger.opened`, `key.granted`) in their order, only those that signed
something below, then the merchant's entries in theirs. Each is base64 of the entry bytes, followed by its inclusion
path, a hash a line, as in a tlog-proof. Then a note in which the log claims under its own key which entry is the
merchant's last (place in the merchant's chain, index, leaf hash) in the tree of which size and root, then the
checkpoint of that tree. A claim's second line is a name and no number, so it can never pass for a checkpoint.

What `check` proves from the file and the log's verifier key alone: every entry listed is in the ledger; they are linked
from merchant_seq 0 to the last listed, so none before that was dropped, reordered or slipped in; each was signed by the
key given out by the entry shown. That the last is the last, and that there is no second chain beside this one, is the
log's claim: false, it is refuted by any entry of the merchant that the ledger holds beyond it. `check_all` proves that
too, from all entries of the ledger. What neither proves is that a key was given to the right person, or had not been
revoked: that is for `ledger.audit`.

>>> parse(encode("92410104MACU00014Y", [], [Placed(b"{}", ())], b"text\n\nsignature\n", b"text\n\nsignature\n")).entries
(Placed(data=b'{}', path=()),)
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from binascii import Error as NoBase64
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from ledger import log
from ledger.errors import FormatError, KeyInvalid, ProofError
from ledger.log import Checkpoint, CompactRange, Entry, NoteVerifier, PublicKey, verify_inclusion
from ledger.log import checkpoint as checkpoints
from ledger.log import entry as entries
from ledger.log import note as notes
from ledger.log.tree import HASH_BYTES
from ledger_schemas import BodyError, KeyGranted, LedgerOpened, UnknownKind, parse_body

MAX_BYTES: Final = 64 << 20
MAX_PATH: Final = 63
MAGIC: Final = "custody-ledger/merchant-chain@v1"
CLAIM: Final = "custody-ledger/merchant-head@v1"


class Placed(NamedTuple):
    """Entry bytes and their inclusion path, nothing verified."""

    data: bytes
    path: tuple[bytes, ...]


class ChainFile(NamedTuple):
    """The parts of a file, nothing verified."""

    merchant: str
    keys: tuple[Placed, ...]
    entries: tuple[Placed, ...]
    claim: bytes
    checkpoint: bytes


class Holder(NamedTuple):
    """Whom the ledger gave a key to, by which entry."""

    entry: int
    role: str
    scope: str
    holder: str | None


class MerchantChain(NamedTuple):
    """What a file proves: these entries, by these keys, in the tree of this checkpoint."""

    merchant: str
    entries: tuple[Entry, ...]
    holders: Mapping[str, Holder]
    """By key id."""
    checkpoint: Checkpoint


# ---------------------------------------------------------------------- the file


def claim_text(merchant: str, last: Entry, checkpoint: Checkpoint) -> str:
    """What the log says under its key: this entry is the last of the merchant in this tree."""
    return (
        f"{CLAIM}\n{checkpoint.origin}\n{merchant}\n{last.merchant_seq} {last.index} {_base64(last.leaf_hash)}\n"
        f"{checkpoint.size} {_base64(checkpoint.root)}\n"
    )


def encode(
    merchant: str, keys: Sequence[Placed], chain: Sequence[Placed], claim: bytes, checkpoint: bytes
) -> bytes:
    """The file of these parts."""
    lines = [MAGIC, f"merchant {merchant}"]
    for word, placed in (*(("key", one) for one in keys), *(("entry", one) for one in chain)):
        lines.append(f"{word} {_base64(placed.data)}")
        lines += [_base64(node) for node in placed.path]
    return "\n".join([*lines, "", ""]).encode() + claim + b"\n" + checkpoint


def parse(data: bytes) -> ChainFile:
    """The parts of a file. Raises: ProofError, naming the line, unless its form is exactly that of `encode`."""
    if len(data) > MAX_BYTES:
        raise ProofError(
            "{count} bytes, at most {max_bytes} are allowed", count=len(data), max_bytes=MAX_BYTES
        )
    above, empty_line, below = data.partition(b"\n\n")
    lines = above.decode("ascii", "replace").split("\n")
    if lines[0] != MAGIC:
        raise ProofError(
            "line 1 is not {magic}: this is another kind of file, or of another version", magic=MAGIC
        )
    parts = below.split(b"\n\n")
    if not empty_line or len(parts) != 4:
        raise ProofError("after the entries there are a claim and a checkpoint, each a signed note")
    if len(lines) < 2 or not lines[1].startswith("merchant "):
        raise ProofError("line 2 does not name the merchant")
    keys: list[Placed] = []
    chain: list[Placed] = []
    at = 2
    while at < len(lines):
        word, _, text = lines[at].partition(" ")
        if word not in ("key", "entry") or (word == "key" and chain):
            raise ProofError("line {at} is not key or entry with base64, keys before entries", at=at + 1)
        placed, at = _placed(lines, at, text)
        (keys if word == "key" else chain).append(placed)
    claim, checkpoint = parts[0] + b"\n\n" + parts[1] + b"\n", parts[2] + b"\n\n" + parts[3]
    return ChainFile(lines[1].removeprefix("merchant "), tuple(keys), tuple(chain), claim, checkpoint)


def _placed(lines: list[str], at: int, text: str) -> tuple[Placed, int]:
    """The entry of a line and the path below it, and the number of the line after that."""
    data = _bytes(text, at)
    path: list[bytes] = []
    at += 1
    while at < len(lines) and " " not in lines[at]:
        node = _bytes(lines[at], at)
        if len(node) != HASH_BYTES or len(path) == MAX_PATH:
            raise ProofError(
                "line {at} is not one of at most {max_path} hashes of {hash_bytes} bytes",
                at=at + 1,
                max_path=MAX_PATH,
                hash_bytes=HASH_BYTES,
            )
        path.append(node)
        at += 1
    return Placed(data, tuple(path)), at


# ---------------------------------------------------------------------- what it proves


def check(data: bytes, verifier: NoteVerifier) -> MerchantChain:
    """What a file proves, with the log's key as the only trust.

    Raises: ProofError, or another FormatError, with what is wrong.
    """
    file = parse(data)
    checkpoint = checkpoints.open(file.checkpoint, verifier)
    if not file.entries:
        raise ProofError("the file lists no entry")
    keys, holders = _keys([_included(one, checkpoint) for one in file.keys])
    chain = tuple(_included(one, checkpoint) for one in file.entries)
    _check_links(file.merchant, chain)
    used: set[str] = set()
    for entry in chain:
        used |= _check_signatures(entry, keys, holders)
    if used != keys.keys():
        raise ProofError("the file shows keys that signed none of its entries")
    said = notes.open(file.claim, [verifier]).text
    if said != claim_text(file.merchant, chain[-1], checkpoint):
        raise ProofError(
            "the log's claim is about another merchant, another last entry or another checkpoint"
        )
    return MerchantChain(file.merchant, chain, holders, checkpoint)


def check_all(proved: MerchantChain, ledger: Iterable[tuple[int, bytes]]) -> None:
    """That the merchant has no entry in the tree but those listed, from all entries below the checkpoint, in order.

    Raises: ProofError where these are not the entries of the checkpoint, or the list is not all: the log's claim is
    then false, and the file and the entry named prove it.
    """
    tree = CompactRange()
    found: dict[int, bytes] = {}
    broken: ProofError | None = None
    for index, data in ledger:
        leaf = log.leaf_hash(data)
        tree.append(leaf)
        try:
            merchant = entries.parse(data).statement.merchant
        except FormatError as error:
            broken = broken or ProofError(
                "cannot be read, so it may be anybody's: {problem}", problem=error.placed, index=index
            )
            continue
        if merchant == proved.merchant:
            found[index] = leaf
    if (tree.size, tree.root()) != (proved.checkpoint.size, proved.checkpoint.root):
        raise ProofError(
            "these {size} entries do not give the root of the checkpoint at size {proved}: they "
            "are damaged, or the log has shown two histories. Keep both and tell an auditor",
            size=tree.size,
            proved=proved.checkpoint.size,
        )
    if broken is not None:
        raise broken
    for entry in proved.entries:
        found.pop(entry.index, None)
    for index in found:
        raise ProofError(
            "is of merchant {merchant} and not in the file: the log signed a false claim. Keep both, they "
            "prove it",
            merchant=proved.merchant,
            index=index,
        )


def _included(placed: Placed, checkpoint: Checkpoint) -> Entry:
    entry = entries.parse(placed.data)
    if entry.statement.ledger != checkpoint.origin:
        raise ProofError(
            "the statement was made for {ledger!a}, not for this ledger",
            ledger=entry.statement.ledger,
            index=entry.index,
        )
    verify_inclusion(entry.index, checkpoint.size, entry.leaf_hash, placed.path, checkpoint.root)
    return entry


def _check_links(merchant: str, chain: Sequence[Entry]) -> None:
    """From the merchant's first entry on, each is linked to the one before it."""
    before: Entry | None = None
    for seq, entry in enumerate(chain):
        if entry.statement.merchant != merchant:
            raise ProofError("is not about merchant {merchant}", merchant=merchant, index=entry.index)
        link = None if before is None else before.leaf_hash.hex()
        if entry.merchant_seq != seq or entry.merchant_prev != link:
            raise ProofError(
                "is number {merchant_seq} of this merchant and stands where {seq} should: something is missing, "
                "or not linked to what stands before it",
                merchant_seq=entry.merchant_seq,
                seq=seq,
                index=entry.index,
            )
        if before is not None and (entry.index <= before.index or entry.recorded_at < before.recorded_at):
            raise ProofError("stands before the entry that it follows", index=entry.index)
        before = entry


def _keys(granting: Sequence[Entry]) -> tuple[dict[str, PublicKey], dict[str, Holder]]:
    """The keys that these entries give out."""
    keys: dict[str, PublicKey] = {}
    holders: dict[str, Holder] = {}
    for number, entry in enumerate(granting):
        if number and entry.index <= granting[number - 1].index:
            raise ProofError("keys are shown in the order of their entries, each once", index=entry.index)
        given = given_key(entry)
        if given is None or given[0].keyid in keys:
            raise ProofError("gives out no key, or one shown before", index=entry.index)
        key, holder = given
        keys[key.keyid], holders[key.keyid] = key, holder
    return keys, holders


def given_key(entry: Entry) -> tuple[PublicKey, Holder] | None:
    """The key that an entry gives out, and to whom; None if it gives out none."""
    try:
        body = parse_body(entry.statement.kind, entry.statement.body)
        match body:
            case LedgerOpened() if entry.index == 0:
                return PublicKey.from_base64(body.operator_key), Holder(0, "operator", "*", None)
            case KeyGranted():
                holder = Holder(entry.index, body.role, body.scope, body.holder)
                return PublicKey.from_base64(body.public_key), holder
    except (BodyError, UnknownKind, KeyInvalid):
        pass
    return None


def _check_signatures(entry: Entry, keys: Mapping[str, PublicKey], holders: Mapping[str, Holder]) -> set[str]:
    """Every signature verifies under a key shown that was given out before; their key ids."""
    message = log.statement.pae(entries.statement_bytes(entry.data))
    for keyid, signature in entry.signatures:
        if keyid not in keys or holders[keyid].entry >= entry.index > 0:
            raise ProofError(
                "is signed by key {keyid}…, which no entry shown gave out before",
                keyid=keyid[:16],
                index=entry.index,
            )
        if not keys[keyid].verify(signature, message):
            raise ProofError(
                "the signature of key {keyid}… does not verify", keyid=keyid[:16], index=entry.index
            )
    return {keyid for keyid, _ in entry.signatures}


def _base64(raw: bytes) -> str:
    return b64encode(raw).decode()


def _bytes(text: str, at: int) -> bytes:
    """The bytes of the one spelling that base64 has here."""
    try:
        raw = b64decode(text, validate=True)
    except (NoBase64, ValueError):
        raw = b""
    if not raw or _base64(raw) != text:
        raise ProofError("line {at} is not padded base64 of the standard alphabet", at=at + 1)
    return raw
