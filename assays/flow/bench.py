"""Where tubes are gated and read, one after the other.

Control tubes (unstimulated, and the FMO and isotype tubes that a readout asks for) must come
first: their events give the thresholds and baselines that the other tubes of the donor are held
against.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from assays.errors import ControlError
from assays.flow.axes import ChannelAxis
from assays.flow.events import Events
from assays.flow.fractions import fraction_of, read_fraction
from assays.flow.gates.shapes import Floats
from assays.flow.measure import Held, cofactor_of, match_controls, read_tube
from assays.flow.pictures import PictureAxis, gate_pictures, readout_histogram
from assays.flow.staining import ROLES, match_staining, serves
from assays.flow.strategy import GatingStrategy, Population
from assays.protocol import Flow, Readout
from assays.results.flow import GatePicture, PopulationCount, Reading, ReadoutHistogram
from assays.samples import STAINING, Tube, TubeRole

Row = TypeVar("Row", PopulationCount, Reading, GatePicture, ReadoutHistogram)

CONTROLS = (TubeRole.UNSTIMULATED, TubeRole.FMO, TubeRole.ISOTYPE)
"""Roles of the tubes that others are held against: gated before the rest."""
NOTHING: NDArray[np.floating] = np.empty(0)
Keep = Callable[[Tube, Mapping[str, Population]], None]
"""Takes the populations of a gated tube, to write their events."""


class Bench:
    """Gates tubes and collects what leaves: counts, readings, pictures."""

    def __init__(
        self,
        protocol: Flow,
        strategy: GatingStrategy,
        axes: Mapping[str, ChannelAxis],
        drawn: Mapping[str, PictureAxis],
        keep: Keep | None = None,
    ) -> None:
        self._keep = keep
        self._protocol = protocol
        self._strategy = strategy
        self._scales = {name: axis.scale for name, axis in axes.items()}
        self._drawn = drawn
        self._outlines: dict[int, tuple[Floats, ...]] = {}
        self._controls: dict[tuple[str, TubeRole], list[Held]] = {}
        self._waiting: list[tuple[Readout, Held]] = []
        self._counts: list[PopulationCount] = []
        self._pictures: list[GatePicture] = []
        self._readings: list[Reading] = []
        self._histograms: list[ReadoutHistogram] = []

    def gate(self, tube: Tube, events: Events) -> None:
        """Gate one tube and read it; a control is read when all of them are in."""
        found = self._strategy.apply(events, self._scales, tube.file)
        if self._keep is not None:
            self._keep(tube, found)
        self._counts += population_counts(tube, found)
        self._pictures += gate_pictures(
            tube, events, found, self._drawn, self._outlines, self._protocol.gating.backgate
        )
        control = tube.role in CONTROLS
        if not control:
            self.finish_controls()
        for readout in self._protocol.readouts:
            if readout.population not in found:
                continue
            held = self._held(tube, readout, events, found)
            if control:
                key = (readout.name, tube.role)
                self._controls.setdefault(key, []).append(held)
                self._waiting.append((readout, held))
            else:
                self._read(readout, held)

    def taken(self, tube: Tube, readout: Readout, events: Events) -> Held:
        """What a tube holds of a readout, without anything being kept."""
        found = self._strategy.apply(events, self._scales, tube.file)
        return self._held(tube, readout, events, found)

    def inside(self, tube: Tube, events: Events, population: str) -> NDArray[np.bool_]:
        """Which events of a tube lie in a population, without anything being kept."""
        found = self._strategy.apply(events, self._scales, tube.file)
        if population not in found:
            raise ControlError(
                f"there is no population {population!r} in this tube",
                tube.file,
                f"Known: {', '.join(found)}.",
            )
        return found[population].mask

    def use(self, protocol: Flow) -> None:
        """Take the readouts as they were settled."""
        self._protocol = protocol

    def finish_controls(self) -> None:
        """Read the control tubes that wait for one another."""
        waiting, self._waiting = self._waiting, []
        for readout, held in waiting:
            self._read(readout, held)

    def _held(
        self, tube: Tube, readout: Readout, events: Events, found: Mapping[str, Population]
    ) -> Held:
        if readout.kind == "fraction":
            return Held(tube, NOTHING, counts=fraction_of(readout, found))
        inside = found[readout.population].mask
        total = events.column(readout.total)[inside] if readout.total else None
        return Held(tube, events.column(readout.channel)[inside], total)

    def _read(self, readout: Readout, held: Held) -> None:
        tube = held.tube
        calm = self._controls.get((readout.name, TubeRole.UNSTIMULATED), [])
        if readout.kind == "fraction":
            if tube.role in STAINING:
                return
            cofactor = cofactor_of(readout)
            against = [(one.tube, one.counts) for one in match_controls(tube, calm)]
            self._readings.append(
                read_fraction(tube, readout, held.counts, against, cofactor, self._protocol)
            )
            return
        stained = self._staining(tube, readout)
        if tube.role in STAINING and held not in (stained or ()):
            return
        controls = match_controls(tube, calm)
        if readout.kind == "expression":
            controls = stained or ()
        reading = read_tube(
            tube,
            readout,
            held.values,
            controls,
            self._protocol,
            total=held.total,
            staining=stained,
        )
        self._readings.append(reading)
        if not readout.total:
            axis = self._drawn[readout.channel]
            self._histograms.append(readout_histogram(tube, readout, held.values, axis, reading))

    def _staining(self, tube: Tube, readout: Readout) -> tuple[Held, ...] | None:
        """FMO or isotype tubes that give a readout its threshold; None: unstimulated ones do."""
        role = ROLES.get(readout.threshold_from)
        if role is None:
            return None
        channel = self._drawn[readout.channel].axis
        names = (channel.channel, channel.marker)
        own = [
            held
            for held in self._controls.get((readout.name, role), [])
            if serves(held.tube, readout, names, self._protocol)
        ]
        return match_staining(tube, own)

    def counts(self, tubes: Sequence[Tube]) -> tuple[PopulationCount, ...]:
        """Populations, tube by tube in the order of the sheet."""
        return _in_order(self._counts, tubes)

    def readings(self, tubes: Sequence[Tube]) -> tuple[Reading, ...]:
        """Readings, tube by tube in the order of the sheet."""
        return _in_order(self._readings, tubes)

    def pictures(self, tubes: Sequence[Tube]) -> tuple[GatePicture, ...]:
        """Gate pictures, tube by tube in the order of the sheet."""
        return _in_order(self._pictures, tubes)

    def histograms(self, tubes: Sequence[Tube]) -> tuple[ReadoutHistogram, ...]:
        """Readout histograms, tube by tube in the order of the sheet."""
        return _in_order(self._histograms, tubes)


def _in_order(rows: list[Row], tubes: Sequence[Tube]) -> tuple[Row, ...]:
    place = {tube.file: index for index, tube in enumerate(tubes)}
    return tuple(sorted(rows, key=lambda row: place[row.file]))


def population_counts(tube: Tube, found: Mapping[str, Population]) -> list[PopulationCount]:
    """Counts and percentages of one tube's populations, in gating order."""
    total = max(population.count for population in found.values())
    rows = []
    for population in found.values():
        step = population.step
        if step is None:
            continue
        above = found[step.parent].count
        rows.append(
            PopulationCount(
                file=tube.file,
                donor=tube.donor,
                condition=tube.condition,
                population=population.name,
                parent=step.parent,
                count=population.count,
                percent_of_parent=100 * population.count / above if above else math.nan,
                percent_of_total=100 * population.count / total if total else math.nan,
                automatic=step.automatic,
                note=step.note,
                definition=step.definition,
                score=step.score,
                reasons="; ".join(step.reasons),
            )
        )
    return rows
