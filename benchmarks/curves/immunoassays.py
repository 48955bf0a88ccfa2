"""Standard curves of immunoassays under every weighting, with inverses; and fits of drc."""

from __future__ import annotations

import math
from collections.abc import Iterator

from assays import curves
from benchmarks.curves.answers import Answer, Check, Rows, near, points

WEIGHTINGS = {
    "ols": "none",
    "inv_y": "1/y",
    "inv_y2": "1/y^2",
    "irls_fitted2": "1/yhat^2",
    "power_of_mean": "power",
}


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
