"""Stained and unstained events of a control, alike in everything but the stain."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assays.errors import ControlError
from assays.flow.axes import Look, make_axes
from assays.flow.scales import Scale
from assays.flow.single_stains.cloud import Region, region_of
from assays.flow.single_stains.control import Control
from assays.flow.single_stains.split import DIM, Split, separation, split
from assays.protocol import SingleStains

Floats = NDArray[np.float64]

MOST_OFF_SCALE = 50.0
"""Percent of the stained events: with more off scale, what is left is not the stain."""


@dataclass(frozen=True, slots=True, eq=False)
class Populations:
    """What a control's row of the matrix is worked out from."""

    positive: Floats
    """shape (n, k), stained events."""
    negative: Floats
    """shape (m, k), unstained events of the same scatter."""
    against: str
    """What the stained events are held against, in words."""
    separation: float
    off_scale_percent: float
    own: int
    """Column of the stain's own detector."""


def populations(
    control: Control, own: int, unstained: Control | None, choice: SingleStains
) -> Populations:
    """Find stained and unstained events of one control.

    Parameters
    ----------
    control : Control
    own : int
        Column of the stain's own detector.
    unstained : Control, optional
        The unstained tube of the same kind.
    choice : SingleStains
        Which negative, and how many events it takes.

    Raises
    ------
    ControlError
        When there is no positive population, it is too dim or off scale, or there
        is nothing of the same kind to hold it against.
    """
    place = control.tube.file
    blank = None if choice.negative == "own" or unstained is None else unstained
    dark = None if blank is None else blank.values[:, own]
    scale = _scale(control, own)
    found = split(control.values[:, own], scale, dark, choice.min_events)
    if isinstance(found, str):
        if len(control.beyond) >= choice.min_events:
            raise _too_bright(100.0, place)
        raise _no_positive(control, own, found)
    beyond = _off_scale(control, own, found)
    if beyond > MOST_OFF_SCALE:
        raise _too_bright(beyond, place)
    region = None if control.scatter is None else region_of(control.scatter[found.positive])
    within = _within(region, control)
    found = _again(control, own, within, scale, dark, choice) or found
    positive = control.values[found.positive & within]
    if len(positive) < choice.min_events:
        raise ControlError(
            f"this control has {len(positive):,} stained events in its scatter gate, "
            f"{choice.min_events:,} are the least",
            place,
            "Record more events, or set flow.single_stains.min_events lower.",
        )
    negative, against = _negative(control, found, within, region, blank, choice)
    apart = separation(positive[:, own], negative[:, own])
    if not apart >= DIM:
        raise ControlError(
            f"its stained events are too dim: {apart:.1f} robust standard deviations above the "
            f"unstained ones, {DIM:g} are the least",
            place,
            f"Is it stained with {control.tube.stain}? Titrate up, or use beads.",
        )
    return Populations(positive, negative, against, apart, beyond, own)


OWN = "its own unstained events"


def _again(
    control: Control,
    own: int,
    within: NDArray[np.bool_],
    scale: Scale,
    dark: Floats | None,
    choice: SingleStains,
) -> Split | None:
    """The split among the events of one scatter: debris has a peak of its own below theirs."""
    found = split(control.values[within, own], scale, dark, choice.min_events)
    if isinstance(found, str):
        return None
    positive, negative = np.zeros_like(within), np.zeros_like(within)
    positive[within], negative[within] = found.positive, found.negative
    return Split(positive, negative, found.cut, found.how)


def _scale(control: Control, own: int) -> Scale:
    """A scale on which both clouds are round, as the run would choose it."""
    channel = control.channels[own]
    values = control.values[:, own]
    if (values > 0).all() and channel.amplification[0] > 0:
        from assays.flow.scales import Log

        return Log(float(max(values.max(), 10.0)), max(channel.amplification[0], 1.0))
    look = Look(channel)
    look.take(values, channel.range / channel.gain if channel.gain else float("nan"))
    return make_axes({channel.name: look}, {})[channel.name].scale


def _too_bright(percent: float, place: str) -> ControlError:
    return ControlError(
        f"{percent:.0f} % of the stained events of this control are off scale",
        place,
        "Record it at the voltages of the experiment with a dimmer stain.",
    )


def _no_positive(control: Control, own: int, why: str) -> ControlError:
    """Tell of a control without a stain, and of the detector that is brighter, if one is."""
    tops = np.quantile(control.values, 0.99, axis=0)
    brightest = int(np.argmax(tops))
    hint = "Was the stain added? Take the control anew, or compensate with a matrix from a file."
    if brightest != own and tops[brightest] > 3 * tops[own]:
        hint = (
            f"Its events are brightest in {control.channels[brightest].name}: "
            "is the right stain named in the sample sheet?"
        )
    return ControlError(
        f"this control shows no positive population in {control.channels[own].name}: {why}",
        control.tube.file,
        hint,
    )


def _off_scale(control: Control, own: int, found: Split) -> float:
    """Percent of the stained events that a detector could not hold."""
    lost = int(np.count_nonzero(control.beyond[:, own] >= found.cut))
    kept = int(np.count_nonzero(found.positive))
    # Kept events may have been thinned out; the lost ones never are.
    share = (control.total - len(control.beyond)) / max(len(control.values), 1)
    whole = lost + kept * max(share, 1.0)
    return 100.0 * lost / whole if whole else 0.0


def _within(region: Region | None, control: Control) -> NDArray[np.bool_]:
    if region is None or control.scatter is None:
        return np.ones(len(control.values), dtype=np.bool_)
    return region.holds(control.scatter)


def _negative(
    control: Control,
    found: Split,
    within: NDArray[np.bool_],
    region: Region | None,
    blank: Control | None,
    choice: SingleStains,
) -> tuple[Floats, str]:
    """Unstained events of the same scatter, and what to call them."""
    own = control.values[found.negative & within]
    if blank is not None:
        other = blank.values[_within(region, blank)]
        if len(other) >= choice.min_events:
            return other, blank.tube.file
        if choice.negative == "unstained":
            raise ControlError(
                f"the unstained tube {blank.tube.file!r} has {len(other):,} events where this "
                f"control's stained ones lie in scatter, {choice.min_events:,} are the least",
                control.tube.file,
                "Is one of them beads and the other cells? Say so in the column material.",
            )
    if len(own) >= choice.min_events:
        return own, OWN
    kind = control.tube.material or "its kind"
    there = (
        f"no unstained tube of {kind} is to be used"
        if blank is None
        else f"{blank.tube.file!r} has too few in its scatter gate"
    )
    raise ControlError(
        f"there is nothing to hold this control against: it has {len(own):,} unstained events of "
        f"its own, and {there}",
        control.tube.file,
        "Add an unstained tube of the same kind (beads or cells) to the sample sheet.",
    )
