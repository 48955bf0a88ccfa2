"""Parallel-line potency and the worked examples of dilution, spiking and detection capability."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator

from assays import curves
from benchmarks.curves.answers import Answer, Check, Rows, near


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
