"""Bytes of a workbook or a delimited text become sheets of cells."""

from __future__ import annotations

import csv
import io
import warnings
import zipfile
from typing import TYPE_CHECKING, Any

from plates.errors import LayoutError
from plates.layouts.cells import Sheet
from plates.source import Source

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook

DELIMITERS = ("\t", ";", ",", "|")
MOST_BYTES = 20_000_000
"""Largest layout or sample sheet, as stored."""
MOST_UNPACKED = 120_000_000
"""Largest workbook, unpacked."""
MOST_ROWS = 60_000
MOST_COLUMNS = 256
XLSX_MAGIC = b"PK\x03\x04"
XLS_MAGIC = b"\xd0\xcf\x11\xe0"


def is_workbook(source: Source) -> bool:
    """Whether the bytes are those of an Excel workbook, whatever the file is called."""
    head = source.head(8)
    if head.startswith(XLS_MAGIC):
        raise LayoutError(
            "this is a workbook of Excel 97–2003, or one with a password",
            source.name,
            "Open it in Excel and save it as .xlsx without a password.",
        )
    return head.startswith(XLSX_MAGIC)


def sheets_of_workbook(source: Source) -> tuple[Sheet, ...]:
    """Every visible sheet of a workbook, with the values that Excel last calculated.

    Raises
    ------
    LayoutError
        When the file is no readable workbook, is far larger than a layout, or
        holds a formula that was never calculated.
    """
    _check_size(source)
    plain = _open(source, calculated=False)
    try:
        names = [sheet.title for sheet in plain.worksheets if sheet.sheet_state == "visible"]
        rows = {name: _rows(plain[name], source) for name in names}
        if any(_is_formula(v) for name in names for row in rows[name] for v in row):
            computed = _open(source, calculated=True)
            values = {name: _rows(computed[name], source) for name in names}
            computed.close()
            rows = {name: _calculated(source, name, rows[name], values[name]) for name in names}
    except LayoutError:
        raise
    except Exception as error:  # openpyxl raises whatever the damaged XML makes of it
        raise _unreadable(source) from error
    finally:
        plain.close()
    return tuple(Sheet(source.name, name, rows[name]) for name in names)


def sheet_of_text(source: Source, delimiter: str) -> Sheet:
    """A delimited text as one sheet.

    Parameters
    ----------
    delimiter : str
        One of `DELIMITERS`. A first line ``sep=;`` as Excel writes it is passed over.
    """
    if source.size > MOST_BYTES:
        raise LayoutError(f"{source.size:,} bytes are too many for a table", source.name)
    rows: list[tuple[object, ...]] = []
    lines: list[int] = []
    reader = csv.reader(io.StringIO(source.text), delimiter=delimiter)
    start = 1
    while True:
        try:
            row = next(reader, None)
        except csv.Error as error:
            raise LayoutError(f"the table breaks off: {error}", source.at(start)) from error
        if row is None:
            break
        if len(rows) >= MOST_ROWS or len(row) > MOST_COLUMNS:
            raise _too_large(source)
        if not (start == 1 and row and row[0].lower().startswith("sep=")):
            rows.append(tuple(row))
            lines.append(start)
        start = reader.line_num + 1
    return Sheet(source.name, "", tuple(rows), tuple(lines))


def _check_size(source: Source) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(source.read(0, MOST_BYTES + 1))) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        if source.size <= MOST_BYTES:
            raise _unreadable(source) from error
        unpacked = MOST_UNPACKED + 1
    if unpacked > MOST_UNPACKED:
        raise _too_large(source)


def _open(source: Source, *, calculated: bool) -> Workbook:
    import openpyxl

    try:
        with warnings.catch_warnings():
            # openpyxl warns of drop-downs and styles that it does not keep.
            warnings.simplefilter("ignore")
            return openpyxl.load_workbook(
                io.BytesIO(source.read()), read_only=True, data_only=calculated
            )
    except Exception as error:  # zipfile, XML, key and value errors, one per kind of damage
        raise _unreadable(source) from error


def _rows(sheet: Any, source: Source) -> tuple[tuple[object, ...], ...]:
    # The dimension that a file declares may be wrong either way.
    sheet.reset_dimensions()
    rows: list[tuple[object, ...]] = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for row in sheet.iter_rows(values_only=True):
            while row and row[-1] is None:
                row = row[:-1]
            if len(rows) >= MOST_ROWS or len(row) > MOST_COLUMNS:
                raise _too_large(source)
            rows.append(row)
    while rows and not rows[-1]:
        rows.pop()
    return tuple(rows)


def _is_formula(value: object) -> bool:
    return isinstance(value, str) and value.startswith("=")


def _calculated(
    source: Source,
    name: str,
    formulas: tuple[tuple[object, ...], ...],
    values: tuple[tuple[object, ...], ...],
) -> tuple[tuple[object, ...], ...]:
    computed = Sheet(source.name, name, values)
    for r, row in enumerate(formulas):
        for c, value in enumerate(row):
            if _is_formula(value) and c < len(row) and computed.value(r, c) is None:
                raise LayoutError(
                    f"the formula {value!r} has no value",
                    computed.where(r, c),
                    "Open the file in Excel, save it, or write the value itself.",
                )
    return values


def _unreadable(source: Source) -> LayoutError:
    return LayoutError(
        "the workbook cannot be opened; it may be damaged, or have a password",
        source.name,
        "Open it in Excel and save it again as .xlsx.",
    )


def _too_large(source: Source) -> LayoutError:
    return LayoutError(
        f"the table is far larger than a layout or a sample sheet "
        f"(limits: {MOST_ROWS:,} rows, {MOST_COLUMNS} columns)",
        source.name,
        "Delete what stands outside the table, or save it as .csv.",
    )
