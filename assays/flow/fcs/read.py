"""One data set of an FCS file to events: HEADER, TEXT, quirks, DATA, scaling, spillover."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assays.errors import FcsError
from assays.flow.events import Channel, Events
from assays.flow.fcs.clock import time_step
from assays.flow.fcs.data import as_stored, fill, pour
from assays.flow.fcs.dataset import open_dataset
from assays.flow.fcs.digits import separated
from assays.flow.fcs.draft import Draft
from assays.flow.fcs.layout import EventLayout, Field, layout_of
from assays.flow.fcs.offsets import settle
from assays.flow.fcs.packed import unpacked
from assays.flow.fcs.quirks import OF_TEXT, mend
from assays.flow.fcs.scaling import check, scale
from assays.flow.fcs.spillover import read_spillover
from plates.source import Source

EXACT_BITS = 53
"""Integers of so many bits have a double each; of larger ones, several share one."""


def read(
    place: str | Path | Source,
    dataset: int = 0,
    scaled: bool = True,
    *,
    channels: Sequence[str] | None = None,
    events: slice | None = None,
    salvage: bool = False,
) -> Events:
    """Read the events of an FCS file.

    Parameters
    ----------
    place : path or Source
        An FCS file (2.0 to 3.2, list mode), plain or gzip.
    dataset : int
        Which data set of the file, from 0.
    scaled : bool
        True: $PnE linearised and $PnG divided out. False: as stored, after the
        bit mask.
    channels : sequence of str, optional
        $PnN names, or markers that only one channel has: read only these, in
        this order.
    events : slice, optional
        Read only these events; steps of 1.
    salvage : bool
        Read the whole events of a file that was cut short, and say how many are
        missing, in `Events.missing` and a note.

    Returns
    -------
    Events
        Values of shape (n_events, n_channels): float32, or float64 where the
        file holds doubles or integers of more than 24 bits.

    Raises
    ------
    FcsError
        When the file is no FCS file, contradicts itself, or was cut short.
    """
    draft, layout = understand(place, dataset, salvage=salvage)
    every = channels_of(draft, layout)
    spillover, notes = read_spillover(draft.keywords, every)
    if scaled:
        check(every, draft.dataset.name)
    columns = _columns(every, channels, draft.dataset.name)
    first, last = _rows(events, draft.events)
    values = _values(draft, layout, columns, first, last)
    notes += _rounded(values, [layout.fields[column] for column in columns], every, columns)
    step, told = time_step(draft.keywords, _ticks(draft, layout, every))
    notes += (told,) if told else ()
    chosen = tuple(every[column] for column in columns)
    if scaled:
        scale(values, chosen)
    return Events(
        values,
        chosen,
        spillover,
        step,
        draft.dataset.keywords,
        draft.dataset.notes + draft.notes + notes,
        draft.dataset.name,
        scaled=scaled,
        missing=draft.missing,
    )


def understand(
    place: str | Path | Source, dataset: int, *, salvage: bool = False
) -> tuple[Draft, EventLayout]:
    """Everything about a data set but its events: keywords mended, DATA settled."""
    found = open_dataset(unpacked(Source.of(place)), dataset)
    draft = mend(Draft(found, dict(found.keywords)), OF_TEXT)
    mode = draft.word("$MODE").upper()
    if mode != "L":
        raise FcsError(
            f"$MODE is {mode[:20]!r}: a histogram, not a list of events",
            draft.place("$MODE"),
            "Export the events (list mode) instead.",
        )
    layout = layout_of(draft)
    draft = replace(draft, event_bytes=layout.event_bytes)
    return settle(draft, salvage=salvage), layout


def channels_of(draft: Draft, layout: EventLayout) -> tuple[Channel, ...]:
    """Name and describe every channel."""
    words = draft.keywords
    # Most channels of a file have range, gain and amplifier in common.
    alike: dict[tuple[str | None, ...], tuple[float, float, tuple[float, float]]] = {}
    channels = []
    for n, field in enumerate(layout.fields, start=1):
        key = (words.get(f"$P{n}R"), words.get(f"$P{n}G"), words.get(f"$P{n}E"))
        amplifier = alike.get(key)
        if amplifier is None:
            amplifier = alike[key] = (draft.range(n), draft.gain(n), draft.decades(n))
        channels.append(
            Channel(
                words.get(f"$P{n}N", f"P{n}"),
                words.get(f"$P{n}S"),
                *amplifier,
                bits=8 * field.width,
                kind=field.kind,
                time=draft.is_time(n),
            )
        )
    return tuple(channels)


def _columns(every: Sequence[Channel], wanted: Sequence[str] | None, name: str) -> list[int]:
    if wanted is None:
        return list(range(len(every)))
    lookup = Events(np.empty((0, len(every)), dtype=np.float32), tuple(every), name=name)
    return [lookup.index(channel) for channel in wanted]


def _rows(wanted: slice | None, count: int) -> tuple[int, int]:
    first, last, step = (wanted or slice(None)).indices(count)
    if step != 1:
        raise ValueError("events are read in steps of 1")
    return first, max(first, last)


def _values(
    draft: Draft, layout: EventLayout, columns: Sequence[int], first: int, last: int
) -> NDArray[np.floating]:
    dtype = np.float64 if layout.wide else np.float32
    table = np.empty((last - first, len(columns)), dtype=dtype)
    if draft.data is None or not len(table):
        return table
    base = draft.dataset.header.base + draft.data.begin
    place = f"{draft.dataset.name}: DATA, byte {base}"
    size = layout.event_bytes
    stored = as_stored(layout, columns, table)
    if stored is not None:
        with draft.dataset.source.stream(base + first * size) as stream:
            pour(stream, stored, table, place)
        return table
    view = draft.dataset.source.view()
    if size:
        raw = view[base + first * size : base + last * size]
        # Stored bits may spell a signalling NaN, which is no fault of the arithmetic.
        with np.errstate(invalid="ignore"):
            fill(raw, layout, columns, table, place)
    else:
        raw = view[base : base + draft.data.length]
        every = separated(raw, (draft.events, draft.channels), place)
        table[:] = every[first:last, columns]
    return table


def _ticks(
    draft: Draft, layout: EventLayout, every: Sequence[Channel]
) -> Callable[[], NDArray[np.floating]] | None:
    """How to read all of the Time channel; None without one."""
    column = next((n for n, channel in enumerate(every) if channel.time), None)
    if column is None:
        return None
    # A file that was cut short ends before $ETIM.
    count = 0 if draft.missing else draft.events
    return lambda: _values(draft, layout, [column], 0, count)[:, 0]


def _rounded(
    values: NDArray[np.floating],
    fields: Sequence[Field],
    every: Sequence[Channel],
    columns: Sequence[int],
) -> tuple[str, ...]:
    """Say which integers are too large for double precision to hold each of them."""
    notes = []
    for position, field in enumerate(fields):
        if field.kind in "FD" or field.bits <= EXACT_BITS:
            continue
        count = int(np.count_nonzero(values[:, position] >= 2.0**EXACT_BITS))
        if count:
            notes.append(
                f"{every[columns[position]].name}: {count:,} integers of 2^{EXACT_BITS} and more "
                "were rounded to the nearest double."
            )
    return tuple(notes)
