"""The native chart on a curve sheet: a scatter whose concentrations stand on a log axis."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Series:
    """Cells that are drawn: first and last line, columns of x and y, all from 0."""

    title: str
    lines: tuple[int, int]
    x: int
    y: int
    shape: str
    """``line``, or the name of a marker."""
    color: str


def curve_chart(
    file: Any, sheet: str, series: Iterable[Series], known: Sequence[float], unit: str
) -> Any:
    """A scatter chart of cells on `sheet`; the axis holds the concentrations `known`, in `unit`."""
    chart = file.add_chart({"type": "scatter", "subtype": "smooth"})
    for each in series:
        first, last = each.lines
        chart.add_series(
            {
                "name": each.title,
                "categories": [sheet, first, each.x, last, each.x],
                "values": [sheet, first, each.y, last, each.y],
                **_look(each),
            }
        )
    low, high = decades(known)
    fonts = {"name_font": {"size": 10, "bold": False}, "num_font": {"size": 9}}
    chart.set_x_axis(
        {
            "name": f"Concentration in the well, {unit}",
            "log_base": 10,
            "min": low,
            "max": high,
            "crossing": low,
            "num_format": "General",
            "major_gridlines": {"visible": True, "line": {"color": "#e5e5e5"}},
            **fonts,
        }
    )
    chart.set_y_axis(
        {
            "name": "Signal",
            "num_format": "General",
            "crossing": "min",
            "major_gridlines": {"visible": False},
            **fonts,
        }
    )
    chart.set_legend({"position": "bottom", "font": {"size": 9}})
    chart.set_title({"none": True})
    chart.set_size({"width": 640, "height": 420})
    return chart


def _look(series: Series) -> dict[str, Any]:
    if series.shape == "line":
        return {"line": {"color": series.color, "width": 1.5}, "marker": {"type": "none"}}
    fill = {"color": series.color}
    marker = {"type": series.shape, "size": 6, "fill": fill, "border": fill}
    return {"line": {"none": True}, "marker": marker}


def decades(known: Sequence[float]) -> tuple[float, float]:
    """Whole decades that hold the concentrations; a log axis has no zero."""
    low = math.floor(math.log10(min(known, default=1.0)))
    high = math.ceil(math.log10(max(known, default=10.0)))
    return 10.0**low, 10.0 ** max(high, low + 1)
