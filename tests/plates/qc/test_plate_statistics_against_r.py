"""Plate statistics against R (base, MASS, spdep), cellHTS2's data and published tables."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from plates.qc import spatial, spread, window
from plates.well import Well

PLATES = (
    "kcviab_p1r1_all",
    "kcviab_p1r1_samples",
    "kcviab_p6r1_contaminated",
    "kcviab_p6r1_excluded",
    "kcviab_p9r2_log2",
    "qhts1536_Exp1R1",
    "qhts1536_Exp7R2",
    "qhts1536_Exp14R1",
    "sights8x10_S1_R1",
    "sights8x10_S1_R3",
    "twoway96_r1",
    "twoway96_r2_3missing",
)


@pytest.fixture(scope="module")
def folder(corpus: Path) -> Path:
    return corpus / "qc" / "plates"


def answers(folder: Path, name: str) -> Any:
    return json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))


def rows_of(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def by_well(rows: list[dict[str, str]], shape: tuple[int, int]) -> NDArray[np.float64]:
    plate = np.full(shape, math.nan)
    for row in rows:
        well = Well.parse(row["well"])
        plate[well.row, well.column] = float(row["value"])
    return plate


def plate_of(folder: Path, name: str) -> NDArray[np.float64]:
    if name.startswith("kcviab"):
        number, replicate = name[8], name[10]
        rows = [
            row
            for row in rows_of(folder, "kcviab_p01-12")
            if row["plate"] == number and row["replicate"] == replicate
        ]
        plate = by_well(rows, (16, 24))
        if name.endswith("samples"):
            plate[:2, :2] = math.nan
        if name.endswith("excluded"):
            plate[0] = math.nan
        return np.log2(plate) if name.endswith("log2") else plate
    if name.startswith("twoway96"):
        rows = [row for row in rows_of(folder, "twoway96") if row["replicate"] == name[10]]
        plate = by_well(rows, (8, 12))
        if name.endswith("missing"):
            for gone in ("A01", "D07", "H12"):
                well = Well.parse(gone)
                plate[well.row, well.column] = math.nan
        return plate
    if name.startswith("qhts"):
        rows = rows_of(folder, "qhts1536")
        return np.array([float(row[name[9:]]) for row in rows]).reshape(32, 40)
    rows = rows_of(folder, "sights_ex_8x10")
    return np.array([float(row[name[11:]]) for row in rows]).reshape(8, 10)


def numbers(nested: Any) -> NDArray[np.float64]:
    return np.array(
        [[math.nan if v is None else v for v in row] for row in nested], dtype=np.float64
    )


@pytest.mark.parametrize("name", PLATES)
@pytest.mark.parametrize(
    ("kind", "eps", "iterations"), [("default", 0.01, 10), ("strict", 1e-5, 200)]
)
def test_median_polish_is_that_of_r(
    folder: Path, name: str, kind: str, eps: float, iterations: int
) -> None:
    expected = answers(folder, name)["median_polish"].get(kind)
    if expected is None:
        pytest.skip("no such answer for this plate")
    plate = plate_of(folder, name)
    polish = spatial.median_polish(plate, eps=eps, iterations=iterations)
    # R's answers are printed to 12 digits; the strict polish may stop a step apart.
    scale = abs(expected["overall"])
    close = {"rtol": 1e-9, "atol": 1e-9 * scale if kind == "default" else 1e-4 * scale}
    np.testing.assert_allclose(polish.overall, expected["overall"], **close)
    filled = np.isfinite(plate).any(axis=1)
    row = np.array([math.nan if v is None else v for v in expected["row"]], dtype=float)
    np.testing.assert_allclose(polish.row[filled], row[filled], **close)
    np.testing.assert_allclose(polish.column, expected["col"], **close)
    if "residuals" in expected:
        residuals = numbers(expected["residuals"])
        kept = [0, 15, 31] if len(residuals) == 3 else slice(None)
        np.testing.assert_allclose(polish.residuals[kept], residuals, **close)
    if "mad_residuals" in expected:
        np.testing.assert_allclose(spread.mad(polish.residuals), expected["mad_residuals"], **close)
    if "bscore" in expected and kind == "default":
        scores = spatial.b_scores(plate)
        np.testing.assert_allclose(scores, numbers(expected["bscore"]), rtol=1e-9, atol=1e-9)
        assert int((np.abs(scores) >= 3).sum()) == expected["n_abs_b_ge_3"]


@pytest.mark.parametrize("name", PLATES)
@pytest.mark.parametrize("graph", ["rook_W", "rook_B", "queen_W", "queen_B"])
@pytest.mark.parametrize("of", ["moran_raw", "moran_polish_residuals"])
def test_neighbours_are_as_alike_as_spdep_says(
    folder: Path, name: str, graph: str, of: str
) -> None:
    expected = answers(folder, name).get(of, {}).get(graph)
    if expected is None:
        pytest.skip("no such answer for this plate")
    plate = plate_of(folder, name)
    if of == "moran_polish_residuals":
        plate = spatial.median_polish(plate, eps=1e-5, iterations=200).residuals
    found = spatial.autocorrelation(
        plate, queen=graph.startswith("queen"), row_standardised=graph.endswith("W")
    )
    assert found.moran == pytest.approx(expected["I"], rel=1e-9, abs=1e-9)
    assert found.expected == pytest.approx(expected["expected"], rel=1e-9)
    assert found.variance == pytest.approx(expected["var_randomisation"], rel=1e-8)
    assert found.z == pytest.approx(expected["z_randomisation"], rel=1e-7, abs=1e-9)
    assert found.geary == pytest.approx(expected["geary_C"], rel=1e-9)


@pytest.mark.parametrize("name", PLATES)
def test_edge_and_drift_are_those_of_r(folder: Path, name: str) -> None:
    expected = answers(folder, name)["edge_row_col"]
    plate = plate_of(folder, name)
    assert spatial.edge_percent(plate) == pytest.approx(expected["edge_pct_diff_mean"], rel=1e-9)
    for axis, key in ((1, "col_drift_pct"), (0, "row_drift_pct")):
        assert spatial.drift_percent(plate, axis) == pytest.approx(expected[key], rel=1e-9)
    assert spread.cv_percent(plate) == pytest.approx(expected["plate_cv_pct"], rel=1e-9)
    assert spread.robust_cv_percent(plate) == pytest.approx(
        expected["plate_robust_cv_pct"], rel=1e-9
    )


def check_window(expected: dict[str, Any], high: list[float], low: list[float]) -> None:
    found = {
        "z_prime": window.z_prime(high, low),
        "z_prime_robust": window.z_prime(high, low, robust=True),
        "ssmd": window.ssmd(high, low),
        "ssmd_robust": window.ssmd(high, low, robust=True),
        "signal_to_background": window.signal_to_background(high, low),
        "signal_to_noise": window.signal_to_noise(high, low),
        "signal_window": window.signal_window(high, low),
        "cv_high_pct": spread.cv_percent(high),
        "cv_low_pct": spread.cv_percent(low),
        "robust_cv_high_pct": spread.robust_cv_percent(high),
        "robust_cv_low_pct": spread.robust_cv_percent(low),
    }
    assert found == pytest.approx({key: expected[key] for key in found}, rel=1e-9)


@pytest.mark.parametrize("replicate", ["1", "2"])
@pytest.mark.parametrize("pair", ["up_vs_mock", "mock_vs_down"])
def test_controls_of_a_two_way_assay(folder: Path, replicate: str, pair: str) -> None:
    rows = [row for row in rows_of(folder, "twoway96") if row["replicate"] == replicate]
    high, low = (
        [float(row["value"]) for row in rows if row["content"] == kind]
        for kind in pair.split("_vs_")
    )
    expected = answers(folder, "twoway96_controls")["replicates"][f"replicate{replicate}"][pair]
    check_window(expected, high, low)


@pytest.mark.parametrize("plate", ["PSCREEN_M2", "101416"])
def test_controls_of_a_dose_response_plate(folder: Path, plate: str) -> None:
    rows = [row for row in rows_of(folder, "drugplates") if row["plate"] == plate]
    high, low = (
        [float(row["intensity"]) for row in rows if row["drug"] == kind and row["intensity"]]
        for kind in ("NEG_CTRL", "POS_CTRL")
    )
    expected = answers(folder, "drugplates_controls")["plates"][plate]
    assert (len(high), len(low)) == (expected["n_high"], expected["n_low"])
    check_window(expected, high, low)
    example = expected["normalisation_example"]
    raw = np.array([math.nan if v is None else v for v in example["raw"]], dtype=float)
    np.testing.assert_allclose(
        window.percent_of_control(raw, high), example["percent_of_control"], rtol=1e-9
    )
    np.testing.assert_allclose(
        window.normalised_percent_inhibition(raw, high, low), example["npi"], rtol=1e-9
    )


@pytest.mark.parametrize("replicate", ["1", "2"])
def test_controls_over_the_plates_of_a_screen(folder: Path, replicate: str) -> None:
    expected = answers(folder, "kcviab_experiment_z")["result"][f"replicate{replicate}"]
    high, low = expected["norm_log2_neg"], expected["norm_log2_pos"]
    assert window.z_prime(high, low, robust=True) == pytest.approx(expected["z_robust"], rel=1e-9)
    assert window.z_prime(high, low) == pytest.approx(expected["z_mean_sd"], rel=1e-9)
    assert window.ssmd(high, low) == pytest.approx(expected["ssmd"], rel=1e-9)


def test_replicates_of_a_whole_assay(folder: Path) -> None:
    rows = rows_of(folder, "twoway96")
    first, second = (
        by_well([row for row in rows if row["replicate"] == r], (8, 12)).ravel() for r in "12"
    )
    expected = answers(folder, "twoway96_controls")["replicate_agreement"]
    cvs = [spread.cv_percent(pair) for pair in zip(first, second, strict=True)]
    assert np.mean(cvs) == pytest.approx(expected["mean_cv_pct"], rel=1e-9)
    assert sum(cv > 20 for cv in cvs) == expected["wells_cv_gt_20"]
    pooled = spread.pooled_cv_percent(zip(first, second, strict=True))
    assert pooled == pytest.approx(expected["rms_cv_pct"], rel=1e-9)


def test_median_polish_of_tukeys_table(folder: Path) -> None:
    expected = answers(folder, "tukey_deaths")
    polish = spatial.median_polish(expected["data"])
    assert polish.overall == expected["overall"]
    assert polish.row.tolist() == expected["row"]
    assert polish.column.tolist() == expected["col"]
    assert polish.residuals.tolist() == expected["residuals"]
