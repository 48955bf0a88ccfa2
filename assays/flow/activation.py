"""What a run tells beside inhibition: molecules, positive controls, protection, courses in time."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from assays.errors import ControlError
from assays.flow.axes import top_of
from assays.flow.beads import bead_findings, calibrate, densest, with_molecules
from assays.flow.events import Events
from assays.inhibition.over_tubes import (
    kinetics,
    positive_controls,
    positive_findings,
    protections,
    scatters,
)
from assays.protocol import Beads, Flow
from assays.results.activation import Calibration
from assays.results.flow import FlowRun
from assays.samples import Tube, TubeRole
from plates.findings import by_severity

Open = Callable[[Tube], Events]
Inside = Callable[[Tube, Events, str], NDArray[np.bool_]]
_SCATTER = re.compile(r"(?i)^(fsc|ssc|fs|ss)([-_ ]?(a|area|h|height))?$")


def with_activation(run: FlowRun, protocol: Flow, open_tube: Open, inside: Inside) -> FlowRun:
    """The run with positive controls, protection, courses over time and molecules.

    Parameters
    ----------
    run : FlowRun
    protocol : Flow
        With settled readouts.
    open_tube : callable
        Compensated events of a tube, with the channels in use.
    inside : callable
        Which events of a tube lie in a population.
    """
    lines = calibrations(run.tubes, protocol, open_tube, inside)
    readings = with_molecules(run.readings, lines)
    positive = positive_controls(readings, protocol=protocol)
    found = (
        *run.findings,
        *bead_findings(list(lines.values()), readings),
        *positive_findings(positive, run.inhibition),
    )
    return replace(
        run,
        readings=readings,
        positive_controls=positive,
        protections=protections(readings, protocol=protocol),
        kinetics=kinetics(readings, protocol=protocol),
        calibrations=tuple(lines.values()),
        scatter=scatters(readings, protocol),
        findings=by_severity(found),
    )


def bead_files(tubes: Sequence[Tube], protocol: Flow) -> tuple[str, ...]:
    """Tubes of beads that the protocol has values for: they are used, though not as samples."""
    used = [tube.file for tube in tubes if tube.role == TubeRole.BEADS]
    return tuple(used) if protocol.beads else ()


def calibrations(
    tubes: Sequence[Tube], protocol: Flow, open_tube: Open, inside: Inside
) -> Mapping[str, Calibration]:
    """Lines of every channel with beads, by the channel as its readouts name it.

    Raises
    ------
    ControlError
        When `[[flow.beads]]` names a channel that no readout is read on, or one that no bead tube
        is there for.
    """
    lines: dict[str, Calibration] = {}
    for beads in protocol.beads:
        of_channel = [tube for tube in tubes if tube.role == TubeRole.BEADS]
        opened = [(tube, open_tube(tube)) for tube in of_channel]
        held = [pair for pair in opened if _about(pair[0], beads, pair[1])]
        if not held:
            raise ControlError(
                f"no tube of beads is there for {beads.channel}",
                "assay.toml: [[flow.beads]]",
                "Give a tube the role beads in the sample sheet, and in the column stain the "
                "channel, or nothing where the beads shine in every channel.",
            )
        names = _readout_names(protocol, beads, held[0][1])
        values = [_single(tube, events, beads, inside) for tube, events in held]
        first = held[0][1]
        top = top_of(first.channels[first.index(beads.channel)], first.keywords)
        files = [tube.file for tube, _ in held]
        line = calibrate(beads, np.concatenate(values), top, files)
        lines |= dict.fromkeys(names, line)
    return lines


def _about(tube: Tube, beads: Beads, events: Events) -> bool:
    """Whether a tube of beads is meant for the channel; one that names none is for all."""
    stain = tube.stain.strip().casefold()
    channel = events.channels[events.index(beads.channel)]
    names = (channel.name, channel.marker or "", beads.channel)
    return not stain or stain in [name.strip().casefold() for name in names]


def _readout_names(protocol: Flow, beads: Beads, events: Events) -> list[str]:
    """What the readouts on the beads' channel call it."""
    wanted = events.index(beads.channel)
    called = dict.fromkeys(readout.channel for readout in protocol.readouts if readout.channel)
    names = [name for name in called if events.index(name) == wanted]
    if not names:
        raise ControlError(
            f"beads are given for {beads.channel}, which no readout is read on",
            "assay.toml: [[flow.beads]]",
            f"Readouts are read on {', '.join(called)}.",
        )
    return names


def _single(tube: Tube, events: Events, beads: Beads, inside: Inside) -> NDArray[np.floating]:
    """The channel in single beads: in the declared population, else at the densest scatter."""
    values = events.column(beads.channel)
    if beads.population:
        return values[inside(tube, events, beads.population)]
    scatter = [
        events.values[:, index]
        for index, channel in enumerate(events.channels)
        if _SCATTER.match(channel.name)
    ]
    return values[densest(scatter)] if scatter else values
