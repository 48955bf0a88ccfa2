"""Serial dilutions declared once: the highest concentration, the step, the way it goes.

    wells = "A1-H2", top = 1000, factor = 2, direction = "down"

puts 1000, 500, 250 … into rows A, B, C …, twice each. Level n holds
top / factor ** n; ``zero`` makes the last level the zero standard.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from plates.errors import LayoutError
from plates.layouts.cells import Cell
from plates.layouts.quantities import Marks, quantity
from plates.layouts.words import nearest
from plates.well import Well

KEYS = ("factor", "direction", "zero")
"""What stands beside ``top`` in a declaration."""
_WAYS = {
    **dict.fromkeys(("down", "downwards", "top to bottom", "rows", "↓"), (True, False)),
    **dict.fromkeys(("up", "upwards", "bottom to top", "↑"), (True, True)),
    **dict.fromkeys(
        ("right", "across", "rightwards", "left to right", "columns", "→"), (False, False)
    ),
    **dict.fromkeys(("left", "leftwards", "right to left", "←"), (False, True)),
}
"""Whether levels are rows, and whether they are counted from the far end."""
_YES, _NO = ("yes", "true", "x", "1", "y", "last"), ("no", "false", "0", "n", "-", "none")
HIGHEST_FACTOR = 1e6
"""A step larger than this is a typing error."""


def expand(wells: Sequence[Well], declared: Mapping[str, Cell]) -> tuple[dict[Well, Cell], str]:
    """The concentration of every well of a series.

    Parameters
    ----------
    wells : sequence of Well
        All of its wells; those of one level are replicates.
    declared : mapping
        ``top`` with its unit, ``factor``, and perhaps ``direction`` and ``zero``.

    Returns
    -------
    dict of Cell by Well, and str
        Concentrations as cells of the declaration's place, and a remark that repeats them.

    Raises
    ------
    LayoutError
        When the step or the direction is missing or has no meaning.
    """
    top = declared["top"]
    marks = Marks.of([declared[name].text for name in ("top", "factor") if name in declared])
    highest, unit = quantity(top, marks, "highest concentration")
    unit = unit or top.unit
    if highest <= 0:
        raise LayoutError(f"the highest concentration {top.text} is not above zero", top.where)
    factor = _factor(declared, marks, top.where)
    by_row, reverse = _way(declared, wells, top.where)
    places = sorted({well.row if by_row else well.column for well in wells}, reverse=reverse)
    if len(places) < 2:
        raise LayoutError(
            "the serial dilution has a single level",
            top.where,
            "Check its wells and its direction.",
        )
    levels = [highest / factor**step for step in range(len(places))]
    if _is_yes(declared.get("zero")):
        levels[-1] = 0.0
    level_of = dict(zip(places, levels, strict=True))
    found = {
        well: Cell(level_of[well.row if by_row else well.column], top.where, unit) for well in wells
    }
    shown = ", ".join(f"{level:.5g}" for level in levels)
    first, last = min(wells), max(wells)
    return found, f"{first} to {last} are read as a serial dilution: {shown} {unit}".rstrip()


def _factor(declared: Mapping[str, Cell], marks: Marks, where: str) -> float:
    cell = declared.get("factor")
    if cell is None:
        raise LayoutError(
            "the serial dilution has no factor", where, "Write factor 2 for steps of one half."
        )
    # 1:2 and 2x are steps of two as well.
    text = cell.text.casefold().removeprefix("1:").removeprefix("1/").rstrip("x×")
    value = quantity(
        Cell(text if isinstance(cell.value, str) else cell.value, cell.where), marks, "factor"
    )[0]
    if not 1 < value <= HIGHEST_FACTOR:
        raise LayoutError(
            f"the factor {cell.text} of the serial dilution is not above 1",
            cell.where,
            f"Write {1 / value:g}." if 0 < value < 1 else "Write 2 for steps of one half.",
        )
    return value


def _way(declared: Mapping[str, Cell], wells: Sequence[Well], where: str) -> tuple[bool, bool]:
    """Whether the levels are rows, and whether they run from the far end."""
    cell = declared.get("direction")
    if cell is not None:
        word = " ".join(cell.text.casefold().split())
        if word not in _WAYS:
            raise LayoutError(
                f"{cell.text!r} is no direction",
                cell.where,
                nearest(word, _WAYS) or "Write down, up, right or left.",
            )
        return _WAYS[word]
    rows, columns = ({well.row for well in wells}, {well.column for well in wells})
    if len(rows) > 1 and len(columns) > 1:
        raise LayoutError(
            "nothing says which way the serial dilution goes",
            where,
            "Add the direction: down, up, right or left.",
        )
    return len(rows) > 1, False


def _is_yes(cell: Cell | None) -> bool:
    if cell is None:
        return False
    word = cell.text.casefold()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise LayoutError(
        f"expected yes or no for the zero standard, found {cell.text!r}",
        cell.where,
        "Yes makes the last level of the serial dilution the zero standard.",
    )
