"""The first sheet of the workbook: the verdict, the run, and what each sheet holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assays.reports.book import Book, cell_text
from assays.reports.verdict import headline, verdict_line
from assays.reports.words import count, listed
from assays.results.run import Run
from assays.results.table import Table
from plates.findings import Severity, by_severity

SIGNS = {Severity.STOP: "\u2716 stop", Severity.LOOK: "\u25b2 look", Severity.NOTE: "\u25cf note"}
COLORS = {Severity.STOP: "#B3261E", Severity.LOOK: "#9A6700", Severity.NOTE: "#57606A"}
MOST_FINDINGS = 40
"""Findings told here; the sheet `findings` has them all."""


def add_summary(
    book: Book,
    sheet: Any,
    run: Run,
    tables: Mapping[str, Table],
    names: Mapping[str, str],
    curves: Mapping[str, str],
) -> None:
    """Fill the first sheet."""
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 110)
    title = run.title or run.name
    line = _put(book, sheet, 0, "", title, bold=True, font_size=16)
    severity = headline(run)
    color = "#1a1a1a" if severity == Severity.NOTE else COLORS[severity]
    line = _put(book, sheet, line, "", verdict_line(run), bold=True, font_size=13, font_color=color)
    for key, value in facts(run):
        line = _put(book, sheet, line, key, value)
    line = _put(book, sheet, line + 1, "Findings", _findings_in_words(run), bold=True)
    for finding in by_severity(run.findings)[:MOST_FINDINGS]:
        where = f"{finding.where}: " if finding.where else ""
        line = _put(
            book, sheet, line, SIGNS[finding.severity], where + finding.message,
            font_color=COLORS[finding.severity],
        )  # fmt: skip
    line = _put(book, sheet, line + 1, "Sheets", "Full precision lies under the digits shown.",
                bold=True)  # fmt: skip
    told = {sheet_name: f"{tables[name].title}: {count(len(tables[name].rows), 'row')}"
            for name, sheet_name in names.items()}  # fmt: skip
    told |= {
        name: f"Plate {plate or '1'}: each concentration recomputed here from the parameters"
        for plate, name in curves.items()
    }
    for name, what in told.items():
        link = book.format(font_color="#0072B2", underline=1, valign="top")
        sheet.write_url(line, 0, f"internal:'{name.replace(chr(39), chr(39) * 2)}'!A1", link, name)
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


def _findings_in_words(run: Run) -> str:
    if not run.findings:
        return "Nothing to remark."
    numbers = {s: sum(f.severity == s for f in run.findings) for s in Severity}
    return ", ".join(f"{n} to {s}" if s != Severity.NOTE else count(n, "note")
                     for s, n in numbers.items() if n)  # fmt: skip


def _put(book: Book, sheet: Any, line: int, key: str, value: str, **look: object) -> int:
    wrapped = book.format(text_wrap=True, valign="top", **look)
    bold = {"font_color": look["font_color"]} if "font_color" in look else {}
    sheet.write_string(line, 0, key, book.format(bold=True, valign="top", **bold))
    sheet.write_string(line, 1, cell_text(value), wrapped)
    return line + 1
