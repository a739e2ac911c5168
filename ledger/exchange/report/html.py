"""A weekly report as one HTML page that fetches nothing: style and charts stand within it, and it prints on paper.

    html(content(week, about, Words.of("en")))      # '<!doctype html>…'

The template escapes whatever it is given; only the charts, made here, go in as they are.
"""

from __future__ import annotations

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from ledger.exchange.report import charts
from ledger.exchange.report.parts import Report

ROWS = 60
"""Rows of a table on the page; the workbook has all."""
_WIDTH = 520


def html(report: Report) -> str:
    """The page as text."""
    environment = Environment(
        loader=PackageLoader("ledger.exchange.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    drawings = {
        "coverage": charts.heat_map(report, width=_WIDTH, rows=ROWS),
        "findings": charts.findings_chart(report, width=_WIDTH),
        "rectification": charts.orders_chart(report, width=_WIDTH),
    }
    # Markup: renderSVG escapes the texts of a drawing itself.
    drawn = {key: Markup(charts.svg(drawing, name=key)) for key, drawing in drawings.items()}  # noqa: S704
    template = environment.get_template("week.html.j2")
    return template.render(report=report, charts=drawn, rows=ROWS, _=report.words)
