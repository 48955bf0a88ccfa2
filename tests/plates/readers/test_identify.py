from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import plates
from plates.errors import IdentifyError, LabError
from plates.readers.contract import PlateReader
from plates.readers.identify import by_name, identify, readers, reasons
from plates.source import Source

SAMPLES = Path(__file__).parents[2] / "samples" / "plates"


def source(text: str) -> Source:
    return Source.from_bytes("plate.csv", text.encode())


GRID = ",1,2,3\nA,0.1,0.2,0.3\nB,0.4,0.5,0.6\n"


def test_an_unknown_file_is_refused_with_what_was_looked_for() -> None:
    with pytest.raises(IdentifyError) as caught:
        identify(source("definitely not plate data\n"))
    assert "begins with 'definitely not plate data'" in caught.value.message
    assert "looked for the marks of" in caught.value.message
    said = {name: reason for name, _, reason in reasons(source("definitely not plate data\n"))}
    for reader in readers():
        assert reader.name in caught.value.hint
        assert said[reader.name]


@pytest.mark.parametrize(
    "text",
    [
        "User: me,Path: C:\\\nTest name: IL6\n" + GRID,
        GRID + "Remarks,none,at,all\n",
        "Role\n" + GRID,
        ",1,2\nA,STD1,STD2\nB,SPL1,SPL2\n",
        "well,value,spin\nA1,0.1,up\n",
    ],
    ids=["a header of another program", "a footer", "a layout", "names", "an unknown column"],
)
def test_a_plain_reader_takes_only_what_holds_nothing_else(text: str) -> None:
    with pytest.raises(IdentifyError):
        identify(source(text))


def test_a_reader_can_be_forced_and_still_says_what_it_misses() -> None:
    assert plates.read(source(GRID), reader="plain_grid").reader == "plain_grid"
    with pytest.raises(LabError, match="gen5"):
        plates.read(source(GRID), reader="gen5")


@pytest.mark.parametrize("reader", readers(), ids=lambda reader: reader.name)
@pytest.mark.parametrize(
    "data",
    [b"\x00" * 300, b"FCS3.1" + bytes(range(256)), b"PK\x03\x04broken", b"\n\n\n", b"\xff\xfe\x00",
     GRID.encode(), b"##BLOCKS= 1\nPlate:\tP", b"Software Version\t1\nPlate Number\tP\n"],
    ids=["nul", "fcs", "zip", "blank", "utf-16", "grid", "softmax", "gen5"],
)  # fmt: skip
def test_forcing_the_wrong_reader_gives_an_error_of_ours_or_a_true_read(
    reader: PlateReader, data: bytes
) -> None:
    try:
        plates.read(Source.from_bytes("odd.txt", data), reader=reader.name)
    except LabError as error:
        assert error.message


def test_an_unknown_reader_names_the_nearest() -> None:
    with pytest.raises(IdentifyError, match="there is no reader 'gen6'") as caught:
        by_name("gen6")
    assert "gen5" in caught.value.hint


def test_a_number_that_may_be_two_is_refused() -> None:
    with pytest.raises(LabError, match="may be"):
        plates.read(source(';1;2\nA;"1,042";"2,500"\nB;"3,001";"1,000"\n'))


def test_a_tidy_line_that_repeats_a_well_is_refused() -> None:
    with pytest.raises(LabError, match="stands twice"):
        plates.read(source("well,value\nA1,0.1\nA01,0.2\n"))


def test_reading_an_export_imports_no_pandas() -> None:
    path = SAMPLES / "gen5" / "il6_elisa.txt"
    code = f"import sys, plates; plates.read({str(path)!r}); assert 'pandas' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[3])
