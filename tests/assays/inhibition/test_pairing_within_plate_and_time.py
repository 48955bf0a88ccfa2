"""Tubes are held against controls of their own plate and their own time point."""

from __future__ import annotations

import dataclasses
import math

import pytest

from assays.inhibition.over_tubes import (
    donor_comparisons,
    dose_responses,
    inhibitions,
)
from assays.protocol import Flow, Gate, Inhibition, Readout
from assays.results.flow import Reading
from assays.samples import Agent, Tube, TubeRole

IL6 = Agent("IL-6", 10.0, "ng/mL")
DRUG = Agent("ruxolitinib", 100.0, "nM")
FLOW = Flow(
    compensation="none",
    gates=(Gate(population="CLL", method="interval", channels=("CD5",)),),
    readouts=(Readout(name="pSTAT3", channel="pSTAT3", population="CLL"),),
    inhibition=Inhibition(tube_cv_percent=4.0),
)


def reading(
    role: TubeRole, median: float, plate: str = "", time: float | None = None, number: int = 1
) -> Reading:
    driven = role in (TubeRole.STIMULATED, TubeRole.TREATED)
    given = role in (TubeRole.TREATED, TubeRole.INHIBITOR_ALONE)
    tube = Tube(
        f"{role}_{plate}_{time}_{number}.fcs", "D1", role, IL6 if driven else None,
        (DRUG,) if given else (), "DMSO", number, plate=plate, time_min=time,
    )  # fmt: skip
    return Reading(
        tube.file, "D1", tube, "pSTAT3", "CLL", "pSTAT3", 2000, median, 5.0, 150.0,
        math.nan, math.nan, math.nan, "", "ok",
    )  # fmt: skip


U, S, I, B = (
    TubeRole.UNSTIMULATED,
    TubeRole.STIMULATED,
    TubeRole.TREATED,
    TubeRole.INHIBITOR_ALONE,
)


def test_each_plate_has_its_own_anchors() -> None:
    rows = inhibitions(
        [
            reading(U, 200, "P1"), reading(S, 1000, "P1"), reading(I, 600, "P1"),
            reading(U, 400, "P2"), reading(S, 2000, "P2"), reading(I, 800, "p2 "),
        ],
        protocol=FLOW,
    )  # fmt: skip
    assert [row.plate for row in rows] == ["P1", "p2 "]
    assert [row.percent for row in rows] == pytest.approx([50.0, 75.0])
    assert not any(row.pairing_note for row in rows)


def test_another_plate_serves_only_where_its_own_has_none_and_it_is_told() -> None:
    readings = [reading(U, 200, "P1"), reading(S, 1000, "P1"), reading(I, 600, "P2")]
    (row,) = inhibitions(readings, protocol=FLOW)
    assert row.percent == pytest.approx(50.0)
    assert "plate P2 has no stimulated tube; those of P1 were used" in row.pairing_note


def test_each_time_point_has_its_own_anchors_and_time_zero_serves_every_time() -> None:
    readings = [
        reading(U, 200, time=0.0),
        reading(S, 1200, time=15.0), reading(I, 700, time=15.0),
        reading(S, 600, time=60.0), reading(I, 300, time=60.0),
    ]  # fmt: skip
    rows = inhibitions(readings, protocol=FLOW)
    assert [row.time_min for row in rows] == [15.0, 60.0]
    assert [row.percent for row in rows] == [pytest.approx(50.0), pytest.approx(75.0)]
    at_60 = [*readings, reading(U, 100, time=60.0)]
    assert inhibitions(at_60, protocol=FLOW)[1].percent == pytest.approx(60.0)


def test_a_stimulated_tube_of_another_time_is_no_control() -> None:
    readings = [reading(U, 200, time=0.0), reading(S, 1200, time=15.0), reading(I, 700, time=60.0)]
    (row,) = inhibitions(readings, protocol=FLOW)
    assert (row.status, math.isnan(row.percent)) == ("control missing", True)


def test_the_inhibitor_alone_is_of_the_same_plate() -> None:
    one = [reading(U, 200, "P1"), reading(S, 1000, "P1"), reading(I, 600, "P1")]
    alone = [reading(B, 100, "P1"), reading(B, 500, "P2")]
    (row,) = inhibitions([*one, *alone], protocol=FLOW)
    assert row.percent_own_floor == pytest.approx(100 * (1 - (600 - 100) / 800))


def test_tubes_of_two_plates_are_no_replicates_of_one_another() -> None:
    readings = [
        reading(role, level * (1.5 if plate == "P2" else 1.0), plate, None)
        for plate in ("P1", "P2")
        for role, level in ((U, 200.0), (S, 1000.0), (I, 600.0))
    ]
    flow = FLOW.model_copy(update={"inhibition": Inhibition()})
    assert {row.status for row in inhibitions(readings, protocol=flow)} == {"not testable"}
    tube = dataclasses.replace(readings[0].tube, file="again.fcs", replicate=2)
    twice = [*readings, dataclasses.replace(readings[0], tube=tube, file="again.fcs", median=210.0)]
    assert {row.df for row in inhibitions(twice, protocol=flow)} == {1.0}


def test_times_are_not_averaged_over_donors() -> None:
    readings = []
    for number, donor in enumerate(("D1", "D2", "D3")):
        for one in (
            reading(U, 200 + number, time=0.0),
            reading(S, 1200 + number, time=15.0),
            reading(S, 300 + number, time=60.0),
        ):
            tube = dataclasses.replace(one.tube, donor=donor, file=f"{donor}_{one.file}")
            readings.append(dataclasses.replace(one, donor=donor, tube=tube, file=tube.file))
    rows = donor_comparisons(readings, (), protocol=FLOW)
    assert [row.condition for row in rows] == ["IL-6 10 ng/mL, 15 min", "IL-6 10 ng/mL, 60 min"]
    assert rows[0].estimate > 3 * rows[1].estimate
    # One time speaks for the stimulus in Holm's family; the other has no adjusted p.
    assert sorted(row.family for row in rows) == [0, 1]


def test_dose_series_of_two_plates_have_two_curves() -> None:
    readings = []
    for plate, factor in (("P1", 1.0), ("P2", 3.0)):
        readings += [
            reading(role, factor * level * (1 + 0.02 * number), plate, number=number)
            for role, level in ((U, 200.0), (S, 1000.0))
            for number in (0, 1)
        ]
        for dose in (1.0, 10.0, 100.0, 1000.0, 10_000.0):
            one = reading(I, factor * (200 + 800 / (1 + dose / 100)), plate)
            given = (dataclasses.replace(DRUG, dose=dose),)
            tube = dataclasses.replace(one.tube, inhibitors=given, file=f"{plate}_{dose}")
            readings.append(dataclasses.replace(one, tube=tube, file=tube.file))
    first, second = dose_responses(readings, protocol=FLOW)
    assert (first.stimulated, second.stimulated) == pytest.approx((1010, 3030))
    assert first.ic50 == pytest.approx(100, rel=0.1)
    assert second.ic50 == pytest.approx(100, rel=0.1)
    assert "plate P2" in second.note
