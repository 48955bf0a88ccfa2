"""One row of ``[[flow.gates]]`` becomes a gate."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from assays.errors import GatingError
from assays.flow.gate_step import GateStep
from assays.flow.gates.automatic import Sought
from assays.flow.gates.contract import methods
from assays.flow.grouping import group_by_of
from assays.flow.views import views_of
from assays.protocol import Gate


def step_of(gate: Gate) -> GateStep:
    """The gate of a row.

    Raises
    ------
    GatingError
        For an unknown method or parameter (names the nearest), numbers that make no shape,
        or a grouping that would let a tube move its own threshold.
    """
    where = gate.place
    seen = views_of(gate)
    known = methods()
    if gate.method not in known:
        what = f"population {gate.population!r} names gate method"
        raise unknown(what, gate.method, list(known), where)
    if len(set(gate.channels)) < len(gate.channels):
        raise GatingError("a gate names the same channel twice", where)
    method = known[gate.method]
    shape = method.shape(gate.params, len(gate.channels), where)
    return GateStep(
        gate.population,
        gate.parent,
        gate.method,
        tuple(view.name if view else name for view, name in zip(seen, gate.channels, strict=True)),
        shape,
        gate.on == "scale",
        gate.exclude,
        group_by_of(gate, shape) if isinstance(shape, Sought) else gate.group_by,
        method.automatic,
        place=where,
    )


def nearest_population(name: str, known: Sequence[str]) -> str | None:
    """The population that was probably meant: one whose path ends so, or one spelt alike."""
    ends = [path for path in known if path.rpartition("/")[2].casefold() == name.casefold()]
    return next(iter(ends or get_close_matches(name, known, n=1, cutoff=0.5)), None)


def unknown(what: str, name: str, known: Sequence[str], where: str) -> GatingError:
    """An error about a name that is not there; says which was probably meant."""
    near = nearest_population(name, known)
    hint = f"Did you mean {near!r}?" if near else f"Known: {', '.join(known[:20])}."
    return GatingError(f"{what} {name!r}", where, hint)
