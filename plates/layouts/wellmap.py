"""Layouts in toml in the manner of wellmap: what rows, columns and blocks have in common.

    [expt]
    unit = "pg/mL"

    [row.A]                 # row and column together describe a well
    role = "standard"
    [col.1]
    conc = 100

    [block.4x2.C1]          # four wells across, two down, from C1
    sample = "CLL-01"

    [well.H12]
    role = "blank"

    [plate.P1.block.4x2.C1] # on the plate P1 alone
    donor = "D7"

The finer word wins: a well over blocks, a small block over a large one, a block over
rows and columns, these over ``expt``. ``irow`` and ``icol`` interleave two neighbours.
``A,C``, ``A,C,...,G`` and ``A-D`` stand for several. A file that draws on other files
(``include``, ``concat``) is refused: a layout must be whole in itself.

The form is that of the Python package wellmap (Kundert, Protein Sci. 2024, 33(1), e4846).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from plates.errors import LabError, LayoutError
from plates.layout import Layout
from plates.layouts.cells import LONGEST, Cell
from plates.layouts.content import build_layout
from plates.layouts.contract import Choices, LayoutFormat
from plates.layouts.patterns import LARGEST, corners, lines
from plates.layouts.toml_text import load_toml
from plates.layouts.words import title_of
from plates.source import Source
from plates.well import Well

_PLACES = ("row", "col", "irow", "icol", "block", "well")
_OWN = (*_PLACES, "expt", "plate", "meta")
_SIZE = re.compile(r"([1-9]\d?)x([1-9]\d?)")
MOST_CELLS = 400_000
"""Most properties of all wells that a file may give."""

Cells = dict[str, Cell]
Table = Mapping[str, object]


def recognise(source: Source) -> bool:
    """Whether the text is toml with tables of rows, columns, blocks or wells."""
    try:
        tables = load_toml(source)
    except LabError:
        return False
    return any(
        isinstance(tables.get(name), dict)
        and all(isinstance(each, dict) for each in _table(tables[name], "").values())
        and not {"at", "wells"} & _table(tables[name], "").keys()
        for name in (*_PLACES, "plate")
    )


def read(source: Source, choices: Choices) -> Layout:
    """Lay the tables over one another, the finest on top."""
    tables, file = load_toml(source), source.name
    unknown = next((name for name in tables if name not in _OWN), None)
    if unknown is not None:
        raise LayoutError(f"{unknown!r} is unknown", file, f"Known are {', '.join(_OWN)}.")
    meta = _table(tables.get("meta", {}), f"{file}: meta")
    for name in ("include", "concat"):
        if name in meta:
            raise LayoutError(
                f"the layout draws on another file ({name})",
                f"{file}: meta.{name}",
                "Copy what it says into this file.",
            )
    left = [MOST_CELLS]
    plates = _table(tables.get("plate", {}), f"{file}: plate")
    raws: dict[tuple[str, Well], Cells] = {}
    for label in plates or [""]:
        levels: list[tuple[Table, str]] = [(tables, file)]
        if label:
            own = _table(plates[label], f"{file}: plate.{label}")
            levels.append((own, f"{file}: plate.{label}"))
        for well, cells in _wells_of(levels, left):
            raws[label, well] = cells
    return build_layout(raws, file, plate_format=choices.plate_format, fractions=choices.fractions)


def _wells_of(levels: list[tuple[Table, str]], left: list[int]) -> Iterator[tuple[Well, Cells]]:
    """Every well that some level describes, with its properties."""
    crossed: tuple[set[Well], set[Well]] = (set(), set())
    laid: dict[Well, Cells] = {}
    single: set[Well] = set()
    common: Cells = {}
    for tables, where in levels:
        common |= _cells(_loose(tables, where), f"{where}: expt")
        common |= _cells(_table(tables.get("expt", {}), f"{where}: expt"), f"{where}: expt")
        rows: dict[Well, Cells] = {}
        columns: dict[Well, Cells] = {}
        fine: dict[Well, Cells] = {}
        for kind in ("row", "irow"):
            _lay(rows, _lines(tables, kind, where), left)
        for kind in ("col", "icol"):
            _lay(columns, _lines(tables, kind, where), left)
        _lay(fine, _blocks(tables, where), left)
        _lay(fine, _single(tables, where), left)
        crossed[0].update(rows)
        crossed[1].update(columns)
        single.update(fine)
        for well in rows.keys() | columns.keys() | fine.keys():
            across, down = rows.get(well, {}), columns.get(well, {})
            own = fine.get(well, {})
            _check_agreement(well, across, down, own)
            laid[well] = laid.get(well, {}) | across | down | own
    for well in sorted((crossed[0] & crossed[1]) | single):
        yield well, common | laid[well]


def _check_agreement(well: Well, across: Cells, down: Cells, own: Cells) -> None:
    """Refuse a row and a column that say different things of a well they share."""
    for name in (across.keys() & down.keys()) - own.keys():
        if across[name].text != down[name].text:
            raise LayoutError(
                f"{name} of well {well} is {across[name].text!r} by {across[name].where} "
                f"and {down[name].text!r} by its column",
                down[name].where,
                "Give it in the row or in the column, or for the well itself.",
            )


def _loose(tables: Table, where: str) -> Table:
    """Keys of a plate that stand for all of its wells; there are none above the plates."""
    if ": plate." not in where:
        return {}
    return {name: value for name, value in tables.items() if not isinstance(value, dict)}


def _lay(
    below: dict[Well, Cells], above: Iterator[tuple[list[Well], Cells]], left: list[int]
) -> None:
    for wells, cells in above:
        left[0] -= len(wells) * max(len(cells), 1)
        if left[0] < 0:
            raise LayoutError(f"the layout gives more than {MOST_CELLS:,} properties")
        for well in wells:
            below[well] = below.get(well, {}) | cells


def _lines(tables: Table, kind: str, where: str) -> Iterator[tuple[list[Well], Cells]]:
    """Rows or columns, straight or interleaved with their neighbours."""
    for key, value in _table(tables.get(kind, {}), f"{where}: {kind}").items():
        place = f"{where}: {kind}.{key}"
        cells = _cells(_table(value, place), place)
        for number in lines(key, kind in ("row", "irow"), place):
            yield list(_line(number, kind)), cells


def _line(number: int, kind: str) -> Iterator[Well]:
    across = kind in ("row", "irow")
    for other in range(LARGEST.columns if across else LARGEST.rows):
        # An interleaved line hops to its neighbour and back: A1, B2, A3, B4 …
        hop = (other % 2) * (1 if number % 2 == 0 else -1) if kind.startswith("i") else 0
        yield Well(number + hop, other) if across else Well(other, number + hop)


def _blocks(tables: Table, where: str) -> Iterator[tuple[list[Well], Cells]]:
    """Blocks, the largest first, so that a small one lies on top."""
    found: list[tuple[int, list[Well], Cells]] = []
    for size, places in _table(tables.get("block", {}), f"{where}: block").items():
        shape = _SIZE.fullmatch(size)
        if shape is None:
            raise LayoutError(
                f"{size!r} is no size of a block", f"{where}: block", "Write 4x2 (across x down)."
            )
        width, height = int(shape[1]), int(shape[2])
        for key, value in _table(places, f"{where}: block.{size}").items():
            place = f"{where}: block.{size}.{key}"
            cells = _cells(_table(value, place), place)
            for first in corners(key, width, height, place):
                wells = [
                    Well(first.row + down, first.column + across)
                    for down in range(height)
                    for across in range(width)
                ]
                outside = next((well for well in wells if well not in LARGEST), None)
                if outside is not None:
                    raise LayoutError(f"the block reaches {outside}, beyond any plate", place)
                found.append((width * height, wells, cells))
    for _, wells, cells in sorted(found, key=lambda block: -block[0]):
        yield wells, cells


def _single(tables: Table, where: str) -> Iterator[tuple[list[Well], Cells]]:
    for key, value in _table(tables.get("well", {}), f"{where}: well").items():
        place = f"{where}: well.{key}"
        yield corners(key, 1, 1, place), _cells(_table(value, place), place)


def _table(value: object, where: str) -> Table:
    if not isinstance(value, dict):
        raise LayoutError("expected a table", where, "Write [row.A], [block.4x2.C1] and the like.")
    return value


def _cells(table: Table, where: str) -> Cells:
    """Properties that a table gives to its wells."""
    cells: Cells = {}
    for key, value in table.items():
        if isinstance(value, dict | list) or (isinstance(value, str) and len(value) > LONGEST):
            raise LayoutError("expected a single value", f"{where}.{key}")
        name, unit = title_of(key)
        if name and value != "":
            cells[name] = Cell(value, f"{where}.{key}", unit)
    return cells


FORMAT = LayoutFormat("wellmap", "a toml layout of rows, columns and blocks", recognise, read)
