"""The standards of a plate: their points, their curve, and how each reads back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from assays import curves
from assays.curves import StandardCurve
from assays.elisa.replicates import cv_percent, mean
from assays.elisa.rule_set import rule_set
from assays.errors import CurveFitError
from assays.protocol import Elisa
from assays.results.elisa import StandardLevel, WellReading
from plates.findings import Finding, Severity
from plates.layout import Role
from plates.qc.tokens import is_beyond

NEAR_ZERO = 0.005
"""A fitted response below this share of the range makes 1/yhat weights explode."""
STEADY_FLOOR = 0.02


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """A plate's curve, or why there is none."""

    curve: StandardCurve | None
    refused: str
    findings: tuple[Finding, ...]


def usable(well: WellReading, with_excluded: bool) -> bool:
    """Whether a well counts: it has a number within the reader's range, and nobody took it out."""
    read = bool(np.isfinite(well.signal)) and not is_beyond(well.flag)
    return read and (with_excluded or not well.excluded_why)


def in_regression(nominal: float, protocol: Elisa) -> bool:
    """Whether a level belongs to the regression: rules may leave zeros and anchors out."""
    if not rule_set(protocol).leave_out_anchors:
        return True
    limits = protocol.limits
    low = limits.lloq * 0.99 if limits.lloq is not None else 0.0
    high = limits.uloq * 1.01 if limits.uloq is not None else np.inf
    return nominal > 0 and low <= nominal <= high


def fit_standards(
    plate: str, wells: Sequence[WellReading], protocol: Elisa, with_excluded: bool = False
) -> Fitted:
    """Fit the curve of one plate.

    Parameters
    ----------
    wells : sequence of WellReading
        All wells of the plate.
    with_excluded : bool
        Count wells that a person took out, for the comparison.
    """
    x, y = points_of(wells, protocol, with_excluded)
    choice = protocol.curve
    try:
        curve = _fit(x, y, protocol, choice.floor)
    except CurveFitError as error:
        finding = Finding(
            "curve-refused",
            Severity.STOP,
            plate,
            f"No standard curve: {error} No sample of this plate has a concentration.",
        )
        return Fitted(None, error.message, (finding,))
    findings = _told(curve, plate)
    if choice.floor == 0 and "yhat" in choice.weighting and _vanishes(curve):
        curve = _fit(x, y, protocol, STEADY_FLOOR)
        findings = _told(curve, plate)
        findings.append(
            Finding(
                "weights-floored",
                Severity.NOTE,
                plate,
                "The curve starts near zero signal, where 1/ŷ weights have no bound; they were "
                f"held at {100 * STEADY_FLOOR:.0f} % of the response range. Set [elisa.curve] "
                "floor to choose another.",
                STEADY_FLOOR * 100,
                unit="%",
            )
        )
    return Fitted(curve, "", tuple(findings))


def _told(curve: StandardCurve, plate: str) -> list[Finding]:
    """What the fit remarks; a ceiling is told from the raw readings, which it does not see."""
    return [
        replace(finding, where=finding.where or plate)
        for finding in curve.findings
        if finding.rule != "saturated-standards"
    ]


def points_of(
    wells: Sequence[WellReading], protocol: Elisa, with_excluded: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """Concentrations and signals of the standard wells that a curve is fitted to."""
    points = [
        well
        for well in wells
        if well.role == Role.STANDARD
        and (with_excluded or not well.excluded_why)
        and not (is_beyond(well.flag) and np.isfinite(well.signal))
        and in_regression(well.nominal, protocol)
    ]
    return np.array([well.nominal for well in points]), np.array([well.signal for well in points])


def _fit(x: np.ndarray, y: np.ndarray, protocol: Elisa, floor: float) -> StandardCurve:
    choice = protocol.curve
    if choice.richer is not None:
        models = (choice.model, choice.richer)
        return curves.select(x, y, models, choice.weighting, choice.on, floor)
    return curves.fit(
        x,
        y,
        model=choice.model,
        weighting=choice.weighting,
        on=choice.on,
        floor=floor,
        power=choice.power,
    )


def _vanishes(curve: StandardCurve) -> bool:
    fitted = np.abs(curve.forward(np.unique(curve.x)))
    return not curve.converged or bool(fitted.min() < NEAR_ZERO * np.ptp(fitted))


def read_back(
    plate: str,
    wells: Sequence[WellReading],
    curve: StandardCurve | None,
    protocol: Elisa,
    with_excluded: bool = False,
) -> tuple[StandardLevel, ...]:
    """Every nominal level with its recovery, ascending."""
    standards = [well for well in wells if well.role == Role.STANDARD]
    nominals = sorted({well.nominal for well in standards})
    judged = [n for n in nominals if n > 0 and in_regression(n, protocol)]
    rules = rule_set(protocol)
    levels = []
    for nominal in nominals:
        group = [well for well in standards if well.nominal == nominal]
        used = [well for well in group if usable(well, with_excluded)]
        signals = [well.signal for well in used]
        signal = mean(signals)
        back = _back(signals, curve, protocol)
        recovery = 100 * back / nominal if nominal > 0 else np.nan
        ends = nominal in (judged[0], judged[-1]) if judged else False
        tolerance = rules.ends_percent if ends else rules.standards_percent
        within = None
        if nominal in judged and curve is not None and used:
            within = bool(abs(recovery - 100) <= tolerance)
        levels.append(
            StandardLevel(
                plate,
                group[0].sample,
                nominal,
                protocol.unit,
                tuple(well.well for well in used),
                tuple(well.well for well in group if well.excluded_why),
                signal,
                cv_percent(signals),
                back,
                recovery,
                within,
                in_regression(nominal, protocol),
            )
        )
    return tuple(levels)


def _back(signals: Sequence[float], curve: StandardCurve | None, protocol: Elisa) -> float:
    if curve is None or not signals:
        return float("nan")
    if protocol.curve.inverse == "mean of inverses":
        return mean(curve.read_back(signals))
    return float(curve.read_back(mean(signals)))
