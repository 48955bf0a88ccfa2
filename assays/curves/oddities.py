"""What looks wrong among the standards themselves: turning back, the reader's end, a bad well."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from assays.curves.diagnostics import LACKING, influence, lack_of_fit
from assays.curves.points import Points
from assays.curves.standard_curve import StandardCurve
from plates.findings import Finding, Severity

Floats = NDArray[np.float64]

LEAST_STEP, MOST_STEP = 0.02, 0.15
"""Shares of the response range: a smaller step back is none, a larger one always is."""
MOST_FALL = 0.30
"""Share of the higher of two readings, likewise."""
PARTED, PARTED_TIMES, PARTED_SPAN = 0.40, 6.0, 0.02
"""Replicates lie far apart: a CV of 40 %, six times that of the other levels, 2 % of the range."""
PLATEAU = 0.05
"""Share of the way between its ends within which a curve counts as flat."""
FAR_OFF = 0.25
"""A well this share of its expected response away is off whatever the noise."""


def order(curve: StandardCurve, points: Points) -> Finding | None:
    """Levels that go against the curve by more than replicates explain."""
    means, levels = points.level_means, points.levels
    way = 1 if curve.rising else -1
    steps = np.diff(means) * way
    against = np.flatnonzero(steps < -_step_of_chance(curve, points))
    if not against.size:
        return None
    peak = int(np.argmax(means))
    # Down from the peak to the last level, and the peak in the upper half: the series turns back.
    falls = bool(peak < len(means) - 1 and peak >= len(means) // 2 and against[0] >= peak)
    if curve.rising and falls:
        above = ", ".join(f"{level:g}" for level in levels[peak + 1 :])
        return Finding(
            "hook",
            Severity.LOOK,
            f"standard {levels[-1]:g}",
            f"The response falls again beyond standard {levels[peak]:g} ({means[peak]:.3g}): "
            f"{above} read {means[-1]:.3g} at the end. High-dose hook or a swapped top standard: "
            "look at it, and exclude it if it is wrong.",
            float(means[-1]),
            float(means[peak]),
        )
    i = int(against[0])
    return Finding(
        "non-monotonic",
        Severity.LOOK,
        f"standard {levels[i + 1]:g}",
        f"Standard {levels[i + 1]:g} reads {means[i + 1]:.3g}, standard {levels[i]:g} "
        f"{means[i]:.3g}: the response turns back. Were standards swapped?",
        float(means[i + 1]),
        float(means[i]),
    )


def _step_of_chance(curve: StandardCurve, points: Points) -> Floats:
    """By how much neighbouring level means may turn back by chance, shape (levels - 1,).

    Four standard errors of the difference at the replicates' pooled CV, three of their pooled SD,
    or 2 % of the range, whichever is most; two and one and a half where the curve lacks fit, for
    then both tell the same. Single wells say nothing of chance: three SDs of the
    curve's own residuals then, but a step back of 15 % of the range, or of 30 % of the higher
    reading, is always told.
    """
    means, span = points.level_means, float(np.ptp(points.level_means))
    least = np.full(len(means) - 1, LEAST_STEP * span)
    if points.replicate_df > 0:
        begin = np.searchsorted(points.x, points.levels)
        sizes = np.diff(np.append(begin, len(points.x))) * 1.0
        if len(points.x) == len(points.levels):
            sizes = points.wells
            cv = 0.0
        else:
            each = np.repeat(means, sizes.astype(int))
            usable = each > 0
            apart = (points.y[usable] / each[usable] - 1) ** 2
            cv = float(np.sqrt(apart.sum() / points.replicate_df))
        error = cv * np.abs(means) / np.sqrt(sizes)
        share = 0.5 if lack_of_fit(curve).p_value < LACKING else 1.0
        chance = np.maximum(4 * np.hypot(error[1:], error[:-1]), 3 * points.replicate_sd)
        return np.asarray(np.maximum(least, share * chance))
    if not curve.df > 0:
        return least
    with np.errstate(all="ignore"):
        spread = np.abs(curve.residual_sd) / np.sqrt(curve.weights)
    if curve.model.log_response or len(spread) != len(means):
        return least
    chance = 3 * np.hypot(spread[1:], spread[:-1])
    higher = np.maximum(np.abs(means[1:]), np.abs(means[:-1]))
    certain = np.minimum(MOST_STEP * span, MOST_FALL * higher)
    return np.asarray(np.maximum(least, np.minimum(chance, certain)))


def step(curve: StandardCurve, points: Points) -> Finding | None:
    """No standard between the plateaus: where the curve rises between them is a guess."""
    if not {"A", "D"} <= set(curve.params) or len(points.levels) < 2:
        return None
    low, span = curve.params["A"], curve.params["D"] - curve.params["A"]
    if span == 0:
        return None
    shares = (curve.forward(points.levels) - low) / span
    if np.any((shares > PLATEAU) & (shares < 1 - PLATEAU)) or not shares.max() > 1 - PLATEAU:
        return None
    last = int(np.flatnonzero(shares <= PLATEAU).max(initial=0))
    between = f"{points.levels[last]:g} and {points.levels[min(last + 1, len(shares) - 1)]:g}"
    return Finding(
        "step",
        Severity.LOOK,
        f"standard {points.levels[last]:g}",
        f"The response jumps from one plateau to the other between standards {between}: none lies "
        "on the slope, and a concentration there is known no better than that. Add some there.",
    )


def ceiling(curve: StandardCurve, points: Points) -> Finding | None:
    """Standards at the highest number of the plate: the reader ends there, not the curve.

    Every well of the levels at the top of the curve reads one and the same number, while other
    readings differ; a single level must read a round number (4.0) beside finer ones.
    """
    top, x, y = float(points.y.max()), points.x, points.y
    at_top = y == top
    levels, own = np.unique(x[at_top]), y[~at_top]
    ends = points.levels[-len(levels) :] if curve.rising else points.levels[: len(levels)]
    whole = bool(at_top[np.isin(x, levels)].all()) and np.array_equal(levels, ends)
    fine = np.unique(own).size > 0.75 * own.size
    if curve.on == "means" or at_top.sum() < 2 or not whole or not fine:
        return None
    if len(levels) == 1 and not (_round(y[at_top]).all() and _round(own).mean() < 0.5):
        return None
    listed = ", ".join(f"{level:g}" for level in levels)
    return Finding(
        "saturated-standards",
        Severity.LOOK,
        f"standard {levels[0]:g}",
        f"Every well of standard {listed} reads {top:g}, the highest number there is: the reader "
        "ends there. They bend the curve: exclude them, and quantify up to the next lower "
        "standard only.",
        top,
    )


def _round(values: Floats) -> NDArray[np.bool_]:
    """Whether numbers have no more than one decimal."""
    return np.asarray(np.abs(values * 10 - np.round(values * 10)) < 1e-9)


def outliers(curve: StandardCurve, points: Points) -> list[Finding]:
    """Wells far from a curve that the others make; else replicates far from one another."""
    told = influence(curve)
    fitted = curve.forward(curve.x)
    least = np.full_like(fitted, LEAST_STEP * float(np.ptp(curve.y)))
    if curve.theta < 1:
        # Such weights call the usual noise of high readings an outlier: ask for more.
        least = np.maximum(least, FAR_OFF * np.abs(fitted))
    found = []
    for i in told.outlying:
        if abs(curve.y[i] - fitted[i]) <= least[i]:
            continue
        found.append(
            Finding(
                "outlier-well",
                Severity.LOOK,
                f"standard {curve.x[i]:g}",
                f"A well of standard {curve.x[i]:g} reads {curve.y[i]:.3g} where the curve has "
                f"{fitted[i]:.3g}; chance alone puts a well so far out on fewer than 1 of 100 "
                "plates. Look at it, and exclude it with a reason if it is wrong.",
                float(curve.y[i]),
                float(fitted[i]),
            )
        )
    return found or _parted(points)


def _parted(points: Points) -> list[Finding]:
    """A level whose replicates lie far apart where those of the others do not.

    A bad well can pull the curve to itself (weights of observed readings let it): then only its
    mates tell.
    """
    if len(points.x) == len(points.levels):
        return []
    begin = np.searchsorted(points.x, points.levels)
    groups = np.split(points.y, begin[1:])
    means = np.array([group.mean() for group in groups])
    sds = np.array([group.std(ddof=1) if len(group) > 1 else np.nan for group in groups])
    with np.errstate(all="ignore"):
        cvs = np.where(means > 0, sds / means, np.nan)
    span = float(np.ptp(points.y))
    found = []
    for i, group in enumerate(groups):
        others = np.delete(cvs, i)
        others = others[np.isfinite(others)]
        if not len(others) or not cvs[i] > max(PARTED, PARTED_TIMES * float(np.median(others))):
            continue
        if np.ptp(group) <= PARTED_SPAN * span:
            continue
        read = " and ".join(f"{one:.3g}" for one in (group.min(), group.max()))
        found.append(
            Finding(
                "outlier-well",
                Severity.LOOK,
                f"standard {points.levels[i]:g}",
                f"The wells of standard {points.levels[i]:g} read between {read}, a CV of "
                f"{100 * cvs[i]:.0f} %, while those of the others agree: one of them may be wrong. "
                "Look at them, and exclude one with a reason if it is.",
                100 * float(cvs[i]),
                100 * PARTED,
                "%",
            )
        )
    return found
