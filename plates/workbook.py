"""Read the cells of a workbook (.xlsx, .ods, .xls) within fixed limits of memory and time.

An .xlsx or .ods file is a zip of XML. A few kilobytes can unfold into gigabytes, a
single cell in the last corner of a sheet asks for a million empty rows, and
sizes written in the zip can lie. So the parts are counted before anything is
unfolded, unfolded piece by piece, and given up at the first limit passed.
Document type declarations, which no spreadsheet program writes, are refused.
Only values are read: no formulas, no styles but the ones that make a number a
date or a time, or strike a cell out. What stands in the XML is understood by `plates.worksheet` for
.xlsx and by `plates.ods` for .ods; an old .xls file is read by `plates.biff`.
"""

from __future__ import annotations

import posixpath
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from datetime import datetime
from io import BytesIO
from xml.parsers import expat

from plates.biff import SIGNATURE, read_old_workbook
from plates.errors import SourceError
from plates.ods import CONTENT, MANIFEST, OpenSheets, is_encrypted
from plates.worksheet import BUILT_IN, CELL_LIMIT, Grid, kind_of
from plates.worksheet import Sheet as Sheet
from plates.worksheet import column_name as column_name

FILE_LIMIT = 100 * 1024 * 1024
"""Largest workbook that is opened, bytes."""
PARTS_LIMIT = 4000
"""Most parts (sheets, pictures, styles) in the zip."""
PART_LIMIT = 96 * 1024 * 1024
"""Largest XML part after unfolding, bytes."""
SWELL_LIMIT = 200
"""Most times that a large part may swell; sheets of numbers swell about tenfold."""
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


def is_workbook(head: bytes) -> bool:
    """Whether the first bytes are those of a zip or of an old Excel file."""
    return head.startswith((b"PK\x03\x04", b"PK\x05\x06", SIGNATURE))


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
        When the file is no workbook, is encrypted or damaged, or passes a limit.
    """
    if data.startswith(SIGNATURE):
        return read_old_workbook(name, data)
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
        if book is None and CONTENT in self.parts:
            return self.open_sheets()
        if book is None or not book[0][1].endswith(".xml"):
            raise SourceError(
                "expected a workbook (.xlsx, .ods), found another kind of zip",
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
        strikes = self.striking_styles(path)
        return tuple(
            self.sheet(name, target, hidden, strings, kinds, epoch, strikes)
            for name, target, hidden in found
            if "worksheets/" in target
        )

    def open_sheets(self) -> tuple[Sheet, ...]:
        """The sheets of an OpenDocument spreadsheet."""
        manifest = self.parts.get(MANIFEST.lower())
        if manifest is not None:
            with self.archive.open(manifest) as stream:
                if is_encrypted(stream.read(1024 * 1024)):
                    raise SourceError(
                        "the workbook is encrypted", self.name, "Save it without a password."
                    )
        document = OpenSheets(self.name)
        self.parse(CONTENT, document.start, document.end, document.text)
        if not document.found:
            raise SourceError(
                "expected a spreadsheet (.ods), found another kind of document", self.name
            )
        return tuple(document.found)

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
                formats[attributes.get("numFmtId", "")] = kind_of(attributes.get("formatCode", ""))
            elif tag == "cellXfs":
                inside = True
            elif tag == "xf" and inside:
                number = attributes.get("numFmtId", "0")
                known = BUILT_IN.get(int(number), "") if number.isdecimal() else ""
                kinds.append(formats.get(number, known))

        def end(tag: str) -> None:
            nonlocal inside
            inside = inside and tag != "cellXfs"

        for _, target in self.related(path).get("styles", []):
            self.parse(target, start, end)
        return kinds

    def striking_styles(self, path: str) -> frozenset[str]:
        """Numbers of the cell styles whose font is struck out."""
        fonts: list[bool] = []
        styles: list[bool] = []
        inside = ""

        def start(tag: str, attributes: Mapping[str, str]) -> None:
            nonlocal inside
            if tag in ("fonts", "cellXfs"):
                inside = tag
            elif tag == "font" and inside == "fonts":
                fonts.append(False)
            elif tag == "strike" and inside == "fonts" and fonts:
                fonts[-1] = attributes.get("val", "1") in ("1", "true")
            elif tag == "xf" and inside == "cellXfs":
                number = attributes.get("fontId", "0")
                styles.append(
                    number.isdecimal() and int(number) < len(fonts) and fonts[int(number)]
                )

        def end(tag: str) -> None:
            nonlocal inside
            inside = "" if tag == inside else inside

        for _, target in self.related(path).get("styles", []):
            self.parse(target, start, end)
        return frozenset(str(number) for number, struck in enumerate(styles) if struck)

    def sheet(
        self,
        name: str,
        path: str,
        hidden: bool,
        strings: list[str],
        kinds: list[str],
        epoch: datetime,
        strikes: frozenset[str],
    ) -> Sheet:
        grid = Grid(f"{self.name}: {name}", strings, kinds, epoch, self.cells_left, strikes=strikes)
        self.parse(path, grid.start, grid.end, grid.text)
        self.cells_left -= grid.count
        rows = tuple(map(tuple, grid.rows))
        marks = (frozenset(grid.hidden_rows), frozenset(grid.struck), tuple(grid.merged))
        return Sheet(name, rows, hidden, *marks)

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
