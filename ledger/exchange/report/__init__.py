"""The weekly report (周报) as files that people read: one page HTML, PDF, and a workbook.

    words       the language: gettext catalogues, names of codes, numbers, days
    content     what the report says, as sections of tables, from `ledger.custody.supervision.weekly`
    charts      heat map and bars; one drawing serves HTML (as SVG) and PDF
    html, pdf, workbook        the same content in three forms
    files       writes them into a folder, over nothing

A new form takes `content.Report` and nothing else, so that all forms show the same numbers.
"""
