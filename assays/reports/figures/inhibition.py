"""Percent inhibition of one readout: every donor, every inhibitor, every dose."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from assays.reports.figures import style
from assays.reports.figures.arms import LETTER_MM, Arm, arms_of, labels_of, narrowest_slot
from assays.reports.figures.conditions import Colours
from assays.reports.words import percent, units_in_words
from assays.results.inhibition import DonorComparison, Inhibition
from assays.samples import Agent
from plates.draw import WIDTH_MM
from plates.lettering import MM, POINTS, printable

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LEFT_MM, PANEL_GAP_MM = 13.0, 3.0
ROW_MM, PLOT_MM, BOTTOM_MM = 85.0, 58.0, 14.0
LOWEST, HIGHEST = -150.0, 250.0
"""The percent axis never reaches further; what lies beyond stands at the edge, with its number."""
WIDEST_SLOT_MM, DONOR_MM = 16.0, 1.8
"""Width of a dose, and of one donor among many at it."""
MOST_LETTERS = 10
"""Of a donor's name."""
MOST_NAMES = 20
"""More donors than this are not named beside the lines."""


def draw_inhibition(rows: Sequence[Inhibition], palette: Colours) -> Figure:
    """Dots with intervals, side by side per donor; lines at 0 % and 100 %.

    Thin lines connect the doses of one donor. Donors in whom inhibition is undefined stand
    in a strip at the lower margin, named there where their other doses have dots. An arrow ends
    an interval that goes on beyond the axis.
    """
    arms = arms_of(rows)
    donors = list(dict.fromkeys(row.donor for row in rows))
    names_mm = 4.0 + LETTER_MM * min(max((len(donor) for donor in donors), default=0), MOST_LETTERS)
    lines = _wrapped(arms, names_mm + PANEL_GAP_MM)
    low, high = _reach(rows)
    with style.house_style():
        figure = style.new_figure(max(len(lines), 1) * ROW_MM)
        for rank, line in enumerate(lines):
            bottom = (len(lines) - 1 - rank) * ROW_MM + BOTTOM_MM
            free = WIDTH_MM - LEFT_MM - (names_mm + PANEL_GAP_MM) * len(line)
            stretch = free / sum(narrowest_slot(arm) * len(arm.doses) for arm in line)
            left = LEFT_MM
            for index, arm in enumerate(line):
                slot = narrowest_slot(arm)
                widest = max(WIDEST_SLOT_MM, DONOR_MM * len({row.donor for row in arm.found}))
                slot = max(min(slot * stretch, widest), min(slot, slot * stretch))
                width = slot * len(arm.doses)
                axes = style.place(figure, left, bottom, width, PLOT_MM)
                _frame(axes, arm, (low, high), width + names_mm, first=index == 0)
                _donors(axes, arm, donors, palette, (low, high), slot)
                _counts(axes, arm, first=index == 0)
                left += width + names_mm + PANEL_GAP_MM
        if not lines:
            figure.text(0.5, 0.5, "no treated tubes", ha="center", color=style.QUIET)
    return figure


def main_stimulus(rows: Sequence[Inhibition], compared: Sequence[DonorComparison]) -> str:
    """The one stimulus whose inhibition is drawn: dots of several doses of it cannot be joined.

    That which most donors have; among equals the one that was compared over donors, then the
    first of the sheet.
    """
    donors: dict[str, set[str]] = {}
    for row in rows:
        donors.setdefault(row.stimulus, set()).add(row.donor)
    told = {each.condition.partition(",")[0] for each in compared if each.kind == "activation"}
    return max(donors, key=lambda name: (len(donors[name]), name in told))


def _wrapped(arms: Sequence[Arm], between_mm: float) -> list[list[Arm]]:
    """Arms in lines that leave every dose room for its label, and every arm room for names."""
    lines: list[list[Arm]] = []
    used = math.inf
    for arm in arms:
        need = len(arm.doses) * narrowest_slot(arm) + between_mm
        if used + need > WIDTH_MM - LEFT_MM:
            lines.append([])
            used = 0.0
        lines[-1].append(arm)
        used += need
    return lines


def _reach(rows: Sequence[Inhibition]) -> tuple[float, float]:
    """Ends of the percent axis: 0 and 100 always, dots when they are near, intervals a little."""
    dots = [row.percent for row in rows if math.isfinite(row.percent)]
    ends = [end for row in rows for end in row.interval if math.isfinite(end)]
    low = min([-12.0, *(dot - 8 for dot in dots), *(max(end, -60.0) - 4 for end in ends)])
    high = max([112.0, *(dot + 8 for dot in dots), *(min(end, 160.0) + 4 for end in ends)])
    return max(low, LOWEST), min(high, HIGHEST)


def _strip(limits: tuple[float, float]) -> float:
    """Middle of the strip for undefined donors, below the axis' own range."""
    low, high = limits
    return low - 0.08 * (high - low)


def _frame(
    axes: Axes, arm: Arm, limits: tuple[float, float], room_mm: float, *, first: bool
) -> None:
    low, high = limits
    axes.set_xlim(-0.5, len(arm.doses) - 0.5)
    axes.set_ylim(low - 0.14 * (high - low), high)
    for place in (0.0, 100.0):
        axes.axhline(place, color=style.QUIET, lw=style.HAIR, zorder=1)
    axes.axhspan(low - 0.14 * (high - low), low - 0.02 * (high - low), color=style.MARGIN, lw=0)
    step = next(s for s in (25, 50, 100, 200) if (high - low) / s <= 10)
    places = [p for p in range(-1000, 1001, step) if low <= p <= high]
    axes.set_yticks(places, [str(p).replace("-", "\u2212") for p in places] if first else [])
    if first:
        axes.set_ylabel("Inhibition (%)")
        axes.annotate(
            "un-\ndefined",
            (0.0, _strip(limits)),
            (-3, 0),
            xycoords=("axes fraction", "data"),
            textcoords="offset points",
            ha="right",
            va="center",
            color=style.QUIET,
            linespacing=0.95,
        )
    else:
        axes.spines["left"].set_visible(False)
        axes.tick_params(axis="y", length=0)
    labels, unit = labels_of(arm)
    axes.set_xticks(range(len(arm.doses)), labels)
    most = int(room_mm / LETTER_MM / 1.1)
    names = [arm.name] if len(arm.name) <= most else arm.name.split(" + ")
    words = "\n+ ".join(printable(name, most) for name in names[:3])
    axes.set_title(words, weight="bold", pad=4.0 + POINTS * 1.4, loc="left")
    if unit:
        axes.set_xlabel(f"Dose ({printable(units_in_words(unit), 10)})")


def _counts(axes: Axes, arm: Arm, *, first: bool) -> None:
    """Above each dose, in how many donors inhibition is defined there."""
    for place, agents in enumerate(arm.doses):
        known = {r.donor for r in arm.found if r.inhibitors == agents and math.isfinite(r.percent)}
        _above(axes, str(len(known)), place, "center")
    if first:
        _above(axes, "n", -0.5, "right")


def _above(axes: Axes, text: str, place: float, side: str) -> None:
    axes.annotate(
        text, (place, 1.0), (-3.0 if side == "right" else 0.0, 2.0),
        xycoords=("data", "axes fraction"), textcoords="offset points", ha=side, va="bottom",
        color=style.QUIET,
    )  # fmt: skip


def _width_mm(axes: Axes) -> float:
    figure = axes.get_figure(root=True)
    assert figure is not None
    return float(axes.get_position().width * figure.get_size_inches()[0] / MM)


def _donors(
    axes: Axes,
    arm: Arm,
    donors: Sequence[str],
    palette: Colours,
    limits: tuple[float, float],
    slot_mm: float,
) -> None:
    own = [donor for donor in donors if any(row.donor == donor for row in arm.found)]
    size = min(4.4, max(3.0, slot_mm / 25.4 * 72 * 0.8 / max(len(own), 1)))
    named = len(own) <= MOST_NAMES
    ends: list[tuple[str, tuple[float, float], bool]] = []
    for rank, donor in enumerate(own):
        shift = (rank - (len(own) - 1) / 2) * (0.76 / len(own))
        mine = [row for row in arm.found if row.donor == donor]
        dots: list[tuple[float, float]] = []
        seen: set[tuple[Agent, ...]] = set()
        for row in mine:
            x = arm.doses.index(row.inhibitors) + shift
            again = row.inhibitors in seen
            # The same dose with another vehicle stands beside the line, not on it.
            x += 0.5 * min(0.76 / len(own), 0.3) if again else 0.0
            seen.add(row.inhibitors)
            if math.isnan(row.percent):
                axes.plot(
                    [x], [_strip(limits)], marker="x", ms=size, mew=0.9, color=style.QUIET, zorder=5
                )
                if named and any(math.isfinite(each.percent) for each in mine):
                    # Its name stands at its last dot, so that the cross would seem another's.
                    _named_cross(axes, donor, (x, _strip(limits)), size)
                continue
            if not again:
                dots.append((x, float(np.clip(row.percent, *limits))))
            _dot(axes, row, x, limits, palette, size)
        axes.plot(*np.array(dots).reshape(-1, 2).T, color="#9aa3ad", lw=0.6, zorder=2)
        lost = (arm.doses.index(mine[-1].inhibitors) + shift, _strip(limits))
        ends.append((donor, dots[-1] if dots else lost, bool(dots)))
    if named:
        _names(axes, ends)


def _named_cross(axes: Axes, donor: str, place: tuple[float, float], size: float) -> None:
    """The donor's name above a cross of one that has dots at other doses."""
    axes.annotate(
        printable(donor, MOST_LETTERS),
        place,
        (0, size / 2 + 0.5),
        textcoords="offset points",
        ha="center",
        va="baseline",
        color=style.INK,
        zorder=7,
    )


def _dot(
    axes: Axes,
    row: Inhibition,
    x: float,
    limits: tuple[float, float],
    palette: Colours,
    size: float,
) -> None:
    low, high = limits
    edge = palette.full(row.inhibitor)
    begin, end = row.interval
    if not math.isnan(begin) and not math.isnan(end):
        axes.plot([x, x], [max(begin, low), min(end, high)], color=edge, lw=0.9, zorder=3)
        arrows: list[tuple[float, str]] = [(low, "v")] if begin < low else []
        arrows += [(high, "^")] if end > high else []
        for place, marker in arrows:
            axes.plot([x], [place], marker=marker, ms=size * 0.8, color=edge, mew=0, zorder=3)
    look: dict[str, Any] = {"ms": size, "mec": edge, "mew": 0.8, "mfc": palette.of(row.inhibitors)}
    axes.plot([x], [np.clip(row.percent, low, high)], marker="o", zorder=6, clip_on=False, **look)
    if not low <= row.percent <= high:
        up = row.percent > high
        axes.annotate(
            percent(row.percent),
            (x, high if up else low),
            (0, -5 if up else 5),
            textcoords="offset points",
            ha="center",
            va="top" if up else "bottom",
            bbox=style.ground(),
            zorder=7,
        )


def _names(axes: Axes, ends: Sequence[tuple[str, tuple[float, float], bool]]) -> None:
    """Donors' names right of their last dose, moved apart until they can be read."""
    low, high = axes.get_ylim()
    per_point = (high - low) / (PLOT_MM / 25.4 * 72)
    across = _width_mm(axes)
    places = style.spread(
        [place for _, (_, place), _ in ends],
        POINTS * 1.12 * per_point,
        low + POINTS * 0.5 * per_point,
        high - POINTS * 0.5 * per_point,
    )
    for (donor, wanted, defined), place in zip(ends, places, strict=True):
        axes.annotate(
            printable(donor, MOST_LETTERS),
            wanted,
            (1.0 + 2.0 / across, place),
            textcoords=("axes fraction", "data"),
            va="center",
            color=style.INK if defined else style.QUIET,
            arrowprops={
                "arrowstyle": "-",
                "color": "#c3c9d0",
                "lw": 0.5,
                "shrinkA": 1,
                "shrinkB": 3,
                "relpos": (0.0, 0.5),
            },
        )
