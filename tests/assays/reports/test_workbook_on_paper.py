"""Wide tables stand on several sheets of the workbook, each of which can be read on paper."""

from __future__ import annotations

import io
import math

import openpyxl
import pytest

from assays.reports import workbook
from assays.reports.paper import ROOM, lines_of, pages_across
from assays.reports.sheet_parts import SPLITS, parts_of
from assays.reports.tables import tables_of
from assays.results.table import Column, Table


def sheets_of(run):
    return openpyxl.load_workbook(io.BytesIO(workbook.render(run, tables_of(run))))


def wide(name: str, keys: tuple[str, ...]) -> Table:
    columns = tuple(Column(key, key) for key in keys)
    rows = tuple(tuple(f"{key} {line}" for key in keys) for line in range(3))
    return Table(name, name, columns, rows)


def test_every_column_of_a_table_stands_on_a_sheet_with_its_values(flow_run):
    book = sheets_of(flow_run)
    for table in tables_of(flow_run).values():
        found = {}
        for part in parts_of(table):
            head, *rows = book[part.table.name].iter_rows(values_only=True)
            assert len(rows) == len(table.rows)
            found |= {key: [row[place] for row in rows] for place, key in enumerate(head)}
        assert set(found) == {column.key for column in table.columns}, table.name
        for key, values in found.items():
            told = [shown(value) for value in table.column(key)]
            assert [value or None for value in values] == pytest.approx(told), key


def shown(value):
    """A value of a table as a cell of the workbook gives it back; nothing and 0 alike."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and math.isnan(value):
        return None
    if isinstance(value, float) and math.isinf(value):
        return "inf" if value > 0 else "-inf"
    return value or None


@pytest.mark.parametrize("name", sorted(SPLITS))
def test_a_column_that_no_purpose_names_is_not_lost(name):
    table = wide(name, (*SPLITS[name].who, "quite_new"))
    keys = [column.key for part in parts_of(table) for column in part.table.columns]
    assert keys.count("quite_new") == 1


def test_each_sheet_begins_with_the_columns_that_say_which_row_it_is(flow_run):
    table = tables_of(flow_run)["inhibition"]
    parts = parts_of(table)
    assert len(parts) > 3
    first = [column.key for column in parts[0].table.columns][: parts[0].named]
    assert {"donor", "readout", "inhibitor", "dose"} <= set(first)
    for part in parts:
        assert [column.key for column in part.table.columns][: part.named] == first


def test_a_blank_of_the_own_floor_has_its_reason_on_each_sheet_that_shows_it(flow_run):
    parts = parts_of(tables_of(flow_run)["inhibition"])
    for part in parts:
        keys = [column.key for column in part.table.columns]
        assert ("percent_own_floor" in keys) == ("own_floor_status" in keys), part.table.name


def test_a_vehicle_that_tells_two_rows_apart_stands_on_every_sheet():
    keys = ("donor", "readout", "inhibitor", "dose", "vehicle", "percent_inhibition", "window")
    table = wide("inhibition", keys)
    assert all("vehicle" in [c.key for c in part.table.columns] for part in parts_of(table))
    same = Table(
        table.name, table.title, table.columns, tuple((*r[:4], "DMSO", *r[5:]) for r in table.rows)
    )
    held = ["vehicle" in [c.key for c in part.table.columns] for part in parts_of(same)]
    assert sum(held) == 1


def test_a_page_of_paper_holds_a_sheet_or_repeats_what_names_its_rows(flow_run):
    for sheet in sheets_of(flow_run):
        assert sheet.page_setup.orientation == "landscape"
        assert str(sheet.page_setup.paperSize) == "9"
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        if sheet.title == "summary":
            continue
        assert sheet.print_title_rows == "$1:$1", sheet.title
        if (sheet.page_setup.fitToWidth or 1) > 1:
            assert sheet.print_title_cols, sheet.title


def test_a_sheet_is_printed_side_by_side_rather_than_too_small():
    assert pages_across([ROOM / 2, ROOM / 2]) == 1
    assert pages_across([ROOM / 4] * 5) == 2
    assert pages_across([20.0, *[ROOM / 10] * 19], named=1) >= 2


def test_text_that_is_wrapped_has_the_height_of_its_lines():
    assert lines_of("", 30) == 1
    assert lines_of("D01_IL6.fcs + D02_IL6.fcs", 30) == 1
    assert lines_of("D01_IL6_DMSO_1.fcs + D01_IL6_DMSO_2.fcs", 30) == 2
