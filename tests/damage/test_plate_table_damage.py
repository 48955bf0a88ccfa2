"""Exports of plate readers that lost or gained rows, columns and cells never crash a reader."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import plates
from plates.readers.contract import PlateReader
from plates.readers.identify import by_name
from plates.source import Source
from plates.table import Row, Table, find_delimiter

SAMPLES = Path(__file__).parents[1] / "samples" / "plates"
FILES = sorted(path for path in SAMPLES.glob("*/*") if not path.name.endswith(".expected.csv"))
ODD = ("x", "<>", "A1", "-1", "1e400", "nan", "0", "99999999999", "A" * 300, "1,2", "1.2.3",
       "Mode", "Well", "Cycle Nr.", "Time [s]", "Plate 1", "Label:", "1:0", "()")  # fmt: skip


def damaged_rows(rows: list[Row], random: np.random.Generator) -> tuple[str, list[Row]]:
    """One of the accidents that happen to tables, and what it was."""
    kind = random.choice(["cut", "lost row", "doubled row", "lost column", "odd cell", "lost cell"])
    at = int(random.integers(len(rows)))
    if kind == "cut":
        return kind, rows[:at]
    if kind == "lost row":
        return f"{kind} {at}", rows[:at] + rows[at + 1 :]
    if kind == "doubled row":
        return f"{kind} {at}", rows[: at + 1] + rows[at:]
    column = int(random.integers(max(1, max(map(len, rows)))))
    if kind == "lost column":
        return f"{kind} {column}", [row[:column] + row[column + 1 :] for row in rows]
    row = rows[at]
    odd = (str(random.choice(ODD)),) if kind == "odd cell" else ()
    changed = row[:column] + odd + row[column + 1 :]
    return f"{kind} {at}:{column}", [*rows[:at], changed, *rows[at + 1 :]]


def damaged(path: Path, count: int) -> Iterator[tuple[str, Source]]:
    seed = hashlib.sha256(f"{path.parent.name}/{path.name}".encode()).digest()
    random = np.random.default_rng(np.frombuffer(seed, dtype=np.uint32))
    source = Source.of(path)
    filled = [number for number, table in enumerate(source.tables) if table.rows]
    for _ in range(count):
        number = int(random.choice(filled))
        what, rows = damaged_rows(list(source.tables[number].rows), random)
        if any(map(any, rows)):
            yield what, rebuilt(source, number, rows)


def rebuilt(source: Source, number: int, rows: list[Row]) -> Source:
    """The file with other rows: a text is written again, a workbook gets other tables."""
    if not source.is_workbook:
        text = io.StringIO()
        delimiter = find_delimiter(source.lines)
        csv.writer(text, delimiter=delimiter, lineterminator="\n").writerows(rows)
        return Source.from_bytes(source.name, text.getvalue().encode())
    again = Source.from_bytes(source.name, source.read())
    tables: list[Table] = list(source.tables)
    tables[number] = replace(tables[number], rows=tuple(rows))
    again.__dict__["tables"] = tuple(tables)
    return again


def attempt(reader: PlateReader, source: Source) -> str:
    """The refusal, or nothing when the file was read."""
    reader.recognise(source)
    try:
        export = reader.read(source)
    except plates.LabError as error:
        assert error.message and error.where, str(error)
        return str(error)
    assert all(well in read.format for read in export.reads for well in read.flags)
    return ""


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_only_our_own_errors_come_out_of_a_damaged_table(path: Path) -> None:
    reader = by_name(path.parent.name)
    refusals = {what: attempt(reader, source) for what, source in damaged(path, 80)}
    assert any(refusals.values()), "no damage was noticed"
    assert not all(refusals.values()), "even harmless damage was refused"
