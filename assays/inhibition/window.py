"""Whether there is anything to inhibit, and the words for when there is not."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from assays.inhibition.magnitude import LARGEST
from assays.protocol import Flow, Readout
from assays.results.flow import Reading
from assays.samples import Tube, TubeRole

OK = "ok"
NO_ACTIVATION = "no activation: inhibition undefined"
CONTROL_MISSING = "control missing"
FEW_EVENTS = "few events"
COMPARED = (
    TubeRole.UNSTIMULATED,
    TubeRole.STIMULATED,
    TubeRole.TREATED,
    TubeRole.INHIBITOR_ALONE,
)
"""Roles that inhibition is worked out from."""
NOT_TESTABLE = "not testable"
"""Neither replicate tubes nor a declared CV: whether there is a window cannot be told."""


def readings_of(readings: Sequence[Reading], readout: Readout) -> list[Reading]:
    """Readings of one readout that inhibition may be worked out from.

    Without tubes that were driven by another stimulus than its own, without staining controls and
    positive controls; none for the expression of a receptor, which nothing here drives. A median
    that nothing can be computed with counts as missing (see `magnitude`).
    """
    return [
        reading if abs(reading.median) <= LARGEST else replace(reading, median=math.nan)
        for reading in readings
        if reading.readout == readout.name and is_compared(reading.tube, readout)
    ]


def is_compared(tube: Tube, readout: Readout) -> bool:
    """Whether a readout's inhibition may be worked out from a tube; the sample sheet tells."""
    if readout.kind == "expression" or tube.role not in COMPARED:
        return False
    if readout.stimulus is None or tube.stimulus is None:
        return True
    return tube.stimulus.name.strip().casefold() == readout.stimulus.strip().casefold()


def scale_of(readout: Readout, protocol: Flow) -> str:
    """Scale that responses of a readout are compared on: as declared; shares of cells linear.

    A percentage of cells has no arcsinh: its cofactor of 100 only pools the scatter of tubes.
    """
    return "linear" if readout.kind == "fraction" else protocol.inhibition.scale


def why_no_number(readings: Sequence[Reading]) -> str:
    """Status of tubes none of which has a number: what they say alike, else that events are few."""
    said = {reading.status for reading in readings} - {OK}
    return said.pop() if len(said) == 1 else FEW_EVENTS


def unit_of(reading: Reading, scale: str) -> str:
    """Unit of a response on the scale that it is compared on: ``a.u.``, ``%``, ``arcsinh``."""
    return "arcsinh" if scale == "arcsinh" else reading.unit


def is_active(interval: tuple[float, float], activation: str) -> bool:
    """Whether the window's interval lies wholly on the side of activation.

    Parameters
    ----------
    interval : tuple of float
        Of stimulated minus unstimulated; NaN is never active.
    activation : str
        ``up`` or ``down``, as the readout declares.
    """
    return interval[0] > 0 if activation == "up" else interval[1] < 0
