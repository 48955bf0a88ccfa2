"""Where the particles of a control lie in scatter, so that like is held against like.

The region is found around the stained events and then applied to the unstained
ones, in the same tube or another: lymphocytes are held against lymphocytes, beads
against beads, and their autofluorescence is the same. It is an ellipse on the
logarithm of both scatters, centred on the median, from a covariance that leaves
out the outer quarter of the events until it no longer moves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

INNER = 0.75
"""Share of the events that the covariance is taken from."""
_INNER_RADIUS = -2 * np.log(1 - INNER)
"""Squared distance within which that share of a two-dimensional normal cloud lies."""
_SHRUNK = 1 - (1 - INNER) * (_INNER_RADIUS / 2) / INNER
"""What the covariance of that inner share is, of the whole cloud's: the truncated chi-square."""
REACH = -2 * np.log(0.05)
"""Squared distance that holds 95 % of a normal cloud."""
ROUNDS = 20


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """An ellipse on logarithmic scatter."""

    centre: Floats
    """shape (2,)."""
    inverse: Floats
    """shape (2, 2), inverse of the covariance."""

    def holds(self, scatter: Floats) -> Mask:
        """Whether events lie within; shape (n,) from scatter of shape (n, 2)."""
        inside: Mask = self._distance(scatter) <= REACH
        return inside

    def _distance(self, scatter: Floats) -> Floats:
        apart = np.log(np.maximum(scatter, 1e-9)) - self.centre
        distance: Floats = np.einsum("ij,jk,ik->i", apart, self.inverse, apart)
        return distance


def region_of(scatter: Floats) -> Region | None:
    """The region of most events; None when they have no spread.

    Parameters
    ----------
    scatter : ndarray, shape (n, 2)
        Forward and side scatter above zero, linear values.
    """
    places = np.log(np.maximum(scatter, 1e-9))
    centre = np.median(places, axis=0)
    spread = np.median(np.abs(places - centre), axis=0)
    if len(places) < 10 or not (spread > 0).all():
        return None
    region = Region(centre, np.diag(1 / (1.4826 * spread) ** 2))
    for _ in range(ROUNDS):
        distance = region._distance(scatter)
        inner = places[distance <= np.quantile(distance, INNER)]
        covariance = np.cov(inner.T) / _SHRUNK
        if not np.linalg.cond(covariance) < 1e10:
            return region
        found = Region(inner.mean(axis=0), np.linalg.inv(covariance))
        settled = np.allclose(found.centre, region.centre, atol=1e-6)
        region = found
        if settled:
            break
    return region


def off_scale(values: Floats, tops: Sequence[float]) -> Mask:
    """Events at the last value of any detector, shape (n,).

    A value counts as the last one when it is within a hundredth of the declared top and
    several events share it exactly.
    """
    out = np.zeros(len(values), dtype=np.bool_)
    for column, top in zip(values.T, tops, strict=True):
        if not len(column) or not np.isfinite(top):
            continue
        highest = column.max()
        at_top = column == highest
        if highest >= 0.99 * top and np.count_nonzero(at_top) >= max(2, 1e-4 * len(column)):
            out |= at_top
    return out
