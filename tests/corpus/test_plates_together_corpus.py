"""Controls over plates, bridges and shared parameters against R."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from assays import curves


def test_precision_over_eleven_runs_is_that_of_r(corpus: Path) -> None:
    folder = corpus / "qc" / "assay"
    answer = json.loads((folder / "dnase_precision.json").read_text(encoding="utf-8"))
    with (folder / "dnase_elisa_11runs.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for one in answer["inter_run"]:
        runs: dict[str, list[float]] = {}
        for row in rows:
            if float(row["conc"]) == one["conc"]:
                runs.setdefault(row["run"], []).append(float(row["density"]))
        found = curves.precision(runs)
        assert (found.plates, found.mean) == (one["n_runs"], pytest.approx(one["grand_mean"]))
        assert found.sd_within == pytest.approx(one["sd_repeatability"], rel=1e-9)
        assert found.within_cv_percent == pytest.approx(one["cv_repeatability"], rel=1e-9)
        assert found.sd_between**2 == pytest.approx(one["var_between"], rel=1e-9)
        # REML of nlme, printed to seven digits, is the same for plates of one size.
        assert found.sd_between**2 == pytest.approx(one["reml_var_between"], rel=1e-5)
        assert found.sd_total == pytest.approx(one["sd_intermediate"], rel=1e-9)
        assert found.total_cv_percent == pytest.approx(one["cv_intermediate"], rel=1e-9)


def test_a_lot_bridge_is_that_of_r(corpus: Path) -> None:
    text = (corpus / "qc" / "assay" / "blank_bridge.json").read_text(encoding="utf-8")
    answer = json.loads(text)["bridge"]
    found = curves.bridge(answer["old"], answer["new"])
    pairs = (
        (found.mean_difference, "mean_diff"),
        (found.limits_of_agreement, "loa"),
        (found.mean_percent, "mean_pct_diff"),
        (found.limits_of_agreement_percent, "loa_pct"),
        (found.ratio, "geometric_mean_ratio"),
        (found.ratio_interval, "gmr_ci95"),
        (found.deming.slope, "deming_lambda1_slope"),
        (found.deming.intercept, "deming_lambda1_intercept"),
        (found.passing_bablok.slope, "passing_bablok_slope"),
        (found.passing_bablok.intercept, "passing_bablok_intercept"),
        (found.pearson, "pearson"),
        (found.concordance, "ccc_lin"),
    )
    for ours, name in pairs:
        wanted = answer[name]
        ours = list(ours) if isinstance(ours, tuple) else ours
        assert ours == pytest.approx(wanted, rel=1e-9), name


def test_five_herbicide_curves_share_what_drc_lets_them_share(corpus: Path) -> None:
    folder = corpus / "curves"
    text = (folder / "expected" / "drc_spinach.json").read_text(encoding="utf-8")
    answer = json.loads(text)["joint"]
    series: dict[str, tuple[list[float], list[float]]] = {}
    with (folder / "data" / "drc_spinach.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            doses, responses = series.setdefault(row["curve"], ([], []))
            doses.append(float(row["conc"]))
            responses.append(float(row["resp"]))
    doses, responses = ([pair[i] for pair in series.values()] for i in (0, 1))
    found = curves.fit_shared(
        doses, responses, ("A", "B", "D"), weighting="none", names=tuple(series)
    )
    # drc stops a little above the minimum: its coefficients are off by some 1e-5.
    assert found.rss_own == pytest.approx(answer["full"]["rss"], rel=1e-7)
    assert found.rss_shared <= answer["parallel"]["rss"] * (1 + 1e-9)
    assert (found.df_shared, found.df_own) == (answer["parallel"]["df"], answer["full"]["df"])
    assert found.f_ratio == pytest.approx(answer["F_parallel"], rel=1e-6)
    assert found.p_value == pytest.approx(answer["p"], rel=1e-4)
    slope, low, high, *middles = answer["parallel"]["coef"]
    assert dict(found.shared) == pytest.approx({"A": high, "B": slope, "D": low}, rel=1e-4)
    own = [curve.params["C"] for curve in found.curves]
    assert own == pytest.approx(middles, rel=1e-3)
    # Its errors come from the observed Hessian, ours from J'J: on curves that are not parallel
    # (F = 104) they differ by a tenth, and only the ratios are held against each other.
    for ours, theirs in zip(found.potencies("1"), answer["relative_potency_parallel"], strict=True):
        assert ours.value == pytest.approx(theirs["relative_potency"], rel=1e-3)
