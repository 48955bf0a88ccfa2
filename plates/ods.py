"""The cells of an OpenDocument spreadsheet (.ods), collected while its XML is walked through.

All sheets stand in one part, ``content.xml``. Rows and cells that repeat are
written once with a count, so that a few bytes can ask for a billion cells:
counts are added up before anything is copied, and empty ones are only passed
over. The zip around it is opened, bounded and unfolded by `plates.workbook`.

OASIS, Open Document Format for Office Applications 1.2, part 1, chapters 9 and 19.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from plates.errors import SourceError
from plates.worksheet import CELL_LIMIT, COLUMN_LIMIT, GAP_LIMIT, ROW_LIMIT, Cell, Sheet

CONTENT = "content.xml"
"""The part that holds the sheets."""
MANIFEST = "META-INF/manifest.xml"
"""The part that says whether others are encrypted."""
_DURATION = re.compile(
    r"(-)?P(?:(\d{1,6})D)?T(?:(\d{1,8})H)?(?:(\d{1,8})M)?(?:(\d{1,8}(?:[.,]\d{1,12})?)S)?"
)
_CELLS = ("table-cell", "covered-table-cell")
_ASIDE = ("annotation", "shapes", "frame", "tracked-changes")
"""Elements whose text belongs to no cell: comments, drawings, the history of changes."""


@dataclass(slots=True)
class OpenSheets:
    """Sheets of the document that is being walked through."""

    file: str
    cells_left: int = CELL_LIMIT
    found: list[Sheet] = field(default_factory=list)
    hidden_styles: set[str] = field(default_factory=set)
    striking_styles: set[str] = field(default_factory=set)
    hidden_rows: set[int] = field(default_factory=set)
    struck: set[tuple[int, int]] = field(default_factory=set)
    struck_here: set[int] = field(default_factory=set)
    """Columns of the row that is being read."""
    row_hidden: bool = False
    style: str = ""
    name: str = ""
    hidden: bool = False
    depth: int = 0
    """How many tables are open: a table inside a cell belongs to the cell."""
    aside: int = 0
    rows: list[tuple[Cell, ...]] = field(default_factory=list)
    waiting: int = 0
    """Empty rows passed over since the last filled one."""
    row: list[Cell] = field(default_factory=list)
    row_count: int = 1
    attributes: Mapping[str, str] = field(default_factory=dict)
    pieces: list[str] = field(default_factory=list)
    inside: bool = False
    paragraphs: int = 0
    column: int = 0

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """An element opens."""
        if tag in _ASIDE:
            self.aside += 1
        if self.aside:
            return
        if tag == "style":
            self.style = attributes.get("name", "")
        elif tag == "table-properties" and attributes.get("display") == "false":
            self.hidden_styles.add(self.style)
        elif tag == "text-properties":
            if attributes.get("text-line-through-style", "none") != "none":
                self.striking_styles.add(self.style)
        elif tag == "table":
            self.depth += 1
            if self.depth == 1:
                self._start_table(attributes)
        elif self.depth == 1:
            self._start_inside(tag, attributes)

    def _start_table(self, attributes: Mapping[str, str]) -> None:
        self.name = attributes.get("name", "")
        self.hidden = attributes.get("style-name", "") in self.hidden_styles
        self.rows, self.waiting = [], 0
        self.hidden_rows, self.struck = set(), set()

    def _start_inside(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag == "table-row":
            self.row, self.column = [], 0
            self.row_count = _count(attributes, "number-rows-repeated")
            self.row_hidden = attributes.get("visibility", "visible") != "visible"
            self.struck_here = set()
        elif tag in _CELLS:
            self.attributes = attributes
            self.pieces.clear()
            self.paragraphs = 0
        elif tag == "p":
            if self.paragraphs:
                self.pieces.append("\n")
            self.paragraphs += 1
            self.inside = True
        elif self.inside and tag == "s":
            # Runs of spaces are counted, not written; a name has few of them.
            self.pieces.append(" " * min(_count(attributes, "c"), 100))
        elif self.inside and tag in ("tab", "line-break"):
            self.pieces.append("\t" if tag == "tab" else "\n")

    def text(self, piece: str) -> None:
        """Text between two elements."""
        if self.inside and not self.aside:
            self.pieces.append(piece)

    def end(self, tag: str) -> None:
        """An element closes; a cell is put in its place, a row or a sheet is kept."""
        if tag in _ASIDE:
            self.aside -= 1
        if self.aside:
            return
        if tag == "table":
            self.depth -= 1
            if self.depth == 0:
                self.found.append(self._sheet())
        elif self.depth != 1:
            return
        elif tag == "p":
            self.inside = False
        elif tag in _CELLS:
            self._end_cell(covered=tag == "covered-table-cell")
        elif tag == "table-row":
            self._end_row()

    def _sheet(self) -> Sheet:
        rows = tuple(self.rows)
        marks = (frozenset(self.hidden_rows), frozenset(self.struck))
        return Sheet(self.name, rows, self.hidden, *marks)

    @property
    def _where(self) -> str:
        return f"{self.file}: {self.name}"

    def _end_cell(self, *, covered: bool) -> None:
        count = _count(self.attributes, "number-columns-repeated")
        # What lies under a merged cell is not seen by anybody.
        value = None if covered else self._value("".join(self.pieces).strip())
        if value is None or value == "":
            self.column += count
            return
        if self.column + count > COLUMN_LIMIT:
            raise self._far()
        # Empty cells before a filled one take room too.
        self._charge(self.column + count - len(self.row))
        self.row.extend([None] * (self.column - len(self.row)))
        self.row.extend([value] * count)
        if self.attributes.get("style-name", "") in self.striking_styles:
            self.struck_here |= set(range(self.column, self.column + count))
        self.column += count

    def _end_row(self) -> None:
        if not self.row:
            self.waiting += self.row_count
            return
        if self.waiting > GAP_LIMIT:
            raise self._far()
        if len(self.rows) + self.waiting + self.row_count > ROW_LIMIT:
            raise SourceError(f"the sheet has more than {ROW_LIMIT:,} rows", self._where)
        self._charge(len(self.row) * (self.row_count - 1))
        self.rows += [()] * self.waiting
        own = range(len(self.rows), len(self.rows) + self.row_count)
        if self.row_hidden:
            self.hidden_rows |= set(own)
        self.struck |= {(row, column) for row in own for column in self.struck_here}
        self.rows += [tuple(self.row)] * self.row_count
        self.waiting = 0

    def _charge(self, cells: int) -> None:
        self.cells_left -= cells
        if self.cells_left < 0:
            raise SourceError(f"the workbook has more than {CELL_LIMIT:,} cells", self._where)

    def _far(self) -> SourceError:
        return SourceError(
            "a filled cell stands far from all others",
            self._where,
            "Delete the rows and columns that nobody needs, and save the workbook again.",
        )

    def _value(self, shown: str) -> Cell:
        own = self.attributes
        kind = own.get("value-type", "")
        if kind in ("float", "percentage", "currency"):
            return float(own.get("value", ""))
        if kind == "boolean":
            return "TRUE" if own.get("boolean-value") == "true" else "FALSE"
        if kind == "date":
            return datetime.fromisoformat(own.get("date-value", "")).replace(tzinfo=None)
        if kind == "time":
            return _duration(own.get("time-value", ""), shown)
        if not kind and own.get("formula") and not shown:
            # Taken as empty, the well would be lost without a word.
            raise SourceError(
                "a cell holds a formula whose result was never worked out",
                f"{self._where}, row {len(self.rows) + self.waiting + 1}",
                "Open the workbook, save it again, or type the value.",
            )
        return shown or own.get("string-value", "").strip() or None


def _count(attributes: Mapping[str, str], name: str) -> int:
    count = int(attributes.get(name, "1"))
    if count < 1:
        raise ValueError(f"{name} is {count}")
    return count


def _duration(text: str, shown: str) -> Cell:
    """``PT01H02M03S`` is a duration; what cannot be read stays as it is shown."""
    found = _DURATION.fullmatch(text)
    if found is None:
        return shown or None
    sign, days, hours, minutes, seconds = found.groups()
    length = timedelta(
        days=int(days or 0),
        hours=int(hours or 0),
        minutes=int(minutes or 0),
        milliseconds=round(1000 * float((seconds or "0").replace(",", "."))),
    )
    return -length if sign else length


def is_encrypted(manifest: bytes) -> bool:
    """Whether the manifest says that a part is encrypted."""
    return b"encryption-data" in manifest
