"""Automatic gates are found in the tubes of a run, before any tube is measured.

Parents first: a gate is looked for among the events of its parent. In each pass
over the tubes, gates that are cut by file are settled at once, and the tubes that
a group's cut is found in give their share of events; at the end of the pass the
groups' gates whose ancestors are all known are settled too. Which tubes give is
decided by the sample sheet alone, never by what they hold.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from assays.flow.doubts import UNCERTAIN, pooled, refused, said_once, uncertain
from assays.flow.events import Events
from assays.flow.gates.automatic import Found, NoGate, Pool, Sought
from assays.flow.gates.contract import methods
from assays.flow.gates.found import Nothing
from assays.flow.gates.shapes import Floats, Shape
from assays.flow.grouping import STAINED, group_of, sources_of
from assays.flow.points import points_of, without_number
from assays.flow.scales import Linear, Scale
from assays.flow.strategy import ROOT, GateStep, GatingStrategy
from assays.samples import Tube
from plates.findings import Finding

MOST_POOLED = 200_000
"""Events that a group's tubes give together at most."""
LEAST_OF_TUBE = 100
"""A tube with fewer events of the parent gives none, unless all have fewer."""
Key = tuple[str, str, bool]
"""Population, group, and whether the pool is for a fallback to controls."""


class GateSearch:
    """Looks for every automatic gate of a strategy.

    Parameters
    ----------
    strategy : GatingStrategy
    tubes : sequence of Tube
        Every row of the sample sheet.
    samples : sequence of Tube
        Rows that are read.
    take : callable
        Compensated events of a tube.
    scales : mapping
        By channel as named in the strategy; from untreated tubes, so that a treated
        tube cannot stretch the axis on which a cut is found.
    tops : mapping
        Largest value of each channel; NaN when unknown.
    called : mapping, optional
        What else each channel is called: $PnN, marker, detector.
    """

    def __init__(
        self,
        strategy: GatingStrategy,
        tubes: Sequence[Tube],
        samples: Sequence[Tube],
        take: Callable[[Tube], Events],
        scales: Mapping[str, Scale],
        tops: Mapping[str, float],
        called: Mapping[str, Collection[str]] | None = None,
    ) -> None:
        self._strategy = strategy
        self._tubes = tubes
        self._take = take
        self._scales = scales
        self._tops = tops
        self._called = called or {}
        self._found: dict[tuple[str, str], GateStep] = {}
        self._sources: dict[Key, list[Tube]] = {}
        self._given: dict[Key, list[tuple[str, Floats]]] = {}
        self._findings: dict[tuple[str, ...], Finding] = {}
        for step in strategy.steps:
            self._plan(step, samples)
        controls = {tube.file: tube for rows in self._sources.values() for tube in rows}
        self._scope = list({tube.file: tube for tube in samples} | controls)
        self._by_file = {tube.file: tube for tube in tubes}

    def _plan(self, step: GateStep, samples: Sequence[Tube]) -> None:
        """Which tubes give to which group of a step."""
        sought = step.sought
        if sought is None or step.group_by == "file":
            return
        where = step.place
        treated = [tube for tube in samples if tube.inhibitors]
        if sought.sources == "pool" and treated:
            self._findings["pool", step.population] = pooled(step, len(treated))
        for group in dict.fromkeys(group_of(tube, step.group_by) for tube in samples):
            rules = [(sought.sources, sought.match, False)]
            if sought.fallback is None:
                rules.append(("fmo", sought.match, True))
            for choice, match, control in rules:
                self._sources[step.population, group, control] = sources_of(
                    choice, match, step.group_by, group, self._tubes, where, self._names(step)
                )

    def _names(self, step: GateStep) -> list[str]:
        """What the channels of a step are called."""
        return [name for own in step.channels for name in (own, *self._called.get(own, ()))]

    def run(self) -> tuple[GatingStrategy, list[Finding]]:
        """Find all gates.

        Returns
        -------
        strategy
            With every automatic gate settled for every tube.
        findings
            Gates that the data do not show, or not clearly.
        """
        left = {step.population for step in self._strategy.steps if step.sought is not None}
        while left:
            ready = self._ready(left)
            for file in self._scope:
                self._visit(self._by_file[file], ready)
            for step in ready:
                if step.group_by != "file":
                    self._settle_groups(step)
            left -= {step.population for step in ready}
        found = {**self._strategy.found, **self._found}
        strategy = dataclasses.replace(self._strategy, found=found)
        return strategy, said_once(list(self._findings.items()))

    def _ready(self, left: set[str]) -> list[GateStep]:
        """Steps whose ancestors are settled already, or will be on the way in this pass."""
        waiting: set[str] = set()
        ready = []
        for step in self._strategy.steps:
            waits = any(need in waiting for need in step.needs)
            if step.population in left and not waits:
                ready.append(step)
            if waits or (step.population in left and step.group_by != "file"):
                waiting.add(step.population)
        return ready

    def _visit(self, tube: Tube, ready: Sequence[GateStep]) -> None:
        """Settle what is cut by file, and give events to the groups."""
        names = {step.population for step in ready}
        gives = [key for key, rows in self._sources.items() if key[0] in names and tube in rows]
        if not gives and all(step.group_by != "file" for step in ready):
            return
        events = self._take(tube)
        rows: dict[str, NDArray[np.intp]] = {ROOT: np.arange(len(events))}
        for name, mask in self._strategy.elsewhere(tube.file).items():
            rows[name] = np.flatnonzero(mask)
        for step in self._strategy.steps:
            if step.origin or any(need not in rows for need in step.needs):
                continue
            above = rows[step.parent]
            own = self._settled(tube.file, step)
            if own.sought is not None and step.group_by == "file":
                pool = self._pool(step, events, above, tube.file)
                own = self._settle(step, pool, f"file {tube.file}", None)
                self._found[tube.file, step.population] = own
            # Also where a person moved the gate: the others' cut is found as if it stood.
            for key in gives:
                if key[0] == step.population:
                    limit = max(1000, MOST_POOLED // len(self._sources[key]))
                    values = self._values(step, events, above)
                    self._given.setdefault(key, []).append((tube.file, _thin(values, limit)))
            if own.sought is None:
                rows[step.population] = own.members(
                    events, rows, self._scales, partial(self._by_name, tube.file)
                )

    def _by_name(self, file: str, population: str) -> GateStep:
        steps = {step.population: step for step in self._strategy.steps}
        return self._settled(file, steps[population])

    def _settled(self, file: str, step: GateStep) -> GateStep:
        key = (file, step.population)
        return self._strategy.moved.get(key) or self._found.get(key) or step

    def _values(self, step: GateStep, events: Events, rows: NDArray[np.intp]) -> Floats:
        values = points_of(events, step.channels, rows)
        lacking = without_number(values)
        return values[~lacking] if lacking.any() else values

    def _pool(self, step: GateStep, events: Events, rows: NDArray[np.intp], file: str) -> Pool:
        return dataclasses.replace(
            self._pool_of(step, [(file, self._values(step, events, rows))]),
            time_step_s=events.time_step_s,
        )

    def _pool_of(self, step: GateStep, parts: list[tuple[str, Floats]]) -> Pool:
        """Equally many events of every tube; tubes with very few give none."""
        enough = [part for part in parts if len(part[1]) >= LEAST_OF_TUBE] or parts
        size = min((len(values) for _, values in enough), default=0)
        values = [_thin(values, size) for _, values in enough]
        width = len(step.channels)
        return Pool(
            np.concatenate(values) if values else np.empty((0, width)),
            step.channels,
            tuple(self._scales.get(name, Linear()) for name in step.channels),
            tuple(self._tops.get(name, math.nan) for name in step.channels),
            tubes=tuple(file for file, _ in enough),
        )

    def _settle_groups(self, step: GateStep) -> None:
        for (population, group, control), _ in list(self._sources.items()):
            if population != step.population or control:
                continue
            pool = self._pool_of(step, self._given.pop((population, group, False), []))
            spare = self._pool_of(step, self._given.pop((population, group, True), []))
            name = f"{step.group_by} {group}".strip() if step.group_by != "all" else "all"
            settled = self._settle(step, pool, name, spare)
            for file in self._scope:
                if group_of(self._by_file[file], step.group_by) == group:
                    self._found[file, population] = settled

    def _settle(self, step: GateStep, pool: Pool, group: str, spare: Pool | None) -> GateStep:
        """The step with its boundary found, or with its fallback."""
        sought = step.sought
        assert sought is not None
        lacking = NoGate(self._lacking(step, group), grave=True)
        seen = sought.look(pool) if pool.tubes else lacking
        if isinstance(seen, Found):
            if seen.score < UNCERTAIN and sought.method != "stable":
                self._findings["uncertain", step.population, group] = uncertain(step, group, seen)
            return dataclasses.replace(
                step, shape=seen.shape, group=group, score=seen.score, reasons=seen.reasons
            )
        shape, words = _fallback(sought, spare)
        self._findings["refused", step.population, group] = refused(step, group, seen, words)
        whole = step.exclude and words not in ("every event", "no event")
        return dataclasses.replace(
            step,
            shape=shape,
            exclude=whole,
            group=group,
            reasons=(f"no gate: {seen.reason}", f"fallback: {words}"),
        )

    def _lacking(self, step: GateStep, group: str) -> str:
        """Why no tube gave events."""
        sought = step.sought
        assert sought is not None
        kinds = {"pool": "tube", "untreated": "untreated tube"}
        kind = kinds.get(sought.sources, f"{sought.sources} tube")
        if sought.sources in STAINED:
            kind = f"{sought.sources} tube of {step.channels[0]}"
        name = group.removeprefix(step.group_by).strip()
        whose = group if name else "the run"
        if self._sources.get((step.population, name, False)):
            return f"the {kind}s of {whose} have no cut for {step.parent!r}, the parent"
        if not name and step.group_by == "donor":
            return "the sample sheet names no donor, and each donor has its own cut"
        return f"{whose} has no {kind} to find it in"


def _fallback(sought: Sought, spare: Pool | None) -> tuple[Shape, str]:
    """What stands in for a gate that was not found, and how to call it."""
    shape = sought.fallback
    if shape is None:
        method = methods()["control_quantile"].shape({}, 1)
        assert isinstance(method, Sought)
        seen = method.look(spare) if spare is not None and spare.tubes else NoGate("no FMO tube")
        if isinstance(seen, Found):
            return seen.shape, f"the donor's FMO tubes, {'; '.join(seen.reasons)}"
        return Nothing(1), "no event"
    if isinstance(shape, Nothing):
        return shape, "no event"
    if np.isinf(shape.bounds()).all():
        return shape, "every event"
    return shape, "the fixed gate that was declared"


def _thin(values: Floats, most: int) -> Floats:
    """At most so many rows, evenly spaced."""
    if len(values) <= most:
        return values
    return values[np.arange(most) * len(values) // most]
