"""Samples of one plate: a dot and its interval each, and where nothing can be quantified."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from assays.reports.figures import style
from assays.reports.figures.axes import concentration_axis
from assays.reports.words import limited, units_in_words, with_interval
from assays.results.elisa import PlateResult, RangeStatus, SampleConcentration
from plates.draw import WIDTH_MM
from plates.lettering import POINTS, number, printable

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LABEL_MM, VALUE_MM = 48.0, 38.0
ROW_MM = 3.9
PER_SHEET = 50
"""Samples that print on one page of A4."""
MOST_LETTERS = 32


def draw_concentrations(
    plate: PlateResult, samples: Sequence[SampleConcentration], unit: str
) -> Figure:
    """Concentration in the undiluted sample on a logarithmic axis.

    Grey is outside the limits of quantitation, which move with the dilution of a sample.
    A sample outside is an arrowhead at its limit; beside it stand the words of the table.

    Parameters
    ----------
    plate : PlateResult
        For its limits.
    samples : sequence of SampleConcentration
        At most `PER_SHEET`, drawn from top to bottom.
    unit : str
        Of concentrations.
    """
    height = max(len(samples), 1) * ROW_MM + 17.0
    low, high = _span(plate, samples)
    with style.house_style():
        figure = style.new_figure(height)
        axes = style.place(
            figure, LABEL_MM, 10.0, WIDTH_MM - LABEL_MM - VALUE_MM, height - 10.0 - 6.0
        )
        axes.set_xscale("log")
        axes.set_xlim(low, high)
        axes.set_ylim(len(samples) - 0.4, -0.6)
        concentration_axis(axes, low, high)
        shown = printable(units_in_words(unit), 20)
        axes.set_xlabel(f"Concentration in the undiluted sample ({shown})")
        axes.spines["left"].set_visible(False)
        axes.tick_params(axis="y", length=0)
        axes.set_yticks(range(len(samples)), [_name(sample) for sample in samples], fontsize=POINTS)
        for row, sample in enumerate(samples):
            _sample(axes, plate, sample, row)
        _heads(axes, plate)
        if not samples:
            axes.text(0.5, 0.5, "no samples", transform=axes.transAxes, ha="center", va="center")
    return figure


def in_words(sample: SampleConcentration) -> str:
    """Value and interval, or the limit that it lies beyond, as the table says it."""
    if math.isfinite(sample.concentration):
        shown, ends = with_interval(sample.concentration, sample.interval)
        text = f"{shown} ({ends})" if ends else shown
        return text if sample.status is RangeStatus.OK else f"{text} *"
    if sample.qualifier and math.isfinite(sample.limit):
        return limited(sample.qualifier, sample.limit)
    return str(sample.status)


def _name(sample: SampleConcentration) -> str:
    factor = sample.dilution_factor
    if factor == 1:
        return printable(sample.sample, MOST_LETTERS)
    diluted = f" 1:{factor:g}"
    return printable(sample.sample, MOST_LETTERS - len(diluted)) + diluted


def _span(plate: PlateResult, samples: Sequence[SampleConcentration]) -> tuple[float, float]:
    """Limits, dots and intervals; an open or absurdly wide interval does not stretch the axis."""
    shown = [plate.limits.lloq, plate.limits.uloq]
    for sample in samples:
        factor = sample.dilution_factor
        shown += [sample.concentration, sample.limit]
        shown += [plate.limits.lloq * factor, plate.limits.uloq * factor]
        if sample.concentration > 0:
            low, high = sample.interval
            shown += [max(low, sample.concentration / 10), min(high, sample.concentration * 10)]
    finite = [value for value in shown if math.isfinite(value) and value > 0]
    if not finite:
        return 1.0, 10.0
    pad = max((max(finite) / min(finite)) ** 0.05, 1.35)
    return min(finite) / pad, max(finite) * pad


def _sample(axes: Axes, plate: PlateResult, sample: SampleConcentration, row: int) -> None:
    low, high = axes.get_xlim()
    lloq = plate.limits.lloq * sample.dilution_factor
    uloq = plate.limits.uloq * sample.dilution_factor
    for begin, end in ((low, lloq), (uloq, high)):
        if math.isfinite(begin) and math.isfinite(end) and 0 < begin < end:
            axes.fill_betweenx([row - 0.5, row + 0.5], begin, end, color="#e6e6e6", lw=0, zorder=0)
    value = sample.concentration
    if value > 0 and math.isfinite(value):
        begin, end = sample.interval
        if not (math.isnan(begin) or math.isnan(end)):
            axes.plot(
                [max(begin, low), min(end, high)], [row, row], color=style.SAMPLE, lw=1.0, zorder=3
            )
            for place, marker, out in ((low, "<", begin < low), (high, ">", end > high)):
                if out:
                    axes.plot([place], [row], marker=marker, ms=3, mew=0, color=style.SAMPLE)
        hollow = sample.status is not RangeStatus.OK
        axes.plot(
            [value],
            [row],
            marker="o",
            ms=4.0,
            mfc="white" if hollow else style.SAMPLE,
            mec=style.SAMPLE,
            mew=0.9,
            zorder=4,
        )
    elif sample.qualifier and sample.limit > 0 and math.isfinite(sample.limit):
        marker = "<" if sample.qualifier == "<" else ">"
        place = min(max(sample.limit, low), high)
        axes.plot([place], [row], marker=marker, ms=4, color=style.SAMPLE, mew=0, zorder=4)
    quiet = sample.status is not RangeStatus.OK
    axes.annotate(
        in_words(sample),
        (1.0, row),
        (4, 0),
        xycoords=("axes fraction", "data"),
        textcoords="offset points",
        va="center",
        color=style.QUIET if quiet else style.INK,
    )


def _heads(axes: Axes, plate: PlateResult) -> None:
    for value, name, side in (
        (plate.limits.lloq, "LLOQ", "center"),
        (plate.limits.uloq, "ULOQ", "center"),
    ):
        if math.isfinite(value) and value > 0:
            axes.axvline(value, color=style.QUIET, lw=style.HAIR, ls=(0, (1, 1.5)), zorder=1)
            axes.annotate(
                f"{name} {number(value)}",
                (value, 1.0),
                (0, 2),
                xycoords=("data", "axes fraction"),
                textcoords="offset points",
                ha=side,
                va="bottom",
                color=style.QUIET,
            )
