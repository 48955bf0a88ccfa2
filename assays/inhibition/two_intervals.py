"""Both intervals of a percent inhibition: Fieller's, and the one by redrawing the means.

The protocol says which of them leads; the other stands beside it, so that a reader sees whether
the answer hangs on the way. Redrawing needs a scatter of tubes to draw from, of replicate tubes or
declared. With neither (fewer than two tubes in every condition) there is nothing to draw but
events, and Fieller's technical interval stands alone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from assays.inhibition.bootstrap import bootstrap_interval
from assays.inhibition.interval import Arm, inhibition_interval, own_floor_interval
from assays.inhibition.spread import Spread
from assays.protocol_readouts import Inhibition as Choices

OK = "ok"
NO_SCATTER = "fewer than 2 tubes per condition and no tube CV"
NO_INTERVAL = "no interval"
"""No window, or no number to draw an interval for."""
UNKNOWN = (math.nan, math.nan)


@dataclass(frozen=True, slots=True)
class Intervals:
    """Both ways, in percent; NaN where there is none."""

    fieller: tuple[float, float] = UNKNOWN
    bootstrap: tuple[float, float] = UNKNOWN
    bootstrap_status: str = NO_INTERVAL
    """``ok``, ``fewer than 2 tubes per condition and no tube CV``, ``no interval``."""

    def leading(self, choices: Choices) -> tuple[float, float]:
        """The one that the protocol asks for; Fieller's where none was drawn."""
        return self.bootstrap if self.drawn(choices) else self.fieller

    def kind(self, spread: Spread, choices: Choices) -> str:
        """What the leading one is called, after the scatter it comes from."""
        return spread.source.replace("Fieller", "bootstrap" if self.drawn(choices) else "Fieller")

    def drawn(self, choices: Choices) -> bool:
        """Whether the leading one is drawn."""
        return choices.interval == "bootstrap" and self.bootstrap_status != NO_SCATTER


def both_intervals(
    arms: tuple[Arm, Arm, Arm], spread: Spread, level: float, name: str, alone: Arm | None = None
) -> Intervals:
    """Intervals of 100 (S - I) / (S - U), or from the own floor where `alone` is given.

    Parameters
    ----------
    arms : tuple of Arm
        Treated, stimulated, unstimulated.
    spread : Spread
        What the variances of the arms come from.
    level : float
    name : str
        Of the comparison; seeds the draws.
    alone : Arm, optional
        Inhibitor without the stimulus.
    """
    i, s, u = arms
    exact = (
        inhibition_interval(i, s, u, level=level, df=spread.df)
        if alone is None
        else own_floor_interval(i, alone, s, u, level=level, df=spread.df)
    )
    if not spread.known:
        return Intervals(exact, UNKNOWN, NO_SCATTER)
    drawn = bootstrap_interval(i, s, u, level=level, df=spread.df, name=name, alone=alone)
    return Intervals(exact, drawn, NO_INTERVAL if math.isnan(drawn[0]) else OK)
