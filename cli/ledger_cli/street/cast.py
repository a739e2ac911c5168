"""Who there is in the street office: shops with and without imported goods, markets, cold stores, supervisors.

cast = Cast.of(seed=7, merchants=2105)
cast.importers[0].code, cast.importers[0].classes
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from random import Random
from typing import Any

from ledger.log import PrivateKey

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
COLD, DRY = "cold_chain", "non_cold_chain"

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰"
TRADES = (
    "便利店",
    "食品商行",
    "水果店",
    "海鲜行",
    "副食店",
    "烟酒店",
    "母婴用品店",
    "干果店",
    "冻品批发",
    "超市",
    "酒行",
    "茶行",
)
ROADS = ("二里岗街", "城东路", "航海东路", "陇海东路", "紫荆山路", "未来路", "商城路", "东明路")


def credit_code(rng: Random, area: str = "410104") -> str:
    """A unified social credit code (GB 32100-2015) of an invented sole trader, both check characters right."""
    organisation = "MA" + "".join(rng.choice(ALPHABET) for _ in range(6))
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    value = [int(c, 36) for c in organisation]
    check = 11 - sum(w * v for w, v in zip(weights, value, strict=True)) % 11
    body = f"92{area}{organisation}{'X' if check == 10 else check % 11}"
    total = sum(ALPHABET.index(c) * 3**place for place, c in enumerate(body))
    return f"{body}{ALPHABET[(31 - total % 31) % 31]}"


@dataclass
class Merchant:
    """A shop, stall, market or cold store; `held` is what the story knows of its stock: batch → micro-units."""

    code: str
    name: str
    address: str
    grid: str
    place: str
    classes: tuple[str, ...]
    supervisor: str
    key: PrivateKey | None
    zones: list[dict[str, Any]] = field(default_factory=list)
    held: dict[str, int] = field(default_factory=dict)
    careless: bool = False
    """Forgets things now and then: the findings come from here."""
    closed: bool = False
    """By a red card, until it is lifted."""

    def zone_for(self, goods_class: str) -> str:
        return next(str(zone["code"]) for zone in self.zones if zone["goods_class"] == goods_class)

    def enrolment(self) -> dict[str, Any]:
        """The body of its `merchant.enrolled`."""
        return {
            "name": self.name,
            "address": self.address,
            "grid": self.grid,
            "place_kind": self.place,
            "goods_classes": list(self.classes),
            "zones": self.zones,
            "staff_count": 2 + len(self.name) % 5,
            "supervisor": self.supervisor,
        }


@dataclass
class Supervisor:
    """A market supervisor with a grid to look after."""

    holder: str
    grid: str
    key: PrivateKey


@dataclass
class Cast:
    """Everybody."""

    merchants: list[Merchant]
    supervisors: list[Supervisor]

    @property
    def importers(self) -> list[Merchant]:
        """Those with imported goods."""
        return [merchant for merchant in self.merchants if merchant.classes]

    @classmethod
    def of(cls, seed: int, merchants: int = 2105) -> Cast:
        """The cast of a seed. About one shop in twenty has imported goods, one in a hundred cold-chain ones."""
        rng = Random(f"cast {seed}")
        supervisors = [
            Supervisor(f"officer-{number:02d}", f"erligang/{number}", key_of(seed, f"officer-{number:02d}"))
            for number in range(1, 10)
        ]
        importers = max(4, round(merchants / 21.05))
        cold = max(2, importers // 5)
        found = []
        for number in range(merchants):
            second = 1 + number % 9
            classes = _classes(number, importers, cold)
            place = _place(number, importers, rng)
            code = credit_code(rng)
            found.append(
                Merchant(
                    code,
                    _name(rng, place),
                    f"郑州市管城回族区{rng.choice(ROADS)}{rng.randrange(1, 300)}号",
                    f"erligang/{second}/{second * 3 - 2 + number // 9 % 3:02d}",
                    place,
                    classes,
                    supervisors[second - 1].holder,
                    key_of(seed, code) if classes else None,
                    _zones(classes),
                    careless=bool(classes) and rng.random() < 0.12,
                )
            )
        return cls(found, supervisors)


def key_of(seed: int, name: str) -> PrivateKey:
    """The key of somebody in the story: from seed and name, so never to be used for anything real."""
    return PrivateKey.from_seed(hashlib.sha256(f"street {seed} {name}".encode()).digest())


def _classes(number: int, importers: int, cold: int) -> tuple[str, ...]:
    if number >= importers:
        return ()
    if number < cold:
        return (COLD, DRY) if number % 4 == 3 else (COLD,)
    return (DRY,)


def _place(number: int, importers: int, rng: Random) -> str:
    if number < 2:
        return "cold_store"
    if number in (importers, importers + 1):
        return "market"
    return rng.choice(("shop", "shop", "shop", "stall", "supermarket", "restaurant"))


def _name(rng: Random, place: str) -> str:
    owner = rng.choice(SURNAMES) + "".join(rng.choice(GIVEN) for _ in range(rng.choice((1, 2))))
    if place == "cold_store":
        return f"管城{owner}冷库"
    if place == "market":
        return f"{rng.choice(ROADS)[:-1]}农贸市场"
    return f"管城{owner}{rng.choice(TRADES)}"


def _zones(classes: tuple[str, ...]) -> list[dict[str, Any]]:
    zones = []
    if COLD in classes:
        zones.append(
            {
                "code": "F1",
                "name": "进口冷链专柜",
                "goods_class": COLD,
                "storage": "frozen",
                "dedicated": True,
            }
        )
    if DRY in classes:
        zones.append(
            {
                "code": "D1",
                "name": "进口商品专区",
                "goods_class": DRY,
                "storage": "ambient",
                "dedicated": True,
            }
        )
    return zones
