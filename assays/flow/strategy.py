"""Rows of a gating strategy become a tree of populations, checked once.

A parent stands before its children whatever the order of the rows. Gates that a
person moved for one file replace the row's numbers there, and keep who, when
and why.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assays.errors import GatingError
from assays.flow.events import Events
from assays.flow.gate_step import ROOT as ROOT
from assays.flow.gate_step import GateStep as GateStep
from assays.flow.gate_step import Population as Population
from assays.flow.gates.automatic import Sought
from assays.flow.gates.contract import fixed_shape, methods
from assays.flow.gates.same_cut import SameCut
from assays.flow.gates.shapes import Mask
from assays.flow.grouping import group_by_of, refuse_readouts
from assays.flow.scales import Scale
from assays.protocol import Flow, Gate, Override

MOST_GATES = 1000


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
    try:
        return _tree(gates, overrides, files, readouts, brought)
    except GatingError as error:
        place = error.where or "[[flow.gates]]"
        raise GatingError(error.message, f"assay.toml: {place}", error.hint) from None


def _tree(
    gates: Sequence[Gate],
    overrides: Sequence[Override],
    files: Collection[str],
    readouts: Collection[str],
    brought: Sequence[GateStep],
) -> GatingStrategy:
    if len(gates) > MOST_GATES:
        raise GatingError(f"{len(gates):,} gates; {MOST_GATES:,} are the most")
    rows: dict[str, GateStep] = {step.population: step for step in brought}
    for gate in gates:
        if not gate.population or gate.population == ROOT:
            raise GatingError(f"a population cannot be named {gate.population!r}", "gates")
        if gate.population in rows:
            raise GatingError(
                f"population {gate.population!r} is defined twice", hint="Rename one of them."
            )
        step = rows[gate.population] = _step(gate)
        if step.sought is not None:
            refuse_readouts(step.population, step.sought, step.channels, readouts)
    for step in rows.values():
        for need in step.needs:
            if need not in rows and need != ROOT:
                role = "parent" if need == step.parent else "population"
                raise _unknown(f"population {step.population!r} names {role}", need, [ROOT, *rows])
        if isinstance(step.shape, SameCut):
            _check_boundaries(step, step.shape, rows)
    return GatingStrategy(_parents_first(rows), _moved(rows, gates, overrides, files))


def _check_boundaries(step: GateStep, shape: SameCut, rows: Mapping[str, GateStep]) -> None:
    """A boundary that is used elsewhere must be one: of this run, on channels."""
    for name, _ in shape.operands:
        if name == ROOT or rows[name].origin or not rows[name].channels:
            raise GatingError(
                f"population {step.population!r} asks for the boundary of {name!r}, which has none "
                "on channels of this run",
                hint="Name a population that is cut on channels under [[flow.gates]].",
            )


def _step(gate: Gate) -> GateStep:
    where = f"population {gate.population!r}"
    known = methods()
    if gate.method not in known:
        raise _unknown(f"{where} names gate method", gate.method, list(known))
    if len(set(gate.channels)) < len(gate.channels):
        raise GatingError("a gate names the same channel twice", where)
    method = known[gate.method]
    shape = method.shape(gate.params, len(gate.channels), where)
    return GateStep(
        gate.population,
        gate.parent,
        gate.method,
        gate.channels,
        shape,
        gate.on == "scale",
        gate.exclude,
        group_by_of(gate, shape) if isinstance(shape, Sought) else gate.group_by,
        method.automatic,
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
                raise GatingError(f"populations are their own ancestors: {circle}")
            line.append(missing[0])
    return tuple(placed.values())


def _moved(
    rows: Mapping[str, GateStep],
    gates: Sequence[Gate],
    overrides: Sequence[Override],
    files: Collection[str],
) -> dict[tuple[str, str], GateStep]:
    given = {gate.population: gate for gate in gates}
    moved: dict[tuple[str, str], GateStep] = {}
    for override in overrides:
        if override.population not in given:
            if override.population in rows:
                raise GatingError(
                    f"{override.population!r} is a gate of another program: it is moved there",
                    rows[override.population].origin,
                )
            raise _unknown("an override names population", override.population, list(rows))
        if files and override.file not in files:
            raise _unknown("an override names file", override.file, list(files))
        if not (override.who.strip() and override.when.strip() and override.why.strip()):
            raise GatingError(
                f"the override of {override.population!r} must say who, when and why",
                override.file,
            )
        key = (override.file, override.population)
        if key in moved:
            raise GatingError(f"{override.population!r} is overridden twice", override.file)
        moved[key] = dataclasses.replace(
            _by_hand(given[override.population], rows[override.population], override.params),
            automatic=False,
            note=f"moved by {override.who}, {override.when}: {override.why}",
        )
    return moved


def _by_hand(gate: Gate, step: GateStep, params: dict[str, Any]) -> GateStep:
    """The step with a person's numbers; an automatic gate becomes a fixed one."""
    if step.sought is None:
        return _step(gate.model_copy(update={"params": params}))
    where = f"override of population {gate.population!r}"
    return dataclasses.replace(step, shape=fixed_shape(params, len(gate.channels), where))


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
            fault = _unknown(f"gating.{key} names population", name, known)
            raise GatingError(fault.message, "assay.toml: [flow.gating]", fault.hint)


def nearest_population(name: str, known: Sequence[str]) -> str | None:
    """The population that was probably meant: one whose path ends so, or one spelt alike."""
    ends = [path for path in known if path.rpartition("/")[2].casefold() == name.casefold()]
    return next(iter(ends or get_close_matches(name, known, n=1, cutoff=0.5)), None)


def _unknown(what: str, name: str, known: list[str]) -> GatingError:
    near = nearest_population(name, known)
    hint = f"Did you mean {near!r}?" if near else f"Known: {', '.join(known[:20])}."
    return GatingError(f"{what} {name!r}", hint=hint)
