"""On which scale each channel of a run is drawn and gated, and between which limits.

A first look at every tube collects, per channel: its top, the spread of its
values, and its values below zero. From these come one scale and one pair of
limits per channel, the same for every tube, so that pictures compare.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

import numpy as np
from numpy.typing import NDArray

from assays.errors import GatingError
from assays.flow.events import Channel, Events
from assays.flow.scales import Arcsinh, Linear, Log, Logicle, Scale, estimate_width
from assays.protocol import Scale as ScaleChoice

Floats = NDArray[np.float64]

DEFAULT = "default"
SAMPLE = 10_000
"""Most events of one tube that the first look takes, evenly spaced over the file."""
NEGATIVES = 2_000
"""Most values below zero kept of one tube."""

# Scatter, time and pulse shape are read on a linear scale; the rest reports light or mass.
_NOT_FLUORESCENCE = re.compile(
    r"(?i)^(fsc|ssc|fs|ss|bsc|time\d*|hdr|pulse|width|w|(event|ev|cell)[_ ]?len\w*|event( #)?|"
    r"center|offset|residual|sorter\w*|index|clock|drop)(\b|[-_ .]|$)"
)

_PULSE = re.compile(r"(?i)[-_ ](a|h|w|area|height|width)$")


@dataclass(slots=True)
class Look:
    """What the tubes seen so far hold on one channel."""

    channel: Channel
    top: float = math.nan
    low: float = math.inf
    high: float = -math.inf
    negatives: list[NDArray[np.floating]] = field(default_factory=list)

    def take(self, values: NDArray[np.floating], top: float) -> None:
        """Take in one tube."""
        self.top = np.nanmax([self.top, top]) if not math.isnan(top) else self.top
        step = max(1, len(values) // SAMPLE)
        values = values[::step]
        values = values[np.isfinite(values)]
        if not len(values):
            return
        low, high = np.quantile(values, (0.002, 0.999))
        self.low, self.high = min(self.low, float(low)), max(self.high, float(high))
        below = values[values < 0]
        self.negatives.append(below[:: max(1, math.ceil(len(below) / NEGATIVES))])


@dataclass(frozen=True, slots=True, eq=False)
class ChannelAxis:
    """One channel's scale and limits for the whole run."""

    name: str
    """As the strategy names it: $PnN or marker."""
    channel: Channel
    scale: Scale
    low: float
    """In original units."""
    high: float
    estimated: bool
    """Whether the scale was found from the data rather than declared."""


def is_fluorescence(name: str) -> bool:
    """Whether a channel reports light or mass, not scatter, time or pulse shape."""
    return not _NOT_FLUORESCENCE.match(name.strip())


def detector_of(name: str) -> str:
    """The detector behind a pulse: ``PE`` of ``PE-A``, ``PE-H`` and ``PE-W``."""
    return _PULSE.sub("", name.strip())


def top_of(channel: Channel, keywords: Mapping[str, str]) -> float:
    """Largest value a channel can hold, on the linear scale; NaN when the file does not say.

    ``$PnR`` divided by the gain, or ``f2 · 10^f1`` for a channel that was amplified
    logarithmically and stored as integers.
    """
    decades, offset = channel.amplification
    if decades > 0 and keywords.get("$DATATYPE", "I").strip().upper() == "I":
        return float((offset or 1.0) * 10.0**decades) if decades < 30 else math.nan
    top = channel.range / channel.gain if channel.gain else math.nan
    return top if math.isfinite(top) and top > 0 else math.nan


def believable_top(look: Look) -> float:
    """Largest value that the file says a channel holds; NaN where the data reach far beyond it.

    Exports exist whose ``$PnR`` is that of a display of 1024 channels.
    """
    return math.nan if look.high > 1.5 * look.top else look.top


def look_at(events: Events, names: Iterable[str], looks: dict[str, Look]) -> None:
    """Take one tube into the looks, by channel name as the strategy has it."""
    for name in names:
        index = events.index(name)
        channel = events.channels[index]
        look = looks.setdefault(name, Look(channel))
        look.take(events.values[:, index], top_of(channel, events.keywords))


def check_choices(choices: Mapping[str, ScaleChoice], known: Iterable[str]) -> None:
    """Refuse a scale for a channel that no file has.

    Parameters
    ----------
    choices : mapping
        ``[flow.scales]``, by channel or marker, or ``default``.
    known : iterable of str
        Every channel and marker of the files.

    Raises
    ------
    GatingError
        Names the nearest channel.
    """
    names = list(dict.fromkeys(known))
    for name in choices:
        if name != DEFAULT and name not in names:
            near = get_close_matches(name, names, n=1, cutoff=0.5)
            raise GatingError(
                f"[flow.scales] names {name!r}, which no file has",
                hint=f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(names)}.",
            )


def make_axes(
    looks: Mapping[str, Look],
    choices: Mapping[str, ScaleChoice],
    brought: Mapping[str, Scale] | None = None,
    calm: Mapping[str, Look] | None = None,
) -> dict[str, ChannelAxis]:
    """One axis per channel: as chosen for it by name, as another program has it, or found.

    Parameters
    ----------
    looks : mapping
        By channel as named in the strategy.
    choices : mapping
        ``[flow.scales]``.
    brought : mapping, optional
        By $PnN, scales of another program's strategy.
    calm : mapping, optional
        What the tubes hold that scales are found in, where that is not all of them: no
        treated tube may move the scale that a gate stands on.
    """
    axes = {}
    for name, look in looks.items():
        try:
            scale, estimated = _choose(name, (calm or {}).get(name, look), choices)
        except GatingError as fault:
            where = f"assay.toml: scale of {name!r}"
            raise GatingError(fault.message, where, fault.hint) from None
        known = (brought or {}).get(look.channel.name)
        if known is not None and not _named(name, look, choices):
            scale, estimated = known, False
        low, high = _limits(look, scale)
        axes[name] = ChannelAxis(name, look.channel, scale, low, high, estimated)
    return axes


def _named(name: str, look: Look, choices: Mapping[str, ScaleChoice]) -> list[ScaleChoice]:
    """Choices that name a channel, the nearest first."""
    keys = (name, look.channel.name, look.channel.marker or name)
    return [choices[key] for key in keys if key in choices]


def _choose(name: str, look: Look, choices: Mapping[str, ScaleChoice]) -> tuple[Scale, bool]:
    channel = look.channel
    named = _named(name, look, choices)
    if named:
        choice = named[0]
    elif not is_fluorescence(channel.name):
        return Linear(), False
    else:
        choice = choices.get(DEFAULT) or ScaleChoice()
    top = choice.t or _top(look)
    match choice.method:
        case "linear":
            return Linear(), False
        case "log":
            return Log(top, choice.m), choice.t is None
        case "arcsinh":
            return Arcsinh(choice.cofactor or 150.0), False
    if choice.w is not None:
        return Logicle(top, choice.w, choice.m, choice.a), choice.t is None
    below = np.concatenate(look.negatives) if look.negatives else np.empty(0)
    width = estimate_width(below, top, choice.m, choice.a)
    return Logicle(top, round(width, 3) + 0.0, choice.m, choice.a), True


def _top(look: Look) -> float:
    """Top of the scale: the file's, unless the data say that it cannot be meant.

    Exports exist whose ``$PnR`` is the largest 32-bit number, or that of a display of
    1024 channels; then the brightest events tell.
    """
    known = look.high if math.isfinite(look.high) and look.high > 0 else math.nan
    if math.isnan(look.top):
        return known if known > 0 else 262144.0
    if math.isnan(believable_top(look)) or look.top > 1e4 * known:
        return known
    return look.top


def _limits(look: Look, scale: Scale) -> tuple[float, float]:
    """Where nearly all events lie, a little wider, in original units."""
    low, high = look.low, look.high
    if not low < high:
        low, high = (low - 1, low + 1) if math.isfinite(low) else (0.0, 1.0)
    if isinstance(scale, Linear):
        low = min(low, 0.0)
    elif isinstance(scale, Log):
        low = max(low, scale.T * 10.0**-scale.M)
        high = max(high, low * 10)
    ends = scale.forward([low, high])
    margin = 0.04 * float(ends[1] - ends[0])
    wide = scale.inverse([ends[0] - margin, ends[1] + margin])
    return float(wide[0]), float(wide[1])
