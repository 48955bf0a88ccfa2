"""How the errors of single tubes add up in a number that was worked out from many.

The number is differentiated by the response of every tube (delta method). A tube that enters twice,
as a control that several conditions share, has one derivative, the sum of both: its error then
cancels or adds up as it does in the number itself. Where the variances come from several estimates
(the scatter of replicates, the scatter about a curve), Student's t has the degrees of freedom of
Satterthwaite (1946, Biometrics Bull. 2:110).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from assays.inhibition.interval import Arm, quantile

UNKNOWN = (math.nan, math.nan)


@dataclass(frozen=True, slots=True)
class Pull:
    """What one tube does to a number."""

    slope: float
    """Change of the number per change of the tube's response."""
    variance: float
    """Of the tube's response."""
    df: float
    """That the variance was estimated with; infinite where it is known."""
    source: str = ""
    """Which estimate the variance is: tubes of one source have one variance in common."""


Pulls = Mapping[str, Pull]
"""By file of the tube."""


@dataclass(frozen=True, slots=True)
class Tubes:
    """The tubes of one arm and what they say."""

    files: tuple[str, ...]
    """Of the tubes that the mean is made of."""
    arm: Arm
    df: float
    """Degrees of freedom of its variance."""

    def pulls(self, slope: float) -> dict[str, Pull]:
        """What each tube does to a number that has this slope by the mean."""
        n = len(self.files)
        return {file: Pull(slope / n, n * self.arm.variance, self.df) for file in self.files}


def joined(parts: Iterable[Pulls]) -> dict[str, Pull]:
    """The pulls of a sum: slopes of the same tube are added, its variance is that told first."""
    total: dict[str, Pull] = {}
    for part in parts:
        for file, pull in part.items():
            known = total.get(file)
            total[file] = pull if known is None else _with(known, known.slope + pull.slope)
    return total


def _with(pull: Pull, slope: float) -> Pull:
    return Pull(slope, pull.variance, pull.df, pull.source)


def interval(value: float, parts: Sequence[Pulls], level: float) -> tuple[float, float]:
    """Two-sided interval of a number with these pulls; NaN where a variance is unknown."""
    by_source: dict[str, tuple[float, float]] = {}
    for pull in joined(parts).values():
        so_far = by_source.get(pull.source, (0.0, pull.df))[0]
        # A product grows to infinity where a power would raise.
        by_source[pull.source] = (so_far + pull.slope * pull.slope * pull.variance, pull.df)
    variance = sum(each for each, _ in by_source.values())
    if not (math.isfinite(variance) and math.isfinite(value)):
        return UNKNOWN
    # Sources with infinite degrees of freedom add nothing to what is unsure of the variance.
    unsure = sum((each / (variance or 1.0)) ** 2 / df for each, df in by_source.values() if df > 0)
    df = 1.0 / unsure if unsure > 0 else math.inf
    half = quantile(level, df) * math.sqrt(variance)
    return (value - half, value + half) if math.isfinite(half) else UNKNOWN
