"""Whether the responses of a dose series follow its doses.

More inhibitor leaves less of the response, whatever the shape of the curve. So the mean responses
are held against the closest ones that never turn back (isotonic regression; Barlow et al. 1972,
Statistical Inference under Order Restrictions), by the scatter between replicate tubes: two tubes
that changed places, or a dose in another unit, lie many times that scatter away. A logistic curve
only scatters more around such tubes, and then no dose can be refused as its IC50.

Degrees of freedom are those of a flat series, in which the closest ordered responses leave least
to them: the chance of a false alarm is then at most the one that is named.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assays.inhibition.spread import RESIDUALS, Spread, response
from assays.results.disorder import Disorder
from assays.results.flow import Reading

Floats = NDArray[np.float64]

OUT_OF_ORDER = "doses out of order"
CHANCE = 0.01
"""At most, that a flat series is told as out of order. Of 6,000 simulated series in order 7 were
(`benchmarks/inhibition/ic50.py`); at 0.001 it were 2, but one donor's two pairs of controls, with 2
degrees of freedom, would then hardly ever tell two swapped tubes."""
MENDED = 0.05
"""An order that chance leaves no closer than this is no longer in question."""
LEAST_SHARE = 0.1
"""Of the window: doses that leave less apart are in order for any purpose."""
LEAST_DOSES = 4
"""Three doses of which one is off do not tell which."""


@dataclass(frozen=True, slots=True, eq=False)
class _Levels:
    """Mean response of each dose, ascending, on the scale on which tubes scatter evenly."""

    dose: Floats
    mean: Floats
    """Falls with the dose where the inhibitor works."""
    weight: Floats
    """1 / variance of the mean."""
    df: float
    """Of the scatter."""

    def p(self, mean: Floats, keep: NDArray[np.bool_] | None = None, *, rises: bool) -> float:
        """Chance that responses in order lie so far from it."""
        from scipy.optimize import isotonic_regression
        from scipy.special import chdtrc, fdtrc

        kept = np.ones(mean.shape, dtype=bool) if keep is None else keep
        y, w = mean[kept], self.weight[kept]
        closest = isotonic_regression(y, weights=w, increasing=rises).x
        rss, count = float((w * (y - closest) ** 2).sum()), y.size - 1
        return float(
            chdtrc(count, rss) if math.isinf(self.df) else fdtrc(count, self.df, rss / count)
        )


def disorder(
    treated: Sequence[Reading],
    doses: Sequence[float],
    stimulated: Sequence[Reading],
    unstimulated: Sequence[Reading],
    spread: Spread,
    scale: str,
) -> Disorder | None:
    """Doses of a series that leave less than a higher one does.

    Parameters
    ----------
    treated : sequence of Reading
        Tubes of one series, all with a median.
    doses : sequence of float
        One per tube, above 0.
    stimulated, unstimulated : sequence of Reading
        Its controls, which tell the direction and the size of the window.
    spread : Spread
        Scatter between tubes: of replicates, or as declared.
    scale : str
        Of the responses that are told: ``linear`` or ``arcsinh``.

    Returns
    -------
    Disorder or None
        None where the responses follow the doses, where the doses out of order differ by less than
        a tenth of the window, with fewer than four doses, and where nothing but this series tells
        how far tubes lie apart. A series that lies beyond its stimulated tubes may rise as a whole:
        an agent that adds to the response is no disorder.
    """
    top = [reading for reading in stimulated if math.isfinite(reading.median)]
    floor = [reading for reading in unstimulated if math.isfinite(reading.median)]
    if not (spread.known and spread.source != RESIDUALS and spread.sd > 0 and top and floor):
        return None
    if len(set(doses)) < LEAST_DOSES:
        return None
    offset = treated[0].cofactor if math.isnan(spread.offset) else spread.offset
    start, end = _mean(top, offset), _mean(floor, offset)
    sign = 1.0 if start > end else -1.0
    levels = _levels(treated, doses, spread, offset, sign)
    p = levels.p(levels.mean, rises=False)
    beyond = float(np.average(levels.mean, weights=levels.weight)) > sign * start
    if beyond:
        p = max(p, levels.p(levels.mean, rises=True))
    if p >= CHANCE:
        return None
    low, high = _worst(levels)
    left = [_left(treated, doses, float(levels.dose[at]), scale) for at in (low, high)]
    window = np.mean([response(r, scale) for r in top]) - np.mean(
        [response(r, scale) for r in floor]
    )
    if sign * (left[1] - left[0]) < LEAST_SHARE * abs(float(window)):
        return None
    pair = float(levels.dose[low]), float(levels.dose[high])
    turned = MENDED if beyond else max(levels.p(levels.mean, rises=True), MENDED)
    exchanged, without = _exchanged(levels, turned), _without(levels, turned)
    backwards = turned > MENDED and exchanged is None and without is None
    return Disorder(
        low=pair[0],
        high=pair[1],
        left_low=left[0],
        left_high=left[1],
        p=p,
        files=tuple(
            r.file for at in pair for r, dose in zip(treated, doses, strict=True) if dose == at
        ),
        exchanged=exchanged,
        without=without,
        backwards=backwards,
    )


def _levels(
    treated: Sequence[Reading], doses: Sequence[float], spread: Spread, offset: float, sign: float
) -> _Levels:
    x = np.array(doses)
    z = sign * np.arcsinh(np.array([reading.median for reading in treated]) / offset)
    # A tube is never surer than its events allow.
    events = [r.median_se / math.hypot(r.median, offset) for r in treated]
    variance = np.fmax(spread.sd**2, np.square(events))
    found = np.unique(x)
    at = [x == dose for dose in found]
    mean = np.array([z[here].mean() for here in at])
    weight = np.array([here.sum() / variance[here].mean() for here in at])
    return _Levels(found, mean, weight, spread.df)


def _mean(readings: Sequence[Reading], offset: float) -> float:
    return math.fsum(math.asinh(reading.median / offset) for reading in readings) / len(readings)


def _left(treated: Sequence[Reading], doses: Sequence[float], dose: float, scale: str) -> float:
    """Mean response at one dose."""
    own = [response(r, scale) for r, each in zip(treated, doses, strict=True) if each == dose]
    return math.fsum(own) / len(own)


def _worst(levels: _Levels) -> tuple[int, int]:
    """Places of the two doses that are most in the wrong order."""
    risen = levels.mean[None, :] - levels.mean[:, None]
    error = np.sqrt(1 / levels.weight[None, :] + 1 / levels.weight[:, None])
    apart = np.where(np.triu(np.ones(risen.shape, dtype=bool), 1), risen / error, -np.inf)
    low, high = np.unravel_index(int(np.argmax(apart)), apart.shape)
    return int(low), int(high)


def _exchanged(levels: _Levels, least: float) -> tuple[float, float] | None:
    """The two doses whose exchange leaves most order, p above `least`."""
    found = None
    for low in range(levels.dose.size):
        for high in range(low + 1, levels.dose.size):
            mean = levels.mean.copy()
            mean[[low, high]] = mean[[high, low]]
            p = levels.p(mean, rises=False)
            if p > least:
                least, found = p, (float(levels.dose[low]), float(levels.dose[high]))
    return found


def _without(levels: _Levels, least: float) -> float | None:
    """The dose without which most order is left, p above `least`."""
    found = None
    for at in range(levels.dose.size):
        p = levels.p(levels.mean, np.arange(levels.dose.size) != at, rises=False)
        if p > least:
            least, found = p, float(levels.dose[at])
    return found
