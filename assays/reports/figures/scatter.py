"""The density of one tube on two channels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assays.reports.figures import style
from assays.reports.figures.density import MOST_PIXELS, colours, upright
from assays.reports.figures.gate_panels import LETTER_EM, axis_name, limits_of, tick
from assays.results.scatter import Scatter
from plates.lettering import POINTS, printable

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SIDE_MM = 58.0
LEFT_MM, BELOW_MM, AROUND_MM = 13.0, 10.0, 3.0


def draw_scatter(scatter: Scatter) -> Figure:
    """Density of the events; ticks in original units."""
    most = int(SIDE_MM / 25.4 * 72 / (POINTS * LETTER_EM))
    with style.house_style():
        figure = style.new_figure(
            SIDE_MM + BELOW_MM + AROUND_MM, width_mm=SIDE_MM + LEFT_MM + AROUND_MM
        )
        axes = style.place(figure, LEFT_MM, BELOW_MM, SIDE_MM, SIDE_MM)
        axes.set_xlim(*limits_of(scatter.x))
        axes.set_ylim(*limits_of(scatter.y))
        axes.set_xlabel(printable(axis_name(scatter.x), most))
        axes.set_ylabel(printable(axis_name(scatter.y), most))
        axes.yaxis.set_label_coords(-10.0 / SIDE_MM, 0.5)
        tick(axes, scatter.x, "x", SIDE_MM)
        tick(axes, scatter.y, "y", SIDE_MM)
        across, up = (min(bins, MOST_PIXELS) for bins in scatter.counts.shape)
        axes.imshow(
            colours(upright(scatter.counts, up, across)),
            aspect="auto",
            extent=(*limits_of(scatter.x), *limits_of(scatter.y)),
            interpolation="none",
            zorder=1,
        )
    return figure
