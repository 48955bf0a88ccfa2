"""Every gate of one tube, in gating order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from assays.reports.figures import style
from assays.reports.figures.density import MOST_PIXELS, colours, shares, upright
from assays.reports.figures.gate_histogram import draw_histogram, say_empty
from assays.reports.figures.gate_labels import Box, find_place, place_beside, place_within
from assays.reports.figures.gate_outline import drawable
from assays.reports.figures.gate_panels import (
    LETTER_EM,
    Panel,
    axis_name,
    leaf,
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

FRAME_MM = 13.0
"""Width that ticks and words of a panel take."""
ABOVE_MM, BELOW_MM = 6.0, 10.0
SMALLEST = 6.0
"""Points, of words in a narrow gate."""
WIDEST_MM = 42.0
"""Side of a panel, at most."""


def draw_gates(gates: Sequence[GatePicture]) -> Figure:
    """Density of each parent with the gates drawn on it; gates of one tube, in gating order.

    The title names the parent; beside each outline stand the population and its percentage
    of that parent.
    """
    panels = panels_of(gates)
    # Three in a row where that leaves no panel alone in the last one.
    across = 3 if len(panels) in (1, 2, 3, 5, 6, 9) else 4
    pitch = (WIDTH_MM - 1.0) / across
    side = min(pitch - FRAME_MM, WIDEST_MM)
    pitch = side + FRAME_MM
    step = side + ABOVE_MM + BELOW_MM
    rows = max(-(-len(panels) // across), 1)
    columns = min(across, max(len(panels), 1))
    with style.house_style():
        figure = style.new_figure(rows * step, columns * pitch + 1.0)
        for index, panel in enumerate(panels):
            left = (index % across) * pitch + FRAME_MM - 2.0
            bottom = (rows - 1 - index // across) * step + BELOW_MM
            axes = style.place(figure, left, bottom, side, side)
            _draw_panel(axes, panel, side)
        if not panels:
            figure.text(0.5, 0.5, "no gates", ha="center", va="center", color=style.QUIET)
    return figure


def _draw_panel(axes: Axes, panel: Panel, side_mm: float) -> None:
    first = panel.first
    most = int((side_mm + 5.0) / 25.4 * 72 / (POINTS * LETTER_EM))
    parent = parent_in_words(first.parent)
    # A population may be called "in range".
    title = parent if parent.startswith("in ") else f"in {parent}"
    axes.set_title(printable(title, most), pad=3.0)
    axes.set_xlim(*limits_of(first.x))
    axes.set_xlabel(printable(axis_name(first.x), most))
    tick(axes, first.x, "x", side_mm)
    if first.y is None:
        draw_histogram(axes, panel)
        return
    axes.set_ylim(*limits_of(first.y))
    axes.set_ylabel(printable(axis_name(first.y), most))
    axes.yaxis.set_label_coords(-8.2 / side_mm, 0.5)
    tick(axes, first.y, "y", side_mm)
    across, up = (min(bins, MOST_PIXELS) for bins in first.counts.shape)
    axes.imshow(
        colours(upright(first.counts, up, across)),
        aspect="auto",
        extent=(*limits_of(first.x), *limits_of(first.y)),
        interpolation="none",
        zorder=1,
    )
    if not first.counts.sum():
        say_empty(axes)
    _show_again(axes, panel)
    density = shares(first.counts)
    taken: list[Box] = []
    reaches = [_reach(gate) for gate in panel.gates]
    for number, gate in enumerate(panel.gates):
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
        others = [reach for n, reach in enumerate(reaches) if n != number and reach is not None]
        several = len(panel.gates) > 1
        _label(axes, gate, outlines, density, taken, others, side_mm, shared=several)


def _size(words: Sequence[str], side_mm: float, points: float = POINTS) -> tuple[float, float]:
    """Width and height of lines of words, as shares of the axes."""
    side = side_mm / 25.4 * 72
    longest = max(len(word) for word in words)
    return longest * points * LETTER_EM / side, len(words) * points * 1.25 / side


def _show_again(axes: Axes, panel: Panel) -> None:
    """Back-gating: where the events of a later population lie, in its own colour."""
    again = next((g.behind_counts for g in panel.gates if g.behind_counts is not None), None)
    if again is None or not again.sum():
        return
    part = upright(again, *(min(bins, MOST_PIXELS) for bins in reversed(again.shape)))
    image = np.zeros((*part.shape, 4))
    image[..., :3] = [int(style.STIMULATED[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    # A few shades only: more are not seen, and weigh.
    image[..., 3] = np.where(part > 0.05, np.round(0.35 + 0.65 * part, 1), 0.0).clip(0, 1)
    first = panel.first
    assert first.y is not None
    axes.imshow(
        image,
        aspect="auto",
        extent=(*limits_of(first.x), *limits_of(first.y)),
        interpolation="none",
        zorder=2,
    )


def _reach(gate: GatePicture) -> Box | None:
    """What a gate spans of the picture; None for one that spans most of it."""
    drawn = drawable(gate)
    if not drawn:
        return None
    ends = np.array([limits_of(axis) for axis in (gate.x, gate.y) if axis is not None])
    places = (np.vstack(drawn) - ends[:, 0]) / (ends[:, 1] - ends[:, 0])
    (left, bottom), (right, top) = places.min(axis=0), places.max(axis=0)
    wide = (right - left) * (top - bottom)
    return (float(left), float(bottom), float(right), float(top)) if wide < 0.5 else None


def _label(
    axes: Axes,
    gate: GatePicture,
    outlines: list[Floats],
    density: Floats,
    taken: list[Box],
    others: list[Box],
    side_mm: float,
    *,
    shared: bool,
) -> None:
    """Words of a gate: inside it where it shares the picture with others, else beside it."""
    ends = np.array([limits_of(axis) for axis in (gate.x, gate.y) if axis is not None])
    lines = [(outline - ends[:, 0]) / (ends[:, 1] - ends[:, 0]) for outline in outlines]
    name, share = printable(leaf(gate.population), 18), percent(gate.percent_of_parent)
    words, points, box = [name, share], POINTS, None
    # What is narrow has its name broken, or beside it, then smaller, then its share alone.
    broken = [*name.split(), share]
    forms = (
        (place_within, [name, share], POINTS),
        (place_within, broken, POINTS),
        (place_beside, [name, share], POINTS),
        (place_within, broken, SMALLEST),
        (place_within, [share], SMALLEST),
    )
    for find, form, size in forms if shared else ():
        box = find(lines, _size(form, side_mm, size), density, taken, others)
        if box is not None:
            words, points = form, size
            break
    if box is None:
        box = find_place(lines, _size(words, side_mm), density, taken, others)
    taken.append(box)
    axes.text(
        (box[0] + box[2]) / 2,
        (box[1] + box[3]) / 2,
        "\n".join(words),
        transform=axes.transAxes,
        ha="center",
        va="center",
        fontsize=points,
        linespacing=1.15,
        path_effects=style.halo(2.2),
        zorder=5,
    )
