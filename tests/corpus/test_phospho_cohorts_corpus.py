"""Published phospho, expression and viability data: our numbers equal theirs, counted."""

from __future__ import annotations

import csv
import math
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from assays.flow.events import Events
from assays.flow.fcs import read
from assays.flow.run import process_flow
from assays.inhibition.over_tubes import inhibitions, kinetics
from assays.inhibition.signed_rank import hodges_lehmann, paired_t, signed_rank_p
from assays.protocol import Flow
from assays.results.flow import FlowRun, Reading
from assays.samples import Agent, Tube, TubeRole

Floats = NDArray[np.float64]


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8-sig") as handle:
        return list(csv.DictReader(handle))


def flow(cv: float | None, *readouts: dict[str, Any]) -> Flow:
    cells = {
        "population": "cells",
        "method": "interval",
        "channels": ("FSC-A",),
        "params": {"low": -1e9},
    }
    settings = {"compensation": "none", "gates": (cells,), "inhibition": {"tube_cv_percent": cv}}
    return Flow.model_validate(settings | {"readouts": readouts})


def reading(tube: Tube, value: float, readout: str = "pSTAT3", unit: str = "a.u.") -> Reading:
    nan = math.nan
    return Reading(
        tube.file, tube.donor, tube, readout, "cells", "x", 1000, value, nan, 1.0,
        nan, nan, nan, "", "ok", unit=unit,
    )  # fmt: skip


def test_ruxolitinib_at_50_nm_takes_most_of_pstat3_once_it_is_divided_by_stat3(
    corpus: Path,
) -> None:
    """Sobotta 2017: pSTAT3 / STAT3 falls by 87 to 96 % at every dose; raw pSTAT3 jumps about."""
    path = corpus / "phospho" / "il6_ruxolitinib" / "hep_2013_06_17_Ruxolitinib.csv"
    il6 = Agent("IL-6", 40.0, "ng/mL")
    readings: list[Reading] = []
    by_hand: dict[float, tuple[float, float, float]] = {}
    anchors: dict[tuple[float, float], tuple[float, float]] = {}
    for n, lane in enumerate(rows(path)):
        dose, driven = float(lane["ruxolitinib_nM"]), float(lane["il6_ng_ml"]) > 0
        raw, total = float(lane["pstat3_wb"]), float(lane["stat3_total_wb"])
        drugs = (Agent("ruxolitinib", dose, "nM"),) if dose else ()
        role = {
            (True, True): TubeRole.TREATED,
            (True, False): TubeRole.STIMULATED,
            (False, True): TubeRole.INHIBITOR_ALONE,
            (False, False): TubeRole.UNSTIMULATED,
        }[driven, bool(dose)]
        carried = "DMSO" if float(lane["dmso"]) else "none"
        tube = Tube(f"{n}", "hepatocytes", role, il6 if driven else None, drugs, carried)
        readings += [reading(tube, raw), reading(tube, raw / total, "ratio", "ratio")]
        if carried == "DMSO":
            anchors[dose, driven] = (raw, raw / total)
    for (dose, stimulated), values in anchors.items():
        if stimulated and dose:
            (s0, s1), (u0, u1) = anchors[0.0, True], anchors[0.0, False]
            by_hand[dose] = (
                100 * (s0 - values[0]) / (s0 - u0),
                100 * (s1 - values[1]) / (s1 - u1),
                100 * (1 - (values[1] - anchors[dose, False][1]) / (s1 - u1)),
            )
    one = {"channel": "x", "population": "cells", "cofactor": 1.0}
    protocol = flow(10.0, one | {"name": "pSTAT3"}, one | {"name": "ratio"})
    found = inhibitions(readings, protocol=protocol)
    assert len(found) == 2 * len(by_hand) == 14
    for row in found:
        raw, ratio, floor = by_hand[row.dose_nmol_l]
        expected = raw if row.readout == "pSTAT3" else ratio
        assert row.percent == pytest.approx(expected, rel=1e-9)
        if row.readout == "ratio":
            assert row.percent_own_floor == pytest.approx(floor, rel=1e-9)
            assert 80 < row.percent < 101
    at_50 = next(r for r in found if r.readout == "ratio" and r.dose_nmol_l == 50)
    assert 84 < at_50.percent < 92 and at_50.status == "ok"
    # Raw pSTAT3 would call 400 nM half as good as 50 nM: the lane held more protein.
    unnormalised = {r.dose_nmol_l: r.percent for r in found if r.readout == "pSTAT3"}
    assert unnormalised[400.0] < 50 < unnormalised[50.0]


def test_means_and_errors_of_the_b_cell_course_are_those_published(corpus: Path) -> None:
    folder = corpus / "phospho" / "bcell_il6_timecourse"
    groups: dict[tuple[str, str], list[float]] = defaultdict(list)
    for row in rows(folder / "pstat3_over_stat3.csv"):
        if row["sex"] == "Female":
            value = float(row["pstat3_y705_over_stat3"])
            groups[row["time_min"], row["genotype"]].append(value)
    published = rows(folder / "published_means_female.csv")
    assert len(published) == 12
    for row in published:
        values = np.array(groups[row["time_min"], row["genotype"]])
        for found, told in (
            (values.mean(), row["mean"]),
            (values.std(ddof=1) / math.sqrt(len(values)), row["se"]),
        ):
            assert _to_digits(float(found), told) == float(told), row


def _to_digits(value: float, printed: str) -> float:
    return round(value, len(printed.partition(".")[2]))


def test_every_mouse_has_its_peak_and_area(corpus: Path) -> None:
    path = corpus / "phospho" / "bcell_il6_timecourse" / "pstat3_over_stat3.csv"
    il6 = Agent("IL-6", 10.0, "ng/mL")
    courses: dict[str, dict[float, float]] = defaultdict(dict)
    for row in rows(path):
        # A star marks a value that its authors doubted; it is a number all the same.
        value = float(row["pstat3_y705_over_stat3"].rstrip("*"))
        courses[f"{row['sex']} {row['mouse']}"][float(row["time_min"])] = value
    readings = []
    for mouse, course in courses.items():
        for time, value in course.items():
            role = TubeRole.STIMULATED if time else TubeRole.UNSTIMULATED
            tube = Tube(f"{mouse} {time}", mouse, role, il6 if time else None, time_min=time)
            readings.append(reading(tube, value, unit="ratio"))
    one = {"name": "pSTAT3", "channel": "x", "population": "cells", "cofactor": 0.05}
    found = {row.donor: row for row in kinetics(readings, protocol=flow(15.0, one))}
    assert len(found) == len(courses) >= 20
    for mouse, course in courses.items():
        times = sorted(course)
        above = np.array([course[time] - course[0.0] for time in times])
        one_mouse = found[mouse]
        assert one_mouse.peak == pytest.approx(above.max(), rel=1e-12)
        assert one_mouse.peak_time_min == times[int(above.argmax())]
        assert one_mouse.area == pytest.approx(float(np.trapezoid(above, times)), rel=1e-12)
        assert one_mouse.area_interval[0] < one_mouse.area < one_mouse.area_interval[1]
        first, last = one_mouse.peak_times_min
        assert first <= one_mouse.peak_time_min <= last


def _blocks(path: Path) -> dict[tuple[str, str, float], dict[float, float]]:
    """Median pSTAT5 by cell, ligand and hours, then dose in nmol/L."""
    found: dict[tuple[str, str, float], dict[float, float]] = {}
    cell, doses = "", []
    # Written on a Mac: the notes beside the numbers are not UTF-8.
    with path.open(newline="", encoding="mac_roman") as handle:
        for line in csv.reader(handle):
            if len(line) < 3:
                continue
            if line[1].strip() == "nM treatment:":
                doses = [float(text) for text in line[2:] if text.strip()]
            elif "," in line[0] and doses:
                ligand, time = (part.strip() for part in line[0].split(",")[:2])
                amount, unit = time.split()[:2]
                hours = float(amount) / (60.0 if unit.startswith("min") else 1.0)
                values = [float(text) for text in line[2:] if text.strip()]
                if len(values) == len(doses):
                    found[cell, ligand, hours] = dict(zip(doses, values, strict=True))
            elif line[1].strip() and not line[0].strip() and not line[2].strip():
                cell = line[1].strip()
    return found


def test_pstat5_under_il2_peaks_within_the_hour_and_fades(corpus: Path) -> None:
    """Farhat 2021: median pSTAT5 at four times, held against the lowest dose."""
    blocks = _blocks(corpus / "phospho" / "il2_pstat5" / "median_pSTAT5_3_20.csv")
    cells = list(dict.fromkeys(cell for cell, _, _ in blocks))
    assert len(cells) >= 5 and len(blocks) == 8 * len(cells)
    il2 = Agent("IL-2", 84.0, "nM")
    readings = []
    for (cell, ligand, hours), doses in blocks.items():
        if ligand != "IL-2":
            continue
        top, lowest = doses[max(doses)], doses[min(doses)]
        for role, value, agent in (
            (TubeRole.STIMULATED, top, il2),
            (TubeRole.UNSTIMULATED, lowest, None),
        ):
            tube = Tube(f"{cell} {hours} {role}", cell, role, agent, time_min=60 * hours)
            readings.append(reading(tube, value))
    one = {"name": "pSTAT3", "channel": "x", "population": "cells", "cofactor": 150.0}
    found = kinetics(readings, protocol=flow(8.0, one))
    assert len(found) == len(cells)
    for row in found:
        above = {
            60 * hours: blocks[row.donor, "IL-2", hours][84.0]
            - min(blocks[row.donor, "IL-2", hours].items())[1]
            for hours in (0.5, 1.0, 2.0, 4.0)
        }
        assert row.peak == pytest.approx(max(above.values()))
        assert row.peak_time_min == max(above, key=lambda time: above[time])
        times = [0.0, *sorted(above)]
        heights = [0.0, *(above[time] for time in times[1:])]
        assert row.area == pytest.approx(float(np.trapezoid(heights, times)))
        assert row.status == "ok"
    early = sum(row.peak_time_min <= 60 for row in found)
    assert early / len(found) > 0.8


ISOTYPE = {
    "T_helper_memory": ("Well_A01", "Well_C01", "Well_C03"),
    "T_reg_naive": ("Well_A01", "Well_C01", "Well_C03"),
}


@pytest.fixture(scope="module")
def isotypes(corpus: Path) -> tuple[FlowRun, dict[str, Events]]:
    folder = corpus / "phospho" / "il2r_isotype_fcs"
    tubes, held = [], {}
    for cells in ISOTYPE:
        for ending, role in (
            ("", TubeRole.UNSTIMULATED),
            ("_isotype-control", TubeRole.ISOTYPE),
        ):
            well = "A01" if role is TubeRole.UNSTIMULATED else "C01"
            name = f"Well_{well}_{cells}{ending}.fcs"
            tubes.append(Tube(name, cells, role))
            held[name] = read(folder / name)
    channels = [c.name for c in held[tubes[0].file].channels if c.name.endswith("-H")][2:]
    readouts = [
        {"name": name, "kind": "expression", "channel": name, "population": "cells",
         "cofactor": 150.0}
        for name in channels
    ]  # fmt: skip
    protocol = flow(None, *readouts)
    return process_flow(tubes, lambda tube: held[tube.file], protocol), held


def test_receptors_are_held_against_their_isotype_in_every_channel(
    isotypes: tuple[FlowRun, dict[str, Events]],
) -> None:
    run, held = isotypes
    checked = 0
    for row in run.readings:
        if row.tube.role is TubeRole.ISOTYPE:
            assert row.percent_positive <= 1.5
            continue
        mine = held[row.file].column(row.channel).astype(float)
        control = next(
            t.file for t in run.tubes if t.donor == row.donor and t.role is TubeRole.ISOTYPE
        )
        theirs = held[control].column(row.channel).astype(float)
        cut = np.quantile(theirs, 0.99)
        assert row.threshold == pytest.approx(cut, rel=1e-6)
        assert row.percent_positive == pytest.approx(100 * np.mean(mine > cut), abs=1e-9)
        assert row.delta_median == pytest.approx(np.median(mine) - np.median(theirs), rel=1e-4)
        grid = np.concatenate([mine, theirs])
        ranks = np.searchsorted(np.sort(theirs), grid, "right") / len(theirs)
        own = np.searchsorted(np.sort(mine), grid, "right") / len(mine)
        assert row.overton_percent == pytest.approx(100 * max(0.0, (ranks - own).max()), abs=1e-9)
        checked += 1
    assert checked == 2 * len({row.channel for row in run.readings}) >= 26


def test_a_rare_population_is_read_but_told(isotypes: tuple[FlowRun, dict[str, Events]]) -> None:
    run, _ = isotypes
    rare = [row for row in run.readings if row.donor == "T_reg_naive"]
    assert {row.count for row in rare} == {191, 142}
    assert {row.status for row in rare} == {"ok"}
    assert any(f.rule == "few-events" and "191" in f.message for f in run.findings)


def _responses(corpus: Path, treatment: str, cell: str) -> dict[str, float]:
    path = corpus / "phospho" / "pbmc_il6_cohort" / "pstat_response.csv"
    return {
        row["Patient"]: float(row["response"])
        for row in rows(path)
        if (row["treatment"], row["cell"], row["marker"], row["time"])
        == (treatment, cell, "pSTAT3", "15min")
    }


@pytest.mark.parametrize(
    ("treatment", "cell", "mean", "sd"),
    [
        ("IL6-50ng", "CD20 B", "0.013", "0.026"),
        ("IL6-50ng", "CD4+", "0.129", ""),
        ("IL10-50ng", "CD20 B", "0.270", ""),
    ],
)
def test_il6_hardly_moves_pstat3_of_b_cells_where_il10_does(
    corpus: Path, treatment: str, cell: str, mean: str, sd: str
) -> None:
    values = np.array(list(_responses(corpus, treatment, cell).values()))
    assert len(values) == 24
    location, p = paired_t(values)
    assert _to_digits(location.estimate, mean) == float(mean)
    if sd:
        assert _to_digits(float(values.std(ddof=1)), sd) == float(sd)
    from scipy import stats

    theirs = stats.ttest_1samp(values, 0.0)
    assert p == pytest.approx(theirs.pvalue, rel=1e-9)
    ends = theirs.confidence_interval(0.95)
    assert location.interval == pytest.approx((ends.low, ends.high), rel=1e-9)
    assert signed_rank_p(values) == pytest.approx(
        stats.wilcoxon(values, method="exact").pvalue, rel=1e-9
    )


def test_b_cells_answer_il6_less_than_t_cells_in_the_same_patients(corpus: Path) -> None:
    b, t = (_responses(corpus, "IL6-50ng", cell) for cell in ("CD20 B", "CD4+"))
    differences = np.array([t[patient] - b[patient] for patient in b])
    found = hodges_lehmann(differences)
    assert found.interval[0] > 0
    assert signed_rank_p(differences) < 1e-3


def _log_viability(corpus: Path) -> tuple[Floats, Floats]:
    path = corpus / "phospho" / "cll_il6_jak" / "viability.csv"
    known = {
        (r["PatientID"], r["Drug"], r["Drug_Concentration"], r["Cytokine"]): float(r["Log"])
        for r in rows(path)
    }
    patients = sorted({key[0] for key in known})

    def gain(drug: str, dose: str) -> Floats:
        with_il6 = np.array([known[one, drug, dose, "IL-6"] for one in patients])
        without = np.array([known[one, drug, dose, "No Cytokine"] for one in patients])
        return np.asarray(with_il6 - without)

    alone = gain("DMSO", "")
    return alone, gain("Pyridone-6", "High") - alone


def test_effects_on_the_viability_of_128_patients_are_those_of_the_corpus(corpus: Path) -> None:
    """Bruch 2022: IL-6 alone -0.034 (Wilcoxon 9e-16), blockade by pyridone-6 +0.068 (1e-19).

    These p are of the normal approximation; the exact distribution has lighter tails, so that
    ours lie below. The approximation on the same numbers gives theirs.
    """
    from scipy import stats

    printed = (("-0.034", "9e-16"), ("0.068", "1e-19"))
    for values, (mean, p) in zip(_log_viability(corpus), printed, strict=True):
        assert len(values) == 128
        location, _ = paired_t(values)
        assert _to_digits(location.estimate, mean) == float(mean)
        approximate = stats.wilcoxon(values, method="approx").pvalue
        assert f"{approximate:.0e}" == p
        assert signed_rank_p(values) == pytest.approx(
            stats.wilcoxon(values, method="exact").pvalue, rel=1e-6
        )
        low, high = hodges_lehmann(values).interval
        assert low < location.estimate < high
