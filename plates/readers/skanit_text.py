"""Text of the older Multiskan program: matrices without row letters, one per reading.

``Plate:1 - Wavelength:340`` opens a read, ``Iteration: 3`` a reading of it. The
program writes a second tab after a number of fewer than sixteen characters,
which would shift the rest of the row. The width of the row tells how many tabs
are too many: when they are just the ones after short numbers, they are taken
out; else the file is refused.
"""

from __future__ import annotations

import re
from collections import Counter

from plates.errors import ReaderError
from plates.grid import decimal_mark, parse_number
from plates.plateread import Export, PlateRead
from plates.source import Source
from plates.table import Row, Table, from_lines
from plates.well import FORMATS, PlateFormat, Well, row_letters
from plates.wellcells import WellCells, build_read, check_total

_READ = re.compile(r"Plate:\s*(\w+)\s*-\s*Wavelength:\s*(\d{3,4})")
_ITERATION = re.compile(r"Iteration:\s*(\d+)")
LONGEST_SHORT = 15
"""Most characters of a number that is followed by a second tab."""


def looks_like_text(opening: str) -> bool:
    """Whether a text begins with the results of a step, by plate and wavelength."""
    return opening.lstrip("\ufeff").startswith("Results of ") and bool(_READ.search(opening))


def read_text(source: Source) -> Export:
    """Read every reading of a Multiskan text.

    Raises
    ------
    ReaderError
        When a matrix has too few rows, or its tabs cannot be put right.
    """
    table = from_lines(source.name, source.lines, "\t")
    mark = decimal_mark((text for row in table.rows for text in row), source.name)
    spans = _matrices(table)
    plate = _format(table, spans)
    check_total(len(spans), plate, "skanit", source.name)
    reads: list[PlateRead] = []
    numbers: dict[str, int] = {}
    counts: Counter[str] = Counter()
    mended = 0
    waves: dict[tuple[str, str], int] = {}
    for name, wave, iteration, rows in spans:
        numbers.setdefault(name, len(numbers) + 1)
        if (name, wave) not in waves:
            counts[name] += 1
            waves[name, wave] = counts[name]
        cells = WellCells()
        if len(rows) != plate.rows:
            raise ReaderError(
                f"skanit: iteration {iteration or 1} has {len(rows)} rows, expected {plate.rows}",
                table.at(rows[-1] if rows else len(table.rows) - 1),
                "Was the export cut short or edited?",
            )
        for letter, index in enumerate(rows):
            row, repaired = _straight(table, index, plate, mark, letter)
            mended += repaired
            for column, text in enumerate(row):
                if text:
                    cells.cells[Well(letter, column)] = text
        count = waves[name, wave]
        reads.append(
            build_read(
                cells, plate, mark, name=name, number=numbers[name],
                read=f"{count}:i{iteration}" if iteration else str(count), mode="absorbance",
                wave=wave,
            )
        )  # fmt: skip
    notes = [f"Rows with a second tab after short numbers: {mended}. It was taken out."]
    return Export(
        software="Thermo Multiskan",
        reader="skanit",
        reads=tuple(reads),
        notes=(*(notes if mended else []), *_uneven(spans)),
    )


def _uneven(spans: list[tuple[str, str, str, list[int]]]) -> list[str]:
    """A note where the wavelengths were not read equally often."""
    counts = Counter((name, wave) for name, wave, *_ in spans)
    if len(set(counts.values())) < 2:
        return []
    told = ", ".join(f"{count} at {wave} nm" for (_, wave), count in counts.items())
    return [f"The wavelengths have unequal numbers of iterations: {told}."]


def _matrices(table: Table) -> list[tuple[str, str, str, list[int]]]:
    """Plate, wavelength, iteration and the rows of every matrix."""
    found: list[tuple[str, str, str, list[int]]] = []
    name = wave = ""
    for index, row in enumerate(table.rows):
        text = next((text for text in row if text), "")
        if read := _READ.match(text):
            name, wave = read[1], read[2]
            found.append((name, wave, "", []))
        elif iteration := _ITERATION.match(text):
            found.append((name, wave, iteration[1], []))
        elif found and len(row) > 2:
            found[-1][3].append(index)
    return [each for each in found if each[3] or each[2]]


def _format(table: Table, spans: list[tuple[str, str, str, list[int]]]) -> PlateFormat:
    """The plate that is as wide as the narrowest row; wider ones have tabs too many."""
    widths = [len(table.rows[index]) - 1 for *_, rows in spans for index in rows]
    width = min(widths, default=0)
    plate = next((each for each in FORMATS.values() if each.columns == width), None)
    if plate is None:
        raise ReaderError(
            f"skanit: the narrowest row has {width} columns, as no plate has",
            table.at(spans[0][3][0] if spans and spans[0][3] else 0),
            "Was the export cut short or edited?",
        )
    return plate


def _straight(
    table: Table, index: int, plate: PlateFormat, mark: str, letter: int
) -> tuple[Row, bool]:
    """The row without the second tabs, and whether there were any."""
    row = table.rows[index][1:]
    extra = len(row) - plate.columns
    kept: list[str] = []
    taken = 0
    skip = False
    for at, text in enumerate(row):
        if skip:
            skip = False
            continue
        kept.append(text)
        short = 0 < len(text) <= LONGEST_SHORT and parse_number(text, mark) is not None
        # After the last number of a row no second tab is written.
        if short and row[at + 1 : at + 2] == ("",) and any(row[at + 2 :]):
            taken, skip = taken + 1, True
    if taken != extra:
        raise ReaderError(
            f"skanit: row {row_letters(letter)} has {len(row)} cells, expected {plate.columns}; "
            f"{taken} of the {extra} too many stand after short numbers",
            table.at(index),
            "The columns of this row cannot be told. Export it again, best as a workbook.",
        )
    return tuple(kept), taken > 0
