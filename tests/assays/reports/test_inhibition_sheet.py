"""Every percent inhibition is worked out again by a spreadsheet, from the medians of its tubes."""

from __future__ import annotations

import dataclasses
import io
import math
import re
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from assays.inhibition.over_tubes import inhibitions
from assays.protocol import Flow, Gate, Inhibition, Protocol, Readout
from assays.reports import workbook
from assays.reports.tables import tables_of
from assays.results.flow import FlowRun, Reading
from assays.results.run import Provenance, Run
from assays.samples import Agent, Tube, TubeRole

IL6 = Agent("IL-6", 10.0, "ng/mL")
DRUG = Agent("=1+1", 100.0, "nM")


def reading(role: TubeRole, median: float, number: int = 1, readout: str = "pSTAT3") -> Reading:
    driven = role in (TubeRole.STIMULATED, TubeRole.TREATED)
    given = role in (TubeRole.TREATED, TubeRole.INHIBITOR_ALONE)
    tube = Tube(
        f"{role}_{number}.fcs", "D1", role, IL6 if driven else None, (DRUG,) if given else (),
        "DMSO", number,
    )  # fmt: skip
    return Reading(
        tube.file, "D1", tube, readout, "CLL", "pSTAT3", 2000, median, 5.0, 150.0,
        math.nan, math.nan, math.nan, "", "ok" if math.isfinite(median) else "few events",
    )  # fmt: skip


def run(scale: str) -> Run:
    flow = Flow(
        compensation="none",
        gates=(Gate(population="CLL", method="interval", channels=("CD5",)),),
        readouts=(Readout(name="pSTAT3", channel="pSTAT3", population="CLL"),),
        inhibition=Inhibition(tube_cv_percent=4.0, scale=scale),  # type: ignore[arg-type]
    )
    readings = (
        reading(TubeRole.UNSTIMULATED, 210.0),
        reading(TubeRole.UNSTIMULATED, 190.0, 2),
        reading(TubeRole.STIMULATED, 1010.0),
        reading(TubeRole.STIMULATED, 970.0, 2),
        reading(TubeRole.STIMULATED, math.nan, 3),
        reading(TubeRole.TREATED, 430.0),
        reading(TubeRole.TREATED, 460.0, 2),
        reading(TubeRole.INHIBITOR_ALONE, 150.0),
    )
    found = inhibitions(readings, protocol=flow)
    made = FlowRun(
        tuple(r.tube for r in readings), "none", (), None, (), (), readings, (), (), found, (),
        (), (), {}, inhibition_scale=scale,
    )  # fmt: skip
    protocol = Protocol(kind=("flow",), flow=flow, schema=1)
    return Run("x", "x", Provenance("id", "1", (), protocol, "", ()), None, made)


def cells(data: bytes, **how: Any) -> list[dict[str, Any]]:
    sheet = openpyxl.load_workbook(io.BytesIO(data), **how)["inhibition_live"]
    head, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(map(str, head), row, strict=True)) for row in rows]


@pytest.mark.parametrize("scale", ["linear", "arcsinh"])
def test_a_spreadsheet_finds_our_percentages_from_the_medians(scale: str, tmp_path: Path) -> None:
    office = shutil.which("libreoffice")
    if office is None:
        pytest.skip("libreoffice is not installed")
    made = run(scale)
    data = workbook.render(made, tables_of(made))
    bare = tmp_path / "results.xlsx"
    with zipfile.ZipFile(io.BytesIO(data)) as whole, zipfile.ZipFile(bare, "w") as stripped:
        for name in whole.namelist():
            # Without the stored values nothing but a calculation can give them back.
            part = re.sub(rb"(</f>)<v>[^<]*</v>", rb"\1", whole.read(name))
            stripped.writestr(name, part)
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    command = [office, "--headless", profile, "--convert-to", "xlsx", "--outdir"]
    subprocess.run(
        [*command, str(tmp_path / "again"), str(bare)], check=True, capture_output=True, timeout=120
    )
    (found,) = cells((tmp_path / "again" / "results.xlsx").read_bytes(), data_only=True)
    assert made.flow is not None
    (row,) = made.flow.inhibition
    for key, value in (
        ("treated", row.treated),
        ("stimulated", row.stimulated),
        ("unstimulated", row.unstimulated),
        ("inhibitor_alone", row.alone),
        ("percent_inhibition", row.percent),
        ("own_floor", row.percent_own_floor),
    ):
        assert found[key] == pytest.approx(value, rel=1e-12), key
    assert abs(found["difference"]) < 1e-10


def test_the_formulas_point_at_the_tubes_of_the_readings_sheet() -> None:
    made = run("linear")
    data = workbook.render(made, tables_of(made))
    (row,) = cells(data)
    book = openpyxl.load_workbook(io.BytesIO(data))
    places = re.findall(r"readings!([A-Z]+\d+)", row["stimulated"])
    assert [book["readings"][place].value for place in places] == [1010.0, 970.0]
    assert row["percent_inhibition"].startswith("=100*(")
    # A name that looks like a formula stays a name.
    assert row["inhibitor"] == "=1+1"
    assert cells(data, data_only=True)[0]["percent_inhibition"] == pytest.approx(
        100 * (990 - 445) / (990 - 200)
    )


def test_a_percentage_that_was_refused_is_no_formula_either() -> None:
    made = run("linear")
    assert made.flow is not None
    silent = dataclasses.replace(made.flow.inhibition[0], percent=math.nan, status="no activation")
    flow = dataclasses.replace(made.flow, inhibition=(silent,))
    again = dataclasses.replace(made, flow=flow)
    (row,) = cells(workbook.render(again, tables_of(again)))
    assert row["percent_inhibition"] is None and row["own_floor"] is None
    assert row["stimulated"] is not None
