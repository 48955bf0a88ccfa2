"""The numbers of one gate, as a person wrote them, asked for by name and kind."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from assays.errors import GatingError


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

    def text(self, name: str, allowed: tuple[str, ...], default: str | None = None) -> str:
        """One of some words."""
        if name not in self.given:
            if default is not None:
                return default
            raise self.error(f"{name!r} is missing")
        value = self.given[name]
        if value not in allowed:
            raise self.error(f"{name!r} must be one of {', '.join(allowed)}; found {value!r}")
        return str(value)

    def between(self, name: str, low: float, high: float, default: float) -> float:
        """One number within limits, both of them allowed."""
        value = self.number(name, default)
        if not low <= value <= high:
            raise self.error(f"{name!r} must lie between {low:g} and {high:g}, found {value:g}")
        return value

    def flag(self, name: str, default: bool) -> bool:
        """Yes or no."""
        value = self.given.get(name, default)
        if not isinstance(value, bool):
            raise self.error(f"{name!r} must be true or false, found {value!r}")
        return value

    def ends(self, name: str, absent: float) -> tuple[float, ...]:
        """One number per channel; a single channel may have it bare, and all may lack it."""
        if name not in self.given:
            return (absent,) * self.channels
        if self.channels == 1 and not isinstance(self.given[name], list | tuple):
            return (self.number(name),)
        return self.numbers(name, self.channels)

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
