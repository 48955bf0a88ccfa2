"""Every reader of plate-reader exports meets its contract on its own sample."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import plates
from plates.plateread import MODES
from plates.readers.contract import PlateReader
from plates.readers.identify import by_name, identify, readers
from plates.source import Source

SAMPLES = Path(__file__).parents[1] / "samples" / "plates"
FILES = sorted(path for path in SAMPLES.glob("*/*") if not path.name.endswith(".expected.csv"))


def rows_of(export: plates.Export) -> list[tuple[object, ...]]:
    return [
        (
            read.plate, str(well), read.mode, read.wavelength_nm, read.time_s,
            float(read.values[well.row, well.column]), read.flags.get(well, ""), read.read,
        )
        for read in export.reads
        for well in read.format.wells()
        if well in read.flags or not math.isnan(read.values[well.row, well.column])
    ]  # fmt: skip


def expected_rows(path: Path) -> list[tuple[object, ...]]:
    with Path(f"{path}.expected.csv").open(encoding="utf-8", newline="") as handle:
        return [
            (
                row["plate"], row["well"], row["mode"], row["wavelength_nm"],
                float(row["time_s"] or "nan"), float(row["value"] or "nan"), row["flag"],
                row["read"],
            )
            for row in csv.DictReader(handle)
        ]  # fmt: skip


def same(found: list[tuple[object, ...]], wanted: list[tuple[object, ...]]) -> bool:
    # NaN equals nothing, so the rows are compared as text, which repeats every digit.
    return sorted(map(str, found)) == sorted(map(str, wanted))


def parts_of(source: Source) -> Iterator[Source]:
    """The file cut after each of its lines, or rows of its worksheets."""
    if not source.is_workbook:
        for count in range(1, len(source.lines)):
            part = "\n".join(source.lines[:count]).strip("\n")
            if part.strip():
                yield Source.from_bytes(source.name, part.encode())
        return
    for number, table in enumerate(source.tables):
        for count in range(len(table.rows)):
            part_of_book = Source.from_bytes(source.name, source.read())
            last = replace(table, rows=table.rows[:count])
            part_of_book.__dict__["tables"] = (*source.tables[:number], last)
            yield part_of_book


@pytest.mark.parametrize("reader", readers(), ids=lambda reader: reader.name)
def test_a_reader_has_a_name_a_software_and_a_sample(reader: PlateReader) -> None:
    assert reader.name.isidentifier()
    assert reader.software
    assert reader.tested_on
    assert any(path.parent.name == reader.name for path in FILES)


def test_names_of_readers_differ() -> None:
    names = [reader.name for reader in readers()]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_sample_is_recognised_by_its_own_reader_alone(path: Path) -> None:
    source = Source.of(path)
    assert identify(source).name == path.parent.name
    asked = {reader.name: reader.recognise(source) for reader in readers()}
    own = by_name(path.parent.name)
    assert [name for name, known in asked.items() if known and by_name(name).vendor] == (
        [own.name] if own.vendor else []
    )
    assert all(known.reason for known in asked.values())


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_sample_reads_as_expected(path: Path) -> None:
    export = plates.read(path)
    assert same(rows_of(export), expected_rows(path))
    assert export.reader == path.parent.name
    for read in export.reads:
        assert read.mode in MODES
        assert read.values.shape == (read.format.rows, read.format.columns)
        assert all(well in read.format for well in read.flags)


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_the_name_of_a_file_decides_nothing(path: Path) -> None:
    renamed = Source.from_bytes("export.dat", path.read_bytes())
    assert same(rows_of(plates.read(renamed)), expected_rows(path))


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_sample_cut_at_any_line_is_refused_or_whole_up_to_there(path: Path) -> None:
    whole = set(map(str, rows_of(plates.read(path))))
    for part in parts_of(Source.of(path)):
        try:
            export = plates.read(part)
        except plates.LabError as error:
            assert error.message
            continue
        # What is read must be true; a masked well may lose its flag with its group.
        values = {str(row[:6]) for row in rows_of(export)}
        assert values <= {text.rsplit(", '", 2)[0] + ")" for text in whole}


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_the_table_that_an_export_writes_reads_back_the_same(path: Path) -> None:
    export = plates.read(path)
    table = export.to_frame(analyte=True).to_csv(index=False)
    again = plates.read(Source.from_bytes("again.csv", table.encode()), reader="plain_tidy")
    assert same(rows_of(again), rows_of(export))
