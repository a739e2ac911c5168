"""What the street trades: imported goods with suppliers, documents and trace codes, as bodies of statements."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Any

from ledger_cli.street.cast import COLD, DRY

WARES: dict[str, tuple[tuple[str, str, str, str, str], ...]] = {
    COLD: (
        ("冻南美白虾", "EC", "0306179000", "Exportadora del Pacífico S.A.", "Guayaquil"),
        ("冻牛腱", "AR", "0202300000", "Frigorífico del Sur S.R.L.", "Buenos Aires"),
        ("冻猪排", "ES", "0203299000", "Carnes del Ebro S.L.", "Zaragoza"),
        ("冻带鱼", "PK", "0303899000", "Karachi Sea Foods Ltd", "Karachi"),
        ("冻鸡爪", "BR", "0207142200", "Aves do Paraná Ltda", "Cascavel"),
    ),
    DRY: (
        ("智利车厘子", "CL", "0809290000", "Frutas Andinas SpA", "Curicó"),
        ("泰国龙眼", "TH", "0810903000", "Chanthaburi Fruit Co.", "Chanthaburi"),
        ("新西兰奶粉", "NZ", "0402210000", "Southern Dairy Ltd", "Hamilton"),
        ("法国葡萄酒", "FR", "2204210000", "Domaine des Coteaux SARL", "Beaune"),
        ("马来西亚白咖啡", "MY", "2101110000", "Ipoh Coffee Sdn Bhd", "Ipoh"),
        ("美国巴旦木", "US", "0802120000", "Central Valley Nuts Inc.", "Fresno"),
    ),
}


def received(
    rng: Random,
    number: int,
    classes: tuple[str, ...],
    zones: dict[str, str],
    day: date,
    documents: list[str],
    *,
    careless: bool,
) -> tuple[dict[str, Any], dict[str, int]]:
    """The body of a receipt of one to three batches, and what came in: batch → micro-units."""
    goods_class = rng.choice(classes)
    name, country, hs, supplier, town = rng.choice(WARES[goods_class])
    came = {
        f"{day:%y%m%d}-{number:05d}-{line}": rng.randrange(5, 400) * 500_000
        for line in range(rng.choice((1, 1, 2, 3)))
    }
    asked = [kind for kind in documents if kind != "trace_code"]
    dropped = rng.choice(asked) if careless and asked and rng.random() < 0.3 else None
    body: dict[str, Any] = {
        "number": f"SH{day:%Y%m%d}{number:05d}",
        "supplier": {"name": supplier, "country": country, "address": town},
        "documents": [_document(rng, kind, day) for kind in asked if kind != dropped],
        "transport": {
            "mode": "road",
            "plate": f"豫A{rng.randrange(10_000, 99_999)}",
            "seal": f"CN{rng.randrange(10**7):07d}",
        },
        "unloading": {
            "place": f"{rng.randrange(1, 5)}号卸货口",
            "method": "叉车 forklift",
            "workers": rng.randrange(1, 5),
        },
        "purchased_on": day.isoformat(),
        "lines": [
            _line(goods_class, name, country, hs, batch, amount, zones[goods_class], day)
            for batch, amount in came.items()
        ],
    }
    if careless and rng.random() < 0.15:
        del body["transport"]
    return body, came


def _line(
    goods_class: str, name: str, country: str, hs: str, batch: str, amount: int, zone: str, day: date
) -> dict[str, Any]:
    line: dict[str, Any] = {
        "batch": batch,
        "goods_class": goods_class,
        "name": name,
        "specification": "10 kg/箱",
        "hs": hs,
        "lot": f"L{batch[-7:]}",
        "production_date": (day - timedelta(days=60)).isoformat(),
        "shelf_life_days": 540 if goods_class == COLD else 360,
        "origin_country": country,
        "quantity": quantity(amount),
        "zone": zone,
        "trace_code": f"https://trace.example/{batch}",
    }
    if goods_class == COLD:
        line["arrival_temperature"] = "-18.5"
    return line


def _document(rng: Random, kind: str, day: date) -> dict[str, Any]:
    number = (
        f"4601{day:%Y}1{rng.randrange(10**9):09d}"
        if kind == "customs_declaration"
        else f"{day:%Y}{rng.randrange(10**8):08d}"
    )
    return {"type": kind, "number": number, "issued_on": (day - timedelta(days=3)).isoformat()}


def quantity(micro: int, unit: str = "kg") -> dict[str, str]:
    """Micro-units as the schema writes them."""
    whole, rest = divmod(abs(micro), 1_000_000)
    text = f"{whole}.{rest:06d}".rstrip("0").rstrip(".")
    return {"value": f"-{text}" if micro < 0 else text, "unit": unit}
