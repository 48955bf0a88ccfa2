"""A gate in one dimension: the distribution, its cuts as lines, its share shaded."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from assays.reports.figures import style
from assays.reports.figures.density import smoothed
from assays.reports.figures.gate_outline import drawable
from assays.reports.figures.gate_panels import Panel, leaf, limits_of, percent
from assays.results.flow import GatePicture
from plates.lettering import printable

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]
Span = tuple[float, float]

SHADE = "#8fd0c6"


def draw_histogram(axes: Axes, panel: Panel) -> None:
    """Draw the events of the parent, and each gate as a bracket over its share of them."""
    first = panel.first
    counts = smoothed(first.counts)
    low, high = limits_of(first.x)
    centres = low + (np.arange(len(counts)) + 0.5) * (high - low) / max(len(counts), 1)
    top = float(counts.max(initial=0.0)) or 1.0
    axes.fill_between(centres, counts, color="#d9d9d9", lw=0, zorder=1)
    axes.plot(centres, counts, color=style.QUIET, lw=0.8, zorder=2)
    axes.set_ylim(0, top * (1.12 + 0.3 * len(panel.gates)))
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.set_ylabel("Events")
    axes.yaxis.set_label_coords(-0.02, 0.5)
    if not first.counts.sum():
        say_empty(axes)
    again = next((g.behind_counts for g in panel.gates if g.behind_counts is not None), None)
    if again is not None and again.sum():
        axes.plot(centres, smoothed(again), color=style.STIMULATED, lw=1.2, zorder=2.5)
    for rank, gate in enumerate(panel.gates):
        height = top * (1.08 + 0.3 * rank)
        spans = spans_of(gate)
        for begin, end in spans:
            fine = np.linspace(begin, end, 200)
            shaded = np.interp(fine, centres, counts) if len(counts) else np.zeros(200)
            axes.fill_between(fine, shaded, color=SHADE, lw=0, zorder=1.5)
            axes.plot([begin, end], [height] * 2, color="black", lw=1.5, solid_capstyle="butt")
            for cut in (begin, end):
                if low < cut < high:
                    rim = style.halo(3.0)
                    axes.plot([cut, cut], [0, height], color="black", lw=1.5, path_effects=rim)
        middle = sum(spans[0]) / 2 if spans else (low + high) / 2
        room = 0.27 * (high - low)
        axes.text(
            min(max(middle, low + room), high - room),
            height + 0.02 * top,
            f"{printable(leaf(gate.population), 18)}\n{percent(gate.percent_of_parent)}",
            ha="center",
            va="bottom",
            linespacing=1.1,
            zorder=5,
            path_effects=style.halo(2.2),
        )


def spans_of(gate: GatePicture) -> list[Span]:
    """Where a one-dimensional gate lies on its axis.

    The record holds the cuts, not the sides: of the ways to read them, the one whose share of
    the counts is nearest the gate's percentage of its parent is taken. None without a cut.
    """
    low, high = limits_of(gate.x)
    cuts = sorted({float(cut) for outline in drawable(gate) for cut in outline[:, 0]})
    if not cuts:
        return []
    readings: list[list[Span]]
    if len(cuts) == 1:
        readings = [[(low, cuts[0])], [(cuts[0], high)]]
    else:
        readings = [[(cuts[0], cuts[-1])], [(low, cuts[0]), (cuts[-1], high)]]
    share = gate.percent_of_parent
    if math.isnan(share) or not gate.counts.sum():
        return readings[0] if len(cuts) > 1 else []
    return min(readings, key=lambda spans: abs(_percent_within(gate, spans) - share))


def _percent_within(gate: GatePicture, spans: list[Span]) -> float:
    """Percent of the counts inside the spans; a bin that is cut counts by its part."""
    low, high = limits_of(gate.x)
    edges = np.linspace(low, high, len(gate.counts) + 1)
    total = np.concatenate([[0.0], np.cumsum(gate.counts)])
    inside = np.diff(np.interp(np.array(spans), edges, total), axis=1).sum()
    return float(100 * inside / total[-1])


def say_empty(axes: Axes) -> None:
    """Say that the parent holds no events."""
    axes.text(
        0.5, 0.5, "no events", transform=axes.transAxes, ha="center", va="center", color=style.QUIET
    )
