"""Which tubes are the arms of a pair of inhibitors."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from assays.inhibition.pairs.members import ArmTubes, Carries, find_arms
from assays.inhibition.sheet.off_curve import off_curve
from assays.inhibition.vehicles import is_part, parts, vehicle_key
from assays.samples import Agent, Tube, TubeRole

IL6 = Agent("IL-6", 10.0, "ng/mL")
A, B = Agent("anti-IL-6R", 0.3, "ug/mL"), Agent("JAK2 inhibitor", 30.0, "nM")
BOTH = "DMSO + IgG1 isotype"


@dataclass(frozen=True)
class Held:
    """Something that belongs to a tube."""

    tube: Tube


def held(*drugs: Agent, vehicle: str = BOTH, **more: object) -> Held:
    given: dict[str, object] = {"donor": "D1", "stimulus": IL6, "time_min": 15.0, **more}
    name = f"{drugs}{vehicle}{more}"
    return Held(Tube(name, role=TubeRole.TREATED, inhibitors=drugs, vehicle=vehicle, **given))  # type: ignore[arg-type]


def arms(*candidates: Held, **more: object) -> tuple[ArmTubes[Held] | None, ...]:
    return find_arms(held(A, B, **more).tube, candidates, {})


def test_the_order_in_which_vehicles_are_named_does_not_matter() -> None:
    assert vehicle_key("IgG1 isotype+ dmso") == vehicle_key(BOTH) == "dmso + igg1 isotype"
    assert vehicle_key("DMSO and IgG1 isotype") == vehicle_key("DMSO / IgG1 isotype")
    assert parts("10 ug/mL IgG1") == ("10 ug/ml igg1",)
    assert parts("") == ()


@pytest.mark.parametrize("short", ["DMSO", "IgG1", "igg1 isotype"])
def test_a_part_of_a_vehicle_may_be_named_shortly(short: str) -> None:
    assert is_part(short, BOTH)


@pytest.mark.parametrize("other", ["", "ethanol", BOTH, "IgG2", "DMSO + IgG1 + ethanol"])
def test_nothing_all_and_another_vehicle_are_no_part(other: str) -> None:
    assert not is_part(other, BOTH)


@pytest.mark.parametrize("turned", [False, True])
def test_an_arm_with_both_vehicles_serves_before_one_with_its_own(turned: bool) -> None:
    own, both = held(A, vehicle="IgG1 isotype"), held(A, vehicle="IgG1 isotype + DMSO")
    first, second = arms(*((both, own) if turned else (own, both)))
    assert first is not None and second is None
    assert first.tubes == (both,)
    assert first.carries is Carries.ALL


def test_an_arm_with_its_own_vehicle_serves_before_one_with_another() -> None:
    first, _ = arms(held(A, vehicle="ethanol"), held(A, vehicle="IgG1 isotype"))
    assert first is not None and first.carries is Carries.PART
    other, _ = arms(held(A, vehicle="ethanol"))
    assert other is not None and other.carries is Carries.OTHER


def test_where_no_vehicle_is_told_there_is_nothing_to_choose() -> None:
    first, second = arms(held(A, vehicle=""), held(B, vehicle=""), vehicle="")
    assert first is not None and second is not None
    assert {first.carries, second.carries} == {Carries.ALL}


@pytest.mark.parametrize(
    "other",
    [
        {"donor": "D2"}, {"time_min": 60.0}, {"plate": "P2"},
        {"stimulus": Agent("IL-6", 30.0, "ng/mL")},
    ],
)  # fmt: skip
def test_no_arm_is_taken_from_elsewhere(other: dict[str, object]) -> None:
    assert arms(held(A, **other)) == (None, None)


def test_doses_in_two_units_are_one_dose() -> None:
    first, second = arms(
        held(Agent("anti-IL-6R", 300.0, "ng/mL"), stimulus=Agent("IL-6", 10_000.0, "pg/mL")),
        held(Agent("jak2 inhibitor", 0.03, "uM")),
    )
    assert first is not None and second is not None


def test_an_arm_that_carries_what_the_pair_does_is_not_told_as_left_off_a_curve() -> None:
    series = [held(Agent(A.name, dose, "ug/mL"), vehicle="IgG1 isotype") for dose in (0.3, 1, 3)]
    arm, other = held(A), held(Agent(A.name, 1.0, "ug/mL"))
    found = list(off_curve([one.tube for one in (*series, arm, other, held(A, B))], {}))
    assert len(found) == 1
    assert other.tube.file in found[0].message
    assert arm.tube.file not in found[0].message
