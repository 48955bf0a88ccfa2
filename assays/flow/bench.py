"""Where tubes are gated and read, one after the other.

Unstimulated tubes must come first: their events give the thresholds and
baselines that the other tubes of the donor are held against.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TypeVar

import numpy as np

from assays.flow.axes import ChannelAxis
from assays.flow.events import Events
from assays.flow.gates.shapes import Floats
from assays.flow.measure import ControlTube, Values, match_controls, read_tube
from assays.flow.pictures import PictureAxis, gate_pictures, readout_histogram
from assays.flow.strategy import GatingStrategy, Population
from assays.protocol import Flow, Readout
from assays.results.flow import GatePicture, PopulationCount, Reading, ReadoutHistogram
from assays.samples import Tube, TubeRole

Row = TypeVar("Row", PopulationCount, Reading, GatePicture, ReadoutHistogram)


class Bench:
    """Gates tubes and collects what leaves: counts, readings, pictures."""

    def __init__(
        self,
        protocol: Flow,
        strategy: GatingStrategy,
        axes: Mapping[str, ChannelAxis],
        drawn: Mapping[str, PictureAxis],
    ) -> None:
        self._protocol = protocol
        self._strategy = strategy
        self._scales = {name: axis.scale for name, axis in axes.items()}
        self._drawn = drawn
        self._outlines: dict[int, tuple[Floats, ...]] = {}
        self._controls: dict[tuple[str, str], list[ControlTube]] = {}
        self._waiting: list[tuple[Tube, Readout, Values]] = []
        self._counts: list[PopulationCount] = []
        self._pictures: list[GatePicture] = []
        self._readings: list[Reading] = []
        self._histograms: list[ReadoutHistogram] = []

    def gate(self, tube: Tube, events: Events) -> None:
        """Gate one tube and read it; an unstimulated one is read when all of them are in."""
        found = self._strategy.apply(events, self._scales, tube.file)
        self._counts += population_counts(tube, found)
        self._pictures += gate_pictures(tube, events, found, self._drawn, self._outlines)
        control = tube.role == TubeRole.UNSTIMULATED
        if not control:
            self.finish_controls()
        for readout in self._protocol.readouts:
            values = events.column(readout.channel)[found[readout.population].mask]
            if control:
                known = values[~np.isnan(values)].astype(np.float64)
                key = (tube.donor, readout.name)
                self._controls.setdefault(key, []).append(ControlTube(tube, known))
                self._waiting.append((tube, readout, values))
            else:
                self._read(tube, readout, values)

    def finish_controls(self) -> None:
        """Read the unstimulated tubes that wait for their replicates."""
        waiting, self._waiting = self._waiting, []
        for tube, readout, values in waiting:
            self._read(tube, readout, values)

    def _read(self, tube: Tube, readout: Readout, values: Values) -> None:
        controls = match_controls(tube, self._controls.get((tube.donor, readout.name), ()))
        reading = read_tube(tube, readout, values, controls, self._protocol)
        axis = self._drawn[readout.channel]
        self._readings.append(reading)
        self._histograms.append(readout_histogram(tube, readout, values, axis, reading))

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
