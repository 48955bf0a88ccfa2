"""What a sample sheet says of a pair of inhibitors before the cells are gone."""

from __future__ import annotations

from assays.inhibition.sheet.controls import missing_controls
from assays.protocol import Flow, Gate, Readout
from assays.samples import Agent, Tube, TubeRole
from plates.findings import Finding, Severity

IL6 = Agent("IL-6", 10.0, "ng/mL")
A, B = Agent("anti-IL-6R", 0.3, "ug/mL"), Agent("JAK2 inhibitor", 30.0, "nM")
BOTH = "DMSO + IgG1"
FLOW = Flow(
    compensation="none",
    gates=(Gate(population="CLL", method="interval", channels=("CD5",)),),
    readouts=(Readout(name="pSTAT3", channel="pSTAT3", population="CLL"),),
)
RULES = ("single-agent-missing", "pair-control-missing", "arm-lacks-a-vehicle")


def tube(vehicle: str, *drugs: Agent, stimulus: Agent | None = IL6, donor: str = "D1") -> Tube:
    driven = TubeRole.STIMULATED if stimulus else TubeRole.UNSTIMULATED
    role = TubeRole.TREATED if drugs else driven
    return Tube(f"{donor}{stimulus}{drugs}{vehicle}", donor, role, stimulus, drugs, vehicle)


def sheet(*arms: tuple[str, Agent], vehicles: tuple[str, ...] = ("DMSO", "IgG1", BOTH)) -> list:
    """Both inhibitors together, the arms, and controls with each vehicle."""
    return [
        *(tube(vehicle, stimulus=stimulus) for vehicle in vehicles for stimulus in (IL6, None)),
        *(tube(vehicle, agent) for vehicle, agent in arms),
        tube(BOTH, A, B),
    ]


def told(tubes: list[Tube]) -> list[Finding]:
    return [one for one in missing_controls(tubes, FLOW) if one.rule in RULES]


def test_arms_and_controls_with_both_vehicles_leave_nothing_to_say() -> None:
    assert told(sheet((BOTH, A), ("IgG1 + DMSO", B))) == []
    # Those with their own vehicle beside them change nothing.
    assert told(sheet((BOTH, A), (BOTH, B), ("IgG1", A), ("DMSO", B))) == []


def test_an_arm_with_its_own_vehicle_is_told_with_the_control_it_is_held_against() -> None:
    first, second = told(sheet(("IgG1", A), ("DMSO", B)))
    assert {first.rule, second.rule} == {"arm-lacks-a-vehicle"}
    assert first.severity is Severity.LOOK
    assert first.message == (
        "anti-IL-6R alone carries IgG1, its pair DMSO + IgG1 in donor D1: it is held "
        "against the controls with DMSO + IgG1, as the pair is, and what DMSO does by itself is "
        "counted as its own. Give the tube with one inhibitor the vehicle of the other, too."
    )
    assert "what IgG1 does by itself" in second.message


def test_an_arm_with_a_vehicle_that_the_pair_lacks_is_told() -> None:
    (one,) = told(
        sheet((BOTH, A), ("ethanol", B), vehicles=("DMSO", "IgG1", "ethanol", BOTH))
    )  # fmt: skip
    assert "JAK2 inhibitor alone carries ethanol, its pair DMSO + IgG1" in one.message
    assert "held against controls with that" in one.message


def test_without_a_control_that_carries_both_the_cost_is_told_once() -> None:
    (one,) = told(sheet(("IgG1", A), ("DMSO", B), vehicles=("DMSO", "IgG1")))
    assert one.rule == "pair-control-missing"
    assert "No stimulated and unstimulated tube with DMSO + IgG1" in one.message
    assert "each inhibitor alone against its own vehicle's" in one.message


def test_two_small_molecules_in_one_vehicle_need_nothing_more() -> None:
    tubes = [
        tube("DMSO"), tube("DMSO", stimulus=None), tube("DMSO", A), tube("DMSO", B),
        tube("DMSO", A, B),
    ]  # fmt: skip
    assert told(tubes) == []


def test_a_member_that_another_donor_was_given_is_missing_all_the_same() -> None:
    tubes = [*sheet((BOTH, A)), tube(BOTH, B, donor="D2")]
    (one,) = told(tubes)
    assert one.rule == "single-agent-missing"
    assert one.message.startswith("JAK2 inhibitor 30 nM is given in a pair but not singly")
