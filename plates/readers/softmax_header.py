"""The ``Plate:`` line of a SoftMax Pro export: what was read, and which wells."""

from __future__ import annotations

from dataclasses import dataclass

from plates.errors import ReaderError
from plates.table import Row, Table, cell
from plates.well import FORMATS, PlateFormat

_KINDS = ("endpoint", "kinetic", "spectrum", "well scan")


@dataclass(frozen=True, slots=True)
class Spec:
    """What the header of a plate section announces."""

    name: str
    format: PlateFormat
    by_time: bool
    """True for TimeFormat, with one column per well."""
    kind: str
    """``endpoint``, ``kinetic``, ``spectrum`` or ``well scan``."""
    mode: str
    reduced_only: bool
    points: int
    """Times or wavelengths of a kinetic or spectrum; 1 for an endpoint."""
    waves: tuple[str, ...]
    """Wavelengths in order, ``450`` or ``485:535``; ``""`` where all light is read."""
    fixed: str
    """What stands before the wavelength of a spectrum: ``485:`` or nothing."""
    first_column: int
    columns: int
    first_row: int
    rows: int
    """Columns and rows that were read, from 0."""


def read_spec(table: Table, at: int) -> Spec:
    """Read the header line.

    Raises
    ------
    ReaderError
        When a keyword or the number of wells cannot be found.
    """
    row = table.rows[at]
    form = _find(row, ("PlateFormat", "TimeFormat"), 0)
    export = _find(row, ("Raw", "Reduced", "Both"), form)
    kind = cell(row, form + 1).lower() if form else ""
    mode = _mode(cell(row, form + 2))
    if not form or not export or kind not in _KINDS or not mode:
        raise ReaderError(
            "softmax: expected format, kind of read and 'Raw' in the line 'Plate:', found "
            f"{' '.join(text for text in row[:10] if text)!r}",
            table.at(at),
            "Was the line cut short?",
        )
    start = export + 1
    if cell(row, start).upper() in ("TRUE", "FALSE"):
        start += 1
    wells = _wells_at(row, start)
    if not wells:
        raise ReaderError(
            "softmax: the line 'Plate:' does not say how many wells the plate has", table.at(at)
        )
    plate = FORMATS[int(row[wells])]
    tail = wells + (1 if mode == "absorbance" else 10)
    first_column = _number(row, wells - 2, 1)
    first_row = min(_number(row, tail, 1), plate.rows)
    emission = cell(row, wells - 3).split()
    excitation = cell(row, wells + 1).split() if mode == "fluorescence" else []
    return Spec(
        name=cell(row, 1),
        format=plate,
        by_time=row[form] == "TimeFormat",
        kind=kind,
        mode=mode,
        reduced_only=row[export] == "Reduced",
        points=max(_number(row, start, 1), 1),
        waves=_waves(emission, excitation),
        fixed=f"{excitation[0]}:" if kind == "spectrum" and len(excitation) == 1 else "",
        first_column=first_column - 1,
        columns=min(_number(row, wells - 1, plate.columns), plate.columns - first_column + 1),
        first_row=first_row - 1,
        rows=min(_number(row, tail + 1, plate.rows), plate.rows - first_row + 1),
    )


def _find(row: Row, words: tuple[str, ...], after: int) -> int:
    places = range(after + 1, min(len(row), after + 8))
    return next((index for index in places if row[index] in words), 0)


def _wells_at(row: Row, start: int) -> int:
    """Index of the number of wells, after the first column and the columns read; else 0."""
    sizes = {str(size) for size in FORMATS}
    places: list[int] = [start + 10, *range(start + 3, len(row))]
    for index in places:
        if cell(row, index) not in sizes:
            continue
        columns = FORMATS[int(row[index])].columns
        if 1 <= _number(row, index - 2, 0) <= columns and _number(row, index - 1, 0) >= 1:
            return index
    return 0


def _number(row: Row, index: int, default: int) -> int:
    text = cell(row, index)
    return int(text) if text.isdecimal() and 0 < len(text) < 7 and int(text) > 0 else default


def _mode(text: str) -> str:
    lower = text.lower()
    if lower.startswith("abs"):
        return "absorbance"
    if "lum" in lower:
        return "luminescence"
    return "fluorescence" if lower.startswith(("fluo", "time", "trf", "fp", "htrf")) else ""


def _waves(emission: list[str], excitation: list[str]) -> tuple[str, ...]:
    # SoftMax writes 0 where all light is read.
    plain = tuple("" if wave == "0" else wave for wave in emission)
    if len(excitation) == len(plain):
        return tuple(f"{ex}:{em}" for ex, em in zip(excitation, plain, strict=True))
    return plain
