"""The spillover matrix as a heat map: which fluorochrome is seen where, in percent."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from assays.reports.figures import style
from plates.draw import WIDTH_MM
from plates.lettering import printable, readable_on

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Floats = NDArray[np.float64]

LETTER_MM = 1.45
"""Mean width of a letter of 7 points."""
MOST_LETTERS = 16
WIDEST_CELL_MM, TALLEST_CELL_MM = 13.0, 6.0
NUMBERED_MM = 6.6
"""Narrower cells hold no number."""
BAR_MM, RIGHT_MM = 3.0, 17.0
LEAST_SHOWN = 0.05
"""Percent below which a cell stays blank."""


def draw_matrix(channels: Sequence[str], matrix: Floats) -> Figure:
    """Fluorochromes down, detectors across; the diagonal is grey, darker is more."""
    percent = 100 * np.array(matrix, dtype=np.float64)
    np.fill_diagonal(percent, np.nan)
    top = max(float(np.nanmax(percent)) if len(channels) > 1 else 1.0, 1.0)
    return heat_map(channels, channels, percent, top, "% of the signal", LEAST_SHOWN)


def heat_map(
    down: Sequence[str],
    along: Sequence[str],
    values: Floats,
    top: float,
    quantity: str,
    least: float,
    decimals: int = 1,
) -> Figure:
    """Values between 0 and `top` with their numbers where they fit; NaN is grey."""
    names = [printable(name, MOST_LETTERS) for name in down]
    titles = [printable(name, MOST_LETTERS) for name in along]
    left = 5.0 + LETTER_MM * max(len(name) for name in names)
    bottom = 4.0 + LETTER_MM * max(len(title) for title in titles)
    cell = min((WIDTH_MM - left - RIGHT_MM) / len(titles), WIDEST_CELL_MM)
    tall = min(cell, TALLEST_CELL_MM) if cell >= 3 else 3.2
    width = left + cell * len(titles) + RIGHT_MM
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize

    with style.house_style():
        figure = style.new_figure(bottom + tall * len(names) + 3.0, width)
        axes = style.place(figure, left, bottom, cell * len(titles), tall * len(names))
        axes.imshow(_colours(values, top, least), aspect="auto", interpolation="nearest")
        axes.set_xticks(range(len(titles)), titles, rotation=90)
        axes.set_yticks(range(len(names)), names)
        axes.tick_params(length=0)
        for spine in axes.spines.values():
            spine.set_visible(False)
        if cell >= NUMBERED_MM:
            _write(axes, values, top, least, decimals)
        bar = style.place(figure, left + cell * len(titles) + 3.0, bottom, BAR_MM,
                          max(tall * len(names), 18.0))  # fmt: skip
        figure.colorbar(ScalarMappable(Normalize(0, math.sqrt(top)), "viridis_r"), cax=bar)
        _tick(bar, top, quantity)
    return figure


def _colours(values: Floats, top: float, least: float) -> Floats:
    """Colours of the cells, shape (rows, columns, 3): grey where NaN, paper where none."""
    from matplotlib import colormaps
    from matplotlib.colors import to_rgb

    share = np.sqrt(np.clip(np.nan_to_num(values), 0, top) / top)
    made = np.array(colormaps["viridis_r"](share), dtype=np.float64)[..., :3]
    made[np.abs(values) < least] = 1.0
    made[np.isnan(values)] = to_rgb(style.BAND)
    return made


def _write(axes: Axes, values: Floats, top: float, least: float, decimals: int) -> None:
    from matplotlib import colormaps

    colours = colormaps["viridis_r"]
    for (row, column), value in np.ndenumerate(values):
        if not abs(value) >= least:
            continue
        share = math.sqrt(min(max(value, 0.0), top) / top)
        text = f"{value:.{decimals}f}".replace("-", "\u2212")
        ink = readable_on(np.array(colours(share)))
        axes.text(column, row, text, ha="center", va="center", color=ink)


def _tick(bar: Axes, top: float, quantity: str) -> None:
    """Labels in the quantity itself; the colours go with its root."""
    wanted = [0.0, top / 16, top / 4, top]
    bar.set_yticks([math.sqrt(value) for value in wanted], [f"{value:.2g}" for value in wanted])
    bar.set_ylabel(quantity, labelpad=1.0)
    bar.tick_params(length=1.5, pad=1.5)
    bar.spines["outline"].set_visible(False)


def words_of_matrix(channels: Sequence[str], matrix: Floats) -> tuple[str, str]:
    """Caption and alternative text."""
    others = 100 * (matrix - np.diag(matrix.diagonal()))
    order = np.argsort(others, axis=None)[::-1][:5]
    told = []
    for place in order:
        row, column = divmod(int(place), len(channels))
        if others[row, column] >= LEAST_SHOWN:
            told.append(
                f"{channels[row]} into {channels[column]} {others[row, column]:.1f} percent"
            )
    caption = (
        "Spillover matrix. Each row is a fluorochrome, each column a detector: percent of the "
        "signal in the fluorochrome's own detector that the other one sees. Blank is below "
        f"{LEAST_SHOWN} %. Colours go with the square root, so that small spillover is seen."
    )
    return caption, f"Spillover, the largest first: {'; '.join(told) or 'none'}."
