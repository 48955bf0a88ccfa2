"""Gates that a person moved for one file: they win over the data and over the row's numbers."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from assays.errors import GatingError
from assays.flow.gate_row import step_of, unknown
from assays.flow.gate_step import GateStep
from assays.flow.gates.contract import fixed_shape
from assays.protocol import Gate, Override

OVERRIDES = "assay.toml: [[flow.overrides]]"


def moved_gates(
    rows: Mapping[str, GateStep],
    gates: Sequence[Gate],
    overrides: Sequence[Override],
    files: Collection[str],
) -> dict[tuple[str, str], GateStep]:
    """Gates as a person moved them.

    Parameters
    ----------
    rows : mapping
        Every gate of the run, by population.
    gates, overrides : sequence
        As in the protocol.
    files : collection of str
        FCS files of the run; empty: not checked.

    Returns
    -------
    dict
        By file and population.

    Raises
    ------
    GatingError
        For an unknown population or file, one that is moved twice, or a hand that does not
        say who, when and why.
    """
    given = {gate.population: gate for gate in gates}
    moved: dict[tuple[str, str], GateStep] = {}
    for override in overrides:
        if override.population not in given:
            if override.population in rows:
                raise GatingError(
                    f"{override.population!r} is a gate of another program: it is moved there",
                    rows[override.population].origin,
                )
            what = "an override names population"
            raise unknown(what, override.population, list(rows), OVERRIDES)
        if files and override.file not in files:
            raise unknown("an override names file", override.file, list(files), OVERRIDES)
        if not (override.who.strip() and override.when.strip() and override.why.strip()):
            raise GatingError(
                f"the override of {override.population!r} must say who, when and why",
                f"{OVERRIDES}, {override.file}",
            )
        key = (override.file, override.population)
        if key in moved:
            where = f"{OVERRIDES}, {override.file}"
            raise GatingError(f"{override.population!r} is overridden twice", where)
        moved[key] = dataclasses.replace(
            _by_hand(given[override.population], rows[override.population], override.params),
            automatic=False,
            note=f"moved by {override.who}, {override.when}: {override.why}",
        )
    return moved


def _by_hand(gate: Gate, step: GateStep, params: dict[str, Any]) -> GateStep:
    """The step with a person's numbers; an automatic gate becomes a fixed one."""
    if step.sought is None:
        return step_of(gate.model_copy(update={"params": params}))
    where = f"{OVERRIDES}, population {gate.population!r}"
    return dataclasses.replace(step, shape=fixed_shape(params, len(gate.channels), where))
