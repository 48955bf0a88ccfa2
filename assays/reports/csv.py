"""A table as csv that Excel, R and pandas open alike.

UTF-8 with a byte-order mark: without it Excel takes the file for the PC's own
code page and shows ``Âµ`` for ``µ``; pandas and readr skip the mark. Lines end
in CRLF (RFC 4180). Numbers keep full precision with a point and a hyphen, NaN
is empty, an open end of an interval is ``inf``.
"""

from __future__ import annotations

import csv
import io
import math

from assays.reports.words import harmless
from assays.results.table import Table

# A spreadsheet takes a text that starts so for a formula (OWASP, CSV injection);
# the full-width forms are taken so by East Asian editions of Excel.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def to_bytes(table: Table) -> bytes:
    """Write a table; text that a spreadsheet would run as a formula gets a leading apostrophe."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([cell(column.key) for column in table.columns])
    writer.writerows([cell(value) for value in row] for row in table.rows)
    return b"\xef\xbb\xbf" + out.getvalue().encode("utf-8")


def cell(value: object) -> str:
    """One value as csv shows it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(int(value))
    if isinstance(value, float):
        return "" if math.isnan(value) else repr(float(value))
    text = harmless(str(value))
    return f"'{text}" if text.startswith(_FORMULA) else text
