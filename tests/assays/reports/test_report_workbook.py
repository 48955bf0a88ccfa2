import io
import math
import re
import shutil
import subprocess
import zipfile
from dataclasses import replace

import openpyxl
import pytest

from assays.reports import workbook
from assays.reports.book import Book
from assays.reports.closed_forms import FORMS, form_of, read_back
from assays.reports.tables import tables_of
from assays.results.elisa import RangeStatus
from assays.results.table import Column, Table

PARAMS = {
    "4pl": {"A": 0.05, "B": 1.13, "C": 148.0, "D": 3.4},
    "3pl": {"A": 0.0, "B": 0.9, "C": 90.0, "D": 2.8},
    "5pl": {"A": 2.9, "B": 1.2, "C": 60.0, "D": 0.04, "G": 0.7},
    "linear": {"intercept": 0.05, "slope": 0.011},
    "quadratic": {"c0": 0.04, "c1": 0.012, "c2": -1.1e-5},
    "loglog": {"intercept": -1.4, "slope": 0.83},
    "loglogit": {"A": 2.6, "B": 1.05, "C": 70.0, "D": 0.0},
}


def book_of(run, **how):
    return openpyxl.load_workbook(io.BytesIO(workbook.render(run, tables_of(run))), **how)


def with_every_model(run):
    """The same plate read through each curve that a spreadsheet can solve."""
    plate = run.elisa.plates[0]
    plates = tuple(
        replace(
            plate,
            plate=model,
            curve=replace(plate.curve, model=model, params=params, standard_errors={}),
        )
        for model, params in PARAMS.items()
    )
    return replace(run, elisa=replace(run.elisa, plates=plates))


def formulas(book):
    return [
        (sheet.title, each.coordinate)
        for sheet in book
        for row in sheet.iter_rows()
        for each in row
        if each.data_type == "f"
    ]


def test_every_table_has_a_sheet_and_the_verdict_comes_first(elisa_run):
    book = book_of(elisa_run)
    assert book.sheetnames[0] == "summary"
    assert set(book.sheetnames) == {"summary", "curve", "prism", *tables_of(elisa_run)}
    words = [each.value for row in book["summary"].iter_rows() for each in row if each.value]
    assert "Plate accepted; 2 samples need a repeat." in words


def test_sheets_are_tidy(elisa_run):
    sheet = book_of(elisa_run)["concentrations"]
    assert sheet["A1"].value == "plate"
    assert sheet.freeze_panes == "B2"
    assert sheet.auto_filter.ref
    heads = [each.value for each in sheet[1]]
    first = elisa_run.elisa.plates[0].samples[1]
    assert sheet.cell(3, heads.index("concentration") + 1).value == first.concentration
    assert sheet.cell(2, heads.index("concentration") + 1).value is None


def test_the_cached_values_are_our_numbers(elisa_run):
    sheet = book_of(elisa_run, data_only=True)["curve"]
    found = {row[0]: row for row in sheet.iter_rows(min_row=26, max_col=11, values_only=True)}
    for sample in elisa_run.elisa.plates[0].samples:
        excel, gap = found[sample.sample][7], found[sample.sample][9]
        if sample.status in (RangeStatus.OK, RangeStatus.HIGH_CV):
            assert excel == pytest.approx(sample.concentration, rel=1e-9)
            assert abs(gap) < 1e-9
        else:
            assert excel == f"{sample.qualifier} {sample.limit:g}"


def recalculated(tmp_path, data):
    """The workbook as LibreOffice recomputes it."""
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program is None:
        pytest.skip("LibreOffice is not installed")
    profile = tmp_path / "profile"
    (profile / "user").mkdir(parents=True)
    (profile / "user" / "registrymodifications.xcu").write_text(
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<oor:items xmlns:oor="http://openoffice.org/2001/registry">'
        '<item oor:path="/org.openoffice.Office.Calc/Formula/Load">'
        '<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item></oor:items>'
    )
    (tmp_path / "results.xlsx").write_bytes(data)
    command = [program, f"-env:UserInstallation={profile.as_uri()}", "--headless"]
    command += ["--convert-to", "xlsx", "--outdir", str(tmp_path / "again")]
    done = subprocess.run(
        [*command, str(tmp_path / "results.xlsx")], capture_output=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return openpyxl.load_workbook(tmp_path / "again" / "results.xlsx", data_only=True)


def test_a_spreadsheet_recomputes_every_formula_to_our_value(elisa_run, tmp_path):
    run = with_every_model(elisa_run)
    data = workbook.render(run, tables_of(run))
    # Without the stored values nothing but a calculation can give them back.
    stripped = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as whole, zipfile.ZipFile(stripped, "w") as bare:
        for name in whole.namelist():
            part = whole.read(name)
            if name.startswith("xl/worksheets/sheet"):
                part = _without_values(part)
            bare.writestr(name, part)
    again = recalculated(tmp_path, stripped.getvalue())
    ours = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
    places = formulas(openpyxl.load_workbook(io.BytesIO(data)))
    assert {sheet for sheet, _ in places} == {f"curve {model}" for model in PARAMS}
    assert len(places) > 1200
    for sheet, place in places:
        stored, found = ours[sheet][place].value, again[sheet][place].value
        if isinstance(stored, int | float):
            assert found == pytest.approx(stored, rel=1e-9, abs=1e-12), (sheet, place)
        else:
            assert (found or "") == (stored or ""), (sheet, place)


def _without_values(part):
    return re.sub(rb"(</f>)<v>[^<]*</v>", rb"\1", part)


@pytest.mark.parametrize("model", PARAMS)
def test_reading_back_undoes_the_curve(model):
    form = form_of(model, PARAMS[model])
    for x in (0.5, 3.13, 42.0, 200.0):
        response = form.forward_value(x, PARAMS[model])
        assert read_back(form, response, PARAMS[model]) == pytest.approx(x, rel=1e-9)


def test_a_response_off_the_curve_is_told_and_not_computed():
    rising, falling = PARAMS["4pl"], PARAMS["5pl"]
    assert read_back(FORMS[0], 0.01, rising) == "below"
    assert read_back(FORMS[0], 3.4, rising) == "above"
    assert read_back(FORMS[1], 3.0, falling) == "below"
    assert read_back(FORMS[1], 0.01, falling) == "above"
    assert read_back(FORMS[0], math.nan, rising) == "no reading"


def test_a_model_without_closed_form_gets_our_numbers_and_a_sentence(elisa_run):
    plate = elisa_run.elisa.plates[0]
    curve = replace(plate.curve, model="spline", params={"k1": 1.0})
    elisa = replace(elisa_run.elisa, plates=(replace(plate, curve=curve),))
    book = book_of(replace(elisa_run, elisa=elisa), data_only=True)
    words = [row[0] for row in book["curve"].iter_rows(max_col=1, values_only=True) if row[0]]
    assert any("cannot solve the model spline" in word for word in words)
    assert book["curve"]["H27"].value == pytest.approx(plate.samples[1].concentration)


@pytest.mark.parametrize(("source", "shown"), [("declared", "< 1.1"), ("from the curve", "< 3.13")])
def test_only_a_declared_limit_of_detection_decides(elisa_run, source, shown):
    plate = elisa_run.elisa.plates[0]
    limits = replace(plate.limits, lod=1.1, lod_source=source)
    quiet = replace(plate.wells[0], signal=0.05)
    first = plate.samples[0].wells
    wells = tuple(replace(w, signal=quiet.signal) if w.well in first else w for w in plate.wells)
    plate = replace(plate, limits=limits, wells=wells)
    run = replace(elisa_run, elisa=replace(elisa_run.elisa, plates=(plate,)))
    assert book_of(run, data_only=True)["curve"]["H26"].value == shown


def test_a_well_beyond_the_readers_range_is_told_and_not_averaged_away(elisa_run):
    plate = elisa_run.elisa.plates[0]
    first = next(s for s in plate.samples if s.qualifier == ">")
    wells = tuple(
        replace(w, signal=math.nan, flag="OVRFLW") if w.well == first.wells[0] else w
        for w in plate.wells
    )
    elisa = replace(elisa_run.elisa, plates=(replace(plate, wells=wells),))
    sheet = book_of(replace(elisa_run, elisa=elisa))["curve"]
    row = next(r for r in range(26, 60) if sheet.cell(r, 1).value == first.sample)
    assert sheet.cell(row, 8).value == "> 200"


def test_a_refused_curve_gives_no_concentration_on_its_sheet(elisa_run):
    plate = elisa_run.elisa.plates[0]
    curve = replace(plate.curve, accepted=False, refused_why="The standards do not rise.")
    samples = tuple(
        replace(s, concentration=math.nan, status=RangeStatus.REJECTED, qualifier="")
        for s in plate.samples
    )
    elisa = replace(elisa_run.elisa, plates=(replace(plate, curve=curve, samples=samples),))
    sheet = book_of(replace(elisa_run, elisa=elisa), data_only=True)["curve"]
    assert {sheet.cell(row, 8).value for row in range(26, 40)} == {"curve refused"}


def test_the_chart_is_native_and_its_concentrations_stand_on_a_log_axis(elisa_run):
    data = workbook.render(elisa_run, tables_of(elisa_run))
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        chart = parts.read("xl/charts/chart1.xml").decode()
    assert "<c:scatterChart>" in chart
    assert chart.count('<c:logBase val="10"/>') == 1


def test_prism_gets_standards_with_x_unknowns_without_and_a_star_on_the_excluded(elisa_run):
    rows = list(book_of(elisa_run)["prism"].iter_rows(values_only=True))
    assert rows[0][1:4] == ("IL-6 (pg/mL)", "Y1", "Y2")
    by_name = {row[0]: row for row in rows}
    assert by_name["S1"][1] == 200
    assert by_name["S3"][3].endswith("*")
    assert by_name["CLL-01"][1] is None


def test_no_name_becomes_a_formula_or_a_link(elisa_run):
    plate = elisa_run.elisa.plates[0]
    names = ['=HYPERLINK("http://x")', "http://x.example", "+1", "@SUM(A1)", "a\x00b\x1b"]
    samples = tuple(replace(s, sample=name) for s, name in zip(plate.samples, names, strict=False))
    plate = replace(plate, samples=samples, plate="[a]:*?/\\'" * 9)
    run = replace(elisa_run, title="=1+1", elisa=replace(elisa_run.elisa, plates=(plate,)))
    book = book_of(run)
    column = [each.value for each in book["concentrations"]["B"]][1:]
    assert {*names[:4], "a\ufffdb\ufffd"} == set(column)
    for sheet, place in formulas(book):
        assert sheet == "curve", place
    linked = [
        each
        for sheet in book
        for row in sheet.iter_rows()
        for each in row
        if each.hyperlink and each.hyperlink.target
    ]
    assert linked == []


def test_text_longer_than_a_cell_is_cut_and_says_so(elisa_run):
    plate = elisa_run.elisa.plates[0]
    sample = replace(plate.samples[0], sample="x" * 40_000)
    elisa = replace(elisa_run.elisa, plates=(replace(plate, samples=(sample,)),))
    value = book_of(replace(elisa_run, elisa=elisa))["concentrations"]["B2"].value
    assert len(value) == 32_767
    assert value.endswith("…")


def test_sheet_names_keep_the_limits_of_excel():
    book = Book(None)
    long = "plate with a name that goes on and on"
    names = [book.free_name(name) for name in (long, long, "History", "a/b[c]", "''", "A/B[C]")]
    assert all(0 < len(name) <= 31 for name in names)
    assert len({name.lower() for name in names}) == len(names)
    assert not [name for name in names if set(name) & set("[]:*?/\\")]
    assert names[2].lower() != "history"


def test_several_plates_have_a_curve_sheet_each(elisa_run):
    plate = elisa_run.elisa.plates[0]
    elisa = replace(elisa_run.elisa, plates=(plate, replace(plate, plate="P2")))
    book = book_of(replace(elisa_run, elisa=elisa))
    assert {"curve P1", "curve P2"} <= set(book.sheetnames)
    assert "p_A" in book["curve P1"].defined_names
    assert "p_A" in book["curve P2"].defined_names


def test_the_same_run_gives_the_same_workbook(elisa_run, flow_run):
    for run in (elisa_run, flow_run):
        once, twice = (workbook.render(run, tables_of(run)) for _ in range(2))
        assert once == twice


def test_a_percentage_of_nothing_but_rounding_has_one_decimal():
    import xlsxwriter

    column = Column("cv_percent", "CV", "%", "percent")
    stream = io.BytesIO()
    file = xlsxwriter.Workbook(stream, {"in_memory": True})
    name = workbook.add_table(
        Book(file), Table("t", "T", (column,), ((1.69e-14,), (41.5,), (3e12,)))
    )
    file.close()
    sheet = openpyxl.load_workbook(stream)[name]
    formats = [row[0].number_format for row in sheet.iter_rows(min_row=2)]
    assert formats == ["0.0", "0.0", "0.00E+00"]
