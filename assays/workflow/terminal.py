"""What the terminal shows: progress on stderr, tables and findings on stdout."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from assays.workflow.alike import told_once
from plates.findings import Finding, Severity

if TYPE_CHECKING:
    from assays.workflow.look import Look
    from assays.workflow.messages import Progress

SIGNS = {
    Severity.STOP: ("✖ stop", "red"),
    Severity.LOOK: ("▲ look", "yellow"),
    Severity.NOTE: ("• note", "dim"),
}


@contextmanager
def progress_on_stderr() -> Iterator[Progress]:
    """Draw progress on a terminal; elsewhere tell it in plain lines, at most one in 2 s."""
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal:
        yield _plain_lines(console.file.write)
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
    )
    with bar:
        task = bar.add_task("starting", total=None)

        def tell(done: int, total: int, what: str) -> None:
            bar.update(task, completed=done, total=total, description=harmless(what))

        yield tell


def _plain_lines(write: object) -> Progress:
    assert callable(write)
    last = time.monotonic()

    def tell(done: int, total: int, what: str) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= 2:
            last = now
            write(f"{harmless(what)}: {done} of {total}\n")

    return tell


def harmless(text: str) -> str:
    """The text without control characters, which could steer the terminal."""
    return "".join(c if c.isprintable() else "�" for c in text)


def show_findings(findings: Sequence[Finding]) -> None:
    """Print findings, the gravest first; those that say the same of many places as one."""
    from rich.console import Console
    from rich.text import Text

    from assays.reports.words import units_in_words

    console = Console(soft_wrap=True)
    for told in told_once(findings):
        finding = told.finding
        sign, colour = SIGNS[finding.severity]
        said = not finding.where or finding.message.startswith(finding.where)
        where = "" if said else f"{finding.where}: "
        sentence = harmless(f"{where}{units_in_words(finding.message)}{told.more}")
        console.print(Text(sign, style=colour), Text(sentence))


def show_look(seen: Look) -> None:
    """Print what a file holds: facts, then one table."""
    from rich.console import Console
    from rich.table import Table

    console = Console()
    facts = Table.grid(padding=(0, 2))
    for name, value in seen.facts:
        facts.add_row(f"[bold]{name}", harmless(value).replace("[", r"\["))
    console.print(facts)
    if seen.rows:
        table = Table(box=None, header_style="bold")
        for column in seen.columns:
            table.add_column(column, overflow="fold")
        for row in seen.rows:
            table.add_row(*(harmless(cell).replace("[", r"\[") for cell in row))
        console.print(table)
    for note in seen.notes:
        console.print(f"• {harmless(note)}", markup=False, highlight=False)
