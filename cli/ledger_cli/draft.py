"""One statement in the making: from options to a receipt.

    with Draft(frame) as draft:
        merchant = draft.merchant(merchant)
        body = draft.body({"place": place, "who": draft.seal("who", who)})
        draft.record("disinfection.logged", merchant, body)

The ledger is read as it is now, and its head is the `seen` of the statement. Sealed values and attachments are put
beside the ledger before the statement goes in, so that neither can be lost; of a refused statement the sealed values
are erased.
"""

from __future__ import annotations

import hashlib
import mimetypes
import os
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import typer

from ledger.custody import admission
from ledger.custody.authoring import Author, seen_of, signing_keys
from ledger.custody.batch import Receipt
from ledger.errors import LedgerError, NotAuthorised, SourceError, StoreError, UsageError
from ledger.exchange.answers.receipts import as_json as receipt_json
from ledger.log import Envelope, PrivateKey, Seen, Signature, canonical, sealed, statement
from ledger.messages import Message
from ledger_cli import inputs, receipts, show
from ledger_cli.boundary import REFUSED, described, report, said
from ledger_cli.frame import Frame, now_ms
from ledger_cli.language import _
from ledger_cli.present import Present
from ledger_cli.reasons import why
from ledger_schemas import body_warnings

LARGEST_FILE = 1 << 28


class Draft(Present):
    """See the module docstring."""

    def __init__(self, frame: Frame) -> None:
        super().__init__(frame)
        self._disclosures: list[str] = []
        self._files: list[bytes] = []
        self._secrets: list[tuple[str, str]] = []
        self._unlocked: dict[str, PrivateKey] = {}

    # ------------------------------------------------------------------ what goes beside the ledger

    def seal(self, name: str, value: str | None) -> dict[str, str] | None:
        """A personal value as its digest; the disclosure is kept beside the ledger when the statement is recorded."""
        if value is None:
            return None
        disclosure = sealed.disclose(name, value, os.urandom(16))
        self._disclosures.append(disclosure.text)
        return {"sealed": disclosure.digest}

    def attach(self, path: Path, option: str) -> dict[str, Any]:
        """A file as an attachment; it is stored under its digest when the statement is recorded."""
        data = _contents(path, option)
        self._files.append(data)
        media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        digest = hashlib.sha256(data).hexdigest()
        return {"bytes": len(data), "media_type": media_type, "name": path.name, "sha256": digest}

    def digest(self, path: Path, option: str) -> str:
        """The SHA-256 of a file that is not kept."""
        return hashlib.sha256(_contents(path, option)).hexdigest()

    def attachments(
        self, paths: Sequence[Path] | None, option: str = "--attach"
    ) -> list[dict[str, Any]] | None:
        return [self.attach(path, option) for path in paths] if paths else None

    def body(self, flags: Mapping[str, Any]) -> inputs.Json:
        """The body of --body, with what the options say put over it."""
        source = self.frame.recording.body
        return inputs.merged(inputs.load(source) if source else {}, flags)

    def keep_secret(self, announcement: str) -> str:
        """A fresh secret of 32 bytes, kept beside the keys under the id of its announcement once that is stated."""
        made = secrets.token_hex(32)
        self._secrets.append((announcement, made))
        return made

    # ------------------------------------------------------------------ stating

    def record(
        self,
        kind: str,
        merchant: str | None,
        body: inputs.Json,
        *,
        grid: str | None = None,
        prefer: Sequence[str] = (),
        batches: Sequence[str] = (),
        more: Mapping[str, Any] | None = None,
        id: str | None = None,
        seen: Seen | None = None,
        occurred_at: str | None = None,
    ) -> Receipt | None:
        """Sign and append, or do what --dry-run and --out ask for instead, and show the outcome.

        `grid`: where a merchant is about to be enrolled; `prefer`: key ids that go before others when nobody chose;
        `more`: members to add to the answer in JSON; `seen`: an earlier checkpoint than the newest; `occurred_at`: when
        it happened, unless --occurred-at says so. Gives the receipt if it was recorded.
        """
        options = self.frame.recording
        for problem in body_warnings(admission.checked_body(kind, body)):
            self.frame.note(_("Note: {text}", text=f"{problem.field}: {said(problem)}"))
        names = self._signers(kind, merchant, grid, prefer)
        author = Author(self.ledger.store.origin, [], clock=now_ms, randomness=os.urandom)
        payload = author.compose(
            kind,
            merchant,
            body,
            seen=seen or seen_of(self.head),
            occurred_at=inputs.instant(options.occurred_at, "--occurred-at") or occurred_at,
            id=id,
        )
        if options.dry_run:
            self._rehearse(payload, names)
            return None
        envelope = statement.sign(payload, self.unlocked(names))
        if options.out is not None:
            self._write_out(envelope, options.out)
            return None
        return self._append(
            envelope, kind, {"kind": kind, "merchant": merchant, "batches": list(batches), **(more or {})}
        )

    def _signers(self, kind: str, merchant: str | None, grid: str | None, prefer: Sequence[str]) -> list[str]:
        """Names of the keys that sign: those given, or the only one here that may. Raises: NotAuthorised."""
        given = self.frame.recording.keys
        if given:
            for name in given:
                self.frame.home.keyring.public(name)
            return list(dict.fromkeys(given))
        able = set(
            signing_keys(
                self.facts, self.keyids.values(), kind=kind, merchant=merchant, as_of=self.as_of, grid=grid
            )
        )
        able = able & set(prefer) or able
        names = [name for name, keyid in self.keyids.items() if keyid in able]
        if len(names) == 1:
            return names
        about = Message(" about {merchant}", merchant=merchant) if merchant else ""
        if names:
            raise UsageError(
                "{names} may all state {kind}{about}: choose with --key, twice for two officers",
                names=", ".join(names),
                kind=kind,
                about=about,
                field="--key",
            )
        here = ", ".join(self.keyids) or Message("none")
        raise NotAuthorised(
            "no key in this folder may state {kind}{about} (keys: {here}): {remedy}",
            kind=kind,
            about=about,
            here=here,
            remedy=_remedy(kind, merchant),
            field="signatures",
        )

    def signing(self, kind: str, merchant: str) -> list[PrivateKey]:
        """The unlocked keys that `record` would sign with."""
        return [self._key(name) for name in self._signers(kind, merchant, None, ())]

    def unlocked(self, names: Sequence[str]) -> list[PrivateKey]:
        """The keys of these names, each once."""
        return [self._key(name) for name in dict.fromkeys(names)]

    def _key(self, name: str) -> PrivateKey:
        if name not in self._unlocked:  # unlocking takes as long as it does on purpose
            self._unlocked[name] = self.frame.home.key(name, self.frame.passphrase)
        return self._unlocked[name]

    def _rehearse(self, payload: bytes, names: Sequence[str]) -> None:
        """Show the statement, and what the ledger would answer. Leaves with 1 if it would refuse."""
        parsed = statement.parse_statement(payload)
        signatures = tuple(Signature(keyid, b"") for keyid in sorted(self.keyids[name] for name in names))
        refusal: LedgerError | None = None
        try:
            admission.judge(
                self.facts,
                self.ledger.setting,
                admission.Candidate.of(parsed, signatures),
                index=self.as_of,
                recorded_ms=max(now_ms(), self.head.recorded_at_ms),
                root_at=self.ledger.tree(self.as_of).root_at,
            )
        except LedgerError as error:
            refusal = error
        shown = canonical.decode(payload)
        verdict = {"code": refusal.code, **described(refusal)} if refusal else None
        self.frame.answer(
            {
                "status": "would_be_refused" if refusal else "would_be_accepted",
                "statement": shown,
                "error": verdict,
            },
            lambda: show.print_line(inputs.pretty(shown)),
        )
        if refusal:
            if not self.frame.json:
                report(refusal, as_json=False)
            raise typer.Exit(REFUSED)
        self.frame.note(_("Would be taken in; nothing was recorded. Keys: {names}", names=", ".join(names)))

    def _write_out(self, envelope: Envelope, path: Path) -> None:
        """Add the envelope as a line to a file."""
        self._keep()
        line = statement.encode_envelope(envelope) + b"\n"
        stated = statement.parse_statement(envelope.payload).id
        if str(path) == "-":
            typer.echo(line, nl=False)
            return
        with path.open("ab") as file:
            file.write(line)
        self.frame.answer(
            {"status": "written", "id": stated, "file": str(path)},
            lambda: show.print_line(
                _(
                    "Written to {path}: {id}. Take it in with: {command}",
                    path=path,
                    id=stated,
                    command=f"custody submit {path}",
                )
            ),
        )

    def _append(self, envelope: Envelope, kind: str, about: Mapping[str, Any]) -> Receipt:
        with self.frame.writing() as ledger:
            self._keep()
            try:
                (answer,) = ledger.append([envelope])
            except StoreError:
                self._forget()
                raise
        if not isinstance(answer, Receipt):
            self._forget()
            for name, _ in self._secrets:  # kept when the commit failed: better one too many than one lost
                self.frame.home.secrets.remove(name)
            report(answer, as_json=self.frame.json)
            raise typer.Exit(REFUSED)
        self.frame.answer(
            {**receipt_json(answer), **about},
            lambda: receipts.for_people(answer, kind=kind, batches=about["batches"]),
        )
        return answer

    def _keep(self) -> None:
        home = self.frame.home
        for name, secret in self._secrets:
            home.secrets.put(name, secret)
        for data in self._files:
            home.blobs.put(data)
        if self._disclosures:
            with home.disclosures as disclosures:
                for text in self._disclosures:
                    disclosures.put(text)

    def _forget(self) -> None:
        if self._disclosures:
            with self.frame.home.disclosures as disclosures:
                for text in self._disclosures:
                    disclosures.erase(sealed.digest(text))


def _contents(path: Path, option: str) -> bytes:
    try:
        return inputs.contents(path, LARGEST_FILE, option)
    except OSError as error:
        raise SourceError(
            "{path} cannot be read: {reason}",
            path=path,
            reason=why(error),
            field=option,
        ) from error


def _remedy(kind: str, merchant: str | None) -> Message:
    """What to do when no key may state this."""
    from ledger.custody.rules import RULES

    roles = sorted(RULES[kind].by)
    scope = merchant if merchant and "merchant" in roles else "…"
    role = "merchant" if "merchant" in roles else "|".join(roles)
    return Message(
        "make one with `custody key new NAME`, and let an operator grant it with {command}",
        command=f"`custody key grant NAME --role {role} --scope {scope}`",
    )
