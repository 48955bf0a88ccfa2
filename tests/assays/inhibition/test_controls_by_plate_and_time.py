"""Controls that serve from another plate, time or vehicle: a check tells what the run does."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

import pytest

from assays.inhibition.over_tubes import dose_responses, inhibitions
from assays.inhibition.sheet.controls import missing_controls
from assays.inhibition.sheet.rehearsal import rehearse
from assays.protocol import Flow, Gate, Inhibition, Readout
from assays.results.flow import Reading
from assays.samples import Agent, Tube, TubeRole
from plates.findings import Finding, Severity

IL6, CD40L = Agent("IL-6", 10.0, "ng/mL"), Agent("CD40L", 200.0, "ng/mL")
DRUG, ANTIBODY = Agent("ruxolitinib", 100.0, "nM"), Agent("tocilizumab", 10.0, "ug/mL")
ISOTYPE = "IgG1 isotype"


def flow(**of_p65: object) -> Flow:
    second = {"name": "p-p65", "channel": "p-p65", "population": "CLL", **of_p65}
    return Flow(
        compensation="none",
        gates=(Gate(population="CLL", method="interval", channels=("CD5",)),),
        readouts=(
            Readout(name="pSTAT3", channel="pSTAT3", population="CLL"),
            Readout.model_validate(second),
        ),
        inhibition=Inhibition(tube_cv_percent=5.0),
    )


def tube(
    stimulus: Agent | None = None,
    *inhibitors: Agent,
    plate: str = "",
    time: float | None = None,
    vehicle: str = "DMSO",
    donor: str = "D1",
    role: TubeRole | None = None,
) -> Tube:
    if inhibitors:
        follows = TubeRole.TREATED if stimulus else TubeRole.INHIBITOR_ALONE
    else:
        follows = TubeRole.STIMULATED if stimulus else TubeRole.UNSTIMULATED
    held = (role, stimulus, *inhibitors)
    words = "-".join([donor, *(str(one) for one in held if one), vehicle, plate, str(time)])
    return Tube(
        f"{words}.fcs".replace("/", "_"), donor, role or follows, stimulus, tuple(inhibitors),
        vehicle, plate=plate, time_min=time,
    )  # fmt: skip


def on(plate: str, *tubes: Tube) -> list[Tube]:
    return [dataclasses.replace(one, plate=plate, file=f"{plate}{one.file}") for one in tubes]


def told(tubes: Sequence[Tube], rule: str, protocol: Flow | None = None) -> list[Finding]:
    return [one for one in missing_controls(tubes, protocol or flow()) if one.rule == rule]


def test_a_vehicle_on_another_plate_is_missing_on_this_one() -> None:
    matched = [tube(vehicle=ISOTYPE), tube(IL6, vehicle=ISOTYPE)]
    tubes = [
        *on("P1", tube(), tube(IL6), *matched),
        *on("P2", tube(), tube(IL6), tube(IL6, ANTIBODY, vehicle=ISOTYPE)),
    ]
    (one,) = told(tubes, "vehicle-control")
    assert one.severity is Severity.LOOK
    assert "No stimulated and no unstimulated tube with IgG1 isotype on plate P2" in one.message
    assert "controls with DMSO were used" in one.message
    assert not told([*tubes, *on("P2", *matched)], "vehicle-control")
    assert not told(tubes, "control-of-another-plate-or-time")


def test_a_vehicle_at_another_time_is_missing_at_this_one() -> None:
    tubes = [
        tube(), tube(vehicle=ISOTYPE), tube(IL6, time=15.0), tube(IL6, time=60.0),
        tube(IL6, time=60.0, vehicle=ISOTYPE), tube(IL6, ANTIBODY, time=15.0, vehicle=ISOTYPE),
    ]  # fmt: skip
    (one,) = told(tubes, "vehicle-control")
    assert "No stimulated tube with IgG1 isotype at 15 min for tocilizumab" in one.message


def test_the_vehicle_of_a_whole_other_plate_that_serves_is_no_lack_of_vehicle() -> None:
    tubes = [
        *on("P1", tube(vehicle=ISOTYPE), tube(IL6, vehicle=ISOTYPE)),
        *on("P2", tube(IL6, ANTIBODY, vehicle=ISOTYPE)),
    ]
    assert not told(tubes, "vehicle-control")
    both = told(tubes, "control-of-another-plate-or-time")
    assert [one.message.partition(": ")[2].partition(";")[0] for one in both] == [
        "plate P2 has no stimulated tube", "plate P2 has no unstimulated tube",
    ]  # fmt: skip
    assert all("counted as inhibition" in one.message for one in both)


def test_a_time_without_its_own_stimulated_tube_gives_no_inhibition() -> None:
    tubes = [tube(time=15.0), tube(IL6, time=15.0), tube(IL6, DRUG, time=60.0)]
    (missing,) = told(tubes, "control-missing")
    assert "No tube with IL-6 10 ng/mL and no inhibitor at 60 min in donor D1" in missing.message
    assert "Those of 15 min do not serve" in missing.message
    (other,) = told(tubes, "control-of-another-plate-or-time")
    assert "no unstimulated tube at 60 min" in other.message
    blank = [tube(), tube(IL6, time=15.0), tube(IL6, DRUG)]
    (missing,) = told(blank, "control-missing")
    assert "without a time" in missing.message and "15 min" in missing.message


def test_the_baseline_of_a_stimulated_tube_alone_is_watched_as_well() -> None:
    tubes = [*on("P1", tube(), tube(IL6), tube(IL6, DRUG)), *on("P2", tube(IL6))]
    (one,) = told(tubes, "control-of-another-plate-or-time")
    assert "plate P2 has no unstimulated tube; those of P1 were used" in one.message
    assert "counted as activation" in one.message


def test_the_inhibitor_alone_is_asked_for_at_every_dose() -> None:
    doses = [dataclasses.replace(DRUG, dose=dose) for dose in (100.0, 3.0, 30.0, 10.0)]
    tubes = [tube(), tube(IL6), *(tube(IL6, one) for one in doses)]
    (none,) = told(tubes, "inhibitor-alone-missing")
    assert none.message.startswith(
        "ruxolitinib is not given without a stimulus at any dose in donor D1: there the column of "
        "the own floor stays blank"
    )
    (some,) = told([*tubes, tube(None, doses[0])], "inhibitor-alone-missing")
    assert (some.severity, some.where) == (Severity.NOTE, "donor D1")
    assert "at 3, 10 and 30 nM in donor D1 (only at 100 nM): there" in some.message
    assert "counted as blockade" in some.message
    other = [tube(donor="D2"), tube(IL6, donor="D2"), tube(IL6, doses[1], donor="D2")]
    (one,) = told([*tubes, tube(None, doses[0]), *other], "inhibitor-alone-missing")
    assert one.where == "donors D1, D2"
    assert "(only at 100 nM); at any dose in donor D2: there" in one.message
    third = [dataclasses.replace(each, donor="D3") for each in (*other[:2], tubes[2])]
    (one,) = told([*other, *third], "inhibitor-alone-missing")
    assert "at any dose in donors D2, D3: there" in one.message
    # 0.03 µM is 30 nM.
    all_of_them = [tube(None, Agent("Ruxolitinib", one.dose / 1000, "µM")) for one in doses]
    assert not told([*tubes, *all_of_them], "inhibitor-alone-missing")


def test_an_own_floor_of_another_vehicle_or_plate_is_told() -> None:
    tubes = on("P2", tube(), tube(IL6), tube(IL6, DRUG))
    alone = on("P1", tube(None, DRUG, vehicle="ethanol"))
    (one,) = told([*tubes, *alone], "own-floor-unmatched")
    assert "plate P2 has no tube with the inhibitor alone; those of P1 were used" in one.message
    assert "no such tube with DMSO; those with ethanol serve" in one.message


def test_a_readout_with_a_stimulus_of_its_own_asks_for_its_own_controls_alone() -> None:
    tubes = [tube(), tube(IL6), tube(IL6, DRUG), tube(CD40L, DRUG)]
    protocol = flow(stimulus="CD40L")
    (one,) = told(tubes, "control-missing", protocol)
    assert "CD40L 200 ng/mL" in one.message
    only = [tube(), tube(CD40L), tube(CD40L, DRUG), tube(IL6, DRUG)]
    (one,) = told(only, "control-missing", protocol)
    assert "IL-6 10 ng/mL" in one.message and "get no inhibition for pSTAT3" in one.message


def test_replicates_are_those_of_one_plate_and_one_readout() -> None:
    bare = flow().model_copy(update={"inhibition": Inhibition()})
    once = [tube(), tube(IL6), tube(IL6, DRUG)]
    # Tubes of two plates are no replicates, nor are two FMO tubes.
    fmo = [tube(IL6, role=TubeRole.FMO), tube(IL6, role=TubeRole.FMO)]
    assert told([*on("P1", *once), *on("P2", *once), *fmo], "replicates-missing", bare)
    assert not told([*once, *once], "replicates-missing", bare)
    p65 = flow(stimulus="CD40L").model_copy(update={"inhibition": Inhibition()})
    (one,) = told([*once, tube(CD40L, DRUG), tube(IL6, DRUG)], "replicates-missing", p65)
    assert "No condition has replicate tubes for p-p65" in one.message


def readings(tubes: Sequence[Tube], protocol: Flow) -> list[Reading]:
    level = {TubeRole.UNSTIMULATED: 200.0, TubeRole.STIMULATED: 1000.0, TubeRole.TREATED: 500.0}
    return [
        Reading(
            one.file, one.donor, one, readout.name, "CLL", readout.channel, 2000,
            level.get(one.role, 190.0), 5.0, 150.0, math.nan, math.nan, math.nan, "", "ok",
        )
        for one in tubes
        for readout in protocol.readouts
    ]  # fmt: skip


SHEETS = {
    "two plates": [
        *on("P1", tube(), tube(IL6), tube(IL6, DRUG), tube(None, DRUG)),
        *on("P2", tube(IL6), tube(IL6, DRUG), tube(IL6, ANTIBODY, vehicle=ISOTYPE)),
    ],
    "times": [
        tube(time=0.0), tube(IL6, time=15.0), tube(IL6, DRUG, time=15.0),
        tube(IL6, DRUG, time=60.0), tube(IL6, DRUG), tube(CD40L, DRUG, time=15.0),
    ],
    "vehicles": [
        tube(), tube(vehicle=ISOTYPE), tube(IL6), tube(IL6, DRUG, vehicle="dmso "),
        tube(IL6, ANTIBODY, vehicle=ISOTYPE), tube(IL6, ANTIBODY, DRUG, vehicle="x"),
        tube(IL6, DRUG, vehicle=""),
    ],
    "two donors": [
        tube(), tube(IL6), tube(IL6, DRUG), tube(IL6, DRUG, donor="D2"), tube(IL6, donor="D2"),
    ],
}  # fmt: skip


@pytest.mark.parametrize("sheet", SHEETS)
@pytest.mark.parametrize("stimulus", [None, "CD40L"])
def test_the_check_pairs_what_the_run_pairs(sheet: str, stimulus: str | None) -> None:
    tubes, protocol = SHEETS[sheet], flow(stimulus=stimulus)
    rows = inhibitions(readings(tubes, protocol), protocol=protocol)
    foreseen = {
        (name, tuple(row.tube.file for row in one.tubes)): (
            tuple(row.tube.file for row in one.controls.stimulated),
            tuple(row.tube.file for row in one.controls.unstimulated),
            tuple(row.tube.file for row in one.alone),
            one.controls.note,
            one.controls.pairing_note,
        )
        for each in rehearse(tubes, protocol)
        for one in each.conditions
        for name in each.names
    }
    done = {
        (row.readout, row.treated_files): (
            row.stimulated_files, row.unstimulated_files, row.alone_files, row.note,
            row.pairing_note,
        )
        for row in rows
    }  # fmt: skip
    assert foreseen == done
    # What stands in a row of the run stands in a finding of the check.
    messages = " ".join(one.message for one in missing_controls(tubes, protocol))
    for row in rows:
        assert all(note in messages for note in row.pairing_note.split("; ") if note)
        assert (row.status != "control missing") or (
            "get no inhibition" in messages or "no inhibition." in messages
        )
        if row.note and row.vehicle.strip():
            assert f"{row.note.partition(';')[0].removeprefix('no ')}" in messages


def test_a_control_without_a_number_is_not_called_missing() -> None:
    doses = [dataclasses.replace(DRUG, dose=10.0**k) for k in range(5)]
    tubes = [tube(), tube(IL6), *(tube(IL6, one) for one in doses)]
    made = [
        dataclasses.replace(one, median=math.nan, status="few events")
        if one.tube.role == TubeRole.STIMULATED
        else one
        for one in readings(tubes, flow())
    ]
    assert {row.status for row in inhibitions(made, protocol=flow())} == {"few events"}
    assert {row.status for row in dose_responses(made, protocol=flow())} == {"few events"}
    lost = [one for one in made if one.tube.role != TubeRole.STIMULATED]
    assert {row.status for row in dose_responses(lost, protocol=flow())} == {"control missing"}
