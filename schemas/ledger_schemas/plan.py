"""Random inspection (双随机): who is checked by whom in a week is announced, then drawn, and both are public.

The announcement binds its author twice: to a secret, of which it shows the digest, and to a root of the
ledger that does not exist yet. Secret and root together are the seed, so that neither the author nor the
operator can choose it. The draw shows the secret, and anyone can draw again. How the draw is computed is for
the ledger to say; here is what is said about it. A plan that can no longer be drawn, because its secret is lost,
is voided with a reason and stays where it is.

    >>> draw = {"announcement": "0199d0a4-7c1e-7d3a-9b1f-3f2f6a1c0d55", "secret": "0" * 64,
    ...         "seed_root": "1" * 64, "result": "2" * 64, "checks": 3}
    >>> drawn = PlanDrawn.model_validate({**draw, "loads": [{"officer": "officer-3", "checks": 3}]})
    >>> drawn.loads[0].checks
    3
"""

from typing import Annotated

from pydantic import Field

from ledger_schemas.base import Body, Count, Lines, Many, Problems, Record, Ruled, unique
from ledger_schemas.problems import Problem
from ledger_schemas.text import GridScope, IsoWeek, LongText, Secret, Sha256, StatementId, Text
from ledger_schemas.words import field

_Weekday = Annotated[int, Field(ge=1, le=7)]
_Weight = Annotated[int, Field(ge=0, le=1000)]


class PlanAnnounced(
    Ruled,
    Body,
    kind="plan.announced",
    zh="抽查公告",
    en="Plan announced",
    about_zh="双随机抽查：先公布办法和人员，再抽取",
):
    """How the checks of a week will be drawn, said before anyone can know the seed."""

    week: Annotated[
        IsoWeek, field("检查周", "Week", "年份和周次，例如 2026-W48", "ISO week, such as 2026-W48")
    ]
    grid: Annotated[
        GridScope,
        field("抽查网格", "Grid", "整个网格，* 为全部网格", "A grid with all below it, or * for all"),
    ]
    officers: Annotated[
        Lines[Text],
        field("参加人员代号", "Officers", "写代号，不写姓名", "Pseudonyms of those who will check, no names"),
    ]
    days: Annotated[
        Lines[_Weekday],
        field("检查日", "Days", "周一为 1，周日为 7", "Days on which checks fall, Monday 1 to Sunday 7"),
    ]
    seed_size: Annotated[
        Annotated[int, Field(ge=1, le=2**53 - 1)],
        field(
            "种子条数",
            "Seed size",
            "台账恰有这么多条时的树根作种子，须晚于本公告",
            "The root of the tree of just so many entries is the seed; this announcement is one of them",
        ),
    ]
    commitment: Annotated[
        Sha256,
        field(
            "秘密值摘要",
            "Commitment",
            "32 字节秘密值的 SHA-256，抽取时公开秘密值",
            "SHA-256 of the 32 bytes of the secret that the draw will show",
        ),
    ]
    extra_checks: Annotated[
        Annotated[int, Field(ge=0, le=100_000)],
        field("加抽次数", "Extra checks", "应查次数之外再抽多少次", "Checks drawn beyond those that are due"),
    ]
    weight_card: Annotated[
        _Weight,
        field(
            "红黄牌权重", "Weight of cards", "加抽时红黄牌占多少", "What a card counts in the extra checks"
        ),
    ]
    weight_finding: Annotated[
        _Weight,
        field(
            "问题权重", "Weight of findings", "加抽时问题占多少", "What findings count in the extra checks"
        ),
    ]
    weight_cold_chain: Annotated[
        _Weight,
        field(
            "冷链权重",
            "Weight of cold chain",
            "加抽时经营冷链货物占多少",
            "What handling cold-chain goods counts in the extra checks",
        ),
    ]

    def rules(self) -> Problems:
        """No officer twice; days once each and in order."""
        problems = unique(self, "officers")
        for position, (before, day) in enumerate(zip(self.days, self.days[1:], strict=False), start=1):
            if day <= before:
                problems += (
                    Problem(
                        f"days[{position}]",
                        f"day {day} comes after day {before}: enter each day once, in order",
                        f"检查日 {day} 排在 {before} 之后，请从小到大各填一次",
                    ),
                )
        return problems


class OfficerLoad(Record, zh="人员任务量", en="Officer's load", about_zh="一名监管员要查几次"):
    """How many of the checks fell to one officer."""

    officer: Annotated[
        Text, field("监管员代号", "Officer", "写代号，不写姓名", "Pseudonym of a supervisor, no name")
    ]
    checks: Annotated[Count, field("检查次数", "Checks", "抽到几次", "How many fell to this officer")]


class PlanDrawn(
    Ruled, Body, kind="plan.drawn", zh="抽查结果", en="Plan drawn", about_zh="公开秘密值和抽取结果"
):
    """The draw that was announced: its secret, its seed and what came of it."""

    announcement: Annotated[
        StatementId, field("公告记录号", "Announcement", "哪一次公告", "Id of the announcement")
    ]
    secret: Annotated[
        Secret,
        field(
            "秘密值",
            "Secret",
            "公告时只给出摘要",
            "The 32 bytes whose digest was announced, in lower-case hex",
        ),
    ]
    seed_root: Annotated[
        Sha256,
        field("种子树根", "Seed root", "公告所定条数的树根", "Root of the tree of the announced size"),
    ]
    checks: Annotated[Count, field("检查总数", "Checks", "一共抽了几次", "How many there are in all")]
    result: Annotated[
        Sha256,
        field(
            "结果摘要",
            "Result",
            "任务清单规范 JSON 的摘要",
            "SHA-256 of the canonical JSON of the assignments",
        ),
    ]
    loads: Annotated[
        Many[OfficerLoad],
        field("人员任务量", "Loads", "每名监管员一行", "One line for each officer"),
    ]

    def rules(self) -> Problems:
        """No officer twice; the loads add up to the checks, or to more where two officers go together."""
        problems = unique(self, "loads", "officer")
        total = sum(load.checks for load in self.loads)
        if not self.checks <= total <= 2 * self.checks:
            problems += (
                Problem(
                    "checks",
                    f"checks are {self.checks}, by one or two officers each, the loads add up to {total}: correct one "
                    "of the two",
                    f"检查总数为 {self.checks}（每次一至两人），各人合计 {total}，请改正",
                ),
            )
        return problems


class PlanVoided(
    Body,
    kind="plan.voided",
    zh="抽查作废",
    en="Plan voided",
    about_zh="已公告而无法抽取的计划，两人签名后作废，可由他人重新公告",
):
    """An announced plan will not be drawn; somebody else may announce the week again."""

    announcement: Annotated[
        StatementId, field("公告记录号", "Announcement", "作废哪一次公告", "Id of the announcement")
    ]
    reason: Annotated[
        LongText,
        field("作废原因", "Reason", "例如秘密值遗失", "Why it will not be drawn, such as a lost secret"),
    ]
