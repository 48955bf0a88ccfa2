"""Wells and plate formats: where on a plate something is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from plates.errors import LayoutError

_NAME = re.compile(r"^\s*([A-Za-z]{1,2})\s*0*([1-9]\d{0,2})\s*$")


def row_letters(row: int) -> str:
    """Name a row: 0 is ``A``, 25 ``Z``, 26 ``AA`` (1536-well plates end at ``AF``)."""
    return chr(65 + row) if row < 26 else "A" + chr(65 + row - 26)


def row_number(letters: str) -> int:
    """Index of a row name, from 0; the inverse of `row_letters`."""
    letters = letters.upper()
    return ord(letters) - 65 if len(letters) == 1 else 26 + ord(letters[1]) - 65


@dataclass(frozen=True, slots=True, order=True)
class Well:
    """One well; prints as ``A1``."""

    row: int
    """From 0, top to bottom."""
    column: int
    """From 0, left to right."""

    @classmethod
    def parse(cls, name: str) -> Well:
        """Read ``A1``, ``A01``, ``a 1`` or ``AA1``.

        Raises
        ------
        LayoutError
            When the text is no name of a well.
        """
        found = _NAME.match(name)
        if not found or (len(found[1]) == 2 and found[1][0].upper() != "A"):
            raise LayoutError(f"{name!r} is not the name of a well", hint="Write A1 … H12.")
        return cls(row_number(found[1]), int(found[2]) - 1)

    def __str__(self) -> str:
        return f"{row_letters(self.row)}{self.column + 1}"


def is_well_name(text: str) -> bool:
    """Whether a text is shaped like the name of a well."""
    found = _NAME.match(text)
    return bool(found) and (len(found[1]) == 1 or found[1][0].upper() == "A") if found else False


@dataclass(frozen=True, slots=True)
class PlateFormat:
    """Rows and columns of a plate."""

    rows: int
    columns: int

    @property
    def size(self) -> int:
        """Number of wells."""
        return self.rows * self.columns

    def __contains__(self, well: Well) -> bool:
        return 0 <= well.row < self.rows and 0 <= well.column < self.columns

    def wells(self) -> Iterator[Well]:
        """Every well, row by row."""
        return (Well(row, column) for row in range(self.rows) for column in range(self.columns))

    def range(self, text: str, where: str = "") -> tuple[Well, ...]:
        """Wells of ``A1``, ``A1-H12`` (a rectangle) or a comma-separated list of both.

        Raises
        ------
        LayoutError
            When a name is no well, or leaves this plate.
        """
        wells: list[Well] = []
        for part in text.split(","):
            corners = [Well.parse(name) for name in re.split(r"[-:–]", part)]
            first, last = corners[0], corners[-1]
            if len(corners) > 2 or first not in self or last not in self:
                raise LayoutError(
                    f"{part.strip()!r} leaves a {self.size}-well plate",
                    where,
                    f"Rows end at {row_letters(self.rows - 1)}, columns at {self.columns}.",
                )
            wells += [
                Well(row, column)
                for row in range(first.row, last.row + 1)
                for column in range(first.column, last.column + 1)
            ]
        return tuple(wells)


FORMATS = {
    6: PlateFormat(2, 3),
    12: PlateFormat(3, 4),
    24: PlateFormat(4, 6),
    48: PlateFormat(6, 8),
    96: PlateFormat(8, 12),
    384: PlateFormat(16, 24),
    1536: PlateFormat(32, 48),
}
"""The plate formats in use, by number of wells."""


def smallest_format(rows: int, columns: int) -> PlateFormat:
    """The smallest plate that holds so many rows and columns.

    Raises
    ------
    LayoutError
        When even a 1536-well plate is too small.
    """
    for plate in FORMATS.values():
        if rows <= plate.rows and columns <= plate.columns:
            return plate
    raise LayoutError(f"no plate has {rows} rows and {columns} columns")
