"""Which commands there are. This table is all that `custody --help` reads.

A command's file is loaded when the command is asked for.

To add a command: one line here, and a file ``commands/<module>.py`` with

    EXAMPLES = "custody holdings 92410104MACU00014Y"      # runnable lines, shown below --help

    def command(context: typer.Context, …) -> None:
        \"""What it does, for --help.\"""

`shared` names a further set of options that the command takes (`lazy.SHARED`); ``--ledger`` and ``--json`` come with
each.
"""

from __future__ import annotations

from typing import NamedTuple


class Command(NamedTuple):
    """One command: its file in commands/, its line of help, its place in the list."""

    module: str
    help: str
    panel: str
    shared: str = ""


class Group(NamedTuple):
    """A word that further commands follow."""

    help: str
    panel: str
    commands: dict[str, Command]


SETTING_UP = "建立与授权 Setting up"
RECORDING = "记账 Recording"
SUPERVISING = "监管 Supervision"
READING = "查询 Reading"
PROVING = "核验与交换 Proving and exchanging"

CATALOGUE: dict[str, Command | Group] = {
    "init": Command("init", "建立台账 Create a ledger", SETTING_UP),
    "key": Group(
        "密钥与授权 Keys and what they may say",
        SETTING_UP,
        {
            "new": Command("key_new", "生成密钥 Make a key pair", SETTING_UP),
            "list": Command(
                "key_list", "密钥列表 List the keys of the ledger and of this folder", SETTING_UP
            ),
            "grant": Command(
                "key_grant", "授予密钥 Let a public key speak in a role", SETTING_UP, "statement"
            ),
            "revoke": Command("key_revoke", "撤销密钥 End what a key may say", SETTING_UP, "statement"),
        },
    ),
    "device": Group(
        "设备登记 New devices by one-time code",
        SETTING_UP,
        {
            "invite": Command("device_invite", "邀请设备 Make a one-time code", SETTING_UP),
            "list": Command("device_list", "邀请列表 List codes, and devices that wait", SETTING_UP),
            "grant": Command("device_grant", "授权设备 Grant a waiting device", SETTING_UP, "statement"),
        },
    ),
    "tls": Group(
        "证书 Certificates for phones on a local network",
        SETTING_UP,
        {"make": Command("tls_make", "生成证书 Make an authority and a server certificate", SETTING_UP)},
    ),
    "ruleset": Group(
        "规则集 Rule sets",
        SETTING_UP,
        {
            "publish": Command("ruleset_publish", "发布规则集 Publish a rule set", SETTING_UP, "statement"),
            "list": Command("ruleset_list", "规则集列表 List the rule sets", SETTING_UP),
            "show": Command("ruleset_show", "查看规则集 Show one rule set", SETTING_UP),
            "test": Command(
                "ruleset_test", "试行规则草案 What a draft would change; publishes nothing", SETTING_UP
            ),
        },
    ),
    "merchant": Group(
        "商户 Merchants",
        SETTING_UP,
        {
            "enroll": Command(
                "merchant_enroll",
                "商户登记 Enrol a merchant, or change what is known of it",
                SETTING_UP,
                "statement",
            ),
            "list": Command("merchant_list", "商户列表 List the merchants", SETTING_UP),
            "show": Command("merchant_show", "查看商户 Show one merchant", SETTING_UP),
        },
    ),
    "goods": Group(
        "货物进出 Goods in and out",
        RECORDING,
        {
            "receive": Command("goods_receive", "收货入账 Record a receipt of goods", RECORDING, "statement"),
            "hand-over": Command(
                "goods_hand_over", "移交货物 Hand goods over to another merchant", RECORDING, "statement"
            ),
            "accept": Command("goods_accept", "接收货物 Answer a handover", RECORDING, "statement"),
            "sell": Command("goods_sell", "销售出账 Record a sale", RECORDING, "statement"),
            "dispose": Command(
                "goods_dispose",
                "处置货物 Record goods destroyed, returned or consumed",
                RECORDING,
                "statement",
            ),
            "adjust": Command(
                "goods_adjust", "盘点调整 Record a stock-take difference", RECORDING, "statement"
            ),
            "seal": Command("goods_seal", "查封货物 Seal a batch", SUPERVISING, "statement"),
            "release": Command("goods_release", "解除查封 Release sealed goods", SUPERVISING, "statement"),
            "import": Command("goods_import", "导入表格 Take in receipts from a spreadsheet", RECORDING),
            "export": Command("goods_export", "导出台账 Write the goods ledger as XLSX or CSV", READING),
        },
    ),
    "log": Group(
        "日常记录 Daily records",
        RECORDING,
        {
            "disinfection": Command(
                "log_disinfection", "消毒记录 Record a disinfection", RECORDING, "statement"
            ),
            "temperature": Command(
                "log_temperature", "温度记录 Record temperatures of a zone", RECORDING, "statement"
            ),
        },
    ),
    "attest": Group(
        "声明与签收 Attestations",
        RECORDING,
        {
            "clears": Command(
                "attest_clears", "三清声明 Attest the clears of a rule set", RECORDING, "statement"
            ),
            "commitment": Command(
                "attest_commitment", "签承诺书 Sign the commitment letter", RECORDING, "statement"
            ),
            "briefing": Command(
                "attest_briefing", "签收明白卡 Acknowledge the briefing card", RECORDING, "statement"
            ),
        },
    ),
    "duty": Group(
        "包保责任 Who is responsible for whom",
        SUPERVISING,
        {
            "assign": Command("duty_assign", "落实责任 Make somebody responsible", SUPERVISING, "statement"),
            "list": Command("duty_list", "责任清单 Who is responsible, and for whom nobody is", SUPERVISING),
        },
    ),
    "plan": Group(
        "双随机抽查 The checks of a week, drawn at random",
        SUPERVISING,
        {
            "announce": Command("plan_announce", "抽查公告 Announce the draw", SUPERVISING, "statement"),
            "draw": Command("plan_draw", "抽取 Draw what was announced", SUPERVISING, "statement"),
            "void": Command("plan_void", "作废 End a plan that cannot be drawn", SUPERVISING, "statement"),
            "show": Command("plan_show", "抽查任务 Who checks whom when, and what is done", SUPERVISING),
        },
    ),
    "inspect": Command("inspect", "监督检查 Check a merchant against the ledger", SUPERVISING, "statement"),
    "rectification": Group(
        "督促整改 Orders to put findings right",
        SUPERVISING,
        {
            "order": Command(
                "rectification_order", "现场交办 Order a rectification", SUPERVISING, "statement"
            ),
            "report": Command(
                "rectification_report", "整改报告 Say that it is done", SUPERVISING, "statement"
            ),
            "confirm": Command(
                "rectification_confirm", "整改销号 Confirm that it is done", SUPERVISING, "statement"
            ),
            "reject": Command(
                "rectification_reject", "整改退回 Say that it is not done", SUPERVISING, "statement"
            ),
            "list": Command("rectification_list", "整改清单 Orders, and 日产日清 per day", SUPERVISING),
        },
    ),
    "card": Group(
        "红黄牌 Yellow and red cards",
        SUPERVISING,
        {
            "issue": Command("card_issue", "亮牌 Issue the card the rules ask for", SUPERVISING, "statement"),
            "lift": Command("card_lift", "摘牌 Lift a card", SUPERVISING, "statement"),
            "suspend": Command("card_suspend", "停业决定 Decide a suspension", SUPERVISING, "statement"),
            "list": Command("card_list", "红黄牌清单 Cards and suspensions", SUPERVISING),
        },
    ),
    "recall": Group(
        "召回 Recalls",
        SUPERVISING,
        {
            "order": Command(
                "recall_order", "责令召回 Recall a batch from every holder", SUPERVISING, "statement"
            ),
            "answer": Command("recall_answer", "召回答复 Answer a recall", SUPERVISING, "statement"),
            "status": Command("recall_status", "召回进展 Who has answered for how much", SUPERVISING),
            "list": Command("recall_list", "召回清单 Recalls", SUPERVISING),
        },
    ),
    "notice": Group(
        "双通报 Notices to both offices",
        SUPERVISING,
        {
            "send": Command(
                "notice_send", "发出通报 State the notices that are due", SUPERVISING, "statement"
            ),
            "deliver": Command("notice_deliver", "送达通报 Deliver what waits", SUPERVISING),
            "list": Command("notice_list", "通报列表 Who was told, and who has answered", SUPERVISING),
            "acknowledge": Command(
                "notice_acknowledge", "反馈 Answer a notice for an office", SUPERVISING, "statement"
            ),
        },
    ),
    "correct": Command("correct", "更正记录 Take a statement back", RECORDING, "statement"),
    "cosign": Command("cosign", "会签 Add a second officer's signature to a statement", RECORDING),
    "submit": Command("submit", "提交信封 Take in signed envelopes, one a line", RECORDING),
    "entries": Command("entries", "条目 The record itself, one entry a line", READING),
    "holdings": Command("holdings", "库存 What a merchant holds", READING),
    "trace": Command("trace", "追溯 Where a batch came from and went", READING),
    "coverage": Command("coverage", "检查覆盖 Who was checked in a week, and who was not", READING),
    "report": Group(
        "报告 Reports that people read",
        READING,
        {"week": Command("report_week", "监督检查周报 A week as HTML, PDF and workbook", READING)},
    ),
    "label": Command("label", "标签 Labels of batches with a QR code, to print", READING),
    "scan": Command("scan", "扫码 What the codes in a photograph say", READING),
    "schema": Command("schema", "数据格式 What a kind of statement carries", READING),
    "checkpoint": Command("checkpoint", "检查点 The newest signed checkpoint", PROVING),
    "prove": Command("prove", "出具证明 Prove one entry", PROVING),
    "check-proof": Command("check_proof", "核对证明 Check a proof offline", PROVING),
    "check-coverage": Command(
        "check_coverage", "核对检查覆盖 Check offline that a merchant's checks are all", PROVING
    ),
    "verify": Command("verify", "核验 Verify a ledger, folder, zip or URL", PROVING),
    "publish": Command("publish", "发布与备份 Publish the ledger as files", PROVING),
    "serve": Command("serve", "服务 Serve the ledger over HTTP", PROVING),
    "restore": Command("restore", "恢复 Make a ledger out of a published bundle", PROVING),
    "rebuild": Command("rebuild", "重建 Make the derived tables anew", PROVING),
    "demo": Command("demo", "演示 A street office in four weeks", PROVING),
}
"""The commands, in the order of the help."""
