"""The arithmetic of compensation: events times the inverse of the spillover matrix.

Events go through in blocks that stay in the processor's cache. Each block is small
enough that the linear-algebra library does not start threads of its own for it; of very
many events two blocks are worked on at once. Which events make a block depends on neither,
so that the numbers do not depend on how many processors there are. The result lies channel
by channel in memory: gates and medians look at one channel after the other, and the
library multiplies short rows faster when it need not write them as rows.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

PRODUCTS = 500_000
"""Of one block: from 2**19 the library starts threads, which cost more than they save."""
BLOCK = 8192
"""Events at once, at most."""
SHARE = 16
"""Blocks that a thread takes at a time: another program may have the other processor."""
MANY = 400_000
"""Events from which two threads pay; more would wait for the memory."""


def unspill(
    values: NDArray[np.floating], columns: Sequence[int], undo: NDArray[np.float64]
) -> NDArray[np.floating]:
    """Events with some columns multiplied by a matrix.

    Parameters
    ----------
    values : ndarray, shape (n, channels)
        Never changed.
    columns : sequence of int
        Which columns the matrix is about, in its order.
    undo : ndarray, shape (k, k)

    Returns
    -------
    ndarray, shape (n, channels), Fortran order
        As wide as the values (float64 for integers); the other columns as they were. The
        products are summed in float64.
    """
    dtype = values.dtype if values.dtype.kind == "f" else np.dtype(np.float64)
    out = np.empty((values.shape[1], len(values)), dtype)
    step = min(BLOCK, max(16, PRODUCTS // len(columns) ** 2))
    if len(values) < MANY or (os.cpu_count() or 1) < 2:
        _blocks(values, out, columns, undo, step)
        return out.T

    from concurrent.futures import ThreadPoolExecutor

    def some(start: int) -> None:
        stop = start + SHARE * step
        _blocks(values[start:stop], out[:, start:stop], columns, undo, step)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(some, range(0, len(values), SHARE * step)))
    return out.T


def _blocks(
    values: NDArray[np.floating],
    out: NDArray[np.floating],
    columns: Sequence[int],
    undo: NDArray[np.float64],
    step: int,
) -> None:
    """Fill `out`, shape (channels, n), block by block."""
    size, channels = len(columns), values.shape[1]
    others = sorted(set(range(channels)) - set(columns))
    first = columns[0]
    picked = slice(first, first + size)
    neighbours = list(columns) == list(range(channels))[picked]
    turned = np.ascontiguousarray(undo.T)
    wide, high = np.empty((step, size)), np.empty((size, step))
    true = np.empty((size, step))
    for start in range(0, len(values), step):
        block, made = values[start : start + step], out[:, start : start + step]
        n = len(block)
        for column in others:
            made[column] = block[:, column]
        seen: NDArray[np.floating]
        if not neighbours:
            seen = high[:, :n]
            for place, column in enumerate(columns):
                seen[place] = block[:, column]
        elif values.dtype == np.float64:
            seen = block[:, picked].T
        else:
            seen = wide[:n].T
            seen[...] = block[:, picked].T
        if neighbours and out.dtype == np.float64:
            np.matmul(turned, seen, out=made[picked])
            continue
        np.matmul(turned, seen, out=true[:, :n])
        if neighbours:
            made[picked] = true[:, :n]
            continue
        for place, column in enumerate(columns):
            made[column] = true[place, :n]
