"""Units of concentration, dose and wavelength, and how to turn one into another.

A unit is a power of ten of a base unit of its kind: gram, mole or international
unit per litre, or per cent. Powers of ten are kept as exponents, so that 1500
pg/mL is exactly 1.5 ng/mL. Mass and moles meet only through a molar mass.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import overload

import numpy as np
from numpy.typing import NDArray

from plates.errors import UnitError


class Kind(StrEnum):
    """What a unit measures."""

    MASS = "mass per volume"
    MOLAR = "amount per volume"
    INTERNATIONAL = "international units per volume"
    ACTIVITY = "a maker's units per volume"
    SHARE = "share"


@dataclass(frozen=True, slots=True)
class Unit:
    """A known unit."""

    symbol: str
    """As we print it: ``pg/mL``, ``nM``, ``µg/mL``."""
    kind: Kind
    exponent: int
    """Power of ten to the base unit: g/L, mol/L, IU/L, U/L, or a share of 1."""


# International System of Units (BIPM, 9th edition, 2019), table 7.
_PREFIXES = {"f": -15, "p": -12, "n": -9, "µ": -6, "m": -3, "c": -2, "d": -1, "": 0, "k": 3}
_VOLUMES = {"L": 0, "dL": -1, "cL": -2, "mL": -3, "µL": -6, "nL": -9}
_AMOUNTS = {"g": Kind.MASS, "mol": Kind.MOLAR, "IU": Kind.INTERNATIONAL, "U": Kind.ACTIVITY}
_MICRO = re.compile("Âµ|Î¼|[μ\N{MICRO SIGN}]")
_LONG = {
    "micrograms": "µg", "microgram": "µg", "microg": "µg", "mcg": "µg", "ug": "µg",
    "picograms": "pg", "picogram": "pg", "nanograms": "ng", "nanogram": "ng",
    "milligrams": "mg", "milligram": "mg", "grams": "g", "gram": "g",
    "litres": "L", "litre": "L", "liters": "L", "liter": "L",
    "millilitre": "mL", "milliliter": "mL", "microlitre": "µL", "microliter": "µL",
}  # fmt: skip


def _catalogue() -> dict[str, Unit]:
    units: dict[str, Unit] = {}
    for prefix, power in _PREFIXES.items():
        for name, kind in _AMOUNTS.items():
            for volume, part in _VOLUMES.items():
                symbol = f"{prefix}{name}/{volume}"
                units[symbol] = Unit(symbol, kind, power - part)
        if prefix not in ("c", "d", "k"):
            units[f"{prefix}M"] = Unit(f"{prefix}M", Kind.MOLAR, power)
    units["%"] = Unit("%", Kind.SHARE, -2)
    return units


UNITS = _catalogue()
"""Every known unit by symbol."""
_BY_LOWER: dict[str, str] = {}
for _symbol in UNITS:
    # Letter case tells nm from nM and mM from MM, so bare molarities keep theirs.
    if "/" in _symbol:
        _BY_LOWER.setdefault(_symbol.lower(), _symbol)


def find_unit(text: str, where: str = "") -> Unit:
    """Find a unit by the way people write it.

    Parameters
    ----------
    text : str
        ``pg/mL``, ``pg/ml``, ``ug/mL``, ``μg/ml``, ``mcg/mL``, ``nM``, ``nmol/l``, ``pg mL-1`` …
    where : str
        Place for the message.

    Raises
    ------
    UnitError
        When there is no such unit; names the nearest one.
    """
    plain = _normal(text)
    if plain in UNITS:
        return UNITS[plain]
    if plain.lower() in _BY_LOWER:
        return UNITS[_BY_LOWER[plain.lower()]]
    if not plain:
        raise UnitError("expected a unit such as pg/mL, found none", where)
    nearest = difflib.get_close_matches(plain[:40], list(UNITS), 1, 0.4)
    if plain.lower() in {"pm", "nm", "µm", "mm"}:
        nearest = [f"{plain[0].lower()}M"]
    raise UnitError(
        f"{text.strip()[:40]!r} is no unit of concentration",
        where,
        f"Did you mean {nearest[0]!r}?" if nearest else "Write pg/mL, ng/mL, nM, µM …",
    )


def _normal(text: str) -> str:
    """Write a unit with one micro sign, one slash and no spaces or brackets."""
    plain = _MICRO.sub("µ", text.strip().strip("()[]").strip())
    plain = re.sub(r"\s*/\s*|\s+per\s+|\s*[·*]\s*(?=\S+(?:-1|⁻¹)$)", "/", plain)
    if "/" not in plain:
        plain = re.sub(r"\s+(?=\S+(?:-1|\^-1|⁻¹)$)", "/", plain)
    plain = re.sub(r"(?:\^?-1|⁻¹)$", "", plain)
    parts = [_LONG.get(part.strip().lower(), part.strip()) for part in plain.split("/")]
    parts = [re.sub(r"^u(?=(?:g|L|l|M|mol|U|IU)$)", "µ", part) for part in parts]
    return "/".join(parts)


@overload
def convert(
    value: float, start: str, end: str, molar_mass_g_per_mol: float = ..., where: str = ...
) -> float: ...
@overload
def convert(
    value: NDArray[np.float64],
    start: str,
    end: str,
    molar_mass_g_per_mol: float = ...,
    where: str = ...,
) -> NDArray[np.float64]: ...
def convert(
    value: float | NDArray[np.float64],
    start: str,
    end: str,
    molar_mass_g_per_mol: float = math.nan,
    where: str = "",
) -> float | NDArray[np.float64]:
    """Express a concentration or a dose in another unit.

    Parameters
    ----------
    value : float or ndarray
        In the unit ``start``; NaN stays NaN.
    start, end : str
        Units, however they are written.
    molar_mass_g_per_mol : float
        Needed between mass and moles only; NaN when unknown.

    Raises
    ------
    UnitError
        When a unit is unknown, the two are of different kinds, or a molar mass is missing.

    Examples
    --------
    >>> convert(1500.0, "pg/mL", "ng/mL")
    1.5
    >>> convert(20.8, "ng/mL", "nM", molar_mass_g_per_mol=20800.0)
    1.0
    """
    first, last = find_unit(start, where), find_unit(end, where)
    shift = first.exponent - last.exponent
    if first.kind is last.kind:
        return _shift(value, shift)
    if {first.kind, last.kind} != {Kind.MASS, Kind.MOLAR}:
        raise UnitError(
            f"{first.symbol} ({first.kind}) cannot be turned into {last.symbol} ({last.kind})",
            where,
        )
    if not (math.isfinite(molar_mass_g_per_mol) and molar_mass_g_per_mol > 0):
        raise UnitError(
            f"{first.symbol} cannot be turned into {last.symbol} without a molar mass",
            where,
            "Give the molar mass in g/mol.",
        )
    if first.kind is Kind.MASS:
        return _shift(value / molar_mass_g_per_mol, shift)
    return _shift(value * molar_mass_g_per_mol, shift)


def _shift(value: float | NDArray[np.float64], exponent: int) -> float | NDArray[np.float64]:
    # Dividing by an exact power of ten rounds once; multiplying by 0.001 rounds twice.
    return value * 10.0**exponent if exponent >= 0 else value / 10.0**-exponent


def dose_nmol_l(
    value: float, unit: str, molar_mass_g_per_mol: float = math.nan, where: str = ""
) -> float:
    """Express a dose in nanomoles per litre; see `convert` for the errors."""
    return convert(value, unit, "nM", molar_mass_g_per_mol, where)


def same_kind(first: str, second: str) -> bool:
    """Whether values in the two units can be compared without further knowledge."""
    return find_unit(first).kind is find_unit(second).kind


_NANOMETRES = {"nm": 1.0, "µm": 1000.0, "å": 0.1, "": 1.0}
_WAVE = re.compile(r"(\d+(?:\.\d+)?)\s*(nm|µm|å)?(?:\s*/\s*\d+(?:\.\d+)?(?:\s*nm)?)?", re.I)


def wavelength_nm(text: str, where: str = "") -> str:
    """Write a wavelength as ``450`` or ``485:528`` (excitation:emission), in nanometres.

    Parameters
    ----------
    text : str
        ``450``, ``450 nm``, ``0.45 µm``, ``485/20,528/20`` (bandwidths are dropped),
        ``485:528`` or ``485 - 528``.

    Raises
    ------
    UnitError
        When it is no wavelength between 180 and 1400 nm.
    """
    plain = _MICRO.sub("µ", text).replace("um", "µm").strip()
    sides: Sequence[str] = re.split(r"\s*[:;,–>]\s*|\s+-\s+|(?<=\d)-(?=\d)", plain)
    found = [_WAVE.fullmatch(side.strip()) for side in sides]
    if not 1 <= len(sides) <= 2 or not all(found):
        raise UnitError(
            f"{text[:40]!r} is no wavelength",
            where,
            "Write 450, or 485:528 for excitation:emission.",
        )
    waves = [float(each[1]) * _NANOMETRES[(each[2] or "").lower()] for each in found if each]
    if not all(180 <= wave <= 1400 for wave in waves):
        raise UnitError(f"{text[:40]!r} is no wavelength between 180 and 1400 nm", where)
    return ":".join(f"{wave:g}" for wave in waves)
