"""Exports of Revvity (PerkinElmer) Kaleido, the software of the EnSight reader (csv, xlsx).

``Results for NAME`` (version 2) or ``Result for NAME`` (version 3) opens a block: the
barcode and the repeat, then a grid. What follows ``Analysis Result``, or a block with an
analysis parameter, was calculated. Behind the blocks stand the type of plate, the plate
map and, by name of the measurement, its wavelengths; the last line says ``Exported with
Kaleido``. Version 2 joins words with no-break spaces.
"""

from __future__ import annotations

import re
from collections import Counter

from plates.errors import LayoutError, ReaderError
from plates.grid import decimal_mark, fill, format_for, parse_cell
from plates.layout import Layout, Role, WellContent
from plates.plateread import Export, PlateRead, PrintedResult
from plates.readers.contract import PlateReader, Recognition
from plates.readers.kaleido_parts import BLOCK, INFORMATION, WAVE, Parts, Result, joined, walk
from plates.roles import role_of
from plates.source import Source
from plates.table import cell
from plates.well import PlateFormat, Well, row_letters

_MODES = (
    ("absorbance", re.compile(r"\babs", re.I)),
    ("luminescence", re.compile(r"lumi|\blum\b|alpha", re.I)),
    ("fluorescence", re.compile(r"fluo|\bfi\b|\btrf|fret|polari", re.I)),
)
_FACTS = {
    "Instrument Serial Number": "serial_number",
    "Protocol Name": "protocol",
    "Protocol Owner": "user",
    "Plate Type Name": "plate_type",
}


def recognise(source: Source) -> Recognition:
    """Look for a block of results and the information that Kaleido writes below."""
    if source.is_workbook:
        texts = {cell(row, 0) for table in source.tables for row in table.rows[:400]}
    else:
        lines = source.opening.replace("\xa0", " ").split("\n")
        texts = {line.strip(' "').rstrip(",;\t").strip(' "') for line in lines}
    plain = {" ".join(text.split()) for text in texts}
    block = any(BLOCK.match(text) for text in plain)
    below = bool(plain & set(INFORMATION)) or "EnSight Results from" in plain
    if block and below:
        return Recognition(True, "it has 'Result for' and 'Measurement Information' of Kaleido")
    return Recognition(False, "'Result for' and 'Measurement Information' of Kaleido (EnSight)")


def read(source: Source) -> Export:
    """Read every raw grid; calculated ones are kept as printed results.

    Raises
    ------
    ReaderError
        When there is no raw grid, a grid is not whole, or the file ends too early.
    """
    found = Parts()
    for table in source.tables:
        walk(joined(table), found)
    raw = [result for result in found.results if not result.calculated]
    if not raw:
        raise ReaderError(
            "kaleido: expected 'Result for' over a grid, found none", source.name,
            "Export the measurement again with its results as plates.",
        )  # fmt: skip
    if not found.last.startswith("Exported with Kaleido"):
        raise ReaderError(
            f"kaleido: expected 'Exported with Kaleido' in the last line, found {found.last!r}",
            source.name,
            "Was the export cut short?",
        )
    cells = (text for result in raw for line in result.grid.lines for text in line.cells)
    mark = decimal_mark(cells, source.name)
    plate = _format(raw, found)
    numbers = {name: i for i, name in enumerate(dict.fromkeys(r.barcode for r in raw), start=1)}
    printed = [
        PrintedResult(numbers[result.barcode], Well(line.letter, column), result.title, *values)
        for result in found.results
        if result.calculated and result.barcode in numbers
        for line in result.grid.lines
        for column, text in enumerate(line.cells)
        if (values := parse_cell(text, mark)) and text
    ]
    return Export(
        software=found.last.removeprefix("Exported with ").partition(" and ")[0],
        reader="kaleido",
        reads=tuple(_reads(raw, found, numbers, plate, mark)),
        instrument="EnSight",
        read_at=found.facts.get("Measurement Started", ""),
        layout=_layout(source, found, plate),
        printed=tuple(printed),
        notes=tuple(_unmatched(raw, found)),
        metadata={ours: found.facts[key] for key, ours in _FACTS.items() if found.facts.get(key)},
    )


def _unmatched(raw: list[Result], found: Parts) -> list[str]:
    """Notes on measurements without results, and results without settings."""
    names = {result.name for result in raw}
    notes = [
        f"The file describes the measurement {name!r}, but has no raw results of it."
        for name, waves in found.waves.items()
        if name not in names and (waves or any(words.search(name) for _, words in _MODES))
    ]
    return notes + [
        f"The file does not describe the measurement {name!r}; its wavelength is unknown."
        for name in sorted(names - found.waves.keys())
    ]


def _reads(
    raw: list[Result], found: Parts, numbers: dict[str, int], plate: PlateFormat, mark: str
) -> list[PlateRead]:
    reads: list[PlateRead] = []
    counts: Counter[str] = Counter()
    own: dict[tuple[str, str, str], int] = {}
    for result in raw:
        mode, waves = _mode(result, found)
        # A repeat of the plate is a read of its own; loops and points belong to one read.
        key = result.barcode, result.name, result.facts.get("Repeat", "")
        loop, across = result.facts.get("Loop no", ""), result.facts.get("Well scan x", "")
        if key not in own or not (loop or across):
            counts[result.barcode] += 1
            own[key] = counts[result.barcode]
        read = str(own[key])
        if loop:
            read += f":i{loop}"
        if across:
            read += f":x{across}y{result.facts.get('Well scan y', '')}"
        values, flags = fill(result.grid.lines, plate, mark)
        reads.append(
            PlateRead(
                result.barcode, numbers[result.barcode], read, plate, mode, waves, values, flags
            )
        )
    return reads


def _mode(result: Result, found: Parts) -> tuple[str, str]:
    """Mode and wavelength, by the name of the measurement and its settings."""
    waves = dict(found.waves.get(result.name, {}))
    for key, side in (("Exc wl / filter", "excitation"), ("Ems wl", "emission")):
        if number := WAVE.search(result.facts.get(key, "")):
            waves[side] = number[0]
    mode = next((mode for mode, words in _MODES if words.search(result.name)), "")
    if not mode:
        mode = "fluorescence" if "emission" in waves else "absorbance" if waves else "luminescence"
    if mode == "fluorescence":
        sides = waves.get("excitation", ""), waves.get("emission", "")
        return mode, ":".join(sides) if any(sides) else ""
    return mode, waves.get("excitation" if mode == "absorbance" else "emission", "")


def _format(raw: list[Result], found: Parts) -> PlateFormat:
    rows = max(line.letter for result in raw for line in result.grid.lines) + 1
    columns = max(result.grid.columns for result in raw)
    where = raw[0].table.at(raw[0].grid.header)
    try:
        plate = format_for(rows, columns, [found.facts.get("Plate Type Name", "")])
    except LayoutError as error:
        raise ReaderError(f"kaleido: {error.message}", where) from error
    for result in found.results:
        letters = [line.letter for line in result.grid.lines]
        short = [line for line in result.grid.lines if line.given < result.grid.columns]
        narrow = result.grid.columns != plate.columns
        cut = bool(short) and result.table.sheet is None
        if letters != list(range(plate.rows)) or narrow or cut:
            bad = short[0] if short else result.grid.lines[-1]
            raise ReaderError(
                f"kaleido: the grid of {result.name!r} is not whole at row "
                f"{row_letters(bad.letter)}: expected {plate.rows} rows of {plate.columns}",
                result.table.at(bad.table_row),
                "Was the export cut short?",
            )
    return plate


def _layout(source: Source, found: Parts, plate: PlateFormat) -> Layout | None:
    """The plate map; ``-`` is a well that nobody described."""
    contents: dict[tuple[str, Well], WellContent] = {}
    for line in found.plate_map.lines if found.plate_map else ():
        for column, text in enumerate(line.cells):
            well = Well(line.letter, column)
            if text and text != "-" and well in plate:
                contents["", well] = WellContent(role_of(text) or Role.SAMPLE, text)
    return Layout(plate, contents, source.name) if contents else None


READER = PlateReader(
    name="kaleido",
    software="Revvity Kaleido, EnSight (csv, xlsx)",
    recognise=recognise,
    read=read,
    suffixes=(".csv", ".xlsx"),
    tested_on="3 exports of Kaleido 2.0, 3.0 and 3.5: 96 wells, endpoint",
)
