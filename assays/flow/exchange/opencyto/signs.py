"""Which populations a row asks for: ``+``, ``-+``, ``+/-+/-``, ``CD4+/-CD8+/-`` and ``*``."""

from __future__ import annotations

import itertools
import re

from assays.errors import GatingError

_DIM = re.compile(r"(?P<name>[^+/-]*)(?P<signs>\+/-|-/\+|\+|-)")


def populations_of(
    alias: str, pop: str, dims: tuple[str, ...], where: str
) -> list[tuple[str, str]]:
    """Names and signs (one for each dim) of the populations of a row.

    A row with several populations is called by the alias ``*``, and its populations by
    their dims and signs (``cd4+cd8-``); or its aliases stand in order, commas between.

    Raises
    ------
    GatingError
        For a pop that names none, or aliases that do not match it.
    """
    parts = _parts(pop.replace(" ", ""), where)
    named = [name for name, _ in parts]
    if any(named) and tuple(named) != dims and set(named) == set(dims):
        parts = [parts[named.index(dim)] for dim in dims]
    every = ["".join(one) for one in itertools.product(*(signs for _, signs in parts))]
    if alias.strip() == "*":
        if len(parts) != len(dims):
            raise GatingError(f"pop {pop!r} has {len(parts)} signs for {len(dims)} dims", where)
        return [
            ("".join(f"{dim}{sign}" for dim, sign in zip(dims, signs, strict=True)), signs)
            for signs in every
        ]
    names = [name.strip() for name in alias.split(",")] if len(every) > 1 else [alias.strip()]
    if not all(names):
        raise GatingError("a row needs an alias", where)
    if len(names) != len(every):
        raise GatingError(
            f"pop {pop!r} makes {len(every)} populations, alias {alias!r} names {len(names)}",
            where,
            'Write "*" to name them by their signs.',
        )
    return list(zip(names, every, strict=True))


def _parts(pop: str, where: str) -> list[tuple[str, str]]:
    """Name (may be empty) and signs of each dim."""
    parts = []
    at = 0
    while at < len(pop):
        found = _DIM.match(pop, at)
        if found is None:
            break
        parts.append((found["name"], found["signs"].replace("/", "")))
        at = found.end()
    if not parts or at < len(pop) or len(parts) > 2:
        raise GatingError(
            f"pop {pop!r} is not understood", where, "Known: +, -, ++, +-, -+, --, +/-, +/-+/-."
        )
    return parts
