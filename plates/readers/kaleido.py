"""Exports of Revvity (PerkinElmer) Kaleido, the software of the EnSight reader (csv, xlsx).

``Results for NAME`` (version 2) or ``Result for NAME`` (version 3) opens a block: the
barcode and the repeat, then a grid. What follows ``Analysis Result``, or a block with an
analysis parameter, was calculated. Behind the blocks stand the type of plate, the plate
map and, by name of the measurement, its wavelengths; the last line says ``Exported with
Kaleido``. Version 2 joins words with no-break spaces.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from plates.errors import LayoutError, ReaderError
from plates.grid import Block, decimal_mark, fill, format_for, parse_cell, read_block
from plates.layout import Layout, Role, WellContent
from plates.plateread import Export, PlateRead, PrintedResult
from plates.readers.contract import PlateReader, Recognition
from plates.roles import role_of
from plates.source import Source
from plates.table import Row, Table, cell
from plates.well import PlateFormat, Well, row_letters

_BLOCK = re.compile(r"Results? for (.+)")
_PAIR = re.compile(r"(Barcode|PlateRepeat|WellRepeat|Repeat|Loop\w*)\s*:\s*(.*)")
_INFORMATION = ("Measurement Basic Information", "Measurement Information")
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
_WAVES = {
    "Excitation wavelength [nm]": "excitation",
    "Emission wavelength [nm]": "emission",
    "Exc. filter [nm]": "excitation",
    "Ems. filter [nm]": "emission",
}
_WAVE = re.compile(r"\d{3,4}")


def recognise(source: Source) -> Recognition:
    """Look for a block of results and the information that Kaleido writes below."""
    if source.is_workbook:
        texts = {cell(row, 0) for table in source.tables for row in table.rows[:400]}
    else:
        lines = source.opening.replace("\xa0", " ").split("\n")
        texts = {line.strip(' "').rstrip(",;\t").strip(' "') for line in lines}
    plain = {" ".join(text.split()) for text in texts}
    block = any(_BLOCK.match(text) for text in plain)
    below = bool(plain & set(_INFORMATION)) or "EnSight Results from" in plain
    if block and below:
        return Recognition(True, "it has 'Result for' and 'Measurement Information' of Kaleido")
    return Recognition(False, "'Result for' and 'Measurement Information' of Kaleido (EnSight)")


@dataclass(slots=True)
class _Result:
    """One grid and what stands above it."""

    name: str
    table: Table
    grid: Block
    facts: dict[str, str]
    calculated: bool

    @property
    def barcode(self) -> str:
        return self.facts.get("Barcode", "")

    @property
    def title(self) -> str:
        """Name of the measurement, with what was calculated from it."""
        parameter = self.facts.get("Analysis Parameter", "")
        return f"{self.name}: {parameter}" if parameter else self.name


@dataclass(slots=True)
class _File:
    """The file, cut into its parts."""

    results: list[_Result] = field(default_factory=list)
    facts: dict[str, str] = field(default_factory=dict)
    waves: dict[str, dict[str, str]] = field(default_factory=dict)
    """Excitation and emission by name of the measurement."""
    plate_map: Block | None = None
    last: str = ""


def read(source: Source) -> Export:
    """Read every raw grid; calculated ones are kept as printed results.

    Raises
    ------
    ReaderError
        When there is no raw grid, a grid is not whole, or the file ends too early.
    """
    found = _File()
    for table in source.tables:
        _walk(_joined(table), found)
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
        metadata={ours: found.facts[key] for key, ours in _FACTS.items() if found.facts.get(key)},
    )


def _joined(table: Table) -> Table:
    """The table with plain spaces for no-break ones."""
    rows = tuple(tuple(" ".join(text.split()) for text in row) for row in table.rows)
    return Table(table.file, rows, table.sheet, table.first_line)


def _walk(table: Table, found: _File) -> None:
    name = operation = ""
    above: dict[str, str] = {}
    information = calculated = False
    index = 0
    while index < len(table.rows):
        row = table.rows[index]
        first = cell(row, 0)
        index += 1
        if any(row):
            found.last = next(text for text in row if text)
        opener = _BLOCK.fullmatch(first)
        if opener and not information:
            name, above = opener[1], {}
        elif first in _INFORMATION:
            information = True
        elif first.startswith("Analysis Result") and not information:
            calculated = True
        elif not information and (name or first.startswith("Barcode")):
            block = read_block(table, index - 1) if not first else None
            if block is not None:
                derived = calculated or bool(above.get("Analysis Parameter"))
                found.results.append(_Result(name, table, block, dict(above), derived))
                index = block.end
            else:
                above |= _above(row, cell_row=table.rows[index] if index < len(table.rows) else ())
        elif information and found.plate_map is None and not first and _is_map(table, index - 1):
            found.plate_map = read_block(table, index - 1)
        elif information:
            operation = _fact(row, operation, found)


def _is_map(table: Table, index: int) -> bool:
    """Whether a row is the header of the plate map."""
    titles = {cell(table.rows[at], 0) for at in range(max(index - 2, 0), index)}
    return "Platemap" in titles and read_block(table, index) is not None


def _above(row: Row, cell_row: Row) -> dict[str, str]:
    """Facts over a grid: ``Barcode: X`` in cells, or a header row over a row of values."""
    pairs = {found[1]: found[2] for text in row if (found := _PAIR.fullmatch(text))}
    if pairs:
        return {key.removeprefix("Plate"): text for key, text in pairs.items()}
    if cell(row, 0) == "Barcode":
        return {key: cell(cell_row, i) for i, key in enumerate(row) if key and cell(cell_row, i)}
    return {}


def _fact(row: Row, operation: str, found: _File) -> str:
    """Keep one line of the information; returns the measurement it speaks of."""
    key = cell(row, 0).rstrip(":")
    values = [text for text in row[1:] if text]
    if key in ("Operation", "Tech") and values:
        names = {column: text for column, text in enumerate(row) if column and text}
        for name in names.values():
            found.waves.setdefault(name, {})
        return "\t".join(f"{column}={name}" for column, name in names.items())
    wave = next((ours for text, ours in _WAVES.items() if key.lower() == text.lower()), "")
    if wave and operation:
        for part in operation.split("\t"):
            column, _, name = part.partition("=")
            if number := _WAVE.search(cell(row, int(column))):
                found.waves[name].setdefault(wave, number[0])
    elif key and values:
        found.facts.setdefault(key, values[0])
    return operation


def _reads(
    raw: list[_Result], found: _File, numbers: dict[str, int], plate: PlateFormat, mark: str
) -> list[PlateRead]:
    reads: list[PlateRead] = []
    order: dict[str, list[tuple[str, str]]] = {}
    for result in raw:
        mode, waves = _mode(result, found)
        # A repeat of the plate is a read of its own; loops and points belong to one read.
        own = order.setdefault(result.barcode, [])
        key = result.name, result.facts.get("Repeat", "")
        loop, across = result.facts.get("Loop no", ""), result.facts.get("Well scan x", "")
        if key not in own or not (loop or across):
            own.append(key)
        read = str(len(own) - own[::-1].index(key))
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


def _mode(result: _Result, found: _File) -> tuple[str, str]:
    """Mode and wavelength, by the name of the measurement and its settings."""
    waves = dict(found.waves.get(result.name, {}))
    for key, side in (("Exc wl / filter", "excitation"), ("Ems wl", "emission")):
        if number := _WAVE.search(result.facts.get(key, "")):
            waves[side] = number[0]
    mode = next((mode for mode, words in _MODES if words.search(result.name)), "")
    if not mode:
        mode = "fluorescence" if "emission" in waves else "absorbance" if waves else "luminescence"
    if mode == "fluorescence":
        sides = waves.get("excitation", ""), waves.get("emission", "")
        return mode, ":".join(sides) if any(sides) else ""
    return mode, waves.get("excitation" if mode == "absorbance" else "emission", "")


def _format(raw: list[_Result], found: _File) -> PlateFormat:
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
        if letters != list(range(plate.rows)) or (short and result.table.sheet is None):
            bad = short[0] if short else result.grid.lines[-1]
            raise ReaderError(
                f"kaleido: the grid of {result.name!r} is not whole at row "
                f"{row_letters(bad.letter)}: expected {plate.rows} rows of {result.grid.columns}",
                result.table.at(bad.table_row),
                "Was the export cut short?",
            )
    return plate


def _layout(source: Source, found: _File, plate: PlateFormat) -> Layout | None:
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
)
