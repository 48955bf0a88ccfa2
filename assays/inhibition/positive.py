"""Whether the assay works in a donor's cells: the positive control against the unstimulated tubes.

Cells that do not answer IL-6 may still answer IL-10: then their silence is a finding. Where the
positive control is silent too, nothing is known about these cells, and no inhibition of that donor
should be believed. The rule is that of every window: the interval of the difference must lie on
the side of activation, on the scatter between tubes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from assays.inhibition.arms import replicates, vehicle_key
from assays.inhibition.interval import window_interval
from assays.inhibition.magnitude import brief
from assays.inhibition.pairing import baselines
from assays.inhibition.spread import arm, spread_of
from assays.inhibition.window import (
    CONTROL_MISSING,
    NOT_TESTABLE,
    OK,
    is_active,
    readings_of,
    scale_of,
    unit_of,
    why_no_number,
)
from assays.protocol import Flow, Readout
from assays.results.activation import PositiveControl
from assays.results.flow import Reading
from assays.results.inhibition import Inhibition
from assays.samples import Tube, TubeRole
from plates.findings import Finding, Severity

RESPONDS, SILENT = "responds", "does not respond"


def positive_controls(
    readings: Sequence[Reading], *, protocol: Flow
) -> tuple[PositiveControl, ...]:
    """Every positive control of a run, per donor and readout that it is declared for.

    Parameters
    ----------
    readings : sequence of Reading
        Of every tube and readout.
    protocol : Flow
        Readouts with `positive_control` (none named: every such tube is held to it), level, scale.
    """
    found: list[PositiveControl] = []
    for readout in protocol.readouts:
        if readout.kind == "expression":
            continue
        own = [r for r in readings if r.readout == readout.name and is_positive_of(r.tube, readout)]
        compared = readings_of(readings, readout)
        groups = replicates(own, protocol.molar_mass_g_per_mol).values()
        found += [_held(group, compared, readout, protocol) for group in groups]
    return tuple(found)


def is_positive_of(tube: Tube, readout: Readout) -> bool:
    """Whether a tube is a positive control that a readout is held to.

    One declared for the readout, by name of its stimulus; where none is declared, any.
    """
    if tube.role != TubeRole.POSITIVE or tube.stimulus is None or readout.kind == "expression":
        return False
    wanted = readout.positive_control
    return wanted is None or tube.stimulus.name.strip().casefold() == wanted.strip().casefold()


def _held(
    group: Sequence[Reading], readings: Sequence[Reading], readout: Readout, protocol: Flow
) -> PositiveControl:
    settings, tube = protocol.inhibition, group[0].tube
    calm = [
        r for r in readings if r.donor == group[0].donor and r.tube.role == TubeRole.UNSTIMULATED
    ]
    paired, _ = baselines(tube, calm)
    same = [r for r in paired if vehicle_key(r.tube.vehicle) == vehicle_key(tube.vehicle)]
    spread = spread_of(readings, protocol)
    p, u = (arm(tubes, spread, scale_of(readout, protocol)) for tubes in (group, same or paired))
    window = window_interval(p, u, level=settings.level, df=spread.df)
    status = RESPONDS if is_active(window, readout.activation) else SILENT
    if not paired:
        status = CONTROL_MISSING
    elif not (p.n and u.n):
        status = why_no_number(paired if p.n else group)
    elif not spread.known:
        status = NOT_TESTABLE
    return PositiveControl(
        donor=group[0].donor,
        readout=readout.name,
        stimulus=str(tube.stimulus),
        value=p.mean,
        unstimulated=u.mean,
        window=p.mean - u.mean,
        window_interval=window,
        n=p.n,
        n_unstimulated=u.n,
        status=status,
        plate=tube.plate,
        time_min=tube.time_min,
        level=settings.level,
        interval_kind=spread.source,
        unit=unit_of(group[0], scale_of(readout, protocol)),
    )


def positive_findings(
    controls: Sequence[PositiveControl], inhibitions: Sequence[Inhibition]
) -> tuple[Finding, ...]:
    """Positive controls that are silent.

    What one that answers says of a donor's silence stands with that donor (`remarks`).
    """
    moved = {(row.donor, row.readout): row.stimulus for row in inhibitions if row.status == OK}
    return tuple(_failed(controls, moved))


def _failed(
    controls: Sequence[PositiveControl], moved: Mapping[tuple[str, str], str]
) -> Iterable[Finding]:
    able = {(c.donor, c.readout): c.stimulus for c in controls if c.status == RESPONDS}
    for one in controls:
        if one.status != SILENT:
            continue
        key = (one.donor, one.readout)
        low, high = one.window_interval
        named = f"positive_control under the readout '{one.readout}' of assay.toml"
        if key in able:
            told = (
                f"{able[key]} does: if {one.stimulus} is the control of another readout, say which "
                f"one this readout has, by {named}."
            )
        elif key in moved:
            told = (
                f"{moved[key]} does move it, so staining and fixation worked: look at this tube "
                f"and at the reagent, or name another control by {named}."
            )
        else:
            told = (
                "Cells, staining or fixation failed, so nothing of this readout in this donor "
                "can be trusted."
            )
        yield Finding(
            "positive-control-failed",
            Severity.NOTE if key in able else Severity.LOOK,
            f"donor {one.donor}",
            f"The positive control {one.stimulus} {_showed(one)}: "
            f"{brief(one.value)} against {brief(one.unstimulated)} unstimulated, difference "
            f"{brief(one.window)} ({one.level:.0%} interval {brief(low)} to {brief(high)}). "
            f"{told}",
            one.window,
            0.0,
            one.unit,
        )


def _showed(one: PositiveControl) -> str:
    """What a control that does not respond did: nothing, or the opposite of activation."""
    what = f"{one.readout} in donor {one.donor}"
    if not turned(one):
        return f"does not move {what}"
    down = one.window_interval[1] < 0
    return (
        f"{'lowers' if down else 'raises'} {what} instead of {'raising' if down else 'lowering'} it"
    )


def turned(one: PositiveControl) -> bool:
    """Whether a control that does not respond goes against the direction of activation."""
    low, high = one.window_interval
    return one.status == SILENT and (high < 0 or low > 0)
