"""Whether a channel grew brighter or dimmer while the tube was recorded.

The events are cut into 20 parts in the order of recording. When the quartiles
and the median all move the same way from part to part, the whole distribution
drifts: the stain bleaches, the laser warms up, or the cells settle. Which events
are right cannot be told, so the tube is flagged and nothing is taken out.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from assays.flow.axes import is_fluorescence
from assays.flow.qc.contract import FlowCheck, TubeLook
from plates.findings import Finding, Severity

PARTS = 20
LEAST_PER_PART = 100
COFACTOR = 150.0
MOST_PERCENT = 25.0
"""Change of the median over the run, of bright events, that is told (a choice)."""
NOISE = 4.0
"""Times the scatter of the parts around the trend that all three quantiles must move."""


def inspect(look: TubeLook) -> Iterable[Finding]:
    """Tell of channels that drift."""
    events = look.events
    if len(events) < PARTS * LEAST_PER_PART:
        return
    limit = math.log1p(MOST_PERCENT / 100)
    for name in dict.fromkeys(look.channels):
        channel = events.channels[events.index(name)]
        if not is_fluorescence(channel.name):
            continue
        moved = drift(events.column(name))
        if abs(moved) > limit:
            yield Finding(
                "signal-drift",
                Severity.LOOK,
                look.tube.file,
                f"{channel.marker or channel.name} {'rises' if moved > 0 else 'falls'} by "
                f"{100 * abs(math.expm1(moved)):.0f} % from the first to the last event. "
                "Nothing was taken out: which part is right cannot be told from the file.",
                moved,
                limit,
                "arcsinh",
            )


def drift(values: NDArray[np.floating]) -> float:
    """Change of a channel over the run, on ``asinh(x / 150)``; 0 without a steady trend.

    Parameters
    ----------
    values : ndarray, shape (n,)
        One channel, in the order of recording.

    Returns
    -------
    float
        Median over the lower quartile, median and upper quartile of the slope (Theil &
        Sen) times the length of the run, when all three move alike and by more than noise.
    """
    places = np.arcsinh(np.asarray(values, dtype=np.float64) / COFACTOR)
    parts = np.array_split(places[np.isfinite(places)], PARTS)
    if min(len(part) for part in parts) < LEAST_PER_PART:
        return 0.0
    lines = np.array([np.quantile(part, (0.25, 0.5, 0.75)) for part in parts]).T
    first, second = np.triu_indices(PARTS, 1)
    where = np.arange(PARTS) - (PARTS - 1) / 2
    changes = []
    for line in lines:
        slope = float(np.median((line[second] - line[first]) / (second - first)))
        away = line - slope * where
        scatter = 1.4826 * float(np.median(abs(away - np.median(away))))
        if abs(slope) * PARTS <= NOISE * scatter:
            return 0.0
        changes.append(slope * PARTS)
    if len({change > 0 for change in changes}) > 1:
        return 0.0
    return float(np.median(changes))


CHECK = FlowCheck(
    name="signal-drift",
    summary="A channel in use whose quartiles and median all rise or fall through the run, the "
    "middle one by more than 25 %.",
    source="choice of this project; slopes as in Theil & Sen (1968)",
    inspect=inspect,
)
