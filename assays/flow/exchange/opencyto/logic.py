"""boolGate and polyFunctions: populations combined by ``&``, ``|`` and ``!``."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

from assays.errors import GatingError
from assays.protocol import Gate

MOST_TERMS = 200
MOST_FUNCTIONS = 6
"""Populations of polyFunctions; each doubles the combinations."""


def boolean_gates(
    alias: str, parent: str, text: str, names: Mapping[str, str], where: str
) -> list[Gate]:
    """A boolGate; where ``&`` stands beside ``|``, the parts of it come before it.

    ``&`` binds more strongly than ``|``, as in R; brackets are not known.
    """
    if not alias.strip() or alias.strip() == "*":
        raise GatingError("a boolGate needs an alias", where)
    if "(" in text or ")" in text:
        raise GatingError("brackets in a boolGate are not known", where, "Use a row for each part.")
    either = [
        [_operand(term, names, where) for term in part.split("&")] for part in text.split("|")
    ]
    if sum(map(len, either)) > MOST_TERMS:
        raise GatingError(f"more than {MOST_TERMS} populations combined", where)
    if len(either) == 1:
        return [_gate(alias.strip(), parent, "and", either[0])]
    gates, operands = [], []
    for number, part in enumerate(either, 1):
        if len(part) == 1:
            operands += part
            continue
        name = f"{alias.strip()} (part {number})"
        gates.append(_gate(name, parent, "and", part))
        operands.append(name)
    return [*gates, _gate(alias.strip(), parent, "or", operands)]


def combinations(
    alias: str, parent: str, text: str, names: Mapping[str, str], where: str
) -> list[Gate]:
    """Every combination of in and out of some populations: ``A+B-C+`` and so on."""
    terms = [term.strip().strip("/") for term in text.split(":") if term.strip()]
    if not 0 < len(terms) <= MOST_FUNCTIONS:
        raise GatingError(
            f"polyFunctions takes 1 to {MOST_FUNCTIONS} populations, found {len(terms)}", where
        )
    known = [_operand(term, names, where) for term in terms]
    ends = [term.rpartition("/")[2] for term in terms]
    gates = []
    for signs in itertools.product((True, False), repeat=len(terms)):
        name = "".join(
            f"{end}{'+' if sign else '-'}" for end, sign in zip(ends, signs, strict=True)
        )
        operands = [one if sign else f"not {one}" for one, sign in zip(known, signs, strict=True)]
        gates.append(_gate(name, parent, "and", operands))
    return gates


def _gate(name: str, parent: str, operation: str, operands: list[str]) -> Gate:
    return Gate(population=name, parent=parent, method="boolean", params={operation: operands})


def _operand(term: str, names: Mapping[str, str], where: str) -> str:
    bare = term.strip()
    left_out = bare.startswith("!")
    name = bare.lstrip("! ").strip().strip("/").removeprefix("root/")
    if name not in names:
        raise GatingError(
            f"{name!r} stands in no row above", where, f"Above stand: {', '.join([*names][:12])}."
        )
    return f"not {names[name]}" if left_out else names[name]
