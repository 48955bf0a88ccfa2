"""How precisely a plate reads each concentration: CV against concentration, with the limits."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from assays.reports.figures import style
from assays.reports.figures.axes import concentration_axis, key
from assays.reports.words import units_in_words
from assays.results.elisa import PlateResult, RangeStatus, SampleConcentration
from plates.layout import Role
from plates.lettering import number, printable

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TOPS = (10.0, 20.0, 30.0, 50.0)
"""The axis ends at one of these, percent; what lies beyond is drawn at the edge."""
KNOWN = (RangeStatus.OK, RangeStatus.HIGH_CV)
LOOKS: dict[Role, dict[str, Any]] = {
    Role.SAMPLE: {"marker": "o", "mfc": "none", "mec": style.SAMPLE},
    Role.QC: {"marker": "D", "mfc": style.QC, "mec": "white"},
}
WORDS = {Role.SAMPLE: "samples", Role.QC: "QC"}


def has_profile(plate: PlateResult) -> bool:
    """Whether there is a profile to draw."""
    curve = plate.curve
    return bool(
        curve is not None
        and curve.accepted
        and curve.profile_x is not None
        and curve.cv_percent is not None
        and np.isfinite(curve.cv_percent).any()
    )


def observed_percent(sample: SampleConcentration) -> float:
    """CV of the mean of a sample's wells: what the profile speaks of."""
    n = len(sample.wells)
    return sample.cv_concentration_percent / math.sqrt(n) if n > 1 else math.nan


def draw_profile(plate: PlateResult, unit: str) -> Figure:
    """Expected CV over concentrations in the well; dots are what replicates showed.

    Grey is outside the limits of quantitation, the dashed line the CV that is allowed.
    """
    assert plate.curve is not None and plate.curve.cv_percent is not None
    assert plate.curve.profile_x is not None
    allowed = plate.limits.working_cv_percent
    shown = [s for s in plate.samples if s.status in KNOWN and math.isfinite(observed_percent(s))]
    with style.house_style():
        figure = style.new_figure(62.0, 150.0)
        axes = style.place(figure, 15.0, 11.0, 132.0, 40.0)
        low, high = _span(plate)
        axes.set_xscale("log")
        axes.set_xlim(low, high)
        concentration_axis(axes, low, high)
        axes.set_xlabel(f"Concentration in the well ({printable(units_in_words(unit), 20)})")
        top = _top([observed_percent(s) for s in shown], allowed)
        axes.set_ylim(0, top)
        axes.set_ylabel("CV of a result (%)")
        cv = np.clip(np.nan_to_num(plate.curve.cv_percent, nan=top * 2), 0, top * 2)
        axes.plot(plate.curve.profile_x, cv, color=style.STANDARD, lw=1.2, zorder=3)
        axes.axhline(allowed, color=style.QUIET, lw=style.HAIR, ls=(0, (4, 2)), zorder=2)
        for sample in shown:
            _dot(axes, sample, top)
        _limits(axes, plate, unit)
        roles = [role for role in LOOKS if any(_kind(s) is role for s in shown)]
        key(figure, [("expected", {"ls": "-", "color": style.STANDARD}),
                     *((WORDS[role], LOOKS[role]) for role in roles)], 15.0, 57.0)  # fmt: skip
    return figure


def _kind(sample: SampleConcentration) -> Role:
    return Role.QC if sample.role is Role.QC else Role.SAMPLE


def _dot(axes: Axes, sample: SampleConcentration, top: float) -> None:
    look: dict[str, Any] = {"ls": "none", "ms": 3.4, "mew": 0.8, "zorder": 4, "clip_on": False}
    look |= LOOKS[_kind(sample)]
    value = observed_percent(sample)
    if value > top:
        look["marker"] = "^"
    axes.plot([sample.concentration / sample.dilution_factor], [min(value, top)], **look)


def _span(plate: PlateResult) -> tuple[float, float]:
    assert plate.curve is not None
    shown = [level.nominal for level in plate.standards]
    shown += [plate.limits.lloq, plate.limits.uloq, plate.limits.mdc, plate.limits.rdl]
    positive = [value for value in shown if math.isfinite(value) and value > 0]
    if not positive:
        return float(plate.curve.x[0]), float(plate.curve.x[-1])
    pad = max((max(positive) / min(positive)) ** 0.05, 1.4)
    return min(positive) / pad, max(positive) * pad


def _top(seen: list[float], allowed: float) -> float:
    worst = max([*(value for value in seen if math.isfinite(value)), allowed * 1.25])
    return next((edge for edge in TOPS if worst <= edge), TOPS[-1])


def _limits(axes: Axes, plate: PlateResult, unit: str) -> None:
    """Shade what cannot be quantified; name the limits above, detection below them."""
    low, high = axes.get_xlim()
    limits = plate.limits
    for value, name, begin, end, side in (
        (limits.lloq, "LLOQ", low, limits.lloq, "left"),
        (limits.uloq, "ULOQ", limits.uloq, high, "right"),
    ):
        if math.isfinite(value) and value > 0:
            axes.axvspan(begin, end, color=style.MARGIN, lw=0, zorder=0)
            axes.axvline(value, color=style.QUIET, lw=style.HAIR, ls=(0, (1, 1.5)), zorder=2)
            said = f"{name} {number(value)} {printable(units_in_words(unit), 12)}"
            axes.annotate(said, (value, 1.0), (0, 2.0), xycoords=("data", "axes fraction"),
                          textcoords="offset points", ha=side, va="bottom",
                          color=style.QUIET)  # fmt: skip
    for value, name, height in ((limits.mdc, "MDC", 0.2), (limits.rdl, "RDL", 0.08)):
        if math.isfinite(value) and low < value < high:
            axes.plot([value] * 2, [0, height + 0.05], transform=axes.get_xaxis_transform(),
                      color=style.QUIET, lw=style.HAIR)  # fmt: skip
            axes.annotate(f"{name} {number(value)}", (value, height), (2, 0), va="center",
                          xycoords=("data", "axes fraction"), textcoords="offset points",
                          color=style.QUIET, bbox=style.ground())  # fmt: skip
    axes.annotate(f"{limits.working_cv_percent:g} %", (1.0, limits.working_cv_percent), (-2, 1.5),
                  xycoords=("axes fraction", "data"), textcoords="offset points", va="bottom",
                  ha="right", color=style.QUIET)  # fmt: skip
