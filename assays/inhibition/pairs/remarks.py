"""Pairs whose expectation hangs on the control that an arm is held against."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from assays.inhibition.magnitude import brief
from assays.results.inhibition import Inhibition, PairMember
from plates.findings import Finding, Severity


def pair_findings(rows: Sequence[Inhibition]) -> tuple[Finding, ...]:
    """Arms whose controls, with both vehicles and with the arm's own, differ beyond their noise.

    Parameters
    ----------
    rows : sequence of Inhibition
        Of a run; only pairs of inhibitors are looked at.

    Returns
    -------
    tuple of Finding
        One per pair, readout and donor, with what either control lets expect.
    """
    return tuple(_found(rows))


def _found(rows: Sequence[Inhibition]) -> Iterable[Finding]:
    for row in rows:
        apart = [member for member in row.members if _apart(member)]
        if not apart:
            continue
        worst = max(apart, key=lambda member: abs(member.own_off))
        low, high = row.excess_bliss_interval
        own_low, own_high = row.excess_bliss_own_interval
        yield Finding(
            "vehicle-moves-an-arm",
            Severity.LOOK,
            f"donor {row.donor}",
            f"{row.readout}, {row.inhibitor} {row.dose} in donor {row.donor}: "
            f"{'; '.join(_told(member) for member in apart)}. The controls differ by more than the "
            "scatter of tubes, and the tubes with one inhibitor lack what makes the difference. "
            f"Above Bliss the pair lies {row.excess_bliss:.1f} points ({low:.1f} to {high:.1f}), "
            f"with each arm against its own vehicle {row.excess_bliss_own:.1f} ({own_low:.1f} to "
            f"{own_high:.1f}). Single tubes that carry both vehicles would settle it.",
            worst.own_off,
            0.0,
            "percent points",
        )


def _apart(member: PairMember) -> bool:
    low, high = member.own_off_interval
    return low > 0.0 or high < 0.0


def _told(member: PairMember) -> str:
    return (
        f"{member.agent} alone removes {member.percent:.1f} % against the controls with "
        f"{member.control_vehicle} (stimulated {brief(member.stimulated)}, unstimulated "
        f"{brief(member.unstimulated)}) and {member.own_percent:.1f} % against those with its own "
        f"vehicle, {member.vehicle} ({brief(member.own_stimulated)}, "
        f"{brief(member.own_unstimulated)})"
    )
