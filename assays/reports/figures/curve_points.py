"""What lies on a standard curve: standards with their residuals, QC wells, samples."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from assays.reports.figures import style
from assays.results.elisa import CurveRecord, PlateResult, RangeStatus, WellReading
from plates.layout import Role

if TYPE_CHECKING:
    from matplotlib.axes import Axes

REACHES = (5.0, 10.0, 20.0, 50.0)
"""Residual axes end at one of these, in percent; what lies beyond is drawn at the edge."""

LOOKS: dict[str, dict[str, Any]] = {
    "used": {"marker": "o", "mfc": style.STANDARD, "mec": style.STANDARD},
    "near": {"marker": "o", "mfc": style.AMBER, "mec": style.STANDARD, "mew": 0.6},
    "outside": {"marker": "o", "mfc": "white", "mec": style.STOP, "mew": 1.1},
    "apart": {"marker": "o", "mfc": "#bdbdbd", "mec": style.STANDARD},
    "excluded": {"marker": "x", "mfc": "none", "mec": style.STOP},
    "samples": {"marker": "|", "mec": style.SAMPLE, "ms": 7},
    "qc": {"marker": "D", "mfc": style.QC, "mec": "white", "mew": 0.5},
}
CLOSE_PERCENT = 10.0
"""Recovery off by less is drawn as sound: half of what is allowed."""
WORDS = {
    "used": "standards",
    "near": "recovery off by more than 10 %",
    "outside": "outside recovery limits",
    "apart": "not in the fit",
    "excluded": "excluded",
    "samples": "samples",
    "qc": "QC",
}


def sorted_standards(plate: PlateResult) -> dict[str, list[WellReading]]:
    """Standard wells with a signal, by how they are drawn (a key of `LOOKS`)."""
    judged = {
        well: (level.within, level.in_fit, level.recovery_percent)
        for level in plate.standards
        for well in (*level.wells, *level.excluded)
    }
    found: dict[str, list[WellReading]] = {}
    for reading in plate.wells:
        drawable = math.isfinite(reading.signal) and reading.nominal >= 0
        if reading.role is not Role.STANDARD or not drawable:
            continue
        within, in_fit, recovery = judged.get(reading.well, (None, True, math.nan))
        kind = "excluded" if reading.excluded_why else "used" if in_fit else "apart"
        if kind == "used" and within is False:
            kind = "outside"
        elif kind == "used" and abs(recovery - 100) > CLOSE_PERCENT:
            kind = "near"
        found.setdefault(kind, []).append(reading)
    return {kind: found[kind] for kind in LOOKS if kind in found}


def residual_percent(reading: WellReading, curve: CurveRecord | None) -> float:
    """Signal minus curve, percent of the curve; NaN where the curve says nothing.

    The curve between its sampled concentrations is read off along the logarithm.
    """
    if curve is None:
        return math.nan
    expected = curve.zero_response
    if reading.nominal > 0:
        if not curve.x.size:
            return math.nan
        expected = float(
            np.interp(
                math.log(reading.nominal), np.log(curve.x), curve.y, left=np.nan, right=np.nan
            )
        )
    if not math.isfinite(expected) or expected == 0:
        return math.nan
    return 100 * (reading.signal - expected) / abs(expected)


def residual_reach(plate: PlateResult) -> float:
    """Where the residual axis ends: wells that a person took out do not stretch it."""
    left = [
        abs(residual_percent(reading, plate.curve))
        for kind, own in sorted_standards(plate).items()
        if kind != "excluded"
        for reading in own
    ]
    worst = max((value for value in left if math.isfinite(value)), default=0.0)
    return next((edge for edge in REACHES if worst <= edge), REACHES[-1])


def draw_standards(
    response: tuple[Axes, Axes], residual: tuple[Axes, Axes], plate: PlateResult
) -> None:
    """Put every standard well on the axes, each pair being (zero, above zero)."""
    reach = residual_reach(plate)
    for kind, own in sorted_standards(plate).items():
        zeros = [reading for reading in own if reading.nominal == 0]
        # Zeros of one level stand side by side, since they have no axis of their own.
        aside = np.linspace(-0.35, 0.35, len(zeros)) if len(zeros) > 1 else np.zeros(len(zeros))
        above = [reading for reading in own if reading.nominal > 0]
        for index, x, readings in (
            (0, aside, zeros),
            (1, np.array([reading.nominal for reading in above]), above),
        ):
            look: dict[str, Any] = {"ls": "none", "mew": 0.9, "ms": 4.0, "zorder": 5}
            look |= {"clip_on": False, **LOOKS[kind]}
            response[index].plot(x, [reading.signal for reading in readings], **look)
            left = np.array([residual_percent(reading, plate.curve) for reading in readings])
            _residuals(residual[index], x, left, reach, {**look, "ms": 3.2})


def _residuals(axes: Axes, x: Any, left: Any, reach: float, look: dict[str, Any]) -> None:
    """Residuals as points, and as triangles at the edge that they go beyond."""
    for marker, chosen in (
        (look["marker"], np.abs(left) <= reach),
        ("^", left > reach),
        ("v", left < -reach),
    ):
        if np.any(chosen):
            axes.plot(x[chosen], np.clip(left[chosen], -reach, reach), **{**look, "marker": marker})


def draw_samples(axes: Axes, plate: PlateResult) -> None:
    """Samples as ticks on the curve; those it cannot place stand at the edge they left by."""
    low, high = axes.get_xlim()
    places: dict[str, list[tuple[float, float]]] = {"|": [], "<": [], ">": []}
    for sample in plate.samples:
        if not math.isfinite(sample.signal) or sample.role is Role.QC:
            continue
        best = sample.concentration if math.isfinite(sample.concentration) else sample.estimate
        at = best / sample.dilution_factor
        if low < at < high:
            places["|"].append((at, sample.signal))
        elif sample.status is RangeStatus.ABOVE_ULOQ or at >= high:
            places[">"].append((high, sample.signal))
        elif sample.status in (RangeStatus.BELOW_LLOQ, RangeStatus.BELOW_LOD) or at <= low:
            places["<"].append((low, sample.signal))
    for marker, own in places.items():
        size = 8.0 if marker == "|" else 3.5
        look: dict[str, Any] = {"ls": "none", "marker": marker, "ms": size, "mew": 0.9}
        look |= {"color": style.SAMPLE, "clip_on": False}
        x, y = [place[0] for place in own], [place[1] for place in own]
        axes.plot(x, y, **look, zorder=4)


def name_outside(axes: Axes, plate: PlateResult) -> None:
    """The recovery of each level outside its limits, beside its points."""
    for level in plate.standards:
        if level.within is False and level.nominal > 0 and math.isfinite(level.signal):
            said = "no recovery"
            if math.isfinite(level.recovery_percent):
                said = f"{level.recovery_percent:.0f} %"
            axes.annotate(said, (level.nominal, level.signal), (4, -3), va="top",
                          textcoords="offset points", color=style.STOP, zorder=9)  # fmt: skip


def draw_controls(axes: Axes, plate: PlateResult) -> None:
    """QC wells at their target, so that their distance from the curve is their error.

    A control without a target stands where the curve puts it.
    """
    own = qc_wells(plate)
    x = [
        reading.nominal / reading.dilution_factor if reading.nominal > 0 else reading.concentration
        for reading in own
    ]
    y = [reading.signal for reading in own]
    axes.plot(x, y, ls="none", ms=3.6, zorder=6, **LOOKS["qc"])


def qc_wells(plate: PlateResult) -> list[WellReading]:
    """QC wells that the curve can place."""
    return [
        reading
        for reading in plate.wells
        if reading.role is Role.QC
        and not reading.excluded_why
        and math.isfinite(reading.signal)
        and math.isfinite(reading.concentration)
        and reading.concentration > 0
    ]
