"""Plate-shaped blocks: a table with 1, 2, 3 … across, A, B, C … down and its name in the corner."""

from __future__ import annotations

from dataclasses import dataclass

from plates.errors import LayoutError
from plates.layouts.cells import Cell, Sheet
from plates.layouts.content import format_of_size
from plates.layouts.remarks import Remarks
from plates.layouts.words import key_of, title_of
from plates.well import FORMATS, PlateFormat, Well, row_letters, row_number

_LABELLED = {
    "unit": "unit",
    "units": "unit",
    "unit_of_concentrations": "unit",
    "unit_of_the_concentrations": "unit",
    "concentration_unit": "unit",
    "nominal_unit": "unit",
    "unit_of_cell_density": "density",
    "unit_of_the_cell_density": "density",
    "cell_density_unit": "density",
    "plate": "plate",
    "plate_label": "plate",
    "plate_format": "format",
    "wells": "format",
    "number_of_wells": "format",
}
MOST_BLOCKS = 500
"""Blocks of one sheet: forty plates with a dozen properties each."""
EVERY_PLATE = "every plate"
"""What the labelled cell `Plate` says of a sheet that stands for all plates of the run."""


@dataclass(frozen=True, slots=True)
class Block:
    """One plate-shaped table: where its corner stands and which rows and columns it has."""

    row: int
    column: int
    rows: tuple[int, ...]
    """Plate row (from 0) of each line."""
    columns: tuple[int, ...]
    """Plate column (from 0) of each column."""
    title: str

    def holds(self, row: int, column: int) -> bool:
        """Whether a cell of the sheet belongs to the block, its margins included."""
        return self.row <= row <= self.row + len(
            self.rows
        ) and self.column <= column <= self.column + len(self.columns)


@dataclass(frozen=True, slots=True)
class Declared:
    """A labelled cell outside the blocks, such as ``Unit of concentrations | pg/mL``."""

    row: int
    kind: str
    text: str
    where: str


def find_blocks(sheet: Sheet) -> tuple[Block, ...]:
    """Every plate-shaped block of a sheet, from top to bottom."""
    found: list[Block] = []
    for r, row in enumerate(sheet.rows[:-1]):
        numbered = [c for c, value in enumerate(row) if _looks_numbered(value)]
        # A header has two numbers at least: most rows are passed over at once.
        for c in (c - 1 for c in numbered if len(numbered) > 1 and c > 0):
            if any(block.holds(r, c) for block in found):
                continue
            block = _block_at(sheet, r, c)
            if block is not None:
                found.append(block)
            if len(found) > MOST_BLOCKS:
                raise LayoutError(
                    f"the table has more than {MOST_BLOCKS} plate-shaped blocks",
                    sheet.where(r, c),
                    "Split it into several files.",
                )
    return tuple(found)


def _block_at(sheet: Sheet, r: int, c: int) -> Block | None:
    columns: list[int] = []
    while (n := _number(sheet, r, c + 1 + len(columns))) is not None and (
        not columns or n == columns[-1] + 2
    ):
        columns.append(n - 1)
    rows: list[int] = []
    while (n := _row(sheet, r + 1 + len(rows), c)) is not None and (not rows or n > rows[-1]):
        rows.append(n)
    if len(columns) < 2 or not rows or _number(sheet, r, c) is not None:
        return None
    title = sheet.text(r, c) or _above(sheet, r, c, len(columns))
    return Block(r, c, tuple(rows), tuple(columns), title)


def _above(sheet: Sheet, r: int, c: int, width: int) -> str:
    texts = (sheet.text(r - 1, c + i) for i in range(width + 1))
    return next((text for text in texts if text), "")


def _number(sheet: Sheet, r: int, c: int) -> int | None:
    value = sheet.value(r, c)
    if isinstance(value, bool) or value is None:
        return None
    text = sheet.text(r, c)
    return int(text) if text.isascii() and text.isdigit() and 1 <= int(text[:4]) <= 48 else None


def _looks_numbered(value: object) -> bool:
    if isinstance(value, str):
        return len(value) < 8 and value.strip().isdecimal()
    return isinstance(value, int | float)


def _row(sheet: Sheet, r: int, c: int) -> int | None:
    text = sheet.text(r, c)
    if not (text.isascii() and text.isalpha() and len(text) <= 2):
        return None
    number = row_number(text) if len(text) == 1 or text[0] in "Aa" else 99
    return number if number < 32 else None


def find_declared(sheet: Sheet, blocks: tuple[Block, ...]) -> tuple[Declared, ...]:
    """Labelled cells outside the blocks, with the first filled cell to their right."""
    found: list[Declared] = []
    for r, row in enumerate(sheet.rows):
        for c in range(len(row)):
            kind = _LABELLED.get(key_of(sheet.text(r, c)))
            if kind is None or any(block.holds(r, c) for block in blocks):
                continue
            right = (c + i for i in range(1, 6))
            place = next((i for i in right if sheet.text(r, i)), None)
            if place is not None:
                found.append(Declared(r, kind, sheet.text(r, place), sheet.where(r, place)))
    return tuple(found)


def declares_every_plate(sheet: Sheet) -> bool:
    """Whether a labelled cell says that the sheet stands for all plates of the run."""
    declared = find_declared(sheet, find_blocks(sheet))
    return any(d.kind == "plate" and d.text.casefold() == EVERY_PLATE for d in declared)


def declared_unit(sheet: Sheet) -> str:
    """The unit of concentrations that a labelled cell gives; empty without one."""
    declared = find_declared(sheet, find_blocks(sheet))
    return _declared(declared, "unit", len(sheet.rows), "")


def read_blocks(
    sheet: Sheet, plate: str, remarks: Remarks, *, shared: str = ""
) -> tuple[dict[tuple[str, Well], dict[str, Cell]], PlateFormat | None]:
    """The filled cells of every well of a sheet of blocks, and the plate it declares.

    Parameters
    ----------
    plate : str
        Label of the plate unless a labelled cell above a block says another.
    shared : str
        What the label `EVERY_PLATE` stands for.

    Raises
    ------
    LayoutError
        When a block has no name, two have the same, or one is larger than any plate.
    """
    blocks = find_blocks(sheet)
    declared = find_declared(sheet, blocks)
    plate_format = next(
        (format_of_size(d.text, d.where) for d in declared if d.kind == "format"), None
    )
    raws: dict[tuple[str, Well], dict[str, Cell]] = {}
    seen: dict[tuple[str, str], str] = {}
    for block in blocks:
        label = _declared(declared, "plate", block.row, plate)
        label = shared if label.casefold() == EVERY_PLATE else label
        name, unit = _property(sheet, block)
        first = seen.setdefault((label, name), sheet.where(block.row, block.column))
        if first != sheet.where(block.row, block.column):
            raise LayoutError(
                f"two blocks are named {name!r}, the first at {first}",
                sheet.where(block.row, block.column),
                "Name each block for what it holds, in its top left corner.",
            )
        _check_shape(sheet, block, plate_format)
        _tell_strays(sheet, block, blocks, remarks)
        kind = {"nominal": "unit", "cell_density": "density"}.get(name)
        if kind and not unit:
            unit = _declared(declared, kind, len(sheet.rows), "")
        for key, cell in _filled(sheet, block, label, unit):
            raws.setdefault(key, {})[name] = cell
    return raws, plate_format


def _filled(
    sheet: Sheet, block: Block, label: str, unit: str
) -> list[tuple[tuple[str, Well], Cell]]:
    cells = (
        ((label, Well(row, column)), sheet.cell(block.row + 1 + i, block.column + 1 + j, unit))
        for i, row in enumerate(block.rows)
        for j, column in enumerate(block.columns)
    )
    return [(key, cell) for key, cell in cells if cell is not None]


def _declared(declared: tuple[Declared, ...], kind: str, row: int, default: str) -> str:
    texts = [d.text for d in declared if d.kind == kind and d.row <= row]
    return texts[-1] if texts else default


def _property(sheet: Sheet, block: Block) -> tuple[str, str]:
    where = sheet.where(block.row, block.column)
    name, unit = title_of(block.title)
    if not name:
        raise LayoutError(
            "a plate-shaped block has no name",
            where,
            "Write role, sample, concentration, dilution … in its top left corner.",
        )
    if name in ("plate", "well", "row", "column"):
        raise LayoutError(f"a block cannot be named {block.title!r}", where)
    return name, unit


def _check_shape(sheet: Sheet, block: Block, plate_format: PlateFormat | None) -> None:
    rows, columns = block.rows[-1] + 1, block.columns[-1] + 1
    if plate_format is None:
        # One row or column more than a plate has is a slip, not the next larger plate.
        slips = (
            plate
            for plate in FORMATS.values()
            if plate.size >= 96
            and (rows, columns)
            in ((plate.rows, plate.columns + 1), (plate.rows + 1, plate.columns))
        )
        plate_format = next(slips, None)
    if plate_format is None or (rows <= plate_format.rows and columns <= plate_format.columns):
        return
    down = max(0, len(block.rows) if rows > plate_format.rows else 0)
    across = len(block.columns) if columns > plate_format.columns else 0
    raise LayoutError(
        f"the block {block.title!r} reaches {row_letters(rows - 1)}{columns} "
        f"and leaves a {plate_format.size}-well plate",
        sheet.where(block.row + down, block.column + across),
        f"Rows end at {row_letters(plate_format.rows - 1)}, columns at {plate_format.columns}.",
    )


def _tell_strays(sheet: Sheet, block: Block, blocks: tuple[Block, ...], remarks: Remarks) -> None:
    column = block.column + len(block.columns) + 1
    for i in range(len(block.rows)):
        row = block.row + 1 + i
        if sheet.text(row, column) and not any(other.holds(row, column) for other in blocks):
            remarks.add("what stands beside a block is not read", sheet.where(row, column))
