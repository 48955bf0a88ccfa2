"""Do two preparations run in parallel, and how much stronger is one than the other?

If a sample holds the same analyte as the standard, its dilution curve is the standard's, moved
along the axis of log concentration. Parallelism is tested two ways. The F-test asks whether
curves that share all but their place fit worse than curves of their own: it punishes good data.
Equivalence asks whether slope and range agree within limits that the laboratory sets (0.80 to
1.25 are in use): 90 % intervals of both ratios must lie inside.

References
----------
Ph. Eur. 5.3, Statistical analysis; Finney (1978), Statistical Method in Biological Assay.
USP <1032>, <1034>: equivalence rather than difference.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from assays.curves.shared import Potency, fit_shared
from assays.curves.standard_curve import StandardCurve
from assays.errors import CurveFitError

Floats = NDArray[np.float64]

EQUIVALENT = (0.80, 1.25)
"""Limits in common use; a laboratory sets its own from history (USP <1032>)."""


@dataclass(frozen=True, slots=True)
class ParallelLines:
    """A parallel-line assay."""

    slope: float
    """Common slope of response by natural log of dose."""
    variance: float
    """Pure error, pooled within doses."""
    df: int
    parallelism_f: float
    parallelism_p: float
    """A small p: the lines are not parallel."""
    linearity_f: float
    linearity_p: float
    """A small p: the lines are bent."""
    potencies: tuple[Potency, ...]


def parallel_lines(
    dose: Mapping[str, ArrayLike], response: Mapping[str, ArrayLike], standard: str
) -> ParallelLines:
    """Relative potencies by straight, parallel lines, with Fieller's limits.

    Parameters
    ----------
    dose, response : mapping from preparation to array_like
        Doses above 0 (1/dilution will do), and responses on a scale where they are straight in
        log dose (log OD). Doses need replicates.
    standard : str
        Name of the standard.

    Raises
    ------
    CurveFitError
        When the standard is missing, a dose is not above 0, or no dose has replicates.
    """
    from scipy.special import fdtrc, stdtrit

    if standard not in dose or len(dose) < 2 or set(dose) != set(response):
        raise CurveFitError(f"parallel lines need the standard {standard!r} and another")
    series = {name: _series(name, dose[name], response[name]) for name in dose}
    cells, within, n = 0, 0.0, 0
    between, sxx, sxy, separate = 0.0, 0.0, 0.0, 0.0
    for x, y in series.values():
        levels, index, counts = np.unique(x, return_inverse=True, return_counts=True)
        means = np.bincount(index, y) / counts
        within += float(np.sum((y - means[index]) ** 2))
        between += float(counts @ (means - y.mean()) ** 2)
        xx, xy = float(np.sum((x - x.mean()) ** 2)), float((x - x.mean()) @ (y - y.mean()))
        sxx, sxy, separate = sxx + xx, sxy + xy, separate + xy * xy / xx
        cells, n = cells + len(levels), n + len(x)
    df = n - cells
    if df <= 0 or within <= 0:
        raise CurveFitError("no dose has replicates that differ: there is no error to test with")
    slope, s2, count = sxy / sxx, within / df, len(series)
    apart = max(separate - sxy * sxy / sxx, 0.0) / (count - 1) / s2
    bent_df = cells - 2 * count
    bent = max(between - separate, 0.0) / bent_df / s2 if bent_df > 0 else np.nan
    t2, found = float(stdtrit(df, 0.975)) ** 2, []
    xs, ys = series[standard]
    for name, (x, y) in series.items():
        if name == standard:
            continue
        shift = float(x.mean() - xs.mean())
        ratio = float(y.mean() - ys.mean()) / slope
        g = t2 * s2 / (slope * slope * sxx)
        if g >= 1:
            found.append(Potency(name, float(np.exp(ratio - shift)), (0.0, np.inf)))
            continue
        spread = s2 * ((1 - g) * (1 / len(x) + 1 / len(xs)) + ratio * ratio / sxx)
        half = np.sqrt(t2 * spread) / abs(slope)
        ends = [float(np.exp((ratio + way * half) / (1 - g) - shift)) for way in (-1, 1)]
        found.append(Potency(name, float(np.exp(ratio - shift)), (ends[0], ends[1])))
    return ParallelLines(
        slope,
        s2,
        df,
        apart,
        float(fdtrc(count - 1, df, apart)),
        bent,
        float(fdtrc(bent_df, df, bent)) if bent_df > 0 else np.nan,
        tuple(found),
    )


def _series(name: str, dose: ArrayLike, response: ArrayLike) -> tuple[Floats, Floats]:
    x, y = np.asarray(dose, dtype=float).ravel(), np.asarray(response, dtype=float).ravel()
    if x.shape != y.shape or not np.all(x > 0) or not np.isfinite(y).all() or np.ptp(x) == 0:
        raise CurveFitError(f"{name}: doses above 0 with a response each are needed, two at least")
    return np.log(x), y


@dataclass(frozen=True, slots=True)
class Parallelism:
    """Logistic curves of a standard and a sample, apart and with all but C shared."""

    f_ratio: float
    p_value: float
    """A small p: the curves are not parallel."""
    slope_ratio: tuple[float, float, float]
    """B of the sample over that of the standard, with its 90 % interval."""
    range_ratio: tuple[float, float, float]
    """D − A of the sample over that of the standard, with its 90 % interval."""
    equivalent: bool
    """Whether both intervals lie within the limits."""
    potency: Potency
    shared: Mapping[str, float]
    """A, B, D of the shared fit, and C of each preparation."""


def parallelism(
    standard: tuple[ArrayLike, ArrayLike],
    sample: tuple[ArrayLike, ArrayLike],
    weighting: str = "1/yhat^2",
    limits: tuple[float, float] = EQUIVALENT,
    name: str = "sample",
) -> Parallelism:
    """Hold a sample's dilution curve against the standard's.

    Parameters
    ----------
    standard, sample : (doses, responses)
        Doses in one unit; for the sample 1/dilution will do, and the potency is then its
        concentration in the standard's unit.

    Raises
    ------
    CurveFitError
        When either cannot carry a four-parameter curve, or the shared fit finds no rest.
    """
    from scipy.special import stdtrit

    doses, responses = zip(standard, sample, strict=True)
    reference = "standard" if name != "standard" else "reference"
    found = fit_shared(doses, responses, ("A", "B", "D"), "4pl", weighting, (reference, name))
    if not np.isfinite(found.p_value):
        raise CurveFitError("too few wells to tell two curves from one")
    own, t90 = found.own, float(stdtrit(found.df_own, 0.95))
    slope = _ratio([(c.params["B"], c.standard_errors["B"]) for c in own], t90)
    span = _ratio([_range(c) for c in own], t90)
    (potency,) = found.potencies(reference)
    middles = [curve.params["C"] for curve in found.curves]
    return Parallelism(
        found.f_ratio,
        found.p_value,
        slope,
        span,
        all(limits[0] <= end <= limits[1] for end in (*slope[1:], *span[1:])),
        potency,
        {**found.shared, "standard": middles[0], name: middles[1]},
    )


def _range(curve: StandardCurve) -> tuple[float, float]:
    cov = curve.covariance
    error = np.sqrt(max(cov[0, 0] + cov[3, 3] - 2 * cov[0, 3], 0.0))
    return curve.params["D"] - curve.params["A"], float(error)


def _ratio(found: Sequence[tuple[float, float]], t: float) -> tuple[float, float, float]:
    (first, first_error), (second, second_error) = found
    # A range or slope that is all but unknown has limits of 0 and inf.
    with np.errstate(all="ignore"):
        ratio = np.float64(second) / first
        error = np.hypot(np.float64(first_error) / first, np.float64(second_error) / second)
        ends = ratio * np.exp(-t * error), ratio * np.exp(t * error)
    return float(ratio), float(ends[0]), float(ends[1])
