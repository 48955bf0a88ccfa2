"""``Layout definitions`` of a SkanIt session: per well a sample, a group, and what it holds."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping

from plates.errors import UnitError
from plates.grid import header_at, parse_number, row_of
from plates.layout import Role, WellContent
from plates.roles import role_of
from plates.table import Table, cell
from plates.units import find_unit
from plates.well import Well

_DILUTION = re.compile(r"1\s*:\s*(\d+(?:[.,]\d+)?)")
_AMOUNT = re.compile(r"([\d.,]+(?:[eE][-+]?\d+)?)\s*([^\d\s].*)")


def read_layouts(
    table: Table | None,
) -> tuple[dict[tuple[str, Well], WellContent], dict[str, str]]:
    """Read the contents of every plate, and the template of each by name."""
    contents: dict[tuple[str, Well], WellContent] = {}
    templates: dict[str, str] = {}
    wells: dict[tuple[str, Well], list[str]] = {}
    plate = ""
    first = count = 0
    letter: int | None = None
    for row in table.rows if table is not None else ():
        if cell(row, 0) == "Name":
            plate, letter, count = cell(row, 1), None, 0
        elif cell(row, 0) == "Plate template":
            templates[plate] = cell(row, 1)
        elif header := header_at(row):
            (first, count), letter = header, None
        elif count:
            own = row_of(cell(row, first - 1))
            letter = own if own is not None else letter
            for column in range(count if letter is not None else 0):
                if text := cell(row, first + column):
                    assert letter is not None
                    wells.setdefault((plate, Well(letter, column)), []).append(text)
    seen: Counter[tuple[str, str]] = Counter()
    for (name, well), lines in wells.items():
        seen[name, lines[0]] += 1
        contents[name, well] = _content(lines, seen[name, lines[0]])
    return contents, templates


def names_as_contents(plate: str, names: Mapping[Well, str]) -> dict[tuple[str, Well], WellContent]:
    """Contents from a grid of sample names alone."""
    seen: Counter[str] = Counter()
    contents: dict[tuple[str, Well], WellContent] = {}
    for well, name in names.items():
        seen[name] += 1
        contents[plate, well] = _content([name], seen[name])
    return contents


def _content(lines: list[str], replicate: int) -> WellContent:
    """First the sample, then its group, then ``1 microg/ml`` or the dilution ``1:25``."""
    sample = lines[0]
    nominal, unit, factor, group = math.nan, "", 1.0, ""
    for text in lines[1:]:
        if dilution := _DILUTION.fullmatch(text):
            factor = max(float(dilution[1].replace(",", ".")), 1.0)
        elif (amount := _AMOUNT.fullmatch(text)) and (known := _unit(amount[2])):
            number = parse_number(amount[1], "," if "," in amount[1] else ".")
            nominal, unit = (math.nan if number is None else number), known
        else:
            group = group or text
    role = role_of(sample) or Role.SAMPLE
    return WellContent(
        role, sample, nominal=nominal, unit=unit, dilution_factor=factor, replicate=replicate,
        labels={"group": group} if group else {},
    )  # fmt: skip


def _unit(text: str) -> str:
    try:
        return find_unit(text).symbol
    except UnitError:
        return text if "/" in text else ""
