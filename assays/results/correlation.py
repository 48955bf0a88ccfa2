"""What goes together across donors: a secreted cytokine and the activation of its cells."""

from __future__ import annotations

import math
from dataclasses import dataclass

Interval = tuple[float, float]
UNKNOWN: Interval = (math.nan, math.nan)


@dataclass(frozen=True, slots=True)
class Association:
    """One coefficient of correlation with its interval."""

    method: str
    """``Spearman`` or ``Pearson of logarithms, censored``."""
    coefficient: float
    """NaN unless `status` is ``ok``."""
    interval: Interval
    p: float
    """Two-sided, of no association."""
    n: int
    """Donors with both values."""
    below: int
    """Of these, how many are known only to lie below a limit."""
    level: float
    status: str
    """``ok``, or why there is no number: ``too few donors``, ``too few above the limit``, ``no
    spread``, ``perfect line``."""
    note: str = ""
    smallest_p: float = math.nan
    """The smallest that so many donors with such ties allow; NaN where p is of a model."""


@dataclass(frozen=True, slots=True)
class Correlated:
    """A secreted analyte against one readout of the cells, across donors."""

    analyte: str
    unit: str
    """``pg/mL``, or an amount per cells."""
    readout: str
    question: str
    """``constitutive`` (unstimulated tubes) or ``induced`` (stimulated less unstimulated)."""
    stimulus: str
    """Of induced activation; empty for constitutive."""
    scale: str
    """``arcsinh``, ``log2``, ``percent points``: of `activation`."""
    donors: tuple[str, ...]
    concentrations: tuple[float, ...]
    """One per donor; the limit where `qualifiers` has ``<`` or ``>``."""
    qualifiers: tuple[str, ...]
    activation: tuple[float, ...]
    """One per donor, on `scale`."""
    spearman: Association
    pearson: Association
    note: str = ""
    """Donors that one side lacks, and what had to be assumed."""
