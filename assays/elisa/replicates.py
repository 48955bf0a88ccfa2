"""Mean and spread of replicates."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np


def mean(values: Iterable[float]) -> float:
    """Mean of the finite values; NaN when there are none."""
    finite = _finite(values)
    return float(finite.mean()) if finite.size else float("nan")


def cv_percent(values: Iterable[float]) -> float:
    """100 SD / mean of the finite values, with n - 1; NaN for fewer than two or a mean of 0.

    A CV says nothing about values around zero: with a mean below twice its own standard error it
    still is a number, and the reader of a zero standard should look at the SD.
    """
    finite = _finite(values)
    if finite.size < 2 or finite.mean() == 0:
        return float("nan")
    return float(100 * finite.std(ddof=1) / abs(finite.mean()))


def _finite(values: Iterable[float]) -> np.ndarray:
    array = np.array(list(values), dtype=np.float64)
    return array[np.isfinite(array)]
