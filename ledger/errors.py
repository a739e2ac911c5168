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


class LedgerError(Exception):
    """What is wrong and what to do, with the place: `field` (such as ``lines[0].batch``), `index` (entry), `row`."""

    zh = "错误"

    def __init__(
        self, message: str, *, field: str | None = None, index: int | None = None, row: int | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.index = index
        self.row = row

    def __str__(self) -> str:
        where = [
            text
            for text in (
                None if self.row is None else f"row {self.row}",
                None if self.index is None else f"entry {self.index}",
                self.field,
            )
            if text
        ]
        return f"{', '.join(where)}: {self.message}" if where else self.message

    @property
    def code(self) -> str:
        """The stable name programs match on: the class name."""
        return type(self).__name__


class FormatError(LedgerError):
    zh = "格式错误"


class EncodingError(FormatError):
    zh = "编码不规范"


class EnvelopeError(FormatError):
    zh = "签名信封格式错误"


class EntryError(FormatError):
    zh = "条目格式错误"


class NoteError(FormatError):
    zh = "检查点签名无效"


class ProofError(FormatError):
    zh = "证明无效"


class TileError(FormatError):
    zh = "数据块错误"


class KeyInvalid(FormatError):
    zh = "密钥无效"


class Refused(LedgerError):
    zh = "拒绝入账"


class SignatureInvalid(Refused):
    zh = "签名无效"


class NotAuthorised(Refused):
    zh = "无权记录"


class BodyInvalid(Refused):
    zh = "内容不合要求"


class Conflict(Refused):
    zh = "编号已被使用"


class WrongLedger(Refused):
    zh = "不属于本台账"


class SeenMismatch(Refused):
    zh = "所见台账与本台账不符"


class TimeRefused(Refused):
    zh = "时间不合理"


class UnknownReference(Refused):
    zh = "引用的对象不存在"


class CustodyRefused(Refused):
    zh = "不符合规定"


class FindingsDiffer(Refused):
    zh = "检查发现与台账不符"


class StoreError(LedgerError):
    zh = "数据库错误"


class NotALedger(StoreError):
    zh = "不是台账"


class StoreExists(StoreError):
    zh = "台账已存在"


class StoreTooNew(StoreError):
    zh = "台账版本过新"


class StoreTooOld(StoreError):
    zh = "台账版本过旧"


class StoreBusy(StoreError):
    zh = "台账正被占用"


class StoreFull(StoreError):
    zh = "磁盘空间不足"


class StoreReadOnly(StoreError):
    zh = "没有读写权限"


class StoreCorrupt(StoreError):
    zh = "数据库文件损坏"


class SourceError(LedgerError):
    zh = "无法读取"


class SheetError(LedgerError):
    zh = "表格错误"


class PictureError(LedgerError):
    zh = "图片无法读取"


class UsageError(LedgerError):
    zh = "用法错误"
