"""Names that a spreadsheet program may have changed: dates, floats, lost zeros.

Excel turns ``SEPT2`` into a date, ``1.2E5`` into 120000 and ``007`` into 7 while
they are typed. What was typed cannot be known again; a person can be told.

Ziemann, Eren & El-Osta (2016), Genome Biology 17:177.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterable

from plates.layouts.cells import Cell
from plates.layouts.remarks import Remarks

_MONTH = "jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec|mär|mai|okt|dez"
_DATE = re.compile(
    rf"^(\d{{1,2}}[-. /]({_MONTH})\w*|({_MONTH})\w*-\d{{2,4}}|\d{{1,2}}-({_MONTH})\w*-\d{{2,4}}"
    r"|\d{4}-\d\d-\d\d( 00:00:00)?|\d{1,2}[./]\d{1,2}[./]\d{2,4})$",
    re.IGNORECASE,
)
_SCIENTIFIC = re.compile(r"^\d([.,]\d+)?E[+-]?\d+$", re.IGNORECASE)
_POINT_ZERO = re.compile(r"^\d+[.,]0+$")


def doubt(cell: Cell) -> str:
    """What is odd about a name; empty for a sound one."""
    text, value = cell.text, cell.value
    if isinstance(value, dt.date | dt.timedelta) or _DATE.match(text):
        return f"the name {text!r} is a date"
    if _SCIENTIFIC.match(text):
        return f"the name {text!r} is a number in scientific notation"
    if _POINT_ZERO.match(text):
        return f"the name {text!r} is a number with decimals"
    if text in ("TRUE", "FALSE"):
        return f"the name {text!r} is a truth value"
    if isinstance(value, int | float) and math.isfinite(value):
        if value != int(value):
            return f"the name {text!r} is a number with decimals"
        # 1.20E+05 arrives as 120000: round numbers this large are seldom names.
        if abs(value) >= 1e11 or (abs(value) >= 1e5 and int(value) % 1000 == 0):
            return f"the name {text!r} is a large round number"
    return ""


def tell_mangled(cells: Iterable[Cell], remarks: Remarks) -> None:
    """Remark on every name of a file that a spreadsheet program may have changed."""
    cells = list(cells)
    padded = {len(cell.text) for cell in cells if re.fullmatch(r"0\d+", cell.text)}
    for cell in cells:
        if said := doubt(cell):
            remarks.add(
                f"{said}; Excel may have changed what was typed. "
                "Compare it with the tube, format the cell as text and type it again",
                cell.where,
            )
        elif isinstance(cell.value, int | float):
            remarks.add(
                "names are stored as numbers; zeros in front of them would be lost. "
                "Compare them with the tubes, or format the cells as text",
                cell.where,
            )
        elif padded and cell.text.isdigit() and len(cell.text) < max(padded):
            remarks.add(
                f"the name {cell.text!r} is shorter than its neighbours; "
                "zeros in front of it may be lost",
                cell.where,
            )
