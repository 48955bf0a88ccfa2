"""What a fitted curve does not know well: findings about the fit itself."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from assays.curves.diagnostics import influence, lack_of_fit
from assays.curves.points import Points
from assays.curves.standard_curve import StandardCurve
from plates.findings import Finding, Severity

Floats = NDArray[np.float64]

ENOUGH_LEVELS = 6
"""ICH M10, 4.2: six levels and a blank."""
WIDE = 1.0
"""Relative standard error from which a parameter is not known: 100 %."""
LEAST_STEP, MOST_STEP = 0.02, 0.15
"""Shares of the response range: a smaller step back is none, a larger one always is."""
MOST_FALL = 0.30
"""Share of the higher of two readings, likewise."""
LACKING = 0.01
FAR_OFF = 0.25
"""A well this share of its expected response away is off whatever the noise."""
SEEN = 0.5
"""An end of the curve was seen when a standard comes this close to it, as a share of the range."""


def doubts_about(curve: StandardCurve, points: Points) -> tuple[Finding, ...]:
    """Findings about a fit; none of them stops a run."""
    found = [
        _missing(points),
        _few_levels(curve),
        _single_wells(points),
        _not_converged(curve),
        _ceiling(curve, points),
        _order(curve, points),
        *_outliers(curve),
        _lack_of_fit(curve),
        *_unknown_parameters(curve),
    ]
    return tuple(finding for finding in found if finding is not None)


def _missing(points: Points) -> Finding | None:
    if not points.missing:
        return None
    return Finding(
        "missing-wells",
        Severity.NOTE,
        "",
        f"{points.missing} standard wells have no reading and are left out of the fit.",
        float(points.missing),
    )


def _few_levels(curve: StandardCurve) -> Finding | None:
    if curve.n_levels >= ENOUGH_LEVELS:
        return None
    return Finding(
        "few-levels",
        Severity.LOOK,
        "",
        f"The curve rests on {curve.n_levels} standard levels; {ENOUGH_LEVELS} are usual.",
        float(curve.n_levels),
        float(ENOUGH_LEVELS),
    )


def _single_wells(points: Points) -> Finding | None:
    if points.replicate_df > 0:
        return None
    return Finding(
        "single-replicates",
        Severity.LOOK,
        "",
        "Every standard stands in a single well: a bad well cannot be told from a good one, "
        "and lack of fit cannot be tested. Run standards in duplicate.",
    )


def _not_converged(curve: StandardCurve) -> Finding | None:
    if curve.converged:
        return None
    return Finding(
        "not-converged",
        Severity.LOOK,
        "",
        f"The {curve.model.title} fit did not settle; its parameters and intervals are rough.",
    )


def _order(curve: StandardCurve, points: Points) -> Finding | None:
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
    or 2 % of the range, whichever is most. Single wells say nothing of chance: three SDs of the
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
        chance = 4 * np.hypot(error[1:], error[:-1])
        return np.asarray(np.maximum(np.maximum(least, 3 * points.replicate_sd), chance))
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


def _ceiling(curve: StandardCurve, points: Points) -> Finding | None:
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


def _outliers(curve: StandardCurve) -> list[Finding]:
    """Wells far from a curve that the others make."""
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
    return found


def _lack_of_fit(curve: StandardCurve) -> Finding | None:
    tested = lack_of_fit(curve)
    if not tested.p_value < LACKING:
        return None
    return Finding(
        "lack-of-fit",
        Severity.NOTE,
        "",
        f"The curve misses the level means by more than replicates explain (F = "
        f"{tested.f_ratio:.2g} on {tested.df_lack} and {tested.df_pure}, "
        f"p = {tested.p_value:.1g}). "
        "It matters where standards do not read back: look at recoveries and residuals.",
        tested.p_value,
        LACKING,
    )


def _unknown_parameters(curve: StandardCurve) -> list[Finding]:
    errors = curve.standard_errors
    found: list[Finding] = []
    wide = [
        name
        for name in ("B", "C", "D", "G")
        if name in curve.params
        and errors[name] > WIDE * abs(curve.params[name])
        and np.isfinite(errors[name])
    ]
    if "D" in curve.params and {"A", "C"} <= set(curve.params):
        low, high = curve.params["A"], curve.params["D"]
        far = low if not curve.rising and curve.params["A"] == 0 else high
        reached = float(curve.forward(curve.x.max()))
        share = (reached - low) / (far - low) if far != low else np.nan
        if share < SEEN:
            found.append(
                Finding(
                    "plateau-not-seen",
                    Severity.NOTE,
                    "",
                    f"The top standard reaches {100 * share:.0f} % of the way to the far plateau: "
                    "concentrations within the standards hold, C and D do not.",
                    100 * float(share),
                    100 * SEEN,
                    "%",
                )
            )
    if wide:
        found.append(
            Finding(
                "not-identified",
                Severity.NOTE,
                "",
                f"Standard error above 100 % for {', '.join(wide)}: the standards do not pin "
                "them down.",
            )
        )
    return found
