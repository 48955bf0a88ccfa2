"""The first look at every tube: what scales and limits that all tubes share come from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from assays.errors import ControlError, GatingError
from assays.flow.axes import Look, look_at
from assays.flow.brought import BroughtGateError
from assays.flow.events import Events
from assays.flow.gate_step import GateStep
from assays.flow.grouping import UNTREATED
from assays.flow.intake import Intake
from assays.protocol import Flow
from assays.samples import Tube, TubeRole


@dataclass(frozen=True, slots=True)
class Looks:
    """What tubes hold on the channels in use, by channel as the strategy names it."""

    every: dict[str, Look] = field(default_factory=dict)
    """All tubes: how far an axis reaches."""
    calm: dict[str, Look] = field(default_factory=dict)
    """Untreated tubes alone: the scale, which no treated tube may move."""


def first_look(
    samples: Sequence[Tube],
    take: Callable[[Tube], Events],
    channels: tuple[str, ...],
    tell: Callable[[Tube], None],
) -> Looks:
    """Look at every tube once.

    Parameters
    ----------
    samples : sequence of Tube
    take : callable
        Compensated events of a tube.
    channels : tuple of str
        That gates and readouts use.
    tell : callable
        Told after each tube.
    """
    looks, calm = Looks(), {tube.file for tube in calm_tubes(samples)}
    for tube in samples:
        events = take(tube)
        look_at(events, channels, looks.every)
        if tube.file in calm:
            look_at(events, channels, looks.calm)
        tell(tube)
    return looks


def calm_tubes(samples: Sequence[Tube]) -> list[Tube]:
    """Unstimulated tubes; where there are none untreated ones, and else all."""
    for roles in ((TubeRole.UNSTIMULATED,), UNTREATED):
        calm = [tube for tube in samples if tube.role in roles]
        if calm:
            return calm
    return list(samples)


def naming_who_asks(
    take: Callable[[Tube], Events], intake: Intake, protocol: Flow, steps: Sequence[GateStep]
) -> Callable[[Tube], Events]:
    """Open a tube; where a channel is absent, say which readout or gate asks for it."""

    def opened(tube: Tube) -> Events:
        try:
            return take(tube)
        except BroughtGateError:
            raise
        except GatingError as error:
            absent = [
                (name, readout.name)
                for readout in protocol.readouts
                for name in readout.channels
                if name not in intake.channel_names
            ]
            if absent:
                raise ControlError(
                    f"no channel carries readout {absent[0][1]!r}: {error.message}",
                    error.where,
                    error.hint,
                ) from None
            for step in steps:
                if step.place and any(f"no channel {name!r}" in error.message
                                      for name in step.channels):  # fmt: skip
                    told = f"{step.place}: {error.message}"
                    raise GatingError(told, error.where, error.hint) from None
            raise

    return opened
