"""What a check of a plate is given, and what it must offer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from plates.findings import Finding
from plates.layout import Role, WellContent
from plates.plateread import PlateRead
from plates.well import Well

Floats = NDArray[np.float64]
GroupKey = tuple[Role, str, float, float, tuple[tuple[str, str], ...]]


@dataclass(frozen=True, slots=True, eq=False)
class Plate:
    """One plate as the checks see it."""

    read: PlateRead
    contents: Mapping[Well, WellContent]
    """What the layout says of the wells; wells it leaves out are not in here."""
    signal: Floats
    """shape (rows, columns), what the curve is fitted to; NaN where there is no number."""
    excluded: frozenset[Well] = frozenset()
    """Wells that a person took out: no check counts them."""
    cv_limit_percent: float = 20.0

    def value(self, well: Well) -> float:
        """Signal of a well; NaN where there is none."""
        return float(self.signal[well.row, well.column])

    def usable(self, well: Well) -> bool:
        """Whether a well has a number, no token of the reader, and was not taken out."""
        return (
            well not in self.excluded
            and well not in self.read.flags
            and bool(np.isfinite(self.value(well)))
        )

    def wells_of(self, *roles: Role) -> list[Well]:
        """Usable wells of some roles, in order of the plate."""
        return [w for w, c in sorted(self.contents.items()) if c.role in roles and self.usable(w)]

    def groups(self) -> dict[GroupKey, list[Well]]:
        """Replicates: usable wells that hold the same, by what they hold."""
        found: dict[GroupKey, list[Well]] = {}
        for well, content in sorted(self.contents.items()):
            if content.role is not Role.EMPTY and self.usable(well):
                found.setdefault(_key(content), []).append(well)
        return found

    def span(self) -> float:
        """Highest minus lowest usable signal of the plate; NaN without any."""
        values = [self.value(well) for well in self.contents if self.usable(well)]
        return max(values) - min(values) if values else float("nan")


def _key(content: WellContent) -> GroupKey:
    # NaN differs from itself; -1 stands for "no nominal" within a group's key only.
    nominal = -1.0 if np.isnan(content.nominal) else content.nominal
    labels = tuple(sorted(content.labels.items()))
    return content.role, content.sample, nominal, content.dilution_factor, labels


@dataclass(frozen=True, slots=True)
class Check:
    """One question asked of a plate."""

    name: str
    """Short stable name; the rule of its findings."""
    question: str
    """What it asks, in words, for the reference."""
    inspect: Callable[[Plate], Iterable[Finding]]
    """Says nothing when the plate cannot answer."""
    needs: str = field(default="")
    """What the plate must have for an answer, in words."""


def list_wells(wells: Iterable[Well], shown: int = 8) -> str:
    """``A1, A2 and 3 more``."""
    names = [str(well) for well in wells]
    rest = len(names) - shown
    return ", ".join(names[:shown]) + (f" and {rest} more" if rest > 0 else "")
