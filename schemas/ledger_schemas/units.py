"""Units of measure and packages: readable names, codes, and labels in both languages.

Codes are those of UN/ECE Recommendation 20. Packages have the codes of Recommendation 21 with an X in
front, the form in which electronic invoices (EN 16931) mix the two lists.

    >>> REC20["carton"], UNIT_LABELS["carton"].zh
    ('XCT', '纸箱')
"""

from typing import Annotated, Literal, NamedTuple

from ledger_schemas.words import Choice, Label


class _Unit(NamedTuple):
    code: str
    zh: str
    en: str


_UNITS: dict[str, _Unit] = {
    "kg": _Unit("KGM", "千克", "kilogram"),
    "g": _Unit("GRM", "克", "gram"),
    "t": _Unit("TNE", "吨", "tonne"),
    "l": _Unit("LTR", "升", "litre"),
    "ml": _Unit("MLT", "毫升", "millilitre"),
    "m3": _Unit("MTQ", "立方米", "cubic metre"),
    "m": _Unit("MTR", "米", "metre"),
    "piece": _Unit("H87", "件", "piece"),
    "head": _Unit("HEA", "头", "head"),
    "pair": _Unit("PR", "双", "pair"),
    "set": _Unit("SET", "套", "set"),
    "dozen": _Unit("DZN", "打", "dozen"),
    "pack": _Unit("XPK", "包", "pack"),
    "box": _Unit("XBX", "盒", "box"),
    "carton": _Unit("XCT", "纸箱", "carton"),
    "case": _Unit("XCS", "箱", "case"),
    "crate": _Unit("XCR", "板条箱", "crate"),
    "bag": _Unit("XBG", "袋", "bag"),
    "sack": _Unit("XSA", "麻袋", "sack"),
    "bottle": _Unit("XBO", "瓶", "bottle"),
    "jar": _Unit("XJR", "罐", "jar"),
    "tin": _Unit("XTN", "听", "tin"),
    "barrel": _Unit("XBA", "桶", "barrel"),
    "drum": _Unit("XDR", "圆桶", "drum"),
    "bucket": _Unit("XBJ", "提桶", "bucket"),
    "tray": _Unit("XPU", "托盘", "tray"),
    "roll": _Unit("XRO", "卷", "roll"),
    "pallet": _Unit("XPX", "栈板", "pallet"),
}
REC20: dict[str, str] = {name: unit.code for name, unit in _UNITS.items()}
"""Readable name to code of UN/ECE Recommendation 20."""
UNIT_OF_REC20: dict[str, str] = {code: name for name, code in REC20.items()}
UNIT_LABELS: dict[str, Label] = {name: Label(unit.zh, unit.en) for name, unit in _UNITS.items()}

Unit = Annotated[
    Literal[
        "kg", "g", "t", "l", "ml", "m3", "m", "piece", "head", "pair", "set", "dozen", "pack",
        "box", "carton", "case", "crate", "bag", "sack", "bottle", "jar", "tin", "barrel", "drum",
        "bucket", "tray", "roll", "pallet",
    ],
    Choice("unit", UNIT_LABELS),
]  # fmt: skip
