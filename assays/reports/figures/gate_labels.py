"""Where the words of a gate stand: beside its outline, where they hide the fewest events."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

Box = tuple[float, float, float, float]
"""Left, bottom, right, top, as shares of the axes."""

GAP = 0.02
CROSSING = 0.6
"""What it costs to stand on the outline itself."""
ELSEWHERE = 0.8
"""What it costs to stand wholly within another gate."""
STEPS = 9
"""Places across and up that are tried inside a gate."""
BESIDE = 9
"""Places next to an outline, the first of all that are tried."""
OUTSIDE_BONUS = 0.15
"""A label inside its gate must hide this much less density than one beside it."""


def find_place(
    lines: Sequence[Floats],
    size: tuple[float, float],
    density: Floats,
    taken: list[Box],
    others: Sequence[Box] = (),
) -> Box:
    """A box of `size` near the outlines of a gate.

    Parameters
    ----------
    lines : sequence of ndarray, shape (k, 2)
        Outlines, as shares of the axes; without any the whole axes are the gate.
    size : tuple of float
        Width and height of the words, as shares of the axes.
    density : ndarray, shape (x bins, y bins)
        Between 0 and 1.
    taken : list of Box
        Where other words stand already.
    others : sequence of Box
        What other gates span: words there would be taken for theirs.
    """
    drawn = np.vstack([_dense(line) for line in lines]) if lines else np.empty((0, 2))
    low = drawn.min(axis=0) if len(drawn) else np.zeros(2)
    high = drawn.max(axis=0) if len(drawn) else np.ones(2)
    best, least = (GAP, GAP, GAP + size[0], GAP + size[1]), np.inf
    for box, cost in _candidates(low, high, size):
        inside = (drawn > box[:2]) & (drawn < box[2:])
        cost += CROSSING if bool(inside.all(axis=1).any()) else 0.0
        cost += _under(density, box) + _crowded(box, taken, others)
        if cost < least:
            best, least = box, cost
    return best


def place_within(
    lines: Sequence[Floats],
    size: tuple[float, float],
    density: Floats,
    taken: Sequence[Box],
    others: Sequence[Box] = (),
) -> Box | None:
    """A box of `size` wholly inside a gate; None where it has no room for it.

    Where gates share a picture, words outside their own gate would be read as a neighbour's.
    Arguments are those of `find_place`.
    """
    best, least = None, np.inf
    for line in lines:
        if len(line) < 3:
            continue
        low = np.maximum(line.min(axis=0), 0.0) + GAP
        high = np.minimum(line.max(axis=0), 1.0) - GAP - np.array(size)
        if (high < low).any():
            continue
        # Away from the middle of the picture, where gates meet.
        corner = np.where((low + high + np.array(size)) / 2 > 0.5, high, low)
        for left in np.linspace(low[0], high[0], STEPS):
            for bottom in np.linspace(low[1], high[1], STEPS):
                box = (float(left), float(bottom), float(left + size[0]), float(bottom + size[1]))
                if not _inside(line, box):
                    continue
                far = float(np.abs(corner - (left, bottom)).sum())
                cost = 0.2 * far + _under(density, box) + _crowded(box, taken, others)
                if cost < least:
                    best, least = box, cost
    return best


def place_beside(
    lines: Sequence[Floats],
    size: tuple[float, float],
    density: Floats,
    taken: Sequence[Box],
    others: Sequence[Box] = (),
) -> Box | None:
    """A box of `size` next to a gate's outline, clear of all other gates and words; else None."""
    if not lines:
        return None
    drawn = np.vstack(lines)
    best, least = None, np.inf
    for box, cost in _candidates(drawn.min(axis=0), drawn.max(axis=0), size)[:BESIDE]:
        clear = not any(_overlap(box, other) > 0 for other in (*taken, *others))
        crossing = any(_overlap(box, _bounds(line)) > 0 for line in lines)
        if clear and not crossing and cost + _under(density, box) < least:
            best, least = box, cost + _under(density, box)
    return best


def _crowded(box: Box, taken: Sequence[Box], others: Sequence[Box]) -> float:
    """Cost of lying over words that stand already and over what other gates span."""
    return 4.0 * sum(_overlap(box, other) for other in taken) + ELSEWHERE * sum(
        _overlap(box, other) for other in others
    )


def _bounds(line: Floats) -> Box:
    (left, bottom), (right, top) = line.min(axis=0), line.max(axis=0)
    return float(left), float(bottom), float(right), float(top)


def _inside(line: Floats, box: Box) -> bool:
    """Whether points spread over a box all lie in a polygon (even-odd)."""
    x, y = np.meshgrid(np.linspace(box[0], box[2], 7), np.linspace(box[1], box[3], 5))
    points = np.column_stack([x.ravel(), y.ravel()])
    first, second = line, np.roll(line, -1, axis=0)
    between = (first[:, 1] > points[:, None, 1]) != (second[:, 1] > points[:, None, 1])
    rise = np.where(second[:, 1] == first[:, 1], 1.0, second[:, 1] - first[:, 1])
    share = (points[:, None, 1] - first[:, 1]) / rise
    left_of = points[:, None, 0] < first[:, 0] + share * (second[:, 0] - first[:, 0])
    return bool(((between & left_of).sum(axis=1) % 2 == 1).all())


def _dense(line: Floats) -> Floats:
    """Points along an outline, closer than any label is wide."""
    if len(line) < 2:
        return line
    steps = np.linspace(0, 1, 24, endpoint=False)[:, None, None]
    return np.asarray((line[:-1] + steps * (line[1:] - line[:-1])).reshape(-1, 2))


def _candidates(low: Floats, high: Floats, size: tuple[float, float]) -> list[tuple[Box, float]]:
    wide, tall = size
    middle = (low + high) / 2
    spots = [
        (middle[0] - wide / 2, high[1] + GAP, 0.0),
        (middle[0] - wide / 2, low[1] - GAP - tall, 0.0),
        (high[0] + GAP, middle[1] - tall / 2, 0.0),
        (low[0] - GAP - wide, middle[1] - tall / 2, 0.0),
        (high[0] + GAP, high[1] - tall, 0.01),
        (low[0] - GAP - wide, high[1] - tall, 0.01),
        (low[0], high[1] + GAP, 0.01),
        (high[0] - wide, high[1] + GAP, 0.01),
        (low[0], low[1] - GAP - tall, 0.01),
        (low[0] + GAP, high[1] - GAP - tall, OUTSIDE_BONUS),
        (high[0] - GAP - wide, high[1] - GAP - tall, OUTSIDE_BONUS),
        (low[0] + GAP, low[1] + GAP, OUTSIDE_BONUS),
        (high[0] - GAP - wide, low[1] + GAP, OUTSIDE_BONUS),
    ]
    # The corners of the picture, for gates that fill most of it.
    spots += [(x, y, 0.1) for x in (GAP, 1 - GAP - wide) for y in (GAP, 1 - GAP - tall)]
    found = []
    for left, bottom, cost in spots:
        inside_left = min(max(left, GAP), max(1 - GAP - wide, GAP))
        inside_bottom = min(max(bottom, GAP), max(1 - GAP - tall, GAP))
        moved = abs(inside_left - left) + abs(inside_bottom - bottom)
        box = (inside_left, inside_bottom, inside_left + wide, inside_bottom + tall)
        found.append((box, cost + 1.5 * moved))
    return found


def _under(density: Floats, box: Box) -> float:
    across, up = density.shape
    left, bottom = int(box[0] * across), int(box[1] * up)
    part = density[left : max(int(box[2] * across), left + 1), bottom : int(box[3] * up) + 1]
    return float(part.mean()) if part.size else 0.0


def _overlap(one: Box, other: Box) -> float:
    """Share of the first box that lies in the second."""
    wide = min(one[2], other[2]) - max(one[0], other[0])
    tall = min(one[3], other[3]) - max(one[1], other[1])
    area = (one[2] - one[0]) * (one[3] - one[1])
    return max(wide, 0.0) * max(tall, 0.0) / area if area > 0 else 0.0
