"""Scales that another program's gates stand on, where all tubes agree about them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from assays.flow.exchange.book import Entry
from assays.flow.exchange.drawn import innermost, shown_channel
from assays.flow.exchange.gate import ShapeGate
from assays.flow.exchange.gatingml.flog import Flog
from assays.flow.exchange.quantity import Scaled
from assays.flow.scales import (
    Arcsinh,
    Biex,
    Bounded,
    Hyperlog,
    Linear,
    Log,
    Logicle,
    Scale,
)

KNOWN = (Arcsinh, Biex, Bounded, Hyperlog, Linear, Log, Logicle)
"""Scales on which a run draws."""
Naming = Callable[[str], str | None]
"""What a tube calls a channel; None where it has none such."""


def agreed_scales(tubes: Iterable[tuple[Entry, Naming]], compensated: bool) -> dict[str, Scale]:
    """By channel, the scale on which all tubes' gates have it; where they differ, none.

    Parameters
    ----------
    tubes : iterable
        Gates of each tube, and what it calls its channels.
    compensated : bool
        Whether the run compensates.
    """
    found: dict[str, set[Scale]] = {}
    for entry, name_of in tubes:
        # Where the program lists its scales, its gates stand on those, kept within their ends.
        pairs = _listed(entry, name_of) if entry.scales else _gated(entry, name_of, compensated)
        for name, scale in pairs:
            found.setdefault(name, set()).add(scale)
    return {name: next(iter(scales)) for name, scales in found.items() if len(scales) == 1}


def _listed(entry: Entry, name_of: Naming) -> Iterable[tuple[str, Scale]]:
    """Scales that the other program lists for the tube."""
    pairs = dict(
        pair
        for matrix in entry.strategy.matrices.values()
        for pair in zip(matrix.fluorochromes, matrix.detectors, strict=False)
    )
    for channel, scale in entry.scales.items():
        name = name_of(pairs.get(channel, channel.removeprefix("Comp-")))
        if name is not None and (channel in pairs or channel == name):
            yield name, scale or Linear()


def _gated(entry: Entry, name_of: Naming, compensated: bool) -> Iterable[tuple[str, Scale]]:
    """Scales of the gates' own axes."""
    for gate in entry.strategy.gates:
        for axis in gate.axes if isinstance(gate, ShapeGate) else ():
            drawn = shown_channel(axis, entry.strategy, name_of, compensated)
            if not drawn or not isinstance(axis, Scaled) or axis.of != innermost(axis):
                continue
            scale = axis.scale.log if isinstance(axis.scale, Flog) else axis.scale
            if isinstance(scale, KNOWN):
                yield drawn, scale
