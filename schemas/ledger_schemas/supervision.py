"""Who is responsible for which merchants: the supervisor who checks, and the two offices that are told.

A duty holds for a grid and what is below it, for merchants named one by one, or for all. Which of several
duties counts for a merchant, and that a later one takes the place of an earlier, is for the ledger to say.

    >>> DutyAssigned.model_validate({"grid": "erligang/3", "supervisor": "officer-3"}).supervisor
    'officer-3'
"""

from typing import Annotated

from ledger_schemas.base import Body, Lines, Problems, Ruled, unique
from ledger_schemas.identifiers import CreditCode
from ledger_schemas.problems import Problem
from ledger_schemas.text import GridScope, LongText, Text
from ledger_schemas.words import field


class DutyAssigned(
    Ruled,
    Body,
    kind="duty.assigned",
    zh="责任分工",
    en="Duty assigned",
    about_zh="哪些商户由谁监管，问题通报给哪两个单位",
):
    """Who watches the merchants of a grid, or some merchants, and which two offices hear of findings there."""

    grid: Annotated[
        GridScope | None,
        field("负责网格", "Grid", "整个网格，* 为全部网格", "A grid with all below it, or * for all"),
    ] = None
    merchants: Annotated[
        Lines[CreditCode] | None,
        field("负责商户", "Merchants", "不按网格时逐户填信用代码", "Credit codes, where it is not a grid"),
    ] = None
    supervisor: Annotated[
        Text | None,
        field("责任监管员代号", "Supervisor", "写代号，不写姓名", "Pseudonym of who is responsible, no name"),
    ] = None
    regulator: Annotated[
        Text | None,
        field("行业主管部门", "Regulator", "与其密钥的范围相同", "Its office, as in the scope of its key"),
    ] = None
    unit: Annotated[
        Text | None,
        field("属地单位", "Territorial unit", "与其密钥的范围相同", "Its office, as in the scope of its key"),
    ] = None
    note: Annotated[LongText | None, field("说明", "Note", "需要说明的情况", "What else to know")] = None

    def rules(self) -> Problems:
        """A grid or merchants, none twice; at least one who is responsible; two offices are two."""
        problems: Problems = ()
        if self.merchants is None:
            if self.grid is None:
                problems += (Problem("grid", "enter a grid, * or the merchants", "请填写负责网格或负责商户"),)
        else:
            problems += unique(self, "merchants")
            if self.grid is not None:
                problems += (
                    Problem(
                        "grid",
                        "a duty is for a grid or for merchants: leave one of the two out",
                        "负责网格和负责商户只能填一项，请删去另一项",
                    ),
                )
        if self.regulator is None:
            if self.supervisor is None and self.unit is None:
                problems += (
                    Problem(
                        "supervisor",
                        "nobody is responsible: enter a supervisor, a regulator or a territorial unit",
                        "请至少填写责任监管员、行业主管部门、属地单位中的一项",
                    ),
                )
        elif self.regulator == self.unit:
            problems += (
                Problem(
                    "unit",
                    "regulator and territorial unit are the same office: findings go to two",
                    "行业主管部门和属地单位相同，问题须通报两个单位",
                ),
            )
        return problems
