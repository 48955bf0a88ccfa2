"""LLOQ and ULOQ of a method, from standards or controls read back on several plates.

For each nominal concentration over all plates:

    recovery = 100 mean / nominal
    CV = 100 sqrt(V_within + V_between) / mean        (one-way analysis of variance over plates)
    total error = |recovery - 100| + CV

The range is the longest stretch of levels whose inner ones meet the inner limits and whose two
ends meet those of the ends. One plate later narrows it, when its own standards fail, and never
widens it.

References
----------
ICH M10 (2022), 4.2.2: accuracy within 20 %, CV 20 %, total error 30 %; at LLOQ and ULOQ 25 %,
25 % and 40 %; six runs on two days or more. Biomarker assays are outside its scope: the limits are
borrowed, and may be set otherwise.
DeSilva et al. (2003), Pharm. Res. 20, 1885: total error of ligand-binding assays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from assays.curves.plate_precision import precision
from assays.errors import CurveFitError

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class RangeRules:
    """What a level must meet; percent."""

    recovery_within: float = 20.0
    cv: float = 20.0
    total_error: float = 30.0
    recovery_within_ends: float = 25.0
    """At LLOQ and ULOQ, as the next two."""
    cv_ends: float = 25.0
    total_error_ends: float = 40.0
    fewest_plates: int = 3
    """Fewer plates assess nothing."""
    enough_plates: int = 6
    """What the source asks of a validation."""
    source: str = "ICH M10 (2022), 4.2.2, as generally quoted"


@dataclass(frozen=True, slots=True)
class LevelAssessed:
    """One nominal concentration over plates; percentages are NaN where they cannot be known."""

    nominal: float
    plates: int
    """With a result."""
    results: int
    unread: int
    """Readings that no concentration belongs to: such a level fails."""
    recovery_percent: float
    cv_percent: float
    """Of a single result on any plate."""
    within_plate_cv_percent: float
    between_plates_cv_percent: float
    total_error_percent: float
    inside: bool
    """Meets the limits of the inner levels."""
    inside_as_end: bool
    """Meets the wider limits of LLOQ and ULOQ."""
    why: str
    """What fails the limits of the ends; empty where nothing does."""


@dataclass(frozen=True, slots=True)
class AssessedRange:
    """Limits of quantitation that several plates agree on."""

    lloq: float
    """NaN where no two levels make a range."""
    uloq: float
    levels: tuple[LevelAssessed, ...]
    """Ascending."""
    plates: int
    enough: bool
    """Whether there are as many plates as the source asks for; else the range is preliminary."""
    source: str


def assess_range(
    levels: Mapping[float, Sequence[ArrayLike]], rules: RangeRules | None = None
) -> AssessedRange:
    """Assess lower and upper limit of quantitation over plates.

    Parameters
    ----------
    levels : mapping from nominal concentration to a sequence of array_like
        For each plate the concentrations read back at this level, in the unit of the nominal one.
        Leave excluded wells out; NaN is a reading that no concentration belongs to, and an empty
        array a plate without this level.
    rules : RangeRules, optional
        ICH M10-style when not given.

    Returns
    -------
    AssessedRange
        Limits NaN with fewer than three plates, or where fewer than two levels hold.

    Raises
    ------
    CurveFitError
        When a nominal concentration is not above 0, or levels have different numbers of plates.

    Examples
    --------
    >>> read = {1.0: [[2.2], [0.3], [1.0]], 5.0: [[5.2], [4.7], [5.1]]}
    >>> read[50.0] = [[51.0], [49.5], [48.0]]
    >>> found = assess_range(read)
    >>> found.lloq, found.uloq, found.enough
    (5.0, 50.0, False)
    >>> found.levels[0].why
    'CV 82 %, total error 99 %'
    """
    asked = rules if rules is not None else RangeRules()
    nominals = sorted(levels)
    if any(not (nominal > 0 and np.isfinite(nominal)) for nominal in nominals):
        raise CurveFitError("a level assessed for a limit has a nominal concentration above 0")
    counts = {len(levels[nominal]) for nominal in nominals}
    if len(counts) > 1:
        raise CurveFitError(
            f"levels have results of {min(counts)} to {max(counts)} plates",
            hint="Give one array per plate and level; an empty one where a plate has none.",
        )
    with np.errstate(all="ignore"):
        found = tuple(_assess(nominal, levels[nominal], asked) for nominal in nominals)
    plates = max((level.plates for level in found), default=0)
    lloq, uloq = _longest(found) if plates >= asked.fewest_plates else (np.nan, np.nan)
    return AssessedRange(lloq, uloq, found, plates, plates >= asked.enough_plates, asked.source)


def narrow_range(declared: tuple[float, float], plate: tuple[float, float]) -> tuple[float, float]:
    """Limits of a method on one plate: narrowed by it, never widened.

    Parameters
    ----------
    declared : (float, float)
        LLOQ and ULOQ of the method; NaN where none is declared: the plate's own then stands.
    plate : (float, float)
        Lowest and highest standard of the plate that read back; NaN where none does.

    Returns
    -------
    (float, float)
        NaN both where the plate has none, or where nothing is left between them.

    Examples
    --------
    >>> narrow_range((5.0, 300.0), (2.5, 150.0))
    (5.0, 150.0)
    """
    if any(np.isnan(end) for end in plate):
        return np.nan, np.nan
    low = max(plate[0], declared[0]) if declared[0] == declared[0] else plate[0]
    high = min(plate[1], declared[1]) if declared[1] == declared[1] else plate[1]
    return (float(low), float(high)) if low < high else (np.nan, np.nan)


def _assess(nominal: float, read: Sequence[ArrayLike], rules: RangeRules) -> LevelAssessed:
    each = [np.asarray(one, dtype=np.float64).ravel() for one in read]
    unread = sum(int((~np.isfinite(one)).sum()) for one in each)
    each = [one[np.isfinite(one)] for one in each]
    each = [one for one in each if len(one)]
    count = sum(len(one) for one in each)
    recovery = within = between = cv = np.nan
    if count:
        recovery = 100 * float(np.concatenate(each).mean()) / nominal
    if len(each) > 1:
        spread = precision({str(i): one for i, one in enumerate(each)})
        within, between = spread.within_cv_percent, spread.between_cv_percent
        cv = spread.total_cv_percent
    error = abs(recovery - 100) + cv
    ends = rules.recovery_within_ends, rules.cv_ends, rules.total_error_ends
    inner = rules.recovery_within, rules.cv, rules.total_error
    apart = abs(recovery - 100)
    told = [
        (f"recovery {recovery:.0f} %", apart <= ends[0]),
        (f"CV {cv:.0f} %", cv <= ends[1]),
        (f"total error {error:.0f} %", error <= ends[2]),
        (f"{unread} readings without a concentration", unread == 0),
        (f"{len(each)} plates", len(each) >= rules.fewest_plates),
    ]
    why = ", ".join(text for text, good in told if not good)
    met = apart <= inner[0] and cv <= inner[1] and error <= inner[2]
    return LevelAssessed(
        nominal,
        len(each),
        count,
        unread,
        recovery,
        cv,
        within,
        between,
        error,
        bool(met and not why),
        not why,
        why,
    )


def _longest(levels: Sequence[LevelAssessed]) -> tuple[float, float]:
    """The stretch with the largest ratio of its ends."""
    best = (np.nan, np.nan)
    for i, low in enumerate(levels):
        if not low.inside_as_end:
            continue
        for high in levels[i + 1 :]:
            if high.inside_as_end and not high.nominal / low.nominal <= best[1] / best[0]:
                best = low.nominal, high.nominal
            if not high.inside:
                break
    return best
