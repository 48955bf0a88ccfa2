"""Exports of Molecular Devices SoftMax Pro (text).

The file is a list of blocks, announced by ``##BLOCKS=`` and closed by ``~End``:
``Plate:`` holds raw and reduced values (`softmax_plate`), ``Group:`` is a table
of wells with samples, concentrations and results (`softmax_group`), ``Note:``
is text. Groups name their plate in ``WellPlateName``; without it they belong to
the plate above them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from plates.errors import ReaderError
from plates.grid import decimal_mark
from plates.layout import Layout, WellContent
from plates.plateread import Export, PlateRead, PrintedResult
from plates.readers.contract import PlateReader, Recognition
from plates.readers.softmax_group import Group, read_group
from plates.readers.softmax_plate import Section, build_reads, read_section
from plates.source import Source
from plates.table import Table, cell, from_lines
from plates.well import Well

_OPENERS = ("Plate:", "Group:", "Note:", "Cuvette:", "Graph:", "Image:")


def recognise(source: Source) -> Recognition:
    """Look for ``##BLOCKS=`` at the beginning."""
    if source.opening.lstrip('\ufeff \t\n"').startswith("##BLOCKS="):
        return Recognition(True, "it begins with '##BLOCKS=' as SoftMax Pro exports do")
    return Recognition(False, "'##BLOCKS=' of SoftMax Pro at the beginning")


@dataclass(slots=True)
class _Plate:
    """One plate section, with what the groups say about its wells."""

    number: int
    label: str
    section: Section
    contents: dict[Well, WellContent] = field(default_factory=dict)
    masked: dict[Well, str] = field(default_factory=dict)


def read(source: Source) -> Export:
    """Read every plate section and group of a SoftMax Pro export.

    Raises
    ------
    ReaderError
        When a block breaks off, or holds fewer wells or reads than it announces.
    """
    table = from_lines(source.name, source.lines, "\t")
    mark = decimal_mark(_data_cells(table), source.name)
    notes: list[str] = []
    plates: list[_Plate] = []
    printed: list[PrintedResult] = []
    groups: list[tuple[Group, int]] = []
    spans = _blocks(table)
    for start, end in spans:
        opener = cell(table.rows[start], 0)
        if opener.startswith("Plate:"):
            section = read_section(table, start, end, mark)
            if not section.has_values:
                notes.append(f"The plate section {section.name!r} holds no values; left out.")
                continue
            plates.append(_Plate(len(plates) + 1, section.name, section))
        elif opener.startswith("Group:"):
            if not _closed(table, end):
                raise ReaderError(
                    f"softmax: the {opener.rstrip(':')} block has no '~End'", table.at(end - 1),
                    "Was the export cut short?",
                )  # fmt: skip
            groups.append((read_group(table, start, end, mark), len(plates)))
    if not plates:
        raise ReaderError(
            "softmax: expected a plate section with values, found none",
            source.name,
            "Tick the plate data in the export options of SoftMax Pro.",
        )
    notes += _count_blocks(table, len(spans))
    homes: dict[str, set[str]] = {}
    for group, _ in groups:
        for entry in group.entries:
            homes.setdefault(entry.content.sample, set()).add(group.name)
    shared = {name for names in homes.values() if len(names) > 1 for name in names}
    for group, current in groups:
        printed += _place(group, plates, current, shared, notes)
    notes += _tell_apart(plates)
    for plate in plates:
        printed += plate.section.printed(plate.number)
    return Export(
        software="SoftMax Pro",
        reader="softmax",
        reads=tuple(read for plate in plates for read in _reads(plate)),
        layout=_layout(plates, source.name),
        printed=tuple(printed),
        notes=tuple(dict.fromkeys(notes)),
        metadata=_metadata(table),
    )


def _data_cells(table: Table) -> list[str]:
    """Cells that may hold a number; the version in the ``Plate:`` line does not count."""
    rows = (row for row in table.rows if not row[0].startswith("Plate:"))
    return [text for row in rows for text in row[1:]]


def _blocks(table: Table) -> list[tuple[int, int]]:
    """First row and end of every block; a block ends at ``~End`` or where the next opens."""
    spans: list[tuple[int, int]] = []
    start = -1
    for index, row in enumerate(table.rows):
        first = row[0]
        if first.startswith("~End"):
            if start >= 0:
                spans.append((start, index))
            start = -1
        elif first.startswith(_OPENERS) and (start < 0 or first.startswith(("Plate:", "Group:"))):
            if start >= 0:
                spans.append((start, index))
            start = index
    if start >= 0:
        spans.append((start, len(table.rows)))
    return spans


def _closed(table: Table, end: int) -> bool:
    return end < len(table.rows) and table.rows[end][0].startswith("~End")


def _count_blocks(table: Table, found: int) -> list[str]:
    first = next((row[0] for row in table.rows if row[0].startswith("##BLOCKS=")), "")
    announced = first.removeprefix("##BLOCKS=").strip()
    if announced.isdecimal() and int(announced) > found:
        return [
            f"The file announces {announced} blocks and holds {found}: "
            "look whether the export was cut short."
        ]
    return []


def _place(
    group: Group, plates: Sequence[_Plate], current: int, shared: set[str], notes: list[str]
) -> list[PrintedResult]:
    """Put the rows of a group on their plates; returns the printed results.

    SoftMax numbers the samples of every group from 01: in groups that share a
    name with another one (`shared`), bare numbers get the name of the group.
    """
    printed: list[PrintedResult] = []
    for entry in group.entries:
        plate = _plate_of(entry.plate, plates, current)
        if plate is None or entry.well not in plate.section.spec.format:
            notes.append(
                f"The group {group.name!r} names wells of the plate {entry.plate!r}, "
                "which is not in the file."
            )
            continue
        content = entry.content
        if group.name in shared and content.sample.isdecimal():
            content = replace(content, sample=f"{group.name} {content.sample}")
        plate.contents.setdefault(entry.well, content)
        if entry.masked:
            plate.masked[entry.well] = entry.masked
        printed += [
            PrintedResult(plate.number, entry.well, quantity, value, flag)
            for quantity, value, flag in entry.printed
        ]
    notes += group.notes
    return printed


def _plate_of(name: str, plates: Sequence[_Plate], current: int) -> _Plate | None:
    """The plate of that name that stands above the group, else one below it."""
    if not name:
        return plates[max(current - 1, 0)]
    above = [plate for plate in plates[:current] if plate.section.name == name]
    below = [plate for plate in plates[current:] if plate.section.name == name]
    return above[-1] if above else next(iter(below), None)


def _tell_apart(plates: Sequence[_Plate]) -> list[str]:
    """Number plates of one name whose layouts differ, so that nobody takes the wrong one."""
    notes: list[str] = []
    names = Counter(plate.section.name for plate in plates)
    for name in (name for name, count in names.items() if count > 1):
        same = [plate for plate in plates if plate.section.name == name]
        notes.append(f"{len(same)} plate sections are called {name!r}; they were kept apart.")
        if any(plate.contents != same[0].contents for plate in same):
            for count, plate in enumerate(same[1:], 2):
                plate.label = f"{name} ({count})"
    return notes


def _reads(plate: _Plate) -> list[PlateRead]:
    reads = build_reads(plate.section, plate.label, plate.number)
    if not plate.masked:
        return reads
    return [replace(read, flags={**plate.masked, **read.flags}) for read in reads]


def _layout(plates: Sequence[_Plate], name: str) -> Layout | None:
    contents = {
        (plate.label, well): content
        for plate in plates
        for well, content in sorted(plate.contents.items())
    }
    if not contents:
        return None
    largest = max((plate.section.spec.format for plate in plates), key=lambda each: each.size)
    return Layout(largest, contents, name)


def _metadata(table: Table) -> dict[str, str]:
    last = next((row[0] for row in reversed(table.rows) if row[0]), "")
    parts = [part.partition(":") for part in last.split(";") if last.startswith("Original")]
    return {key.strip().lower().replace(" ", "_"): text.strip() for key, _, text in parts if text}


READER = PlateReader(
    name="softmax",
    software="Molecular Devices SoftMax Pro (text)",
    recognise=recognise,
    read=read,
    suffixes=(".txt", ".xls"),
    tested_on=(
        "22 exports of SoftMax Pro: 6 to 384 wells, endpoint, kinetic, spectra, well scan, "
        "groups, several plates, UTF-16"
    ),
)
