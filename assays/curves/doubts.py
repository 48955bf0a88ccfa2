"""What a fitted curve does not know well: findings about the fit itself."""

from __future__ import annotations

import numpy as np

from assays.curves.diagnostics import LACKING, lack_of_fit
from assays.curves.oddities import ceiling, order, outliers, step
from assays.curves.points import Points
from assays.curves.standard_curve import StandardCurve
from plates.findings import Finding, Severity

ENOUGH_LEVELS = 6
"""ICH M10, 4.2: six levels and a blank."""
WIDE = 1.0
"""Relative standard error from which a parameter is not known: 100 %."""
SEEN = 0.5
"""An end of the curve was seen when a standard comes this close to it, as a share of the range."""


def doubts_about(curve: StandardCurve, points: Points) -> tuple[Finding, ...]:
    """Findings about a fit; none of them stops a run."""
    # Readings near the end of what a float holds overflow a square: no doubt, no warning.
    with np.errstate(all="ignore"):
        found = [
            _missing(points),
            _few_levels(curve),
            _single_wells(points),
            _not_converged(curve),
            ceiling(curve, points),
            order(curve, points),
            step(curve, points),
            *outliers(curve, points),
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
    if curve.df > 0 and not np.isfinite(curve.root).all():
        found.append(
            Finding(
                "not-identified",
                Severity.LOOK,
                "",
                "The standards leave a parameter without any hold: errors and intervals are "
                "unknown. Add standards where the response changes, or choose a simpler curve.",
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
