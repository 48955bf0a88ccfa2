"""DATA: bytes to a table of numbers.

The table is filled in blocks of events, so that beside it only a block's worth
of memory is used, and a block stays in the processor's cache while it is
swapped, masked and widened. Single or double precision floats of all channels
are read into the table itself; everything else passes through a mapped file.
"""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from assays.errors import FcsError
from assays.flow.fcs import digits
from assays.flow.fcs.layout import EventLayout, Field, is_simple

BLOCK_BYTES = 1 << 20
POUR_BYTES = 1 << 19

Table = NDArray[np.floating]


def as_stored(
    layout: EventLayout, channels: Sequence[int], table: Table
) -> np.dtype[np.generic] | None:
    """The type of the stored numbers where the table can take them as they lie; else None."""
    same = _same(layout)
    whole = list(channels) == list(range(len(layout.fields)))
    fits = same is not None and same.kind == "f" and same.itemsize == table.dtype.itemsize
    return same if whole and fits else None


def pour(
    stream: io.RawIOBase | io.BytesIO, stored: np.dtype[np.generic], table: Table, place: str
) -> None:
    """Read numbers straight into the table and turn their bytes round there.

    Parameters
    ----------
    stream : binary stream
        At the first byte of the table's first event.
    stored : dtype
        As `as_stored` gave it.
    table : ndarray, shape (n_events, n_channels)
        Filled in place.
    place : str
        Where DATA stands, for messages.

    Raises
    ------
    FcsError
        When the file ends while it is read.
    """
    cells = table.reshape(-1)
    step = POUR_BYTES // stored.itemsize
    for start in range(0, len(cells), step):
        block = cells[start : start + step]
        rest = block.view(np.uint8).data
        while len(rest):
            count = stream.readinto(rest)
            if not count:
                raise FcsError("the file ended while it was read", place)
            rest = rest[count:]
        if not stored.isnative:
            # Source and target are the same cells: nothing is copied in between.
            block[:] = block.view(stored)


def fill(
    raw: memoryview, layout: EventLayout, channels: Sequence[int], table: Table, place: str
) -> None:
    """Read events into a table of their own.

    Parameters
    ----------
    raw : memoryview
        The bytes of as many whole events as `table` has rows.
    layout : EventLayout
        Bytes of one event.
    channels : sequence of int
        Columns to read, from 0, in the order wanted.
    table : ndarray, shape (n_events, len(channels))
        Filled in place; integers after their bit mask.
    place : str
        Where DATA stands, for messages.

    Raises
    ------
    FcsError
        When numbers of type A are none.
    """
    if not len(table):
        return
    same = _same(layout)
    whole = list(channels) == list(range(len(layout.fields)))
    step = max(1, BLOCK_BYTES // layout.event_bytes)
    if same is not None:
        source = np.frombuffer(raw, dtype=same).reshape(len(table), len(layout.fields))
        masks = _masks(layout.fields, source.dtype)
        for start in range(0, len(table), step):
            block = source[start : start + step]
            if not whole:
                block = block[:, channels]
            if masks is not None:
                # One mask per column; & also turns the bytes round.
                block = block & (masks if whole else masks[channels])
            table[start : start + step] = block
        return
    begins = np.cumsum([0, *(field.width for field in layout.fields)])
    for start in range(0, len(table), step):
        stop = min(start + step, len(table))
        part = raw[start * layout.event_bytes : stop * layout.event_bytes]
        rows = np.frombuffer(part, dtype=np.uint8).reshape(stop - start, layout.event_bytes)
        for column, channel in enumerate(channels):
            field = layout.fields[channel]
            cells = rows[:, begins[channel] : begins[channel] + field.width]
            table[start:stop, column] = (
                digits.columns(cells, place)
                if field.kind == "A"
                else _column(cells, field, layout.order)
            )


def _same(layout: EventLayout) -> np.dtype[np.generic] | None:
    """The one numpy type of all channels, where there is one."""
    first = layout.fields[0]
    if any((f.kind, f.width) != (first.kind, first.width) for f in layout.fields):
        return None
    if first.kind == "A" or first.width not in (1, 2, 4, 8):
        return None
    if first.width > 1 and not is_simple(layout.order):
        return None
    return _type(first, layout.order)


def _type(field: Field, order: tuple[int, ...]) -> np.dtype[np.generic]:
    sign = "<" if _rises(order) else ">"
    return np.dtype(f"{sign}{'u' if field.kind == 'I' else 'f'}{field.width}")


def _rises(order: tuple[int, ...]) -> bool:
    """Least significant byte first; a lone 1 orders nothing."""
    return order[0] == 1


def _masks(fields: Sequence[Field], dtype: np.dtype[np.generic]) -> NDArray[np.generic] | None:
    if dtype.kind != "u" or all(field.mask is None for field in fields):
        return None
    full = (1 << (8 * dtype.itemsize)) - 1
    masks = [full if field.mask is None else field.mask for field in fields]
    return np.array(masks, dtype=dtype.newbyteorder("="))


def _column(cells: NDArray[np.uint8], field: Field, order: tuple[int, ...]) -> NDArray[np.generic]:
    """One channel of a block, from its bytes, shape (n, width)."""
    # Least significant byte first.
    if is_simple(order):
        sorted_cells = cells if _rises(order) else cells[:, ::-1]
    else:
        inner = [place for place in order if place <= field.width]
        sorted_cells = cells[:, np.argsort(inner)]
    size = 1 << (field.width - 1).bit_length()
    native = np.zeros((len(cells), size), dtype=np.uint8)
    native[:, : field.width] = sorted_cells
    values = native.view(f"<{'u' if field.kind == 'I' else 'f'}{size}")[:, 0]
    return values if field.mask is None else values & values.dtype.type(field.mask)
