"""Read the cells of an Excel workbook (.xlsx) within fixed limits of memory and time.

An .xlsx file is a zip of XML. A few kilobytes can unfold into gigabytes, a
single cell in the last corner of a sheet asks for a million empty rows, and
sizes written in the zip can lie. So the parts are counted before anything is
unfolded, unfolded piece by piece, and given up at the first limit passed.
Document type declarations, which no spreadsheet program writes, are refused.
Only values are read: no formulas, no styles but the ones that make a number a
date or a time.
"""

from __future__ import annotations

import posixpath
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import BytesIO
from xml.parsers import expat

from plates.errors import SourceError

FILE_LIMIT = 100 * 1024 * 1024
"""Largest workbook that is opened, bytes."""
PARTS_LIMIT = 4000
"""Most parts (sheets, pictures, styles) in the zip."""
PART_LIMIT = 96 * 1024 * 1024
"""Largest XML part after unfolding, bytes."""
SWELL_LIMIT = 200
"""Most times that a large part may swell; sheets of numbers swell about tenfold."""
ROW_LIMIT = 400_000
COLUMN_LIMIT = 8192
CELL_LIMIT = 2_000_000
GAP_LIMIT = 20_000
"""Most empty rows between two filled ones."""

Cell = str | float | datetime | timedelta | None
"""Text, number, date, time of day or duration, or nothing."""

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    NotImplementedError,
    RuntimeError,
    OSError,
    EOFError,
    ValueError,
    KeyError,
    IndexError,
)
"""What the standard library raises for a damaged zip."""
_REFERENCE = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})")
# Number formats 14–22 and 45–47 are Excel's own dates and times (ECMA-376, 18.8.30).
_BUILT_IN = {
    **dict.fromkeys((14, 15, 16, 17, 22), "date"),
    **dict.fromkeys((18, 19, 20, 21, 45, 46, 47), "time"),
}


@dataclass(frozen=True, slots=True)
class Sheet:
    """One worksheet: its name and its cells."""

    name: str
    rows: tuple[tuple[Cell, ...], ...]
    """Row ``i`` is row ``i + 1`` of the sheet; rows end at their last filled cell."""
    hidden: bool = False


def is_workbook(head: bytes) -> bool:
    """Whether the first bytes are those of a zip or of an old Excel file."""
    return head.startswith((b"PK\x03\x04", b"PK\x05\x06", _OLE))


def column_name(column: int) -> str:
    """Name a column: 0 is ``A``, 26 ``AA``."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def read_workbook(name: str, data: bytes) -> tuple[Sheet, ...]:
    """Read every worksheet.

    Parameters
    ----------
    name : str
        Name of the file, for messages.
    data : bytes
        The whole file.

    Raises
    ------
    SourceError
        When the file is no .xlsx, is encrypted or damaged, or passes a limit.
    """
    if data.startswith(_OLE):
        raise _old_file(name, data)
    if len(data) > FILE_LIMIT:
        raise SourceError(f"{len(data):,} bytes are too many for a workbook", name)
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            return _Reader(name, archive).sheets()
    except _BROKEN as error:
        raise SourceError(
            f"the workbook is damaged: {error or type(error).__name__}",
            name,
            "Open it in Excel and save it again as .xlsx, or export it again.",
        ) from error


def _old_file(name: str, data: bytes) -> SourceError:
    # An encrypted .xlsx is an OLE file with a stream of this name.
    if "EncryptedPackage".encode("utf-16-le") in data:
        return SourceError(
            "the workbook is encrypted", name, "Save it without a password and try again."
        )
    return SourceError(
        "this is an old Excel file (.xls), expected .xlsx",
        name,
        "Open it in Excel and save it as .xlsx.",
    )


class _Reader:
    def __init__(self, name: str, archive: zipfile.ZipFile) -> None:
        self.name = name
        self.archive = archive
        self.cells_left = CELL_LIMIT
        parts = archive.infolist()
        if len(parts) > PARTS_LIMIT:
            raise SourceError(f"the workbook has {len(parts):,} parts, too many to be one", name)
        for part in parts:
            if part.flag_bits & 1:
                raise SourceError("the workbook is encrypted", name, "Save it without a password.")
            swells = part.file_size > SWELL_LIMIT * max(part.compress_size, 1)
            if part.file_size > PART_LIMIT or (swells and part.file_size > 4 * 1024 * 1024):
                raise SourceError(
                    f"{part.filename} would unfold to {part.file_size:,} bytes", name,
                    "Copy the cells that matter into a new workbook.",
                )  # fmt: skip
        self.parts = {part.filename.lower(): part.filename for part in parts}

    def sheets(self) -> tuple[Sheet, ...]:
        book = self.related("").get("officeDocument")
        if book is None or not book[0][1].endswith(".xml"):
            raise SourceError(
                "expected an Excel workbook (.xlsx), found another kind of zip",
                self.name,
                "Save it as .xlsx.",
            )
        path = book[0][1]
        links = {key: target for ends in self.related(path).values() for key, target in ends}
        found: list[tuple[str, str, bool]] = []
        epoch = datetime(1899, 12, 30)

        def start(tag: str, attributes: Mapping[str, str]) -> None:
            nonlocal epoch
            if tag == "sheet":
                target = links.get(attributes.get("id", ""), "")
                hidden = attributes.get("state", "visible") != "visible"
                found.append((attributes.get("name", ""), target, hidden))
            elif tag == "workbookPr" and attributes.get("date1904") in ("1", "true"):
                epoch = datetime(1904, 1, 1)

        self.parse(path, start)
        strings, kinds = self.strings(path), self.number_kinds(path)
        return tuple(
            Sheet(name, self.rows(name, target, strings, kinds, epoch), hidden)
            for name, target, hidden in found
            if "worksheets/" in target
        )

    def related(self, path: str) -> dict[str, list[tuple[str, str]]]:
        """Targets of a part by kind of relation: (identifier, path)."""
        folder, file = posixpath.split(path)
        links: dict[str, list[tuple[str, str]]] = {}

        def start(tag: str, attributes: Mapping[str, str]) -> None:
            if tag == "Relationship":
                kind = attributes.get("Type", "").rpartition("/")[2]
                target = posixpath.normpath(posixpath.join("/", folder, attributes["Target"]))
                links.setdefault(kind, []).append((attributes.get("Id", ""), target.lstrip("/")))

        self.parse(posixpath.join(folder, "_rels", f"{file}.rels"), start)
        return links

    def strings(self, path: str) -> list[str]:
        table: list[str] = []
        pieces: list[str] = []
        inside = phonetic = False

        def start(tag: str, _: Mapping[str, str]) -> None:
            nonlocal inside, phonetic
            if tag == "si":
                pieces.clear()
            inside = tag == "t" and not phonetic
            phonetic = phonetic or tag == "rPh"

        def end(tag: str) -> None:
            nonlocal inside, phonetic
            inside = False
            if tag == "rPh":
                phonetic = False
            elif tag == "si":
                table.append("".join(pieces))

        def text(piece: str) -> None:
            if inside:
                pieces.append(piece)

        for _, target in self.related(path).get("sharedStrings", []):
            self.parse(target, start, end, text)
        return table

    def number_kinds(self, path: str) -> list[str]:
        """What a number means by cell style: ``date``, ``time`` or nothing."""
        formats: dict[str, str] = {}
        kinds: list[str] = []
        inside = False

        def start(tag: str, attributes: Mapping[str, str]) -> None:
            nonlocal inside
            if tag == "numFmt":
                formats[attributes.get("numFmtId", "")] = _kind(attributes.get("formatCode", ""))
            elif tag == "cellXfs":
                inside = True
            elif tag == "xf" and inside:
                number = attributes.get("numFmtId", "0")
                known = _BUILT_IN.get(int(number), "") if number.isdecimal() else ""
                kinds.append(formats.get(number, known))

        def end(tag: str) -> None:
            nonlocal inside
            inside = inside and tag != "cellXfs"

        for _, target in self.related(path).get("styles", []):
            self.parse(target, start, end)
        return kinds

    def rows(
        self, sheet: str, path: str, strings: list[str], kinds: list[str], epoch: datetime
    ) -> tuple[tuple[Cell, ...], ...]:
        grid = _Grid(f"{self.name}: {sheet}", strings, kinds, epoch, self.cells_left)
        self.parse(path, grid.start, grid.end, grid.text)
        self.cells_left -= grid.count
        return tuple(map(tuple, grid.rows))

    def parse(
        self,
        path: str,
        start: Callable[[str, Mapping[str, str]], None],
        end: Callable[[str], None] | None = None,
        text: Callable[[str], None] | None = None,
    ) -> None:
        """Walk through one XML part; a part that is not there has nothing in it."""
        actual = self.parts.get(path.lower())
        if actual is None:
            return
        parser = expat.ParserCreate()
        parser.buffer_text = True

        def refuse(*_: object) -> None:
            raise SourceError(
                f"{path} declares a document type, which no spreadsheet does", self.name
            )

        def begin(tag: str, attributes: dict[str, str]) -> None:
            plain = {key.rpartition(":")[2]: value for key, value in attributes.items()}
            start(tag.rpartition(":")[2], plain)

        parser.StartDoctypeDeclHandler = refuse
        parser.StartElementHandler = begin
        if end is not None:
            finish = end
            parser.EndElementHandler = lambda tag: finish(tag.rpartition(":")[2])
        if text is not None:
            parser.CharacterDataHandler = text
        left = PART_LIMIT
        try:
            with self.archive.open(actual) as stream:
                while chunk := stream.read(262144):
                    left -= len(chunk)
                    if left < 0:
                        raise SourceError(f"{path} unfolds to more than it declares", self.name)
                    parser.Parse(chunk, False)
            parser.Parse(b"", True)
        except expat.ExpatError as error:
            raise SourceError(
                f"{path} is damaged: {error}", self.name, "Save the workbook again as .xlsx."
            ) from error


def _kind(code: str) -> str:
    """Meaning of a number format: quoted text, colours and escapes say nothing."""
    plain = re.sub(r'"[^"]*"|\\.|\[(?!h+\]|m+\]|s+\])[^\]]*\]|_.|\*.', "", code.lower())
    if re.search(r"[yd]|m{3,}", plain):
        return "date"
    return "time" if re.search(r"[hs]", plain) else ""


@dataclass(slots=True)
class _Grid:
    """Cells of the sheet that is being walked through."""

    where: str
    strings: Sequence[str]
    kinds: Sequence[str]
    epoch: datetime
    cells_left: int
    rows: list[list[Cell]] = field(default_factory=list)
    count: int = 0
    row: int = -1
    column: int = -1
    kind: str = ""
    style: str = ""
    pieces: list[str] = field(default_factory=list)
    inside: bool = False
    elements: int = 0

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag == "c":
            self._start_cell(attributes)
        elif tag in ("v", "t"):
            self.inside = True
        elif tag == "row":
            self.elements += 1
            if self.elements > ROW_LIMIT:
                raise SourceError(f"the sheet has more than {ROW_LIMIT:,} rows", self.where)
            number = attributes.get("r", "")
            self.row = int(number) - 1 if number else self.row + 1
            self.column = -1

    def _start_cell(self, attributes: Mapping[str, str]) -> None:
        self.count += 1
        if self.count > self.cells_left:
            raise SourceError(f"the workbook has more than {CELL_LIMIT:,} cells", self.where)
        self.kind = attributes.get("t", "n")
        self.style = attributes.get("s", "")
        self.pieces.clear()
        found = _REFERENCE.fullmatch(attributes.get("r", ""))
        if found is None:
            self.column += 1
            return
        self.column = -1
        for letter in found[1].upper():
            self.column = (
                self.column * 26 + ord(letter) - 39 if self.column >= 0 else ord(letter) - 65
            )
        self.row = int(found[2]) - 1

    def text(self, piece: str) -> None:
        if self.inside:
            self.pieces.append(piece)

    def end(self, tag: str) -> None:
        if tag in ("v", "t"):
            self.inside = False
        elif tag == "c" and self.pieces:
            self._place(self._value("".join(self.pieces)))

    def _place(self, value: Cell) -> None:
        if value is None or value == "":
            return
        if self.column >= COLUMN_LIMIT or self.row - len(self.rows) > GAP_LIMIT or self.row < 0:
            raise SourceError(
                f"the cell {column_name(self.column)}{self.row + 1} stands far from all others",
                self.where,
                "Delete the rows and columns that nobody needs, and save the workbook again.",
            )
        while len(self.rows) <= self.row:
            self.rows.append([])
        row = self.rows[self.row]
        row.extend([None] * (self.column + 1 - len(row)))
        row[self.column] = value

    def _value(self, text: str) -> Cell:
        if self.kind == "s":
            return self.strings[int(text)]
        if self.kind == "b":
            return "TRUE" if text.strip() == "1" else "FALSE"
        if self.kind != "n":
            return text
        number = float(text)
        style = int(self.style) if self.style else 0
        meaning = self.kinds[style] if 0 <= style < len(self.kinds) else ""
        # Excel ends at the year 9999, day 2958465.
        if not meaning or not 0 <= number < 2958466:
            return number
        if meaning == "time":
            return timedelta(milliseconds=round(number * 86_400_000))
        return self.epoch + timedelta(milliseconds=round(number * 86_400_000))
