"""Serial dilutions declared once, wellmap-style toml, one layout for several plates."""

from __future__ import annotations

import math
from io import BytesIO
from typing import Any

import openpyxl
import pytest

from plates.errors import LayoutError
from plates.layout import Layout, Role
from plates.layouts.identify import read_layout
from plates.layouts.template import layout_template
from plates.source import Source
from plates.well import FORMATS, Well


def read(text: str, name: str = "layout.toml") -> Layout:
    return read_layout(Source.from_bytes(name, text.encode()))


def nominals(layout: Layout, wells: str, plate: str = "") -> list[float]:
    return [layout.of_plate(plate)[Well.parse(well)].nominal for well in wells.split()]


SERIES = '[standards]\nwells = "A1-H2"\ntop = "1000 pg/mL"\nfactor = 2\n'


@pytest.mark.parametrize(
    ("direction", "wells", "wanted"),
    [
        ("down", "A1 A2 B1 H2", [1000, 1000, 500, 1000 / 128]),
        ("up", "H1 H2 G1 A2", [1000, 1000, 500, 1000 / 128]),
        ("right", "A1 H1 A2 H2", [1000, 1000, 500, 500]),
        ("left", "A2 A1", [1000, 500]),
    ],
)
def test_a_series_is_declared_once(direction: str, wells: str, wanted: list[float]) -> None:
    layout = read(f'{SERIES}direction = "{direction}"\n')
    assert nominals(layout, wells) == wanted
    assert {content.role for content in layout.contents.values()} == {Role.STANDARD}
    assert {content.unit for content in layout.contents.values()} == {"pg/mL"}
    assert "read as a serial dilution: 1000, 500" in layout.notes[0]


def test_the_last_level_may_be_the_zero_standard() -> None:
    layout = read(f'{SERIES}direction = "down"\nzero = true\n')
    assert nominals(layout, "G1 H1 H2") == [15.625, 0, 0]


def test_a_single_row_or_column_needs_no_direction() -> None:
    layout = read(SERIES.replace("H2", "H1"))
    assert nominals(layout, "A1 B1 H1") == [1000, 500, 1000 / 128]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (SERIES, "which way"),
        (f'{SERIES}direction = "dawn"\n', "Did you mean 'down'"),
        (SERIES.replace("factor = 2", 'direction = "down"'), "has no factor"),
        (SERIES.replace("factor = 2", 'factor = 0.5\ndirection = "down"'), "Write 2"),
        (SERIES.replace("A1-H2", "A1") + 'direction = "down"\n', "single level"),
        (SERIES.replace('"1000 pg/mL"', "0"), "not above zero"),
        (f'{SERIES}direction = "down"\nnominal = 5\n', "list of concentrations as well"),
        (f'{SERIES}direction = "down"\nzero = "maybe"\n', "yes or no"),
        (f'{SERIES}direction = "down"\nat = "A1"\n', "twice where its wells are"),
    ],
)
def test_a_series_that_cannot_be_meant_is_refused(text: str, said: str) -> None:
    with pytest.raises(LayoutError) as caught:
        read(text)
    assert said in str(caught.value)
    assert caught.value.where.startswith("layout.toml")


def test_a_tidy_table_may_declare_a_series_in_one_row() -> None:
    layout = read(
        "well,role,sample,top (ng/mL),factor,direction\n"
        "A1-H2,standard,,10,1:4,down\nA3-A4,sample,P1,,,\n",
        "layout.csv",
    )
    assert nominals(layout, "A1 B2 C1") == [10, 2.5, 0.625]
    assert layout.contents["", Well(0, 0)].unit == "ng/mL"
    assert layout.contents["", Well(0, 2)].sample == "P1"


def workbook(**cells: Any) -> bytes:
    """The form with a series declared in line 5 of its own sheet, and more cells of Layout."""
    book = openpyxl.load_workbook(BytesIO(layout_template(FORMATS[96])))
    sheet = book["Serial dilutions"]
    for column, text in zip("ABCD", ("A1-H2", "1000", "2", "down"), strict=True):
        sheet[f"{column}5"] = text
    for cell, value in {"C5": "pg/mL", **cells}.items():
        book["Layout"][cell] = value
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def from_bytes(data: bytes) -> Layout:
    return read_layout(Source.from_bytes("layout.xlsx", data))


def test_the_form_takes_a_series_beside_its_blocks() -> None:
    layout = from_bytes(workbook(B9="standard", B19="Kit standard 1", D9="sample", D19="CLL-1"))
    assert layout.plates == ("",)
    assert nominals(layout, "A1 A2 B1") == [1000, 1000, 500]
    assert layout.contents["", Well(0, 0)].sample == "Kit standard 1"
    assert layout.contents["", Well(1, 0)].role is Role.STANDARD
    assert layout.contents["", Well(0, 2)].sample == "CLL-1"
    assert layout.contents["", Well(0, 0)].unit == "pg/mL"


def test_a_series_against_a_typed_concentration_or_role_is_refused() -> None:
    with pytest.raises(LayoutError, match="has the nominal '7'"):
        from_bytes(workbook(B9="standard", B29=7))
    with pytest.raises(LayoutError, match="has the role 'blank'"):
        from_bytes(workbook(B9="blank"))


def test_a_series_serves_every_plate_of_the_workbook() -> None:
    book = openpyxl.load_workbook(BytesIO(workbook(D9="blank")))
    book.copy_worksheet(book["Layout"]).title = "Plate 2"
    stream = BytesIO()
    book.save(stream)
    layout = from_bytes(stream.getvalue())
    assert layout.plates == ("Layout", "Plate 2")
    assert nominals(layout, "A1 B1", "Layout") == nominals(layout, "A1 B1", "Plate 2")


def test_one_table_may_be_about_several_plates() -> None:
    layout = read(
        f'{SERIES}direction = "down"\nplate = ["P1", "P2"]\n'
        '[samples]\nat = "A3"\nnames = "CLL-9"\nplate = "P2"\n'
    )
    assert layout.plates == ("P1", "P2")
    assert nominals(layout, "A1", "P1") == nominals(layout, "A1", "P2") == [1000]
    assert Well(0, 2) not in layout.of_plate("P1")


WELLMAP = """
[expt]
unit = "pg/mL"
role = "sample"
[row.A]
conc = 100
role = "standard"
[row.B]
conc = 0
role = "standard"
[col.'1,2']
replicate = 1
[block.3x2.C1]
sample = "CLL-01"
[block.1x1.C2]
sample = "CLL-02"
[well.H12]
role = "blank"
"""


def test_rows_and_columns_blocks_and_wells_lie_on_one_another() -> None:
    layout = read(WELLMAP)
    own = {str(well): content for (_, well), content in layout.contents.items()}
    assert set(own) == {"A1", "A2", "B1", "B2", "C1", "C2", "C3", "D1", "D2", "D3", "H12"}
    assert (own["A2"].role, own["A2"].nominal, own["A2"].unit) == (Role.STANDARD, 100, "pg/mL")
    assert own["B1"].nominal == 0
    assert [own[well].sample for well in ("C1", "C2", "D3")] == ["CLL-01", "CLL-02", "CLL-01"]
    assert own["H12"].role is Role.BLANK
    assert math.isnan(own["C1"].nominal)


def test_a_plate_adds_to_what_all_plates_share() -> None:
    layout = read(WELLMAP + '[plate.P1]\ndonor = "D1"\n[plate.P2.block.1x1.C2]\nsample = "X"\n')
    assert layout.plates == ("P1", "P2")
    assert layout.contents["P1", Well(2, 1)].sample == "CLL-02"
    assert layout.contents["P1", Well(2, 1)].labels == {"donor": "D1"}
    assert layout.contents["P2", Well(2, 1)].sample == "X"


def test_interleaved_rows_hop_to_their_neighbour() -> None:
    layout = read(
        '[irow.A]\nsample = "a"\nrole = "sample"\n[irow.B]\nsample = "b"\nrole = "sample"\n'
        "[col.'1,...,4']\nreplicate = 1\n"
    )
    own = {str(well): content.sample for (_, well), content in layout.contents.items()}
    assert [own[well] for well in ("A1", "B2", "A3", "B4")] == ["a"] * 4
    assert [own[well] for well in ("B1", "A2", "B3", "A4")] == ["b"] * 4


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[block.2x2."A1,A3,...,C7"]\nsample = "s"\n', None),
        ('[block.2x2."A1,A3,...,C6"]\nsample = "s"\n', "does not end at C6"),
        ('[block.2by2.A1]\nsample = "s"\n', "no size of a block"),
        ('[block.4x4.AF47]\nsample = "s"\n', "beyond any plate"),
        ('[well.A0]\nsample = "s"\n', "not the name of a well"),
        ('[row.9]\nrole = "blank"\n', "expected a row"),
        ('[col.A]\nrole = "blank"\n', "expected a column"),
        ("[row.A]\nconc = 1\n[col.1]\nconc = 2\n", "is '1' by layout.toml: row.A.conc"),
        ('[meta]\ninclude = "x.toml"\n[well.A1]\nrole = "blank"\n', "draws on another file"),
        ('[well.A1]\nrole = ["blank"]\n', "expected a single value"),
        ('[wells.A1]\nrole = "x"\n[row.A]\nrole = "blank"\n', "'wells' is unknown"),
        ("[row.A]\nconc = 1\n", "describes no well"),
    ],
)
def test_what_a_wellmap_file_cannot_mean_is_refused(text: str, said: str | None) -> None:
    if said is None:
        found = {str(well) for _, well in read(text).contents}
        assert {"A1", "B8", "D8", "C7"} <= found
        return
    with pytest.raises(LayoutError) as caught:
        read(text)
    assert said in str(caught.value)
