"""Gates that a run takes from another program's file.

Each tube is gated once when it is opened, on its events as recorded and by the
strategy's own matrix and scales; what is kept is one bit per event and gate. The
run then treats those populations like its own: they are counted and drawn, read
out, and parents of its own gates.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from assays.errors import GatingError
from assays.flow.brought_members import Members
from assays.flow.brought_remarks import as_recorded, differing, other_files
from assays.flow.brought_scales import agreed_scales
from assays.flow.events import Events, Spillover
from assays.flow.exchange.book import Book, Entry
from assays.flow.exchange.drawn import innermost, steps_of
from assays.flow.exchange.gate import ShapeGate
from assays.flow.exchange.quantity import FCS, Compensated
from assays.flow.exchange.strategy import SharedStrategy
from assays.flow.gate_step import ROOT, GateStep
from assays.flow.gates.shapes import Mask
from assays.flow.scales import Scale
from assays.protocol import Flow
from assays.results.flow import PopulationCount
from assays.samples import Tube
from plates.findings import Finding


class BroughtGateError(GatingError):
    """A gate of another program that a tube cannot be gated by."""


class Brought:
    """Another program's strategy for each tube of a run.

    Parameters
    ----------
    book : Book
    entries : mapping
        By tube file, the sample of the book whose gates it takes.
    channels : mapping
        By tube file, its channels: $PnN and marker of each.
    compensated : bool
        Whether the run compensates.
    own_matrix : bool
        Whether tubes are compensated by the strategy's matrix.
    """

    def __init__(
        self,
        book: Book,
        entries: Mapping[str, Entry],
        channels: Mapping[str, Sequence[tuple[str, str]]],
        *,
        compensated: bool = True,
        own_matrix: bool = False,
    ) -> None:
        self._book = book
        self._entries = dict(entries)
        self._channels = dict(channels)
        self._compensated = compensated
        self._own_matrix = own_matrix
        self._members = Members()
        self._spillovers: dict[str, Spillover] = {}

    @property
    def words(self) -> str:
        """Where the gates come from."""
        version = "" if self._book.version in str(self._book.program) else f" {self._book.version}"
        return f"{self._book.name} ({self._book.program}{version})"

    def opening(self, open_events: Callable[[Tube], Events]) -> Callable[[Tube], Events]:
        """Open tubes as before, gating each by the strategy the first time."""

        def opened(tube: Tube) -> Events:
            events = open_events(tube)
            entry = self._entries.get(tube.file)
            if entry is None:
                return events
            if tube.file not in self._members:
                self._gate(tube.file, entry, events)
            if not self._own_matrix:
                return events
            self._spillovers[tube.file] = self._matrix(entry, events)
            return dataclasses.replace(events, spillover=self._spillovers[tube.file])

        return opened

    def _gate(self, file: str, entry: Entry, events: Events) -> None:
        try:
            found = entry.strategy.apply(events)
        except GatingError as fault:
            raise BroughtGateError(fault.message, fault.where, fault.hint) from None
        self._members.keep(
            file, len(events), {name: one.mask for name, one in found.items() if name != ROOT}
        )

    def _matrix(self, entry: Entry, events: Events) -> Spillover:
        """The one matrix by which the strategy's gates are compensated."""
        names = {
            inner.matrix
            for gate in entry.strategy.gates
            if isinstance(gate, ShapeGate)
            for axis in gate.axes
            for inner in (innermost(axis),)
            if isinstance(inner, Compensated)
        }
        if entry.compensation is not None:
            return entry.compensation
        if names == {FCS} and events.spillover is not None:
            return events.spillover
        if len(names) > 1:
            raise GatingError(
                f"the gates are compensated by {len(names)} matrices: {', '.join(sorted(names))}",
                self._book.name,
                "Choose compensation = 'file' or a csv for the readouts.",
            )
        matrices = [entry.strategy.matrices[name] for name in names if name != FCS]
        if matrices:
            spillover = matrices[0].spillover
            if spillover is None:
                raise GatingError(
                    f"matrix {matrices[0].name!r} has more detectors than fluorochromes; the run "
                    "cannot compensate its readouts by it",
                    self._book.name,
                )
            return spillover
        first = events.channels[0].name if events.channels else ""
        return Spillover((first,), np.eye(1), f"{self._book.name}: not compensated")

    def strategy_of(self, file: str) -> SharedStrategy | None:
        """The gates of one tube; None when it has none."""
        entry = self._entries.get(file)
        return entry.strategy if entry is not None else None

    def spillover_of(self, file: str) -> Spillover | None:
        """The matrix by which a tube was compensated, where that was the strategy's."""
        return self._spillovers.get(file)

    def masks(self, file: str) -> Mapping[str, Mask]:
        """Members of every brought population of a tube that was opened; shape (n_events,) each."""
        return self._members.masks(file)

    def steps(self) -> tuple[tuple[GateStep, ...], dict[tuple[str, str], GateStep]]:
        """The populations as steps of the run, and where tubes differ each tube's own.

        Returns
        -------
        steps
            Of all tubes together, a parent before its children.
        own
            By file and population, where not all tubes have the same gate.
        """
        shared: dict[tuple[object, ...], GateStep] = {}
        by_file: dict[str, dict[str, GateStep]] = {}
        for file, entry in self._entries.items():
            made = steps_of(entry.strategy, self._names(file), self._compensated)
            by_file[file] = {
                step.population: shared.setdefault(_alike(step), step) for step in made
            }
        first: dict[str, GateStep] = {}
        several: set[str] = set()
        for steps in by_file.values():
            for name, step in steps.items():
                if first.setdefault(name, step) is not step:
                    several.add(name)
        own = {
            (file, name): dataclasses.replace(step, group_by="file", group=f"file {file}")
            for file, steps in by_file.items()
            for name, step in steps.items()
            if name in several
        }
        every = [
            dataclasses.replace(step, group_by="file") if name in several else step
            for name, step in first.items()
        ]
        return tuple(every), own

    def demand(self, protocol: Flow, samples: Sequence[Tube]) -> None:
        """Every tube must have the populations that readouts and own gates name.

        Raises
        ------
        GatingError
            Names the population and the tubes whose gates lack it.
        """
        own = {gate.population for gate in protocol.gates}
        asked = {gate.parent: f"gate {gate.population!r}" for gate in protocol.gates}
        asked |= {
            name: f"readout {readout.name!r}"
            for readout in protocol.readouts
            for name in (readout.population, *readout.populations)
        }
        have = {
            tube.file: {gate.name for gate in self._entries[tube.file].strategy.gates}
            for tube in samples
            if tube.file in self._entries
        }
        known = set().union(*have.values()) if have else set()
        for name, who in asked.items():
            without = [file for file, names in have.items() if name not in names]
            if name in known - own and without:
                raise GatingError(
                    f"{who} names {name!r}, which {self._book.name} does not have for "
                    f"{len(without)} of {len(have)} tubes, first {without[0]}",
                    "assay.toml: [flow.gating]",
                    "Give those samples the gate too, or take one group's or one sample's gates "
                    "for every tube: group or sample under [flow.gating].",
                )

    def compensating(self, protocol: Flow) -> Flow:
        """The choices with the strategy's matrix taken as each file's own, where it is chosen."""
        return (
            protocol.model_copy(update={"compensation": "file"}) if self._own_matrix else protocol
        )

    def compensation(self, words: str) -> str:
        """What was done, in words."""
        if not self._own_matrix:
            return words
        return words.replace("the matrix in each file", f"the matrix of {self._book.name}")

    def with_stored(self, counts: Sequence[PopulationCount]) -> tuple[PopulationCount, ...]:
        """Counts with what the program itself had counted beside them."""
        return tuple(
            dataclasses.replace(
                each,
                stored=self._entries[each.file].stored_counts.get(each.population, -1)
                if each.file in self._entries
                else -1,
            )
            for each in counts
        )

    def _names(self, file: str) -> Callable[[str], str | None]:
        pairs = self._channels.get(file, ())
        known = [name for name, _ in pairs]

        def name_of(wanted: str) -> str | None:
            if wanted in known:
                return wanted
            # FlowJo writes a channel's "/" as "_".
            like = [name for name in known if name.replace("/", "_").strip() == wanted.strip()]
            marked = [name for name, marker in pairs if marker == wanted]
            found = like or marked
            return found[0] if len(found) == 1 else None

        return name_of

    def scales(self) -> dict[str, Scale]:
        """By channel, the scale on which all tubes' gates have it; where they differ, none."""
        tubes = [(entry, self._names(file)) for file, entry in self._entries.items()]
        return agreed_scales(tubes, self._compensated)

    def findings(self, counts: Sequence[PopulationCount]) -> list[Finding]:
        """What differs from the program: the events, the counts, the compensation."""
        name, strategies = self._book.name, [one.strategy for one in self._entries.values()]
        totals = {
            file: (self._entries[file].stored_counts.get(ROOT, -1), total)
            for file, total in self._members.sizes().items()
        }
        return [
            *(as_recorded(strategies, name) if self._compensated else ()),
            *other_files(totals, name),
            *differing(counts, name),
        ]


def _alike(step: GateStep) -> tuple[object, ...]:
    return (
        step.population, step.parent, step.method, step.channels, step.definition,
        step.shape.outline().tobytes(),
    )  # fmt: skip
