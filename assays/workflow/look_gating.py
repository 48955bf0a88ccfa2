"""What a gating file of another program holds: samples, groups, gates, matrices, scales, counts."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator, Sequence

from assays.flow.exchange import opencyto
from assays.flow.exchange.book import Book, Entry, open_book
from assays.flow.exchange.gate import Gate, ShapeGate, only_bounds
from assays.flow.exchange.quantity import (
    Compensated,
    Function,
    Quantity,
    Scaled,
    channels_of,
)
from assays.flow.scales import Bounded
from assays.flow.strategy import ROOT
from assays.workflow.look_record import Look, some
from plates.source import Source

MOST_ROWS = 400
"""Gates that are shown; the csv holds them all."""
COLUMNS = ("sample", "population", "kind", "channels", "stored count", "% of parent", "gate")


def look_at_gating(source: Source) -> Look:
    """Describe a gating file.

    Raises
    ------
    GatingError
        When it cannot be understood; with the gate and its line.
    """
    book = open_book(source)
    every = [row for entry in book.entries.values() for row in _rows(entry)]
    kept = _kept(every)[:-1]
    notes = _notes(book)
    if len(every) > MOST_ROWS:
        notes += (f"{len(every) - MOST_ROWS:,} further gates are not shown; see --csv.",)
    facts = _facts(book)
    return Look(
        "gating",
        facts,
        tuple(COLUMNS[n] for n in kept),
        tuple(tuple(row[n] for n in kept) for row in every[:MOST_ROWS]),
        notes,
        to_csv=lambda: _as_csv(every),
        more=lambda: _record(book),
        to_html=lambda: _page(facts, book, notes),
    )


def look_at_template(source: Source) -> Look:
    """Describe an openCyto template: its rows as gates of a run.

    Raises
    ------
    GatingError
        When it cannot be understood; with the line.
    """
    template = opencyto.read(source)
    rows = tuple(
        (
            gate.population,
            gate.parent,
            gate.method,
            " × ".join(gate.channels),
            "; ".join(f"{name} = {_plainly(value)}" for name, value in gate.params.items()),
            str(template.lines[gate.population]),
        )
        for gate in template.gates
    )
    facts = (
        ("file", template.name),
        ("program", "openCyto template"),
        ("gates", str(len(rows))),
        ("remarks", f"{len(template.notes)}, told below" if template.notes else "none"),
    )
    columns = ("population", "parent", "method", "channels", "params", "line")
    return Look(
        "gating",
        facts,
        columns,
        rows,
        template.notes,
        to_csv=lambda: _csv_of(columns, rows),
        to_html=lambda: _template_page(facts, rows, template.notes),
    )


def _plainly(value: object) -> str:
    """A parameter without brackets and quotes."""
    if isinstance(value, (list, tuple)):
        return ", ".join(map(_plainly, value))
    return f"{value:.12g}" if isinstance(value, float) else str(value)


def _template_page(
    facts: tuple[tuple[str, str], ...],
    rows: tuple[tuple[str, ...], ...],
    notes: tuple[str, ...],
) -> bytes:
    from assays.reports.gating_page import GatingPage, GatingSample, render

    shown = tuple(
        (
            "",
            name if parent == ROOT else f"{parent} → {name}",
            method.replace("_", " "),
            channels,
            "",
            "",
            "; ".join(part for part in (channels, params) if part),
        )
        for name, parent, method, channels, params, _ in rows
    )
    sample = GatingSample("Rows as gates of this program", (), shown)
    return render(GatingPage(facts, (sample,), (), (), notes))


def kind_of(gate: Gate) -> str:
    """What a gate is, in a word."""
    if not isinstance(gate, ShapeGate):
        return gate.operation.value
    word = type(gate.shape).__name__.lower()
    word = {"box": "interval" if len(gate.axes) == 1 else "rectangle"}.get(word, word)
    return f"outside {word}" if gate.complement else word


def _rows(entry: Entry) -> Iterator[tuple[str, ...]]:
    counts = entry.stored_counts
    for gate in entry.strategy.gates:
        count, above = counts.get(gate.name, -1), counts.get(gate.parent, -1)
        yield (
            entry.name,
            gate.name if gate.parent == ROOT or gate.name.startswith(f"{ROOT}/")
            else f"{gate.parent} → {gate.name}",
            kind_of(gate),
            " × ".join(n for axis in gate.axes for n in channels_of(axis))
            if isinstance(gate, ShapeGate) else "",
            f"{count}" if count >= 0 else "",
            f"{100 * count / above:.2f}" if count >= 0 and above > 0 else "",
            gate.definition,
        )  # fmt: skip


def _kept(rows: list[tuple[str, ...]]) -> list[int]:
    """Columns that say something; the gate in words, the last, is for the csv and the page."""
    several = len({row[0] for row in rows}) > 1
    return [n for n in range(len(COLUMNS)) if any(row[n] for row in rows) and (n or several)]


def _facts(book: Book) -> tuple[tuple[str, str], ...]:
    entries = list(book.entries.values())
    gates = sum(len(entry.strategy.gates) for entry in entries)
    stored = sum(count >= 0 for entry in entries for count in entry.stored_counts.values())
    channels = dict.fromkeys(name for entry in entries for name in entry.strategy.channels)
    names = [_shown(entry) for entry in entries]
    groups = [f"{name} ({len(members)})" for name, members in book.groups.items()]
    version = f" {book.version}" if book.version not in str(book.program) else ""
    return (
        ("file", book.name),
        ("program", f"{book.program}{version}"),
        ("samples", "one strategy for every tube" if book.one_for_all
         else f"{len(entries)}: {some(names)}"),
        *((("groups", some(groups, 12)),) if groups else ()),
        ("gates", f"{gates}" if len(entries) == 1 else f"{gates} in all samples together"),
        ("stored counts", f"{stored}" if stored else "none"),
        ("channels gated", some(list(channels), 16) or "none"),
        ("compensation", _compensation(entries)),
        ("scales", some(_scales(entries), 12) or "none: gates are in the channels' own units"),
        ("remarks", f"{len(_notes(book))}, told below" if _notes(book) else "none"),
    )  # fmt: skip


def _notes(book: Book) -> tuple[str, ...]:
    """What is told of the samples' gates, each once."""
    return tuple(
        dict.fromkeys(note for entry in book.entries.values() for note in entry.strategy.notes)
    )


def _shown(entry: Entry) -> str:
    return entry.name if entry.file in ("", entry.name) else f"{entry.name} ({entry.file})"


def _compensation(entries: list[Entry]) -> str:
    told = dict.fromkeys(
        f"{matrix.name} ({len(matrix.fluorochromes)} × {len(matrix.detectors)})"
        for entry in entries
        for matrix in entry.strategy.matrices.values()
    )
    if any(_by_file(axis) for entry in entries for axis in _axes(entry)):
        told["each FCS file's own matrix"] = None
    return some(list(told)) or "none"


def _axes(entry: Entry) -> Iterator[Quantity]:
    for gate in entry.strategy.gates:
        if isinstance(gate, ShapeGate):
            yield from gate.axes


def _by_file(axis: Quantity) -> bool:
    inner = axis.of if isinstance(axis, Scaled) else axis
    return isinstance(inner, Compensated) and inner.matrix == "FCS"


def _scales(entries: list[Entry]) -> list[str]:
    told: dict[str, None] = {}
    for entry in entries:
        for axis in _axes(entry):
            if isinstance(axis, Scaled) and not only_bounds(axis):
                told[_words(axis.scale)] = None
    return list(told)


def _scale_words(entry: Entry) -> Iterator[tuple[str, str]]:
    for channel, scale in entry.scales.items():
        yield channel, "linear" if scale is None else _words(scale)


def _words(scale: Function) -> str:
    """A scale in words; FlowJo's ends of an axis go without saying."""
    if isinstance(scale, Bounded) and (scale.low, scale.high) in ((0.0, 1.0), (0.0, math.inf)):
        scale = scale.scale
    return str(getattr(scale, "words", type(scale).__name__))


def _record(book: Book) -> dict[str, object]:
    """Everything, for machines."""
    return {
        "samples": [
            {
                "name": entry.name,
                "file": entry.file,
                "groups": list(entry.groups),
                "stored_counts": dict(entry.stored_counts),
                "scales": dict(_scale_words(entry)),
                "gates": [
                    {
                        "population": gate.name,
                        "parent": gate.parent,
                        "kind": kind_of(gate),
                        "definition": gate.definition,
                        "where": gate.place,
                    }
                    for gate in entry.strategy.gates
                ],
                "matrices": [
                    {
                        "name": matrix.name,
                        "fluorochromes": list(matrix.fluorochromes),
                        "detectors": list(matrix.detectors),
                        "inverted": matrix.inverted,
                        "numbers": matrix.numbers.tolist(),
                    }
                    for matrix in entry.strategy.matrices.values()
                ],
            }
            for entry in book.entries.values()
        ],
        "groups": {name: list(members) for name, members in book.groups.items()},
    }


def _as_csv(rows: list[tuple[str, ...]]) -> str:
    return _csv_of([name.replace(" ", "_").replace("%", "percent") for name in COLUMNS], rows)


def _csv_of(columns: Sequence[str], rows: Sequence[tuple[str, ...]]) -> str:
    from assays.reports.csv import cell

    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([cell(text) for text in row] for row in rows)
    return out.getvalue()


def _page(facts: tuple[tuple[str, str], ...], book: Book, notes: tuple[str, ...]) -> bytes:
    from assays.reports.gating_page import GatingPage, GatingSample, Matrix, render

    entries = list(book.entries.values())
    samples = tuple(
        GatingSample(_shown(entry) or book.name, entry.groups, tuple(_rows(entry)))
        for entry in entries
    )
    matrices = {
        (matrix.name, matrix.numbers.tobytes()): Matrix(
            matrix.name, matrix.fluorochromes, matrix.detectors, matrix.numbers, matrix.inverted
        )
        for entry in entries
        for matrix in entry.strategy.matrices.values()
    }
    scales = {(channel, words): None for entry in entries for channel, words in _scale_words(entry)}
    return render(GatingPage(facts, samples, tuple(matrices.values()), tuple(scales), notes))
