"""`report.html`: one self-contained page, whole without scripts and without a network."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from assays.reports.cells import PageTable
from assays.reports.page_done import done_tables
from assays.reports.page_elisa import elisa_tables
from assays.reports.page_findings import SIGNS, finding_lines, tally
from assays.reports.page_flow import flow_tables
from assays.reports.tables_correlation import correlation_on_page, donors_correlated_on_page
from assays.reports.verdict import advice, headline, verdict_sentences
from assays.reports.words import harmless, units_in_words
from assays.results.run import Run
from assays.results.table import Table
from plates.findings import Severity

if TYPE_CHECKING:
    from jinja2 import Environment

    from assays.reports.figures.picture import Picture

ALBUMS = {
    "plate": "The plate",
    "curve": "Standard curve",
    "samples": "Samples",
    "compensation": "Compensation",
    "gates": "Gates, in order",
    "contact": "One gate over all tubes",
    "readouts": "Readouts by condition",
    "inhibition": "Inhibition",
    "dose": "Dose response",
    "course": "Course over time",
    "protection": "Viability and protection",
    "calibration": "Calibration with beads",
    "bridge": "Plates side by side",
    "correlation": "Secretion and activation",
}
"""Sections of pictures, in the order of the page."""


SCREEN = 1.4
"""Pictures are larger on a screen than printed, where their text is 7 points."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture on the page."""

    uri: str
    caption: str
    alt: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Album:
    """Pictures of one kind, by plate or donor."""

    key: str
    title: str
    groups: tuple[tuple[str, tuple[Shown, ...]], ...]


def render(run: Run, pictures: Iterable[Picture], tables: Mapping[str, Table]) -> bytes:
    """Write the report of a run; the same records give the same bytes.

    `tables` are the files beside the page, which it names.
    """
    style = style_sheet()
    severity = headline(run)
    numbers: list[tuple[str, tuple[PageTable, ...]]] = []
    if run.elisa is not None:
        numbers += elisa_tables(run.elisa)
    if run.flow is not None:
        numbers.append(("Phospho-flow" if numbers else "", flow_tables(run.flow)))
    if run.correlations:
        heading = "ELISA and phospho-flow together" if run.elisa is not None else ""
        numbers.append((heading, (correlation_on_page(run), donors_correlated_on_page(run))))
    notes = [note for part in (run.elisa, run.flow) if part is not None for note in part.notes]
    page = (
        environment()
        .get_template("report.html")
        .render(
            run=run,
            title=run.title or run.name,
            verdict=verdict_sentences(run),
            severity=str(severity),
            sign="\u2714" if severity == Severity.NOTE else SIGNS[severity],
            advice=advice(run),
            tally=tally(run.findings),
            findings=finding_lines(run.findings),
            numbers=numbers,
            albums=albums(pictures),
            done=done_tables(run),
            notes=[units_in_words(note) for note in notes],
            facts=facts(run),
            tables=list(tables.values()),
            style=style,
            policy=policy(style),
        )
    )
    return page.encode("utf-8", errors="replace")


def facts(run: Run) -> list[tuple[str, str]]:
    """What the run is, in a line under the title; what is blank stays out here."""
    trace = run.provenance.protocol.trace
    found = [("Run", run.name), ("Date", trace.date), ("Operator", trace.operator)]
    if run.elisa is not None:
        plates = [plate.plate for plate in run.elisa.plates if plate.plate]
        found += [("Analyte", f"{run.elisa.analyte}, {units_in_words(run.elisa.unit)}")]
        found += [("Plates", ", ".join(plates))] if plates else []
    if run.flow is not None:
        donors = {tube.donor for tube in run.flow.tubes if tube.donor}
        readouts = list(dict.fromkeys(each.readout for each in run.flow.readings))
        found += [("Tubes", str(len(run.flow.tubes))), ("Donors", str(len(donors)))]
        found += [("Readouts", ", ".join(readouts))]
    return [(name, value) for name, value in found if value]


def albums(pictures: Iterable[Picture]) -> tuple[Album, ...]:
    """Pictures by section and group; a section that nobody knows comes last, under its own name."""
    by_section: dict[str, dict[str, list[Picture]]] = {}
    for picture in pictures:
        by_section.setdefault(picture.section, {}).setdefault(picture.group, []).append(picture)
    order: Sequence[str] = [*ALBUMS, *(name for name in by_section if name not in ALBUMS)]
    return tuple(
        Album(
            name,
            ALBUMS.get(name, name.capitalize()),
            tuple((group, tuple(map(_shown, found))) for group, found in by_section[name].items()),
        )
        for name in order
        if name in by_section
    )


def _shown(picture: Picture) -> Shown:
    data = base64.b64encode(picture.data).decode()
    return Shown(
        f"data:{picture.media_type};base64,{data}",
        units_in_words(picture.caption),
        units_in_words(picture.alt),
        round(picture.width_px * SCREEN),
        round(picture.height_px * SCREEN),
    )


@cache
def environment() -> Environment:
    """The templates: every value is escaped, and its unseen characters are made visible."""
    from jinja2 import Environment, FunctionLoader, StrictUndefined
    from markupsafe import Markup

    def finished(value: object) -> object:
        plain = isinstance(value, str) and not isinstance(value, Markup)
        return harmless(str(value)) if plain else value

    return Environment(
        loader=FunctionLoader(_template),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=finished,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def style_sheet() -> str:
    """The one style sheet of every page."""
    return _template("report.css")


def _template(name: str) -> str:
    return files("assays.reports").joinpath("templates", name).read_text(encoding="utf-8")


def policy(style: str) -> str:
    """What a browser may load for the page: its own style sheet and embedded pictures, no more."""
    digest = base64.b64encode(hashlib.sha256(style.encode("utf-8")).digest()).decode()
    allowed = f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:"
    return f"{allowed}; base-uri 'none'; form-action 'none'"
