import csv as stdlib_csv
import io
import math
from dataclasses import replace

import pytest

from assays.reports import csv
from assays.reports.tables import tables_of
from assays.reports.tables_elisa import natural
from assays.results.elisa import RangeStatus
from assays.results.table import Column, Table


@pytest.fixture(scope="module")
def elisa_tables(elisa_run):
    return tables_of(elisa_run)


@pytest.fixture(scope="module")
def flow_tables(flow_run):
    return tables_of(flow_run)


def read_back(table):
    text = csv.to_bytes(table).decode("utf-8-sig")
    return list(stdlib_csv.DictReader(io.StringIO(text, newline="")))


def test_a_table_is_there_only_when_the_run_has_such_results(elisa_tables, flow_tables):
    assert set(elisa_tables) == {
        *("findings", "concentrations", "qc", "rules", "standards", "curves", "wells", "cohort"),
    }
    assert set(flow_tables) == {
        *("findings", "inhibition", "dose_response", "readings", "populations", "cohort"),
        *("miflowcyt", "spillover"),
    }


def test_every_row_is_as_long_as_its_columns_and_every_key_occurs_once(elisa_tables, flow_tables):
    for table in (*elisa_tables.values(), *flow_tables.values()):
        keys = [column.key for column in table.columns]
        assert len(set(keys)) == len(keys), table.name
        assert {len(row) for row in table.rows} <= {len(keys)}, table.name


def test_numbers_keep_every_digit_in_csv(elisa_run, elisa_tables):
    found = {row["sample"]: row for row in read_back(elisa_tables["concentrations"])}
    for sample in elisa_run.elisa.plates[0].samples:
        row = found[sample.sample]
        assert float(row["signal"]) == sample.signal
        if math.isnan(sample.concentration):
            assert row["concentration"] == ""
        else:
            assert float(row["concentration"]) == sample.concentration


def test_a_sample_below_the_limit_has_no_number_but_a_qualifier_and_a_limit(elisa_tables):
    rows = read_back(elisa_tables["concentrations"])
    below = [row for row in rows if row["status"] == str(RangeStatus.BELOW_LLOQ)]
    assert below
    for row in below:
        assert (row["concentration"], row["qualifier"], row["limit"]) == ("", "<", "3.13")


def test_samples_stand_in_the_order_of_their_names(elisa_tables):
    assert sorted(["S10", "S2", "s1"], key=natural) == ["s1", "S2", "S10"]
    names = elisa_tables["concentrations"].column("sample")
    assert list(names) == sorted(names, key=natural)


def test_cohort_rows_of_both_assays_carry_the_run(elisa_run, flow_run):
    both = tables_of(replace(elisa_run, flow=flow_run.flow))["cohort"]
    assert set(both.column("assay")) == {"ELISA", "flow"}
    assert set(both.column("run_id")) == {elisa_run.provenance.run_id}
    assert {"concentration", "percent inhibition", "IC50"} <= set(both.column("measure"))


def test_a_donor_without_activation_keeps_a_cohort_row_that_says_so(flow_tables):
    rows = [row for row in read_back(flow_tables["cohort"]) if row["donor"] == "D3"]
    undefined = [row for row in rows if row["measure"] == "percent inhibition"]
    assert undefined
    assert {(row["value"], row["status"]) for row in undefined} == {
        ("", "no activation: inhibition undefined")
    }


def test_a_dose_response_without_an_ic50_has_no_parameters(flow_run):
    first = flow_run.flow.dose_responses[0]
    params = {"A": 2000.0, "B": 1.0, "C": 1e7, "D": -21137.0}
    found = replace(first, params=params)
    lost = replace(found, donor="D2", ic50=math.nan, status="> highest dose")
    flow = replace(flow_run.flow, dose_responses=(found, lost))
    table = tables_of(replace(flow_run, flow=flow))["dose_response"]
    assert read_back(table)[0]["param_c_relative_ic50"] == "10000000.0"
    for key in ("param_a_no_inhibitor", "param_c_relative_ic50", "param_d_full_effect"):
        assert read_back(table)[1][key] == ""
    titles = {column.key: column.title for column in table.columns}
    assert "absolute" in titles["ic50"]
    assert "relative" in titles["param_c_relative_ic50"]


def test_a_label_named_like_a_column_gets_a_column_of_its_own(elisa_run):
    plate = elisa_run.elisa.plates[0]
    sample = replace(plate.samples[0], labels={"Status": "fresh", "status": "thawed"})
    elisa = replace(elisa_run.elisa, plates=(replace(plate, samples=(sample,)),))
    table = tables_of(replace(elisa_run, elisa=elisa))["concentrations"]
    assert table.column("label_status") == ("fresh",)
    assert table.column("label_status_2") == ("thawed",)


def one_cell(value):
    return Table("t", "T", (Column("a", "A"),), ((value,),))


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝"])
def test_no_text_in_csv_is_a_formula(start):
    assert read_back(one_cell(f"{start}1+1"))[0]["a"].startswith("'")


def test_negative_numbers_are_never_taken_for_formulas():
    assert read_back(one_cell(-1.5))[0]["a"] == "-1.5"


@pytest.mark.parametrize(
    ("value", "text"),
    [(math.nan, ""), (None, ""), (math.inf, "inf"), (True, "true"), (7, "7"), (0.1, "0.1")],
)
def test_missing_is_empty_and_an_open_end_is_inf(value, text):
    assert csv.cell(value) == text


def test_a_hostile_name_survives_the_quoting_of_csv():
    name = 'a"b,c\r\nd\u202eµ'
    assert read_back(one_cell(name))[0]["a"] == 'a"b,c\r\nd\ufffdµ'


def test_excel_is_told_that_csv_is_utf8():
    assert csv.to_bytes(one_cell("µ")) == b"\xef\xbb\xbfa\r\n\xc2\xb5\r\n"
