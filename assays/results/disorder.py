"""A dose series whose responses do not follow its doses."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Disorder:
    """Two doses in the wrong order, and what would put the series right."""

    low: float
    """Of two doses the lower, in the unit of the series, that leaves too little."""
    high: float
    """The higher, that leaves too much."""
    left_low: float
    """Mean response at `low`, in the readout's unit."""
    left_high: float
    p: float
    """Chance that tubes of this scatter lie so far from any curve that keeps one direction."""
    files: tuple[str, ...]
    """Tubes of both doses."""
    exchanged: tuple[float, float] | None = None
    """Two doses whose exchange puts the series in order; None where no exchange does."""
    without: float | None = None
    """The dose without which the rest is in order; None where no single one is to blame."""
    backwards: bool = False
    """Whether the responses follow the doses from the highest to the lowest."""
