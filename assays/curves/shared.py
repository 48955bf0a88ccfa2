"""One fit of several plates whose curves have parameters in common.

Plates of one assay often differ in their ends but not in their slope. Where they do, a slope that
all plates share is known far better than the slope of any one. Shared parameters are one number for
all plates, the others belong to each plate; the residual SD is one for all. The weights are those
of the plates' own fits, so that both fits answer the same question, and the extra-sum-of-squares
F-test tells what sharing costs:

    F = (RSS_shared - RSS_own) / (df_shared - df_own) / (RSS_own / df_own)

A small p says that the plates do not share. A large one does not prove that they do.

References
----------
Bates & Watts (1988), Nonlinear Regression Analysis, section 3.10: extra sum of squares.
Gottschalk & Dunn (2005), J. Biopharm. Stat. 15, 437: parallelism as a comparison of fits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from assays.curves.fitting import choose, fit_many
from assays.curves.joint import Places, laid_out, root_of, together
from assays.curves.standard_curve import StandardCurve
from assays.errors import CurveFitError

Floats = NDArray[np.float64]

MOST_PLATES = 200
CHANCE = 0.05


@dataclass(frozen=True, slots=True)
class Potency:
    """Relative potency of one sample: standard dose over the sample's for one response."""

    sample: str
    value: float
    interval: tuple[float, float]
    """95 %; (0, inf) where the slope is no slope."""


@dataclass(frozen=True, slots=True, eq=False)
class SharedFit:
    """Plates fitted together."""

    names: tuple[str, ...]
    """Of the plates."""
    curves: tuple[StandardCurve, ...]
    """One per plate, with the shared parameters, the common residual SD and its degrees of
    freedom; loglik and aicc, which belong to a fit of its own, are NaN."""
    own: tuple[StandardCurve, ...]
    """Each plate's own fit."""
    shared: Mapping[str, float]
    """The shared parameters."""
    shared_errors: Mapping[str, float]
    """Their standard errors."""
    rss_shared: float
    rss_own: float
    df_shared: int
    df_own: int
    f_ratio: float
    """NaN without degrees of freedom, or where the own fits leave no rest."""
    p_value: float
    """A small p: sharing fits worse than chance explains."""
    converged: bool
    log_middles: Floats
    """shape (plates, plates), covariance of the plates' log C; NaN where C is no parameter of
    the plates' own."""

    @property
    def apart(self) -> bool:
        """Whether the plates do not share these parameters (p < 0.05)."""
        return bool(self.p_value < CHANCE)

    def potencies(self, reference: str, level: float = 0.95) -> tuple[Potency, ...]:
        """How much stronger each other series is: C of the reference over its own.

        Worth something where all but C is shared, and the series do not stand apart. Intervals
        are Student's on the log ratio.

        Raises
        ------
        CurveFitError
            When the reference is unknown, or C is shared.
        """
        from scipy.special import stdtrit

        if reference not in self.names:
            raise CurveFitError(f"no series is called {reference!r} among {', '.join(self.names)}")
        if "C" not in self.curves[0].params or "C" in self.shared:
            raise CurveFitError("a potency needs a C of each series")
        t = float(stdtrit(self.df_shared, 0.5 + level / 2)) if self.df_shared > 0 else np.nan
        at, found = self.names.index(reference), []
        for i, name in enumerate(self.names):
            if i == at:
                continue
            cov = self.log_middles
            # A middle that no well saw has limits of 0 and inf.
            with np.errstate(all="ignore"):
                first, own = (np.log(self.curves[j].params["C"]) for j in (at, i))
                error = np.sqrt(np.maximum(cov[i, i] + cov[at, at] - 2 * cov[i, at], 0.0))
                ends = np.exp(first - own - t * error), np.exp(first - own + t * error)
                value = float(np.exp(first - own))
            found.append(Potency(name, value, (float(ends[0]), float(ends[1]))))
        return tuple(found)


def fit_shared(
    concentrations: Sequence[ArrayLike],
    responses: Sequence[ArrayLike],
    shared: Sequence[str] = ("B",),
    model: str = "4pl",
    weighting: str = "1/yhat^2",
    names: Sequence[str] = (),
    on: str = "wells",
    floor: float = 0.0,
    direction: str | None = None,
) -> SharedFit:
    """Fit several plates together, some parameters in common.

    Parameters
    ----------
    concentrations, responses : sequence of array_like
        One pair per plate, in one unit.
    shared : sequence of str
        Parameters that all plates have in common: ``("B",)`` for the slope, ``("A", "B", "D")``
        for curves that differ only in their place.
    names : sequence of str
        Of the plates; 1, 2, … when empty.
    model, weighting, on, floor, direction
        As `fit`.

    Raises
    ------
    CurveFitError
        As `fit`, with the plate; with one plate, or more than 200; when a shared parameter is not
        one that the model fits.
    """
    from scipy.special import fdtrc

    labels = tuple(names) if names else tuple(str(i + 1) for i in range(len(concentrations)))
    if not 2 <= len(labels) <= MOST_PLATES or len(labels) != len(concentrations):
        raise CurveFitError(
            f"a shared fit takes 2 to {MOST_PLATES} plates with a name each, "
            f"{len(concentrations)} plates and {len(labels)} names found"
        )
    chosen = choose(model)
    unknown = [name for name in shared if name not in chosen.names]
    if unknown or not shared:
        raise CurveFitError(
            f"{', '.join(unknown) or 'nothing'} cannot be shared between curves of {model}",
            hint=f"Its parameters: {', '.join(chosen.names) or 'none that plates could share'}.",
        )
    try:
        own = fit_many(concentrations, responses, model, weighting, on, floor, direction)
    except CurveFitError as error:
        place = error.where.removeprefix("curve ")
        named = f"plate {labels[int(place)]}" if place.isdigit() else error.where
        raise CurveFitError(error.message, named, error.hint) from None
    layout = laid_out(chosen, own, tuple(shared))
    at, jacobian, rss, settled = together(layout, own)
    df_own = sum(curve.df for curve in own)
    df = sum(curve.n for curve in own) - layout.size
    rss_own = sum(curve.rss for curve in own)
    ratio = p_value = np.nan
    if df_own > 0 and rss_own > 0 and df > df_own:
        ratio = max(rss - rss_own, 0.0) / (df - df_own) / (rss_own / df_own)
        p_value = float(fdtrc(df - df_own, df_own, ratio))
    root = root_of(jacobian, np.sqrt(rss / df) if df > 0 else np.nan)
    fitted = tuple(_curve(layout, one, i, at, root, rss, df, settled) for i, one in enumerate(own))
    return SharedFit(
        labels,
        fitted,
        tuple(own),
        {name: fitted[0].params[name] for name in shared},
        {name: fitted[0].standard_errors[name] for name in shared},
        rss,
        rss_own,
        df,
        df_own,
        float(ratio),
        p_value,
        settled,
        _log_middles(layout, root),
    )


def _log_middles(layout: Places, root: Floats) -> Floats:
    names = layout.model.names
    count = len(layout.place)
    if "C" not in names or (layout.place[:, names.index("C")] < 0).any():
        return np.full((count, count), np.nan)
    rows = root[layout.place[:, names.index("C")]]
    with np.errstate(all="ignore"):
        return np.asarray(rows @ rows.T)


def _curve(
    layout: Places,
    own: StandardCurve,
    plate: int,
    at: Floats,
    root: Floats,
    rss: float,
    df: int,
    settled: bool,
) -> StandardCurve:
    """One plate of the shared fit, as a curve that reads back."""
    vector, place = layout.vector(at, plate), layout.place[plate]
    scale = np.where(layout.logs, vector, 1.0)[:, None]
    logs = layout.model.log_response
    with np.errstate(all="ignore"):
        rows = np.where((place >= 0)[:, None], root[place] * scale, 0.0)
        covariance = rows @ rows.T
        fitted = layout.model.forward(own.x, vector)
        y, fitted = (np.log(own.y), np.log(fitted)) if logs else (own.y, fitted)
        part = float(own.weights @ (y - fitted) ** 2)
        mean = float(own.weights @ y / own.weights.sum())
        total = float(own.weights @ (y - mean) ** 2)
    return replace(
        own,
        params=dict(zip(layout.model.names, vector.tolist(), strict=True)),
        covariance=covariance,
        root=rows,
        rss=part,
        residual_sd=float(np.sqrt(rss / df)) if df > 0 else np.nan,
        df=df,
        r_squared=1 - part / total if total > 0 else np.nan,
        loglik=np.nan,
        aicc=np.nan,
        converged=settled,
    )
