"""What was done: every choice, exclusion, lot, version and input. Last, complete, small."""

from __future__ import annotations

from assays.protocol import Reagent, Trace
from assays.reports.cells import Cell, Head, PageTable, figure, table, words
from assays.reports.choices import choices_of
from assays.reports.figures.gate_panels import leaf
from assays.reports.miflowcyt import miflowcyt_items
from assays.reports.page_elisa import floor_used
from assays.reports.page_exclusions import BLANK, exclusions, with_and_without
from assays.reports.words import (
    bytes_in_words,
    count,
    fixed,
    grouped,
    listed,
    plate_in_words,
    whole,
)
from assays.results.elisa import ElisaRun
from assays.results.flow import FlowRun
from assays.results.run import Run


def done_tables(run: Run) -> tuple[PageTable, ...]:
    """Everything the result depended on, in tables."""
    found: list[PageTable] = []
    if run.elisa is not None:
        found += [exclusions(run), *with_and_without(run.elisa)]
    found.append(overrides(run))
    found += [trace(run.provenance.protocol.trace, plates=run.elisa is not None)]
    if run.elisa is not None:
        found.append(exports(run.elisa))
    if run.flow is not None:
        found += [
            strategy(run.flow),
            gate_files(run.flow),
            event_files(run.flow),
            spillover(run.flow),
            miflowcyt(run),
        ]
    found += [choices(run), defaults(run), inputs(run), libraries(run)]
    return tuple(each for each in found if each.rows)


def overrides(run: Run) -> PageTable:
    """Gates that a person moved."""
    section = run.provenance.protocol.flow
    rows = [
        (words(each.file), words(each.population), words(each.who), words(each.when),
         words(each.why, "wide"))
        for each in (section.overrides if section else ())
    ]  # fmt: skip
    heads = [Head(name) for name in ("Tube", "Population", "Who", "When", "Why")]
    return table("overrides", "Gates moved by hand", heads, rows, small=True)


def trace(found: Trace, *, plates: bool = True) -> PageTable:
    """Operator, plates, kit, lots; blanks are shown as blanks.

    `plates` says whether a blank plate, kit or standard is one: tubes have none.
    """
    rows = [
        _said("Operator", found.operator),
        _said("Date", found.date),
        _said("Instrument", found.instrument),
    ]
    rows += [
        _said(name, value)
        for name, value in (
            ("Plates", ", ".join(found.plates)),
            ("Kit", _reagent(found.kit)),
            ("Standard", _reagent(found.standard)),
        )
        if plates or value
    ]
    if found.antibodies:
        rows += [_said(f"Antibody {n}", _reagent(a)) for n, a in enumerate(found.antibodies, 1)]
    else:
        rows.append(_said("Antibodies", ""))
    rows.append(_said("Note", found.note))
    heads = (Head("What"), Head("As given in assay.toml"))
    return table("trace", "Who, with what", heads, rows, small=True)


def _said(name: str, value: str) -> tuple[Cell, Cell]:
    return words(name), words(value, "wide") if value else BLANK


def _reagent(each: Reagent) -> str:
    if each == Reagent():
        return ""
    # An antibody is called by its marker; something must name it.
    parts = [name for name in (each.name, each.marker) if name] or ["name left blank"]
    parts += [f"clone {each.clone}"] if each.clone else []
    parts += [each.fluorochrome] if each.fluorochrome else []
    parts += [f"lot {each.lot}" if each.lot else "lot left blank"]
    parts += [f"expiry {each.expiry}" if each.expiry else "expiry left blank"]
    return ", ".join(parts)


def exports(run: ElisaRun) -> PageTable:
    """What each plate was read with."""
    names = ("Plate", "Export", "Software", "Instrument", "Read at, as exported", "Mode")
    heads = [Head(name) for name in (*names, "Signal, nm", "Reference, nm")]
    rows = [
        (words(p.plate or "1"), words(p.export), words(p.software),
         words(p.instrument) if p.instrument else BLANK, words(p.read_at) if p.read_at else BLANK,
         words(p.mode), words(p.wavelength_nm) if p.wavelength_nm else BLANK,
         words(p.reference_nm or "none subtracted"))
        for p in run.plates
    ]  # fmt: skip
    return table("exports", "Plates as read", heads, rows, small=True)


def strategy(run: FlowRun) -> PageTable:
    """The gating strategy, row by row, as it was applied."""
    names = ("Population", "Parent", "Method", "Channels", "Definition", "Cut by")
    heads = [Head(name) for name in names]
    found = any(s.reasons for s in run.strategy)
    heads += [Head("Score", number=True), Head("What was seen")] if found else []
    rows = [
        (words(s.population), words(leaf(s.parent)), words(s.method), words(", ".join(s.channels)),
         words(grouped(s.definition), "wide"), words(s.group_by),
         *((figure(fixed(s.score, 2)), words(s.reasons or "given in numbers", "wide"))
           if found else ()))
        for s in run.strategy
    ]  # fmt: skip
    return table("strategy", "Gating strategy", heads, rows, small=True,
                 note=f"Compensation: {run.compensation}."
                 + (f" Gates from {run.gating}." if run.gating else "")
                 + gates_written(run))  # fmt: skip


def gates_written(run: FlowRun) -> str:
    """Where the gates stand for other programs, a sentence."""
    files = run.gate_files
    if not files:
        return ""
    if len(files) == 1:
        return f" For other programs: {files[0].name} (Gating-ML 2.0)."
    return f" For other programs: {len(files)} files in gates/ (Gating-ML 2.0), one for each set."


def gate_files(run: FlowRun) -> PageTable:
    """Which file holds which tubes' gates, where tubes do not share them."""
    heads = [Head("File"), Head("Tubes")]
    shown = run.gate_files if len(run.gate_files) > 1 else ()
    rows = [(words(each.name), words(", ".join(each.tubes), "wide")) for each in shown]
    return table("gate-files", "Gates as Gating-ML", heads, rows, folded=True, small=True)


def event_files(run: FlowRun) -> PageTable:
    """Events that were written beside the report."""
    heads = [Head("File"), Head("Tube"), Head("Population"), Head("Events", number=True)]
    rows = [
        (words(each.name), words(each.file), words(each.population), figure(whole(each.count)))
        for each in run.event_files
    ]
    note = "As recorded, every channel; an FCS file carries the matrix of its tube."
    return table("events", "Events written", heads, rows, note=note, folded=len(rows) > 12,
                 small=True)  # fmt: skip


def spillover(run: FlowRun) -> PageTable:
    """The matrix that was undone."""
    if run.spillover is None:
        return table("spillover", "Spillover", (), ())
    heads = [Head("From"), *(Head(name, number=True) for name in run.spillover_channels)]
    rows = [
        (words(name), *(figure(f"{value:.4g}") for value in line))
        for name, line in zip(run.spillover_channels, run.spillover.tolist(), strict=True)
    ]
    note = "Share of the signal of the row's channel that is seen in the column's."
    return table("spillover", "Spillover that was undone", heads, rows, note=note, folded=True,
                 small=True)  # fmt: skip


def miflowcyt(run: Run) -> PageTable:
    """What MIFlowCyt asks of a flow experiment; blanks are shown as blanks."""
    rows = [
        (words(each.number), words(each.name), words(each.value, "wide") if each.value else BLANK,
         words(each.origin, "muted"))
        for each in miflowcyt_items(run)
    ]  # fmt: skip
    heads = [Head(name) for name in ("Item", "What", "Answer", "From")]
    blank = sum(not each.value for each in miflowcyt_items(run))
    note = f"{count(blank, 'item')} left blank: [experiment] and [trace] of assay.toml fill them."
    return table("miflowcyt", "MIFlowCyt items", heads, rows, note=note if blank else "",
                 small=True, folded=True)  # fmt: skip


def choices(run: Run) -> PageTable:
    """Every choice that was made, and a default that gave way."""
    rows = [
        (words(each.key, "code"), words(each.value + _instead(run, each.key), "wide"))
        if each.chosen
        else (
            words(each.key, "code"),
            words(f"{each.value or 'left blank'}{_instead(run, each.key)}", "wide muted"),
        )
        for each in choices_of(run.provenance.protocol)
        if each.chosen or _instead(run, each.key)
    ]
    return table("choices", "Every choice", (Head("Key"), Head("Value")), rows, small=True,
                 note="All other keys of assay.toml stand at their defaults, below.")  # fmt: skip


def defaults(run: Run) -> PageTable:
    """Keys of the protocol that nobody chose."""
    rows = [
        (words(each.key, "code"), words(each.value, "wide muted") if each.value else BLANK)
        for each in choices_of(run.provenance.protocol)
        if not each.chosen and not _instead(run, each.key)
    ]
    return table("defaults", "Left at their defaults", (Head("Key"), Head("Value")), rows,
                 small=True, folded=True)  # fmt: skip


def _instead(run: Run, key: str) -> str:
    """What was used instead of a choice that could not be kept; empty as a rule."""
    if key != "elisa.curve.floor" or run.elisa is None:
        return ""
    used = {plate.plate: floor_used(run.elisa, plate) for plate in run.elisa.plates}
    held = {name: floor for name, floor in used.items() if floor}
    if not held:
        return ""
    told = " and ".join(f"{floor:g} %" for floor in dict.fromkeys(held.values()))
    where = f" on {listed(map(plate_in_words, held))}" if len(held) < len(used) else ""
    return f"; used: {told} of the response range{where} (see findings)"


def inputs(run: Run) -> PageTable:
    """Files that went in, with their digests."""
    rows = [
        (words(each.name), words(each.role), figure(bytes_in_words(each.size)),
         words(each.sha256, "code break"))
        for each in run.provenance.inputs
    ]  # fmt: skip
    heads = (Head("File"), Head("Role"), Head("Size", number=True), Head("SHA-256"))
    return table("inputs", "Inputs", heads, rows, small=True, folded=len(rows) > 20)


def libraries(run: Run) -> PageTable:
    """Versions that the numbers depend on."""
    rows = [(words("assays"), words(run.provenance.version))]
    rows += [(words(name), words(version)) for name, version in run.provenance.libraries]
    return table("versions", "Versions", (Head("Library"), Head("Version")), rows, small=True)
