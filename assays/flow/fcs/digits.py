"""DATA of type A: numbers written as text, of fixed width or between separators.

Older than any cytometer in use, and deprecated since FCS 3.1; read all the same.
"""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from assays.errors import FcsError

BLOCK_BYTES = 1 << 20
LARGEST = 2.0**64
"""No channel counts further."""

_SEPARATORS = b" ,\t\r\n"
_TO_SPACES = bytes.maketrans(_SEPARATORS, b"     ")
_NUMBERS = re.compile(rb"[0-9 ]*")


def columns(cells: NDArray[np.uint8], place: str) -> NDArray[np.float64]:
    """Read numbers of fixed width.

    Parameters
    ----------
    cells : ndarray, shape (n, width)
        Characters of one channel.
    place : str
        For the message.

    Raises
    ------
    FcsError
        When something is no whole number.
    """
    text = np.ascontiguousarray(cells).view(f"S{cells.shape[1]}")[:, 0]
    try:
        values = np.char.strip(text).astype(np.float64)
    except ValueError as problem:
        raise FcsError(f"numbers of type A: {problem}", place) from None
    return _counted(values, place)


def _counted(values: NDArray[np.float64], place: str) -> NDArray[np.float64]:
    if len(values) and not (values.min() >= 0 and values.max() <= LARGEST):
        raise FcsError("numbers of type A: found one that counts nothing", place)
    return values


def separated(raw: memoryview, shape: tuple[int, int], place: str) -> NDArray[np.float64]:
    """Read numbers between separators: space, comma, tab or line end.

    Returns
    -------
    ndarray, shape (n_events, n_channels)

    Raises
    ------
    FcsError
        When something is no whole number, or there are too few or too many.
    """
    wanted = shape[0] * shape[1]
    values = np.empty(wanted, dtype=np.float64)
    filled = 0
    rest = b""
    for start in range(0, len(raw), BLOCK_BYTES):
        block = rest + bytes(raw[start : start + BLOCK_BYTES]).translate(_TO_SPACES)
        # The last number of a block may go on in the next.
        cut = block.rfind(b" ") + 1 if start + BLOCK_BYTES < len(raw) else len(block)
        block, rest = block[:cut], block[cut:]
        if len(rest) > 64 or not _NUMBERS.fullmatch(block):
            raise FcsError("numbers of type A: found something that is no digit", place)
        found = _counted(np.array(block.split(), dtype=np.float64), place)
        if filled + len(found) > wanted:
            raise FcsError(f"DATA holds more than the {wanted} numbers that $TOT promises", place)
        values[filled : filled + len(found)] = found
        filled += len(found)
    if filled < wanted:
        raise FcsError(f"DATA holds {filled} numbers, $TOT promises {wanted}", place)
    return values.reshape(shape)
