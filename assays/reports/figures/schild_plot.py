"""Schild plot: how the dose ratio of a stimulus rises with the dose of its antagonist."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from assays.reports.figures import style
from assays.reports.figures.axes import concentration_axis, ratio_axis
from assays.reports.words import units_in_words, with_interval
from assays.results.shift import DoseShift
from plates.lettering import printable

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SCHILD_MM, HEIGHT_MM = 38.0, 40.0
LEAST_SCHILD = 3
"""Fewer doses of the inhibitor make no Schild plot."""


def has_schild(each: DoseShift) -> bool:
    """Whether enough doses of the inhibitor move the curve."""
    return sum(moved.ratio > 1 for moved in each.moved) >= LEAST_SCHILD


def draw_schild(axes: Axes, each: DoseShift, inks: Mapping[float, str]) -> None:
    """Dose ratio less 1 against the dose of the inhibitor, both logarithmic."""
    known = [moved for moved in each.moved if moved.ratio > 1]
    doses = [moved.dose for moved in known]
    low, high = min(doses) / 1.8, max(doses) * 1.8
    reach = [moved.ratio - 1 for moved in known]
    reach += [end - 1 for moved in known for end in moved.ratio_interval
              if math.isfinite(end) and end > 1]  # fmt: skip
    floor, ceiling = min([*reach, 1.0]) / 1.6, max([*reach, 1.0]) * 1.6
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlim(low, high)
    axes.set_ylim(floor, ceiling)
    concentration_axis(axes, low, high, room_mm=SCHILD_MM)
    ratio_axis(axes, floor, ceiling, room_mm=HEIGHT_MM)
    axes.axhline(1.0, color=style.QUIET, lw=style.HAIR, ls=(0, (1, 1.5)), zorder=1)
    found = each.schild
    x = np.array([low, high])
    for slope, log_one, look in (
        (found.slope, found.pa2, {"lw": 1.2}),
        (1.0, found.pkb, {"lw": 0.9, "ls": (0, (4, 2))}),
    ):
        if math.isfinite(slope) and math.isfinite(log_one):
            one = 10.0 ** (each.schild_offset - log_one)
            axes.plot(x, (x / one) ** slope, color=style.STANDARD, zorder=2, **look)
    for moved in known:
        begin, end = moved.ratio_interval
        ink = inks.get(moved.dose, style.INK)
        if not math.isnan(begin) and not math.isnan(end):
            ends = [max(begin - 1, floor), min(end - 1, ceiling)]
            axes.plot([moved.dose] * 2, ends, color=ink, lw=0.9, zorder=3)
        axes.plot([moved.dose], [moved.ratio - 1], "o", ms=4.2, color=ink, mec=style.INK, mew=0.6,
                  zorder=5)  # fmt: skip
    unit = printable(units_in_words(each.inhibitor_unit), 10)
    axes.set_xlabel(f"{printable(each.inhibitor, 20)} ({unit})")
    axes.set_ylabel("Dose ratio − 1")
    axes.set_title("\n".join(constants_in_words(each)), pad=3.0, linespacing=1.2)


def constants_in_words(each: DoseShift) -> list[str]:
    """Schild slope, and pKB or else pA2, a line each."""
    found, told = each.schild, []
    kept = ("pKB", found.pkb, found.pkb_interval)
    if not math.isfinite(found.pkb):
        kept = ("pA2", found.pa2, found.pa2_interval)
    for name, value, interval in (("Schild slope", found.slope, found.slope_interval), kept):
        if math.isfinite(value):
            shown, ends = with_interval(value, interval, decimals=2)
            told.append(f"{name} {shown}{f' ({ends})' if ends else ''}")
    return told
