"""Dose series of `corpus/phospho`: IL-6 under ruxolitinib and Stattic (Sobotta 2017), and the
published EC50s and plateaus of pSTAT6 (Yang 2023)."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from assays.inhibition import fit_dose_response
from assays.inhibition.over_tubes import inhibitions
from assays.results.inhibition import Inhibition
from assays.samples import Agent, Tube, TubeRole
from benchmarks.inhibition.check import Check, near, printed, rows
from benchmarks.inhibition.typed_tubes import flow, reading

Anchors = dict[tuple[float, bool], tuple[float, float]]


def blocked(corpus: Path) -> tuple[tuple[Inhibition, ...], Anchors]:
    """Percent inhibition of pSTAT3 and of pSTAT3 / STAT3 at each dose, and both by dose and
    stimulus in the lanes with vehicle."""
    lanes = rows(corpus / "phospho" / "il6_ruxolitinib" / "hep_2013_06_17_Ruxolitinib.csv")
    il6 = Agent("IL-6", 40.0, "ng/mL")
    readings, anchors = [], Anchors()
    for n, lane in enumerate(lanes):
        dose, driven = float(lane["ruxolitinib_nM"]), float(lane["il6_ng_ml"]) > 0
        raw, total = float(lane["pstat3_wb"]), float(lane["stat3_total_wb"])
        role = {
            (True, True): TubeRole.TREATED,
            (True, False): TubeRole.STIMULATED,
            (False, True): TubeRole.INHIBITOR_ALONE,
            (False, False): TubeRole.UNSTIMULATED,
        }[driven, bool(dose)]
        drugs = (Agent("ruxolitinib", dose, "nM"),) if dose else ()
        carried = "DMSO" if float(lane["dmso"]) else "none"
        tube = Tube(f"{n}", "hepatocytes", role, il6 if driven else None, drugs, carried)
        readings += [reading(tube, raw), reading(tube, raw / total, "ratio", "ratio")]
        if carried == "DMSO":
            anchors[dose, driven] = (raw, raw / total)
    one = {"channel": "x", "population": "cells", "cofactor": 1.0}
    protocol = flow(10.0, one | {"name": "pSTAT3"}, one | {"name": "ratio"})
    return inhibitions(readings, protocol=protocol), anchors


def ruxolitinib(corpus: Path) -> Iterator[Check]:
    """Percent inhibition at each dose beside the formula by hand, also from ruxolitinib's own
    floor; no IC50, since the lowest dose takes 87 to 91 %."""
    found, anchors = blocked(corpus)
    for row in found:
        at = 0 if row.readout == "pSTAT3" else 1
        case = f"{row.readout} at {row.dose_nmol_l:g} nM"
        s, u = anchors[0.0, True][at], anchors[0.0, False][at]
        i, b = anchors[row.dose_nmol_l, True][at], anchors[row.dose_nmol_l, False][at]
        yield near("percent inhibition", case, row.percent, 100 * (s - i) / (s - u))
        own = 100 * (1 - (i - b) / (s - u))
        yield near("from the own floor", case, row.percent_own_floor, own)
    doses = sorted(dose for dose, driven in anchors if dose and driven)
    ratios = [anchors[dose, True][1] for dose in doses]
    fit = fit_dose_response(
        [0.0, *doses], [anchors[0.0, True][1], *ratios], unstimulated=[anchors[0.0, False][1]]
    )
    bound = fit.status == "< lowest dose" and math.isnan(fit.ic50)
    yield Check("IC50 below the lowest dose", "ratio", bound, fit.status)


def il6_under_inhibitors(corpus: Path) -> Iterator[Check]:
    """EC50 of IL-6 moves right under ruxolitinib; under Stattic there is no response."""
    name = "hep_2013_11_12_Stattic_Ruxolitinib_Inhibitor.csv"
    series: dict[tuple[str, str], list[tuple[float, float]]] = defaultdict(list)
    for row in rows(corpus / "phospho" / "il6_ruxolitinib" / name):
        if row["dmso"] == "1.0":
            value = float(row["il6_ng_ml"]), float(row["pstat3_bead_mfi"])
            series[row["ruxolitinib_nM"], row["stattic_uM"]].append(value)
    for (ruxolitinib, stattic), ec50 in {("0.0", "0.0"): "11", ("500.0", "0.0"): "151"}.items():
        fit = fit_dose_response(*zip(*series[ruxolitinib, stattic], strict=True))
        yield printed("EC50 of IL-6", f"ruxolitinib {ruxolitinib} nM", fit.ic50, ec50)
    fit = fit_dose_response(*zip(*series["0.0", "60.0"], strict=True))
    yield Check("no EC50 under Stattic", "60 µM", math.isnan(fit.ic50), fit.status)


def pstat6(corpus: Path) -> Iterator[Check]:
    """Yang 2023 took a slope of 1. With it, EC50 and both plateaus to the printed digits; with a
    slope of its own, the published EC50 within our interval. An EC50 of 1 mol/L is no response."""
    folder = corpus / "phospho" / "il4_pstat6"
    names = ("Animal", "Cell", "Ligand", "Antibody", "Donor")
    tubes: dict[tuple[str, ...], list[tuple[float, float]]] = defaultdict(list)
    for row in rows(folder / "signaling.csv"):
        dose, signal = 10 ** float(row["Concentration"]), float(row["Signal"])
        tubes[tuple(row[name] for name in names)].append((dose, signal))
    for row in rows(folder / "ec50.csv"):
        key = tuple(row[name] for name in names)
        # Cell lines are published per day, but their tubes carry no day.
        if key not in tubes or row["EC50"] == "not tested":
            continue
        case = " ".join(key)
        points = tuple(zip(*tubes[key], strict=True))
        free = fit_dose_response(*points)
        told = float(row["EC50"])
        if told >= 1:
            yield Check("no EC50 without response", case, math.isnan(free.ic50), free.status)
            continue
        low, high = free.interval
        yield Check("published EC50 in the interval", case, low <= told <= high,
                    f"{told:.3g} in {low:.3g} to {high:.3g}, slope {free.params['B']:.2f}",
                    "the published curve has a slope of 1, ours its own")  # fmt: skip
        fit = fit_dose_response(*points, fix={"B": 1.0})
        theirs = rss_at(told, *points)
        cause = f"their program stopped {theirs / fit.rss - 1:.0e} above the lowest sum of squares"
        check = printed("EC50, slope 1, last digit", case, fit.ic50, row["EC50"])
        yield Check(check.what, case, check.agrees, check.words, cause)
        yield Check("the published curve is ours", case, fit.rss <= theirs <= fit.rss * (1 + 1e-4))
        yield printed("lower plateau", case, fit.params["A"], row["Lower"])
        yield printed("upper plateau", case, fit.params["D"], row["Upper"])


def rss_at(ec50: float, doses: Sequence[float], responses: Sequence[float]) -> float:
    """Sum of squares of the best curve with this EC50 and a slope of 1."""
    left = 1.0 / (1.0 + np.array(doses) / ec50)
    sums = np.linalg.lstsq(np.column_stack([left, 1.0 - left]), np.array(responses), rcond=None)[1]
    return float(sums[0])
