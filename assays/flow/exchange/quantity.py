"""What the axis of a gate measures: a channel, compensated, scaled, or computed from several.

A quantity is a small formula over the channels of a file. Two gates that name
the same formula share its numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, TypeAlias

from numpy.typing import ArrayLike

from assays.flow.scales import Floats, Ratio

FCS = "FCS"
"""Name of the spillover matrix that a file itself carries."""


class Function(Protocol):
    """A function of one value; every scale is one."""

    def forward(self, x: ArrayLike) -> Floats:
        """Value of the function."""
        ...


@dataclass(frozen=True, slots=True)
class Recorded:
    """A channel as the instrument recorded it, by $PnN or marker."""

    channel: str


@dataclass(frozen=True, slots=True)
class Compensated:
    """A fluorochrome after spillover is taken out."""

    channel: str
    """Name of the fluorochrome in the matrix; of the detector where they share names."""
    matrix: str
    """Name of the matrix; `FCS` is the file's own, and then a channel that the
    matrix does not name, or a file without a matrix, is taken as recorded."""


@dataclass(frozen=True, slots=True)
class Scaled:
    """Another quantity on a scale."""

    of: Quantity
    scale: Function


@dataclass(frozen=True, slots=True)
class Quotient:
    """The ratio of two quantities."""

    upper: Quantity
    lower: Quantity
    ratio: Ratio


@dataclass(frozen=True, slots=True)
class Sum:
    """A weighted sum of quantities, and a constant."""

    of: tuple[Quantity, ...]
    weights: tuple[float, ...]
    constant: float


Quantity: TypeAlias = Recorded | Compensated | Scaled | Quotient | Sum


def channels_of(quantity: Quantity) -> tuple[str, ...]:
    """Every channel or fluorochrome that a quantity is made of, once."""
    match quantity:
        case Recorded(channel) | Compensated(channel, _):
            return (channel,)
        case Scaled(of, _):
            return channels_of(of)
        case Quotient(upper, lower, _):
            return tuple(dict.fromkeys(channels_of(upper) + channels_of(lower)))
        case Sum(parts, _, _):
            return tuple(dict.fromkeys(name for part in parts for name in channels_of(part)))
