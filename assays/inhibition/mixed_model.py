"""Tubes of several donors under two conditions: a mixed model with small-sample degrees of freedom.

    y = m + e * treated + a(donor) + c(donor, condition) + tube

Donors differ in level (variance of a) and in response (variance of c); tubes scatter around their
donor's condition. Variances are found by restricted maximum likelihood (Patterson & Thompson
1971, Biometrika 58:545) on relative standard deviations; degrees of freedom of the effect are
Satterthwaite's (Fai & Cornelius 1996, J. Stat. Comput. Simul. 54:363; Kuznetsova et al. 2017,
J. Stat. Softw. 82(13)), and never more than donors less one. That bound matters where the donors
seem to respond alike: the variance of c is then estimated as zero, Satterthwaite's formula counts
every tube as a replicate, and Kenward & Roger's (1997, Biometrics 53:983), which is right
for balanced tubes, gives donors less one.

With the same number of tubes everywhere this is the paired t test of the donors' means; it earns
its keep where tubes were lost.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assays.inhibition.magnitude import computable

Floats = NDArray[np.float64]

FEWEST_DONORS = 6
"""With fewer the variance between donors is hardly known: the paired t test is as good."""
MOST_TUBES = 3000
SMALLEST = 1e-100
"""Values below it have no squares."""
STEP = 1e-3
"""Of the numerical second derivatives, as a share of each variance."""
ZERO = 1e-4
"""A relative standard deviation below this is at its bound."""
LARGEST = 1e3
RELATIVE = (0.05, 0.3, 1.0, 3.0, 10.0, 50.0)
"""Relative standard deviations among which the search starts."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What the treatment does, over donors."""

    estimate: float
    standard_error: float
    df: float
    interval: tuple[float, float]
    p: float
    """Two-sided."""
    sd_donors: float
    """Between levels of donors."""
    sd_responses: float
    """Between responses of donors, treated less control: sqrt(2) times that of c."""
    sd_tubes: float


@dataclass(frozen=True, slots=True)
class Donor:
    """Tubes of one donor, on the scale that is compared."""

    control: tuple[float, ...]
    treated: tuple[float, ...]


def mixed_effect(donors: Sequence[Donor], level: float = 0.95) -> Effect | None:
    """Effect of a treatment over donors with replicate tubes.

    Parameters
    ----------
    donors : sequence of Donor
        Each with a tube of either condition at least.
    level : float
        Of the interval.

    Returns
    -------
    Effect or None
        None with fewer than six donors that have replicate tubes, or where replicates do not
        differ at all.
    """
    donors = [Donor(_known(each.control), _known(each.treated)) for each in donors]
    replicated = sum(len(each.control) > 1 or len(each.treated) > 1 for each in donors)
    tubes = sum(len(each.control) + len(each.treated) for each in donors)
    if replicated < FEWEST_DONORS or tubes > MOST_TUBES:
        return None
    if not all(each.control and each.treated for each in donors):
        return None
    size = max(abs(value) for each in donors for value in (*each.control, *each.treated))
    if size < SMALLEST:
        return None
    model = _Model.of(donors, size)
    if not model.within:
        return None
    return _effect(model, model.best(), len(donors), level, size)


def _known(tubes: Sequence[float]) -> tuple[float, ...]:
    return tuple(value for value in computable(tubes).tolist() if not math.isnan(value))


@dataclass(frozen=True, slots=True, eq=False)
class _Model:
    """What the tubes say: the mean of every donor's condition, and how far tubes lie from it.

    Values are in units of the largest.
    Nothing else of the tubes enters the likelihood, so that a donor is a pair of means.
    """

    means: Floats
    """shape (donors, 2): control, treated."""
    counts: Floats
    """The same shape: tubes."""
    within: float
    """Sum of squares of the tubes around their means."""

    @classmethod
    def of(cls, donors: Sequence[Donor], size: float) -> _Model:
        cells = [[np.array(each.control) / size, np.array(each.treated) / size] for each in donors]
        means = np.array([[cell.mean() for cell in pair] for pair in cells])
        counts = np.array([[float(cell.size) for cell in pair] for pair in cells])
        within = math.fsum(float(((cell - cell.mean()) ** 2).sum()) for p in cells for cell in p)
        # Tubes that differ by rounding do not differ.
        return cls(means, counts, within if within > 1e-24 else 0.0)

    @property
    def tubes(self) -> int:
        """Tubes of all donors."""
        return int(self.counts.sum())

    def solved(self, variances: Floats) -> tuple[float, Floats, Floats, float]:
        """REML deviance, estimates, their covariance, and weighted residual sum.

        `variances` are those of donors, of responses and of tubes, shape (3,).
        """
        a, c, s = variances
        v0, v1 = a + c + s / self.counts[:, 0], a + c + s / self.counts[:, 1]
        det = v0 * v1 - a * a
        # Inverse of each donor's covariance of its two means.
        i00, i11, i01 = v1 / det, v0 / det, -a / det
        m0, m1 = self.means.T
        row0, row1 = i00 + i01, i01 + i11
        n00, n01, n11 = (row0 + row1).sum(), row1.sum(), i11.sum()
        right = np.array([(row0 * m0 + row1 * m1).sum(), (i01 * m0 + i11 * m1).sum()])
        size = n00 * n11 - n01 * n01
        inverse = np.array([[n11, -n01], [-n01, n00]]) / size
        beta = inverse @ right
        r0, r1 = m0 - beta[0], m1 - beta[0] - beta[1]
        rss = float((i00 * r0**2 + 2.0 * i01 * r0 * r1 + i11 * r1**2).sum()) + self.within / s
        loose = self.tubes - self.means.size
        logs = float(np.log(det).sum()) + loose * math.log(s) + math.log(size)
        return logs + rss, beta, inverse, rss

    def profiled(self, theta: Floats) -> float:
        """Deviance at relative standard deviations, the tubes' own variance at its best."""
        deviance, _, _, rss = self.solved(np.r_[theta**2, 1.0])
        df = self.tubes - 2
        return deviance - rss + df * math.log(rss / df)

    def best(self) -> Floats:
        """Relative standard deviations of donors and responses."""
        from scipy.optimize import minimize

        grid = [np.array([a, c]) for a in RELATIVE for c in RELATIVE]
        start = min(grid, key=self.profiled)
        found = minimize(
            self.profiled, start, method="Nelder-Mead", bounds=[(0.0, LARGEST)] * 2,
            options={"xatol": 1e-7, "fatol": 1e-12, "maxiter": 2000},
        )  # fmt: skip
        return np.asarray(found.x)


def _effect(model: _Model, theta: Floats, donors: int, level: float, size: float) -> Effect:
    from scipy.special import stdtr, stdtrit

    tube = model.solved(np.r_[theta**2, 1.0])[3] / (model.tubes - 2)
    variances = tube * np.r_[np.where(theta > ZERO, theta, 0.0) ** 2, 1.0]
    _, beta, inverse, _ = model.solved(variances)
    df = _satterthwaite(model, variances) if variances[1] else math.inf
    df = min(df, float(donors - 1))
    estimate, error = float(beta[1]), math.sqrt(inverse[1, 1])
    half = float(stdtrit(df, (1.0 + level) / 2.0)) * error
    return Effect(
        estimate=estimate * size,
        standard_error=error * size,
        df=df,
        interval=((estimate - half) * size, (estimate + half) * size),
        p=2.0 * float(stdtr(df, -abs(estimate) / error)),
        sd_donors=math.sqrt(variances[0]) * size,
        sd_responses=math.sqrt(2.0 * variances[1]) * size,
        sd_tubes=math.sqrt(tube) * size,
    )


def _satterthwaite(model: _Model, variances: Floats) -> float:
    """2 f² / (g' A g): f the variance of the effect, g its gradient, A the covariance of these."""
    free = variances > 0

    def both(at: Floats) -> tuple[float, float]:
        whole = np.zeros(3)
        whole[free] = at
        deviance, _, inverse, _ = model.solved(whole)
        return deviance, float(inverse[1, 1])

    v = variances[free]
    k = v.size
    step = STEP * v
    centre, f = both(v)
    g, hessian = np.empty(k), np.empty((k, k))
    for i in range(k):
        e = np.zeros(k)
        e[i] = step[i]
        (up, f_up), (down, f_down) = both(v + e), both(v - e)
        g[i] = (f_up - f_down) / (2.0 * step[i])
        hessian[i, i] = (up - 2.0 * centre + down) / step[i] ** 2
        for j in range(i):
            d = np.zeros(k)
            d[j] = step[j]
            corners = both(v + e + d)[0] - both(v + e - d)[0] - both(v - e + d)[0]
            hessian[i, j] = hessian[j, i] = (corners + both(v - e - d)[0]) / (
                4.0 * step[i] * step[j]
            )
    try:
        spread = float(g @ (2.0 * np.linalg.inv(hessian)) @ g)
    except np.linalg.LinAlgError:
        return math.inf
    return 2.0 * f**2 / spread if spread > 0 else math.inf
