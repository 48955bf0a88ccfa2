"""Print the cells of an .xls file as JSON: a script that `plates.biff` runs as a process.

The bytes come in by standard input, the limits as arguments. A date is printed
as a list that holds its number of days; everything else as it is.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def main(
    cell_limit: int, column_limit: int, text_limit: int, memory_limit: int, seconds: int
) -> None:
    """Read standard input and print the worksheets, or why they cannot be read."""
    _bound(memory_limit, seconds)
    try:
        answer = _read(sys.stdin.buffer.read(), cell_limit, column_limit, text_limit)
    # xlrd walks through damaged bytes without a net: any error means a damaged file.
    except Exception as error:
        told = type(error).__name__ == "XLRDError"
        answer = {"error": str(error)[:300] if told else "it is damaged"}
    sys.stdout.write(json.dumps(answer))


def _bound(memory: int, seconds: int) -> None:
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))


def _read(data: bytes, cell_limit: int, column_limit: int, text_limit: int) -> dict[str, Any]:
    import xlrd

    with Path(os.devnull).open("w", encoding="utf-8") as silence:
        book = xlrd.open_workbook(
            file_contents=data, logfile=silence, on_demand=True, ragged_rows=True
        )
        sheets: list[dict[str, Any]] = []
        for index in range(book.nsheets):
            sheet = book.sheet_by_index(index)
            rows: list[list[Any]] = []
            for number in range(sheet.nrows):
                row = list(_row(sheet, number, xlrd))
                while row and row[-1] is None:
                    row.pop()
                cell_limit -= len(row)
                text_limit -= sum(len(value) for value in row if isinstance(value, str))
                if cell_limit < 0 or text_limit < 0 or len(row) > column_limit:
                    return {"error": "it has too many cells"}
                rows.append(row)
            while rows and not rows[-1]:
                rows.pop()
            sheets.append({"name": sheet.name, "rows": rows, "hidden": sheet.visibility != 0})
            book.unload_sheet(index)
        return {"date1904": book.datemode == 1, "sheets": sheets}


def _row(sheet: Any, number: int, xlrd: Any) -> Iterator[Any]:
    """Cells of a row: text, numbers, dates in a list, None where there is nothing."""
    for value, kind in zip(sheet.row_values(number), sheet.row_types(number), strict=True):
        if kind == xlrd.XL_CELL_DATE:
            yield [value]
        elif kind == xlrd.XL_CELL_BOOLEAN:
            yield "TRUE" if value else "FALSE"
        elif kind == xlrd.XL_CELL_ERROR:
            yield xlrd.error_text_from_code.get(value, "#ERROR!")
        elif kind in (xlrd.XL_CELL_TEXT, xlrd.XL_CELL_NUMBER) and value != "":
            yield value
        else:
            yield None


if __name__ == "__main__":
    main(*map(int, sys.argv[1:6]))
