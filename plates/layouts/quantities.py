"""Numbers as people type them: decimal commas, units beside them, dilutions."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

from plates.errors import LayoutError
from plates.layouts.cells import Cell

_PLAIN = r"[-+]?(?:\d+(?:[.,]\d*)*|[.,]\d+)(?:[eE][-+]?\d+)?"
_WITH_UNIT = re.compile(rf"^\s*({_PLAIN})\s*([^\d\s.,+\-].*)?$")
_RATIO = re.compile(r"^\s*([\d.,]+)\s*(?::|/|in)\s*([\d.,]+)\s*$", re.IGNORECASE)
_PARTS = re.compile(r"^\s*1\s*\+\s*([\d.,]+)\s*$")
_TIMES = re.compile(
    r"^\s*(?:[x×]\s*([\d.,eE+]+)|([\d.,eE+]+)\s*(?:[x×]|-?\s*fold))\s*$", re.IGNORECASE
)
_NEAT = ("neat", "undiluted", "none", "-", "–", "no")


@dataclass(frozen=True, slots=True)
class Marks:
    """Which decimal marks the numbers of a file show without doubt."""

    point: bool
    comma: bool

    @classmethod
    def of(cls, texts: Iterable[str]) -> Marks:
        """Look at every text; ``1.5`` shows a point, ``0,75`` a comma, ``1,000`` nothing."""
        point = comma = False
        for text in texts:
            found = _WITH_UNIT.match(text)
            digits = re.split(r"[eE]", found[1])[0] if found else ""
            point |= bool(
                re.fullmatch(r"[-+]?(\d*\.(\d{1,2}|\d{4,})|0\.\d{3}|\d+,\d{3}\.\d+)", digits)
            )
            comma |= bool(
                re.fullmatch(r"[-+]?(\d*,(\d{1,2}|\d{4,})|0,\d{3}|\d+\.\d{3},\d+)", digits)
            )
        return cls(point, comma)


def number(text: str, marks: Marks) -> float:
    """Read a number.

    Parameters
    ----------
    marks : Marks
        What the other numbers of the file show; settles ``1,000`` and ``1.000``.

    Raises
    ------
    ValueError
        Says in words why the text is no number, or could be two.
    """
    sign = "-" if text.strip().startswith("-") else ""
    body = text.strip().lstrip("+-")
    mantissa, _, power = body.replace("E", "e").partition("e")
    if not re.fullmatch(r"\d+(?:[.,]\d*)*|[.,]\d+", mantissa):
        raise ValueError("no number")
    value = float(f"{sign}{_mantissa(mantissa, marks)}e{power or 0}")
    if not math.isfinite(value):
        raise ValueError("too large for a number")
    return value


def _mantissa(text: str, marks: Marks) -> str:
    """The digits with a decimal point and nothing else, so that no digit is lost."""
    points, commas = text.count("."), text.count(",")
    if points and commas:
        decimal = "." if text.rfind(".") > text.rfind(",") else ","
    elif points > 1 or commas > 1:
        decimal = "," if points else "."
    elif commas:
        decimal = "," if not re.fullmatch(r"[1-9]\d{0,2},\d{3}", text) else _settle(text, marks)
    else:
        # A point is a decimal point unless the file's other numbers have commas.
        grouped = re.fullmatch(r"[1-9]\d{0,2}\.\d{3}", text) and marks.comma
        decimal = _settle(text, marks) if grouped else "."
    thousands = "," if decimal == "." else "."
    whole, _, rest = text.partition(decimal)
    if thousands in rest or (
        thousands in whole and not re.fullmatch(r"\d{1,3}([.,]\d{3})+", whole)
    ):
        raise ValueError("no number")
    return f"{whole.replace(thousands, '') or '0'}.{rest or '0'}"


def _settle(text: str, marks: Marks) -> str:
    if marks.point != marks.comma:
        return "." if marks.point else ","
    plain = re.sub("[.,]", "", text)
    raise ValueError(f"either {plain} or {float(text.replace(',', '.')):g}")


def quantity(cell: Cell, marks: Marks, what: str) -> tuple[float, str]:
    """Number and unit of a cell such as ``12.5``, ``12,5 pg/mL``; the unit may be empty.

    Raises
    ------
    LayoutError
        When the cell holds no number, or one that could be read in two ways.
    """
    if isinstance(cell.value, int | float) and not isinstance(cell.value, bool):
        # A whole number of toml may be too large for a float.
        value = float(cell.value) if abs(cell.value) < 1e300 else math.inf
        if math.isfinite(value):
            return value, ""
    if isinstance(cell.value, dt.date | dt.timedelta):
        raise LayoutError(
            f"expected a number for the {what}, found the date or time {cell.text}",
            cell.where,
            "Excel changed what was typed. Format the cell as text and type the number again.",
        )
    found = _WITH_UNIT.match(cell.text)
    try:
        if not found:
            raise ValueError("no number")
        return number(found[1], marks), (found[2] or "").strip()
    except (ValueError, OverflowError) as error:
        raise LayoutError(
            f"expected a number for the {what}, found {cell.text!r}, which is {error}",
            cell.where,
            "Write digits with a decimal point and no thousands separator, such as 1250.5.",
        ) from error


def dilution(cell: Cell, marks: Marks, *, fractions: bool) -> tuple[float, str]:
    """Dilution factor (at least 1) of a cell, and a remark when it needed reading.

    ``10``, ``10x`` and ``10-fold`` are 10; ``1:10``, ``1/10`` and ``1+9`` are 1 in 10.

    Parameters
    ----------
    fractions : bool
        Read a bare number below 1 as a fraction: 0.1 is 1 in 10.

    Raises
    ------
    LayoutError
        When it is no dilution, or a bare number below 1 that nobody confirmed.
    """
    if cell.text.casefold() in _NEAT:
        return 1.0, ""
    if isinstance(cell.value, dt.timedelta):
        return _from_clock(cell, cell.value)
    text = cell.text
    try:
        for pattern in (_RATIO, _PARTS, _TIMES):
            if isinstance(cell.value, str) and (found := pattern.match(text)):
                return _spelled(pattern, [number(g, marks) for g in found.groups() if g], text)
    except (ValueError, ZeroDivisionError) as error:
        raise _no_dilution(cell) from error
    if text.endswith("%"):
        value = quantity(Cell(text[:-1], cell.where), marks, "dilution")[0] / 100
    else:
        value, unit = quantity(cell, marks, "dilution")
        if unit:
            raise _no_dilution(cell)
    if value >= 1 and not text.endswith("%"):
        return value, ""
    if not 0 < value <= 1:
        raise _no_dilution(cell)
    if not fractions:
        raise LayoutError(
            f"the dilution {text} is below 1: is it a fraction, 1 in {1 / value:.6g}?",
            cell.where,
            f"Write the factor ({1 / value:.6g}) or 1:{1 / value:.6g}, or set "
            "confirm_fraction_dilutions = true under [elisa] in assay.toml.",
        )
    return 1 / value, f"the dilution {text} is read as the fraction 1 in {1 / value:.6g}"


def _spelled(pattern: re.Pattern[str], parts: list[float], text: str) -> tuple[float, str]:
    if pattern is _TIMES:
        factor, remark = parts[0], ""
    else:
        factor = 1 + parts[0] if pattern is _PARTS else parts[1] / parts[0]
        remark = f"the dilution {text} is read as 1 in {factor:.6g}"
    if not 1 <= factor < math.inf:
        raise ValueError("below 1")
    return factor, remark


def _from_clock(cell: Cell, clock: dt.timedelta) -> tuple[float, str]:
    minutes = clock.total_seconds() / 60
    # 1:10 typed into a cell that is not formatted as text becomes ten past one.
    if 61 < minutes < 120 and minutes.is_integer():
        factor = minutes - 60
        return (
            factor,
            f"Excel made a time of the dilution {cell.text}; it is read as 1 in {factor:g}",
        )
    raise LayoutError(
        f"expected a dilution, found the time {cell.text}",
        cell.where,
        "Excel changed what was typed. Write the factor, such as 100 for 1:100.",
    )


def _no_dilution(cell: Cell) -> LayoutError:
    return LayoutError(
        f"expected a dilution factor of at least 1, found {cell.text!r}",
        cell.where,
        "Write 10 or 1:10 for one part in ten.",
    )
