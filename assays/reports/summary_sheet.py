"""The first sheet of the workbook: the verdict, the run, and what each sheet holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assays.reports.book import INK, SEVERITY, Book, cell_text
from assays.reports.page_findings import finding_lines, tally
from assays.reports.verdict import advice, headline, verdict_sentences
from assays.reports.words import listed
from assays.results.run import Run
from plates.findings import Severity

WIDTH = 110
"""Characters in a line of the second column."""


def add_summary(book: Book, sheet: Any, run: Run, sheets: Mapping[str, str]) -> None:
    """Fill the first sheet; `sheets` tells of each other sheet what it holds."""
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, WIDTH)
    severity = headline(run)
    color = INK if severity == Severity.NOTE else SEVERITY[str(severity)]
    title = book.format(bold=True, font_size=16)
    sheet.write_string(0, 0, cell_text(run.title or run.name), title)
    loud = book.format(bold=True, font_size=13, font_color=color)
    line = 1
    for sentence in (*verdict_sentences(run), advice(run)):
        if sentence:
            sheet.write_string(line, 0, cell_text(sentence), loud)
            line += 1
            loud = book.format() if line > len(verdict_sentences(run)) else loud
    line += 1
    for key, value in facts(run):
        line = _put(book, sheet, line, key, value)
    line = _put(book, sheet, line + 1, "Findings", tally(run.findings), bold=True)
    for each in finding_lines(run.findings):
        place = each.where if each.where not in each.sentence else ""
        told = f"{place}: {each.sentence}" if place else each.sentence
        line = _put(book, sheet, line, f"{each.sign} {each.severity}", told, each.severity)
    told = "Full precision lies under the digits shown."
    line = _put(book, sheet, line + 1, "Sheets", told, bold=True)
    link = book.format(font_color="#0072B2", underline=1, valign="top")
    for name, what in sheets.items():
        place = name.replace("'", "''")
        sheet.write_url(line, 0, f"internal:'{place}'!A1", link, name)
        sheet.write_string(line, 1, what, book.format(text_wrap=True, valign="top"))
        line += 1
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)


def facts(run: Run) -> list[tuple[str, str]]:
    """Run, version and inputs in words; blanks stay blank."""
    provenance, trace = run.provenance, run.provenance.protocol.trace
    found = [
        ("Run", run.name),
        ("Run id", provenance.run_id),
        ("Version", f"assays {provenance.version}"),
        ("Operator", trace.operator),
        ("Date", trace.date),
        ("Instrument", trace.instrument),
        ("Inputs", listed((each.name for each in provenance.inputs), 12)),
    ]
    if provenance.supersedes:
        found.append(("Supersedes", provenance.supersedes))
    return found


def _put(
    book: Book, sheet: Any, line: int, key: str, value: str, severity: str = "", bold: bool = False
) -> int:
    color = SEVERITY.get(severity, INK)
    # A workbook carries the height of its rows; programs do not work it out again.
    sheet.set_row(line, 15.5 * max(1, -(-len(value) // WIDTH)))
    sheet.write_string(line, 0, key, book.format(bold=True, valign="top", font_color=color))
    wrapped = book.format(text_wrap=True, valign="top", bold=bold)
    sheet.write_string(line, 1, cell_text(value), wrapped)
    return line + 1
