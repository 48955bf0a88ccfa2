"""Which events lie in a polygon, edge by edge: exactly, whatever the coordinates.

A ray to the right crosses edges an odd number of times from inside (even-odd). On which
side of an edge an event lies is the sign of one cross product. Its rounding error has a
bound (Shewchuk 1997); the few events that it leaves in doubt, those on a slanted edge
among them, are settled without rounding: with the product's lost half beside it (Dekker
1971), and where that does not do with fractions.

References
----------
Dekker (1971), Numerische Mathematik 18:224.
Shewchuk (1997), Discrete & Computational Geometry 18:305, section 4.3.
"""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

ROUNDING = 4.0 * 2.0**-53
"""Of the two products' sizes: what their difference may be off; Shewchuk's 3 and a little."""
SMALLEST = 1e-290
"""Below which a product may have lost digits: then nothing is sure."""
USUAL = 400
"""Powers of two, up and down, within which coordinates and their products are safe."""
SURE = (1e-250, 1e280)
"""Between which what a product's rounding lost is itself a number without rounding."""


def by_edges(vertices: Floats, x: Floats, y: Floats) -> Mask:
    """Which events lie inside or exactly on an edge.

    Parameters
    ----------
    vertices : ndarray, shape (k, 2)
        Finite.
    x, y : ndarray, shape (n,)
        Finite.
    """
    power = math.frexp(float(np.abs(vertices).max(initial=0.0)))[1]
    if abs(power) > USUAL:
        # Products would leave what a number holds. Powers of two round nothing, except
        # what becomes too small for them; such events are taken as they are.
        turned = [np.ldexp(part, -power) for part in (x, y)]
        same = (np.ldexp(turned[0], power) == x) & (np.ldexp(turned[1], power) == y)
        corners = np.ldexp(vertices, -power)
        if (np.ldexp(corners, power) == vertices).all():
            found = np.zeros(len(x), dtype=bool)
            found[same] = _odd_or_on(corners, turned[0][same], turned[1][same])
            found[~same] = _odd_or_on(vertices, x[~same], y[~same])
            return found
    return _odd_or_on(vertices, x, y)


def _odd_or_on(vertices: Floats, x: Floats, y: Floats) -> Mask:
    odd = np.zeros(len(x), dtype=bool)
    on_edge = np.zeros(len(x), dtype=bool)
    for (x0, y0), (x1, y1) in zip(vertices, np.roll(vertices, -1, axis=0), strict=True):
        within = (min(y0, y1) <= y) & (y <= max(y0, y1))
        if y0 == y1:
            on_edge |= within & (min(x0, x1) <= x) & (x <= max(x0, x1))
            continue
        side = _side(x0, y0, x1, y1, x, y, within)
        # Half-open in y: a ray through a vertex counts one of its two edges.
        if y0 < y1:
            odd ^= within & (y < y1) & (side > 0)
        else:
            odd ^= within & (y < y0) & (side < 0)
        # On the line, and between its ends: on the edge.
        on_edge |= within & (side == 0)
    return odd | on_edge


def _side(x0: float, y0: float, x1: float, y1: float, x: Floats, y: Floats, within: Mask) -> Floats:
    """A number with the sign of the side of an edge, right where `within`; 0 on its line."""
    if x0 == x1:
        # -1, 0 or 1 with the sign of x0 - x, which itself might be too large for a number.
        left = (x < x0).astype(np.float64) - (x > x0)
        return left if y1 > y0 else -left
    with np.errstate(over="ignore", invalid="ignore"):
        along = (x1 - x0) * (y - y0)
        across = (x - x0) * (y1 - y0)
        side = along - across
        sure = abs(side) > ROUNDING * (abs(along) + abs(across)) + SMALLEST
    doubt = np.flatnonzero(within & ~sure)
    if len(doubt):
        side[doubt] = _settled(x0, y0, x1, y1, x[doubt], y[doubt])
    return np.asarray(side)


def _settled(x0: float, y0: float, x1: float, y1: float, x: Floats, y: Floats) -> Floats:
    """-1, 0 or 1: the side, without rounding."""
    with np.errstate(over="ignore", invalid="ignore"):
        (right, rounded_r), (up, rounded_u) = _difference(x1, x0), _difference(y, y0)
        (over, rounded_o), (high, rounded_h) = _difference(x, x0), _difference(y1, y0)
        (one, rest_one), (two, rest_two) = _product(right, up), _product(over, high)
        # Both products are whole: their heads differ by nothing, or by more than the rests.
        head, rest = one - two, rest_one - rest_two
        known = (rounded_r == 0) & (rounded_u == 0) & (rounded_o == 0) & (rounded_h == 0)
        known &= (SURE[0] < abs(one)) & (abs(one) < SURE[1]) & (abs(two) < SURE[1])
        known &= np.isfinite(rest)
        known &= (head == 0) | (abs(head) > 2 * (abs(rest_one) + abs(rest_two)))
        side = np.where(head == 0, np.sign(rest), np.sign(head))
    left = np.flatnonzero(~known)
    side[left] = [
        _by_fractions(x0, y0, x1, y1, *at)
        for at in zip(x[left].tolist(), y[left].tolist(), strict=True)
    ]
    return side


def _difference(a: Floats | float, b: Floats | float) -> tuple[Floats, Floats]:
    """A difference and what its rounding lost (Knuth)."""
    found = np.asarray(a) - np.asarray(b)
    back = np.asarray(a) - found
    return found, (np.asarray(a) - (found + back)) + (back - np.asarray(b))


def _product(a: Floats, b: Floats) -> tuple[Floats, Floats]:
    """A product and what its rounding lost (Dekker)."""
    found = a * b
    (a_high, a_low), (b_high, b_low) = _halves(a), _halves(b)
    lost = ((a_high * b_high - found) + a_high * b_low + a_low * b_high) + a_low * b_low
    return found, lost


def _halves(a: Floats) -> tuple[Floats, Floats]:
    wide = 134_217_729.0 * a
    high = wide - (wide - a)
    return high, a - high


def _by_fractions(x0: float, y0: float, x1: float, y1: float, x: float, y: float) -> float:
    left, low, right, high, over, up = map(Fraction, (x0, y0, x1, y1, x, y))
    side = (right - left) * (up - low) - (over - left) * (high - low)
    return float((side > 0) - (side < 0))
