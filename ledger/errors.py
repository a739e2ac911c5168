"""Everything that can go wrong, as one tree.

    LedgerError
    ├── FormatError            bytes that are not what the format says
    │   ├── EncodingError      JSON: not canonical, not in the profile, too long
    │   ├── EnvelopeError      DSSE envelope or statement fields
    │   ├── EntryError         entry fields
    │   ├── NoteError          signed note, checkpoint, verifier key
    │   ├── ProofError         inclusion, consistency, tlog-proof
    │   ├── TileError          hash tile, entry bundle, tile path
    │   └── KeyInvalid         public or private key, passphrase
    ├── Refused                a statement the ledger does not take in
    │   ├── SignatureInvalid   a signature does not verify
    │   ├── NotAuthorised      unknown or revoked key, or not for this kind or merchant
    │   ├── BodyInvalid        the body is not what its kind asks for
    │   ├── Conflict           the id, batch, rule set or key stands already with other content
    │   ├── WrongLedger        meant for another ledger
    │   ├── SeenMismatch       `seen` is not part of this history
    │   ├── TimeRefused        in the future, or before the ledger accepts records
    │   ├── UnknownReference   names a merchant, batch, statement or rule set that is not there
    │   ├── FindingsDiffer     a check whose findings are not those of ledger and observation
    │   └── CustodyRefused     more than is held, not handed over to you, mixed units …
    ├── StoreError             the database
    │   ├── NotALedger         nothing there, or something else
    │   ├── StoreExists        there is a ledger already
    │   ├── StoreTooNew        written by a newer program
    │   ├── StoreTooOld        written by an older program, in a layout given up
    │   ├── StoreBusy          locked by another process for too long
    │   ├── StoreFull          no space left
    │   ├── StoreReadOnly      no permission to read or write
    │   └── StoreCorrupt       the database file itself is damaged
    ├── SourceError            a bundle, zip or URL that cannot be read
    ├── SheetError             a spreadsheet, mapping or row that cannot be read
    ├── PictureError           a picture that cannot be read, or is too large
    └── UsageError             a request that makes no sense: unknown merchant, index out of range

An error says what is wrong, where (field, entry index, row) and what to do next. Showing it is the front
door's work: nothing here prints.

>>> str(Refused("batch B-7 is not held", field="lines[0].batch"))
'lines[0].batch: batch B-7 is not held'
"""

from __future__ import annotations

from ledger.messages import Message, message


class LedgerError(Exception):
    """What is wrong and what to do, with the place: `field` (such as ``lines[0].batch``), `index` (entry), `row`.

    The text is a template and its values (`Message`), so that a front door can say it in the reader's language.
    """

    title = Message("Error")

    def __init__(
        self,
        text: str,
        /,
        *,
        field: str | None = None,
        index: int | None = None,
        row: int | None = None,
        **values: object,
    ) -> None:
        self.message = Message(text, **values) if values else message(text)
        super().__init__(self.message)
        self.field = field
        self.index = index
        self.row = row

    def __str__(self) -> str:
        return self.placed

    @property
    def placed(self) -> Message:
        """The message behind its place."""
        said = self.message
        if self.field:
            said = Message("{place}: {problem}", place=self.field, problem=said)
        if self.index is not None:
            said = Message(_JOINED[bool(self.field)], number=self.index, problem=said)
        if self.row is not None:
            said = Message(_ROWS[said is not self.message], number=self.row, problem=said)
        return said

    @property
    def code(self) -> str:
        """The stable name programs match on: the class name."""
        return type(self).__name__


_JOINED = Message("entry {number}: {problem}"), Message("entry {number}, {problem}")
_ROWS = Message("row {number}: {problem}"), Message("row {number}, {problem}")


class FormatError(LedgerError):
    title = Message("Not the format")


class EncodingError(FormatError):
    title = Message("Not canonical")


class EnvelopeError(FormatError):
    title = Message("Not an envelope")


class EntryError(FormatError):
    title = Message("Not an entry")


class NoteError(FormatError):
    title = Message("Not a signed note")


class ProofError(FormatError):
    title = Message("Proof not valid")


class TileError(FormatError):
    title = Message("Not a tile")


class KeyInvalid(FormatError):
    title = Message("Key not valid")


class Refused(LedgerError):
    title = Message("Not taken in")


class SignatureInvalid(Refused):
    title = Message("Signature not valid")


class NotAuthorised(Refused):
    title = Message("Not authorised")


class BodyInvalid(Refused):
    title = Message("Not what is asked for")


class Conflict(Refused):
    title = Message("Conflict")


class WrongLedger(Refused):
    title = Message("For another ledger")


class SeenMismatch(Refused):
    title = Message("Another history was seen")


class TimeRefused(Refused):
    title = Message("Time not possible")


class UnknownReference(Refused):
    title = Message("Not there")


class CustodyRefused(Refused):
    title = Message("Against the rules")


class FindingsDiffer(Refused):
    title = Message("Findings differ")


class StoreError(LedgerError):
    title = Message("Database")


class NotALedger(StoreError):
    title = Message("Not a ledger")


class StoreExists(StoreError):
    title = Message("There is a ledger")


class StoreTooNew(StoreError):
    title = Message("Ledger too new")


class StoreTooOld(StoreError):
    title = Message("Ledger too old")


class StoreBusy(StoreError):
    title = Message("Ledger busy")


class StoreFull(StoreError):
    title = Message("Disk full")


class StoreReadOnly(StoreError):
    title = Message("No permission")


class StoreCorrupt(StoreError):
    title = Message("Database damaged")


class SourceError(LedgerError):
    title = Message("Cannot be read")


class SheetError(LedgerError):
    title = Message("Spreadsheet")


class PictureError(LedgerError):
    zh = "图片无法读取"


class UsageError(LedgerError):
    title = Message("Usage")
