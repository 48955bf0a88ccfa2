"""Which wells of a plate have no reading, told for every export alike.

A reader takes what a file holds. Whether that is the whole plate is asked here,
of the plate's format, of the other reads of the same plate and of the layout
that the export carries: a well that was lost on the way is told, not passed over.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from plates.layout import Role
from plates.plateread import Export, PlateRead
from plates.well import PlateFormat, Well, is_well_name, row_letters

MOST_NAMED = 8
"""Wells that a sentence names."""


def missing_wells(export: Export) -> tuple[str, ...]:
    """A sentence on every plate that has fewer wells than something implies.

    Empty where each well of each plate has a number or a token in every read.
    """
    plates: dict[int, list[PlateRead]] = {}
    for read in export.reads:
        plates.setdefault(read.plate_number, []).append(read)
    told = []
    for reads in plates.values():
        name, plate = reads[0].plate or "The plate", reads[0].format
        if any(read.format != plate for read in reads):
            continue
        filled = [_filled(read) for read in reads]
        some = np.logical_or.reduce(filled) | _shared(export, reads[0])
        told += _of_format(some, plate, name)
        told += _of_reads(filled, np.logical_or.reduce(filled), name)
        told += _of_layout(export, some, reads[0].plate, name)
    # Some readers tell the same in words that suit their software better.
    counted = [note for note in export.notes if " wells have a reading" in note]
    return tuple(
        said
        for said in told
        if not any(said.partition(": ")[2].partition(";")[0] in note for note in counted)
    )


def _filled(read: PlateRead) -> NDArray[np.bool_]:
    """shape (rows, columns), where the read has a number or a token."""
    filled = np.isfinite(read.values)
    for well in read.flags:
        filled[well.row, well.column] = True
    return filled


def _shared(export: Export, read: PlateRead) -> NDArray[np.bool_]:
    """Wells whose reading stands in another one: some software prints the mean of a pair."""
    mask = np.zeros((read.format.rows, read.format.columns), dtype=bool)
    contents = export.layout.of_plate(read.plate).values() if export.layout is not None else ()
    for content in contents:
        for name in content.labels.get("mean_of", "").split(","):
            well = Well.parse(name) if is_well_name(name) else None
            if well is not None and well in read.format:
                mask[well.row, well.column] = True
    return mask


def _of_format(some: NDArray[np.bool_], plate: PlateFormat, name: str) -> list[str]:
    count = int(some.sum())
    if count in (0, plate.size):
        return []
    empty = [row_letters(row) for row in range(plate.rows) if not some[row].any()]
    holes = _wells(~some & some.any(axis=1, keepdims=True))
    without = [f"row{'s' * (len(empty) > 1)} {_some(empty)}"] if empty else []
    without += [_some([str(well) for well in holes])] if holes else []
    return [
        f"{name}: {count} of {plate.size} wells have a reading; without: {' and '.join(without)}."
    ]


def _of_reads(filled: list[NDArray[np.bool_]], some: NDArray[np.bool_], name: str) -> list[str]:
    most = int(some.sum())
    short = [each for each in filled if int(each.sum()) < most]
    if not short:
        return []
    lost = _wells(some & ~np.logical_and.reduce(short))
    return [
        f"{name}: {len(short)} of {len(filled)} reads lack wells that other reads have: "
        f"{_some([str(well) for well in lost])}."
    ]


def _of_layout(export: Export, some: NDArray[np.bool_], label: str, name: str) -> list[str]:
    if export.layout is None:
        return []
    lost = [
        str(well)
        for well, content in export.layout.of_plate(label).items()
        if content.role is not Role.EMPTY
        and (
            well.row >= some.shape[0]
            or well.column >= some.shape[1]
            or not some[well.row, well.column]
        )
    ]
    if not lost:
        return []
    return [f"{name}: the layout of the export fills wells without a reading: {_some(lost)}."]


def _wells(mask: NDArray[np.bool_]) -> list[Well]:
    return [Well(int(row), int(column)) for row, column in np.argwhere(mask)]


def _some(names: list[str]) -> str:
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return ", ".join(names[:MOST_NAMED]) + more
