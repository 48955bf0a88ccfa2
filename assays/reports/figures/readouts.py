"""How one readout shifts in one donor: a histogram per condition, in dose order."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from assays.reports.figures import style
from assays.reports.figures.conditions import Colours, tube_key, whole_condition
from assays.reports.figures.density import smoothed
from assays.reports.figures.gate_panels import axis_name, limits_of, percent, tick
from assays.results.flow import ReadoutHistogram
from assays.samples import TubeRole
from plates.draw import WIDTH_MM
from plates.lettering import printable

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Floats = NDArray[np.float64]

LABEL_MM, LEAST_MM = 62.0, 18.0
GROUND = 0.002
"""Of its peak: what lies lower cannot be told from the ground line."""
LETTER_MM = 1.43
"""Mean width of a letter of 7 points."""
NUMBER_MM = 17.0
ROW_MM = 7.0
TALLEST = 1.55
"""Peak of a histogram, in rows: neighbours overlap a little."""
MOST_LETTERS = 42
DOTS = (0, (1, 1.2))


def draw_readout(
    histograms: Sequence[ReadoutHistogram],
    palette: Colours,
    positives: Mapping[str, float],
) -> Figure:
    """Offset histograms of one readout in one donor.

    Every histogram is scaled to its own peak. Replicate tubes share a row. The donor's
    unstimulated tubes are repeated as an outline behind each row.

    Parameters
    ----------
    histograms : sequence of ReadoutHistogram
        Of one donor and readout.
    palette : Colours
        Colour of each condition.
    positives : mapping of str to float
        Percent beyond the threshold, on the side of activation, by file.
    """
    rows = rows_of(histograms)
    height = max(len(rows), 1) * ROW_MM + 22.0
    with style.house_style():
        figure = style.new_figure(height)
        labels = labels_of(rows)
        left = label_mm(labels)
        axes = style.place(figure, left, 10.0, WIDTH_MM - left - NUMBER_MM, height - 10.0 - 4.0)
        axes.spines["left"].set_visible(False)
        axes.set_yticks([])
        count = max(len(rows), 1)
        axes.set_ylim(-0.25, (height - 14.0) / ROW_MM - 0.25)
        if not rows:
            axes.text(0.5, 0.5, "no histograms", transform=axes.transAxes, ha="center")
            return figure
        axis = histograms[0].axis
        axes.set_xlim(*limits_of(axis))
        tick(axes, axis, "x", WIDTH_MM - left - NUMBER_MM)
        axes.set_xlabel(f"{printable(axis_name(axis), 60)} (intensity, a.u.)")
        behind = [h for h in histograms if h.tube.role is TubeRole.UNSTIMULATED]
        for rank, row in enumerate(rows):
            _row(axes, row, _same_vehicle(behind, row), count - 1 - rank, palette)
            _words(axes, row, labels[rank], count - 1 - rank, positives)
        _threshold(axes, rows)
        top = count - 1 + TALLEST
        axes.annotate(
            "% below" if any(h.positive_below for h in histograms) else "% above",
            (1.0, top),
            (NUMBER_MM / 25.4 * 72 - 2, 0),
            xycoords=("axes fraction", "data"),
            textcoords="offset points",
            ha="right",
            va="center",
            color=style.QUIET,
        )
    return figure


def label_mm(labels: Sequence[str]) -> float:
    """Width that the words of the rows need: short ones leave it to the histograms."""
    longest = max((len(label) for label in labels), default=0)
    return min(max(longest * LETTER_MM + 4.0, LEAST_MM), LABEL_MM)


def labels_of(rows: Sequence[Sequence[ReadoutHistogram]]) -> list[str]:
    """Each row's condition; the time only where rows differ in it."""
    times = {row[0].tube.time_min for row in rows} - {None}
    found = []
    for row in rows:
        tube = row[0].tube if len(times) > 1 else replace(row[0].tube, time_min=None)
        words = whole_condition(tube, MOST_LETTERS - (4 if len(row) > 1 else 0))
        found.append(words + (f"  ×{len(row)}" if len(row) > 1 else ""))
    return found


def rows_of(
    histograms: Sequence[ReadoutHistogram],
) -> tuple[tuple[ReadoutHistogram, ...], ...]:
    """Tubes of the same condition together, in dose order from top to bottom."""
    rows: dict[str, list[ReadoutHistogram]] = {}
    for histogram in sorted(histograms, key=lambda h: tube_key(h.tube)):
        rows.setdefault(histogram.condition, []).append(histogram)
    return tuple(tuple(row) for row in rows.values())


def _same_vehicle(
    behind: Sequence[ReadoutHistogram], row: Sequence[ReadoutHistogram]
) -> Sequence[ReadoutHistogram]:
    """Unstimulated tubes with the row's vehicle, as the numbers are; all of them without one."""
    return [h for h in behind if h.tube.vehicle == row[0].tube.vehicle] or behind


def _profile(histogram: ReadoutHistogram) -> tuple[Floats, Floats]:
    """Bin centres, and the smoothed histogram scaled to its peak; zero without events."""
    low, high = limits_of(histogram.axis)
    counts = smoothed(histogram.counts)
    centres = low + (np.arange(len(counts)) + 0.5) * (high - low) / max(len(counts), 1)
    top = counts.max(initial=0.0)
    return centres, counts / top if top > 0 else counts


def _seen(part: Floats) -> slice:
    """Bins from the first to the last that rise above the ground: the rest would only weigh."""
    high = np.flatnonzero(part > GROUND)
    return slice(max(int(high[0]) - 1, 0), int(high[-1]) + 2) if high.size else slice(0, 0)


def _row(
    axes: Axes,
    row: Sequence[ReadoutHistogram],
    behind: Sequence[ReadoutHistogram],
    base: int,
    palette: Colours,
) -> None:
    colour = palette.of_tube(row[0].tube)
    # Rows further down lie in front.
    layer = 10.0 + 2.0 * (1000 - base) / 1000
    axes.axhline(base, color="#d0d0d0", lw=style.HAIR, zorder=1)
    if behind and row[0].tube.role is not TubeRole.UNSTIMULATED:
        profiles = [_profile(histogram) for histogram in behind]
        centres = profiles[0][0]
        same = [part for x, part in profiles if len(part) == len(centres)]
        outline = np.mean(same, axis=0)
        seen = _seen(outline)
        axes.plot(
            centres[seen],
            base + TALLEST * outline[seen],
            color=style.UNSTIMULATED,
            lw=0.7,
            ls=(0, (3, 1.2)),
            zorder=layer + 0.0002,
        )
    for histogram in row:
        centres, part = _profile(histogram)
        if not part.any():
            continue
        seen = _seen(part)
        centres, y = centres[seen], base + TALLEST * part[seen]
        axes.fill_between(centres, base, y, color=colour, alpha=0.45, lw=0, zorder=layer)
        axes.plot(centres, y, color=colour, lw=0.9, zorder=layer + 0.0001)
        if math.isfinite(histogram.median):
            axes.plot(
                [histogram.median] * 2,
                [base - 0.08, base + 0.34],
                color=style.INK,
                lw=1.3,
                solid_capstyle="butt",
                path_effects=style.halo(2.2),
                zorder=22,
            )


def _words(
    axes: Axes,
    row: Sequence[ReadoutHistogram],
    label: str,
    base: int,
    positives: Mapping[str, float],
) -> None:
    empty = not any(histogram.counts.sum() for histogram in row)
    axes.annotate(
        label,
        (0.0, base),
        (-4, 1),
        xycoords=("axes fraction", "data"),
        textcoords="offset points",
        ha="right",
        va="bottom",
        zorder=30,
    )
    known = [positives[h.file] for h in row if math.isfinite(positives.get(h.file, math.nan))]
    text = "no events" if empty else percent(sum(known) / len(known)) if known else "–"
    axes.annotate(
        text,
        (1.0, base),
        (NUMBER_MM / 25.4 * 72 - 2, 1),
        xycoords=("axes fraction", "data"),
        textcoords="offset points",
        ha="right",
        va="bottom",
        zorder=30,
    )


def _threshold(axes: Axes, rows: Sequence[Sequence[ReadoutHistogram]]) -> None:
    """One line through all rows; where rows have controls of their own, it steps."""
    count = len(rows)
    top = count - 1 + TALLEST
    label = math.nan
    for rank, row in enumerate(rows):
        base = count - 1 - rank
        begin, end = (base if base else -0.25), (base + 1 if rank else top)
        for place in sorted({h.threshold for h in row if math.isfinite(h.threshold)}):
            axes.plot([place] * 2, [begin, end], color=style.INK, lw=0.9, ls=DOTS, zorder=20)
            label = place if math.isnan(label) else label
    if math.isfinite(label):
        axes.annotate(
            "threshold",
            (label, top),
            (0, 1),
            textcoords="offset points",
            ha="center",
            va="bottom",
            color=style.QUIET,
            zorder=21,
        )
