"""What several pictures share: a logarithmic concentration axis, and a key in one line."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from assays.reports.figures import style
from plates.lettering import MM, number

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LETTER_MM, MARK_MM = 1.43, 9.0
"""Mean width of a letter of 7 points; of a mark in a key with the space around it."""


def concentration_axis(
    axes: Axes, low: float, high: float, *, labelled: bool = True, room_mm: float = 120.0
) -> None:
    """Ticks of a logarithmic axis as plain numbers, as many as stand apart in `room_mm`."""
    from matplotlib.ticker import FixedFormatter, FixedLocator

    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    narrow = math.log10(high / low)
    per_decade = room_mm / narrow
    steps = (1.0, 2.0, 5.0) if per_decade > 36 else (1.0, 3.0) if per_decade > 24 else (1.0,)
    stride = max(1, math.ceil(11 / per_decade))
    majors = [
        step * 10.0**decade
        for decade in decades
        for step in steps
        if low <= step * 10.0**decade <= high and decade % stride == 0
    ]
    minors = [
        step * 10.0**decade
        for decade in decades
        for step in range(1, 10)
        if low <= step * 10.0**decade <= high and stride == 1
    ]
    axes.xaxis.set_major_locator(FixedLocator(majors))
    axes.xaxis.set_minor_locator(FixedLocator(minors))
    words = [plain(value) for value in majors] if labelled else [""] * len(majors)
    axes.xaxis.set_major_formatter(FixedFormatter(words))
    axes.xaxis.set_minor_formatter(FixedFormatter([""] * len(minors)))


def ratio_axis(axes: Axes, low: float, high: float, *, room_mm: float) -> None:
    """The same for the upright axis: plain numbers at the powers of ten, and between them where
    there is room."""
    from matplotlib.ticker import FixedFormatter, FixedLocator

    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    per_decade = room_mm / max(math.log10(high / low), 1e-9)
    steps = (1.0, 2.0, 5.0) if per_decade > 14 else (1.0, 3.0) if per_decade > 9 else (1.0,)
    places = [step * 10.0**decade for decade in decades for step in steps]
    kept = [place for place in places if low <= place <= high]
    axes.yaxis.set_major_locator(FixedLocator(kept))
    axes.yaxis.set_major_formatter(FixedFormatter([plain(place) for place in kept]))
    axes.yaxis.set_minor_locator(FixedLocator([]))


def even_ticks(axes: Axes) -> None:
    """The upright axis' own ticks with as many decimals each, and a real minus sign."""
    low, high = axes.get_ylim()
    places = [float(place) for place in axes.get_yticks() if low <= place <= high]
    decimals = max((len(f"{place:.6g}".partition(".")[2]) for place in places), default=0)
    axes.set_yticks(places, [f"{place + 0.0:.{decimals}f}".replace("-", "\u2212")
                             for place in places])  # fmt: skip


def plain(value: float) -> str:
    """A round number without needless zeros: ``0.3``, ``1000``, ``1e7``."""
    if 1e-4 <= abs(value) < 1e6:
        return f"{value:.10g}"
    return number(value, 1)


def key_lines(
    entries: list[tuple[str, dict[str, Any]]], room_mm: float
) -> list[list[tuple[str, dict[str, Any]]]]:
    """Entries of a key in as many lines as `room_mm` asks for."""
    lines: list[list[tuple[str, dict[str, Any]]]] = []
    used = math.inf
    for word, look in entries:
        need = LETTER_MM * len(word) + MARK_MM
        if used + need > room_mm:
            lines.append([])
            used = 0.0
        lines[-1].append((word, look))
        used += need
    return lines


def keys(
    figure: Figure,
    lines: list[list[tuple[str, dict[str, Any]]]],
    left_mm: float,
    top_mm: float,
    pitch_mm: float,
) -> None:
    """Lines of a key, the first with its foot at `top_mm`."""
    for rank, line in enumerate(lines):
        key(figure, line, left_mm, top_mm - rank * pitch_mm)


def key(
    figure: Figure, entries: list[tuple[str, dict[str, Any]]], left_mm: float, bottom_mm: float
) -> None:
    """Marks and their words in one line, at a place in millimetres."""
    from matplotlib.lines import Line2D

    if not entries:
        return
    across, up = figure.get_size_inches() / MM
    handles = [
        Line2D([], [], **{"ls": "none", "ms": 4.5, "mew": 0.9, "mfc": "none", **look})
        for _, look in entries
    ]
    figure.legend(
        handles,
        [word for word, _ in entries],
        loc="lower left",
        bbox_to_anchor=(left_mm / across, bottom_mm / up),
        ncols=len(entries),
        handletextpad=0.3,
        columnspacing=1.4,
        borderaxespad=0.0,
        borderpad=0.0,
        labelcolor=style.INK,
    )
