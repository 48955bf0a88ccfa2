"""A control tube, opened and cut down to the events and detectors that tell its spectrum."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

import numpy as np
from numpy.typing import NDArray

from assays.errors import ControlError
from assays.flow.axes import is_fluorescence, top_of
from assays.flow.events import Channel, Events
from assays.flow.fcs.settings import settings_of
from assays.flow.scatter import scatter_pair
from assays.flow.single_stains.cloud import off_scale
from assays.samples import Tube, TubeRole

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

MOST = 50_000
"""Events kept of one control, evenly spaced over the file: more change no digit that counts."""


@dataclass(frozen=True, slots=True, eq=False)
class Control:
    """Events of one control in the detectors of the matrix."""

    tube: Tube
    channels: tuple[Channel, ...]
    """Detectors, in the order of the columns."""
    values: Floats
    """shape (n, k), linear values as recorded, within every detector's range."""
    scatter: Floats | None
    """shape (n, 2), forward and side scatter above zero; None where the file has none."""
    beyond: Floats
    """shape (m, k): the events that were left out because a detector was off scale."""
    total: int
    """Events in the file."""
    voltages: dict[str, float]
    """$PnV by detector; NaN where not given."""


def open_control(tube: Tube, events: Events, channels: Sequence[str]) -> Control:
    """Cut a control down to what the matrix needs.

    Raises
    ------
    ControlError
        When the file lacks a detector, was compensated already, or holds no event.
    """
    if events.compensated or any(c.name.lower().startswith("comp-") for c in events.channels):
        raise ControlError("this control is compensated already", tube.file, "Export it raw.")
    columns = [find_channel(events, name, tube) for name in channels]
    kept = tuple(events.channels[column] for column in columns)
    values = events.values[:, columns].astype(np.float64)
    sound = np.isfinite(values).all(axis=1)
    beyond = off_scale(values, [top_of(channel, events.keywords) for channel in kept])
    scatter = _scatter(events)
    if scatter is not None:
        sound &= np.isfinite(scatter).all(axis=1) & (scatter > 0).all(axis=1)
    within = np.flatnonzero(sound & ~beyond)
    within = within[:: max(1, -(-len(within) // MOST))]
    if not len(within):
        raise ControlError("this control holds no event within range", tube.file, "Record it anew.")
    return Control(
        tube,
        kept,
        values[within],
        None if scatter is None else scatter[within],
        values[sound & beyond],
        len(events),
        voltages_of(events, [channel.name for channel in kept]),
    )


def _scatter(events: Events) -> Floats | None:
    found = scatter_pair(events.channels)
    if found is None or not found[1]:
        return None
    return events.values[:, found[0]].astype(np.float64)


def voltages_of(events: Events, channels: Iterable[str]) -> dict[str, float]:
    """$PnV of detectors, volts; NaN where the file does not give it."""
    known = {each.channel: each.voltage_v for each in settings_of(events).detectors}
    return {name: known.get(name, float("nan")) for name in channels}


def find_channel(events: Events, wanted: str, tube: Tube) -> int:
    """Position of the detector that a sheet calls ``wanted``: $PnN, its marker, or `PE` for `PE-A`.

    Raises
    ------
    ControlError
        When there is none, or several; names the nearest.
    """
    names = [channel.name for channel in events.channels]
    markers = [channel.marker for channel in events.channels]
    for choices in (names, markers):
        if choices.count(wanted) == 1:
            return choices.index(wanted)
    bare = wanted.strip().casefold()
    folded = [name.strip().casefold() for name in names]
    for form in (bare, f"{bare}-a"):
        if folded.count(form) == 1:
            return folded.index(form)
    lit = [name for name in names if is_fluorescence(name)]
    near = get_close_matches(wanted, [*lit, *filter(None, markers)], n=1, cutoff=0.5)
    raise ControlError(
        f"the stain {wanted!r} of {tube.file!r} is no channel of its file",
        tube.where or tube.file,
        f"Did you mean {near[0]!r}?" if near else f"Its detectors: {', '.join(lit[:16])}.",
    )


def single_stains(tubes: Sequence[Tube]) -> list[Tube]:
    """The single stains of the sheet.

    Raises
    ------
    ControlError
        When there is none, or one does not say what it is stained with.
    """
    found = [tube for tube in tubes if tube.role == TubeRole.SINGLE_STAIN]
    if not found:
        raise ControlError(
            "compensation is worked out from controls, but the sample sheet has no single stain",
            "assay.toml: flow.compensation",
            "Add a row for each single-stained tube: role single stain, stain its channel.",
        )
    for tube in found:
        if not tube.stain.strip():
            raise ControlError(
                f"the single stain {tube.file!r} does not say what it is stained with",
                tube.where or tube.file,
                "Write its detector or fluorochrome into the column stain.",
            )
    return found


def unstained_for(tube: Tube, tubes: Sequence[Tube]) -> Tube | None:
    """The unstained tube that a single stain is held against; None when there is none of its kind.

    Beads are held against beads and cells against cells. One that names the same stain comes
    first, then one of the same donor, then of the same plate.
    """
    kind = [
        other
        for other in tubes
        if other.role == TubeRole.UNSTAINED
        and other.material == tube.material
        and other.stain in ("", tube.stain)
    ]
    return min(
        kind,
        key=lambda other: (
            other.stain != tube.stain,
            other.donor != tube.donor,
            other.plate != tube.plate,
        ),
        default=None,
    )
