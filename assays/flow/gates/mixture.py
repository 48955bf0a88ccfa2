"""Events of one cloud on two channels, found by a mixture of normal clouds.

The density on the two scales is described as `k` normal clouds and an even
background (expectation-maximisation, Dempster 1977), from several starts of
which the likeliest is kept. The cloud nearest to `target` is taken, within the
ellipse that holds the share `quantile` of a normal cloud. When no cloud lies
within three standard deviations of the target, or it holds too few events, there
is no gate. The score is the mean certainty with which the events inside belong
to the cloud.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from functools import partial

import numpy as np

from assays.flow.gates.automatic import SHARED, Found, NoGate, Pool, Search
from assays.flow.gates.contract import GateMethod, Params
from assays.flow.gates.density import FEWEST
from assays.flow.gates.found import in_original_units, told
from assays.flow.gates.shapes import Ellipse, Floats

MOST = 10_000
"""Events that the clouds are fitted to, evenly spaced over the pool."""
STARTS = 8
SHORT, LONG = 15, 300
"""Steps of every start, and of the likeliest one."""
FAR = 3.0
"""Standard deviations from target to cloud beyond which it is not the one meant."""
SMALL = 0.01
"""Share of the events that the cloud must hold."""


@dataclass(frozen=True, slots=True, eq=False)
class Clouds:
    """A fitted mixture; the last weight is the background's."""

    weights: Floats
    """shape (k + 1,)."""
    means: Floats
    """shape (k, 2)."""
    covariances: Floats
    """shape (k, 2, 2)."""
    likelihood: float


def prepare(params: Params) -> partial[Found | NoGate]:
    """Check the target, the number of clouds and the quantile."""
    count = params.between("k", 1, 12, 2)
    if count != int(count):
        raise params.error(f"'k' must be a whole number, found {count:g}")
    return partial(
        find,
        target=params.numbers("target", 2),
        count=int(count),
        quantile=params.between("quantile", 0.1, 0.999, 0.95),
        seed=int(params.between("seed", 0, 2**31, 0)),
    )


def find(
    pool: Pool, *, target: tuple[float, ...], count: int, quantile: float, seed: int
) -> Found | NoGate:
    """Fit the clouds and take the one at the target."""
    places = pool.placed()
    places = places[np.isfinite(places).all(axis=1)]
    if len(places) < FEWEST * count:
        return NoGate(f"{len(places):,} events are too few for {count} clouds")
    middle, size = np.median(places, axis=0), places.std(axis=0)
    if not (size > 1e-9 * (1 + abs(middle))).all():
        return NoGate("all events are alike on one of the channels")
    thin = places[np.arange(min(MOST, len(places))) * len(places) // min(MOST, len(places))]
    clouds = fit((thin - middle) / size, count, seed)
    if clouds is None:
        return NoGate(f"{count} clouds cannot be told apart")
    aim = np.array([float(s.forward(x)) for s, x in zip(pool.scales, target, strict=True)])
    aim = (aim - middle) / size
    away = [
        _distance(aim[None], m, c)[0] for m, c in zip(clouds.means, clouds.covariances, strict=True)
    ]
    nearest = int(np.argmin(away))
    share = float(clouds.weights[nearest])
    if away[nearest] > FAR**2 or share < SMALL:
        return NoGate(
            f"the nearest of {count} clouds lies {math.sqrt(away[nearest]):.1f} SD from the target "
            f"and holds {100 * share:.1f} % of events"
        )
    # Share of a normal cloud within a Mahalanobis distance, two dimensions: 1 - exp(-d²/2).
    reach = -2 * math.log1p(-quantile)
    inside = _distance((thin - middle) / size, clouds.means[nearest],
                       clouds.covariances[nearest]) <= reach  # fmt: skip
    certain = responsibilities((thin - middle) / size, clouds)[0][inside, nearest]
    score = float(certain.mean()) if len(certain) else 0.0
    shape = Ellipse(
        middle + size * clouds.means[nearest],
        clouds.covariances[nearest] * np.outer(size, size),
        reach,
    )
    at = [float(s.inverse(x)) for s, x in zip(pool.scales, shape.center, strict=True)]
    reasons = (
        f"cloud at ({told(at[0])}, {told(at[1])}) of {count}, {math.sqrt(away[nearest]):.1f} SD "
        f"from the target, {100 * share:.1f} % of events; they belong to it with "
        f"{100 * score:.0f} % certainty",
    )
    return Found(in_original_units(shape, pool.scales), score, reasons)


def fit(places: Floats, count: int, seed: int) -> Clouds | None:
    """The likeliest of several starts; None when every one collapses."""
    rng = np.random.default_rng(
        np.frombuffer(hashlib.sha256(f"mixture {seed}".encode()).digest(), dtype=np.uint32)
    )
    tried = [_climb(_start(places, count, rng), places, SHORT) for _ in range(STARTS)]
    whole = [one for one in tried if one is not None]
    if not whole:
        return None
    return _climb(max(whole, key=lambda one: one.likelihood), places, LONG)


def _spread_out(places: Floats, count: int, rng: np.random.Generator) -> Floats:
    """First centres, far from one another (k-means++, Arthur & Vassilvitskii 2007)."""
    centers = [places[rng.integers(len(places))]]
    while len(centers) < count:
        nearest = np.min([((places - center) ** 2).sum(axis=1) for center in centers], axis=0)
        centers.append(places[rng.choice(len(places), p=nearest / nearest.sum())])
    return np.array(centers)


def _start(places: Floats, count: int, rng: np.random.Generator) -> Clouds:
    weights = np.append(np.full(count, 0.98 / count), 0.02)
    covariance = np.cov(places.T) / count + 1e-6 * np.eye(2)
    means = _spread_out(places, count, rng)
    return Clouds(weights, means, np.array([covariance] * count), -math.inf)


def _climb(clouds: Clouds, places: Floats, steps: int) -> Clouds | None:
    """Expectation and maximisation in turn, until the likelihood rests."""
    count = len(clouds.means)
    for _ in range(steps):
        share, likelihood = responsibilities(places, clouds)
        weights = share.mean(axis=0)
        if weights[:-1].min() * len(places) < 10:
            return None
        means = (share[:, :-1].T @ places) / (weights[:-1, None] * len(places))
        covariances = np.empty((count, 2, 2))
        for index in range(count):
            away = places - means[index]
            covariances[index] = (share[:, index, None] * away).T @ away
            covariances[index] /= weights[index] * len(places)
            # A cloud may not shrink onto a line of equal values.
            covariances[index] += 1e-6 * np.eye(2)
        risen = likelihood - clouds.likelihood
        clouds = Clouds(weights, means, covariances, likelihood)
        if risen < 1e-6 * len(places):
            break
    return clouds


def responsibilities(places: Floats, clouds: Clouds) -> tuple[Floats, float]:
    """Share of each cloud, and of the background, in each event; the log likelihood."""
    span = np.ptp(places, axis=0)
    logs = [
        math.log(max(weight, 1e-300))
        - 0.5 * _distance(places, mean, covariance)
        - math.log(2 * math.pi)
        - 0.5 * math.log(np.linalg.det(covariance))
        for weight, mean, covariance in zip(
            clouds.weights[:-1], clouds.means, clouds.covariances, strict=True
        )
    ]
    even = math.log(max(clouds.weights[-1], 1e-300)) - math.log(float(span.prod()) or 1.0)
    stack = np.stack([*logs, np.full(len(places), even)], axis=1)
    top = stack.max(axis=1, keepdims=True)
    total = top[:, 0] + np.log(np.exp(stack - top).sum(axis=1))
    return np.exp(stack - total[:, None]), float(total.sum())


def _distance(places: Floats, mean: Floats, covariance: Floats) -> Floats:
    """Squared Mahalanobis distance on two channels."""
    inverse = np.linalg.inv(covariance)
    x, y = (places - mean).T
    return np.asarray(inverse[0, 0] * x * x + 2 * inverse[0, 1] * x * y + inverse[1, 1] * y * y)


GATE = GateMethod(
    name="mixture",
    summary="Events of the cloud nearest to a target, among several normal clouds.",
    dimensions=(2, 2),
    params={
        "target": "[x, y] where the cloud should be, original units",
        "k": "number of clouds, 1 to 12; 2 when left out",
        "quantile": "share of the cloud inside the gate, 0.1 to 0.999; 0.95 when left out",
        "seed": "number that the starts are drawn with; 0 when left out",
        **SHARED,
    },
    search=Search("lineage", "donor", prepare),
)
