"""Event densities as colours: white where there is nothing, viridis where there is something."""

from __future__ import annotations

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


def colours(counts: NDArray[Any]) -> NDArray[np.uint8]:
    """Picture of an (x bins, y bins) histogram: shape (y bins, x bins, 3), origin below left."""
    from matplotlib import colormaps

    part = np.round(shares(counts).T * STEPS) / STEPS
    table = np.array(colormaps["viridis"](np.linspace(0, 1, 256)), dtype=np.float64)[:, :3]
    rgb = table[np.round(part * 255).astype(np.intp)]
    # The faintest bins fade into the paper: a single event is no dark block.
    fade = np.clip(part / 0.25, 0.0, 1.0)[..., None]
    return np.asarray(np.round(255 * (fade * rgb + (1 - fade))), dtype=np.uint8)


def resampled(image: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    """An image at another size: the mean of what falls into a pixel, or linear in between."""
    up = _weights(image.shape[0], height)
    across = _weights(image.shape[1], width)
    made = np.einsum("hi,ijc,wj->hwc", up, image.astype(np.float64), across, optimize=True)
    return np.asarray(np.clip(np.round(made), 0, 255), dtype=np.uint8)


def _weights(old: int, new: int) -> Floats:
    """shape (new, old): share of each old pixel in each new one; rows add up to 1."""
    centres = (np.arange(new) + 0.5) * old / new - 0.5
    reach = max(1.0, old / new)
    weights = np.clip(1 - np.abs(centres[:, None] - np.arange(old)[None, :]) / reach, 0, None)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))
