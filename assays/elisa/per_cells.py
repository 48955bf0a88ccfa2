"""From a supernatant's concentration to an amount per number of cells.

    amount per N cells = concentration / cell density × N

A concentration in pg/mL over a density in cells/mL is pg per cell. A density given as cells per
well needs the culture volume as well. Over the hours of culture, when they are declared, it is an
amount per hour: the mean over that time, as if release were steady.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

from assays.protocol import Elisa

DENSITY, DENSITY_UNIT = "cell_density", "cell_density_unit"
_VOLUME_ML = {"ml": 1.0, "l": 1000.0, "µl": 1e-3, "ul": 1e-3}
_NUMBER = re.compile(r"^\s*([\d.,]+(?:[eE][+-]?\d+)?)\s*(?:[x×*]\s*10\s*\^?\s*(\d+))?\s*(.*)$")
_POWER = re.compile(r"^(?:[x×]?\s*(?:10\s*\^?\s*|1e)(\d{1,2}))\s*(?:cells?)?\s*/?\s*(.*)$")
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")


@dataclass(frozen=True, slots=True)
class CellFactor:
    """What a concentration is multiplied by."""

    factor: float
    unit: str
    """``pg/10⁶ cells``."""
    origin: str


def cell_factor(labels: Mapping[str, str], protocol: Elisa) -> CellFactor | None:
    """Factor from the labels of a sample; None when they give no usable cell density."""
    text = labels.get(DENSITY, "").strip()
    density = density_per_ml(text, labels.get(DENSITY_UNIT, ""), protocol.cells.volume_ml)
    mass, _, volume = protocol.unit.partition("/")
    millilitres = _VOLUME_ML.get(volume.strip().lower().replace("μ", "µ"))
    if density is None or millilitres is None:
        return None
    per = protocol.cells.per
    hours = protocol.cells.hours
    factor = per / (density * millilitres) / (hours or 1.0)
    exponent = math.log10(per)
    cells = f"10{_raised(int(exponent))}" if exponent == int(exponent) else f"{per:g}"
    origin = f"{density:.4g} cells/mL in the layout"
    if "well" in labels.get(DENSITY_UNIT, "").lower() or "well" in text.lower():
        origin = f"{text} {labels.get(DENSITY_UNIT, '')}".strip() + (
            f" in {protocol.cells.volume_ml:g} mL (assay.toml)"
        )
    if hours is not None:
        origin += f", over {hours:g} h of culture (assay.toml)"
    return CellFactor(factor, f"{mass.strip()}/{cells} cells" + ("/h" if hours else ""), origin)


def density_per_ml(text: str, unit: str, volume_ml: float | None) -> float | None:
    """Cells per mL from ``2e6`` and ``cells/mL``, or ``2`` and ``10^6/mL``, or ``1e5 cells/well``.

    None when there is no density, its unit is not understood, or a number per well has no volume.
    """
    found = _NUMBER.match(text.translate(_SUPERSCRIPTS)) if text else None
    if not found:
        return None
    try:
        value = float(found[1].replace(",", "."))
    except ValueError:
        return None
    value *= 10.0 ** int(found[2]) if found[2] else 1.0
    per = (found[3].strip() or unit or "cells/mL").translate(_SUPERSCRIPTS).lower()
    per = per.replace("μ", "µ").replace("per", "/").replace(" ", "")
    scale = {"million": 1e6, "mio": 1e6, "m": 1e6, "k": 1e3}
    factor, rest = 1.0, per
    power = _POWER.match(per)
    if power:
        factor, rest = 10.0 ** int(power[1]), power[2]
    else:
        head, _, rest = per.rpartition("/")
        head = head.removesuffix("cells").removesuffix("cell")
        if head not in ("", *scale):
            return None
        factor = scale.get(head, 1.0)
    rest = rest.lstrip("/")
    if rest == "well":
        return value * factor / volume_ml if volume_ml and value > 0 else None
    if rest not in _VOLUME_ML or not value > 0:
        return None
    return value * factor / _VOLUME_ML[rest]


def _raised(exponent: int) -> str:
    return str(exponent).translate(str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻"))
