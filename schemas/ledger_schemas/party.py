"""Who stands at the other end: suppliers and buyers.

Names of firms may stand in clear. What belongs to a person (a name, a phone) is always sealed.
"""

from typing import Annotated

from ledger_schemas.base import Problems, Record, Ruled, Sealed
from ledger_schemas.identifiers import Country, CreditCode
from ledger_schemas.problems import Problem
from ledger_schemas.text import Text
from ledger_schemas.vocabulary import BuyerType
from ledger_schemas.words import field


class Supplier(Record, zh="供货方", en="Supplier", about_zh="向本商户供货的单位，即货物的来源"):
    """Who supplied the goods to this merchant: their source."""

    name: Annotated[Text, field("名称", "Name", "供货单位的名称", "Name of the supplying firm")]
    country: Annotated[
        Country | None,
        field("国家", "Country", "供货方所在国家代码", "Country of the supplier, ISO 3166-1 alpha-2"),
    ] = None
    address: Annotated[Text | None, field("地址", "Address", "供货方地址", "Address of the supplier")] = None
    contact: Annotated[
        Sealed | None, field("联系方式", "Contact", "姓名、电话，密封保存", "Name and phone, sealed")
    ] = None
    credit_code: Annotated[
        CreditCode | None,
        field(
            "统一社会信用代码",
            "Credit code",
            "国内供货方填写",
            "Unified Social Credit Code of a supplier in China",
        ),
    ] = None
    overseas_exporter: Annotated[
        Text | None,
        field(
            "境外出口商", "Overseas exporter", "进口商填写名称和地址", "Name and address, stated by importers"
        ),
    ] = None


class Buyer(Ruled, Record, zh="购买方", en="Buyer", about_zh="货物卖给了谁"):
    """To whom the goods were sold."""

    type: Annotated[
        BuyerType,
        field(
            "购买方类型",
            "Type of buyer",
            "消费者、经营单位或实名个人",
            "Consumers, a business, or a named person",
        ),
    ]
    name: Annotated[
        Sealed | None, field("姓名或名称", "Name", "密封保存", "Sealed; for a person or a business")
    ] = None
    credit_code: Annotated[
        CreditCode | None,
        field(
            "统一社会信用代码", "Credit code", "购买单位的代码", "Unified Social Credit Code of a business"
        ),
    ] = None
    destination: Annotated[
        Text | None, field("去向", "Destination", "货物运往何处", "Where the goods went")
    ] = None

    def rules(self) -> Problems:
        """Consumers stay unnamed; a person needs a name, a business a name or a credit code."""
        if self.type == "business":
            if self.name is None and self.credit_code is None:
                return (
                    Problem(
                        "credit_code",
                        "a business buyer needs a credit code or a sealed name",
                        "购买方为经营单位时，请填写信用代码或名称",
                    ),
                )
        elif self.credit_code is not None:
            return (
                Problem(
                    "credit_code",
                    "only a business buyer has a credit code: leave it out",
                    "只有经营单位才有信用代码，请删去",
                ),
            )
        elif self.type == "person" and self.name is None:
            return (Problem("name", "a named buyer needs a sealed name", "实名购买须填写姓名（密封）"),)
        elif self.type == "consumers" and self.name is not None:
            return (
                Problem(
                    "name",
                    "consumers are not named: leave the name out, or choose person",
                    "消费者不记姓名，请删去姓名，或改为实名个人",
                ),
            )
        return ()
