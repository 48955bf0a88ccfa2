"""A named, seekable handle over a file or bytes: the one door for input.

A reader sees a `Source`, never a path, so that uploads, archives and tests
come through one door. Nothing is copied or hashed before someone asks.
"""

from __future__ import annotations

import codecs
import hashlib
import io
import mmap
import re
from functools import cached_property
from pathlib import Path

from plates.errors import SourceError
from plates.table import Table, from_lines, from_sheet
from plates.workbook import Sheet, is_workbook, read_workbook

TEXT_LIMIT = 256 * 1024 * 1024
"""Largest file that is decoded as text, bytes."""

FRONT_BYTES = 16 * 1024
"""First bytes of a file, read once and kept."""

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class Source:
    """A file or bytes under a name."""

    def __init__(self, name: str, *, path: Path | None = None, data: bytes | None = None) -> None:
        self.name = name
        """Name for messages and for the record; never a folder."""
        self.path = path
        self._data = data

    @classmethod
    def of(cls, place: str | Path | Source) -> Source:
        """Open a path, or pass a source through.

        Raises
        ------
        SourceError
            When there is no such file, or it is a folder or empty.
        """
        if isinstance(place, Source):
            return place
        path = Path(place)
        if path.is_dir():
            raise SourceError("expected a file, found a folder", path.name)
        if not path.is_file():
            raise SourceError("there is no such file", str(place), "Check the name and the folder.")
        if path.stat().st_size == 0:
            raise SourceError("the file is empty", path.name, "Export it again.")
        return cls(path.name, path=path)

    @classmethod
    def from_bytes(cls, name: str, data: bytes) -> Source:
        """Wrap bytes under a name."""
        if not data:
            raise SourceError("the file is empty", name, "Export it again.")
        return cls(name, data=data)

    @cached_property
    def size(self) -> int:
        """Length in bytes."""
        return len(self._data) if self._data is not None else self._file.stat().st_size

    @property
    def _file(self) -> Path:
        if self.path is None:
            raise SourceError("the source has neither path nor bytes", self.name)
        return self.path

    def head(self, length: int = 65536) -> bytes:
        """Return the first bytes."""
        return self.read(0, length)

    def read(self, start: int = 0, length: int | None = None) -> bytes:
        """Return bytes from ``start``; fewer than ``length`` at the end of the file."""
        if self._data is not None:
            return self._data[start : None if length is None else start + length]
        if length is not None and start + length <= FRONT_BYTES:
            return self._front[start : start + length]
        with self._file.open("rb") as handle:
            handle.seek(start)
            return handle.read(-1 if length is None else length)

    @cached_property
    def _front(self) -> bytes:
        # Readers ask for the first bytes again and again, a few at a time.
        with self._file.open("rb", buffering=0) as handle:
            return handle.read(FRONT_BYTES) or b""

    def view(self) -> memoryview:
        """Return the whole content without copying it; a file is mapped into memory."""
        if self._data is not None:
            return memoryview(self._data)
        with self._file.open("rb") as handle:
            return memoryview(mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ))

    def stream(self, start: int = 0) -> io.RawIOBase | io.BytesIO:
        """Open the content for reading into memory of one's own, from byte ``start``; close it."""
        if self._data is not None:
            handle: io.RawIOBase | io.BytesIO = io.BytesIO(self._data)
        else:
            handle = self._file.open("rb", buffering=0)
        handle.seek(start)
        return handle

    @cached_property
    def sha256(self) -> str:
        """Digest of the content, in hexadecimal."""
        if self._data is not None:
            return hashlib.sha256(self._data).hexdigest()
        with self._file.open("rb") as handle:
            return hashlib.file_digest(handle, "sha256").hexdigest()

    @cached_property
    def text(self) -> str:
        """The content as text, in the encoding its bytes show; line ends become ``\\n``.

        Byte-order mark first, then the NUL pattern of UTF-16 without one, then
        UTF-8, then cp1252 or Mac Roman.

        Raises
        ------
        SourceError
            When the bytes are no text, or too many.
        """
        if self.size > TEXT_LIMIT:
            raise SourceError(f"{self.size:,} bytes are too many for a text export", self.name)
        if not self.is_text:
            raise SourceError(
                "expected text, found binary data",
                self.name,
                "Export it again from the instrument's software.",
            )
        data = self.read()
        return _line_ends(data.decode(encoding_of(data), errors="replace"))

    @cached_property
    def opening(self) -> str:
        """The first 64 kB as text, for recognising a file; empty when it is no text."""
        head = self.head()
        if is_workbook(head):
            return ""
        text = head.decode(encoding_of(head), errors="replace")
        return "" if "\x00" in text else _line_ends(text)

    @cached_property
    def is_text(self) -> bool:
        """Whether the file looks like text: no zip, and no NUL once decoded."""
        return bool(self.opening)

    @cached_property
    def is_workbook(self) -> bool:
        """Whether the bytes, not the name, are those of a workbook (.xlsx, .ods, .xls)."""
        return is_workbook(self.head(8))

    @cached_property
    def sheets(self) -> tuple[Sheet, ...]:
        """The worksheets, with typed cells.

        Raises
        ------
        SourceError
            When this is no workbook, or passes a limit of `plates.workbook`.
        """
        if not self.is_workbook:
            raise SourceError(
                "expected a workbook (.xlsx, .ods, .xls), found something else",
                self.name,
                "A renamed file does not become a workbook: save it as .xlsx.",
            )
        return read_workbook(self.name, self.read())

    @cached_property
    def tables(self) -> tuple[Table, ...]:
        """The file as rows of text cells: one table per worksheet, one for a text file."""
        if self.is_workbook:
            return tuple(from_sheet(self.name, sheet) for sheet in self.sheets)
        return (from_lines(self.name, self.lines),)

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """The text, line by line; line ``n`` of a message is ``lines[n - 1]``."""
        return tuple(self.text.split("\n"))

    def at(self, line: int) -> str:
        """Place of a line (from 1) for a message."""
        return f"{self.name}:{line}"


def _line_ends(text: str) -> str:
    # Some exporters write CR CR LF; a lone CR is the line end of old Macs.
    return re.sub(r"\r+\n|\r", "\n", text) if "\r" in text else text


def encoding_of(data: bytes) -> str:
    """Name the encoding of a text by its bytes."""
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return encoding
    head = data[:4096]
    if head.count(0) > len(head) // 4:
        return "utf-16-le" if head[1::2].count(0) > head[::2].count(0) else "utf-16-be"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(data)
    except UnicodeDecodeError:
        return _older_encoding(data[:262144])
    return "utf-8"


def _older_encoding(data: bytes) -> str:
    # Latin text has few bytes beyond ASCII (a degree sign, letters with accents):
    # statistics would name an exotic page for them. Where they outnumber the plain
    # letters' third, the text is in another script (Shift JIS, GB 18030, cp1251),
    # which statistics can tell.
    foreign = len(data.translate(None, bytes(range(128))))
    letters = len(_ASCII_LETTERS.findall(data))
    if foreign > FOREIGN_SHARE * (foreign + letters) and foreign >= FOREIGN_LEAST:
        from charset_normalizer import from_bytes

        best = from_bytes(data).best()
        if best is not None:
            return best.encoding
    # The bytes 80 to 9F are letters with accents on a Mac and rare signs in
    # cp1252, some of them undefined. Between letters they are letters.
    return "mac_roman" if _MAC_LETTER.search(data) else "cp1252"


FOREIGN_SHARE, FOREIGN_LEAST = 0.3, 24
"""Share of letters, and number of bytes, beyond ASCII that tell of another script."""

_ASCII_LETTERS = re.compile(rb"[A-Za-z]")
_MAC_LETTER = re.compile(rb"[A-Za-z][\x80-\x90\x95-\x9f][a-z]|[\x81\x8d\x8f\x90\x9d]")
