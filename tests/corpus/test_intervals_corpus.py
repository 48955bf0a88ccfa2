"""Wald intervals, and intervals by inversion of calibFit, against independent programs."""

from __future__ import annotations

import csv
import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assays import curves
from assays.curves.weights import variance

WEIGHTINGS = {"ols": "none", "inv_y": "1/y", "inv_y2": "1/y^2", "irls_fitted2": "1/yhat^2"}
IMMUNOASSAYS = ["dnase_elisa", "calibfit_elisa", "drlumi_il6", "drlumi_panel_a", "ncal_il3_luminex"]


def expected(corpus: Path, name: str) -> dict[str, Any]:
    text = (corpus / "curves" / "expected" / f"{name}.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def points(corpus: Path, name: str, curve: str) -> tuple[np.ndarray, np.ndarray]:
    with (corpus / "curves" / "data" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))
    kept = [row for row in table if row.get("curve", curve) == curve]
    kept = [row for row in kept if row.get("role", "standard").lower() in ("standard", "std")]
    values = [
        [float(row[key]) if row[key] else math.nan for row in kept] for key in ("conc", "resp")
    ]
    return np.array(values[0]), np.array(values[1])


@pytest.mark.parametrize("name", IMMUNOASSAYS)
def test_wald_intervals_on_both_scales_agree_with_r(corpus: Path, name: str) -> None:
    seen = 0
    for answer in expected(corpus, name)["curves"]:
        for key, weighting in WEIGHTINGS.items():
            wanted = answer.get(key)
            every = wanted.get("inverse", []) if isinstance(wanted, dict) else []
            if not any("ci95_wald" in one for one in every):
                continue
            curve = curves.fit(*points(corpus, name, answer["curve"]), weighting=weighting)
            for one in every:
                for interval in ("wald", "wald_log"):
                    limits = one.get(f"ci95_{interval}")
                    if limits is None or None in limits:
                        continue
                    back = curve.inverse(
                        one["y0"], wells=one["m"], interval=interval.replace("_", "-")
                    )
                    found, wide = np.array([back.lower, back.upper]), 2.2 * one["se_total"]
                    printed = np.array(limits)
                    if interval == "wald_log":
                        found, printed, wide = np.log(found), np.log(printed), wide / one["x"]
                    # As the standard errors, which agree to one part in a thousand.
                    where = (name, answer["curve"], key, interval)
                    assert np.all(np.abs(found - printed) <= 2e-3 * wide), where
                    seen += 1
    assert seen >= 20


def test_a_bioassay_has_the_intervals_of_investr(corpus: Path) -> None:
    answer = expected(corpus, "investr_nasturtium")
    curve = curves.fit(*points(corpus, "investr_nasturtium", "all"), model="3pl", weighting="none")
    seen = 0
    for one in answer["inverse"]:
        if one["interval"] not in curves.INTERVALS:
            continue
        replicates = one["y0"] if isinstance(one["y0"], list) else [one["y0"]]
        # investr counts the unknown's own replicates as degrees of freedom, and keeps the SD.
        own = replace(curve, df=curve.df + len(replicates) - 1)
        back = own.inverse(np.mean(replicates), wells=len(replicates), interval=one["interval"])
        wanted = [one["lower"], one["upper"]]
        assert [float(back.lower), float(back.upper)] == pytest.approx(wanted, rel=1e-4)
        seen += 1
    assert seen == 3


T12 = 1.782287555649159
"""Student's t, 12 degrees of freedom, 0.95."""


@pytest.mark.parametrize(("key", "weighting"), [("fpl", "none"), ("fpl.pom", "power")])
def test_both_intervals_of_calibfit_are_reproduced(corpus: Path, key: str, weighting: str) -> None:
    """What calibFit calls 95 % has 5 % beyond each end: 90 % here.

    Its interval by inversion moreover takes the fitted curve as the truth: it ends where
    |y - f(x)| is t standard deviations of a well at f(x). Ours also counts how sure the curve is,
    and is wider.
    """
    answer = expected(corpus, "calibfit_limits_elisa")
    curve = curves.fit(*points(corpus, "calibfit_limits_elisa", "all"), weighting=weighting)
    rel = answer["tolerance"]["ci_rel"]
    for one in answer["results"][key]["calib"]:
        back = curve.inverse(one["y"], level=0.90, interval="wald")
        assert [float(back.lower), float(back.upper)] == pytest.approx(one["wald_ci95"], rel=rel)
        for end in one["inverse_ci95"]:
            if end is None:
                continue
            spread = variance(curve.forward(end), curve.theta, curve.floor)
            away = abs(one["y"] - curve.forward(end)) / (curve.residual_sd * np.sqrt(spread))
            assert float(away) == pytest.approx(T12, rel=0.03), (one["y"], end)
