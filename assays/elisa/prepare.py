"""Everything that must be known before a curve is fitted: signals, contents, exclusions."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

import numpy as np
from numpy.typing import NDArray

from assays.elisa.contents import contents_of, nominal_in, of_analyte, with_units
from assays.elisa.exclusions import excluded_wells, tell_exclusions, unknown_plates
from assays.elisa.groups import group_wells
from assays.elisa.signal import Signal, choose_signal
from assays.elisa.slips import copies, slips_of_layout
from assays.elisa.spikes import spiked_with
from assays.errors import ProtocolError
from assays.protocol import Elisa
from assays.results.elisa import WellReading
from plates.errors import LayoutError
from plates.findings import Finding, Severity
from plates.layout import Layout, Role, WellContent
from plates.layouts.require import require_standards
from plates.plateread import Export, PlateRead
from plates.well import Well

Floats = NDArray[np.float64]
MOST_BLANKS = 8
"""Wells that a sentence names."""


@dataclass(frozen=True, slots=True, eq=False)
class PreparedPlate:
    """One plate, ready to be fitted."""

    plate: str
    """Label, unlike every other plate's of the run."""
    file: str
    export: Export
    signal: Signal
    contents: Mapping[Well, WellContent]
    wells: tuple[WellReading, ...]
    """Every well with content, in order of the plate; concentrations still NaN."""
    values: Floats
    """shape (rows, columns), what goes into the curve."""


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """The plates of a run, and what was remarked on the way."""

    plates: tuple[PreparedPlate, ...]
    findings: tuple[Finding, ...]
    notes: tuple[str, ...]


def prepare(
    export_reads: Sequence[tuple[str, Export]], layout: Layout | None, protocol: Elisa
) -> Prepared:
    """Bring exports, layout and choices together; raises whatever would stop the run.

    Parameters
    ----------
    export_reads : sequence of (str, Export)
        Name of each file, and what was read from it.
    layout : Layout or None
        What is in the wells; None takes the layout inside each export.

    Raises
    ------
    LabError
        `ProtocolError`, `LayoutError` or `UnitError`, with file and place.
    """
    if not export_reads:
        raise ProtocolError("the run has no plate-reader export", "assay.toml: [inputs] exports")
    groups = [
        (name, export, reads) for name, export in export_reads for reads in _by_plate(name, export)
    ]
    labels = _labels([(name, reads[0]) for name, _, reads in groups])
    names = {reads[0].plate for _, _, reads in groups} | set(labels)
    unknown_plates(protocol.exclude, names)
    plates, findings = [], []
    # A layout may count plates, unless two files of the run begin at 1.
    counted = len({reads[0].plate_number for _, _, reads in groups}) == len(groups)
    for label, (name, export, reads) in zip(labels, groups, strict=True):
        single = sum(name == other for other, _, _ in groups) == 1
        known = (
            label,
            *([PurePosixPath(name).stem] if single else []),
            reads[0].plate,
            *([str(reads[0].plate_number)] if counted else []),
        )
        plate, found = _plate(
            label, name, export, reads, layout, protocol, known, alone=len(groups) == 1
        )
        plates.append(plate)
        findings += found
    findings += copies([(one.plate, one.file, one.signal.read) for one in plates])
    notes = [note for name, export in export_reads for note in _told(name, export.notes)]
    notes += _told(layout.name, layout.notes) if layout is not None else []
    return Prepared(tuple(plates), tuple(findings), tuple(notes))


def _told(name: str, notes: Sequence[str]) -> list[str]:
    return [f"{name}: {note}" if name and name not in note else note for note in notes]


def _by_plate(name: str, export: Export) -> list[tuple[PlateRead, ...]]:
    if not export.reads:
        raise ProtocolError("the export holds no reads", name)
    numbers = dict.fromkeys(read.plate_number for read in export.reads)
    return [tuple(r for r in export.reads if r.plate_number == number) for number in numbers]


_UNNAMED = re.compile(
    r"(?:sheet|worksheet|tabelle|feuil|feuille|hoja|foglio|folha|planilha|blad|ark|arkusz|list)"
    r"\s*\d*",
    re.IGNORECASE,
)
"""What spreadsheets call a sheet by themselves, in several languages."""


def _labels(plates: list[tuple[str, PlateRead]]) -> list[str]:
    """A name for each plate: its own, with the file or a count where that is not enough.

    A sheet that nobody named is no name of a plate: then the file's is, with the
    sheet's where the file holds several plates.
    """
    of_file = Counter(file for file, _ in plates)
    own = []
    for file, read in plates:
        name = read.plate.strip()
        if _UNNAMED.fullmatch(name):
            name = f"{PurePosixPath(file).stem} {name}" if of_file[file] > 1 else ""
        own.append(name)
    counts = Counter(own)
    found = []
    for (file, _), name in zip(plates, own, strict=True):
        stem = PurePosixPath(file).stem
        found.append(
            name if name and counts[name] == 1 else f"{stem} {name}".strip() if name else stem
        )
    seen: Counter[str] = Counter()
    repeated = Counter(found)
    for i, label in enumerate(found):
        seen[label] += 1
        if repeated[label] > 1:
            found[i] = f"{label} ({seen[label]})"
    return found


def _plate(
    label: str,
    file: str,
    export: Export,
    reads: tuple[PlateRead, ...],
    layout: Layout | None,
    protocol: Elisa,
    names: tuple[str, ...],
    *,
    alone: bool,
) -> tuple[PreparedPlate, list[Finding]]:
    where = file if alone else f"{file}: plate {label}"
    signal = choose_signal(reads, protocol, where)
    filled = contents_of(signal.read, layout, export.layout, alone, where, names)
    filled = of_analyte(filled, signal.read.analyte)
    source = layout.name if layout is not None and layout.name else where
    filled, told = with_units(filled, protocol.unit) if layout is None else (filled, [])
    require_standards(filled)
    contents = filled.of_plate("")

    def at(well: Well) -> str:
        return filled.places.get(("", well)) or f"{source}: well {well}"

    for well, content in contents.items():
        spiked_with(content.labels, protocol.unit, at(well))
    used = [signal.read, *([signal.reference] if signal.reference is not None else [])]
    excluded = excluded_wells(protocol.exclude, used, (label, signal.read.plate))
    values, blank = _corrected(signal, contents, excluded, protocol, source)
    wells = tuple(
        _well(label, well, contents[well], signal, values, blank, excluded, protocol, at(well))
        for well in sorted(contents)
        if contents[well].role != Role.EMPTY
    )
    findings = [*signal.findings, *told, *tell_exclusions(excluded, label)]
    groups = group_wells(wells, contents)
    findings += slips_of_layout(label, filled, signal.read, groups, protocol)
    if protocol.blank == "subtract":
        findings.append(
            Finding(
                "blank-subtracted",
                Severity.NOTE,
                label,
                f"The mean blank of {blank:.3g} was subtracted from every well.",
                blank,
            )
        )
    elif "blank" not in protocol.model_fields_set:
        findings += _blanks_left(label, wells)
    return PreparedPlate(label, file, export, signal, contents, wells, values), findings


def _blanks_left(label: str, wells: Sequence[WellReading]) -> Iterator[Finding]:
    """That blanks stand on the plate and nobody said what to do with them."""
    blanks = [str(well.well) for well in wells if well.role == Role.BLANK]
    if not blanks:
        return
    more = f" and {len(blanks) - MOST_BLANKS} more" if len(blanks) > MOST_BLANKS else ""
    named = ", ".join(blanks[:MOST_BLANKS]) + more
    said = (
        f"Wells {named} are blanks, whose mean"
        if len(blanks) > 1
        else f"Well {named} is a blank, which"
    )
    yield Finding(
        "blank-not-subtracted",
        Severity.NOTE,
        f"{label}: {named}" if label else named,
        f"{said} was not subtracted: assay.toml does not ask for it. "
        'Set blank = "subtract" in [elisa] to take their mean off every well, or '
        'blank = "none" if signals are meant as they were read.',
    )


def _corrected(
    signal: Signal,
    contents: Mapping[Well, WellContent],
    excluded: Mapping[Well, str],
    protocol: Elisa,
    source: str,
) -> tuple[Floats, float]:
    """Readings minus reference minus mean blank, and that blank (NaN when none)."""
    values = np.array(signal.read.values, dtype=np.float64)
    if signal.reference is not None:
        values = values - signal.reference.values
    if protocol.blank == "none":
        return values, math.nan
    blanks = [w for w, c in contents.items() if c.role == Role.BLANK and w not in excluded]
    readings = np.array([values[well.row, well.column] for well in blanks])
    readings = readings[np.isfinite(readings)]
    if not readings.size:
        raise LayoutError(
            "the protocol subtracts the blank, but no blank well has a reading",
            source,
            "Give them the role 'blank', or set blank = \"none\". A zero standard is no blank.",
        )
    blank = float(readings.mean())
    return values - blank, blank


def _well(
    label: str,
    well: Well,
    content: WellContent,
    signal: Signal,
    values: Floats,
    blank: float,
    excluded: Mapping[Well, str],
    protocol: Elisa,
    source: str,
) -> WellReading:
    at = (well.row, well.column)
    reference = signal.reference
    flag = signal.read.flags.get(well, "") or (reference.flags.get(well, "") if reference else "")
    return WellReading(
        label,
        well,
        content.role,
        content.sample.strip() or str(well),
        float(signal.read.values[at]),
        float(reference.values[at]) if reference is not None else math.nan,
        blank,
        float(values[at]),
        nominal_in(content, protocol.unit, source),
        content.dilution_factor,
        math.nan,
        flag,
        excluded.get(well, ""),
    )
