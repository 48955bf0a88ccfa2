"""Stained cells as a cytometer records them, of populations whose median is known.

The light of a cell is its stain, lognormal over cells, and its own fluorescence. A tube has more
or less of all of it than the next, by the CV between tubes. The detector counts photoelectrons,
and its electronics add a noise that can take dim cells below zero. Other cells lie beside those of
interest, with another stain: the gate on CD19 takes them out. What is read is the median of all
this, so the truth of a percent inhibition is defined on medians too: of endlessly many cells, in a
tube without scatter, with autofluorescence and noise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri

from assays.flow.events import Channel, Events
from assays.flow.measure import Held, match_controls, read_tube
from assays.flow.strategy import check_strategy
from assays.protocol import Flow, Gate, Readout
from assays.results.flow import Reading
from assays.samples import Tube, TubeRole

Floats = NDArray[np.float64]

STAIN_SPREAD = 0.7
"""SD of the logarithm of the stain over cells."""
OWN_LIGHT, OWN_SPREAD = 60.0, 0.4
"""Median autofluorescence, a.u., and the SD of its logarithm."""
NOISE = 60.0
"""SD of the electronics, a.u."""
PER_PHOTOELECTRON = 10.0
"""a.u.; light of L has this many times L as variance from counting."""
TOP = 262_143.0
CUT = 1500.0
"""CD19 above which a cell is of interest; of either kind of cells 1 in 10,000 lies beyond it."""
CHANNELS = (Channel("CD19", None, TOP + 1), Channel("pSTAT3", None, TOP + 1))
GATE = Gate(population="CLL", method="interval", channels=("CD19",), params={"low": CUT})
READOUT = Readout(name="pSTAT3", channel="pSTAT3", population="CLL", cofactor=150.0)
PROTOCOL = Flow(compensation="none", gates=(GATE,), readouts=(READOUT,))


@dataclass(frozen=True, slots=True)
class Median:
    """Of endlessly many cells of one stain."""

    value: float
    """a.u."""
    density: float
    """Share of cells per a.u. there: n of them know their median to 1 / (2 density sqrt(n))."""


@cache
def _light(parts: int = 201, own_parts: int = 21) -> tuple[Floats, Floats]:
    """Stain, as a multiple of its median, and autofluorescence, of cells of equal share."""
    stain = np.exp(STAIN_SPREAD * ndtri((np.arange(parts) + 0.5) / parts))
    own = OWN_LIGHT * np.exp(OWN_SPREAD * ndtri((np.arange(own_parts) + 0.5) / own_parts))
    return np.repeat(stain, own_parts), np.tile(own, parts)


def median_of(stain: float) -> Median:
    """Median of the recorded light of cells with a median stain, in a.u., of a usual tube."""
    of_stain, own = _light()
    light = stain * of_stain + own
    noise = np.sqrt(NOISE**2 + PER_PHOTOELECTRON * light)
    value = float(
        brentq(lambda x: float(ndtr((x - light) / noise).mean()) - 0.5, 0.0, 10 * (stain + 100))
    )
    at = (value - light) / noise
    density = float(np.mean(np.exp(-0.5 * at**2) / noise)) / np.sqrt(2 * np.pi)
    return Median(value, density)


def record(
    rng: np.random.Generator, name: str, stain: float, cells: int, others: int, *, cv: float
) -> Events:
    """One tube: cells of interest, others beside them, both with the tube's share of light."""
    number = cells + others
    interest = np.arange(number) < cells
    cd19 = np.exp(np.where(interest, 9.0, 5.0) + 0.45 * rng.standard_normal(number))
    middle = np.where(interest, stain, 3.0 * stain + 100.0)
    light = middle * np.exp(STAIN_SPREAD * rng.standard_normal(number))
    light += OWN_LIGHT * np.exp(OWN_SPREAD * rng.standard_normal(number))
    # A CV of 15 % leaves no light at all once in 10^11 tubes.
    light *= max(1.0 + cv * rng.standard_normal(), 0.0)
    seen = light + np.sqrt(NOISE**2 + PER_PHOTOELECTRON * light) * rng.standard_normal(number)
    values = np.minimum(np.column_stack([cd19, seen]), TOP).astype(np.float32)
    return Events(values, CHANNELS, name=name)


def read(tubes: Sequence[tuple[Tube, Events]]) -> list[Reading]:
    """Gated and read as a run reads them, without its pictures: controls first, then every tube."""
    strategy = check_strategy(PROTOCOL.gates)
    held = []
    for tube, events in tubes:
        inside = strategy.apply(events, file=tube.file)[READOUT.population].mask
        held.append(Held(tube, events.column(READOUT.channel)[inside]))
    calm = [one for one in held if one.tube.role is TubeRole.UNSTIMULATED]
    return [
        read_tube(one.tube, READOUT, one.values, match_controls(one.tube, calm), PROTOCOL)
        for one in held
    ]
