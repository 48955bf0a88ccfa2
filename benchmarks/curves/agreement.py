"""How many independent answers of the corpus the curves agree with, by kind.

    ASSAYS_CORPUS=... python benchmarks/curves/agreement.py [--all]

Every number of an expected file that the project claims to compute is one comparison, at the
tolerance of that file. Prints sets and comparisons by kind, then those that disagree (`--all`: each
comparison). The tests in tests/corpus hold the same answers with their exceptions explained; this
is the count.
"""

from __future__ import annotations

import csv
import json
import math
import os
import sys
import warnings
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from assays import curves
from assays.errors import CurveFitError

WEIGHTINGS = {
    "ols": "none",
    "inv_y": "1/y",
    "inv_y2": "1/y^2",
    "irls_fitted2": "1/yhat^2",
    "power_of_mean": "power",
}
Check = tuple[str, bool]
Answer = dict[str, Any]
Rows = list[dict[str, str]]


def near(found: Any, wanted: Any, rel: float, slack: float = 0.0) -> bool:
    """None is an open or missing answer: NaN, 0 or inf."""
    if wanted is None:
        return not math.isfinite(float(found)) or float(found) == 0
    return math.isclose(float(found), float(wanted), rel_tol=rel, abs_tol=slack)


def points(rows: Rows, curve: str = "") -> tuple[np.ndarray, np.ndarray]:
    """Standards of one curve; text that is no number is a missing well."""

    def number(text: str) -> float:
        try:
            return float(text)
        except ValueError:
            return math.nan

    kept = [row for row in rows if not curve or row.get("curve", curve) == curve]
    kept = [row for row in kept if row.get("role", "standard").lower() in ("standard", "std")]
    x, y = ([number(row[key]) for row in kept] for key in ("conc", "resp"))
    return np.array(x), np.array(y)


def inverse_checks(curve: curves.StandardCurve, one: Answer, loose: float) -> Iterator[Check]:
    """Value, standard error and the three intervals of one response."""
    wells = one.get("m") or 1
    back = curve.inverse(one["y0"], wells=wells)
    error = one.get("se_total") or 0.0
    yield "inverse x", near(back.value, one["x"], max(loose, 1e-6), 1e-4 * error)
    if error:
        yield "inverse se", near(back.standard_error, error, max(loose, 1e-3))
    for interval in ("inversion", "wald", "wald_log"):
        limits = one.get(f"ci95_{interval}")
        if limits is None:
            continue
        told = curve.inverse(one["y0"], wells=wells, interval=interval.replace("_", "-"))
        opened = (0.0, math.inf)
        pairs = zip((told.lower, told.upper), limits, opened, strict=True)
        good = []
        for found, wanted, end in pairs:
            if wanted is None:
                good.append(float(found) == end)
            elif interval == "wald_log" and not 0 < wanted < math.inf:
                good.append(float(found) == wanted)
            elif interval == "wald_log":
                slack = max(loose, 2e-3) * 2.2 * error / one["x"]
                away = abs(math.log(max(float(found), 1e-320)) - math.log(wanted))
                good.append(away <= slack)
            else:
                good.append(near(found, wanted, max(loose, 1e-3), 2e-3 * error))
        yield f"interval {interval}", all(good)


def immunoassay(answer: Answer, rows: Rows) -> Iterator[Check]:
    rel = answer["tolerance"]
    for one in answer["curves"]:
        standards = points(rows, one["curve"])
        for key, weighting in WEIGHTINGS.items():
            wanted = one.get(key)
            if not isinstance(wanted, dict) or "params" not in wanted:
                continue
            curve = curves.fit(*standards, weighting=weighting)
            power = key == "power_of_mean"
            loose = 0.01 if power else 0.0
            where = f"{one['curve']} {key}"
            for name, value in wanted["params"].items():
                slack = 1e-4 * wanted["se"][name] if "se" in wanted else 0.0
                usual = rel["power_of_mean_params_rel" if power else "params_rel"]
                if wanted.get("cond_scaled_jacobian") is None and not power:
                    usual = rel["params_rel_if_cond_gt_1e3"]
                yield f"{where} {name}", near(curve.params[name], value, usual, slack)
            if not power and "rss" in wanted:
                yield f"{where} rss", near(curve.rss, wanted["rss"], 5e-6)
            if isinstance(wanted.get("lack_of_fit"), dict) and wanted["lack_of_fit"].get("F"):
                told = curves.lack_of_fit(curve)
                yield f"{where} F", near(told.f_ratio, wanted["lack_of_fit"]["F"], 1e-3)
            for back in [*wanted.get("inverse", []), *wanted.get("inverse_x", [])]:
                for what, good in inverse_checks(curve, back, loose):
                    yield f"{where} {what} {back['y0']}", good
        five = one.get("5PL-a")
        if five and five.get("identifiable"):
            curve = curves.fit(*standards, model="5pl", weighting="none")
            for name, value in five["params"].items():
                yield f"{one['curve']} 5pl {name}", near(curve.params[name], value, 1e-3)


def drc(answer: Answer, rows: Rows) -> Iterator[Check]:
    rel = answer["tolerance"]
    for one in answer["curves"]:
        standards = points(rows, one["curve"])
        best = one.get("independent_4PL")
        if best:
            curve = curves.fit(*standards, weighting="none")
            yield f"{one['curve']} rss", curve.rss <= best["rss"] * (1 + 1e-6)
            for name, value in best["params"].items():
                slack = 1e-3 * best["se"][name] if best.get("se") else 0.0
                good = near(curve.params[name], value, rel["coef_rel"], slack)
                yield f"{one['curve']} {name}", good
            told = one["LL.4"].get("lack_of_fit", {})
            # drc stops early: its own rss is then above the lowest one, and so is its F.
            if told.get("F") and one["LL.4"]["rss"] <= best["rss"] * (1 + 1e-7):
                found = curves.lack_of_fit(curve)
                yield f"{one['curve']} F", near(found.f_ratio, told["F"], 1e-3)
                yield f"{one['curve']} p", near(found.p_value, told["p"], 1e-3, 1e-6)
    joint = answer.get("joint")
    if joint:
        names = [one["curve"] for one in answer["curves"]]
        every = [points(rows, name) for name in names]
        found_all = curves.fit_shared(
            [x for x, _ in every],
            [y for _, y in every],
            ("A", "B", "D"),
            weighting="none",
            names=names,
        )
        yield "joint own rss", near(found_all.rss_own, joint["full"]["rss"], rel["rss_rel"])
        yield "joint rss", near(found_all.rss_shared, joint["parallel"]["rss"], rel["rss_rel"])
        yield "joint F", near(found_all.f_ratio, joint["F_parallel"], 1e-5)
        potencies = found_all.potencies(joint["relative_potency_parallel"][0]["reference"])
        for ours, theirs in zip(potencies, joint["relative_potency_parallel"], strict=True):
            yield f"potency {ours.sample}", near(ours.value, theirs["relative_potency"], 1e-3)


def hard_real(answer: Answer, rows: Rows) -> Iterator[Check]:
    curve = curves.fit(*points(rows), weighting="none")
    best = answer["best_4pl"]
    yield "rss", curve.rss <= best["rss"] * answer["tolerance"]["rss_rel_max"]
    if answer["tolerance"]["params_rel"]:
        for name, value in best["params"].items():
            yield name, near(curve.params[name], value, answer["tolerance"]["params_rel"])
    told = {finding.rule for finding in curve.findings}
    doubted = bool(told & {"not-identified", "plateau-not-seen", "not-converged"})
    yield "said not to be identified", doubted >= answer["poorly_identified"]
    if answer["lack_of_fit"].get("F"):
        found = curves.lack_of_fit(curve)
        yield "F", near(found.f_ratio, answer["lack_of_fit"]["F"], 1e-3)


FLAGS = {
    "no_response": "no response",
    "too_few_points": "needs 4 standard levels",
    "saturated_standards": {"saturated-standards"},
    "non_monotonic": {"hook", "non-monotonic"},
    "outlier_well": {"outlier-well"},
    "replicate_cv": {"outlier-well"},
    "single_replicates": {"single-replicates"},
    "missing_wells": {"missing-wells"},
    "upper_plateau_not_seen": {"plateau-not-seen"},
}
"""What the curves call each condition; the others (kit range, recovery) belong to the journey."""
DOUBTS = {"saturated-standards", "hook", "non-monotonic", "outlier-well", "lack-of-fit"}


def hard_sim(answer: Answer, rows: Rows) -> Iterator[Check]:
    wanted = answer["expected"]
    flags = [FLAGS[flag] for flag in wanted["flags"] if flag in FLAGS]
    try:
        curve = curves.fit(*points(rows))
    except CurveFitError as error:
        said = any(isinstance(flag, str) and flag in error.message for flag in flags)
        yield "refused with the reason", said and not wanted["quantifiable"]
        return
    yield "quantifiable", bool(wanted["quantifiable"])
    told = {finding.rule for finding in curve.findings}
    for flag in flags:
        yield f"flag {flag}", bool(isinstance(flag, set) and told & flag)
    if not wanted["flags"]:
        yield "no flag on a clean plate", not told & DOUBTS
    for one in answer["unknowns"]:
        true, bad = one["true_conc"], told & DOUBTS - {"lack-of-fit"}
        if true and not bad and curve.x[curve.x > 0].min() < true < curve.x.max():
            back = curve.inverse(one["resp"])
            slack = 1e-6 * true
            held = float(back.near_lower) - slack <= true <= float(back.near_upper) + slack
            yield f"interval holds {one['sample']}", held


def linear(answer: Answer, rows: Rows) -> Iterator[Check]:
    if "certified" in answer:
        line = curves.fit(*points(rows), model="linear", weighting="none")
        told = answer["certified"]
        yield "intercept", near(line.params["intercept"], told["intercept"], 1e-9)
        yield "slope", near(line.params["slope"], told["slope"], 1e-9)
        return
    for key in ("linear", "quadratic"):
        if isinstance(answer.get(key), dict):
            curve = curves.fit(*points(rows), model=key, weighting="none")
            for ours, theirs in zip(curve.params.values(), answer[key]["coef"], strict=True):
                yield f"{key} coefficient", near(ours, theirs, 1e-6)
            for ours, theirs in zip(curve.standard_errors.values(), answer[key]["se"], strict=True):
                yield f"{key} se", near(ours, theirs, 1e-6)
    line = curves.fit(*points(rows), model="linear", weighting="none")
    if "coef" in answer:
        for ours, theirs in zip(line.params.values(), answer["coef"], strict=True):
            yield "coefficient", near(ours, theirs, 1e-6)
        for key, interval in (("inversion_fieller", "inversion"), ("wald", "wald")):
            told = answer["calibrate_y0_3"][key]
            back = line.inverse(3.0, interval=interval)
            yield f"{key} lower", near(back.lower, told["lower"], 1e-6)
            yield f"{key} upper", near(back.upper, told["upper"], 1e-6)
    for one in answer.get("inverse", []):
        back = line.inverse(one["y0"], wells=one["m"], interval="wald")
        yield "x", near(back.value, one["x"], 1e-6)
        yield "se", near(back.standard_error, one["se"], 1e-6)
        for ours, theirs in zip((back.lower, back.upper), one["ci95"], strict=True):
            yield "wald end", near(ours, theirs, 1e-6)
    for one in answer.get("calibrate", []):
        for key, interval in (("inversion_fieller", "inversion"), ("wald", "wald")):
            back = line.inverse(one["y0"], interval=interval)
            for ours, theirs in zip((back.lower, back.upper), one[key], strict=True):
                yield f"{key} end", near(ours, theirs, 1e-6)
    if answer.get("critical_alpha01"):
        _, edge = line.prediction_band(0.0, level=0.98)
        found = line.read_back(float(edge))
        yield "critical value", near(found, answer["critical_alpha01"], 1e-6)


def inverse(answer: Answer, rows: Rows) -> Iterator[Check]:
    curve = curves.fit(*points(rows), model="3pl", weighting="none")
    first, shift, slope = answer["coef"]
    wanted = {"A": first, "B": slope, "C": math.exp(-shift / slope)}
    for name, value in wanted.items():
        yield name, near(curve.params[name], value, 1e-4)
    for one in answer["inverse"]:
        if one["interval"] not in curves.INTERVALS:
            continue
        replicates = one["y0"] if isinstance(one["y0"], list) else [one["y0"]]
        # investr counts the unknown's own replicates as degrees of freedom, and keeps the SD.
        own = replace(curve, df=curve.df + len(replicates) - 1)
        back = own.inverse(np.mean(replicates), wells=len(replicates), interval=one["interval"])
        yield "x", near(back.value, one["x"], 1e-4)
        for ours, theirs in ((back.lower, one["lower"]), (back.upper, one["upper"])):
            yield f"{one['interval']} end, {len(replicates)} wells", near(ours, theirs, 1e-4)


def limits(answer: Answer, rows: Rows) -> Iterator[Check]:
    kinds = {"lin": "linear", "quad": "quadratic", "fpl": "4pl"}
    rel = answer["tolerance"]
    for key, told in answer["results"].items():
        model = kinds[key.removeprefix("log.").removesuffix(".pom")]
        weighting = "power" if key.endswith("pom") else "none"
        curve = curves.fit(*points(rows), model=model, weighting=weighting)
        for wells in (1, 2, 3):
            found = curves.minimum_detectable(curve, wells)
            yield f"{key} mdc {wells}", near(found, told[f"mdc_m{wells}"], rel["limits_rel"])
            found = curves.reliable_detection(curve, wells)
            yield f"{key} rdl {wells}", near(found, told[f"rdl_m{wells}"], rel["limits_rel"])
        for one in told["calib"]:
            if one["x"] is None:
                continue
            back = curve.inverse(one["y"], level=0.90, interval="wald")
            yield f"{key} x {one['y']}", near(back.value, one["x"], rel["x_rel"])
            yield f"{key} se {one['y']}", near(back.standard_error, one["se"], rel["se_rel"])
            for ours, theirs in zip((back.lower, back.upper), one["wald_ci95"], strict=True):
                good = near(ours, theirs, rel["ci_rel"], rel["ci_rel"] * one["se"])
                yield f"{key} wald {one['y']}", good


def potency(answer: Answer, rows: Rows) -> Iterator[Check]:
    doses: dict[str, list[float]] = defaultdict(list)
    responses: dict[str, list[float]] = defaultdict(list)
    for row in rows:
        doses[row["sample"]].append(1 / float(row["dilution"]))
        responses[row["sample"]].append(math.log(float(row["od"])))
    found = curves.parallel_lines(doses, responses, "S")
    yield "slope", near(found.slope, answer["common_slope"], 1e-6)
    yield "variance", near(found.variance, answer["s2"], 1e-6)
    for name, ours in (
        ("nonparallelism", found.parallelism_f),
        ("nonlinearity", found.linearity_f),
    ):
        yield f"{name} F", near(ours, answer[name]["F"], 1e-6)
    for name, ours in (
        ("nonparallelism", found.parallelism_p),
        ("nonlinearity", found.linearity_p),
    ):
        yield f"{name} p", near(ours, answer[name]["p"], 1e-6)
    for one, told in zip(found.potencies, answer["computed"], strict=True):
        yield f"potency {one.sample}", near(20 * one.value, told["potency"], 1e-6)
        for end, wanted in zip(one.interval, told["ci95"], strict=True):
            yield f"limit {one.sample}", near(20 * end, wanted, 1e-6)


def worked(answer: Answer, rows: Rows) -> Iterator[Check]:
    told = answer["expected"]
    if "corrected" in told:
        own = [row for row in rows if row["kind"] == "dilution"]
        fold, read = ([float(row[key]) for row in own] for key in ("dilution", "observed_pg_ml"))
        found = curves.dilution_series(fold, read)
        for name, ours in (
            ("corrected", found.corrected),
            ("percent_of_neat", found.percent_of_first),
            ("percent_of_previous", found.percent_of_previous),
        ):
            for one, wanted in zip(ours, told[name], strict=True):
                yield name, near(one, wanted, 1e-9)
        yield "mean", near(found.mean, told["mean_corrected"], 1e-9)
        yield "cv", near(found.cv_percent, told["cv_corrected_pct"], 1e-9)
        neat = next(float(row["observed_pg_ml"]) for row in rows if row["kind"] == "neat")
        spiked = [row for row in rows if row["kind"] == "spiked"]
        for row, wanted in zip(spiked, told["spike_recovery_pct"], strict=True):
            share = curves.spike_recovery_percent(
                float(row["observed_pg_ml"]), neat, float(row["spike_pg_ml"])
            )
            yield "spike recovery", near(share, wanted, 1e-9)
        return
    groups: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        groups[row["kind"]][row["sample"]].append(float(row["result_pg_ml"]))
    blanks = groups.pop("blank")
    (lows,) = groups.values()
    found_ep17 = curves.detection_capability(list(blanks.values()), list(lows.values()))
    for name, ours in (
        ("lob_parametric", found_ep17.blank),
        ("lob_nonparametric", found_ep17.blank_by_rank),
        ("pooled_sd_low", found_ep17.pooled_sd_low),
        ("lod_from_parametric", found_ep17.detection),
        ("lod_from_nonparametric", found_ep17.detection_by_rank),
    ):
        yield name, near(ours, told[name], 1e-9)


def software_export(answer: Answer, rows: Rows) -> Iterator[Check]:
    if "refit_5pl_a" in answer:
        curve = curves.fit(*points(rows), model="5pl", weighting="none")
        for name, value in answer["printed"].items():
            # Printed to three digits.
            yield name, near(curve.params[name], value, 0.005)
        return
    if "gen5" in answer:
        own = [row for row in rows if row["well_id"].startswith("STD")]
        values = [
            [float(row[key]) for row in own] for key in ("conc_or_dilution", "od_blank_subtracted")
        ]
        line = curves.fit(*values, model="linear", weighting="none", on="means")
        by_well = {row["well"]: row["od_blank_subtracted"] for row in rows}
        for well, value in answer["concentration"].items():
            if value is not None and by_well[well]:
                read = float(line.read_back(float(by_well[well])))
                yield well, near(read, value, 0.003, answer["tolerance"]["conc_abs"])
        return
    loglog = "plate" in rows[0]
    conc, signal = ("conc_ng_ml", "od") if loglog else ("conc_pg_ml", "a450_minus_a620")
    own = [row for row in rows if row["role"] == "standard" and row.get("masked", "0") != "1"]
    values = [[float(row[key]) for row in own] for key in (conc, signal)]
    curve = curves.fit(*values, model="loglog" if loglog else "4pl", weighting="none", on="means")
    for name, value in answer["params"].items():
        yield name, near(curve.params[name], value, 1e-4)
    key = (lambda row: (row["plate"], row["well"])) if loglog else (lambda row: row["well"])
    signals = {key(row): float(row[signal]) for row in rows}
    printed = [(key(one), one["result"], one.get("flag", "")) for one in answer["wells"]]
    printed += [(key(one), one["backcalc"], one.get("flag", "")) for one in answer["standards"]]
    for well, value, flag in printed:
        read = float(curve.read_back(signals[well]))
        if flag == "Range?":
            yield f"{well} Range?", math.isnan(read)
        elif value is not None:
            yield f"{well}", near(read, value, 0.0, answer["tolerance"]["result_abs"])


KINDS = {
    "immunoassay": immunoassay,
    "drc": drc,
    "hard_real": hard_real,
    "hard_sim": hard_sim,
    "linear": linear,
    "inverse": inverse,
    "limits": limits,
    "potency": potency,
    "worked": worked,
    "software_export": software_export,
}


def main() -> None:
    """Compare and print."""
    folder = Path(os.environ["ASSAYS_CORPUS"]) / "curves"
    every: dict[str, dict[str, list[Check]]] = defaultdict(dict)
    with (folder / "MANIFEST.csv").open(encoding="utf-8", newline="") as file:
        sets = list(csv.DictReader(file))
    for one in sets:
        check = KINDS.get(one["kind"]) or (linear if one["id"] == "nist_norris_linear" else None)
        if check is None:
            continue
        answer = json.loads((folder / one["expected"]).read_text(encoding="utf-8"))
        with (folder / one["data"]).open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        every[one["kind"]][one["id"]] = list(check(answer, rows))
    print("kind              sets that agree   comparisons that agree")
    for kind, found in every.items():
        each = [good for checks in found.values() for _, good in checks]
        whole = sum(all(good for _, good in checks) for checks in found.values())
        print(f"{kind:16s} {whole:6d} of {len(found):3d} {sum(each):14d} of {len(each)}")
    print()
    for kind, found in every.items():
        for name, checks in found.items():
            for what, good in checks:
                if not good or "--all" in sys.argv:
                    print(f"{'agrees' if good else 'DIFFERS'}  {kind} {name}: {what}")


if __name__ == "__main__":
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        main()
