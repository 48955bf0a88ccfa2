"""Classic dose-response sets beside drc, least squares from many starts and what was published:
`corpus/inhibition/expected/curve_fits.json`, judged by its `least_squares_check.verdict`."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from assays import curves
from assays.inhibition import fit_dose_response
from assays.inhibition.dose.response import DoseFit
from benchmarks.inhibition.check import Check, answer, near, printed, rows

Case = dict[str, Any]

CURVATURE = (
    "drc takes the second derivatives of the sum of squares, ours the first of the curve, as "
    "linearisation does; its numbers come back from second derivatives to 2 in 100,000"
)
STOPPED = "drc stopped 8e-7 above the lowest sum of squares"
ROBUST = "the curve in dr4pl's README leaves 1.63 times the lowest sum of squares"


def classic(corpus: Path) -> Iterator[Check]:
    """Every case; four, three and five parameters."""
    folder = corpus / "inhibition"
    for case in answer(folder / "expected" / "curve_fits.json")["cases"]:
        data = rows(folder / "data" / case["data"])
        x, y = ([float(row[case[axis]]) for row in data] for axis in ("x", "y"))
        if case["model_name"] == "LL.5":
            yield from _five(case, x, y)
        elif case["model_name"] == "LL.3":
            yield from _as_drc(case, fit_dose_response(x, y, bottom=0.0), ("B", "A", "C"))
        else:
            yield from _four(case, fit_dose_response(x, y))


def _four(case: Case, fit: DoseFit) -> Iterator[Check]:
    check = case["least_squares_check"]
    if check["verdict"] == "not_identifiable":
        refused = fit.status == "plateau not reached" and math.isnan(fit.ic50)
        yield Check("refused: no plateau", case["id"], refused, fit.status)
        return
    best = check["best_rss_multistart"]
    yield Check("at the optimum", case["id"], fit.rss <= best * (1 + 1e-9),
                f"{fit.rss:.12g} for {best:.12g}")  # fmt: skip
    if check["verdict"] == "use_best_parameters":
        wanted = check["best_parameters"][0]["e"]
        yield near("IC50, from many starts", case["id"], fit.ic50, wanted, rel=1e-5)
    else:
        yield from _as_drc(case, fit, ("B", "D", "A", "C"))
    told = case["published"] or {}
    for key, name in zip("bcde", ("B", "D", "A", "C"), strict=True):
        if key in told:
            yield printed("published", case["id"], fit.params[name], str(told[key]))
    if "ic50" in told:
        yield near("IC50, published by dr4pl", case["id"], fit.ic50, told["ic50"], rel=0.02,
                   cause=ROBUST)  # fmt: skip


def _as_drc(case: Case, fit: DoseFit, names: tuple[str, ...]) -> Iterator[Check]:
    """Parameters, their standard errors, and doses of 10, 50 and 90 % effect."""
    for name, ours in zip(names, case["estimate"], strict=True):
        yield near("parameter, drc", f"{case['id']} {name}", fit.params[name], ours, rel=2e-3)
    assert fit.covariance is not None
    errors = dict(zip("ABCD", np.sqrt(np.diag(fit.covariance)), strict=True))
    for name, theirs in zip(names, case["se"], strict=True):
        ours = float(errors[name])
        yield near("standard error, drc", f"{case['id']} {name}", ours, theirs, rel=2e-3,
                   cause=CURVATURE)  # fmt: skip
    for percent, theirs in zip((10, 50, 90), case["ed"], strict=True):
        dose = fit.params["C"] * (percent / (100 - percent)) ** (1 / fit.params["B"])
        yield near("effect dose, drc", f"{case['id']} {percent} %", dose, theirs, rel=2e-3,
                   cause=STOPPED)  # fmt: skip


def _five(case: Case, x: list[float], y: list[float]) -> Iterator[Check]:
    curve = curves.fit(x, y, model="5pl", weighting="none")
    rss = math.fsum((np.array(y) - curve.forward(np.array(x))) ** 2)
    yield Check("at the optimum", case["id"], rss <= case["rss"] * (1 + 1e-9),
                f"{rss:.12g} for {case['rss']:.12g}")  # fmt: skip
    top, bottom = curve.params["A"], curve.params["D"]
    for percent, theirs in zip((10, 50, 90), case["ed"], strict=True):
        dose = float(curve.inverse(top + (bottom - top) * percent / 100).value)
        yield near("effect dose, drc", f"{case['id']} {percent} %", dose, theirs, rel=2e-3)
