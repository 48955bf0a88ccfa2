"""Gates that are to be found in the data get their boundaries, before any tube is measured."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from assays.flow.axes import ChannelAxis, believable_top, detector_of
from assays.flow.events import Channel, Events
from assays.flow.first_look import Looks
from assays.flow.own_threshold import refuse_dyes_by_file, refuse_readouts
from assays.flow.own_views import OwnViews
from assays.flow.search import GateSearch
from assays.flow.strategy import GatingStrategy
from assays.protocol import Flow
from assays.samples import Tube
from plates.findings import Finding


def settle_gates(
    strategy: GatingStrategy,
    tubes: Sequence[Tube],
    samples: Sequence[Tube],
    take: Callable[[Tube], Events],
    protocol: Flow,
    looks: Looks,
    axes: Mapping[str, ChannelAxis],
    views: OwnViews,
) -> tuple[GatingStrategy, list[Finding]]:
    """Find the automatic gates, on scales that no treated tube had a part in.

    Raises
    ------
    GatingError
        When a gate would let a tube move its own threshold, now that the channels' own
        names are known.
    """
    if all(step.sought is None for step in strategy.steps):
        return strategy, []
    named = {n: views.channel(n, look.channel).name for n, look in looks.every.items()}
    read = [named[name] for one in protocol.readouts for name in one.channels]
    for step in strategy.steps:
        if step.sought is not None:
            channels = [named[name] for name in step.channels]
            refuse_readouts(step, step.sought, channels, read)
            refuse_dyes_by_file(step, step.sought, channels)
    scales = {name: axis.scale for name, axis in axes.items()}
    tops = {name: believable_top(look) for name, look in looks.calm.items()}
    called = {
        name: _called(views.channel(name, look.channel)) for name, look in looks.every.items()
    }
    return GateSearch(strategy, tubes, samples, take, scales, tops, called).run()


def _called(channel: Channel) -> tuple[str, ...]:
    """What a sample sheet may call a channel."""
    return tuple(filter(None, (channel.name, channel.marker, detector_of(channel.name))))
