"""One look for every picture: sizes, fonts, and one meaning for each colour."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from plates.draw import WIDTH_MM
from plates.lettering import MM, POINTS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

STANDARD = "#1a1a1a"
BAND = "#d9d9d9"
SAMPLE = "#0072B2"
QC = "#AA4499"
BLANK = "#8c8c8c"
UNSTIMULATED = "#7A8CA3"
STIMULATED = "#D55E00"
POSITIVE = "#7A4B00"
"""Positive controls: another stimulus, which the cells must answer."""
ANTIBODY = "#009E73"
KINASE = ("#56B4E9", "#0072B2")
"""JAK2 inhibitor, lowest to highest dose."""
BOTH = "#CC79A7"
FURTHER = ("#B58900", "#8A5A2B", "#4D4D9A", "#5B7F00")
"""Further inhibitors, in order of appearance."""
AMBER = "#E69F00"
"""Still within its limits, but far from its target."""
STOP, LOOK, NOTE = "#B3261E", "#9A6700", "#57606A"
MARGIN = "#efefef"
"""Where nothing can be quantified."""
INK = "#1a1a1a"
QUIET = "#57606A"
"""Secondary text; 6 : 1 on white."""
HAIR = 0.6
"""Width of axes and helping lines, points."""

RC: dict[str, Any] = {
    "font.family": ["DejaVu Sans"],
    "font.size": POINTS,
    "axes.titlesize": POINTS,
    "axes.labelsize": POINTS,
    "xtick.labelsize": POINTS,
    "ytick.labelsize": POINTS,
    "legend.fontsize": POINTS,
    "legend.frameon": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": HAIR,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.titlelocation": "left",
    # Said, not searched for: matplotlib would measure every tick to find it.
    "axes.titley": 1.0,
    "axes.unicode_minus": True,
    "text.color": INK,
    # Names of samples are text; a dollar sign in one is no formula.
    "text.parse_math": False,
    "xtick.major.width": HAIR,
    "ytick.major.width": HAIR,
    "xtick.minor.width": HAIR * 0.7,
    "ytick.minor.width": HAIR * 0.7,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "xtick.minor.size": 1.5,
    "ytick.minor.size": 1.5,
    "xtick.major.pad": 2.0,
    "ytick.major.pad": 2.0,
    "axes.labelpad": 2.5,
    "lines.linewidth": 1.0,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    # Letters as outlines: the same picture on every machine, with or without the font.
    "svg.fonttype": "path",
    "image.cmap": "viridis",
    "image.interpolation": "nearest",
}

_LOCK = threading.RLock()


@contextmanager
def house_style(**more: Any) -> Iterator[None]:
    """Draw and save in here; the user's own matplotlib settings have no say.

    Matplotlib's settings belong to the process, so one thread at a time draws.
    """
    import matplotlib.style

    with _LOCK, matplotlib.style.context(["default", {**RC, **more}]):
        yield


def new_figure(height_mm: float, width_mm: float = WIDTH_MM) -> Figure:
    """An empty figure of a printed size."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width_mm * MM, height_mm * MM))


def place(
    figure: Figure, left: float, bottom: float, width: float, height: float, **more: Any
) -> Axes:
    """Axes at a place given in millimetres from the lower left corner of the figure."""
    across, up = figure.get_size_inches() / MM
    return figure.add_axes((left / across, bottom / up, width / across, height / up), **more)


def halo(width: float = 2.0, colour: str = "white") -> list[Any]:
    """A rim that keeps a line or a word readable on any ground."""
    from matplotlib.patheffects import withStroke

    return [withStroke(linewidth=width, foreground=colour)]


def ground(alpha: float = 0.75) -> dict[str, Any]:
    """A white ground under words: a tenth of the weight of a halo, which doubles every letter."""
    return {"boxstyle": "square,pad=0.12", "fc": "white", "ec": "none", "alpha": alpha}


def tint(colour: str, share: float) -> str:
    """A colour mixed with white: share 1 is the colour itself, 0 is white."""
    from matplotlib.colors import to_hex, to_rgb

    red, green, blue = (1 - share * (1 - part) for part in to_rgb(colour))
    return to_hex((red, green, blue))


def between(low: str, high: str, share: float) -> str:
    """A colour on the way from one to another."""
    from matplotlib.colors import to_hex, to_rgb

    pairs = zip(to_rgb(low), to_rgb(high), strict=True)
    red, green, blue = (a + share * (b - a) for a, b in pairs)
    return to_hex((red, green, blue))


def spread(wanted: list[float], gap: float, low: float, high: float) -> list[float]:
    """Move labels apart: as near as they can be to where they belong, `gap` apart, in order;
    of equal ones the first stands on top.

    When they do not all fit between `low` and `high`, they stand evenly.
    """
    if not wanted:
        return []
    order = sorted(range(len(wanted)), key=lambda index: (wanted[index], -index))
    if gap * (len(wanted) - 1) >= high - low:
        step = (high - low) / max(len(wanted) - 1, 1)
        even = [low + step * rank for rank in range(len(wanted))]
        return [even[order.index(index)] for index in range(len(wanted))]
    places = [min(max(wanted[index], low), high) for index in order]
    for rank in range(1, len(places)):
        places[rank] = max(places[rank], places[rank - 1] + gap)
    ceiling = high
    for rank in reversed(range(len(places))):
        places[rank] = min(places[rank], ceiling)
        ceiling = places[rank] - gap
    return [places[order.index(index)] for index in range(len(wanted))]
