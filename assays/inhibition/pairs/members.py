"""The arms of a pair of inhibitors: which tubes hold each of the two alone.

An arm belongs to the same donor, plate and time, and has the same stimulus at the same dose and
the inhibitor at the dose that it has in the pair. Best is an arm that carries the vehicles of both
inhibitors (DMSO and isotype), as the pair does: then nothing but the other inhibitor differs. Else
one with its own vehicle serves, which is a part of the pair's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Generic, TypeVar

from assays.inhibition.arms import agent_key
from assays.inhibition.pairing import OfTube, pairing_key
from assays.inhibition.vehicles import is_part, vehicle_key
from assays.samples import Agent, Tube, TubeRole

T = TypeVar("T", bound=OfTube)


class Carries(IntEnum):
    """What an arm carries of the pair's vehicle; the lower, the better it serves."""

    ALL = 0
    PART = 1
    OTHER = 2


@dataclass(frozen=True, slots=True)
class ArmTubes(Generic[T]):
    """One inhibitor of a pair alone."""

    agent: Agent
    tubes: tuple[T, ...]
    """Replicates with one vehicle."""
    carries: Carries


@dataclass(frozen=True, slots=True)
class OwnTube:
    """A row of the sample sheet as something that belongs to a tube."""

    tube: Tube


def find_arms(
    pair: Tube, candidates: Iterable[T], masses: Mapping[str, float]
) -> tuple[ArmTubes[T] | None, ...]:
    """Arms of a pair among other tubes, or anything that belongs to tubes.

    Parameters
    ----------
    pair : Tube
        With two inhibitors.
    candidates : iterable
        Each with a `tube`; those that are no arm of this pair are passed over.
    masses : mapping
        Molar masses by inhibitor, so that doses in two units are known for the same.

    Returns
    -------
    tuple
        One per inhibitor, in the order of the pair; None where it was not given alone.
    """
    block = _block(pair, masses)
    same = [
        one
        for one in candidates
        if one.tube.role == TubeRole.TREATED
        and len(one.tube.inhibitors) == 1
        and _block(one.tube, masses) == block
    ]
    return tuple(_arm(agent, pair, same, masses) for agent in pair.inhibitors)


def _block(tube: Tube, masses: Mapping[str, float]) -> tuple[object, ...]:
    """What a pair and its arms share."""
    return (tube.donor, agent_key(tube.stimulus, masses), pairing_key(tube))


def _arm(
    agent: Agent, pair: Tube, candidates: Sequence[T], masses: Mapping[str, float]
) -> ArmTubes[T] | None:
    wanted = agent_key(agent, masses)
    by_vehicle: dict[str, list[T]] = {}
    for one in candidates:
        if agent_key(one.tube.inhibitors[0], masses) == wanted:
            by_vehicle.setdefault(vehicle_key(one.tube.vehicle), []).append(one)
    if not by_vehicle:
        return None
    # Ties go by name, so that the answer never depends on the sheet's order.
    name = min(by_vehicle, key=lambda v: (carried(v, pair.vehicle), -len(by_vehicle[v]), v))
    return ArmTubes(agent, tuple(by_vehicle[name]), carried(name, pair.vehicle))


def carried(vehicle: str, whole: str) -> Carries:
    """How much of the pair's vehicle an arm's is."""
    if vehicle_key(vehicle) == vehicle_key(whole):
        return Carries.ALL
    return Carries.PART if is_part(vehicle, whole) else Carries.OTHER


def arms_with_all(tubes: Sequence[Tube], masses: Mapping[str, float]) -> set[str]:
    """Files of the tubes that are an arm of some pair and carry all of its vehicle."""
    pairs = [t for t in tubes if t.role == TubeRole.TREATED and len(t.inhibitors) == 2]
    owned = [OwnTube(tube) for tube in tubes]
    return {
        one.tube.file
        for pair in pairs
        for arm in find_arms(pair, owned, masses)
        if arm is not None and arm.carries is Carries.ALL
        for one in arm.tubes
    }
