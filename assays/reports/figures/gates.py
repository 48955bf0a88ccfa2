"""Every gate of one tube, in gating order."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from assays.reports.figures import style
from assays.reports.figures.density import MOST_PIXELS, colours, shares, smoothed, upright
from assays.reports.figures.gate_labels import Box, find_place
from assays.reports.figures.gate_panels import (
    LETTER_EM,
    Panel,
    axis_name,
    boxes_of,
    drawable,
    limits_of,
    panels_of,
    parent_in_words,
    percent,
    tick,
)
from assays.results.flow import GatePicture
from plates.draw import WIDTH_MM
from plates.lettering import POINTS, printable

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Floats = NDArray[np.float64]

ACROSS = 4
PITCH_MM, SIDE_MM = 45.0, 33.0
"""Distance from panel to panel, and side of a panel."""
ROW_MM = 49.0


def draw_gates(gates: Sequence[GatePicture]) -> Figure:
    """Density of each parent with the gates drawn on it; gates of one tube, in gating order.

    The title names the parent; beside each outline stand the population and its percentage
    of that parent.
    """
    panels = panels_of(gates)
    across = min(ACROSS, max(len(panels), 1))
    rows = max(math.ceil(len(panels) / ACROSS), 1)
    with style.house_style():
        figure = style.new_figure(rows * ROW_MM + 1.0, min(across * PITCH_MM + 1.0, WIDTH_MM))
        for index, panel in enumerate(panels):
            left = (index % ACROSS) * PITCH_MM + 11.0
            bottom = (rows - 1 - index // ACROSS) * ROW_MM + 10.0
            axes = style.place(figure, left, bottom, SIDE_MM, SIDE_MM)
            _draw_panel(axes, panel)
        if not panels:
            figure.text(0.5, 0.5, "no gates", ha="center", va="center", color=style.QUIET)
    return figure


def _draw_panel(axes: Axes, panel: Panel) -> None:
    first = panel.first
    axes.set_title(f"in {printable(parent_in_words(first.parent), 26)}", pad=3.0)
    axes.set_xlim(*limits_of(first.x))
    axes.set_xlabel(printable(axis_name(first.x), 26))
    tick(axes, first.x, "x", SIDE_MM)
    if first.y is None:
        _histogram(axes, panel)
        return
    axes.set_ylim(*limits_of(first.y))
    axes.set_ylabel(printable(axis_name(first.y), 26))
    axes.yaxis.set_label_coords(-8.2 / SIDE_MM, 0.5)
    tick(axes, first.y, "y", SIDE_MM)
    across, up = (min(bins, MOST_PIXELS) for bins in first.counts.shape)
    axes.imshow(
        colours(upright(first.counts, up, across)),
        aspect="auto",
        extent=(*limits_of(first.x), *limits_of(first.y)),
        interpolation="none",
        zorder=1,
    )
    if not first.counts.sum():
        _say_empty(axes)
    density = shares(first.counts)
    taken: list[Box] = []
    for gate in panel.gates:
        outlines = drawable(gate)
        for outline in outlines:
            axes.plot(
                outline[:, 0],
                outline[:, 1],
                color="black",
                lw=1.5,
                path_effects=style.halo(3.0),
                solid_joinstyle="round",
                zorder=3,
            )
        _label(axes, gate, outlines, density, taken)


def _label(
    axes: Axes, gate: GatePicture, outlines: list[Floats], density: Floats, taken: list[Box]
) -> None:
    words = [printable(gate.population, 18), percent(gate.percent_of_parent)]
    points = SIDE_MM / 25.4 * 72
    size = (
        max(len(word) for word in words) * POINTS * LETTER_EM / points,
        2 * POINTS * 1.25 / points,
    )
    corners = boxes_of(outlines, gate)
    low, high = corners if corners is not None else (np.zeros(2), np.ones(2))
    box = find_place(low, high, size, density, taken)
    taken.append(box)
    axes.text(
        (box[0] + box[2]) / 2,
        (box[1] + box[3]) / 2,
        "\n".join(words),
        transform=axes.transAxes,
        ha="center",
        va="center",
        linespacing=1.15,
        path_effects=style.halo(2.2),
        zorder=5,
    )


def _histogram(axes: Axes, panel: Panel) -> None:
    """One dimension: the distribution, with the share of each gate shaded and its cuts as lines."""
    first = panel.first
    counts = smoothed(first.counts)
    low, high = limits_of(first.x)
    centres = low + (np.arange(len(counts)) + 0.5) * (high - low) / max(len(counts), 1)
    top = float(counts.max()) if counts.size and counts.max() > 0 else 1.0
    axes.fill_between(centres, counts, color="#d9d9d9", lw=0, zorder=1)
    axes.plot(centres, counts, color="#57606A", lw=0.8, zorder=2)
    axes.set_ylim(0, top * (1.12 + 0.26 * len(panel.gates)))
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.set_ylabel("Events")
    axes.yaxis.set_label_coords(-0.02, 0.5)
    if not first.counts.sum():
        _say_empty(axes)
    for rank, gate in enumerate(panel.gates):
        height = top * (1.08 + 0.26 * rank)
        cuts = sorted(float(cut) for outline in drawable(gate) for cut in outline[:, 0])
        if not cuts:
            continue
        inside = (centres >= cuts[0]) & (centres <= cuts[-1])
        axes.fill_between(centres, counts, where=inside.tolist(), color="#35b779", lw=0, zorder=1.5)
        for cut in cuts:
            if low < cut < high:
                axes.plot(
                    [cut, cut], [0, height], color="black", lw=1.2, path_effects=style.halo(2.6)
                )
        axes.plot([cuts[0], cuts[-1]], [height] * 2, color="black", lw=1.2, solid_capstyle="butt")
        axes.text(
            min(
                max((cuts[0] + cuts[-1]) / 2, low + 0.27 * (high - low)), high - 0.27 * (high - low)
            ),
            height + 0.02 * top,
            f"{printable(gate.population, 18)}\n{percent(gate.percent_of_parent)}",
            ha="center",
            va="bottom",
            linespacing=1.1,
            zorder=5,
            path_effects=style.halo(2.2),
        )


def _say_empty(axes: Axes) -> None:
    axes.text(
        0.5, 0.5, "no events", transform=axes.transAxes, ha="center", va="center", color=style.QUIET
    )
