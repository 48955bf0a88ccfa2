"""Courses over time of `corpus/phospho`: pSTAT3 of B cells under IL-6 (`bcell_il6_timecourse`), and
median pSTAT5 under IL-2 and its kin (`il2_pstat5`), also as dose series beside SciPy's fits."""

from __future__ import annotations

import csv
import math
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares

from assays.inhibition import fit_dose_response
from assays.inhibition.dose.curve import SLOPE_LIMITS
from assays.inhibition.over_tubes import kinetics
from assays.results.activation import Kinetics
from assays.samples import Agent, Tube, TubeRole
from benchmarks.inhibition.check import Check, near, printed, rows
from benchmarks.inhibition.typed_tubes import flow, reading

Floats = NDArray[np.float64]
Course = Mapping[float, float]
"""Response by minutes."""


def course_rows(courses: Mapping[str, Course], agent: Agent, cofactor: float) -> list[Kinetics]:
    """Peak and area of each course, as a run finds them; time 0 is not stimulated."""
    readings = []
    for name, course in courses.items():
        for time, value in course.items():
            role = TubeRole.STIMULATED if time else TubeRole.UNSTIMULATED
            tube = Tube(f"{name} {time}", name, role, agent if time else None, time_min=time)
            readings.append(reading(tube, value, unit="ratio"))
    one = {"name": "pSTAT3", "channel": "x", "population": "cells", "cofactor": cofactor}
    return list(kinetics(readings, protocol=flow(15.0, one)))


def by_hand(row: Kinetics, times: list[float], above: list[float]) -> Iterator[Check]:
    """Peak, its time, and the area by trapezoids."""
    yield near("peak", row.donor, row.peak, max(above))
    yield near("time of the peak", row.donor, row.peak_time_min, times[int(np.argmax(above))])
    yield near("area", row.donor, row.area, float(np.trapezoid(above, times)))


def mice(corpus: Path) -> dict[str, dict[float, float]]:
    """pSTAT3 over STAT3 of every mouse, by minutes."""
    found: dict[str, dict[float, float]] = defaultdict(dict)
    for row in rows(corpus / "phospho" / "bcell_il6_timecourse" / "pstat3_over_stat3.csv"):
        # A star marks a value that its authors doubted; it is a number all the same.
        value = float(row["pstat3_y705_over_stat3"].rstrip("*"))
        found[f"{row['sex']} {row['mouse']}"][float(row["time_min"])] = value
    return found


def b_cells(corpus: Path) -> Iterator[Check]:
    """Published means and standard errors; peak and area of every mouse."""
    folder = corpus / "phospho" / "bcell_il6_timecourse"
    groups: dict[tuple[str, str], list[float]] = defaultdict(list)
    for row in rows(folder / "pstat3_over_stat3.csv"):
        if row["sex"] == "Female":
            value = float(row["pstat3_y705_over_stat3"])
            groups[row["time_min"], row["genotype"]].append(value)
    for row in rows(folder / "published_means_female.csv"):
        values = np.array(groups[row["time_min"], row["genotype"]])
        error = float(values.std(ddof=1)) / math.sqrt(len(values))
        case = f"{row['genotype']} {row['time_min']} min"
        yield printed("published mean", case, float(values.mean()), row["mean"])
        yield printed("published standard error", case, error, row["se"])
    courses = mice(corpus)
    for one in course_rows(courses, Agent("IL-6", 10.0, "ng/mL"), 0.05):
        course = courses[one.donor]
        times = sorted(course)
        yield from by_hand(one, times, [course[time] - course[0.0] for time in times])


def pstat5_sheet(corpus: Path) -> dict[tuple[str, str, float], dict[float, float]]:
    """Median pSTAT5 by cell, ligand and hours, then dose in nmol/L, from a hand-made sheet."""
    found: dict[tuple[str, str, float], dict[float, float]] = {}
    cell, doses = "", []
    path = corpus / "phospho" / "il2_pstat5" / "median_pSTAT5_3_20.csv"
    # Written on a Mac: the notes beside the numbers are not UTF-8.
    with path.open(newline="", encoding="mac_roman") as stream:
        for line in csv.reader(stream):
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


def pstat5_courses(corpus: Path) -> tuple[list[Kinetics], dict[str, dict[float, float]]]:
    """IL-2 and IL-15 at the top dose over time, less the lowest dose of the same time."""
    sheet = pstat5_sheet(corpus)
    readings = []
    above: dict[str, dict[float, float]] = defaultdict(dict)
    for (cell, ligand, hours), doses in sheet.items():
        name, top, lowest = f"{cell}, {ligand}", doses[max(doses)], doses[min(doses)]
        above[name][60 * hours] = top - lowest
        for role, value in ((TubeRole.STIMULATED, top), (TubeRole.UNSTIMULATED, lowest)):
            agent = Agent(ligand, 84.0, "nM") if role is TubeRole.STIMULATED else None
            tube = Tube(f"{name} {hours} {role}", name, role, agent, time_min=60 * hours)
            readings.append(reading(tube, value))
    one = {"name": "pSTAT3", "channel": "x", "population": "cells", "cofactor": 150.0}
    return list(kinetics(readings, protocol=flow(8.0, one))), above


def pstat5(corpus: Path) -> Iterator[Check]:
    """Peak and area over time."""
    found, above = pstat5_courses(corpus)
    for row in found:
        times = sorted(above[row.donor])
        heights = [0.0, *(above[row.donor][time] for time in times)]
        yield from by_hand(row, [0.0, *times], heights)


def pstat5_series(corpus: Path) -> Iterator[tuple[str, Floats, Floats]]:
    """Every dose series of the three sheets: what it is, doses in nmol/L, median pSTAT5."""
    folder = corpus / "phospho" / "il2_pstat5"
    for (cell, ligand, hours), doses in pstat5_sheet(corpus).items():
        yield f"{cell}, {ligand}, {hours:g} h", np.array(list(doses)), np.array([*doses.values()])
    for row in rows(folder / "2019-07-mutein-timecourse.csv"):
        name = ", ".join(row.pop(key) for key in ("Cells", "Ligand", "Time", "Replicate"))
        yield name, np.array([float(key) for key in row]), np.array([*map(float, row.values())])
    long: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for row in rows(folder / "Monomeric_mutein_pSTAT_data.csv"):
        name = ", ".join(row[key] for key in ("Cells", "Ligand", "Time"))
        long[name].append((float(row["Concentration"]), float(row["RFU"])))
    for name, points in long.items():
        x, y = np.array(points).T
        yield name, x, y


def pstat5_doses(corpus: Path, every: int = 1) -> Iterator[Check]:
    """Each so many-th dose series beside the best of SciPy's fits from many starts."""
    for name, x, y in list(pstat5_series(corpus))[::every]:
        fit = fit_dose_response(x, y)
        if fit.status == "ok":
            best = best_of_scipy(x, y)
            good, words = fit.rss <= best * (1 + 1e-6), f"{fit.rss:.10g} for {best:.10g}"
            yield Check("no better curve", name, good, words)


def best_of_scipy(x: Floats, y: Floats) -> float:
    """Lowest sum of squares of a four-parameter curve with an allowed slope, from nine starts."""
    size = float(np.ptp(y)) or 1.0

    def off(p: Floats) -> Floats:
        with np.errstate(over="ignore"):
            left = 1.0 / (1.0 + np.exp(p[0] * (np.log(x) - p[1])))
        return np.asarray((p[3] + (p[2] - p[3]) * left - y) / size)

    flattest, steepest = SLOPE_LIMITS
    lowest, highest = [flattest, -40.0, -1e9, -1e9], [steepest, 40.0, 1e9, 1e9]
    best = math.inf
    for slope in (0.5, 2.0, 10.0):
        for at in np.quantile(np.log(x), (0.2, 0.5, 0.8)):
            start = np.array([slope, at, y[np.argmin(x)], y[np.argmax(x)]])
            done = least_squares(off, start, bounds=(lowest, highest))
            best = min(best, 2 * float(done.cost) * size**2)
    return best
