"""Every donor's response to every condition of one readout, as a heat map of Δarcsinh."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from assays.reports.figures import style
from assays.reports.figures.conditions import (
    Colours,
    brief,
    brief_dose,
    plain_condition,
    several_stimuli,
    tube_key,
    whole_condition,
)
from assays.reports.words import fixed
from assays.results.flow import Reading
from assays.samples import STAINING, Tube, TubeRole
from plates.draw import WIDTH_MM
from plates.lettering import number, printable, readable_on

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_COLUMNS, MOST_ROWS = 48, 40
LETTER_MM = 1.43
"""Mean width of a letter of 7 points."""
MOST_LETTERS, MOST_OF_DONOR = 34, 12
RIGHT_MM, TOP_MM, BAR_MM = 18.0, 7.0, 3.0
LEAST_BAR_MM, LONGEST_BAR_MM = 18.0, 60.0
"""The key of the colours is no shorter, however few the donors, and no longer, however many."""
CELL_MM, WIDEST_CELL_MM = 5.0, 9.0
NUMBERED_MM = 5.6
"""Narrower cells hold no number."""
LEAST_REACH = 0.5
"""The colours reach at least so far, or noise alone would look like an effect."""


@dataclass(frozen=True, slots=True, eq=False)
class Responses:
    """Mean Δarcsinh by donor and condition."""

    donors: tuple[str, ...]
    conditions: tuple[Tube, ...]
    """One tube that stands for each, without vehicle and replicate, in dose order."""
    values: NDArray[np.float64]
    """shape (donors, conditions); NaN where a donor has no such reading."""

    @property
    def reach(self) -> float:
        """Largest absolute value, at least `LEAST_REACH`."""
        known = np.abs(self.values[np.isfinite(self.values)])
        return max(LEAST_REACH, float(known.max())) if known.size else LEAST_REACH


def responses_of(readings: Sequence[Reading]) -> Responses:
    """Readings of one readout by donor and condition; unstimulated tubes are the zero."""
    groups: dict[Tube, dict[str, list[float]]] = {}
    for reading in readings:
        zero = reading.tube.role is TubeRole.UNSTIMULATED or reading.tube.role in STAINING
        if zero or math.isnan(reading.delta_asinh):
            continue
        own = plain_condition(reading.tube)
        groups.setdefault(own, {}).setdefault(reading.donor, []).append(reading.delta_asinh)
    donors = tuple(dict.fromkeys(reading.donor for reading in readings))
    conditions = tuple(sorted(groups, key=tube_key))
    values = np.full((len(donors), len(conditions)), math.nan)
    for column, condition in enumerate(conditions):
        for donor, known in groups[condition].items():
            values[donors.index(donor), column] = math.fsum(known) / len(known)
    return Responses(donors, conditions, values)


def sheets_of(found: Responses) -> list[Responses]:
    """Parts that fit a page, donors first."""
    return [
        Responses(
            found.donors[row : row + MOST_ROWS],
            found.conditions[column : column + MOST_COLUMNS],
            found.values[row : row + MOST_ROWS, column : column + MOST_COLUMNS],
        )
        for row in range(0, len(found.donors), MOST_ROWS)
        for column in range(0, len(found.conditions), MOST_COLUMNS)
    ]


def label_of(condition: Tube) -> str:
    """A condition in few words; inhibitors given without stimulus say so."""
    if condition.role is TubeRole.INHIBITOR_ALONE:
        return f"{brief_dose(condition.inhibitors, MOST_LETTERS - 7)}, alone"
    return brief(condition, MOST_LETTERS)


def labels_of(conditions: Sequence[Tube]) -> list[str]:
    """Labels of conditions side by side, with their times where these differ."""
    timed = len({condition.time_min for condition in conditions} - {None}) > 1
    dosed = several_stimuli(conditions)
    return [
        (
            whole_condition(replace(condition, time_min=None), MOST_LETTERS)
            if dosed and condition.stimulus is not None
            else label_of(condition)
        )
        + (f", {condition.time_min:g} min" if timed and condition.time_min is not None else "")
        for condition in conditions
    ]


def draw_responses(found: Responses, reach: float, palette: Colours) -> Figure:
    """Donors down, conditions across, red above and blue below the unstimulated tubes."""
    labels = labels_of(found.conditions)
    names = [printable(donor, MOST_OF_DONOR) for donor in found.donors]
    left = 4.0 + LETTER_MM * max(len(name) for name in names)
    bottom = 5.0 + LETTER_MM * max(len(label) for label in labels)
    across, down = len(labels), len(names)
    cell = min((WIDTH_MM - left - RIGHT_MM) / across, WIDEST_CELL_MM)
    tall = min(CELL_MM, cell * 1.4) if cell >= 3 else 4.0
    with style.house_style():
        figure = style.new_figure(bottom + max(down * tall, LEAST_BAR_MM) + TOP_MM)
        axes = style.place(figure, left, bottom, cell * across, tall * down)
        image = axes.imshow(
            np.ma.masked_invalid(found.values), cmap="RdBu_r", vmin=-reach, vmax=reach,
            aspect="auto", interpolation="nearest",
        )  # fmt: skip
        axes.set_facecolor(style.MARGIN)
        axes.set_xticks(range(across), labels, rotation=90)
        axes.set_yticks(range(down), names)
        axes.tick_params(length=0)
        for spine in axes.spines.values():
            spine.set_visible(False)
        for column, condition in enumerate(found.conditions):
            axes.plot(
                [column - 0.42, column + 0.42], [-0.72, -0.72], lw=2.2, clip_on=False,
                color=palette.of_tube(condition), solid_capstyle="butt",
            )  # fmt: skip
        # The bars above the columns must not stretch the axes.
        axes.set_xlim(-0.5, across - 0.5)
        axes.set_ylim(down - 0.5, -0.5)
        _write(axes, found, reach, cell)
        high = min(max(tall * down, LEAST_BAR_MM), LONGEST_BAR_MM)
        top = bottom + max(tall * down, high)
        bar = style.place(figure, left + cell * across + 4.0, top - high, BAR_MM, high)
        figure.colorbar(image, cax=bar)
        bar.set_ylabel("Δarcsinh", labelpad=1.0)
        bar.tick_params(length=1.5, pad=1.5)
        bar.spines["outline"].set_visible(False)
    return figure


def _write(axes: Axes, found: Responses, reach: float, cell_mm: float) -> None:
    """Values in the cells where they fit, a dash where there is none."""
    if cell_mm < NUMBERED_MM:
        return
    from matplotlib import colormaps

    colours = colormaps["RdBu_r"]
    for (row, column), value in np.ndenumerate(found.values):
        known = math.isfinite(value)
        ink = readable_on(np.array(colours(0.5 + 0.5 * value / reach))) if known else style.QUIET
        text = fixed(value, 1) if known else "–"
        axes.text(column, row, text, ha="center", va="center", color=ink)


def words_of_responses(readout: str, found: Responses, cofactor: float) -> tuple[str, str]:
    """Caption and alternative text."""
    caption = (
        f"Response of {readout} in every donor: Δarcsinh (cofactor {number(cofactor)}) against the "
        "donor's own unstimulated tubes, mean over replicate tubes and vehicles. Red is above, "
        "blue below unstimulated; grey was not measured. The bars on top have the colours of the "
        "conditions elsewhere."
    )
    told = []
    names = labels_of(found.conditions)
    for column, _ in enumerate(found.conditions):
        known = found.values[np.isfinite(found.values[:, column]), column].tolist()
        if known:
            ends = f"{number(min(known))} to {number(max(known))}"
            told.append(f"{names[column]} {ends}")
    return caption, f"{readout}, Δarcsinh by condition, lowest to highest donor: {'; '.join(told)}."
