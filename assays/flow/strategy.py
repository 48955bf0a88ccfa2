"""Rows of a gating strategy become a tree of populations, checked once.

A parent stands before its children whatever the order of the rows. Gates that a
person moved for one file replace the row's numbers there, and keep who, when
and why.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from assays.errors import GatingError
from assays.flow.events import Events
from assays.flow.gate_row import step_of, unknown
from assays.flow.gate_step import ROOT as ROOT
from assays.flow.gate_step import GateStep as GateStep
from assays.flow.gate_step import Population as Population
from assays.flow.gates.same_cut import SameCut
from assays.flow.gates.shapes import Mask
from assays.flow.overrides import moved_gates
from assays.flow.own_threshold import refuse_readouts
from assays.flow.scales import Scale
from assays.flow.views import View, views_of
from assays.protocol import Flow, Gate, Override

MOST_GATES = 1000
TABLE = "assay.toml: [[flow.gates]]"


def nothing_settled(file: str) -> Mapping[str, Mask]:
    """A run whose gates are all its own."""
    return {}


@dataclass(frozen=True, slots=True, eq=False)
class GatingStrategy:
    """A checked tree of gates."""

    steps: tuple[GateStep, ...]
    """A parent before its children."""
    moved: Mapping[tuple[str, str], GateStep] = field(default_factory=dict)
    """Gates moved by hand, by file and population."""
    found: Mapping[tuple[str, str], GateStep] = field(default_factory=dict)
    """Gates found in the data, or another program's of one tube, by file and population."""
    elsewhere: Callable[[str], Mapping[str, Mask]] = nothing_settled
    """By file, members of the populations that another program's strategy settled."""
    views: Mapping[str, View] = field(default_factory=dict)
    """Channels that single gates see in their own way, by the name that their steps use."""

    def step_for(self, file: str, step: GateStep) -> GateStep:
        """One step as it applies to one file: a hand that moved it wins over the data."""
        key = (file, step.population)
        return self.moved.get(key) or self.found.get(key) or step

    def steps_for(self, file: str) -> tuple[GateStep, ...]:
        """Steps as they apply to one file."""
        return tuple(self.step_for(file, step) for step in self.steps)

    @property
    def channels(self) -> tuple[str, ...]:
        """Every channel that a gate names, once."""
        return tuple(dict.fromkeys(name for step in self.steps for name in step.channels))

    def apply(
        self,
        events: Events,
        scales: Mapping[str, Scale] | None = None,
        file: str | None = None,
    ) -> dict[str, Population]:
        """Gate one file, parents first.

        Parameters
        ----------
        events : Events
            Compensated.
        scales : mapping, optional
            By channel as named in the strategy.
        file : str, optional
            Name of the tube, where it is not the events' own.
            One of another program's populations that this tube does not have is left out.

        Returns
        -------
        dict
            Populations by name, ``root`` (every event) first.

        Raises
        ------
        GatingError
            When a channel is absent; names the nearest.
        """
        every = np.ones(len(events), dtype=bool)
        found = {ROOT: Population(ROOT, "", len(events), every)}
        rows: dict[str, NDArray[np.intp]] = {ROOT: np.arange(len(events))}
        name = events.name if file is None else file
        known = self.elsewhere(name)
        steps = {step.population: step for step in self.steps_for(name)}
        for step in steps.values():
            if step.origin:
                if step.population not in known:
                    continue
                mask = known[step.population]
                members = np.flatnonzero(mask)
            else:
                members = step.members(events, rows, scales or {}, steps.__getitem__)
                mask = np.zeros(len(events), dtype=bool)
                mask[members] = True
            rows[step.population] = members
            found[step.population] = Population(
                step.population, step.parent, len(members), mask, step
            )
        return found


def check_strategy(
    gates: Sequence[Gate],
    overrides: Sequence[Override] = (),
    files: Collection[str] = (),
    readouts: Collection[str] = (),
    brought: Sequence[GateStep] = (),
) -> GatingStrategy:
    """Rows of ``assay.toml`` as a tree.

    Parameters
    ----------
    gates, overrides : sequence
        As in the protocol.
    files : collection of str
        FCS files of the run; overrides must name one of them. Empty: not checked.
    readouts : collection of str
        Channels that are read; no gate may be found in their own data.
    brought : sequence of GateStep
        Populations of another program's strategy, a parent before its children.

    Raises
    ------
    GatingError
        For an unknown method, parent, parameter or file (names the nearest), a
        population named twice, a circle, numbers that make no shape, or an automatic
        gate that would let a tube move its own threshold.
    """
    if len(gates) > MOST_GATES:
        raise GatingError(f"{len(gates):,} gates; {MOST_GATES:,} are the most", TABLE)
    rows: dict[str, GateStep] = {step.population: step for step in brought}
    for gate in gates:
        if not gate.population or gate.population == ROOT:
            raise GatingError(f"a population cannot be named {gate.population!r}", gate.place)
        if gate.population in rows:
            raise GatingError(
                f"population {gate.population!r} is defined twice",
                gate.place,
                "Rename one of them.",
            )
        step = rows[gate.population] = step_of(gate)
        if step.sought is not None:
            refuse_readouts(step, step.sought, gate.channels, readouts)
    for step in rows.values():
        for need in step.needs:
            if need not in rows and need != ROOT:
                role = "parent" if need == step.parent else "population"
                what = f"population {step.population!r} names {role}"
                raise unknown(what, need, [ROOT, *rows], step.place)
        if isinstance(step.shape, SameCut):
            _check_boundaries(step, step.shape, rows)
    views = {view.name: view for gate in gates for view in views_of(gate) if view is not None}
    moved = moved_gates(rows, gates, overrides, files)
    return GatingStrategy(_parents_first(rows), moved, views=views)


def _check_boundaries(step: GateStep, shape: SameCut, rows: Mapping[str, GateStep]) -> None:
    """A boundary that is used elsewhere must be one: of this run, on channels."""
    for name, _ in shape.operands:
        if name == ROOT or rows[name].origin or not rows[name].channels:
            raise GatingError(
                f"population {step.population!r} asks for the boundary of {name!r}, which has none "
                "on channels of this run",
                step.place,
                "Name a population that is cut on channels under [[flow.gates]].",
            )


def _parents_first(rows: Mapping[str, GateStep]) -> tuple[GateStep, ...]:
    """Rows in their own order, except that what a row needs moves before it."""
    placed: dict[str, GateStep] = {}
    for start in rows:
        line = [start]
        while line:
            name = line[-1]
            missing = [n for n in rows[name].needs if n != ROOT and n not in placed]
            if name in placed or not missing:
                placed.setdefault(name, rows[name])
                line.pop()
                continue
            if missing[0] in line:
                circle = " → ".join([*line[line.index(missing[0]) :], missing[0]])
                raise GatingError(
                    f"populations are their own ancestors: {circle}", rows[start].place
                )
            line.append(missing[0])
    return tuple(placed.values())


def check_asked(strategy: GatingStrategy, protocol: Flow) -> None:
    """Populations whose events are to be written, or shown again, must exist.

    Raises
    ------
    GatingError
        Names the nearest.
    """
    known = [ROOT, *(step.population for step in strategy.steps)]
    asked = [("export", name) for name in protocol.gating.export]
    asked += [("backgate", protocol.gating.backgate)] if protocol.gating.backgate else []
    for key, name in asked:
        if name not in known:
            raise unknown(
                f"gating.{key} names population", name, known, "assay.toml: [flow.gating]"
            )
