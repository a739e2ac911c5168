"""A full and a least example of every kind of body, for the tests of any room.

`EXAMPLES` fills in every field there is; `LEAST` only those that must be there. Copy before changing:
`copy.deepcopy(EXAMPLES["goods.received"])`. Credit codes, keys and digests are made up, their shapes are right.
"""

from __future__ import annotations

from typing import Any

MERCHANT = "92410104MACU00014Y"
OTHER_MERCHANT = "92410104MACU00022R"
ED25519_KEY = "MCowBQYDK2VwAyEAk/o8shxc91+8ru/9IlLFH/1eCRZrm9HUqveT6xjd2yw="
LOG_KEY = "MCowBQYDK2VwAyEAekneuNyG+qp6U3LYFVUl8pvHjFyANAy3S1ngAm06WnE="
P256_KEY = (
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE/bCaZFn7NgW3FCZGbaesBTEQGqNAR4qCVLXPeKDMoC9K"
    "K/ROuY2hZXS5xzhOnk1CVrDZw/6Fyybi3svG/BISLA=="
)
DIGEST = "3b1f0c9a" * 8
STATEMENT = "0199d0a4-7c1e-7d3a-9b1f-3f2f6a1c0d55"
OTHER_STATEMENT = "0199d0a4-7c1e-7d3a-9b1f-3f2f6a1c0d56"

Json = dict[str, Any]  # any JSON object


def sealed() -> Json:
    return {"sealed": "EhbHOiVnSp-qFNkEmnx89FGxgNfAX76-4BjDfBWWt_E"}


def attachment(name: str = "cert.jpg") -> Json:
    return {"bytes": 48213, "media_type": "image/jpeg", "name": name, "sha256": DIGEST}


def quantity(value: str = "12.5", unit: str = "kg") -> Json:
    return {"value": value, "unit": unit}


def line(batch: str = "B-20220701-1", value: str = "12.5") -> Json:
    return {"batch": batch, "quantity": quantity(value)}


def transport() -> Json:
    return {
        "mode": "road",
        "plate": "豫A12345",
        "carrier": "中原冷运",
        "container": "MSKU9070323",
        "seal": "S-889",
    }


FOUND: Json = {"inspection": STATEMENT, "code": "unlisted_goods", "subject": "冻虾"}
FOUND_LEAST: Json = {"inspection": STATEMENT, "code": "late_entry"}

EXAMPLES: dict[str, Json] = {
    "ledger.opened": {
        "title": "二里岗街道货物台账",
        "operator_key": P256_KEY,
        "log_key": LOG_KEY,
        "jurisdiction": "CN-HA",
        "earliest": "2022-01-01",
    },
    "key.granted": {
        "public_key": ED25519_KEY,
        "role": "merchant",
        "scope": MERCHANT,
        "name": sealed(),
        "holder": "holder-17",
    },
    "key.revoked": {"keyid": DIGEST, "reason": "手机丢失", "compromised_from": 1041},
    "ruleset.published": {
        "code": "ha-2022-cold-chain-2",
        "title": "河南省进口冷链货物规则",
        "jurisdiction": "CN-HA",
        "goods_class": "cold_chain",
        "valid_from": "2022-01-01",
        "valid_to": "2022-06-30",
        "legal_basis": ["《中华人民共和国食品安全法》第五十三条"],
        "items": [
            {
                "code": "source_clear",
                "type": "clear",
                "title": "来源清",
                "text": "货物从谁那里来，都说得清。",
                "contradicted_by": ["supplier_unknown", "document_missing:customs_declaration"],
            }
        ],
        "documents": [{"type": "quarantine_certificate", "required": True}],
        "limits": {"frozen_max": "-18", "chilled_min": "0", "chilled_max": "8", "arrival_max": "-12"},
        "checks_per_week": 2,
        "min_days_between": 1,
        "disinfection_hours": 24,
        "temperature_gap_minutes": 60,
        "late_hours": 24,
        "handover_hours": 24,
        "attestation_days": 7,
        "checklist": [{"code": "dedicated_area", "title": "是否设专柜专区"}],
        "card_steps": [
            {"step": 1, "card": "yellow", "window_days": 90, "closes": False},
            {"step": 2, "card": "red", "window_days": 90, "closes": True},
        ],
        "rectification_hours": 24,
        "rectification_same_day": True,
        "two_officers": ["suspension.decided", "goods.sealed"],
        "notices": ["unlisted_goods", "document_missing"],
        "commitment": {"title": "承诺书", "version": "2022-01"},
        "briefing": {"title": "明白卡", "version": "2022-01"},
        "replaces": "ha-2021-cold-chain",
    },
    "merchant.enrolled": {
        "name": "郑州某进口食品店",
        "address": "航海路 1 号",
        "grid": "erligang/3/07",
        "place_kind": "shop",
        "goods_classes": ["cold_chain", "non_cold_chain"],
        "zones": [
            {
                "code": "冷柜-2",
                "name": "进口冷冻专柜",
                "goods_class": "cold_chain",
                "storage": "frozen",
                "dedicated": True,
            }
        ],
        "staff_count": 4,
        "supervisor": "officer-3",
        "contact": sealed(),
    },
    "duty.assigned": {
        "grid": None,
        "merchants": [MERCHANT, OTHER_MERCHANT],
        "supervisor": "officer-3",
        "regulator": "商务科",
        "unit": "二里岗社区",
        "note": "原网格员调离",
    },
    "commitment.signed": {"title": "承诺书", "version": "2022-01", "text_sha256": DIGEST, "signer": sealed()},
    "briefing.acknowledged": {
        "title": "明白卡",
        "version": "2022-01",
        "text_sha256": DIGEST,
        "signer": sealed(),
        "issued_by": "二里岗市场监管所",
        "issued_on": "2022-01-05",
    },
    "goods.received": {
        "number": "SH-20220701-01",
        "supplier": {
            "name": "上海某国际贸易有限公司",
            "country": "CN",
            "address": "上海市浦东新区",
            "contact": sealed(),
            "credit_code": OTHER_MERCHANT,
            "overseas_exporter": "Norsk Laks AS, Bergen",
        },
        "documents": [
            {
                "type": "customs_declaration",
                "number": "460420221000000017",
                "issuer": "郑州海关",
                "issued_on": "2022-06-20",
                "valid_to": "2022-12-20",
                "result": "passed",
                "attachment": attachment(),
            }
        ],
        "transport": transport(),
        "unloading": {
            "place": "后门卸货区",
            "method": "叉车",
            "started_at": "2022-07-01T08:00:00+08:00",
            "ended_at": "2022-07-01T08:40:00+08:00",
            "workers": 2,
        },
        "purchased_on": "2022-06-28",
        "delivered_on": "2022-07-01",
        "lines": [
            {
                "batch": "B-20220701-1",
                "goods_class": "cold_chain",
                "name": "三文鱼",
                "specification": "10 kg/箱",
                "brand": "Norsk",
                "hs": "0303110000",
                "gtin": "6291041500213",
                "lot": "L2206/03",
                "production_date": "2022-06-01",
                "shelf_life_days": 365,
                "best_before": "2023-06-01",
                "origin_country": "NO",
                "quantity": quantity("120.5"),
                "zone": "冷柜-2",
                "arrival_temperature": "-18.5",
                "trace_code": "https://id.gs1.org/01/06291041500213/10/L2206",
                "references": [{"name": "豫冷链", "value": "YLL-1"}],
            }
        ],
        "references": [{"name": "PO", "value": "SCMS-13"}],
    },
    "goods.handed_over": {
        "to": OTHER_MERCHANT,
        "document_number": "CK-1",
        "transport": transport(),
        "lines": [line()],
    },
    "goods.accepted": {
        "handover": STATEMENT,
        "lines": [
            {
                "batch": "B-20220701-1",
                "accepted": quantity("10"),
                "refused": quantity("2"),
                "missing": quantity("0.5"),
            }
        ],
        "zone": "冷柜-2",
        "arrival_temperature": "-16",
    },
    "goods.sold": {
        "buyer": {
            "type": "business",
            "name": sealed(),
            "credit_code": OTHER_MERCHANT,
            "destination": "郑州市管城区",
        },
        "lines": [line(), line("B-20220701-2", "0.000001")],
    },
    "goods.disposed": {
        "manner": "destroyed",
        "reason": "包装破损\n无法销售",
        "lines": [line()],
        "evidence": [attachment("photo 1.jpg")],
    },
    "goods.adjusted": {
        "reason": "盘点",
        "lines": [{"batch": "B-20220701-1", "difference": quantity("-0.25")}],
    },
    "temperature.logged": {
        "zone": "冷柜-2",
        "batches": ["B-20220701-1"],
        "probe": "P-7",
        "started_at": "2022-07-01T00:00:00+08:00",
        "ended_at": "2022-07-01T12:00:00+08:00",
        "count": 720,
        "minimum": "-21.5",
        "maximum": "-18.2",
        "mean": "-19.9",
        "minutes_missing": 3,
        "raw": {"bytes": 9120, "media_type": "text/csv", "name": "p7.csv", "sha256": DIGEST},
    },
    "disinfection.logged": {
        "target": "premises",
        "place": "冷库一",
        "batches": ["B-20220701-1"],
        "agent": "含氯消毒剂",
        "concentration": "500 mg/L",
        "method": "喷洒",
        "contact_minutes": 30,
        "who": sealed(),
        "photos": [attachment()],
    },
    "clearance.attested": {
        "ruleset": "ha-2022-non-cold-chain",
        "period_start": "2022-03-01",
        "period_end": "2022-03-07",
        "goods_class": "non_cold_chain",
        "items": [
            {"code": "source_clear", "clear": True, "note": "均有进货凭证", "evidence": [attachment()]},
            {"code": "transport_clear", "clear": False, "note": "一批未注明", "evidence": []},
        ],
    },
    "plan.announced": {
        "week": "2026-W53",
        "grid": "erligang/3",
        "officers": ["officer-3", "officer-4"],
        "days": [1, 2, 3, 4, 5],
        "seed_size": 1042,
        "commitment": DIGEST,
        "extra_checks": 20,
        "weight_card": 5,
        "weight_finding": 2,
        "weight_cold_chain": 1,
    },
    "plan.drawn": {
        "announcement": STATEMENT,
        "secret": "00ff" * 16,
        "seed_root": DIGEST,
        "checks": 7,
        "result": DIGEST,
        "loads": [{"officer": "officer-3", "checks": 4}, {"officer": "officer-4", "checks": 3}],
    },
    "plan.voided": {"announcement": STATEMENT, "reason": "秘密值所在的电脑损坏，没有备份"},
    "inspection.recorded": {
        "rulesets": ["ha-2022-cold-chain", "ha-2022-non-cold-chain"],
        "started_at": "2022-07-01T09:00:00+08:00",
        "ended_at": "2022-07-01T09:30:00+08:00",
        "place": "航海路 1 号",
        "observed": {
            "stock": [{"batch": "B-20220701-1", "quantity": quantity("0")}],
            "unlisted": [{"name": "冻虾", "quantity": quantity("3", "carton"), "note": "无中文标签"}],
            "temperatures": [{"zone": "冷柜-2", "value": "-15"}],
            "checklist": [{"code": "dedicated_area", "passed": False, "note": "混放"}],
            "photos": [attachment()],
        },
        "findings": [
            {
                "code": "stock_differs",
                "subject": "B-20220701-1",
                "detail": "差 120.5 kg",
                "source": "computed",
            },
            {"code": "other", "subject": "地面", "detail": "积水", "source": "added"},
        ],
        "waivers": [{"code": "stock_differs", "subject": "B-20220701-1", "reason": "正在移库，已核实"}],
    },
    "rectification.ordered": {
        **FOUND,
        "what": "进口货物移入专柜，\n补交报关单",
        "deadline": "2022-07-01T20:00:00+08:00",
    },
    "rectification.reported": {
        "order": STATEMENT,
        "what": "已移入专柜，报关单已补",
        "evidence": [attachment("after.jpg")],
    },
    "rectification.confirmed": {"order": STATEMENT, "inspection": OTHER_STATEMENT, "note": "当日复查合格"},
    "rectification.rejected": {
        "order": STATEMENT,
        "reason": "报关单仍缺",
        "deadline": "2022-07-02T12:00:00+08:00",
        "inspection": OTHER_STATEMENT,
    },
    "card.issued": {
        "card": "red",
        "ruleset": "ha-2022-cold-chain",
        "step": 2,
        **FOUND,
        "reason": "再次发现台账外货物",
        "closes": True,
    },
    "card.lifted": {"card": STATEMENT, "reason": "复查合格", "inspection": OTHER_STATEMENT},
    "suspension.decided": {
        "document_number": "郑管市监罚〔2022〕17 号",
        "legal_basis": ["《中华人民共和国食品安全法》第一百二十六条"],
        "reason": "未按规定查验进货",
        "starts_on": "2022-07-02",
        "ends_on": "2022-07-11",
        "attachment": attachment("decision.jpg"),
    },
    "goods.sealed": {
        "batch": "B-20220701-1",
        "document_number": "郑管市监查〔2022〕3 号",
        "reason": "来源不明",
        "inspection": STATEMENT,
    },
    "goods.released": {"seal": STATEMENT, "reason": "已补齐证明，核实无误"},
    "recall.ordered": {
        "batch": "B-20220701-1",
        "number": "ZH-2022-5",
        "reason": "检验不合格",
        "answer_by": "2022-07-02T12:00:00+08:00",
    },
    "recall.answered": {
        "recall": STATEMENT,
        "found": quantity("3.5"),
        "sold": quantity("9"),
        "note": "已追回 2 kg",
        "evidence": [attachment()],
    },
    "notice.sent": {
        **FOUND,
        "office": "商务科",
        "capacity": "regulator",
        "text": "该店有台账外货物，请核查供货渠道",
    },
    "notice.acknowledged": {
        "notice": STATEMENT,
        "answer": "已约谈供货方",
        "evidence": [attachment("answer.pdf")],
    },
    "statement.corrected": {
        "statement": STATEMENT,
        "reason": "wrong_data",
        "explanation": "数量填错",
        "replacement": OTHER_STATEMENT,
    },
}

LEAST: dict[str, Json] = {
    "ledger.opened": {
        "title": "台账",
        "operator_key": ED25519_KEY,
        "log_key": LOG_KEY,
        "jurisdiction": "CN",
    },
    "key.granted": {"public_key": P256_KEY, "role": "supervisor", "scope": "*"},
    "key.revoked": {"keyid": DIGEST, "reason": "离职"},
    "ruleset.published": {
        "code": "r1",
        "title": "规则",
        "jurisdiction": "CN-HA",
        "goods_class": "non_cold_chain",
        "valid_from": "2022-07-01",
        "checks_per_week": 2,
        "min_days_between": 0,
    },
    "merchant.enrolled": {
        "name": "店",
        "address": "路 1 号",
        "grid": "erligang",
        "place_kind": "stall",
        "goods_classes": ["non_cold_chain"],
    },
    "duty.assigned": {"grid": "*", "supervisor": "officer-3"},
    "commitment.signed": {"title": "承诺书", "version": "1"},
    "briefing.acknowledged": {"title": "明白卡", "version": "1"},
    "goods.received": {
        "lines": [
            {
                "batch": "B-1",
                "goods_class": "non_cold_chain",
                "name": "咖啡豆",
                "quantity": quantity("1", "bag"),
            }
        ]
    },
    "goods.handed_over": {"to": OTHER_MERCHANT, "lines": [line()]},
    "goods.accepted": {"handover": STATEMENT, "lines": [{"batch": "B-1", "accepted": quantity()}]},
    "goods.sold": {"buyer": {"type": "consumers"}, "lines": [line()]},
    "goods.disposed": {"manner": "returned", "reason": "拒收", "lines": [line()]},
    "goods.adjusted": {"reason": "盘点", "lines": [{"batch": "B-1", "difference": quantity("3")}]},
    "temperature.logged": {
        "zone": "A1",
        "probe": "P-1",
        "started_at": "2022-07-01T00:00:00Z",
        "ended_at": "2022-07-01T00:00:00Z",
        "count": 1,
        "minimum": "4",
        "maximum": "4",
        "mean": "4",
        "minutes_missing": 0,
    },
    "disinfection.logged": {
        "target": "shelf",
        "place": "门店",
        "agent": "紫外线",
        "method": "照射",
        "contact_minutes": 60,
    },
    "clearance.attested": {
        "ruleset": "r1",
        "period_start": "2022-07-01",
        "period_end": "2022-07-01",
        "goods_class": "non_cold_chain",
        "items": [{"code": "source_clear", "clear": True}],
    },
    "plan.announced": {
        "week": "2022-W01",
        "grid": "*",
        "officers": ["officer-3"],
        "days": [7],
        "seed_size": 1,
        "commitment": DIGEST,
        "extra_checks": 0,
        "weight_card": 0,
        "weight_finding": 0,
        "weight_cold_chain": 0,
    },
    "plan.drawn": {
        "announcement": STATEMENT,
        "secret": DIGEST,
        "seed_root": DIGEST,
        "checks": 0,
        "result": DIGEST,
        "loads": [],
    },
    "plan.voided": {"announcement": STATEMENT, "reason": "遗失"},
    "inspection.recorded": {
        "rulesets": ["r1"],
        "started_at": "2022-07-01T09:00:00+08:00",
        "ended_at": "2022-07-01T09:00:00+08:00",
        "place": "门店",
    },
    "rectification.ordered": {**FOUND_LEAST, "what": "按时登记", "deadline": "2022-07-01T20:00:00+08:00"},
    "rectification.reported": {"order": STATEMENT, "what": "已改"},
    "rectification.confirmed": {"order": STATEMENT},
    "rectification.rejected": {"order": STATEMENT, "reason": "未改", "deadline": "2022-07-02T12:00:00Z"},
    "card.issued": {
        "card": "yellow",
        "ruleset": "r1",
        "step": 1,
        **FOUND_LEAST,
        "reason": "补录",
        "closes": False,
    },
    "card.lifted": {"card": STATEMENT, "reason": "已改"},
    "suspension.decided": {
        "document_number": "1",
        "legal_basis": ["食品安全法第一百二十六条"],
        "reason": "违法",
        "starts_on": "2022-07-02",
    },
    "goods.sealed": {"batch": "B-1", "reason": "待查"},
    "goods.released": {"seal": STATEMENT, "reason": "无误"},
    "recall.ordered": {"batch": "B-1", "reason": "不合格", "answer_by": "2022-07-02T12:00:00Z"},
    "recall.answered": {"recall": STATEMENT, "found": quantity("0"), "sold": quantity("0")},
    "notice.sent": {**FOUND_LEAST, "office": "社区", "capacity": "unit", "text": "请督促"},
    "notice.acknowledged": {"notice": STATEMENT, "answer": "收到"},
    "statement.corrected": {"statement": STATEMENT, "reason": "did_not_happen", "explanation": "误点"},
}
