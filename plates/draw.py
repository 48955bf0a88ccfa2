"""A plate drawn as the plate: A1 at top left, round wells, value as fill, role as outline.

The picture is made with `matplotlib.figure.Figure`, never with pyplot, and sets
every size itself; fonts and savings are the caller's. It knows wells and roles, no assay.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from plates.layout import Role
from plates.lettering import MM, POINTS, number, printable, readable_on
from plates.well import PlateFormat, Well, row_letters

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Floats = NDArray[np.float64]

ROLE_COLOURS = {
    Role.STANDARD: "#1a1a1a",
    Role.SAMPLE: "#0072B2",
    Role.QC: "#AA4499",
    Role.BLANK: "#8c8c8c",
    Role.MEDIUM: "#8c8c8c",
    Role.CONTROL: "#D55E00",
    Role.EMPTY: "#d0d0d0",
}
"""Okabe-Ito and its kin: safe for colour-blind eyes, one meaning each."""
DASHED = (Role.MEDIUM,)
"""Roles that share a colour with another are told apart by a dashed outline."""
FLAG_COLOUR = "#9A6700"
WIDTH_MM = 180.0


def draw_plate(
    values: Floats,
    plate: PlateFormat,
    *,
    quantity: str,
    roles: Mapping[Well, Role] | None = None,
    excluded: Collection[Well] = (),
    flags: Mapping[Well, str] | None = None,
    width_mm: float = WIDTH_MM,
) -> Figure:
    """Heat map of one plate.

    Parameters
    ----------
    values : ndarray, shape (rows, columns)
        One number per well; NaN where there is none.
    plate : PlateFormat
        Rows and columns; up to 96 wells carry their number, larger ones only their colour.
    quantity : str
        What the numbers are, with unit: ``absorbance at 450 nm (OD)``.
    roles : mapping of Well to Role, optional
        Colour of the outline; wells that are not named get a thin grey one.
    excluded : collection of Well
        Wells that a person took out; they are crossed.
    flags : mapping of Well to str, optional
        Tokens of the reader (``OVRFLW``): printed where there is no number, else a corner mark.
    width_mm : float
        Printed width; the height follows.
    """
    from matplotlib.figure import Figure

    roles, flags = roles or {}, flags or {}
    pitch = min((width_mm - 36.0) / plate.columns, 14.0)
    top, bottom = 6.0, 9.0
    height_mm = pitch * plate.rows + top + bottom
    figure = Figure(figsize=(width_mm * MM, height_mm * MM))
    axes = figure.add_axes(
        (
            9.0 / width_mm,
            bottom / height_mm,
            pitch * plate.columns / width_mm,
            pitch * plate.rows / height_mm,
        )
    )
    _frame(axes, plate, pitch / 25.4 * 72)
    low, high = _range_of(values)
    _wells(axes, values, plate, roles, (low, high), pitch)
    if plate.size <= 96:
        _numbers(axes, values, plate, flags, (low, high), pitch)
    _marks(axes, values, plate, excluded, flags, pitch)
    right = (9.0 + pitch * plate.columns + 5.0) / width_mm
    bar = figure.add_axes(
        (right, bottom / height_mm, 3.0 / width_mm, 1 - (top + bottom) / height_mm)
    )
    _colour_bar(bar, (low, high), quantity, known=bool(np.isfinite(values).any()))
    _key(figure, plate, roles, excluded, flags, height_mm, width_mm)
    return figure


def _range_of(values: Floats) -> tuple[float, float]:
    """Lowest and highest number, a little apart even when all wells read the same."""
    finite = values[np.isfinite(values)]
    if not finite.size:
        return 0.0, 1.0
    low, high = float(finite.min()), float(finite.max())
    pad = abs(high) * 0.01 or 1.0
    return (low, high) if high > low else (low - pad, high + pad)


def _colours(values: Floats, limits: tuple[float, float]) -> Floats:
    """shape (n, 4): viridis; wells without a number stay white."""
    from matplotlib import colormaps

    low, high = limits
    shares = (np.nan_to_num(values, nan=low, posinf=high, neginf=low) - low) / (high - low)
    colours = np.array(colormaps["viridis"](np.clip(shares, 0, 1)), dtype=np.float64)
    colours[np.isnan(values)] = 1.0
    return colours


def _frame(axes: Axes, plate: PlateFormat, pitch_points: float) -> None:
    axes.set_xlim(-0.5, plate.columns - 0.5)
    axes.set_ylim(plate.rows - 0.5, -0.5)
    axes.xaxis.tick_top()
    axes.tick_params(length=0, pad=2, labelsize=POINTS)
    for spine in axes.spines.values():
        spine.set_visible(False)
    # Two digits need about 9 points; narrower columns are numbered in steps.
    step = 1 if pitch_points > 10 else 2
    columns = range(0, plate.columns, step)
    axes.set_xticks(list(columns), [str(column + 1) for column in columns])
    rows = range(0, plate.rows, 1 if pitch_points > 8 else 2)
    axes.set_yticks(list(rows), [row_letters(row) for row in rows])


def _wells(
    axes: Axes,
    values: Floats,
    plate: PlateFormat,
    roles: Mapping[Well, Role],
    limits: tuple[float, float],
    pitch_mm: float,
) -> None:
    wells = list(plate.wells())
    colours = _colours(values, limits)
    size = (0.84 * pitch_mm / 25.4 * 72) ** 2
    line = min(1.6, pitch_mm * 0.14)
    for role in (None, *Role):
        own = [well for well in wells if roles.get(well) == role]
        if not own:
            continue
        plain = role in (None, Role.EMPTY)
        axes.scatter(
            [well.column for well in own],
            [well.row for well in own],
            s=size,
            c=colours[[well.row for well in own], [well.column for well in own]],
            edgecolors=ROLE_COLOURS[role or Role.EMPTY],
            linewidths=line * (0.5 if plain else 1.0),
            linestyles=(0, (1.6, 1.0)) if role in DASHED else "solid",
            # A dot for each of 1536 wells weighs more as outlines than as pixels.
            rasterized=plate.size > 384,
            zorder=2,
        )


def _numbers(
    axes: Axes,
    values: Floats,
    plate: PlateFormat,
    flags: Mapping[Well, str],
    limits: tuple[float, float],
    pitch_mm: float,
) -> None:
    from matplotlib.patheffects import withStroke

    rim: list[Any] = [withStroke(linewidth=2.0, foreground="white")]
    colours = _colours(values, limits)
    fits = max(int(pitch_mm / 25.4 * 72 * 0.84 / (POINTS * 0.66)), 3)
    for well in plate.wells():
        value = float(values[well.row, well.column])
        text = _fitting(value, fits)
        if math.isnan(value):
            token = printable(flags.get(well, ""))
            text = token if len(token) <= fits + 1 else "flag"
        if text:
            axes.text(
                well.column,
                well.row,
                text,
                ha="center",
                va="center_baseline",
                fontsize=POINTS,
                color=readable_on(colours[well.row, well.column]),
                parse_math=False,
                path_effects=rim if math.isnan(value) else None,
                zorder=4,
            )


def _fitting(value: float, characters: int) -> str:
    """Three digits where they fit a well, fewer where they do not."""
    if math.isnan(value):
        return ""
    if abs(value) < 10 and round(abs(value), 3) > 0 and characters >= 5:
        return f"{value:.3f}".replace("-", "\u2212")
    for digits in (3, 2, 1):
        text = number(value, digits)
        if len(text) <= characters:
            return text
    return f"{value:.0e}".replace("e+0", "e").replace("e-0", "e\u2212").replace("-", "\u2212")


def _marks(
    axes: Axes,
    values: Floats,
    plate: PlateFormat,
    excluded: Collection[Well],
    flags: Mapping[Well, str],
    pitch_mm: float,
) -> None:
    from matplotlib.collections import LineCollection, PolyCollection
    from matplotlib.patheffects import withStroke

    # The arms leave the middle free where a number stands in it.
    inner, outer = (0.17 if plate.size <= 96 else 0.0), 0.38
    crosses = [
        [
            (well.column + inner * right, well.row + inner * down),
            (well.column + outer * right, well.row + outer * down),
        ]
        for well in sorted(excluded)
        if well in plate
        for right in (-1, 1)
        for down in (-1, 1)
    ]
    width = min(1.2, pitch_mm * 0.12)
    if crosses:
        halo: list[Any] = [withStroke(linewidth=width * 2.4, foreground="white")]
        axes.add_collection(
            LineCollection(crosses, colors="#1a1a1a", linewidths=width, path_effects=halo, zorder=3)
        )
    corners = [
        [
            (well.column + 0.46, well.row - 0.46),
            (well.column + 0.46, well.row - 0.14),
            (well.column + 0.14, well.row - 0.46),
        ]
        for well in sorted(flags)
        if well in plate
    ]
    if corners:
        axes.add_collection(PolyCollection(corners, facecolors=FLAG_COLOUR, zorder=6))


def _colour_bar(axes: Axes, limits: tuple[float, float], quantity: str, *, known: bool) -> None:
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.set_xticks([])
    axes.yaxis.tick_right()
    axes.yaxis.set_label_position("right")
    axes.set_ylabel(printable(quantity, 60), fontsize=POINTS, parse_math=False)
    if not known:
        axes.set_yticks([])
        axes.text(0.5, 0.5, "no number", rotation=90, ha="center", va="center", fontsize=POINTS)
        return
    low, high = limits
    axes.imshow(
        np.linspace(0, 1, 64)[:, None],
        cmap="viridis",
        aspect="auto",
        origin="lower",
        extent=(0, 1, low, high),
    )
    axes.tick_params(length=2, width=0.6, pad=2, labelsize=POINTS)
    axes.ticklabel_format(axis="y", style="plain", useOffset=False)


def _key(
    figure: Figure,
    plate: PlateFormat,
    roles: Mapping[Well, Role],
    excluded: Collection[Well],
    flags: Mapping[Well, str],
    height_mm: float,
    width_mm: float,
) -> None:
    """The words for outlines and marks, in one line under the plate."""
    from matplotlib.lines import Line2D

    present = [role for role in Role if role in roles.values() and role is not Role.EMPTY]
    entries = [
        Line2D([], [], ls="none", marker="o", mfc="white", mec=ROLE_COLOURS[role], mew=1.4, ms=6.5)
        for role in present
    ]
    words = [
        "QC" if role is Role.QC else str(role) + (" (dashed)" if role in DASHED else "")
        for role in present
    ]
    if any(well in plate for well in excluded):
        entries.append(Line2D([], [], ls="none", marker="x", color="#1a1a1a", mew=1.2, ms=5))
        words.append("excluded")
    if any(well in plate for well in flags):
        entries.append(Line2D([], [], ls="none", marker=(3, 0, -45), color=FLAG_COLOUR, ms=5))
        words.append("flagged by the reader")
    if entries:
        figure.legend(
            entries,
            words,
            loc="lower left",
            bbox_to_anchor=(7.0 / width_mm, 0.6 / height_mm),
            ncols=len(entries),
            frameon=False,
            fontsize=POINTS,
            handletextpad=0.3,
            columnspacing=1.4,
            borderaxespad=0.0,
            borderpad=0.2,
        )
