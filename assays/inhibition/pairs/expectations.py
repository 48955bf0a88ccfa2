"""Two inhibitors at once, against what each does alone: Bliss, highest single agent, and how sure.

The plan. A pair carries the vehicles of both inhibitors (DMSO and isotype), and is held against
controls that carry both. So is each arm: best an arm that carries both vehicles itself, as then
nothing but the other inhibitor differs. An arm with its own vehicle only is held against the
same controls, and what the missing vehicle does by itself is then counted as the arm's: its
percentage against controls of its own vehicle is kept beside it, and a remark tells where the two
differ by more than the noise of the tubes. Only where no control carries both vehicles is each arm
held against its own.

The excess of a pair over its expectation is a function of the means of the three arms and of their
controls. It is differentiated by each tube, so that shared controls count once (`tube_errors`).
Around HSA the derivative jumps where both members do the same: there its interval is an
approximation on the narrow side.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assays.inhibition.pairs.combination import bliss, hsa
from assays.inhibition.pairs.members import ArmTubes, Carries, find_arms
from assays.inhibition.pairs.tube_errors import UNKNOWN, Pull, Tubes, interval, joined
from assays.results.inhibition import Inhibition, PairMember
from assays.samples import Agent, Tube

SURE = 0.99
"""Level at which two controls are said to differ: a sheet has several pairs and readouts."""


@dataclass(frozen=True, slots=True)
class Held:
    """A treated condition against two controls."""

    treated: Tubes
    stimulated: Tubes
    unstimulated: Tubes

    @property
    def share(self) -> float:
        """Share of the response that is removed; NaN where a mean is unknown."""
        i, s, u = (each.arm.mean for each in (self.treated, self.stimulated, self.unstimulated))
        return (s - i) / (s - u) if s != u else math.nan

    def pulls(self, factor: float) -> dict[str, Pull]:
        """What each tube does to `factor` times the share."""
        window, e = self.stimulated.arm.mean - self.unstimulated.arm.mean, self.share
        return joined(
            (
                self.treated.pulls(-factor / window),
                self.stimulated.pulls(factor * (1.0 - e) / window),
                self.unstimulated.pulls(factor * e / window),
            )
        )


@dataclass(frozen=True, slots=True)
class Measured:
    """An inhibition with the tubes that it was worked out from."""

    row: Inhibition
    tube: Tube
    """One of the treated ones."""
    held: Held


@dataclass(frozen=True, slots=True)
class _Arm:
    """One member of a pair, told and as tubes."""

    member: PairMember
    held: Held | None = None
    own: Held | None = None
    """Against controls with its own vehicle."""


def with_expectations(
    rows: Sequence[Measured], masses: Mapping[str, float]
) -> tuple[Inhibition, ...]:
    """Add to each pair of inhibitors what its members, alone at the same doses, let expect.

    Parameters
    ----------
    rows : sequence of Measured
        Of one readout.
    masses : mapping
        Molar masses by inhibitor, so that doses in two units are known for the same.
    """
    return tuple(_expected(each, rows, masses) for each in rows)


def _expected(pair: Measured, rows: Sequence[Measured], masses: Mapping[str, float]) -> Inhibition:
    row = pair.row
    if len(row.inhibitors) != 2:
        return row
    found = find_arms(pair.tube, rows, masses)
    first, second = (
        _arm(pair, agent, arm) for agent, arm in zip(row.inhibitors, found, strict=True)
    )
    members = (first.member, second.member)
    a, b = (member.percent / 100.0 for member in members)
    best = float(hsa(a, b))
    row = dataclasses.replace(
        row,
        members=members,
        expected_bliss=100.0 * float(bliss(a, b)),
        expected_bliss_own=100.0 * float(bliss(*(each.own_percent / 100.0 for each in members))),
        expected_hsa=100.0 * best,
        excess_hsa=row.percent - 100.0 * best,
    )
    row = dataclasses.replace(
        row,
        excess_bliss=row.percent - row.expected_bliss,
        excess_bliss_own=row.percent - row.expected_bliss_own,
    )
    if first.held is None or second.held is None or first.own is None or second.own is None:
        return row
    better = (first.held, second.held)[0 if a >= b else 1]
    return dataclasses.replace(
        row,
        excess_bliss_interval=_independent(row.excess_bliss, pair, first.held, second.held),
        excess_bliss_own_interval=_independent(row.excess_bliss_own, pair, first.own, second.own),
        excess_hsa_interval=_highest(row.excess_hsa, pair, better),
    )


def _independent(excess: float, pair: Measured, first: Held, second: Held) -> tuple[float, float]:
    """Interval of an excess over Bliss; NaN without the excess."""
    if not math.isfinite(excess):
        return UNKNOWN
    a, b = first.share, second.share
    alone = (first.pulls(100.0 * (b - 1.0)), second.pulls(100.0 * (a - 1.0)))
    return interval(excess, (pair.held.pulls(100.0), *alone), pair.row.level)


def _highest(excess: float, pair: Measured, better: Held) -> tuple[float, float]:
    """Interval of an excess over the better one; NaN without the excess."""
    if not math.isfinite(excess):
        return UNKNOWN
    return interval(excess, (pair.held.pulls(100.0), better.pulls(-100.0)), pair.row.level)


def _arm(pair: Measured, agent: Agent, found: ArmTubes[Measured] | None) -> _Arm:
    """One member of a pair, against the control that the module's plan asks for."""
    if found is None:
        return _Arm(PairMember(agent, note="not given alone"))
    # Replicates of one condition are one row: there is one.
    single = found.tubes[0]
    row, own = single.row, single.held
    carries_both = not pair.row.note
    shared = carries_both and found.carries is not Carries.OTHER
    held = Held(own.treated, pair.held.stimulated, pair.held.unstimulated) if shared else own
    source = pair.row if shared else row
    # Without a window in the pair's controls nothing is a share of it.
    defined = math.isfinite(pair.row.percent if shared else row.percent)
    percent = 100.0 * held.share if defined else math.nan
    same = source.stimulated_files == row.stimulated_files
    same = same and source.unstimulated_files == row.unstimulated_files
    off, off_interval = 0.0 if same else percent - row.percent, UNKNOWN
    if not same and math.isfinite(off):
        off_interval = interval(off, (held.pulls(100.0), own.pulls(-100.0)), SURE)
    return _Arm(
        PairMember(
            agent=agent,
            percent=percent,
            treated=row.treated,
            stimulated=source.stimulated,
            unstimulated=source.unstimulated,
            vehicle=row.vehicle,
            control_vehicle=source.control_vehicle,
            own_percent=percent if same else row.percent,
            own_stimulated=row.stimulated,
            own_unstimulated=row.unstimulated,
            own_off=off,
            own_off_interval=off_interval,
            treated_files=row.treated_files,
            stimulated_files=source.stimulated_files,
            unstimulated_files=source.unstimulated_files,
            note=_told(pair.row, row, found.carries, carries_both),
        ),
        held,
        own,
    )


def _told(pair: Inhibition, arm: Inhibition, carries: Carries, carries_both: bool) -> str:
    """Which control an arm is held against, where it does not carry what the pair does."""
    if not carries_both:
        if arm.control_vehicle == pair.control_vehicle:
            return ""
        wanted = pair.vehicle or "the pair's vehicle"
        return f"no control carries {wanted}: held against {arm.control_vehicle or 'no vehicle'}"
    vehicle = arm.vehicle or "no vehicle that the sheet names"
    if carries is Carries.OTHER:
        return f"carries {vehicle}, which the pair does not: held against controls with it"
    if carries is Carries.PART:
        return f"carries {vehicle} alone: held against controls with {pair.control_vehicle}"
    return ""
