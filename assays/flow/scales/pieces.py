"""Positions of millions of values: the undone curve, kept as short polynomials.

Newton's method costs several exponentials per value. Here it is asked once per scale,
at the nodes of polynomials of fifth degree. The pieces grow with the distance from
zero, 64 to every doubling of ``size + shift``: their index stands in the leading bits
of the number itself. The shift is of the size at which the curve leaves its straight
line. Each piece is held against the curve between its nodes when the table is made,
and pieces are halved until they agree to the last bits; values above the table, and
scales of so many decades that no table would serve, are solved one by one.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from assays.flow.scales.contract import Floats
from assays.flow.scales.mirror import Curve, distance

DEGREE = 5
HALVINGS = range(6, 12)
"""Powers of two: pieces to every doubling, tried in turn."""
AGREED = 4e-15
"""Of the whole axis: what a piece may be off between its nodes."""
WIDEST = 2.0**52
"""Of top over shift: a scale of more decades is solved value by value."""
SIZES = (1e-40, 1e40)
"""Between which the fifth power of a size is a number still."""
OVER = 0.25
"""Share of the axis that the table reaches beyond its ends."""
BLOCK = 8192
"""Values that are worked on at once: they and their intermediates stay in the cache."""


@dataclass(frozen=True, slots=True, eq=False)
class Pieces:
    """Distance from the position of zero, over the size of a value."""

    solve: Callable[[Floats], Floats]
    """The distance by Newton's method."""
    shift: float
    """Added to the size before its leading bits are read."""
    top: float
    """Largest size in the table."""
    bits: int
    """Trailing bits that do not belong to the index."""
    first: int
    """Leading bits of the first piece."""
    middles: Floats
    """shape (pieces,), of ``size + shift``; empty: every value is solved."""
    coefficients: Floats
    """shape (6, pieces), lowest power first."""

    def place(self, x: ArrayLike, zero: float) -> Floats:
        """Positions of values of either sign: the curve is odd about `zero`.

        NaN stays NaN, infinities go to the ends, both zeros to `zero`.
        """
        values = np.asarray(x)
        if values.dtype not in (np.float64, np.float32):
            values = values.astype(np.float64)
        flat = values.reshape(-1)
        if not len(self.middles):
            size = self._far(np.abs(flat.astype(np.float64)))
            return np.asarray(zero + np.copysign(np.where(flat == 0, 0.0, size), flat)).reshape(
                values.shape
            )
        places = np.empty(flat.shape)
        work = _Work.of(min(BLOCK, len(flat)))
        # Beyond the table a polynomial may overflow; such values are solved afterwards.
        with np.errstate(over="ignore", invalid="ignore"):
            for start in range(0, len(flat), BLOCK):
                self._block(flat[start : start + BLOCK], places[start : start + BLOCK], work)
                places[start : start + BLOCK] += zero
        return places.reshape(values.shape)

    def _block(self, values: NDArray[np.floating], out: Floats, work: _Work) -> None:
        n = len(values)
        size, part, index, known = work.size[:n], work.part[:n], work.index[:n], work.known[:n]
        np.abs(values, out=size)
        highest = float(size.max())
        size += self.shift
        np.right_shift(size.view(np.int64), self.bits, out=index)
        index -= self.first
        # Clipped: what lies beyond the table, NaN among it, takes any piece here.
        self.middles.take(index, out=part, mode="clip")
        size -= part
        self.coefficients[-1].take(index, out=out, mode="clip")
        for row in self.coefficients[-2::-1]:
            out *= size
            row.take(index, out=part, mode="clip")
            out += part
        np.not_equal(values, 0.0, out=known)
        out *= known
        if not highest <= self.top:
            far = np.flatnonzero(~(abs(values) <= self.top))
            out[far] = self._far(np.abs(values[far].astype(np.float64)))
        np.copysign(out, values, out=out)

    def _far(self, size: Floats) -> Floats:
        """Above the table; infinity and NaN stay what they are."""
        finite = np.isfinite(size)
        return np.where(finite, self.solve(np.where(finite, size, 0.0)), size)


@dataclass(frozen=True, slots=True, eq=False)
class _Work:
    """Room for one block."""

    size: Floats
    part: Floats
    index: NDArray[np.int64]
    known: NDArray[np.bool_]

    @classmethod
    def of(cls, n: int) -> _Work:
        return cls(np.empty(n), np.empty(n), np.empty(n, np.int64), np.empty(n, np.bool_))


def pieces_of(
    curve: Curve, reach: float, beyond: Callable[[Floats], Floats], bend: float
) -> Pieces:
    """Table of a curve.

    Parameters
    ----------
    curve : callable
        Value, slope and bend over the distance (see `mirror`).
    reach : float
        Distance to the end of the axis that is further from zero.
    beyond : callable
        First guess for values above `reach`; at or above the true distance.
    bend : float
        Size of the value at which the curve leaves its straight line: the nearest
        place, in the complex plane, where its slope vanishes.
    """

    def solve(size: Floats) -> Floats:
        return distance(size, curve, reach, beyond)

    # A power of two: the first piece begins at it.
    shift = 2.0 ** round(math.log2(bend))
    with np.errstate(over="ignore", invalid="ignore"):
        top = float(curve(np.array([reach + OVER]))[0][0])
        if not top < 1e300:
            top = float(curve(np.array([reach]))[0][0])
    if SIZES[0] < shift < top < SIZES[1] and top / shift < WIDEST:
        for power in HALVINGS:
            made, off = _made(solve, shift, top, power)
            if off <= AGREED:
                return made
    return Pieces(solve, shift, top, 0, 0, np.empty(0), np.empty((DEGREE + 1, 0)))


def _made(
    solve: Callable[[Floats], Floats], shift: float, top: float, power: int
) -> tuple[Pieces, float]:
    """The table, and the most that it is off between its nodes."""
    bits = 52 - power
    first, last = (int(np.float64(end).view(np.int64)) >> bits for end in (shift, top + shift))
    edges = (np.arange(first, last + 2, dtype=np.int64) << bits).view(np.float64)
    middles, half = (edges[1:] + edges[:-1]) / 2, (edges[1:] - edges[:-1]) / 2
    # Chebyshev's nodes, and between them the points at which the piece is checked.
    angles = math.pi * np.arange(1, 2 * DEGREE + 3) / (2 * (DEGREE + 1))
    nodes, between = np.cos(angles[::2]), np.cos(angles[1:-1:2])
    known = solve(_sizes(middles, half, nodes, shift))
    powers = np.vander(nodes, DEGREE + 1, increasing=True)
    scaled = np.linalg.solve(powers, known.T)
    there = solve(_sizes(middles, half, between, shift))
    off = np.vander(between, DEGREE + 1, increasing=True) @ scaled - there.T
    coefficients = scaled / half ** np.arange(DEGREE + 1)[:, None]
    made = Pieces(solve, shift, top, bits, first, middles, np.ascontiguousarray(coefficients))
    return made, float(abs(off).max())


def _sizes(middles: Floats, half: Floats, at: Floats, shift: float) -> Floats:
    return np.maximum(middles[:, None] + half[:, None] * at - shift, 0.0)
