"""Positive controls, protection, courses and calibration stand in tables of their own."""

import math
from dataclasses import replace

import numpy as np

from assays.reports.tables import tables_of
from assays.results.activation import (
    BeadPeak,
    Calibration,
    Kinetics,
    PositiveControl,
    Protection,
)

NAN = math.nan


def test_each_has_a_table_when_the_run_has_it(flow_run):
    names = ("positive_controls", "protection", "kinetics", "calibration")
    assert not set(names) & set(tables_of(flow_run))
    course = Kinetics(
        "D1", "pSTAT3", "IL-6", "DMSO", "P1", "a.u.", np.array([0.0, 15.0, 60.0]),
        np.array([200.0, 900.0, 300.0]), np.array([200.0, 200.0, 200.0]), (1, 2, 2),
        np.array([0.0, 20.0, 9.0]), 700.0, (660.0, 740.0), 15.0, (15.0, 15.0), 23_250.0,
        (21_000.0, 25_000.0), "ok",
    )  # fmt: skip
    run = replace(
        flow_run,
        flow=replace(
            flow_run.flow,
            positive_controls=(
                PositiveControl("D1", "p", "IL-10", 9.0, 2.0, 7.0, (5.0, 9.0), 1, 2, "responds"),
            ),
            protections=(
                Protection("D1", "dead", "IL-6", "", 40.0, (30.0, 50.0), 50.0, 30.0, 2, 2, "ok"),
            ),
            kinetics=(course,),
            calibrations=(
                Calibration(
                    "PE-A", "MESF", ("b.fcs",), "A1", "log-log", 1.0, 0.0, 0.999, 10.0, 90.0,
                    (BeadPeak(100.0, 90.0, 500, 98.0, True), BeadPeak(0.0, 2.0, 500, NAN, False)),
                ),
            ),
        ),
    )  # fmt: skip
    tables = tables_of(run)
    assert set(names) <= set(tables)
    assert tables["protection"].column("percent_protection") == (40.0,)
    assert tables["kinetics"].column("difference") == (0.0, 700.0, 100.0)
    assert tables["kinetics"].column("area_unit") == ("a.u. · min",) * 3
    assert tables["calibration"].column("recovery_percent")[0] == 98.0
    assert math.isnan(tables["calibration"].column("recovery_percent")[1])
    assert tables["positive_controls"].column("status") == ("responds",)
