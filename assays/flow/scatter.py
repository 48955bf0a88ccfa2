"""The first picture of a tube: forward against side scatter, where the file has them.

Areas before heights before widths, linear amplifiers before logarithmic ones, the
file's order among equals. Mass cytometers see no scatter: there the length of an
event stands against DNA. Otherwise the first two channels that are not time.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from assays.flow.axes import ChannelAxis, Look, look_at, make_axes
from assays.flow.events import Channel, Events
from assays.flow.fcs.scaling import is_logarithmic
from assays.flow.pictures import count_bins, picture_axes
from assays.flow.scales import Log
from assays.flow.strategy import GatingStrategy
from assays.results.scatter import Scatter

_FORWARD = re.compile(r"(?i)\s*fsc?\d*([-_ .]|$)")
_SIDE = re.compile(r"(?i)\s*ssc?\d*([-_ .]|$)")
_LENGTH = re.compile(r"(?i)\s*(event|cell)[-_ ]?length")
_DNA = re.compile(r"(?i).*(\bdna|ir\)?19[13]|19[13]ir)")
# Heights and areas go by words on some cytometers and by a last letter on others.
_WIDTH = re.compile(r"(?i).*([-_ ]w|width|tof.*)\s*$")
_AREA = re.compile(r"(?i).*([-_ ]a|area|\bint\b.*|lina)\s*$")


def scatter_of(events: Events) -> Scatter | None:
    """Density of a tube on its two scatter channels.

    Parameters
    ----------
    events : Events
        As read, linear values.

    Returns
    -------
    Scatter or None
        None when there is no event or fewer than two channels other than time.
    """
    pair = scatter_pair(events.channels)
    if pair is None or not len(events):
        return None
    columns, light = pair
    # By a name of our own: two channels of one file may share theirs.
    names = ("x", "y")
    tube = Events(
        events.values[:, columns],
        tuple(events.channels[column] for column in columns),
        keywords=events.keywords,
    )
    axes: dict[str, ChannelAxis] = {}
    for name, column in zip(names, range(2), strict=True):
        single = Events(
            tube.values[:, column : column + 1], (tube.channels[column],), keywords=events.keywords
        )
        looks: dict[str, Look] = {}
        look_at(single, [tube.channels[column].name], looks)
        (axis,) = make_axes(looks, {}).values()
        axes[name] = _as_amplified(axis)
    drawn = picture_axes(axes, GatingStrategy(()), 1)
    x, y = drawn["x"], drawn["y"]
    return Scatter(x.axis, y.axis, count_bins(x, y, tube.values), light)


def _as_amplified(axis: ChannelAxis) -> ChannelAxis:
    """A channel that was amplified logarithmically is drawn so."""
    decades, offset = axis.channel.amplification
    if not is_logarithmic(axis.channel):
        return axis
    low, high = offset or 1.0, (offset or 1.0) * 10.0**decades
    return ChannelAxis(axis.name, axis.channel, Log(high, decades), low, high, False)


def scatter_pair(channels: Sequence[Channel]) -> tuple[list[int], bool] | None:
    """Columns for x and y, and whether they are forward and side scatter; None without two."""
    forward, side = _best(channels, _FORWARD), _best(channels, _SIDE)
    if forward is not None and side is not None:
        return [forward, side], True
    length, dna = _best(channels, _LENGTH), _dna(channels)
    if length is not None and dna is not None:
        return [length, dna], False
    first = forward if forward is not None else side
    others = [n for n, channel in enumerate(channels) if not _is_time(channel) and n != first]
    chosen = [*([] if first is None else [first]), *others][:2]
    return (chosen, False) if len(chosen) == 2 else None


def _is_time(channel: Channel) -> bool:
    return channel.time or channel.name.strip().lower().startswith(("time", "event"))


def _best(channels: Sequence[Channel], kind: re.Pattern[str]) -> int | None:
    found = [n for n, channel in enumerate(channels) if kind.match(channel.name)]
    return min(found, key=lambda n: (_rank(channels[n]), n), default=None)


def _rank(channel: Channel) -> tuple[bool, bool, bool]:
    name = channel.name
    return bool(_WIDTH.match(name)), "log" in name.lower(), not _AREA.match(name)


def _dna(channels: Sequence[Channel]) -> int | None:
    found = (
        n
        for n, channel in enumerate(channels)
        if _DNA.match(channel.name) or _DNA.match(channel.marker or "")
    )
    return next(found, None)
