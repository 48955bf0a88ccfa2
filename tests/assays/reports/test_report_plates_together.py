"""Dilutions, spikes and plates together: in tables, on the page, in the workbook."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from assays.reports import workbook
from assays.reports.page_dilution import dilution_series, spikes
from assays.reports.page_elisa import elisa_tables
from assays.reports.page_plates import plates_together
from assays.reports.tables import tables_of
from assays.results.dilution import DilutionSeriesResult, DilutionStep, SpikeResult
from assays.results.plates_together import (
    BridgePair,
    BridgeResult,
    ControlPrecision,
    LevelOverPlates,
    RangeOverPlates,
    SharedFit,
)
from assays.results.range_status import RangeStatus
from plates.well import Well

NAN = math.nan
SERIES = DilutionSeriesResult(
    "P1", "CLL-1", {"donor": "D1"}, "pg/mL",
    (
        DilutionStep(2.0, (Well(0, 4),), NAN, (NAN, NAN), NAN, NAN, RangeStatus.ABOVE_ULOQ),
        DilutionStep(4.0, (Well(1, 4),), 550.0, (500.0, 610.0), 100.0, NAN, RangeStatus.OK),
        DilutionStep(8.0, (Well(2, 4),), 410.0, (380.0, 440.0), 74.5, 74.5, RangeStatus.OK),
    ),
    2, 480.0, 20.6, -0.42, (-0.5, -0.3), False, 20.0, True, 30.0, "somewhere; not seen",
)  # fmt: skip
SPIKES = (
    SpikeResult("P1", "CLL-1", 1.0, 50.0, 40.0, 88.0, "pg/mL", 96.0, (88.0, 104.0), True, 20.0,
                "somewhere", ""),
    SpikeResult("P1", "CLL-2", 1.0, 50.0, NAN, 60.0, "pg/mL", NAN, (114.0, 120.0), True, 20.0,
                "somewhere", "without a spike < LLOQ"),
)  # fmt: skip
PRECISION = ControlPrecision("QC low", 8.0, "pg/mL", 7.9, 98.8, 6, 3, 2.1, (1.2, 7.9), 6.3,
                             (3.3, 39.0), 5.9, (0.0, 38.0), False)  # fmt: skip
BRIDGE = BridgeResult(
    "P1", "P2", "pg/mL", (BridgePair("QC low", 8.0, 10.0), BridgePair("QC mid", 40.0, 51.0)), 1.26,
    (1.2, 1.32), (0.8, 1.25), False, 23.0, (18.0, 28.0), 1.27, (1.2, 1.35), -0.1, (-1.0, 1.0), 0.97,
)  # fmt: skip
LEVELS = (
    LevelOverPlates(3.125, 3, 6, 91.0, 22.0, 20.0, 9.0, 31.0, False, True, ""),
    LevelOverPlates(200.0, 3, 6, 140.0, 30.0, 20.0, 22.0, 70.0, False, False, "recovery 140 %"),
)
RANGE = RangeOverPlates("pg/mL", 3.125, 100.0, 3, False, "somewhere; not seen", LEVELS)
SHARED = SharedFit(("P1", "P2"), {"B": 1.13}, 4.2, (1.0, 24.0), 0.03, True)


@pytest.fixture
def whole(elisa_run):
    plate = replace(elisa_run.elisa.plates[0], dilutions=(SERIES,), spikes=SPIKES)
    elisa = replace(
        elisa_run.elisa,
        plates=(plate, *elisa_run.elisa.plates[1:]),
        precision=(PRECISION,),
        bridges=(BRIDGE,),
        range=RANGE,
        shared=SHARED,
    )
    return replace(elisa_run, elisa=elisa)


def row(table, number=0):
    keys = [column.key for column in table.columns]
    return dict(zip(keys, table.rows[number], strict=True))


def test_each_has_its_table_and_its_sheet(whole) -> None:
    import io

    import openpyxl

    tables = tables_of(whole)
    names = {"dilution", "spike_recovery", "precision", "bridging", "range", "shared_fit"}
    assert names <= set(tables)
    book = openpyxl.load_workbook(io.BytesIO(workbook.render(whole, tables)))
    assert names <= set(book.sheetnames)
    assert [r[3] for r in tables["dilution"].rows] == [2.0, 4.0, 8.0]
    assert row(tables["dilution"], 1)["corrected"] == 550.0
    assert row(tables["dilution"])["donor"] == "D1"
    assert row(tables["spike_recovery"], 1)["why"] == "without a spike < LLOQ"
    assert row(tables["precision"])["inter_cv_high"] == 39.0
    assert row(tables["bridging"])["samples"] == "QC low, QC mid"
    assert row(tables["range"])["lloq_over_plates"] == 3.125
    assert row(tables["shared_fit"])["apart"] is True


def test_a_single_plate_has_none_of_them(elisa_run) -> None:
    assert not {"dilution", "precision", "bridging", "range"} & set(tables_of(elisa_run))
    assert plates_together(elisa_run.elisa) == ()


def test_the_page_says_what_keeps_its_limit_and_where_that_is_written(whole) -> None:
    plate = whole.elisa.plates[0]
    series = dilution_series(whole.elisa, plate)
    assert "somewhere; not seen" in series.note
    assert [cell.text for cell in series.rows[0]][-2:] == ["\u25b2 no", "yes"]
    shown = spikes(whole.elisa, plate)
    assert shown.rows[1][5].text == "\u2014"
    assert shown.rows[1][6].text == "(114.0\u2013120.0)"
    parts = dict(elisa_tables(whole.elisa))
    titles = [table.title for table in parts["IL-6, plates together"]]
    assert titles == [
        "Controls over plates",
        "Bridges between plates",
        "Range over plates",
        "Shared parameters",
    ]


def test_plates_together_tell_how_sure_they_are(whole) -> None:
    precision, bridging, assessed, shared = plates_together(whole.elisa)
    assert "fewer than five plates" in precision.note
    assert "(3.3\u201339.0)" in [cell.text for cell in precision.rows[0]]
    assert "\u25b2 no" in [cell.text for cell in bridging.rows[0]]
    assert "Fewer plates than a validation asks for" in assessed.note
    assert [cell.text for cell in assessed.rows[0]][-2:] == ["as an end only", ""]
    assert [cell.text for cell in assessed.rows[1]][-2:] == ["\u25b2 no", "recovery 140 %"]
    assert shared.rows[0][3].text == "\u25b2 no"
