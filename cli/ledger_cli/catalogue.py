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

from ledger_cli.language import N_


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


SETTING_UP = N_("Setting up")
RECORDING = N_("Recording")
SUPERVISING = N_("Supervision")
READING = N_("Reading")
PROVING = N_("Proving and exchanging")

CATALOGUE: dict[str, Command | Group] = {
    "init": Command("init", N_("Create a ledger"), SETTING_UP),
    "key": Group(
        N_("Keys and what they may say"),
        SETTING_UP,
        {
            "new": Command("key_new", N_("Make a key pair"), SETTING_UP),
            "list": Command("key_list", N_("List the keys of the ledger and of this folder"), SETTING_UP),
            "grant": Command("key_grant", N_("Let a public key speak in a role"), SETTING_UP, "statement"),
            "revoke": Command("key_revoke", N_("End what a key may say"), SETTING_UP, "statement"),
        },
    ),
    "device": Group(
        N_("New devices by one-time code"),
        SETTING_UP,
        {
            "invite": Command("device_invite", N_("Make a one-time code"), SETTING_UP),
            "list": Command("device_list", N_("List codes, and devices that wait"), SETTING_UP),
            "grant": Command("device_grant", N_("Grant a waiting device"), SETTING_UP, "statement"),
        },
    ),
    "tls": Group(
        N_("Certificates for phones on a local network"),
        SETTING_UP,
        {"make": Command("tls_make", N_("Make an authority and a server certificate"), SETTING_UP)},
    ),
    "ruleset": Group(
        N_("Rule sets"),
        SETTING_UP,
        {
            "publish": Command("ruleset_publish", N_("Publish a rule set"), SETTING_UP, "statement"),
            "list": Command("ruleset_list", N_("List the rule sets"), SETTING_UP),
            "show": Command("ruleset_show", N_("Show one rule set"), SETTING_UP),
            "test": Command("ruleset_test", N_("What a draft would change; publishes nothing"), SETTING_UP),
        },
    ),
    "merchant": Group(
        N_("Merchants"),
        SETTING_UP,
        {
            "enroll": Command(
                "merchant_enroll",
                N_("Enrol a merchant, or change what is known of it"),
                SETTING_UP,
                "statement",
            ),
            "list": Command("merchant_list", N_("List the merchants"), SETTING_UP),
            "show": Command("merchant_show", N_("Show one merchant"), SETTING_UP),
        },
    ),
    "goods": Group(
        N_("Goods in and out"),
        RECORDING,
        {
            "receive": Command("goods_receive", N_("Record a receipt of goods"), RECORDING, "statement"),
            "hand-over": Command(
                "goods_hand_over", N_("Hand goods over to another merchant"), RECORDING, "statement"
            ),
            "accept": Command("goods_accept", N_("Answer a handover"), RECORDING, "statement"),
            "sell": Command("goods_sell", N_("Record a sale"), RECORDING, "statement"),
            "dispose": Command(
                "goods_dispose",
                N_("Record goods destroyed, returned or consumed"),
                RECORDING,
                "statement",
            ),
            "adjust": Command("goods_adjust", N_("Record a stock-take difference"), RECORDING, "statement"),
            "seal": Command("goods_seal", N_("Seal a batch"), SUPERVISING, "statement"),
            "release": Command("goods_release", N_("Release sealed goods"), SUPERVISING, "statement"),
            "import": Command("goods_import", N_("Take in receipts from a spreadsheet"), RECORDING),
            "export": Command("goods_export", N_("Write the goods ledger as XLSX or CSV"), READING),
        },
    ),
    "log": Group(
        N_("Daily records"),
        RECORDING,
        {
            "disinfection": Command("log_disinfection", N_("Record a disinfection"), RECORDING, "statement"),
            "temperature": Command(
                "log_temperature", N_("Record temperatures of a zone"), RECORDING, "statement"
            ),
        },
    ),
    "attest": Group(
        N_("Attestations"),
        RECORDING,
        {
            "clears": Command("attest_clears", N_("Attest the clears of a rule set"), RECORDING, "statement"),
            "commitment": Command(
                "attest_commitment", N_("Sign the commitment letter"), RECORDING, "statement"
            ),
            "briefing": Command(
                "attest_briefing", N_("Acknowledge the briefing card"), RECORDING, "statement"
            ),
        },
    ),
    "duty": Group(
        N_("Who is responsible for whom"),
        SUPERVISING,
        {
            "assign": Command("duty_assign", N_("Make somebody responsible"), SUPERVISING, "statement"),
            "list": Command("duty_list", N_("Who is responsible, and for whom nobody is"), SUPERVISING),
        },
    ),
    "plan": Group(
        N_("The checks of a week, drawn at random"),
        SUPERVISING,
        {
            "announce": Command("plan_announce", N_("Announce the draw"), SUPERVISING, "statement"),
            "draw": Command("plan_draw", N_("Draw what was announced"), SUPERVISING, "statement"),
            "void": Command("plan_void", N_("End a plan that cannot be drawn"), SUPERVISING, "statement"),
            "show": Command("plan_show", N_("Who checks whom when, and what is done"), SUPERVISING),
        },
    ),
    "inspect": Command("inspect", N_("Check a merchant against the ledger"), SUPERVISING, "statement"),
    "rectification": Group(
        N_("Orders to put findings right"),
        SUPERVISING,
        {
            "order": Command("rectification_order", N_("Order a rectification"), SUPERVISING, "statement"),
            "report": Command("rectification_report", N_("Say that it is done"), SUPERVISING, "statement"),
            "confirm": Command(
                "rectification_confirm", N_("Confirm that it is done"), SUPERVISING, "statement"
            ),
            "reject": Command(
                "rectification_reject", N_("Say that it is not done"), SUPERVISING, "statement"
            ),
            "list": Command(
                "rectification_list", N_("Orders, and how many were put right the same day"), SUPERVISING
            ),
        },
    ),
    "card": Group(
        N_("Yellow and red cards"),
        SUPERVISING,
        {
            "issue": Command("card_issue", N_("Issue the card the rules ask for"), SUPERVISING, "statement"),
            "lift": Command("card_lift", N_("Lift a card"), SUPERVISING, "statement"),
            "suspend": Command("card_suspend", N_("Decide a suspension"), SUPERVISING, "statement"),
            "list": Command("card_list", N_("Cards and suspensions"), SUPERVISING),
        },
    ),
    "recall": Group(
        N_("Recalls"),
        SUPERVISING,
        {
            "order": Command(
                "recall_order", N_("Recall a batch from every holder"), SUPERVISING, "statement"
            ),
            "answer": Command("recall_answer", N_("Answer a recall"), SUPERVISING, "statement"),
            "status": Command("recall_status", N_("Who has answered for how much"), SUPERVISING),
            "list": Command("recall_list", N_("List the recalls"), SUPERVISING),
        },
    ),
    "notice": Group(
        N_("Notices to both offices"),
        SUPERVISING,
        {
            "send": Command("notice_send", N_("State the notices that are due"), SUPERVISING, "statement"),
            "deliver": Command("notice_deliver", N_("Deliver what waits"), SUPERVISING),
            "list": Command("notice_list", N_("Who was told, and who has answered"), SUPERVISING),
            "acknowledge": Command(
                "notice_acknowledge", N_("Answer a notice for an office"), SUPERVISING, "statement"
            ),
        },
    ),
    "correct": Command("correct", N_("Take a statement back"), RECORDING, "statement"),
    "cosign": Command("cosign", N_("Add a second officer's signature to a statement"), RECORDING),
    "submit": Command("submit", N_("Take in signed envelopes, one a line"), RECORDING),
    "entries": Command("entries", N_("The record itself, one entry a line"), READING),
    "holdings": Command("holdings", N_("What a merchant holds"), READING),
    "trace": Command("trace", N_("Where a batch came from and went"), READING),
    "coverage": Command("coverage", N_("Who was checked in a week, and who was not"), READING),
    "report": Group(
        N_("Reports that people read"),
        READING,
        {"week": Command("report_week", N_("A week as HTML, PDF and workbook"), READING)},
    ),
    "label": Command("label", N_("Labels of batches with a QR code, to print"), READING),
    "scan": Command("scan", N_("What the codes in a photograph say"), READING),
    "schema": Command("schema", N_("What a kind of statement carries"), READING),
    "checkpoint": Command("checkpoint", N_("The newest signed checkpoint"), PROVING),
    "prove": Command("prove", N_("Prove one entry"), PROVING),
    "check-proof": Command("check_proof", N_("Check a proof offline"), PROVING),
    "check-coverage": Command(
        "check_coverage", N_("Check offline that a merchant's checks are all"), PROVING
    ),
    "check-evidence": Command("check_evidence", N_("Whether a phone's alarm proves two histories"), PROVING),
    "verify": Command("verify", N_("Verify a ledger, folder, zip or URL"), PROVING),
    "publish": Command("publish", N_("Publish the ledger as files"), PROVING),
    "serve": Command("serve", N_("Serve the ledger over HTTP"), PROVING),
    "restore": Command("restore", N_("Make a ledger out of a published bundle"), PROVING),
    "rebuild": Command("rebuild", N_("Make the derived tables anew"), PROVING),
    "demo": Command("demo", N_("A street office in four weeks"), PROVING),
}
"""The commands, in the order of the help."""
