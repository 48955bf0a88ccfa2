"""Gating methods of openCyto and what they are here.

A method finds its cut in data; the algorithms differ, so a cut may lie a little
elsewhere. What a row asks for and cannot be had is told, never passed over. openCyto
gives ranges and targets of fluorescence on its transformed scale: those are numbers of
another axis and are left out, with a sentence.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from assays.errors import GatingError
from assays.flow.axes import is_fluorescence
from assays.flow.exchange.opencyto.arguments import Value, arguments_of
from assays.flow.exchange.opencyto.logic import boolean_gates, combinations
from assays.flow.exchange.opencyto.signs import populations_of
from assays.protocol import Gate

MOST_CLOUDS = 100


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a template."""

    cells: Mapping[str, str]
    """By column."""
    line: int
    place: str
    """File and line."""

    def at(self, column: str) -> str:
        """File, line and column, for messages."""
        return f"{self.place}, {column}"

    @property
    def dims(self) -> tuple[str, ...]:
        """Channels or markers."""
        return tuple(part.strip() for part in self.cells["dims"].split(",") if part.strip())


ARGUMENTS = "gating_args"
Made = tuple[str, dict[str, Any], list[str]]
"""Our method, its parameters, and what is to be told."""


def gates_of(
    row: Row, parent: str, names: Mapping[str, str], above: Mapping[str, Gate]
) -> tuple[list[Gate], list[str]]:
    """Gates of one row under one parent, and what is to be told about them.

    Raises
    ------
    GatingError
        For a method or argument that is not known; with the line.
    """
    method = row.cells["gating_method"].strip()
    text = row.cells["gating_args"]
    if method in ("boolGate", "polyFunctions"):
        make = boolean_gates if method == "boolGate" else combinations
        alias = row.cells["alias"]
        gates = make(alias, parent, text, names, row.at(ARGUMENTS))
        return [_under(parent, gate, names) for gate in gates], []
    asked = populations_of(row.cells["alias"], row.cells["pop"], row.dims, row.at("pop"))
    if method == "refGate":
        return [
            _under(parent, _reference(name, signs, parent, row, names, above), names)
            for name, signs in asked
        ], []
    known = method.removeprefix("gate_").removeprefix("gate.").casefold()
    if known not in METHODS:
        raise GatingError(
            f"gating method {method!r} is not known", row.at("gating_method"),
            f"Known: {', '.join(sorted([*METHODS, 'boolGate', 'polyFunctions', 'refGate']))}.",
        )  # fmt: skip
    if not 0 < len(row.dims) <= 2:
        raise GatingError(f"a gate takes one or two dims, found {len(row.dims)}", row.at("dims"))
    given = arguments_of(text, row.at(ARGUMENTS))
    gates, notes = [], []
    for name, signs in asked:
        ours, params, told = METHODS[known](row, given, signs)
        grouped, said = _grouped(row, ours)
        inside = _inside(row, ours, signs)
        notes += [f"{row.at(ARGUMENTS)}: {name!r}: {each}" for each in told]
        notes += [f"{row.place}, {each}" for each in (*said, *_prepared(row))]
        gate = Gate(
            population=name,
            parent=parent,
            method=ours,
            channels=row.dims,
            params=params,
            exclude=not inside,
            **grouped,
        )
        gates.append(_under(parent, gate, names))
    return gates, notes


def _inside(row: Row, ours: str, signs: str) -> bool:
    """Whether events inside the boundary are meant; a cut has its side among its parameters.

    Raises
    ------
    GatingError
        When the signs of a boundary that has no sides differ.
    """
    if ours in ("valley", "tail", "control_quantile"):
        return True
    if len(set(signs)) > 1:
        raise GatingError(
            f"pop {row.cells['pop']!r}: {row.cells['gating_method']} has an inside and an outside",
            row.at("pop"),
            'Write "+" for the events inside, "-" for the others.',
        )
    return signs[:1] != "-"


def _under(parent: str, gate: Gate, names: Mapping[str, str]) -> Gate:
    """The gate under its alias, or with its parent before it where the alias is taken."""
    if gate.population not in names:
        return gate
    return gate.model_copy(update={"population": f"{parent}/{gate.population}"})


def _reference(
    name: str,
    signs: str,
    parent: str,
    row: Row,
    names: Mapping[str, str],
    above: Mapping[str, Gate],
) -> Gate:
    """A refGate: cuts that other rows found, on this row's parent."""
    wanted = [part.strip().strip("/") for part in row.cells["gating_args"].split(":")]
    if len(wanted) != len(signs):
        raise GatingError(
            f"{len(signs)} signs need as many reference gates, found {len(wanted)}",
            row.at(ARGUMENTS),
        )
    gates = []
    for reference in wanted:
        gate = above.get(names.get(reference, ""))
        if gate is None:
            raise GatingError(
                f"reference gate {reference!r} stands in no row above", row.at(ARGUMENTS),
                f"Above stand: {', '.join([*names][:12])}.",
            )  # fmt: skip
        if len(gate.channels) != 1:
            raise GatingError(
                f"reference gate {reference!r} is no cut on one channel", row.at(ARGUMENTS)
            )
        gates.append(gate)
    operands = []
    for gate, sign in zip(_by_channel(gates, row.dims), signs, strict=True):
        # Within the reference's own boundary is below the cut where its row took "-".
        upper = gate.params.get("side", "+") == "+"
        operands.append(f"{'' if (sign == '+') == upper else 'not '}{gate.population}")
    return Gate(population=name, parent=parent, method="same_cut", params={"of": operands})


def _by_channel(gates: list[Gate], dims: tuple[str, ...]) -> list[Gate]:
    """References in the order of the dims, each told by the channel that it cuts."""
    cut = [gate.channels[0].casefold() for gate in gates]
    wanted = [dim.casefold() for dim in dims]
    if len(set(cut)) == len(cut) and sorted(cut) == sorted(wanted):
        return [gates[cut.index(dim)] for dim in wanted]
    return gates


def _grouped(row: Row, ours: str) -> tuple[dict[str, Any], list[str]]:
    """How tubes share the cut."""
    group = row.cells["groupBy"].strip()
    word = row.cells["collapseDataForGating"].strip().casefold()
    together = word in ("true", "t", "1")
    if word not in ("", "true", "t", "1", "false", "f", "0"):
        raise GatingError(
            f"expected TRUE or FALSE, found {word!r}", row.at("collapseDataForGating")
        )
    fixed = ours in ("interval", "rectangle", "quadrant", "same_cut")
    if fixed or ours in ("boundary", "singlets", "control_quantile"):
        return {}, []
    if group.casefold() in ("donor", "plate"):
        return {"group_by": group.casefold()}, []
    if together and not group:
        return {"group_by": "all"}, []
    if together:
        told = f"groupBy: {group!r} is no column that tubes are grouped by here; grouped by default"
        return {}, [told]
    return {}, [
        f"collapseDataForGating: {row.cells['alias']!r} is found once for a group of tubes, not in "
        "each tube, which could move its own cut"
    ]


def _prepared(row: Row) -> list[str]:
    method = row.cells["preprocessing_method"].strip()
    return [f"preprocessing_method: {method!r} is not done here"] if method else []


def _side(signs: str, row: Row) -> dict[str, Any]:
    if len(signs) != len(row.dims):
        raise GatingError(
            f"pop {row.cells['pop']!r} has {len(signs)} signs for {len(row.dims)} dims",
            row.at("pop"),
        )
    return {"side": signs}


def _numbers(given: Mapping[str, Value], name: str, row: Row, size: int | None = None) -> Any:
    value = given.get(name)
    if value is None:
        return None
    if isinstance(value, str) or (size is not None and len(value) != size):
        raise GatingError(f"argument {name!r} must be {size or 'some'} numbers", row.at(ARGUMENTS))
    return value


def _left_out(given: Mapping[str, Value], used: tuple[str, ...]) -> list[str]:
    rest = [name for name in given if name not in used]
    return [f"argument {', '.join(rest)} has no counterpart and is left out"] if rest else []


def _valley(row: Row, given: Mapping[str, Value], signs: str) -> Made:
    params, told = _side(signs, row), _left_out(given, ("gate_range", "min", "max", "adjust"))
    scatter = len(row.dims) == 1 and not is_fluorescence(row.dims[0])
    ends = dict(zip(("low", "high"), _numbers(given, "gate_range", row, 2) or (), strict=False))
    for ours, theirs in (("low", "min"), ("high", "max")):
        value = _numbers(given, theirs, row, 1)
        if value is not None:
            ends[ours] = value[0]
    if ends and scatter:
        params |= ends
    elif ends:
        told.append("its range is on openCyto's transformed scale and is left out")
    adjust = _numbers(given, "adjust", row, 1)
    if adjust is not None:
        params["smoothing"] = min(max(adjust[0], 0.2), 5.0)
        if params["smoothing"] != adjust[0]:
            told.append(f"adjust = {adjust[0]:g} is taken as {params['smoothing']:g}")
    return "valley", params, told


def _tail(row: Row, given: Mapping[str, Value], signs: str) -> Made:
    params = _side(signs, row)
    told = _left_out(given, ("side",))
    if isinstance(given.get("side"), str):
        params["tail"] = given["side"]
    return "tail", params, told


def _quantile(row: Row, given: Mapping[str, Value], signs: str) -> Made:
    params, told = _side(signs, row), _left_out(given, ("probs", "percentile"))
    for name in ("probs", "percentile"):
        value = _numbers(given, name, row, 1)
        if value is not None:
            params["quantile"] = value[0]
    told.append("the quantile is of the donor's unstimulated tubes, not of each tube itself")
    return "control_quantile", params, told


def _singlets(row: Row, given: Mapping[str, Value], signs: str) -> Made:
    return "singlets", {}, _left_out(given, ())


def _box(row: Row, given: Mapping[str, Value], signs: str) -> Made:
    size = len(row.dims)
    params: dict[str, Any] = {}
    for ours, theirs in (("low", "min"), ("high", "max")):
        value = _numbers(given, theirs, row, size)
        if value is not None:
            params[ours] = value[0] if size == 1 else list(value)
    told = _left_out(given, ("min", "max"))
    if not params:
        return "boundary", {}, told
    if any(is_fluorescence(name) for name in row.dims):
        told.append("its ends are read as original units")
    return ("interval" if size == 1 else "rectangle"), params, told


def _range(row: Row, given: Mapping[str, Value], signs: str) -> Made:
    if "min" in given or "max" in given:
        return _box(row, given, signs)
    return _valley(row, given, signs)


def _clust(row: Row, given: Mapping[str, Value], signs: str) -> Made:
    if len(row.dims) == 1:
        ours, sides, told = _valley(
            row, {k: v for k, v in given.items() if k in ("min", "max")}, signs
        )
        return ours, sides, [*told, "two clusters on one channel are parted by the valley"]
    told = _left_out(given, ("K", "k", "target", "quantile"))
    target = _numbers(given, "target", row, 2)
    if target is None:
        raise GatingError(
            "flowClust on two channels needs the place of its cloud", row.at(ARGUMENTS),
            "Add to gating_args: target = c(x, y), in original units.",
        )  # fmt: skip
    if any(is_fluorescence(name) for name in row.dims):
        told.append("its target is read as original units")
    params: dict[str, Any] = {"target": list(target)}
    clouds = _numbers(given, "K", row, 1) or _numbers(given, "k", row, 1)
    if clouds is not None:
        if not 1 <= clouds[0] <= MOST_CLOUDS:
            raise GatingError(
                f"K must be 1 to {MOST_CLOUDS} clusters, found {clouds[0]:g}", row.at(ARGUMENTS)
            )
        params["k"] = int(clouds[0])
    quantile = _numbers(given, "quantile", row, 1)
    if quantile is not None:
        params["quantile"] = quantile[0]
    return "mixture", params, told


METHODS: dict[str, Callable[[Row, Mapping[str, Value], str], Made]] = {
    "mindensity": _valley,
    "mindensity2": _valley,
    "tailgate": _tail,
    "tail": _tail,
    "quantilegate": _quantile,
    "quantile": _quantile,
    "singletgate": _singlets,
    "boundary": _box,
    "rangegate": _range,
    "flowclust": _clust,
    "flowclust.1d": _clust,
    "flowclust.2d": _clust,
    "flowclust_1d": _clust,
    "flowclust_2d": _clust,
}
"""By openCyto's name, lower case and without ``gate_`` before it."""
