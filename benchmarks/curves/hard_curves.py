"""Curves that are hard to fit, real and simulated: the optimum, or the reason why there is none."""

from __future__ import annotations

from collections.abc import Iterator

from assays import curves
from assays.errors import CurveFitError
from benchmarks.curves.answers import Answer, Check, Rows, near, points


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
