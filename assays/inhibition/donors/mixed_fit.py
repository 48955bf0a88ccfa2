"""The mixed model of tubes, fitted by statsmodels, and mended where a variance is zero.

`MixedLM` finds variances by restricted maximum likelihood (Patterson & Thompson 1971, Biometrika
58:545; Lindstrom & Bates 1988, J. Am. Stat. Assoc. 83:1014). It searches on square roots of
variances, so that at a variance of zero the slope it follows vanishes with it: it stops early on
the way there, at times with `converged` set. With few donors a variance at zero is common: it is
the best estimate of about half of all studies whose donors respond alike. A model without a
component is the same as one in which its variance is zero, so the models without are fitted as well
wherever the whole one comes near zero or does not converge, and the one of highest likelihood
stands.
"""

from __future__ import annotations

import itertools
import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

DONOR, PAIR, CONDITION = "donor", "pair", "condition"
NEAR_ZERO = 0.05
"""A variance below this share of the tubes' own is held against one of zero."""
SAME_LIKELIHOOD = 1e-6
"""Logarithms of likelihoods that differ by less are one; the model with fewer variances stands."""
GRADIENT = 1e-7
"""Slope of the likelihood at which the second search ends."""


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """Tubes with what they belong to; arrays of shape (tubes,)."""

    y: Floats
    """On any scale, best in units of the tubes' SD."""
    donor: Ints
    """From 0 on."""
    pair: Ints
    """From 0 on: treated tubes and the controls of the same vehicle and plate."""
    treated: Ints
    """0 or 1."""

    @property
    def fixed(self) -> Floats:
        """shape (tubes, 2): one, and treated."""
        return np.column_stack([np.ones(self.y.size), self.treated])


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """What the tubes say of the effect and of its variances."""

    estimate: float
    standard_error: float
    scale: float
    """Variance of tubes."""
    variances: dict[str, float]
    """Of donors, pairs and conditions; a component at zero is absent."""
    likelihood: float
    """Logarithm of the restricted likelihood."""
    result: Any
    """Of statsmodels; without components, that of ordinary least squares."""


def fit_tubes(design: Design) -> Fitted | None:
    """Variances and effect by restricted maximum likelihood; None where no search succeeds."""
    pairs = len(set(design.pair.tolist())) > len(set(design.donor.tolist()))
    names = (DONOR, PAIR, CONDITION) if pairs else (DONOR, CONDITION)
    starts = _moments(design, names)
    whole = _search(design, names, starts)
    if whole is not None and all(v > NEAR_ZERO * whole.scale for v in whole.variances.values()):
        return whole
    found = [whole] if whole is not None else []
    for size in range(1, len(names)):
        parts = (_search(design, some, starts) for some in itertools.combinations(names, size))
        found += [part for part in parts if part is not None]
    found.append(_least_squares(design))
    best = max(each.likelihood for each in found)
    good = [each for each in found if each.likelihood > best - SAME_LIKELIHOOD]
    return min(good, key=lambda each: len(each.variances))


def effect_at(model: Any, relative: Floats) -> tuple[float, float]:
    """Effect and its variance where the variances are given, relative to that of tubes.

    The generalised least squares variance, inverse of X' V^-1 X, is that of the block of
    statsmodels' Hessian that belongs to the fixed effects. The `bse_fe` of its results inverts the
    whole Hessian, so that with uneven tubes it is another number than R's.
    """
    from statsmodels.regression.mixed_linear_model import MixedLMParams

    none = np.empty((0, 0))
    fixed, _ = model.get_fe_params(none, relative)
    at = MixedLMParams.from_components(fe_params=fixed, cov_re=none, vcomp=relative)
    hessian, _ = model.hessian(at)
    count = fixed.size
    return float(fixed[1]), float(np.linalg.inv(-hessian[:count, :count])[1, 1])


def _search(design: Design, names: Sequence[str], starts: dict[str, float]) -> Fitted | None:
    """Fit with these components: a search that needs no slopes, then one that ends precisely."""
    model = _model(design, names)
    at = np.array([starts[name] for name in names])
    found = []
    for method in ("nm", "bfgs"):
        # Warnings of a search that fails or ends at zero are answered by `fit_tubes`.
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            try:
                one = _read(
                    model,
                    model.fit(reml=True, start_params=np.sqrt(at), method=method, gtol=GRADIENT),
                    names,
                )
            except (np.linalg.LinAlgError, ValueError):
                continue
        if math.isfinite(one.likelihood) and math.isfinite(one.standard_error):
            found.append(one)
            at = np.array(list(one.variances.values())) / one.scale
    return max(found, key=lambda each: each.likelihood, default=None)


def _read(model: Any, result: Any, names: Sequence[str]) -> Fitted:
    relative = result.vcomp / result.scale
    estimate, variance = effect_at(model, relative)
    return Fitted(
        estimate=estimate,
        standard_error=math.sqrt(variance),
        scale=float(result.scale),
        variances=dict(zip(names, result.vcomp.tolist(), strict=True)),
        likelihood=float(model.loglike(result.params_object)),
        result=result,
    )


def _model(design: Design, names: Sequence[str]) -> Any:
    """Donors are statsmodels' groups; each component has a column per level within the donor."""
    from statsmodels.regression.mixed_linear_model import MixedLM, VCSpec

    levels = {
        DONOR: np.zeros_like(design.donor),
        PAIR: design.pair,
        CONDITION: design.treated,
    }
    columns, matrices = [], []
    for name in names:
        own = [levels[name][design.donor == donor] for donor in range(design.donor.max() + 1)]
        each = [(one[:, None] == np.unique(one)).astype(float) for one in own]
        matrices.append(each)
        columns.append([[str(at) for at in range(one.shape[1])] for one in each])
    spec = VCSpec(list(names), columns, matrices)
    return MixedLM(design.y, design.fixed, design.donor, exog_vc=spec)


def _moments(design: Design, names: Sequence[str]) -> dict[str, float]:
    """Where the search starts: relative variances from the means of pairs, as for even tubes."""
    cells: dict[tuple[int, int, int], list[float]] = {}
    for y, donor, pair, treated in zip(
        design.y.tolist(), design.donor.tolist(), design.pair.tolist(), design.treated.tolist(),
        strict=True,
    ):  # fmt: skip
        cells.setdefault((donor, pair, treated), []).append(y)
    within = math.fsum(float(np.var(v)) * len(v) for v in cells.values())
    tube = within / max(design.y.size - len(cells), 1)
    donors: dict[int, list[tuple[float, float]]] = {}
    for donor, pair in dict.fromkeys((donor, pair) for donor, pair, _ in cells):
        low, high = (float(np.mean(cells[donor, pair, treated])) for treated in (0, 1))
        donors.setdefault(donor, []).append(((low + high) / 2, high - low))
    means = np.array([np.mean(pairs, axis=0) for pairs in donors.values()])
    level, response = means.var(axis=0, ddof=1)
    among = [float(np.var([mid for mid, _ in v], ddof=1)) for v in donors.values() if len(v) > 1]
    share = tube / np.mean([len(v) for v in cells.values()])
    found = {DONOR: level, PAIR: float(np.mean(among)) if among else 0.0, CONDITION: response / 2}
    # Whatever the tubes explain is taken off, but none starts at zero, where slopes vanish.
    return {name: max((found[name] - share) / tube, 0.1) for name in names}


def _least_squares(design: Design) -> Fitted:
    """Without any component tubes are independent: ordinary least squares, the same likelihood."""
    from statsmodels.regression.linear_model import OLS

    result = OLS(design.y, design.fixed).fit()
    df = float(result.df_resid)
    logs = df * (math.log(2 * math.pi * result.scale) + 1.0)
    logs += float(np.linalg.slogdet(design.fixed.T @ design.fixed)[1])
    return Fitted(
        estimate=float(result.params[1]),
        standard_error=float(result.bse[1]),
        scale=float(result.scale),
        variances={},
        likelihood=-0.5 * logs,
        result=result,
    )
