"""One gate over all tubes of a run: small tiles on one sheet, composed as pixels.

A hundred axes would take a minute to draw. Here each tile is an array, the sheet
is one image in one axes, and outlines are one collection of lines over it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from assays.reports.figures import style
from assays.reports.figures.conditions import Colours, at_several_times, brief, several_stimuli
from assays.reports.figures.density import colours, shares, smoothed, upright
from assays.reports.figures.gate_outline import drawable
from assays.reports.figures.gate_panels import LETTER_EM, Panel, limits_of, percent
from assays.reports.words import units_in_words
from assays.samples import Tube
from plates.draw import WIDTH_MM
from plates.lettering import MM, POINTS, printable

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DPI = 200
BAR_MM = 0.9
"""Height of the bar that tells the condition by its colour."""
MARGIN_MM = 1.5
GAP_MM = 1.6
LABEL_MM = 6.8
"""Two lines of words above each tile."""
HEIGHT_MM = 245.0
"""The tallest sheet that prints on A4."""


@dataclass(frozen=True, slots=True)
class Grid:
    """How tiles stand on a sheet."""

    columns: int
    rows: int
    """Most rows on one sheet."""
    side_mm: float

    @property
    def tiles(self) -> int:
        """Most tiles on one sheet."""
        return self.columns * self.rows


def grid_for(tubes: int) -> Grid:
    """Larger tiles for fewer tubes; at most eight across, so that words stay legible."""
    columns = 6 if tubes <= 24 else 8
    side = (WIDTH_MM - 2 * MARGIN_MM - GAP_MM * (columns - 1)) / columns
    rows = max(int((HEIGHT_MM - 2 * MARGIN_MM) / (side + LABEL_MM + GAP_MM)), 1)
    return Grid(columns, rows, side)


@dataclass(frozen=True, slots=True)
class Tile:
    """One tube on the sheet."""

    panel: Panel
    left: int
    """Pixels from the left."""
    top: int
    """Pixels from the top."""
    tube: Tube | None


def draw_contact_sheet(
    panels: Sequence[Panel], tubes: Mapping[str, Tube], palette: Colours, grid: Grid, dpi: int = DPI
) -> Figure:
    """Tiles row by row; above each its donor and condition, within it the percentage of the parent.

    Parameters
    ----------
    panels : sequence of Panel
        The same gate in each tube; at most `grid.tiles` of them.
    tubes : mapping of str to Tube
        By file.
    palette : Colours
        Colour of each condition, for the bar on top of its tile.
    grid : Grid
        From `grid_for`, the same for all sheets of a run.
    dpi : int
        Pixels per inch; the figure must be saved with the same.
    """
    columns = min(grid.columns, max(len(panels), 1))
    rows = max(-(-len(panels) // grid.columns), 1)
    step = grid.side_mm + LABEL_MM + GAP_MM
    wide = columns * (grid.side_mm + GAP_MM) - GAP_MM + 2 * MARGIN_MM
    across = round(wide * MM * dpi)
    up = round((rows * step - GAP_MM + 2 * MARGIN_MM) * MM * dpi)
    side = round(grid.side_mm * MM * dpi)
    bar = max(round(BAR_MM * MM * dpi), 1)
    tiles = [
        Tile(
            panel,
            round((MARGIN_MM + (rank % grid.columns) * (grid.side_mm + GAP_MM)) * MM * dpi),
            round((MARGIN_MM + LABEL_MM + (rank // grid.columns) * step) * MM * dpi),
            tubes.get(panel.first.file),
        )
        for rank, panel in enumerate(panels)
    ]
    with style.house_style():
        figure = style.new_figure(up / dpi / MM, across / dpi / MM)
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_axis_off()
        canvas = np.full((up, across, 3), 255, dtype=np.uint8)
        for tile in tiles:
            image = _image(tile, side, palette, bar)
            canvas[tile.top : tile.top + side, tile.left : tile.left + side] = image
        axes.add_artist(_pixels(canvas))
        axes.set_xlim(0, across)
        axes.set_ylim(up, 0)
        _outlines(axes, tiles, side, bar)
        _words(axes, tiles, tubes, side, bar, dpi)
    return figure


def _pixels(canvas: NDArray[np.uint8]) -> Artist:
    """Pixels that fill the figure as they are; `imshow` would resample every one of them."""
    from matplotlib.artist import Artist

    class Pixels(Artist):
        def draw(self, renderer: Any) -> None:
            context = renderer.new_gc()
            renderer.draw_image(context, 0, 0, flipped)
            context.restore()

    opaque = np.full((*canvas.shape[:2], 1), 255, dtype=np.uint8)
    flipped = np.ascontiguousarray(np.concatenate([canvas, opaque], axis=2)[::-1])
    pixels = Pixels()
    pixels.set_zorder(1)
    return pixels


def _image(tile: Tile, side: int, palette: Colours, bar: int) -> NDArray[np.uint8]:
    """shape (side, side, 3): density, or a filled histogram in one dimension, in a thin frame."""
    first = tile.panel.first
    if first.y is not None:
        image = colours(upright(first.counts, side, side))
    else:
        image = np.full((side, side, 3), 255, dtype=np.uint8)
        counts = smoothed(first.counts)
        if counts.max(initial=0.0) > 0:
            heights = counts[np.arange(side) * len(counts) // side] / counts.max() * 0.82 * side
            image[np.arange(side)[::-1, None] < heights[None, :]] = (122, 140, 163)
    image[[0, -1], :] = 190
    image[:, [0, -1]] = 190
    if tile.tube is not None:
        from matplotlib.colors import to_rgb

        image[:bar] = np.round(255 * np.array(to_rgb(palette.of_tube(tile.tube))))
    return image


def _outlines(axes: Axes, tiles: Sequence[Tile], side: int, bar: int) -> None:
    from matplotlib.collections import LineCollection

    lines = []
    for tile in tiles:
        low_x, high_x = limits_of(tile.panel.first.x)
        for gate in tile.panel.gates:
            for outline in drawable(gate):
                x = tile.left + (outline[:, 0] - low_x) / (high_x - low_x) * (side - 1)
                if gate.y is None:
                    ends = (tile.top + bar, tile.top + side - 1)
                    lines += [np.array([(cut, end) for end in ends]) for cut in x]
                    continue
                low_y, high_y = limits_of(gate.y)
                share = (high_y - outline[:, 1]) / (high_y - low_y)
                lines.append(np.column_stack([x, tile.top + share * (side - 1)]))
    for width, colour in ((1.8, "white"), (0.8, "black")):
        axes.add_collection(LineCollection(lines, colors=colour, linewidths=width, zorder=3))


def _words(
    axes: Axes,
    tiles: Sequence[Tile],
    tubes: Mapping[str, Tube],
    side: int,
    bar: int,
    dpi: int,
) -> None:
    pixels = dpi / 72
    most = int(side / pixels / (POINTS * LETTER_EM))
    line = POINTS * 1.2 * pixels
    right, low = _emptiest_corner(tiles)
    dosed = several_stimuli(tile.tube for tile in tiles if tile.tube is not None)
    timed = at_several_times(tubes.values())
    for rank, tile in enumerate(tiles):
        first = tile.panel.first
        words = (
            brief(tile.tube, most, dosed=dosed, timed=first.file in timed)
            if tile.tube is not None
            else printable(units_in_words(first.condition), most)
        )
        # The donor's name stands over its first tile and at the start of each row.
        new = not rank or tiles[rank - 1].panel.first.donor != first.donor
        if new or tile.left == tiles[0].left:
            name = printable(first.donor, int(most * 0.85))
            axes.text(tile.left, tile.top - line * 1.38, name, weight="bold")
        axes.text(tile.left, tile.top - line * 0.34, words, color=style.QUIET)
        if len(tile.panel.gates) == 1:
            axes.text(
                tile.left + (side - 5 if right else 5),
                tile.top + (side - line * 0.35 if low else bar + line * 0.95),
                percent(first.percent_of_parent),
                ha="right" if right else "left",
                path_effects=style.halo(2.0),
                zorder=5,
            )


def _emptiest_corner(tiles: Sequence[Tile]) -> tuple[bool, bool]:
    """Whether the percentages stand (right, low): the corner with the fewest events overall."""
    if not tiles or tiles[0].panel.first.y is None:
        return True, False
    total = np.zeros((12, 12))
    for tile in tiles:
        gate = tile.panel.first
        density = shares(gate.counts)
        cells = np.linspace(0, 12, density.shape[0], endpoint=False).astype(np.intp)
        rows = np.linspace(0, 12, density.shape[1], endpoint=False).astype(np.intp)
        np.add.at(total, (cells[:, None], rows[None, :]), density / density.size)
        ends = np.array([limits_of(axis) for axis in (gate.x, gate.y) if axis is not None])
        for outline in drawable(gate):
            places = (outline - ends[:, 0]) / (ends[:, 1] - ends[:, 0]) * 11.999
            np.add.at(total, tuple(places.astype(np.intp).T), 0.02)
    corners = {
        (right, low): float(
            total[
                slice(6, 12) if right else slice(0, 6), slice(0, 2) if low else slice(10, 12)
            ].sum()
        )
        for low in (False, True)
        for right in (True, False)
    }
    return min(corners, key=lambda corner: corners[corner])
