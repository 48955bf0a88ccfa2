"""The standard curve of one plate, with its samples on it and its residuals under it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from assays.reports.figures import style
from assays.reports.figures.axes import concentration_axis, key
from assays.reports.figures.curve_points import (
    LOOKS,
    WORDS,
    draw_controls,
    draw_samples,
    draw_standards,
    name_outside,
    qc_wells,
    residual_reach,
    sorted_standards,
)
from assays.reports.words import units_in_words
from assays.results.elisa import CurveRecord, PlateResult
from plates.layout import Role
from plates.lettering import number, printable

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LEFT_MM, ZERO_MM, GAP_MM, MAIN_MM = 15.0, 9.0, 2.0, 121.0


@dataclass(frozen=True, slots=True)
class _Panels:
    """Four axes: zero and the rest, for responses and for residuals."""

    zero: Axes
    main: Axes
    zero_residual: Axes
    residual: Axes


def draw_curve(plate: PlateResult, unit: str) -> Figure:
    """Response against concentration; the zero standard stands left of an axis break.

    Points are wells, the line is the fitted curve, the band its 95 % interval of the mean
    response, small ticks are samples. Residuals are signal minus curve, percent of the curve.
    """
    with style.house_style():
        figure = style.new_figure(94.0, 150.0)
        panels = _lay_out(figure)
        _x_axes(panels, plate, unit)
        _curve(panels, plate.curve)
        draw_standards((panels.zero, panels.main), (panels.zero_residual, panels.residual), plate)
        name_outside(panels.main, plate)
        draw_samples(panels.main, plate)
        draw_controls(panels.main, plate)
        _y_axes(panels, plate)
        _limits(panels, plate, unit)
        _break_marks(panels)
        key(figure, _entries(plate), LEFT_MM, 90.0)
        _note(panels.main, plate)
    return figure


def response_name(mode: str) -> str:
    """Quantity and unit of a plate reader's signal."""
    names = {
        "absorbance": "Absorbance (OD)",
        "fluorescence": "Fluorescence (RFU)",
        "luminescence": "Luminescence (RLU)",
    }
    return names.get(mode, "Signal")


def _lay_out(figure: Figure) -> _Panels:
    right = LEFT_MM + ZERO_MM + GAP_MM
    zero = style.place(figure, LEFT_MM, 32, ZERO_MM, 50)
    main = style.place(figure, right, 32, MAIN_MM, 50, sharey=zero)
    zero_residual = style.place(figure, LEFT_MM, 11, ZERO_MM, 17)
    residual = style.place(figure, right, 11, MAIN_MM, 17, sharey=zero_residual)
    return _Panels(zero, main, zero_residual, residual)


def _span(plate: PlateResult) -> tuple[float, float]:
    """Concentrations that the picture must hold: standards, limits, and a margin."""
    shown = [level.nominal for level in plate.standards]
    shown += [reading.nominal for reading in plate.wells if reading.role is Role.STANDARD]
    shown += [plate.limits.lloq, plate.limits.uloq]
    positive = [value for value in shown if math.isfinite(value) and value > 0]
    if not positive:
        return 1.0, 10.0
    low, high = min(positive), max(positive)
    pad = max((high / low) ** 0.07, 1.5)
    return low / pad, high * pad


def _x_axes(panels: _Panels, plate: PlateResult, unit: str) -> None:
    low, high = _span(plate)
    for axes in (panels.main, panels.residual):
        axes.set_xscale("log")
        axes.set_xlim(low, high)
        axes.spines["left"].set_visible(False)
        axes.tick_params(axis="y", which="both", left=False, labelleft=False)
        concentration_axis(axes, low, high, labelled=axes is panels.residual)
    for axes in (panels.zero, panels.zero_residual):
        axes.set_xlim(-1, 1)
        axes.set_xticks([0], ["0"] if axes is panels.zero_residual else [""])
    panels.residual.set_xlabel(f"Concentration in the well ({printable(units_in_words(unit), 20)})")


def _curve(panels: _Panels, curve: CurveRecord | None) -> None:
    if curve is None:
        return
    dash: Any = "solid" if curve.accepted else (0, (4, 2))
    known = np.isfinite(curve.lower) & np.isfinite(curve.upper)
    panels.main.fill_between(
        curve.x, curve.lower, curve.upper, where=known.tolist(), color=style.BAND, lw=0, zorder=1
    )
    panels.main.plot(curve.x, curve.y, color=style.STANDARD, lw=1.2, ls=dash, zorder=3)
    if math.isfinite(curve.zero_response):
        panels.zero.plot(
            [-0.8, 0.8], [curve.zero_response] * 2, color=style.STANDARD, lw=1.2, ls=dash, zorder=3
        )


def _y_axes(panels: _Panels, plate: PlateResult) -> None:
    shown = [r.signal for r in plate.wells if r.role in (Role.STANDARD, Role.QC)]
    shown += [sample.signal for sample in plate.samples]
    if plate.curve is not None:
        low, high = panels.main.get_xlim()
        shown += list(plate.curve.y[(plate.curve.x >= low) & (plate.curve.x <= high)])
    finite = [value for value in shown if math.isfinite(value)]
    low, high = (min(finite), max(finite)) if finite else (0.0, 1.0)
    low = min(low, 0.0) if low < 0.3 * high else low
    pad = 0.05 * (high - low) or abs(high) * 0.1 or 1.0
    panels.zero.set_ylim(low - pad / 2, high + pad)
    panels.zero.set_ylabel(response_name(plate.mode))
    reach = residual_reach(plate)
    panels.residual.set_ylim(-reach * 1.2, reach * 1.2)
    panels.zero_residual.set_yticks([-reach, 0, reach], [f"\u2212{reach:g}", "0", f"+{reach:g}"])
    panels.zero_residual.set_ylabel("Residual (%)")
    for axes in (panels.zero, panels.zero_residual):
        axes.yaxis.set_label_coords(-11.0 / ZERO_MM, 0.5)
    for axes in (panels.zero_residual, panels.residual):
        axes.axhline(0, color=style.STANDARD, lw=style.HAIR, zorder=2)


def _limits(panels: _Panels, plate: PlateResult, unit: str) -> None:
    """Shade what cannot be quantified, and name the limits above."""
    low, high = panels.main.get_xlim()
    lloq, uloq = plate.limits.lloq, plate.limits.uloq
    quiet = ", provisional" if plate.limits.provisional else ""
    both = lloq > 0 and math.isfinite(uloq) and uloq > 0
    near = both and math.log(uloq / lloq) < 0.6 * math.log(high / low)
    for value, name, begin, end, side in (
        (lloq, "LLOQ", low, lloq, "right" if near else "left"),
        (uloq, "ULOQ", uloq, high, "left" if near else "right"),
    ):
        if not math.isfinite(value) or value <= 0:
            continue
        for axes in (panels.main, panels.residual):
            axes.axvspan(begin, end, color=style.MARGIN, lw=0, zorder=0)
            axes.axvline(value, color=style.QUIET, lw=style.HAIR, ls=(0, (1, 1.5)), zorder=2)
        panels.main.annotate(
            f"{name} {number(value)} {printable(units_in_words(unit), 12)}{quiet}",
            (value, 1.0),
            (0, 2.0),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            ha=side,
            va="bottom",
            color=style.QUIET,
        )
    if lloq > 0:
        for axes in (panels.zero, panels.zero_residual):
            axes.axvspan(-1, 1, color=style.MARGIN, lw=0, zorder=0)


def _entries(plate: PlateResult) -> list[tuple[str, dict[str, Any]]]:
    kinds = list(sorted_standards(plate))
    if any(math.isfinite(s.signal) and s.role is not Role.QC for s in plate.samples):
        kinds.append("samples")
    if qc_wells(plate):
        kinds.append("qc")
    return [(WORDS[kind], LOOKS[kind]) for kind in kinds]


def _break_marks(panels: _Panels) -> None:
    """Two slashes where the axis leaves out the way from zero to the lowest standard."""
    for axes, x in (
        (panels.zero, 1.0),
        (panels.main, 0.0),
        (panels.zero_residual, 1.0),
        (panels.residual, 0.0),
    ):
        axes.plot(
            [x],
            [0],
            transform=axes.transAxes,
            marker=[(-0.5, -1), (0.5, 1)],
            ms=6,
            mec=style.INK,
            mew=style.HAIR,
            ls="none",
            clip_on=False,
            zorder=10,
        )


def _note(axes: Axes, plate: PlateResult) -> None:
    """Say inside the picture when there is no curve to trust."""
    if plate.curve is None:
        words = "no curve could be fitted" if plate.standards else "no standards on this plate"
    elif not plate.curve.accepted:
        words = "curve refused: " + (printable(plate.curve.refused_why, 70) or "see findings")
    else:
        return
    where: dict[str, Any] = {"transform": axes.transAxes, "va": "top", "zorder": 12}
    axes.text(0.02, 0.97, words, color=style.STOP, bbox=style.ground(), **where)
