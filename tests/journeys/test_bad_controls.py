"""Controls that are missing, doubled, empty or of somebody else: named, and never a tidy number.

Each folder is checked and processed as a user would; a percentage is either right or not there.
"""

from __future__ import annotations

import csv
import math
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest

from assays.errors import ControlError
from assays.flow import fcs
from assays.flow.events import Channel, Events
from assays.results.flow import FlowRun
from assays.workflow.check import CheckReport, check
from assays.workflow.folder import open_folder
from assays.workflow.process import process_tubes
from plates.errors import LabError

Row = dict[str, str]
COLUMNS = (
    "file", "donor", "stimulus", "stimulus_dose", "stimulus_unit", "inhibitor", "dose",
    "dose_unit", "vehicle", "role", "replicate",
)  # fmt: skip
PROTOCOL = """schema = 1
kind = ["flow"]
[flow]
compensation = "none"
[flow.scales.default]
method = "linear"
[[flow.gates]]
population = "cells"
method = "interval"
channels = ["FSC-A"]
params = { low = 1000 }
[[flow.readouts]]
name = "pSTAT3 (Y705)"
channel = "pSTAT3"
population = "cells"
cofactor = 150
positive_control = "IL-10"
[[flow.readouts]]
name = "pSTAT3 / STAT3"
channel = "pSTAT3"
total = "STAT3"
population = "cells"
cofactor = 0.3
"""


def row(name: str, donor: str = "D1", stimulus: str = "", inhibitor: str = "", **more: str) -> Row:
    found = dict.fromkeys(COLUMNS, "") | {"file": name, "donor": donor, "vehicle": "DMSO"}
    if stimulus:
        found |= {"stimulus": stimulus, "stimulus_dose": "10", "stimulus_unit": "ng/mL"}
    if inhibitor:
        found |= {"inhibitor": inhibitor, "dose": "100", "dose_unit": "nM"}
    return found | more


def sheet(donor: str = "D1") -> list[Row]:
    """Everything that one inhibitor needs, controls in duplicate."""
    return [
        *(row(f"{donor}_u{n}.fcs", donor, replicate=str(n)) for n in (1, 2)),
        *(row(f"{donor}_s{n}.fcs", donor, "IL-6", replicate=str(n)) for n in (1, 2)),
        row(f"{donor}_i.fcs", donor, "IL-6", "ruxolitinib"),
        row(f"{donor}_b.fcs", donor, "", "ruxolitinib"),
        row(f"{donor}_p.fcs", donor, "IL-10", role="positive control"),
    ]


LEVELS = {"u": 200.0, "s": 1000.0, "i": 400.0, "b": 190.0, "p": 1500.0}


def tube(name: str, events: int = 600, total: float = 500.0) -> Events:
    """Cells around the level of their condition; the total protein is the same in all."""
    level = LEVELS[name.split("_")[-1][0]] * (1.0 + 0.02 * name.endswith("2.fcs"))
    spread = np.linspace(0.8, 1.2, events)
    values = np.column_stack((np.full(events, 5000.0), level * spread, np.full(events, total)))
    channels = [("FSC-A", None), ("BL1-A", "pSTAT3"), ("BL2-A", "STAT3")]
    named = tuple(Channel(channel, marker, 262144.0) for channel, marker in channels)
    return Events(values.astype(np.float32), named, name=name)


def folder(
    place: Path,
    rows: list[Row],
    protocol: str = PROTOCOL,
    events: Mapping[str, int] | None = None,
    totals: Mapping[str, float] | None = None,
) -> Path:
    (place / "fcs").mkdir()
    for name in {one["file"] for one in rows}:
        of = tube(name, (events or {}).get(name, 600), (totals or {}).get(name, 500.0))
        fcs.write(place / "fcs" / name, of)
    with (place / "samples.csv").open("w", newline="") as out:
        writer = csv.DictWriter(out, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    (place / "assay.toml").write_text(protocol)
    return place


def both(place: Path) -> tuple[CheckReport, FlowRun]:
    """A check and a run, which must tell the same."""
    report, run = check(place), process_tubes(open_folder(place))
    assert report.problems == []
    assert [one.message for one in report.findings] == [one.message for one in run.findings]
    for one in run.inhibition:
        tidy = (one.percent, one.percent_own_floor)
        assert not any(math.isinf(number) or number in (0.0, 100.0) for number in tidy)
    return report, run


def percents(run: FlowRun, readout: str = "pSTAT3 (Y705)") -> dict[str, tuple[str, float]]:
    rows = [one for one in run.inhibition if one.readout == readout]
    return {one.donor: (one.status, one.percent) for one in rows}


def messages(report: CheckReport, rule: str) -> list[str]:
    return [one.message for one in report.findings if one.rule == rule]


def test_a_complete_sheet_has_its_percentage_and_lacks_nothing(tmp_path: Path) -> None:
    report, run = both(folder(tmp_path, sheet()))
    status, percent = percents(run)["D1"]
    assert status == "ok" and percent == pytest.approx(75.0, abs=1.0)
    lacking = {one.rule for one in report.findings} - {"few-replicates", "residue-unnamed"}
    assert lacking == {"fmo-missing"}


def without(*ends: str, donor: str = "") -> Callable[[list[Row]], list[Row]]:
    return lambda rows: [
        one for one in rows if not any(one["file"].endswith(f"{donor}_{end}.fcs") for end in ends)
    ]


@pytest.mark.parametrize(
    ("lost", "rule", "words", "status"),
    [
        (("u1", "u2"), "control-missing", "No unstimulated tube in donor D1", "control missing"),
        (("s1", "s2"), "control-missing", "No tube with IL-6 10 ng/mL and no", "control missing"),
        (("b",), "inhibitor-alone-missing", "ruxolitinib is not given without a stimulus", "ok"),
        (("p",), "positive-control-missing", "No positive control IL-10 for pSTAT3", "ok"),
        (("u2", "s2"), "technical-interval", "No condition has replicate tubes", "not testable"),
    ],
)
def test_each_missing_control_is_named_with_its_cost(
    lost: tuple[str, ...], rule: str, words: str, status: str, tmp_path: Path
) -> None:
    report, run = both(folder(tmp_path, without(*lost)(sheet())))
    assert any(words in one for one in messages(report, rule))
    assert percents(run)["D1"][0] == status
    assert math.isnan(percents(run)["D1"][1]) == (status == "control missing")


def test_the_controls_of_another_donor_never_serve(tmp_path: Path) -> None:
    rows = [*sheet("D1"), *without("u1", "u2")(sheet("D2"))]
    report, run = both(folder(tmp_path, rows))
    assert percents(run)["D1"][0] == "ok"
    assert percents(run)["D2"][0] == "control missing" and math.isnan(percents(run)["D2"][1])
    (told,) = messages(report, "control-missing")
    assert "donor D2" in told and "The tubes of donor D1 cannot stand in" in told


def test_a_stimulus_named_two_ways_is_told_and_pairs_nobody(tmp_path: Path) -> None:
    rows = sheet()
    rows[4]["stimulus"] = "IL6"
    report, run = both(folder(tmp_path, rows))
    assert percents(run)["D1"][0] == "control missing"
    (told,) = messages(report, "named-two-ways")
    assert "'IL-6' and 'IL6'" in told
    assert any("IL6 10 ng/mL" in one for one in messages(report, "control-missing"))


def test_a_total_of_zero_gives_no_ratio(tmp_path: Path) -> None:
    place = folder(tmp_path, sheet(), totals={"D1_i.fcs": 0.0})
    report, run = both(place)
    assert percents(run, "pSTAT3 / STAT3")["D1"][0] == "total not above zero"
    assert math.isnan(percents(run, "pSTAT3 / STAT3")["D1"][1])
    assert percents(run)["D1"][0] == "ok"
    (told,) = messages(report, "total-not-above-zero")
    assert "no STAT3 above zero" in told
    (reading,) = [r for r in run.readings if r.file == "D1_i.fcs" and r.total]
    assert reading.status == "total not above zero" and math.isnan(reading.median)


@pytest.mark.parametrize("end", ["u1", "s1", "i", "b"])
def test_one_event_in_the_gate_is_no_number(end: str, tmp_path: Path) -> None:
    _, run = both(folder(tmp_path, sheet(), events={f"D1_{end}.fcs": 1}))
    (reading,) = [r for r in run.readings if r.file == f"D1_{end}.fcs" and not r.total]
    assert reading.status == "few events" and math.isnan(reading.median)
    (row,) = [one for one in run.inhibition if one.readout == "pSTAT3 (Y705)"]
    assert math.isnan(row.percent) == (end == "i")
    assert math.isnan(row.percent_own_floor) == (end in "ib")
    assert (row.n_unstimulated, row.n_stimulated) == (2 - (end == "u1"), 2 - (end == "s1"))


def refused(place: Path) -> LabError:
    """What both a check and a run stop at."""
    report = check(place)
    with pytest.raises(LabError) as caught:
        process_tubes(open_folder(place))
    # The same, though with the first tube of the folder, not of the sheet.
    assert [caught.value.message] == [one.message for one in report.problems]
    return caught.value


def test_a_control_that_is_named_twice_is_refused_with_both_rows(tmp_path: Path) -> None:
    rows = sheet()
    rows.append(rows[2] | {"replicate": "3"})
    error = refused(folder(tmp_path, rows))
    assert isinstance(error, ControlError)
    assert "'D1_s1.fcs' is named twice, first at samples.csv:4" in error.message
    assert error.where == "samples.csv:9"


@pytest.mark.parametrize(("end", "what"), [("u", "unstimulated + DMSO"), ("s", "IL-6 10 ng/mL")])
def test_a_control_that_two_tubes_claim_to_be_is_refused_with_a_way_out(
    tmp_path: Path, end: str, what: str
) -> None:
    (again,) = [
        one | {"file": f"other_{end}9.fcs"} for one in sheet() if f"_{end}1." in one["file"]
    ]
    error = refused(folder(tmp_path, [*sheet(), again]))
    assert isinstance(error, ControlError)
    assert f"are both replicate 1 of {what}" in error.message
    assert "donor D1" in error.message and "leave the column replicate blank" in error.hint
    # A check says it beside any other fault, not one after the other.
    (tmp_path / "worse").mkdir()
    wrong = PROTOCOL.replace('channel = "pSTAT3"\npopulation', 'channel = "pSTATT3"\npopulation')
    problems = check(folder(tmp_path / "worse", [*sheet(), again], wrong)).problems
    assert error.message in [one.message for one in problems] and len(problems) > 1
    # Each way out that the hint names lets the run go on.
    for place, changed in (("blank", ""), ("numbered", "3")):
        (tmp_path / place).mkdir()
        rows = [*sheet(), again | {"replicate": changed}]
        both(folder(tmp_path / place, rows))


def test_replicates_that_are_all_numbered_1_are_told_and_the_run_goes_on(tmp_path: Path) -> None:
    rows = [one | {"replicate": "1"} for one in sheet()]
    report, run = both(folder(tmp_path, rows))
    assert len(messages(report, "replicate-twice")) == 2
    assert percents(run)["D1"][0] == "ok"


def test_a_treated_tube_with_a_number_twice_is_told_and_the_run_goes_on(tmp_path: Path) -> None:
    rows = [*sheet(), row("D1_i.fcs", "D1", "IL-6", "ruxolitinib", replicate="1")]
    rows[4] = rows[-1] | {"file": "again_i.fcs"}
    report, _ = both(folder(tmp_path, rows))
    (told,) = messages(report, "replicate-twice")
    assert "number them 1, 2" in told


def test_a_copy_of_a_file_is_told_by_its_bytes(tmp_path: Path) -> None:
    rows = [*sheet(), sheet()[2] | {"file": "copy_s1.fcs", "replicate": ""}]
    folder(tmp_path, rows)
    shutil.copy(tmp_path / "fcs" / "D1_s1.fcs", tmp_path / "fcs" / "copy_s1.fcs")
    report, _ = both(tmp_path)
    assert messages(report, "same-file-twice")


def test_a_readout_that_no_channel_carries_is_refused_by_name(tmp_path: Path) -> None:
    wrong = PROTOCOL.replace('channel = "pSTAT3"\npopulation', 'channel = "pSTATT3"\npopulation')
    error = refused(folder(tmp_path, sheet(), wrong))
    assert isinstance(error, ControlError)
    assert error.message.startswith("no channel carries readout 'pSTAT3 (Y705)'")
    assert "pSTAT3" in error.hint or "pSTAT3" in error.message


@pytest.mark.parametrize("column", ["dose_unit", "stimulus_unit"])
def test_a_dose_without_a_unit_is_refused_with_its_cell(column: str, tmp_path: Path) -> None:
    rows = sheet()
    rows[4][column] = ""
    error = refused(folder(tmp_path, rows))
    assert isinstance(error, ControlError)
    assert "has no unit" in error.message and error.where == "samples.csv:6"


def test_what_is_wrong_elsewhere_hides_no_missing_control(tmp_path: Path) -> None:
    """A check mends all in one sitting: with a channel absent the sheet is still looked through."""
    wrong = PROTOCOL.replace('total = "STAT3"', 'total = "STAT33"')
    rows = without("u1", "u2", "b")(sheet())
    rows[0]["stimulus"] = "IL6"
    report = check(folder(tmp_path, rows, wrong))
    assert len(report.problems) == 1
    rules = {one.rule for one in report.findings}
    assert {"control-missing", "inhibitor-alone-missing", "named-two-ways"} <= rules


def test_the_command_line_names_the_row_and_writes_nothing(tmp_path: Path) -> None:
    rows = sheet()
    place = folder(tmp_path, [*rows, rows[0]])
    for command in ("check", "run"):
        done = subprocess.run(
            [sys.executable, "-m", "assays.cli", command, str(place)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 1
        assert "named twice, first at samples.csv:2" in done.stdout + done.stderr
        assert "Traceback" not in done.stderr
    assert not (place / "results").exists()
