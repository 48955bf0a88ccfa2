"""What a gate method is: a name, the channels it takes, and how its numbers become a shape."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from assays.errors import GatingError
from assays.flow.gates.shapes import Shape
from plates.plugins import collect


@dataclass(frozen=True, slots=True)
class GateMethod:
    """One way of finding a shape; each gate module ends in one of these."""

    name: str
    """As written in the `method` of a gate."""
    summary: str
    """One sentence for the documentation."""
    dimensions: tuple[int, int]
    """Fewest and most channels."""
    params: Mapping[str, str]
    """What each parameter means."""
    build: Callable[[Params], Shape]
    """Numbers to shape."""
    automatic: bool = False
    """Whether the shape is found in the data; fixed gates are the same in every tube."""

    def shape(self, params: Mapping[str, Any], channels: int, where: str = "") -> Shape:
        """Shape from the numbers of a strategy.

        Parameters
        ----------
        params : mapping
            As in ``assay.toml``.
        channels : int
            Number of channels of the gate.
        where : str
            Population, for messages.

        Raises
        ------
        GatingError
            For an unknown or missing parameter, a value of the wrong kind, or a wrong
            number of channels.
        """
        least, most = self.dimensions
        if not least <= channels <= most:
            count = f"{least}" if least == most else f"{least} to {most}"
            raise GatingError(
                f"a {self.name} gate takes {count} channel{'s' * (most > 1)}, found {channels}",
                where,
            )
        for name in params:
            if name not in self.params:
                near = get_close_matches(str(name), self.params, n=1, cutoff=0.5)
                known = ", ".join(self.params)
                raise GatingError(
                    f"a {self.name} gate has no parameter {name!r}",
                    where,
                    f"Did you mean {near[0]!r}?" if near else f"It takes: {known}.",
                )
        return self.build(Params(self.name, params, channels, where))


@dataclass(frozen=True, slots=True)
class Params:
    """The numbers of one gate, asked for by name and kind."""

    method: str
    given: Mapping[str, Any]
    channels: int
    where: str

    def __contains__(self, name: str) -> bool:
        return name in self.given

    def error(self, message: str, hint: str = "") -> GatingError:
        """Make an error that names the gate."""
        return GatingError(f"{self.method} gate: {message}", self.where, hint)

    def number(self, name: str, default: float | None = None) -> float:
        """One finite number."""
        if name not in self.given:
            if default is None:
                raise self.error(f"{name!r} is missing")
            return default
        return self._finite(name, self.given[name])

    def numbers(self, name: str, length: int) -> tuple[float, ...]:
        """A list of so many finite numbers."""
        if name not in self.given:
            raise self.error(f"{name!r} is missing")
        return self._row(name, self.given[name], length)

    def matrix(self, name: str, width: int, *, most: int) -> tuple[tuple[float, ...], ...]:
        """A list of rows of so many finite numbers each, at most `most` of them."""
        if name not in self.given:
            raise self.error(f"{name!r} is missing")
        rows = self.given[name]
        if not isinstance(rows, list | tuple):
            raise self.error(f"{name!r} must be a list of lists, found {rows!r}")
        if len(rows) > most:
            raise self.error(f"{name!r} has {len(rows):,} rows; {most:,} are the most")
        return tuple(self._row(name, row, width) for row in rows)

    def text(self, name: str, allowed: tuple[str, ...]) -> str:
        """One of some words."""
        if name not in self.given:
            raise self.error(f"{name!r} is missing")
        value = self.given[name]
        if value not in allowed:
            raise self.error(f"{name!r} must be one of {', '.join(allowed)}; found {value!r}")
        return str(value)

    def _row(self, name: str, row: object, length: int) -> tuple[float, ...]:
        if not isinstance(row, list | tuple) or len(row) != length:
            raise self.error(f"{name!r} must hold {length} numbers, found {row!r}")
        return tuple(self._finite(name, value) for value in row)

    def _finite(self, name: str, value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.error(f"{name!r} must be a number, found {value!r}")
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if not math.isfinite(number):
            raise self.error(f"{name!r} must be a finite number, found {value!r}")
        return number


def methods() -> dict[str, GateMethod]:
    """Every gate method, by name."""
    return {gate.name: gate for gate in collect("assays.flow.gates", "GATE")}
