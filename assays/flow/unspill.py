"""The arithmetic of compensation: events times the inverse of the spillover matrix.

Events go through in blocks that stay in the processor's cache. Each block is small
enough that the linear-algebra library does not start threads of its own for it, so
that the numbers do not depend on how many processors there are.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

PRODUCTS = 2**18
"""Of one block: from twice as many the library starts threads, which cost more than they save."""
BLOCK = 4096
"""Events at once, at most."""


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
    ndarray, shape (n, channels), C order
        As wide as the values (float64 for integers); the other columns as they were. The
        products are summed in float64.
    """
    dtype = values.dtype if values.dtype.kind == "f" else np.dtype(np.float64)
    out = np.empty(values.shape, dtype)
    first, size = columns[0], len(columns)
    neighbours = list(columns) == list(range(first, first + size))
    whole = neighbours and size == values.shape[1]
    picked: slice | list[int] = slice(first, first + size) if neighbours else list(columns)
    step = min(BLOCK, max(16, PRODUCTS // size**2))
    seen, true = np.empty((step, size)), np.empty((step, size))
    for start in range(0, len(values), step):
        block, made = values[start : start + step], out[start : start + step]
        n = len(block)
        if not whole:
            made[...] = block
        if whole and values.dtype == np.float64 == dtype:
            np.matmul(block, undo, out=made)
            continue
        seen[:n] = block[:, picked]
        np.matmul(seen[:n], undo, out=true[:n])
        made[:, picked] = true[:n]
    return out
