"""How well two controls can be told apart: Z', SSMD, signal window and their kin.

References
----------
Zhang, Chung & Oldenburg (1999), J. Biomol. Screen. 4(2), 67-73: Z', S/B, S/N.
Zhang (2008), J. Biomol. Screen. 13(5), 363-377: SSMD.
Sittampalam et al. (1997), J. Biomol. Screen. 2(3), 159-169: signal window.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from plates.qc.spread import finite, mad


def _moments(values: ArrayLike, robust: bool) -> tuple[float, float]:
    """Centre and spread; NaN spread for fewer than two numbers."""
    array = finite(values)
    if array.size < 2:
        return (float(array[0]) if array.size else math.nan), math.nan
    if robust:
        return float(np.median(array)), mad(array)
    return float(array.mean()), float(array.std(ddof=1))


def _ratio(above: float, below: float) -> float:
    return above / below if below else math.nan


def z_prime(high: ArrayLike, low: ArrayLike, *, robust: bool = False) -> float:
    """Z' = 1 - 3 (s_high + s_low) / abs(m_high - m_low).

    Parameters
    ----------
    high, low : array_like, shape (n,)
        Signals of the two controls, any unit.
    robust : bool
        Medians and scaled MADs instead of means and SDs.

    Returns
    -------
    float
        At most 1; at least 0.5 is excellent, 0.4 acceptable. NaN (not defined)
        with fewer than two wells of a kind, or without a difference.
    """
    (m_high, s_high), (m_low, s_low) = _moments(high, robust), _moments(low, robust)
    return 1 - 3 * _ratio(s_high + s_low, abs(m_high - m_low))


def ssmd(high: ArrayLike, low: ArrayLike, *, robust: bool = False) -> float:
    """Strictly standardised mean difference of two independent groups.

    (m_high - m_low) / sqrt(s_high^2 + s_low^2); 2, 3, 5 and 7 separate a moderate,
    strong, very strong and extremely strong control. NaN as for `z_prime`.
    """
    (m_high, s_high), (m_low, s_low) = _moments(high, robust), _moments(low, robust)
    return _ratio(m_high - m_low, math.hypot(s_high, s_low))


def signal_to_background(high: ArrayLike, low: ArrayLike) -> float:
    """m_high / m_low. Says nothing of spread: never show it alone. NaN when m_low is 0."""
    return _ratio(_moments(high, False)[0], _moments(low, False)[0])


def signal_to_noise(high: ArrayLike, low: ArrayLike) -> float:
    """(m_high - m_low) / s_low; NaN with fewer than two low wells."""
    m_low, s_low = _moments(low, False)
    return _ratio(_moments(high, False)[0] - m_low, s_low)


def signal_window(high: ArrayLike, low: ArrayLike) -> float:
    """(m_high - m_low - 3 (s_high + s_low)) / s_high; at least 2 is acceptable."""
    (m_high, s_high), (m_low, s_low) = _moments(high, False), _moments(low, False)
    return _ratio(m_high - m_low - 3 * (s_high + s_low), s_high)


def percent_of_control(values: ArrayLike, control: ArrayLike) -> np.ndarray:
    """100 x / mean(control), element by element; NaN where a number is missing."""
    share = np.asarray(values, dtype=np.float64) / finite(control).mean()
    return np.asarray(100 * share)


def normalised_percent_inhibition(values: ArrayLike, high: ArrayLike, low: ArrayLike) -> np.ndarray:
    """100 (m_high - x) / (m_high - m_low), not clipped; NaN where a number is missing."""
    m_high, m_low = finite(high).mean(), finite(low).mean()
    share = (m_high - np.asarray(values, dtype=np.float64)) / (m_high - m_low)
    return np.asarray(100 * share)
