"""Designed hard plates through the whole journey: each condition is told, or refused."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path
from typing import Any

import numpy as np

from assays.elisa.run import process_elisa
from assays.protocol import Elisa
from assays.results.elisa import ElisaRun, RangeStatus
from plates.layout import Layout, Role, WellContent
from plates.plateread import Export, PlateRead
from plates.well import FORMATS, Well

RULES = {
    "no_response": {"curve-refused"},
    "too_few_points": {"curve-refused"},
    "saturated_standards": {"saturated-standards"},
    "non_monotonic": {"hook", "non-monotonic"},
    "outlier_well": {"outlier-well"},
    "replicate_cv": {"replicate-cv"},
    "single_replicates": {"single-replicates"},
    "missing_wells": {"missing-wells"},
    "upper_plateau_not_seen": {"plateau-not-seen"},
    "range_vs_kit": {"unit-doubtful"},
    "recovery_fail": {"standard-recovery"},
}
"""What the journey calls each condition of the corpus."""
USUAL = {"provisional-limits", "plateau-not-seen", "above-uloq"}
"""Told on plates without a fault too: what a fit does not know, and what to do with a sample."""


def journey(corpus: Path, name: str) -> tuple[ElisaRun, dict[str, Any]]:
    folder = corpus / "curves"
    answer = json.loads((folder / "expected" / f"{name}.json").read_text(encoding="utf-8"))
    with (folder / "data" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    values, flags, contents = np.full((8, 12), math.nan), {}, {}
    for number, row in enumerate(rows):
        well = Well(number % 8, number // 8)
        try:
            values[well.row, well.column] = float(row["resp"])
        except ValueError:
            if row["resp"]:
                flags[well] = row["resp"]
        standard = row["role"] == "standard"
        contents["", well] = WellContent(
            Role.STANDARD if standard else Role.SAMPLE,
            "" if standard else row["sample"],
            float(row["conc"]) if standard else math.nan,
            "pg/mL",
            1.0,
        )
    read = PlateRead("1", 1, "1", FORMATS[96], "absorbance", "450", values, flags)
    kit = (4.7, 300.0) if name == "hard_units_ng" else None
    protocol = Elisa(blank="none", kit_range=kit)
    layout = Layout(FORMATS[96], contents, "layout")
    return process_elisa([("p.txt", Export("", "", (read,)))], layout, protocol), answer


def names(corpus: Path) -> list[str]:
    return sorted(path.stem for path in (corpus / "curves" / "expected").glob("hard_*.json"))


def test_every_condition_is_told_by_the_journey_and_clean_plates_are_not_blamed(
    corpus: Path,
) -> None:
    for name in names(corpus):
        run, answer = journey(corpus, name)
        flags = answer["expected"]["flags"]
        told = {finding.rule for finding in run.findings}
        for flag in flags:
            assert told & RULES[flag], (name, flag)
        if not flags:
            assert told <= USUAL, name
        if not answer["expected"]["quantifiable"]:
            assert not any(math.isfinite(one.concentration) for one in run.plates[0].samples)


def test_samples_beyond_a_saturated_or_short_series_have_no_number(corpus: Path) -> None:
    run, _ = journey(corpus, "hard_saturated_reader")
    plate = run.plates[0]
    assert plate.limits.uloq == 300.0
    status = {one.sample: one.status for one in plate.samples}
    assert status == {"S1": RangeStatus.ABOVE_ULOQ, "S2": RangeStatus.OK}
    run, _ = journey(corpus, "hard_above_top")
    status = {one.sample: one.status for one in run.plates[0].samples}
    above, below = RangeStatus.ABOVE_ULOQ, RangeStatus.BELOW_LLOQ
    assert status == {"S1": above, "S2": above, "S3": below, "S4": below}
