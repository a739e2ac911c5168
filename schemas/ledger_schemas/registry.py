"""The ledger itself, who may speak in it, and which merchants it watches."""

from typing import Annotated

from pydantic import Field

from ledger_schemas.base import (
    Body,
    Count,
    Many,
    Problems,
    Record,
    Ruled,
    Sealed,
    TextOrSealed,
    unique,
)
from ledger_schemas.identifiers import credit_code_problem
from ledger_schemas.problems import Problem
from ledger_schemas.text import (
    Day,
    GridPath,
    Jurisdiction,
    LogKey,
    LongText,
    PublicKey,
    Sha256,
    Text,
    ZoneCode,
)
from ledger_schemas.vocabulary import GoodsClass, PlaceKind, Role, Storage
from ledger_schemas.words import field


class LedgerOpened(
    Body, kind="ledger.opened", zh="台账开立", en="Ledger opened", about_zh="台账的第一条记录"
):
    """The first entry: what the ledger is called, where it holds, and the keys everything rests on."""

    title: Annotated[Text, field("台账名称", "Title", "对外显示的名称", "Name shown to readers")]
    operator_key: Annotated[
        PublicKey,
        field("运行方公钥", "Operator key", "运行方签名用的公钥", "Key with which the operator signs"),
    ]
    log_key: Annotated[
        LogKey, field("日志公钥", "Log key", "给检查点签名的公钥", "Key that signs the checkpoints")
    ]
    jurisdiction: Annotated[
        Jurisdiction,
        field("管辖地区", "Jurisdiction", "地区代码，例如 CN-HA", "Place code, for example CN-HA"),
    ]
    earliest: Annotated[
        Day | None,
        field(
            "最早日期",
            "Earliest day",
            "不收早于此日的记录",
            "Nothing that occurred before this day is taken in",
        ),
    ] = None


class KeyGranted(
    Ruled, Body, kind="key.granted", zh="授予密钥", en="Key granted", about_zh="让一个公钥以某种身份说话"
):
    """A public key may from now on speak in a role, within a scope."""

    public_key: Annotated[
        PublicKey, field("公钥", "Public key", "被授权的公钥", "The key, base64 of its SubjectPublicKeyInfo")
    ]
    role: Annotated[Role, field("身份", "Role", "以什么身份说话", "As what it may speak")]
    scope: Annotated[
        Text,
        field(
            "范围",
            "Scope",
            "* 为全部；商户和设备填信用代码；网格或科室填名称",
            "* for all, a credit code, a grid path, an office",
        ),
    ]
    name: Annotated[
        TextOrSealed | None,
        field("名称", "Name", "个人姓名须密封", "Name of a firm or office; that of a person is sealed"),
    ] = None
    holder: Annotated[
        Text | None,
        field(
            "持有人代号",
            "Holder",
            "换密钥后不变的代号",
            "Pseudonym of the person, the same across changes of key",
        ),
    ] = None

    def rules(self) -> Problems:
        """The scope of a merchant's or device's key is that merchant."""
        flaw = credit_code_problem(self.scope) if self.role in {"merchant", "device"} else None
        if flaw is None or flaw.severity == "warning":
            return ()
        return (Problem("scope", f"the scope of a {self.role} key {flaw.message}", f"此身份的范围{flaw.zh}"),)


class KeyRevoked(Body, kind="key.revoked", zh="撤销密钥", en="Key revoked", about_zh="一个公钥不再有效"):
    """A public key may no longer speak."""

    keyid: Annotated[
        Sha256, field("密钥编号", "Key id", "公钥的 SHA-256", "SHA-256 of the key's SubjectPublicKeyInfo")
    ]
    reason: Annotated[LongText, field("原因", "Reason", "为什么撤销", "Why it is revoked")]
    compromised_from: Annotated[
        Annotated[int, Field(ge=0, le=2**53 - 1)] | None,
        field(
            "从第几条起不可信",
            "Compromised from",
            "泄露后的第一条",
            "Index of the first entry not to be trusted",
        ),
    ] = None


class Zone(Record, zh="专柜专区", en="Zone", about_zh="存放或销售货物的区域"):
    """A counter or area where goods are kept or sold."""

    code: Annotated[ZoneCode, field("区域编号", "Code", "写在柜门上的编号", "As written on the door")]
    name: Annotated[Text, field("区域名称", "Name", "区域的叫法", "What it is called")]
    goods_class: Annotated[
        GoodsClass | None, field("货物类别", "Goods class", "只放哪一类", "Class of goods it is for")
    ] = None
    storage: Annotated[
        Storage, field("储存条件", "Storage", "冷冻、冷藏或常温", "Frozen, chilled or ambient")
    ]
    dedicated: Annotated[
        bool, field("是否专用", "Dedicated", "只放进口货物", "Whether it is for imported goods alone")
    ]


class MerchantEnrolled(
    Ruled, Body, kind="merchant.enrolled", zh="商户登记", en="Merchant enrolled", about_zh="纳入监管的商户"
):
    """A merchant that handles imported goods, or a change of what is known about it."""

    name: Annotated[Text, field("商户名称", "Name", "营业执照上的名称", "Name on the business licence")]
    address: Annotated[Text, field("地址", "Address", "经营地址", "Where it does business")]
    grid: Annotated[
        GridPath,
        field("所在网格", "Grid", "街道/二级网格/三级网格", "Street office, second- and third-level grid"),
    ]
    place_kind: Annotated[
        PlaceKind, field("场所类型", "Kind of place", "商铺、冷库等", "Shop, cold store and so on")
    ]
    goods_classes: Annotated[
        Many[GoodsClass],
        field(
            "货物类别",
            "Goods classes",
            "经营哪几类进口货物，没有则留空",
            "Imported goods it handles; empty for none",
        ),
    ]
    zones: Annotated[Many[Zone], field("专柜专区", "Zones", "存放和销售的区域", "Counters and areas")] = ()
    staff_count: Annotated[
        Count | None,
        field("从业人数", "Staff count", "经手进口货物的人数", "How many people handle the goods"),
    ] = None
    supervisor: Annotated[
        Text | None,
        field("责任监管员代号", "Supervisor", "写代号，不写姓名", "Pseudonym of who is responsible, no name"),
    ] = None
    contact: Annotated[
        Sealed | None, field("联系方式", "Contact", "姓名、电话，密封保存", "Name and phone, sealed")
    ] = None

    def rules(self) -> Problems:
        """No class and no zone twice."""
        return unique(self, "goods_classes") + unique(self, "zones", "code")
