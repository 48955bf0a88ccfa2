"""Whether the matrix covers what the tubes are stained with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from assays.errors import ControlError, GatingError
from assays.flow.axes import detector_of, is_fluorescence
from assays.flow.events import Events
from plates.findings import Finding, Severity


def refuse_uncovered(
    events: Events, matrix: Sequence[str], used: Iterable[str], without: Sequence[str]
) -> None:
    """Stop where a gate or readout uses a fluorescence channel that has no single stain.

    Parameters
    ----------
    events : Events
        A tube of the run.
    matrix : sequence of str
        Detectors that have a single stain.
    used : iterable of str
        Channels of gates and readouts, by $PnN or marker.
    without : sequence of str
        Channels that the protocol declares to have none.

    Raises
    ------
    ControlError
        Names every such channel.
    """
    missing = []
    for name in used:
        try:
            channel = events.channels[events.index(name)]
        except GatingError:
            continue  # told by the gate that asks for it, with the nearest name
        declared = {channel.name, channel.marker, name} & set(without)
        if is_fluorescence(channel.name) and channel.name not in matrix and not declared:
            missing.append(channel.name)
    if not missing:
        return
    names = ", ".join(dict.fromkeys(missing))
    bare = {detector_of(name) for name in matrix}
    same = [name for name in missing if detector_of(name) in bare]
    hint = (
        f"The matrix is over areas: gate on {detector_of(same[0])}-A."
        if same
        else "Record the missing control, or declare it: [flow.single_stains] without = "
        f'["{missing[0]}"].'
    )
    raise ControlError(f"no single stain for {names}, which gates or readouts use", events.name,
                       hint)  # fmt: skip


def uncovered(events: Events, matrix: Sequence[str], used: Iterable[str]) -> list[Finding]:
    """Tell of channels that bear a marker, are not used, and have no single stain."""
    bare = {detector_of(name) for name in matrix}
    asked = set(used)
    stained = [
        channel
        for channel in events.channels
        if channel.marker
        and channel.marker.strip()
        and detector_of(channel.marker.strip()) != detector_of(channel.name)
        and is_fluorescence(channel.name)
        and detector_of(channel.name) not in bare
        and not {channel.name, channel.marker} & asked
    ]
    if not stained:
        return []
    names = ", ".join(f"{channel.name} ({channel.marker})" for channel in stained)
    return [
        Finding(
            "control-missing-unused",
            Severity.LOOK,
            events.name,
            f"The tubes are stained in {names} as well, which has no single stain: what it spills "
            "into the other channels is not taken out.",
            len(stained),
            0,
            "channels",
        )
    ]


def left_as_recorded(events: Events, matrix: Sequence[str], used: Iterable[str]) -> list[Finding]:
    """Tell of fluorescence channels that gates or readouts use and a given matrix leaves out.

    Unlike single stains, a matrix of the file or of a csv may leave a detector out on purpose: the
    events are then used as recorded there, and somebody should know.
    """
    channels = {}
    for name in used:
        try:
            channel = events.channels[events.index(name)]
        except GatingError:
            continue  # told by the gate that asks for it, with the nearest name
        if is_fluorescence(channel.name) and channel.name not in matrix:
            channels[channel.name] = detector_of(channel.name)
    if not channels:
        return []
    bare = {detector_of(name): name for name in matrix}
    other = [f"{bare[d]} is" for d in channels.values() if d in bare]
    return [
        Finding(
            "compensation-uncovered",
            Severity.LOOK,
            events.name,
            f"{', '.join(channels)} of gates or readouts is not in the spillover matrix"
            f"{' (' + ', '.join(other) + ')' if other else ''}: it is used as recorded, with what "
            "other fluorochromes spill into it. "
            + (
                "Use the pulse that the matrix is over."
                if other
                else "Name a csv whose matrix has it, or work the matrix out from single stains."
            ),
            len(channels),
            0,
            "channels",
        )
    ]


def declared_without(without: Sequence[str]) -> list[Finding]:
    """Tell what the protocol declares to have no control."""
    if not without:
        return []
    return [
        Finding(
            "control-declared-missing",
            Severity.LOOK,
            ", ".join(without),
            f"{', '.join(without)} has no single stain, as assay.toml declares: spillover into and "
            "from it is not taken out.",
        )
    ]
