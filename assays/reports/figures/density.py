"""Event densities as colours: white where there is nothing, viridis where there is something."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

TOP_SHARE = 0.995
"""Share of the filled bins below full colour: piles at the edges must not hide the rest."""
STEPS = 40
"""Shades of a picture; more are not seen, and weigh."""
MOST_PIXELS = 96
"""Along each side of a density inside a vector figure."""
_KERNEL = (0.25, 0.5, 0.25)


def smoothed(counts: NDArray[Any]) -> Floats:
    """Counts after one pass of a (1, 2, 1) filter along every axis; the total stays.

    Bins at the edge take back what would leave the picture.
    """
    out = np.asarray(counts, dtype=np.float64)
    for axis in range(out.ndim):
        if out.shape[axis] < 2:
            continue
        rolled = np.moveaxis(out, axis, 0)
        padded = np.concatenate([rolled[:1], rolled, rolled[-1:]])
        side, middle, _ = _KERNEL
        filtered = side * padded[:-2] + middle * padded[1:-1] + side * padded[2:]
        out = np.moveaxis(filtered, 0, axis)
    return out


def shares(counts: NDArray[Any]) -> Floats:
    """Density between 0 and 1, by the square root, so that sparse populations stay visible."""
    dense = smoothed(counts)
    filled = dense[dense > 0]
    if not filled.size:
        return dense
    top = float(np.quantile(filled, TOP_SHARE))
    return np.sqrt(np.clip(dense / top, 0.0, 1.0))


def colours(part: Floats) -> NDArray[np.uint8]:
    """Colours of shares between 0 and 1: one more axis, of red, green and blue."""
    return _table()[np.round(part * STEPS).astype(np.intp)]


def palette() -> tuple[str, ...]:
    """Every colour of a density, as hex."""
    return tuple(f"#{red:02x}{green:02x}{blue:02x}" for red, green, blue in _table())


@cache
def _table() -> NDArray[np.uint8]:
    """shape (STEPS + 1, 3): viridis, and the faintest shades fade into the paper.

    A single event is no dark block.
    """
    from matplotlib import colormaps

    part = np.linspace(0, 1, STEPS + 1)
    rgb = np.array(colormaps["viridis"](part), dtype=np.float64)[:, :3]
    fade = np.clip(part / 0.25, 0.0, 1.0)[:, None]
    return np.asarray(np.round(255 * (fade * rgb + (1 - fade))), dtype=np.uint8)


def upright(counts: NDArray[Any], height: int, width: int) -> Floats:
    """Shares of an (x bins, y bins) histogram as an image: shape (height, width), top row first.

    Each pixel is the mean of the bins that fall into it, or linear between bins.
    """
    part = _resized(shares(counts).T[::-1], height)
    return _resized(part.T, width).T


def _resized(part: Floats, new: int) -> Floats:
    """Rows at another number: linear between rows, or the mean of those that fall together.

    Without a matrix product on purpose: on these small arrays its threads cost more than the sum.
    """
    old = len(part)
    centres = (np.arange(new) + 0.5) * old / new - 0.5
    if new >= old:
        low = np.clip(np.floor(centres).astype(np.intp), 0, old - 1)
        high = np.minimum(low + 1, old - 1)
        share = np.clip(centres - low, 0.0, 1.0)[:, None]
        return np.asarray(part[low] * (1 - share) + part[high] * share)
    weights = np.clip(1 - np.abs(centres[:, None] - np.arange(old)) * new / old, 0, None)
    made = np.einsum("ij,jk->ik", weights / weights.sum(axis=1, keepdims=True), part)
    return np.asarray(np.clip(made, 0.0, 1.0))
