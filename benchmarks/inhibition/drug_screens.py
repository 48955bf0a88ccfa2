"""IC50s of three drug screens beside drc and least squares from many starts, and their percent
of control: `corpus/inhibition`, whose README says how a row may be judged (`score_as`)."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from assays.inhibition import fit_dose_response, percent_inhibition
from assays.inhibition.dose.response import DoseFit
from benchmarks.inhibition.check import Check, answer, near, rows
from plates.qc.window import z_prime

Row = dict[str, str]
STEEP = (
    "the curve drops between two doses, where many slopes fit alike: drc gave up at a lower one, "
    "with a larger sum of squares"
)
Points = list[tuple[float, float]]


def judged(name: str, fit: DoseFit, row: Row) -> Iterator[Check]:
    """What `score_as` asks for, and whether any other program found a better curve.

    Where the curve drops between two doses, only the slope at which a program gives up sets its
    IC50: those differ by a few percent at the same residual sum.
    """
    if row["score_as"] == "greater_than_top_dose":
        bound = fit.status == "> highest dose" and math.isnan(fit.ic50)
        yield Check("> highest dose", name, bound, f"{fit.status}, {fit.ic50:.5g}")
    if row["score_as"] == "ll2_ic50":
        steep = float(row["ls_slope"]) > 10
        theirs = float(row["ll2_ic50"])
        good = fit.status == "ok" and abs(fit.ic50 / theirs - 1) < (0.05 if steep else 0.02)
        yield Check("IC50", name, good, f"{fit.status}, {fit.ic50:.5g} for {theirs:.5g}")
    if fit.status == "ok" and row["ls_rss"]:
        found = [float(row[key]) for key in ("ls_rss", "ll2_rss") if row.get(key)]
        good = fit.rss <= min(found) * (1 + 1e-6)
        yield Check("no better curve", name, good, f"{fit.rss:.9g} for {min(found):.9g}")


def fitted(points: Sequence[tuple[float, float]]) -> DoseFit:
    """Two parameters: full viability without the drug, none at full effect."""
    doses, responses = zip(*points, strict=True)
    return fit_dose_response(doses, responses, top=1, bottom=0)


def screen(
    data: Path, keys: tuple[str, str], dose: str, value: str, expected: Sequence[Row]
) -> Iterator[Check]:
    """One screen: curves by two keys, which the expected rows carry too."""
    curves: dict[tuple[str, str], Points] = defaultdict(list)
    for row in rows(data):
        if row[dose]:
            curves[row[keys[0]], row[keys[1]]].append((float(row[dose]), float(row[value])))
    for row in expected:
        key = tuple(row.get(name) or row[name.lower()] for name in keys)
        yield from judged(" ".join(key), fitted(curves[key[0], key[1]]), row)


def pace(corpus: Path, every: int = 1) -> Iterator[Check]:
    """123 patients, 11 drugs, five doses; `every`: each so many-th curve only."""
    folder = corpus / "inhibition"
    expected = rows(folder / "expected" / "pace_ic50.csv")[::every]
    data = folder / "data" / "pace_cll_viability.csv"
    yield from screen(data, ("patient_id", "drug"), "conc_um", "viability", expected)


def pace_percent(corpus: Path) -> Iterator[Check]:
    """Inhibition of each patient at the top dose, the largest one, and of the patients' medians."""
    folder = corpus / "inhibition"
    seen: dict[tuple[str, str], dict[float, float]] = defaultdict(dict)
    for row in rows(folder / "data" / "pace_cll_viability.csv"):
        seen[row["patient_id"], row["drug"]][float(row["conc_um"])] = float(row["viability"])
    for row in rows(folder / "expected" / "pace_ic50.csv"):
        doses = seen[row["patient_id"], row["drug"]]
        found = percent_inhibition(np.array([doses[dose] for dose in sorted(doses)]), 1.0, 0.0)
        for ours, told in (
            (found.max(), row["max_inhibition_percent"]),
            (found[-1], row["inhibition_at_top_percent"]),
        ):
            yield near("inhibition of a patient", row["drug"], ours, float(told), apart=1e-4)
    for drug, case in answer(folder / "expected" / "pace_pooled.json")["cases"].items():
        own = [doses for (_, name), doses in seen.items() if name == drug]
        middle = [float(np.median([one[dose] for one in own])) for dose in case["conc_um"]]
        found = percent_inhibition(middle, 1.0, 0.0)
        for ours, told in zip(found, case["percent_inhibition"], strict=True):
            yield near("inhibition of the median patient", drug, float(ours), told, apart=1e-9)
        fit = fitted(list(zip(case["conc_um"], middle, strict=True)))
        if case["status"] == "above_range":
            yield Check("> highest dose, median patient", drug, fit.status == "> highest dose")
        elif case["ll2_ic50"]:
            theirs = case["ll2_ic50"]
            yield near("IC50, median patient", drug, fit.ic50, theirs, rel=0.02, cause=STEEP)
            left = 1 / (1 + (np.array(case["conc_um"]) / theirs) ** case["ll2_slope"])
            good = fit.rss <= math.fsum((np.array(middle) - left) ** 2)
            yield Check("no better curve, median patient", drug, good)


def raw384(corpus: Path, every: int = 1) -> Iterator[Check]:
    """Whole 384-well plates: the same of normalised wells."""
    folder = corpus / "inhibition"
    expected = rows(folder / "expected" / "raw384_ic50.csv")[::every]
    wells = folder / "data" / "cll_raw384_plates.csv"
    yield from screen(wells, ("plate", "Drug"), "Concentration", "normVal", expected)


def raw384_percent(corpus: Path) -> Iterator[Check]:
    """Percent of control of every well: of the median of the DMSO wells off the edge."""
    folder = corpus / "inhibition"
    plates: dict[str, list[Row]] = defaultdict(list)
    for row in rows(folder / "data" / "cll_raw384_plates.csv"):
        plates[row["plate"]].append(row)
    expected = answer(folder / "expected" / "raw384_plates.json")["cases"]
    for name, plate in plates.items():
        dmso = [well for well in plate if well["Drug"] == "DMSO"]
        inner = [float(well["val"]) for well in dmso if well["edge"] == "False"]
        control, told = float(np.median(inner)), expected[name]
        yield near("median of the controls", name, control, told["control_median_interior"])
        left = 1 - percent_inhibition([float(well["val"]) for well in plate], control, 0.0) / 100
        for well, ours in zip(plate, left, strict=True):
            yield near("normalised well", f"{name} {well['well']}", float(ours),
                       float(well["normVal"]), rel=0.0, apart=5e-15)  # fmt: skip


def gdsc(corpus: Path) -> Iterator[Check]:
    """Curves over replicate plates, in viabilities that its own program worked out."""
    folder = corpus / "inhibition" / "expected"
    data = folder / "gdsc_viability.csv"
    expected = rows(folder / "gdsc_ic50.csv")
    yield from screen(data, ("cell_line", "drug_id"), "conc_um", "viability", expected)


def gdsc_percent(corpus: Path) -> Iterator[Check]:
    """Viability between two controls from raw wells, and what the plates' controls are worth."""
    folder = corpus / "inhibition"
    wells: dict[str, dict[str, float]] = defaultdict(dict)
    controls: dict[tuple[str, str], list[float]] = defaultdict(list)
    for well in rows(folder / "data" / "gdsc_raw_wells.csv"):
        value = float(well["INTENSITY"])
        wells[well["BARCODE"]][well["POSITION"]] = value
        controls[well["BARCODE"], well["TAG"]].append(value)
    mean = {key: float(np.mean(values)) for key, values in controls.items()}
    for row in rows(folder / "expected" / "gdsc_viability.csv"):
        plate = row["BARCODE"]
        value = wells[plate][row["position"]]
        found = percent_inhibition(value, mean[plate, "NC-1"], mean[plate, "B"])
        ours, theirs = 1 - float(found) / 100, float(row["viability_untrimmed"])
        case = f"{plate} {row['position']}"
        # Printed with eleven decimals.
        yield near("viability between controls", case, ours, theirs, rel=0.0, apart=5.1e-12)
    for plate, case in answer(folder / "expected" / "gdsc_plate_qc.json")["cases"].items():
        high, blank = controls[plate, "NC-1"], controls[plate, "B"]
        for ours, key in (
            (mean[plate, "NC-1"], "mean_nc"),
            (mean[plate, "B"], "mean_blank"),
            (z_prime(high, blank), "z_prime"),
        ):
            yield near(f"controls: {key}", plate, ours, case[key])
