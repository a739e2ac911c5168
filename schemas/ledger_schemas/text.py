"""Kinds of text that fields are made of: plain text, codes, days, instants, digests, keys.

All of them stay `str`, exactly as typed, and are checked by one pattern each inside pydantic-core: no
Python runs for a good value. Even the calendar is in the pattern, so 2022-02-30 is refused there.
Identifiers of the trade with check digits are in `identifiers`, quantities in `quantities`.
"""

import re
from datetime import date
from typing import Annotated

from ledger_schemas.words import Label, shaped

BLANK = (
    r"\t\u0020\u00a0\u00ad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f"
    r"\u2800\u3000\u3164\ue000-\uf8ff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
)
"""Characters that show nothing, or not the same to everybody (private use), for a character class."""

_CONTROL = r"\u0000-\u0008\u000b-\u001f\u007f-\u009f"
"""Control characters other than tab and newline."""

LETTER = (
    r"A-Za-z_\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02af\u0386-\u03ff\u0400-\u0481\u048a-\u052f\u1e00-\u1eff"
    r"\u3041-\u3096\u30a1-\u30fa\u30fc\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3"
)
"""Letters of Latin, Greek, Cyrillic, Japanese, Han and Korean: `\\w` is another set in each engine."""


def _why_not_text(text: str) -> Label:
    control = re.search(f"[{_CONTROL}]", text)
    if control:
        code = f"U+{ord(control[0]):04X}"
        return Label(f"含有控制字符 {code}，请删除", f"contains the control character {code}: remove it")
    if not re.search(f"[^{BLANK}\n]", text):
        return Label("只有空白，请填写内容", "is only blanks: enter text")
    return Label("只能写一行，请去掉换行", "must be a single line: remove the line break")


TEXT = rf"^[{BLANK}]*[^{BLANK}\n{_CONTROL}][^\n{_CONTROL}]*$"
LONG_TEXT = rf"^[{BLANK}\n]*[^{BLANK}\n{_CONTROL}][^{_CONTROL}]*$"
Text = Annotated[str, shaped(TEXT, _why_not_text, max_length=200)]
"""One line of 1 to 200 characters, not only blanks."""
LongText = Annotated[str, shaped(LONG_TEXT, _why_not_text, max_length=2000)]
"""1 to 2000 characters, line breaks allowed, not only blanks."""

_LEAP_DAY = r"(?:(?:19|20|21)(?:0[48]|[2468][048]|[13579][26])|2000)-02-29"
_DATE = (
    r"(?:(?:19|20|21)[0-9]{2}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])"
    r"|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8]))"
    rf"|{_LEAP_DAY})"
)
"""Days of the calendar from 1900 to 2199. Of the years divisible by 100 only 2000 is a leap year."""
_TIME = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,9})?"
_OFFSET = r"(?:Z|[+\-](?:[01][0-9]|2[0-3]):[0-5][0-9])"

DAY = rf"^{_DATE}$"
INSTANT = rf"^{_DATE}T{_TIME}{_OFFSET}$"


def _why_not_day(text: str) -> Label:
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return Label(f"{text} 不是日历上的一天", f"{text} is not a day of the calendar between 1900 and 2199")
    return Label(
        "须按年-月-日填写，例如 2022-07-01", "must be a day written YYYY-MM-DD, for example 2022-07-01"
    )


def _why_not_instant(text: str) -> Label:
    if text[10:11] == "T" and not re.fullmatch(_DATE, text[:10]):
        return _why_not_day(text[:10])
    if re.fullmatch(rf"{_DATE}T{_TIME}", text):
        return Label("缺少时区，请在末尾加 +08:00", "has no UTC offset: add +08:00 at the end, or Z for UTC")
    example = "2022-07-01T08:15:00+08:00"
    return Label(
        f"须写明日期、时间和时区，例如 {example}", f"must be date, time and UTC offset, for example {example}"
    )


Day = Annotated[str, shaped(DAY, _why_not_day)]
"""A day of the calendar, ``2022-07-01``. Two of them compare as text."""
Instant = Annotated[str, shaped(INSTANT, _why_not_instant)]
"""RFC 3339 date and time with the author's own UTC offset, no leap second."""

_LONG_YEARS = "|".join(str(year) for year in range(1900, 2200) if date(year, 12, 28).isocalendar().week == 53)
"""Years with a 53rd week. 28 December is always in the last week of its ISO year."""
ISO_WEEK = rf"^(?:(?:19|20|21)[0-9]{{2}}-W(?:0[1-9]|[1-4][0-9]|5[0-2])|(?:{_LONG_YEARS})-W53)$"


def _why_not_week(text: str) -> Label:
    if re.fullmatch(r"[0-9]{4}-W[0-9]{2}", text):
        return Label(
            f"{text} 不是日历上的一周", f"{text} is not a week of the calendar between 1900 and 2199"
        )
    return Label(
        "须按年份和周次填写，例如 2026-W48", "must be an ISO week written YYYY-Www, for example 2026-W48"
    )


IsoWeek = Annotated[str, shaped(ISO_WEEK, _why_not_week)]
"""A week from Monday to Sunday, ``2026-W48``. ``2026-W53`` is one, ``2027-W53`` is not."""

CELSIUS = r"^-?(?:0|[1-9][0-9]?|1[0-9]{2})(?:\.[0-9]{1,2})?$"
Celsius = Annotated[
    str,
    shaped(
        CELSIUS,
        Label(
            "必须是摄氏度，最多两位小数，例如 -18.5",
            'must be degrees Celsius between -200 and 200 with at most two decimals, for example "-18.5"',
        ),
    ),
]
"""A temperature as decimal text in ℃."""

SHA256 = r"^[0-9a-f]{64}$"
Sha256 = Annotated[
    str,
    shaped(
        SHA256,
        Label("必须是 64 位小写十六进制", "must be 64 lower-case hex digits"),
    ),
]
Secret = Sha256
"""32 random bytes, written as a digest is: their SHA-256 may be shown before they are."""
SEALED = r"^[A-Za-z0-9_\-]{42}[AEIMQUYcgkosw048]$"
SealedDigest = Annotated[
    str,
    shaped(
        SEALED,
        Label(
            "必须是 43 位 base64url 的披露摘要",
            "must be the base64url SHA-256 of a disclosure: 43 characters without padding",
        ),
    ),
]
UUID7 = r"^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"
StatementId = Annotated[
    str,
    shaped(
        UUID7,
        Label(
            "必须是小写的 UUIDv7 记录号", "must be the id of a statement: a UUIDv7 in lower case with hyphens"
        ),
    ),
]
_KEY = Label(
    "必须是 Ed25519 或 P-256 公钥（SubjectPublicKeyInfo，base64）",
    "must be an Ed25519 or P-256 public key: base64 of its DER SubjectPublicKeyInfo",
)
# RFC 8410 section 4: 12 bytes of prefix (16 characters), 32 of key; the last character has two spare bits.
_ED25519 = r"MCowBQYDK2VwAyEA[A-Za-z0-9+\/]{42}[AEIMQUYcgkosw048]="
# RFC 5480 section 2: 26 bytes of prefix and the 04 of an uncompressed point (36 characters), then 64 bytes.
_P256 = r"MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE[A-Za-z0-9+\/]{85}[AQgw]=="
PublicKey = Annotated[str, shaped(rf"^(?:{_ED25519}|{_P256})$", _KEY)]
"""Base64 of a DER SubjectPublicKeyInfo. Whether the point is on the curve is for the ledger to say."""
LogKey = Annotated[
    str,
    shaped(
        rf"^{_ED25519}$",
        Label(
            "必须是 Ed25519 公钥（base64）",
            "must be an Ed25519 public key: base64 of its SubjectPublicKeyInfo",
        ),
    ),
]

CODE_CHARACTERS = r"[A-Za-z0-9][A-Za-z0-9_.\-]{0,63}"
Code = Annotated[
    str,
    shaped(
        rf"^{CODE_CHARACTERS}$",
        Label(
            "只能用字母、数字、点、横线和下划线，最多 64 个",
            "must be 1 to 64 letters, digits, dots, hyphens or underscores, beginning with a letter or digit",
        ),
    ),
]
"""A short name for programs: of a rule set, an item, a question."""
ZoneCode = Annotated[
    str,
    shaped(
        rf"^[0-9{LETTER}.:#\(\)+\-]{{1,64}}$",
        Label(
            "只能用文字、数字和 . : # ( ) + -，不能有空格，最多 64 个",
            "must be 1 to 64 letters, digits or . : # ( ) + - without blanks",
        ),
    ),
]
"""A storage zone or counter, as it is written on the door: ``冷柜-2``."""
_GRID = rf"[0-9{LETTER}\-]{{1,40}}(?:\/[0-9{LETTER}\-]{{1,40}}){{0,5}}"
GridPath = Annotated[
    str,
    shaped(
        rf"^{_GRID}$",
        Label(
            "须按级填写，用 / 分开，例如 erligang/3/07",
            "must be a grid path with its levels apart by /, for example erligang/3/07",
        ),
    ),
]
"""A place in the grid of supervision: street office, second-level grid, third-level grid."""
GridScope = Annotated[
    str,
    shaped(
        rf"^(?:\*|{_GRID})$",
        Label(
            "须填 * 或网格，按级用 / 分开，例如 erligang/3",
            "must be * or a grid path with its levels apart by /, for example erligang/3",
        ),
    ),
]
"""A grid with all below it, or ``*`` for all grids."""
Jurisdiction = Annotated[
    str,
    shaped(
        r"^[A-Z]{2}(?:-[0-9A-Z]{1,12}){0,3}$",
        Label(
            "须为地区代码，例如 CN-HA", "must be a place code such as CN, CN-HA (ISO 3166-2) or CN-HA-410104"
        ),
    ),
]
FileName = Annotated[
    str,
    shaped(
        rf"^[^.\/\\{BLANK}\n{_CONTROL}][^\/\\\n{_CONTROL}]*$",
        Label(
            "不能含斜杠，不能以点或空格开头",
            "must have no slashes and must not begin with a dot or a blank",
        ),
        max_length=200,
    ),
]
MediaType = Annotated[
    str,
    shaped(
        r"^[a-z]{1,40}\/[a-z0-9][a-z0-9.+\-]{0,80}$",
        Label(
            "须写成 image/jpeg 或 application/pdf 的样子",
            "must be written like image/jpeg or application/pdf",
        ),
    ),
]


def centi(temperature: str) -> int:
    """Hundredths of a degree of a `Celsius` text: ``centi("-18.5") == -1850``."""
    whole, _, fraction = temperature.partition(".")
    return int(whole + fraction.ljust(2, "0"))
