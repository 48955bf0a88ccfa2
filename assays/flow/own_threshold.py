"""No tube may move its own threshold: what is refused of gates that are found in the data.

A gate in the signal that is measured comes from controls. A gate that decides which
cells count towards a share comes from untreated tubes of the same donor. And what is cut
in each file by itself must be about the instrument: light scatter, the shape of a
pulse, time – not about a dye, where a treatment could hide.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from assays.errors import GatingError
from assays.flow.axes import detector_of, is_fluorescence
from assays.flow.gate_step import ROOT, GateStep
from assays.flow.gates.automatic import Sought
from assays.protocol import Readout


def refuse_readouts(
    step: GateStep, sought: Sought, channels: Iterable[str], readouts: Iterable[str]
) -> None:
    """Refuse to find a gate in the signal that the run is to measure.

    Parameters
    ----------
    step : GateStep
    sought : Sought
    channels, readouts : iterable of str
        Of the gate, and of the readouts; another pulse of a readout's detector is the readout.

    Raises
    ------
    GatingError
        When a readout's channel is cut by anything but controls or the detector's range.
    """
    if sought.search.kind == "readout" or sought.method == "boundary":
        return
    read = {detector_of(name): name for name in readouts}
    for channel in channels:
        if detector_of(channel) in read and is_fluorescence(channel):
            raise GatingError(
                f"{channel!r} is a readout: a {sought.method} gate would find its threshold in the "
                "tubes that it judges",
                step.place,
                "Use control_quantile, whose cut comes from controls of the same donor.",
            )


def refuse_dyes_by_file(step: GateStep, sought: Sought, channels: Sequence[str]) -> None:
    """Refuse a technical gate that is cut in each file, but stands on the brightness of a dye.

    Two pulses of one detector (PI-A and PI-W) tell the shape of the pulse and are fine.

    Parameters
    ----------
    step : GateStep
    sought : Sought
    channels : sequence of str
        $PnN of the gate's channels.

    Raises
    ------
    GatingError
        Says how to group instead.
    """
    if step.group_by != "file" or sought.method == "boundary":
        return
    dyes = [name for name in channels if is_fluorescence(name)]
    if not dyes or (len(dyes) > 1 and len({detector_of(name) for name in channels}) == 1):
        return
    where = step.place
    if sought.method == "stable":
        raise GatingError(f"a stable gate looks at time, not at {dyes[0]}", where)
    raise GatingError(
        f"{sought.method} on {dyes[0]}, a dye: cut by file, each tube would move its own gate, and "
        "a treatment could hide in it",
        where,
        "Group by donor, plate or all, or use scatter or two pulses of one detector.",
    )


def refuse_own_shares(steps: Mapping[str, GateStep], readouts: Iterable[Readout]) -> None:
    """Refuse gates that decide a share of cells and that treated tubes have a part in.

    Parameters
    ----------
    steps : mapping
        By population.
    readouts : iterable of Readout
        Of these, shares (kind ``fraction``) are looked at.

    Raises
    ------
    GatingError
        Names the gate and what it may do.
    """
    for readout in readouts:
        for step in _deciding(readout, steps):
            sought = step.sought
            if sought is None or sought.search.kind != "lineage":
                continue
            if step.group_by != "donor" or sought.sources != "unstimulated":
                found = f"grouped by {step.group_by}"
                if sought.sources != "unstimulated":
                    found = f"found in tubes that are not controls (from = {sought.sources!r})"
                raise GatingError(
                    f"{step.population!r} decides readout {readout.name!r}: {found}, other donors "
                    "or the tubes that are judged would have a share in the threshold",
                    step.place,
                    'Group it by "donor" and leave `from` out, or use control_quantile.',
                )


def _deciding(readout: Readout, steps: Mapping[str, GateStep]) -> list[GateStep]:
    """Gates between the whole of a share and its parts."""
    left, seen = list(readout.populations), {ROOT, readout.population}
    found = []
    while left:
        name = left.pop()
        if name in seen or name not in steps:
            continue
        seen.add(name)
        found.append(steps[name])
        left += steps[name].needs
    return found
