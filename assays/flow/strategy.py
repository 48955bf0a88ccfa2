"""Rows of a gating strategy become a tree of populations, checked once.

A parent stands before its children whatever the order of the rows. Gates that a
person moved for one file replace the row's numbers there, and keep who, when
and why.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assays.errors import GatingError
from assays.flow.events import Events
from assays.flow.gates.automatic import Sought
from assays.flow.gates.contract import fixed_shape, methods
from assays.flow.gates.shapes import Box, Mask, Shape
from assays.flow.grouping import group_by_of, refuse_readouts
from assays.flow.scales import Linear, Scale
from assays.protocol import Gate, Override

ROOT = "root"
"""Every event of the file."""
MOST_GATES = 1000


@dataclass(frozen=True, slots=True, eq=False)
class GateStep:
    """One population, its parent and the boundary between them."""

    population: str
    parent: str
    method: str
    channels: tuple[str, ...]
    shape: Shape
    on_scale: bool = False
    """Whether the shape's numbers are positions on the channels' scales."""
    exclude: bool = False
    """Whether the events outside the shape are taken."""
    group_by: str = "all"
    automatic: bool = False
    note: str = ""
    """Who moved it, when and why; empty for the strategy's own gate."""
    group: str = ""
    """Which tubes share it, where it was found in data: ``donor CLL1``."""
    score: float = math.nan
    """0 to 1: how clearly the data show it; NaN for a gate given in numbers."""
    reasons: tuple[str, ...] = ()
    """What was seen when it was found, or why the fallback stands here."""

    @property
    def sought(self) -> Sought | None:
        """How the boundary is to be found in the data; None when it is known."""
        return self.shape if isinstance(self.shape, Sought) else None

    @property
    def definition(self) -> str:
        """The boundary in words."""
        words = self.shape.words(self.channels)
        if self.exclude:
            words = f"outside {words}"
        return f"{words} (on the scale)" if self.on_scale else words

    def select(self, events: Events, rows: NDArray[np.intp], scales: Mapping[str, Scale]) -> Mask:
        """Which of the given events belong to the population.

        Parameters
        ----------
        events : Events
            Compensated.
        rows : ndarray, shape (n,)
            The parent's events.
        scales : mapping
            By channel as named in the strategy; needed for shapes that live on scales.

        Returns
        -------
        ndarray, shape (n,)
            True for members. An event with NaN on a channel is neither in nor out.
        """
        columns = [events.index(name) for name in self.channels]
        points = events.values[rows[:, None], columns].astype(np.float64)
        shape = self.shape
        if self.on_scale:
            used = [scales.get(name, Linear()) for name in self.channels]
            if isinstance(shape, Box):
                # Scales rise: moving the box' ends back is the same cut, and cheaper.
                shape = Box(
                    tuple(float(s.inverse(x)) for s, x in zip(used, shape.low, strict=True)),
                    tuple(float(s.inverse(x)) for s, x in zip(used, shape.high, strict=True)),
                )
            else:
                for index, scale in enumerate(used):
                    points[:, index] = scale.forward(points[:, index])
        inside = shape.contains(points)
        return ~inside & ~np.isnan(points).any(axis=1) if self.exclude else inside


@dataclass(frozen=True, slots=True, eq=False)
class Population:
    """The events of one population in one file."""

    name: str
    parent: str
    count: int
    mask: Mask
    """shape (n_events,)."""
    step: GateStep | None = None
    """The gate as it was applied; None for the root."""


@dataclass(frozen=True, slots=True, eq=False)
class GatingStrategy:
    """A checked tree of gates."""

    steps: tuple[GateStep, ...]
    """A parent before its children."""
    moved: Mapping[tuple[str, str], GateStep] = field(default_factory=dict)
    """Gates moved by hand, by file and population."""
    found: Mapping[tuple[str, str], GateStep] = field(default_factory=dict)
    """Gates found in the data of a run, by file and population."""

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
        self, events: Events, scales: Mapping[str, Scale] | None = None, file: str | None = None
    ) -> dict[str, Population]:
        """Gate one file, parents first.

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
        for step in self.steps_for(events.name if file is None else file):
            above = rows[step.parent]
            members = above[step.select(events, above, scales or {})]
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

    Raises
    ------
    GatingError
        For an unknown method, parent, parameter or file (names the nearest), a
        population named twice, a circle, numbers that make no shape, or an automatic
        gate that would let a tube move its own threshold.
    """
    try:
        return _tree(gates, overrides, files, readouts)
    except GatingError as error:
        place = error.where or "[[flow.gates]]"
        raise GatingError(error.message, f"assay.toml: {place}", error.hint) from None


def _tree(
    gates: Sequence[Gate],
    overrides: Sequence[Override],
    files: Collection[str],
    readouts: Collection[str],
) -> GatingStrategy:
    if len(gates) > MOST_GATES:
        raise GatingError(f"{len(gates):,} gates; {MOST_GATES:,} are the most")
    rows: dict[str, GateStep] = {}
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
        if step.parent not in rows and step.parent != ROOT:
            raise _unknown(
                f"population {step.population!r} names parent", step.parent, [ROOT, *rows]
            )
    return GatingStrategy(_parents_first(rows), _moved(rows, gates, overrides, files))


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
    """Rows in their own order, except that a parent moves before its first child."""
    placed: dict[str, GateStep] = {}
    for name in rows:
        line: list[str] = []
        while name != ROOT and name not in placed:
            if name in line:
                circle = " → ".join([*line[line.index(name) :], name])
                raise GatingError(f"populations are their own ancestors: {circle}")
            line.append(name)
            name = rows[name].parent
        placed |= {member: rows[member] for member in reversed(line)}
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
        if override.population not in rows:
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


def _unknown(what: str, name: str, known: list[str]) -> GatingError:
    near = get_close_matches(name, known, n=1, cutoff=0.5)
    hint = f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(known[:20])}."
    return GatingError(f"{what} {name!r}", hint=hint)
