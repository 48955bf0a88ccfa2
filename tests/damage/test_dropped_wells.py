"""Never a silently shorter plate: a well that a file lost is refused or told.

The plate's format, the other reads of the plate and the layout in the export imply how
many wells there are. So a line, a cell or a column is taken out of every sample, and what
is read must be all that the whole sample holds, or come with a sentence that the whole
sample does not have.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import plates
from plates.source import Source
from plates.table import Row, Table, find_delimiter

SAMPLES = Path(__file__).parents[1] / "samples" / "plates"
FILES = sorted(path for path in SAMPLES.glob("*/*") if not path.name.endswith(".expected.csv"))


def with_rows(source: Source, number: int, rows: list[Row]) -> Source:
    """The file with other rows in one of its tables."""
    if not source.is_workbook:
        text = io.StringIO()
        writer = csv.writer(text, delimiter=find_delimiter(source.lines), lineterminator="\n")
        writer.writerows(rows)
        return Source.from_bytes(source.name, text.getvalue().encode())
    again = Source.from_bytes(source.name, source.read())
    tables: list[Table] = list(source.tables)
    tables[number] = replace(tables[number], rows=tuple(rows))
    again.__dict__["tables"] = tuple(tables)
    return again


def shortened(source: Source) -> Iterator[tuple[str, Source]]:
    """The file without one of its lines, one of its cells, or one of its columns."""
    for number, table in enumerate(source.tables):
        rows = list(table.rows)
        for at, row in enumerate(rows):
            if len(rows) > 1:
                yield f"line {at + 1}", with_rows(source, number, rows[:at] + rows[at + 1 :])
            for column in sorted({1, len(row) // 2, len(row) - 1}):
                if 0 <= column < len(row) and row[column]:
                    blank = (*row[:column], "", *row[column + 1 :])
                    changed = [*rows[:at], blank, *rows[at + 1 :]]
                    yield f"cell {at + 1}:{column + 1}", with_rows(source, number, changed)
        for column in range(0, max(map(len, rows), default=0), 3):
            fewer = [row[:column] + row[column + 1 :] for row in rows]
            yield f"column {column + 1}", with_rows(source, number, fewer)


def readings(export: plates.Export) -> dict[int, int]:
    """How many numbers and tokens each plate has, by its number."""
    counts: dict[int, int] = {}
    for read in export.reads:
        filled = np.isfinite(read.values)
        for well in read.flags:
            filled[well.row, well.column] = True
        counts[read.plate_number] = counts.get(read.plate_number, 0) + int(filled.sum())
    return counts


def nothing_implies_it(what: str, export: plates.Export, whole: plates.Export) -> bool:
    """A time course without one of its times, or a panel without one of its analytes.

    Neither the plate nor its layout says how many of these there are.
    """
    if len(export.reads) >= len(whole.reads):
        return False
    if what.startswith("column"):
        return len({read.analyte for read in export.reads} - {""}) > 0
    return len({read.time_s for read in whole.reads}) > 1


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_lost_well_is_refused_or_told(path: Path) -> None:
    reader = path.parent.name
    source = Source.of(path)
    whole = plates.read(source, reader=reader)
    total = sum(readings(whole).values())
    silent, noticed = [], 0
    for what, part in shortened(source):
        try:
            export = plates.read(part, reader=reader)
        except plates.LabError as error:
            assert error.message and error.where, f"{what}: {error}"
            noticed += 1
            continue
        if sum(readings(export).values()) >= total:
            continue
        if set(export.notes) - set(whole.notes):
            noticed += 1
        elif not nothing_implies_it(what, export, whole):
            silent.append(what)
    assert not silent
    assert noticed
