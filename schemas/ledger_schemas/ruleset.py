"""Rule sets: what a city asks of merchants, as data with a period and a place.

Nothing here decides anything. Limits that are None are not asked for. A rule set that replaces another
names it. The default ones, of Henan in 2022, are the JSON files in `rulesets/`, bodies of
``ruleset.published``.

    >>> [body["code"] for body in default_rulesets()]
    ['ha-2022-non-cold-chain', 'ha-2022-07-non-cold-chain', 'ha-2022-cold-chain']
"""

import json
from importlib.resources import files
from typing import Annotated, Any, get_args

from pydantic import Field

from ledger_schemas.base import Body, Many, Problems, Record, Ruled, days_in_order, title, unique
from ledger_schemas.problems import Problem
from ledger_schemas.text import CODE_CHARACTERS, Celsius, Code, Day, Jurisdiction, LongText, Text, centi
from ledger_schemas.vocabulary import LABELS, Act, Card, DocumentType, FindingCode, GoodsClass, ItemType
from ledger_schemas.words import Label, field, shaped

_Hours = Annotated[int, Field(ge=1, le=8784)]  # up to a leap year
_Days = Annotated[int, Field(ge=1, le=3660)]
_ABOUT_DOCUMENTS = ("document_missing", "document_expired")
_PLAIN = "|".join(
    code
    for code in get_args(get_args(FindingCode)[0])
    if code not in {"other", "checklist_failed", *_ABOUT_DOCUMENTS}
)
_DOCUMENT_TYPES = "|".join(LABELS["document_type"])
Contradiction = Annotated[
    str,
    shaped(
        rf"^(?:{_PLAIN}|(?:{'|'.join(_ABOUT_DOCUMENTS)})(?::(?:{_DOCUMENT_TYPES}))?"
        rf"|checklist_failed(?::{CODE_CHARACTERS})?)$",
        Label(
            "必须是问题代码，例如 supplier_unknown 或 document_missing:trace_code",
            "must be a finding code, such as supplier_unknown or document_missing:trace_code",
        ),
    ),
]
"""A computed finding; for documents with the type after a colon, for checklist items with the item's code."""


class RuleItem(Record, zh="规则事项", en="Rule item", about_zh="一清、一不、一证或一项做法"):
    """One clear, one no, one document or one practice."""

    code: Annotated[Code, field("事项代码", "Code", "声明时引用", "Attestations refer to it")]
    type: Annotated[
        ItemType, field("事项类型", "Type", "清、不、证、做法", "Clear, no, document or practice")
    ]
    title: Annotated[Text, field("标题", "Title", "例如 来源清", "For example: source is clear")]
    text: Annotated[LongText, field("内容", "Text", "要求是什么", "What is asked for")]
    contradicted_by: Annotated[
        Many[Contradiction],
        field("与之矛盾的问题", "Contradicted by", "有此问题即不清", "Findings that prove it is not clear"),
    ] = ()


class DocumentRule(Record, zh="单据要求", en="Document rule", about_zh="随货须有的证明"):
    """A document that goods must, or should, come with."""

    type: Annotated[DocumentType, field("单据种类", "Type", "哪种证明", "Which document")]
    required: Annotated[
        bool, field("是否必需", "Required", "缺少即为问题", "Whether its absence is a finding")
    ]


class Limits(Ruled, Record, zh="温度限值", en="Limits", about_zh="不填即不要求"):
    """Temperature limits; those left out are not asked for."""

    frozen_max: Annotated[
        Celsius | None, field("冷冻最高（℃）", "Frozen, at most (℃)", "冷冻储存不高于", "Of frozen storage")
    ] = None
    chilled_min: Annotated[
        Celsius | None,
        field("冷藏最低（℃）", "Chilled, at least (℃)", "冷藏储存不低于", "Of chilled storage"),
    ] = None
    chilled_max: Annotated[
        Celsius | None, field("冷藏最高（℃）", "Chilled, at most (℃)", "冷藏储存不高于", "Of chilled storage")
    ] = None
    arrival_max: Annotated[
        Celsius | None,
        field("到货最高（℃）", "On arrival, at most (℃)", "到货货温高于此拒收", "Warmer goods are refused"),
    ] = None

    def rules(self) -> Problems:
        """The lower chilled limit is not above the upper."""
        if (
            self.chilled_min is None
            or self.chilled_max is None
            or centi(self.chilled_min) <= centi(self.chilled_max)
        ):
            return ()
        return (
            Problem(
                "chilled_max",
                f"chilled_max {self.chilled_max} is below chilled_min {self.chilled_min}",
                f"冷藏最高 {self.chilled_max} 低于冷藏最低 {self.chilled_min}",
            ),
        )


class ChecklistItem(Record, zh="检查项", en="Checklist item", about_zh="现场检查时逐项回答"):
    """A question the supervisor answers on the spot."""

    code: Annotated[Code, field("检查项代码", "Code", "回答时引用", "Answers refer to it")]
    title: Annotated[Text, field("标题", "Title", "检查什么", "What is checked")]


class CardStep(Record, zh="红黄牌步骤", en="Card step", about_zh="第几次违规亮什么牌"):
    """Which card is shown at which violation."""

    step: Annotated[
        Annotated[int, Field(ge=1, le=20)], field("第几次", "Step", "第几次违规", "1 for the first violation")
    ]
    card: Annotated[Card, field("牌", "Card", "黄牌或红牌", "Yellow or red")]
    window_days: Annotated[
        _Days | None,
        field(
            "计次天数",
            "Window in days",
            "多少天内累计，不填为一直累计",
            "Violations count this long; always if left out",
        ),
    ] = None
    closes: Annotated[
        bool, field("是否停业", "Closes", "停业整改", "Whether the shop closes until put right")
    ]


class Paper(Record, zh="文书版本", en="Paper", about_zh="现行的承诺书或明白卡"):
    """The commitment letter or briefing card now in force."""

    title: Annotated[Text, field("名称", "Title", "文书的标题", "Title of the paper")]
    version: Annotated[Text, field("版本", "Version", "现行版本", "Version in force")]


class RulesetPublished(
    Ruled,
    Body,
    kind="ruleset.published",
    zh="发布规则",
    en="Rule set published",
    about_zh="某地某类货物一段时间的规则",
):
    """What is asked of merchants of one class of goods, in one place, over a period."""

    code: Annotated[
        Code, field("规则代码", "Code", "检查和声明时引用", "Checks and attestations refer to it")
    ]
    title: Annotated[Text, field("标题", "Title", "规则的名称", "Name of the rule set")]
    jurisdiction: Annotated[
        Jurisdiction,
        field("适用地区", "Jurisdiction", "地区代码，例如 CN-HA", "Place code, for example CN-HA"),
    ]
    goods_class: Annotated[
        GoodsClass, field("货物类别", "Goods class", "适用于哪类货物", "Class of goods it is for")
    ]
    valid_from: Annotated[Day, field("生效日期", "Valid from", "从哪一天起", "First day")]
    valid_to: Annotated[
        Day | None, field("失效日期", "Valid to", "最后一天，不填为长期", "Last day; open if left out")
    ] = None
    legal_basis: Annotated[
        Many[LongText], field("依据", "Legal basis", "法律和文件", "Laws and notices it rests on")
    ] = ()
    items: Annotated[
        Many[RuleItem], field("事项", "Items", "三清三不等", "The three clears, the three nos and so on")
    ] = ()
    documents: Annotated[
        Many[DocumentRule],
        field("单据", "Documents", "随货须有的证明", "Documents that goods must come with"),
    ] = ()
    limits: Annotated[
        Limits, field("温度限值", "Limits", "储存和到货温度", "Temperatures in store and on arrival")
    ] = Field(default_factory=Limits.model_construct)
    checks_per_week: Annotated[
        Annotated[int, Field(ge=0, le=21)],
        field("每周检查次数", "Checks per week", "至少查几次", "How often a merchant is checked at least"),
    ]
    min_days_between: Annotated[
        Annotated[int, Field(ge=0, le=7)],
        field(
            "检查间隔（天）",
            "Days between checks",
            "两次检查至少隔几天",
            "Fewest days between two that count",
        ),
    ]
    disinfection_hours: Annotated[
        _Hours | None,
        field("消毒间隔（小时）", "Disinfection hours", "最多隔多久", "Longest time between two"),
    ] = None
    temperature_gap_minutes: Annotated[
        Annotated[int, Field(ge=1, le=100_000)] | None,
        field(
            "温度中断（分钟）", "Temperature gap (minutes)", "最多缺测多久", "Longest time without readings"
        ),
    ] = None
    late_hours: Annotated[
        _Hours | None,
        field("补录时限（小时）", "Late hours", "发生后多久内登记", "Entries after this are late"),
    ] = None
    handover_hours: Annotated[
        _Hours | None, field("交接时限（小时）", "Handover hours", "多久内验收", "Time to accept a handover")
    ] = None
    attestation_days: Annotated[
        _Days | None,
        field("声明有效（天）", "Attestation days", "三清声明多久一次", "How long an attestation holds"),
    ] = None
    checklist: Annotated[
        Many[ChecklistItem], field("检查清单", "Checklist", "现场逐项检查", "Questions answered on the spot")
    ] = ()
    card_steps: Annotated[
        Many[CardStep],
        field("红黄牌", "Card steps", "第一次黄牌，第二次红牌", "Which card at which violation"),
    ] = ()
    rectification_hours: Annotated[
        _Hours | None,
        field("整改时限（小时）", "Rectification hours", "日产日清", "Time to put a finding right"),
    ] = None
    rectification_same_day: Annotated[
        bool,
        field(
            "当日整改",
            "Rectification the same day",
            "日产日清，期限在责令整改当日",
            "Whether the deadline of an order falls on its day",
        ),
    ] = False
    two_officers: Annotated[
        Many[Act],
        field("须两人执法", "Two officers", "哪些须两名执法人员签名", "What two officers have to sign"),
    ] = ()
    notices: Annotated[
        Many[FindingCode],
        field(
            "须通报的问题",
            "Notices",
            "哪些问题须通报行业主管部门和属地单位",
            "Findings that go to the regulator and the territorial unit",
        ),
    ] = ()
    commitment: Annotated[
        Paper | None, field("承诺书", "Commitment", "须签的承诺书", "Letter that must be signed")
    ] = None
    briefing: Annotated[
        Paper | None, field("明白卡", "Briefing", "须签收的明白卡", "Card that must be acknowledged")
    ] = None
    replaces: Annotated[
        Code | None, field("代替", "Replaces", "被代替的规则代码", "Code of the rule set it replaces")
    ] = None

    def rules(self) -> Problems:
        """Days in order; what is listed stands once; steps counted from 1; replaces another."""
        problems = (
            days_in_order(self, "valid_from", "valid_to")
            + unique(self, "items", "code")
            + unique(self, "documents", "type")
            + unique(self, "checklist", "code")
            + unique(self, "two_officers")
            + unique(self, "notices")
        )
        for position, step in enumerate(self.card_steps):
            if step.step != position + 1:
                path, zh = f"card_steps[{position}].step", title(self, "card_steps").zh
                problems += (
                    Problem(
                        path,
                        f"steps count from 1: enter {position + 1}",
                        f"{zh}须从 1 起连续，此处应为 {position + 1}",
                    ),
                )
        if self.replaces == self.code:
            problems += (Problem("replaces", "a rule set cannot replace itself", "规则不能代替自己"),)
        return problems


def default_rulesets() -> list[dict[str, Any]]:  # Any: JSON
    """Bodies of the rule sets of Henan in 2022, each before the one that replaces it."""
    folder = files("ledger_schemas") / "rulesets"
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".json"))
    return [json.loads((folder / name).read_text(encoding="utf-8")) for name in names]
