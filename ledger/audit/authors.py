"""Signatures of statements, by the keys that the ledger has granted: the check `statement_signature`.

    authors = AuthorChecks(checks, outcome, facts)
    authors.check(1041, entry)

What it does: finds the key of each signature, and what was signed inside the entry's bytes. What it leaves to
others: the arithmetic (`signatures`), and what the key may say (`judging`).
"""

from __future__ import annotations

from typing import Final

from ledger.audit.outcome import Outcome
from ledger.audit.signatures import Place, SignatureChecks
from ledger.custody.facts import Facts
from ledger.log.entry import Entry, statement_bytes
from ledger.log.keys import PublicKey
from ledger.log.statement import pae
from ledger.messages import Message

_REMEMBERED: Final = 8_192


class AuthorChecks:
    """See the module docstring."""

    def __init__(self, checks: SignatureChecks, outcome: Outcome, facts: Facts) -> None:
        self._checks = checks
        self._outcome = outcome
        self._facts = facts
        self._keys: dict[
            str, tuple[bytes, Message]
        ] = {}  # SubjectPublicKeyInfo, and how to name a signature by it

    def check(self, index: int, entry: Entry) -> None:
        """Send the signatures of an entry to be verified. Its facts have been taken in: entry 0 grants its own key."""
        message = pae(statement_bytes(entry.data))
        for keyid, signature in entry.signatures:
            known = self._keys.get(keyid) or self._granted(keyid, index)
            if known is None:
                self._outcome.looked("statement_signature")
                self._outcome.fault(
                    "statement_signature",
                    index,
                    Message("is signed by key {keyid}, which the ledger does not know there", keyid=keyid),
                )
            else:
                spki, name = known
                self._checks.submit(spki, signature, message, Place("statement_signature", index, name))

    def _granted(self, keyid: str, index: int) -> tuple[bytes, Message] | None:
        grant = self._facts.grant(keyid, index + 1)
        if grant is None:
            return None
        if len(self._keys) >= _REMEMBERED:
            self._keys.clear()
        spki = PublicKey.from_base64(grant.public_key).spki
        found = self._keys[keyid] = (
            spki,
            Message("the signature by key {keyid} does not verify", keyid=keyid),
        )
        return found
