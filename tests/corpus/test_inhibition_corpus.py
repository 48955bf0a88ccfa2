"""Inhibition against real plates, other programs' fits and published EC50s."""

from __future__ import annotations

import csv
import json
import math
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assays.inhibition import fit_dose_response, percent_inhibition
from assays.inhibition.dose_response import DoseFit

EVERY = 12
"""Of the 1353 curves of the screen; all of them take minutes."""


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def answer(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.read_text(encoding="utf-8")))


def agrees(fit: DoseFit, row: dict[str, str]) -> bool:
    """Whether a fit says what `score_as` asks for; rows that are not scored always agree.

    Where the curve drops between two doses, only the slope at which a program gives up sets its
    IC50: those differ by a few percent at the same residual sum.
    """
    if row["score_as"] == "greater_than_top_dose":
        return fit.status == "> highest dose" and math.isnan(fit.ic50)
    if row["score_as"] == "ll2_ic50":
        steep = float(row["ls_slope"]) > 10
        near = abs(fit.ic50 / float(row["ll2_ic50"]) - 1) < (0.05 if steep else 0.02)
        return fit.status == "ok" and near and fit.rss <= float(row["ls_rss"]) * (1 + 1e-6)
    return True


def test_ic50s_of_a_drug_screen_of_cll(corpus: Path) -> None:
    folder = corpus / "inhibition"
    curves: dict[tuple[str, str], list[tuple[float, float]]] = defaultdict(list)
    for row in rows(folder / "data" / "pace_cll_viability.csv"):
        key = (row["patient_id"], row["drug"])
        curves[key].append((float(row["conc_um"]), float(row["viability"])))
    expected = rows(folder / "expected" / "pace_ic50.csv")[::EVERY]
    wrong = []
    for row in expected:
        doses, responses = zip(*curves[row["patient_id"], row["drug"]], strict=True)
        if not agrees(fit_dose_response(doses, responses, top=1, bottom=0), row):
            wrong.append((row["patient_id"], row["drug"]))
    assert len(expected) > 100
    assert not wrong


def test_ic50s_of_384_well_plates(corpus: Path) -> None:
    folder = corpus / "inhibition"
    curves: dict[tuple[str, str], list[tuple[float, float]]] = defaultdict(list)
    for row in rows(folder / "data" / "cll_raw384_plates.csv"):
        if row["Drug"] != "DMSO" and row["Concentration"]:
            key = (row["plate"], row["Drug"])
            curves[key].append((float(row["Concentration"]), float(row["normVal"])))
    expected = rows(folder / "expected" / "raw384_ic50.csv")[::4]
    for row in expected:
        doses, responses = zip(*curves[row["plate"], row["drug"]], strict=True)
        fit = fit_dose_response(doses, responses, top=1, bottom=0)
        assert agrees(fit, row), (row["plate"], row["drug"], fit)


def test_ic50s_over_replicate_plates(corpus: Path) -> None:
    folder = corpus / "inhibition" / "expected"
    curves: dict[tuple[str, str], list[tuple[float, float]]] = defaultdict(list)
    for row in rows(folder / "gdsc_viability.csv"):
        key = (row["cell_line"], row["drug_id"])
        curves[key].append((float(row["conc_um"]), float(row["viability"])))
    for row in rows(folder / "gdsc_ic50.csv"):
        doses, responses = zip(*curves[row["cell_line"], row["drug_id"]], strict=True)
        fit = fit_dose_response(doses, responses, top=1, bottom=0)
        assert agrees(fit, row), (row["cell_line"], row["drug_id"], fit)


def test_percent_of_control_on_384_well_plates(corpus: Path) -> None:
    plates: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in rows(corpus / "inhibition" / "data" / "cll_raw384_plates.csv"):
        plates[row["plate"]].append(row)
    for plate in plates.values():
        control = np.median(
            [float(w["val"]) for w in plate if w["Drug"] == "DMSO" and w["edge"] == "False"]
        )
        values = np.array([float(well["val"]) for well in plate])
        published = np.array([float(well["normVal"]) for well in plate])
        inhibition = percent_inhibition(values, float(control), 0.0)
        assert inhibition == pytest.approx(100 * (1 - published), abs=1e-10)


def test_viability_between_two_controls(corpus: Path) -> None:
    folder = corpus / "inhibition"
    wells = rows(folder / "data" / "gdsc_raw_wells.csv")
    by_place = {(well["BARCODE"], well["POSITION"]): float(well["INTENSITY"]) for well in wells}

    def control(barcode: str, tag: str) -> float:
        values = [
            float(well["INTENSITY"])
            for well in wells
            if well["BARCODE"] == barcode and well["TAG"] == tag
        ]
        return float(np.mean(values))

    barcodes = {well["BARCODE"] for well in wells}
    top = {barcode: control(barcode, "NC-1") for barcode in barcodes}
    floor = {barcode: control(barcode, "B") for barcode in barcodes}
    expected = rows(folder / "expected" / "gdsc_viability.csv")
    for row in expected:
        plate = row["BARCODE"]
        found = percent_inhibition(by_place[plate, row["position"]], top[plate], floor[plate])
        assert float(found) == pytest.approx(
            100 * (1 - float(row["viability_untrimmed"])), abs=1e-6
        )
    assert len(expected) > 1000


def test_classic_curves_reach_the_optimum_or_are_refused(corpus: Path) -> None:
    folder = corpus / "inhibition"
    judged = 0
    for case in answer(folder / "expected" / "curve_fits.json")["cases"]:
        verdict = case.get("least_squares_check", {}).get("verdict")
        if case["model_name"] != "LL.4":
            continue
        data = rows(folder / "data" / case["data"])
        fit = fit_dose_response(
            [float(row[case["x"]]) for row in data], [float(row[case["y"]]) for row in data]
        )
        judged += 1
        if verdict == "not_identifiable":
            assert fit.status == "plateau not reached", case["id"]
            assert math.isnan(fit.ic50)
            continue
        best = case["estimate"][3]
        if verdict == "use_best_parameters":
            best = case["least_squares_check"]["best_parameters"][0]["e"]
        assert fit.status == "ok", case["id"]
        # drc stops a little short of the optimum even where it is judged to have reached it.
        assert fit.ic50 == pytest.approx(best, rel=1e-3 if verdict == "use" else 1e-5)
        optimum = case["least_squares_check"]["best_rss_multistart"]
        assert fit.rss <= optimum * (1 + 1e-9)
    assert judged == 13


def test_block_of_a_cytokines_gain(corpus: Path) -> None:
    folder = corpus / "inhibition"
    values = {
        (r["patient_id"], r["drug"], r["drug_level"], r["stimulus"]): float(
            r["viability_vs_control"]
        )
        for r in rows(folder / "data" / "cll_cytokine_jak_nfkb_long.csv")
    }
    patients = sorted({key[0] for key in values})
    cases = answer(folder / "expected" / "cll_cytokine_inhibition.json")["cases"]
    for case in cases:
        stimulus, drug, level = case["stimulus"], case["inhibitor"], case["level"]
        both = np.array([values[p, drug, level, stimulus] for p in patients])
        alone = np.array([values[p, drug, level, "No Cytokine"] for p in patients])
        top = np.array([values[p, "DMSO", "None", stimulus] for p in patients])
        signal = percent_inhibition(both, top, np.zeros_like(top))
        assert np.median(signal) == pytest.approx(case["median_percent_inhibition_of_signal"])
        gained = top > 1.1
        block = percent_inhibition((both - alone)[gained], (top - 1)[gained], 0.0)
        assert gained.sum() == case["n_stimulus_gain_over_10_percent"]
        assert np.median(block) == pytest.approx(case["median_percent_block_of_stimulus_gain"])
    assert len(cases) == 8


def test_ec50_of_il6_moves_right_under_ruxolitinib(corpus: Path) -> None:
    data = rows(
        corpus / "phospho" / "il6_ruxolitinib" / "hep_2013_11_12_Stattic_Ruxolitinib_Inhibitor.csv"
    )
    for ruxolitinib, ec50 in (("0.0", 11.0), ("500.0", 151.0)):
        tubes = [
            (float(row["il6_ng_ml"]), float(row["pstat3_bead_mfi"]))
            for row in data
            if row["ruxolitinib_nM"] == ruxolitinib and row["dmso"] == "1.0"
            and row["stattic_uM"] == "0.0"
        ]  # fmt: skip
        doses, responses = zip(*tubes, strict=True)
        fit = fit_dose_response(doses, responses)
        assert fit.status == "ok"
        assert fit.ic50 == pytest.approx(ec50, rel=0.03)


def test_ruxolitinib_blocks_pstat3_below_the_lowest_dose(corpus: Path) -> None:
    data = rows(corpus / "phospho" / "il6_ruxolitinib" / "hep_2013_06_17_Ruxolitinib.csv")

    def ratio(il6: float, dose: float) -> list[float]:
        return [
            float(row["pstat3_wb"]) / float(row["stat3_total_wb"])
            for row in data
            if (float(row["il6_ng_ml"]), float(row["ruxolitinib_nM"]), row["dmso"])
            == (il6, dose, "1.0")
        ]

    top, floor = ratio(40, 0), ratio(0, 0)
    doses = [50.0, 100.0, 200.0, 400.0, 600.0, 800.0, 1000.0]
    treated = [ratio(40, dose)[0] for dose in doses]
    assert 87 <= float(percent_inhibition(treated[0], top[0], floor[0])) <= 91
    fit = fit_dose_response([0.0, *doses], [*top, *treated], unstimulated=floor)
    assert fit.status == "< lowest dose"
    assert math.isnan(fit.ic50)


def test_published_ec50s_of_pstat6_lie_in_the_intervals(corpus: Path) -> None:
    folder = corpus / "phospho" / "il4_pstat6"
    tubes: dict[tuple[str, ...], list[tuple[float, float]]] = defaultdict(list)
    names = ("Animal", "Cell", "Ligand", "Antibody", "Donor")
    for row in rows(folder / "signaling.csv"):
        tubes[tuple(row[name] for name in names)].append(
            (10 ** float(row["Concentration"]), float(row["Signal"]))
        )
    inside, silent = [], []
    for row in rows(folder / "ec50.csv"):
        # Cell lines are published per day, but their tubes carry no day.
        key = tuple(row[name] for name in names)
        if key not in tubes or row["EC50"] == "not tested":
            continue
        fit = fit_dose_response(*zip(*tubes[key], strict=True))
        if float(row["EC50"]) >= 1:
            silent.append(math.isnan(fit.ic50))
        else:
            inside.append(fit.interval[0] <= float(row["EC50"]) <= fit.interval[1])
    assert silent == [True, True]
    assert len(inside) == 12
    assert sum(inside) >= 11


def test_ec50s_and_plateaus_of_pstat6_are_those_published(corpus: Path) -> None:
    """Yang 2023 took a slope of 1. Plateaus agree to every digit, two EC50s differ in the last."""
    folder = corpus / "phospho" / "il4_pstat6"
    tubes: dict[tuple[str, ...], list[tuple[float, float]]] = defaultdict(list)
    names = ("Animal", "Cell", "Ligand", "Antibody", "Donor")
    for row in rows(folder / "signaling.csv"):
        tubes[tuple(row[name] for name in names)].append(
            (10 ** float(row["Concentration"]), float(row["Signal"]))
        )
    compared = exact = 0
    for row in rows(folder / "ec50.csv"):
        key = tuple(row[name] for name in names)
        # An EC50 of 1 mol/L stands for no response.
        if key not in tubes or row["EC50"] == "not tested" or float(row["EC50"]) >= 1:
            continue
        fit = fit_dose_response(*zip(*tubes[key], strict=True), fix={"B": 1.0})
        unit = 10.0 ** (int(row["EC50"].split("E")[1]) - 2)
        exact += abs(fit.ic50 - float(row["EC50"])) <= 0.5 * unit
        assert abs(fit.ic50 - float(row["EC50"])) < unit, key
        # Their program stopped where the sum of squares was still a little higher.
        theirs = fit_at(float(row["EC50"]), *zip(*tubes[key], strict=True))
        assert fit.rss <= theirs <= fit.rss * (1 + 1e-4), key
        for found, told in ((fit.params["A"], row["Lower"]), (fit.params["D"], row["Upper"])):
            places = len(told.partition(".")[2])
            assert abs(found - float(told)) <= 0.5001 * 10.0**-places, key
            compared += 1
    assert compared == 2 * 12
    assert exact == 10


def fit_at(ec50: float, doses: Sequence[float], responses: Sequence[float]) -> float:
    """Sum of squares of the best curve with this EC50 and a slope of 1."""
    left = 1.0 / (1.0 + np.array(doses) / ec50)
    sums = np.linalg.lstsq(np.column_stack([left, 1.0 - left]), np.array(responses), rcond=None)[1]
    return float(sums[0])
