"""Numbers and places in sentences: three significant digits, no exponent where none is due."""

from __future__ import annotations

import math

import numpy as np

from plates.digits import to_significant


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


def place(plate: str, what: str) -> str:
    """Where a finding is: the plate and what on it."""
    return f"{plate}: {what}" if plate else what
