"""A stimulus or an inhibitor of a sample sheet: its name, its dose, its unit.

A number that could be read in two ways, a dose without a unit, a unit that nobody writes and an
inhibitor without a dose are refused with their cell: each of them would leave a tube out of its
curve, or move it there by a factor of a thousand, without a word.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from assays.dose_units import FAMILIAR, known_unit, spelt
from assays.errors import ControlError, ProtocolError
from assays.samples import Agent
from plates.errors import LayoutError
from plates.layouts.cells import EXCEL_ERRORS, Cell
from plates.layouts.quantities import Marks, quantity

BLANK = ("", "-", "–", "—", "none", "no", "n/a", "na", "nil")
NOTHING = (*BLANK, "0", "unstimulated", "untreated")
NO_STIMULUS = re.compile(
    r"^(medium|media|(culture )?medium( only| alone)?|media only|rpmi.*|buffer|vehicle|dmso|pbs|"
    r"unstim|resting|basal|baseline|no stim(ulus|ulation)?)$",
    re.I,
)
"""Words in the stimulus column for a tube that got none."""
VEHICLES = re.compile(r"^(dmso|vehicle|pbs|etoh|ethanol|isotype.*|.*\bisotype( control)?)$", re.I)

# 1,000 is a thousand in one country and one in another; so is 1.000. 0.125 and 1.2500 are not.
_GROUPED = re.compile(r"^\s*[-+]?([1-9]\d{0,2}(?:[.,]\d{3})+(?:[.,]\d*)?)(?![\d.,])")
_NO_MARKS = Marks(point=False, comma=False)


def number_of(cell: Cell, what: str, *, points: bool = False) -> tuple[float, str]:
    """Number and unit of a cell, judged by this cell alone.

    Parameters
    ----------
    cell : Cell
    what : str
        What the number is, for messages.
    points : bool
        The text parts its fields by commas, so that its program wrote decimal points: ``3.125``
        is understood. ``1.000`` is not even there, since no program writes so for 1.

    Raises
    ------
    LayoutError
        When it is no number, or a text that could hold a thousands separator.
    """
    found = _GROUPED.match(cell.text) if isinstance(cell.value, str) else None
    if found:
        digits = found[1]
        if not (points and re.fullmatch(r"\d+\.\d\d[1-9]", digits)):
            raise _could_be_two(cell, digits, what)
    return quantity(cell, _NO_MARKS, what)


def _could_be_two(cell: Cell, digits: str, what: str) -> LayoutError:
    plain = re.sub("[.,]", "", digits)
    said = f"the {what} {cell.text} holds a thousands separator"
    way_out = "Write it without"
    if re.fullmatch(r"\d+[.,]\d{3}", digits):
        small = digits.replace(",", ".")
        said = f"the {what} {cell.text} is either {plain} or {float(small):g}"
        way_out = f"Write {plain}, or {small}0 if that is meant"
    return LayoutError(
        said, cell.where, f"{way_out}; in a workbook, type it into a cell that holds numbers."
    )


def text_in(row: Mapping[str, Cell], name: str) -> str:
    """The words of a cell; empty when it is blank.

    Raises
    ------
    ProtocolError
        When a formula failed there.
    """
    text = row[name].text if name in row else ""
    if text in EXCEL_ERRORS:
        raise ProtocolError(f"the cell holds Excel's error {text}", row[name].where)
    return text


def read_agent(
    row: Mapping[str, Cell],
    name: str,
    doubts: list[str],
    *,
    points: bool = False,
    places: Mapping[str, str] | None = None,
) -> Agent | None:
    """Stimulus or inhibitor with its dose; None when nothing was given, or at dose 0.

    Parameters
    ----------
    row : cells by column; blank cells are not there
    name : {"stimulus", "inhibitor", "inhibitor_2"}
    doubts : list of str
        Where a sentence is put for what needed reading.
    points : bool
        See `number_of`.
    places : mapping, optional
        Where the row's cell of each column is, blank or not: for what is missing.

    Raises
    ------
    ProtocolError, ControlError, LayoutError, UnitError
        A dose of nothing, below zero, without a unit or with an unknown one; an inhibitor
        without a dose.
    """
    dose, unit = _columns(name)
    word, what = text_in(row, name), dose.replace("_", " ")
    amount, said = (math.nan, "")
    if dose in row and row[dose].text.casefold() not in BLANK:
        _refuse_ratio(row[dose], what)
        amount, said = number_of(row[dose], what, points=points)
    if name == "stimulus" and NO_STIMULUS.match(word) and not amount > 0:
        doubts.append(f"{word} in the column stimulus is read as no stimulus.")
        return None
    if word.casefold() in NOTHING:
        if amount > 0:
            raise ProtocolError(
                f"a {what} is given, but no {name.replace('_', ' ')}",
                row[dose].where,
                "Name what was given, or clear the dose.",
            )
        return None
    if amount < 0:
        raise ProtocolError(
            f"the {what} {row[dose].text} of {word} is below zero",
            row[dose].where,
            "A dose is 0 or more: take the minus sign out. For a logarithm of the dose write the "
            "dose itself.",
        )
    if amount == 0:
        doubts.append(f"{word} at dose 0 is read as none given.")
        return None
    if math.isnan(amount):
        if name != "stimulus":
            raise _no_dose(row, word, dose, what, places or {})
        return Agent(word)
    known = _unit(row, word, dose, unit, said)
    if "fold" in known.casefold() or known.casefold() == "dilution":
        doubts.append(
            f"{word} {amount:g} {known}: a higher number counts as a higher dose. Where it is a "
            f"dilution, write its share: 1 in {amount:g} is {100 / amount:.4g} %."
        )
    return Agent(word, amount, known)


def _refuse_ratio(cell: Cell, what: str) -> None:
    """``1:100`` is a share and no number: as a dose, 200 would be weaker than 100."""
    found = re.fullmatch(r"\s*1\s*[:/]\s*([1-9]\d{0,8})\s*", cell.text)
    if found and isinstance(cell.value, str):
        raise LayoutError(
            f"expected a number for the {what}, found the dilution {cell.text}",
            cell.where,
            f"Write {100 / int(found[1]):.4g} and the unit %.",
        )


def _columns(name: str) -> tuple[str, str]:
    """Columns of the dose and of its unit."""
    dose = {"stimulus": "stimulus_dose", "inhibitor": "dose", "inhibitor_2": "dose_2"}[name]
    return dose, "stimulus_unit" if name == "stimulus" else f"{dose}_unit"


def _unit(row: Mapping[str, Cell], word: str, dose: str, unit: str, said: str) -> str:
    """The unit beside the number, in its own column, or in the title of the dose's column."""
    known = said or text_in(row, unit) or row[dose].unit
    if not known:
        raise ControlError(
            f"the {dose.replace('_', ' ')} {row[dose].text} of {word} has no unit",
            row[dose].where,
            f"Fill in the column {unit}: {FAMILIAR}.",
        )
    known_unit(known, row[dose if said or unit not in row else unit].where)
    return spelt(known)


def _no_dose(
    row: Mapping[str, Cell], word: str, dose: str, what: str, places: Mapping[str, str]
) -> ControlError:
    return ControlError(
        f"the {what} of {word} is missing for {row['file'].text}",
        row[dose].where if dose in row else places.get(dose, row["file"].where),
        f"Fill in the column {dose}: a tube without its dose is on no curve. Where nobody "
        "knows it and all tubes had the same, write 1 and the unit x.",
    )
