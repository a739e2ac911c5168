"""The signatures of the statements of one append: by which keys they are, and which of them do not verify.

    with signatures.checking(envelopes, tail.facts, size) as check:
        …                                       # many signatures are being verified meanwhile
        refused = check.refused(stated)         # error by place of the envelope

A signature needs the bytes and the key, not the meaning of the statement. So of many the verification begins before
anything is parsed, in other processes (`workers`), and goes on while the statements are judged; `refused` waits for
it. Whoever judges first must be ready to throw away what came of it. Whose key it is and what it may say is
`authority`'s affair.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from ledger import log
from ledger.custody.facts import Facts
from ledger.custody.touching import Touched
from ledger.errors import KeyInvalid, LedgerError, NotAuthorised, SignatureInvalid
from ledger.log import Envelope, PublicKey
from ledger.log.canonical import MAX_BYTES
from ledger.workers.crew import LARGE, Crew
from ledger.workers.worker import Batch, Job, Verifier


class Signatures:
    """What is kept from one append to the next: the granted keys met so far, and the workers.

    A key that a statement brings in itself is not kept: anybody can send such statements without end.
    """

    def __init__(self, crew: Crew) -> None:
        self._crew = crew
        self._keys: dict[str, PublicKey] = {}

    def close(self) -> None:
        self._crew.close()

    @contextmanager
    def checking(self, envelopes: Sequence[Envelope], facts: Facts, size: int) -> Iterator[Checking]:
        """Look up keys in the facts of a ledger of `size` entries, and begin. Raises: LedgerError if a worker dies."""
        wanted = {sig.keyid for envelope in envelopes for sig in envelope.signatures} - self._keys.keys()
        facts.prefetch(Touched(keyids=set(wanted)))
        grants = [grant for keyid in wanted if (grant := facts.grant(keyid, size)) is not None]
        self._keys |= _keys_of(wanted, [grant.public_key for grant in grants])
        known, later = _Jobs(self._keys), []
        for place, envelope in enumerate(envelopes):
            # A payload too long to be a statement will not be asked about.
            if len(envelope.payload) > MAX_BYTES or any(sig.keyid in wanted for sig in envelope.signatures):
                later.append(place)
            else:
                known.take(place, envelope)
        with self._crew.verifying(known.batch) as finish:

            def refused(stated: Mapping[int, Sequence[str]]) -> dict[int, LedgerError]:
                brought = _keys_of(wanted, [text for texts in stated.values() for text in texts])
                rest = _Jobs(ChainMap(brought, self._keys))
                found: dict[int, LedgerError] = {}
                for place in later:
                    if place in stated and (keyid := rest.take(place, envelopes[place])):
                        found[place] = _unknown_key(keyid)
                found |= known.faults(finish())
                found |= rest.faults(Verifier().verified(rest.batch)[1])
                return {place: error for place, error in found.items() if place in stated}

            yield Checking(refused, takes_long=len(known.jobs) >= LARGE)


class Checking(NamedTuple):
    """Signatures that are being verified."""

    refused: Callable[[Mapping[int, Sequence[str]]], dict[int, LedgerError]]
    """Asked once, with the public keys that each well-formed statement itself brings in, by place of its envelope:
    the error of each that is by an unknown key or does not verify.
    """
    takes_long: bool
    """Whether there is time for something else before `refused` is asked for."""


class _Jobs:
    """Signatures to verify, each with the place of its envelope."""

    def __init__(self, keys: Mapping[str, PublicKey]) -> None:
        self._keys = keys
        self._numbers: dict[str, int] = {}
        self._origins: list[tuple[int, str]] = []
        self.jobs: list[Job] = []

    def take(self, place: int, envelope: Envelope) -> str | None:
        """Take an envelope's signatures, up to the first whose key is not known: its id is the answer then."""
        message = log.statement.pae(envelope.payload)
        for keyid, signature in envelope.signatures:
            if keyid not in self._keys:
                return keyid
            self.jobs.append((self._numbers.setdefault(keyid, len(self._numbers)), signature, message))
            self._origins.append((place, keyid))
        return None

    @property
    def batch(self) -> Batch:
        return [self._keys[keyid].spki for keyid in self._numbers], self.jobs

    def faults(self, bad: Iterable[int]) -> dict[int, LedgerError]:
        """The error of each envelope that one of these jobs belongs to."""
        return {place: _does_not_verify(keyid) for place, keyid in (self._origins[job] for job in bad)}


def _keys_of(wanted: set[str], texts: Iterable[str]) -> dict[str, PublicKey]:
    """The keys of those texts that are wanted, which are no longer wanted then."""
    found: dict[str, PublicKey] = {}
    for text in texts:
        try:
            key = PublicKey.from_base64(text)
        except KeyInvalid:
            continue  # judged, and refused with its field, when its own statement is
        if key.keyid in wanted:
            found[key.keyid] = key
            wanted.remove(key.keyid)
    return found


def _unknown_key(keyid: str) -> NotAuthorised:
    return NotAuthorised(
        "key {keyid}… is not known here: an operator grants it with `custody key grant`",
        keyid=keyid[:16],
        field="signatures",
    )


def _does_not_verify(keyid: str) -> SignatureInvalid:
    return SignatureInvalid(
        "the signature of key {keyid}… does not verify: sign the canonical statement bytes again",
        keyid=keyid[:16],
        field="signatures",
    )
