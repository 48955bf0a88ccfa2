"""Numbers and places in sentences: three significant digits, no exponent where none is due."""

from __future__ import annotations

import math

import numpy as np

from plates.digits import to_significant

MOST_DECIMALS = 6
"""Beyond these a difference is none of the measurement."""


def short(value: float) -> str:
    """Three significant digits: ``3000``, ``0.223``, ``46.9``; ``unknown`` for NaN.

    Examples
    --------
    >>> short(2999.7), short(0.22283), short(float("nan"))
    ('3000', '0.223', 'unknown')
    """
    if math.isnan(value):
        return "unknown"
    if not 1e-4 <= abs(value) < 1e7 and value:
        return f"{value:.3g}"
    return np.format_float_positional(to_significant(value), trim="-")


def percent_beside(value: float, limits: tuple[float, float]) -> str:
    """A percentage without decimals, or with as many as it takes to show that it passes a limit.

    Examples
    --------
    >>> percent_beside(120.1, (80, 120)), percent_beside(79.99, (80, 120))
    ('120.1', '79.99')
    """
    low, high = limits
    shown = f"{value:.0f}"
    for decimals in range(1, MOST_DECIMALS + 1):
        if (low <= float(shown) <= high) == (low <= value <= high):
            break
        shown = f"{value:.{decimals}f}"
    return shown


def place(plate: str, what: str) -> str:
    """Where a finding is: the plate and what on it."""
    return f"{plate}: {what}" if plate else what
