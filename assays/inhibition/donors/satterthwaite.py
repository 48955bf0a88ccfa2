"""Degrees of freedom of a mixed model's effect, from statsmodels' own fit.

Satterthwaite's: twice the squared variance of the effect over the variance of that variance (Fai &
Cornelius 1996, J. Stat. Comput. Simul. 54:363; Kuznetsova et al. 2017, J. Stat. Softw. 82(13)).
statsmodels gives no degrees of freedom, but all they are made of: the covariance of the variances
relative to that of tubes, and the variance of the effect at any of these. The variance of tubes is
profiled out there; given the others it is known with the tubes' degrees of freedom.
"""

from __future__ import annotations

import math

import numpy as np

from assays.inhibition.donors.mixed_fit import Fitted, effect_at

STEP = 1e-3
"""Of the numerical slopes, as a share of each variance."""


def degrees_of_freedom(fitted: Fitted) -> float:
    """Satterthwaite's degrees of freedom of the effect; infinite where they cannot be told.

    Components at zero take no part, as in lmerTest.
    """
    result = fitted.result
    model, relative = result.model, result.vcomp / result.scale
    f = effect_at(model, relative)[1]
    slopes = np.empty(relative.size)
    for at, value in enumerate(relative):
        step = np.zeros(relative.size)
        step[at] = STEP * value
        up, down = effect_at(model, relative + step)[1], effect_at(model, relative - step)[1]
        slopes[at] = (up - down) / (2.0 * step[at])
    of_variances = result.cov_params()[2:, 2:]
    spread = float(slopes @ of_variances @ slopes) + 2.0 * f**2 / float(result.df_resid)
    return 2.0 * f**2 / spread if spread > 0 and math.isfinite(spread) else math.inf
