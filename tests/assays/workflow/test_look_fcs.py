"""What `assays read` tells of an FCS file."""

from __future__ import annotations

import gzip
import importlib.util
import sys
from pathlib import Path
from typing import Any

import pytest

from assays.errors import FcsError
from assays.workflow.look import look
from assays.workflow.look_fcs import CUT_SHORT

ROWS = [(100 * n, 50 * n + 7, n % 3, n) for n in range(60)]
WORDS = {
    "$CYT": "LSRII",
    "CYTNUM": "H12",
    "$DATE": "03-Feb-2014",
    "$BTIM": "13:13:54",
    "$ETIM": "13:14:20",
    "$P1N": "FSC-A",
    "$P2N": "SSC-A",
    "$P3N": "FITC-A",
    "$P3S": "pSTAT3 <b>",
    "$P4N": "Time",
    "$TIMESTEP": "0.5",
    "$P3V": "512",
    "$P3L": "488",
    "LASER1NAME": "Blue",
    "SPILL": "2,SSC-A,FITC-A,1,0.25,0,1",
}


def odd() -> Any:
    """The writer of odd FCS files that the tests of the reader use."""
    path = Path(__file__).parents[1] / "flow/fcs/conftest.py"
    spec = importlib.util.spec_from_file_location("odd_fcs_for_looks", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module.Odd


@pytest.fixture
def tube() -> bytes:
    data = odd()(rows=ROWS, words=WORDS).build()
    assert isinstance(data, bytes)
    return data


def put(folder: Path, data: bytes, name: str = "tube.fcs") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def test_a_cytometrist_sees_what_they_look_for(tmp_path: Path, tube: bytes) -> None:
    seen = look(put(tmp_path, tube))
    facts = dict(seen.facts)
    assert facts["cytometer"] == "LSRII, serial H12"
    assert facts["acquired"] == "03-Feb-2014 13:13:54–13:14:20"
    assert facts["events"] == "60"
    assert facts["lasers"] == "Blue"
    assert facts["spillover"] == "2 × 2 (SPILL), most: 25.0 % of SSC-A in FITC-A"
    assert facts["time"].startswith("29.5 s, 2 events/s")
    fitc = dict(zip(seen.columns, seen.rows[2], strict=True))
    assert (fitc["marker"], fitc["volts"], fitc["laser nm"]) == ("pSTAT3 <b>", "512", "488")
    assert "filter" not in seen.columns


def test_every_data_set_is_named_and_any_can_be_shown(tmp_path: Path, tube: bytes) -> None:
    first = odd()(last=False).build()
    path = put(tmp_path, first + tube)
    told = dict(look(path).facts)["data sets"]
    assert told == (
        "2, counted from 0 – 0: 3 events × 2 channels (shown); 1: 60 events × 4 channels"
    )
    assert dict(look(path, dataset=1).facts)["events"] == "60"
    with pytest.raises(FcsError, match="2 data sets"):
        look(path, dataset=2)


def test_a_salvaged_file_is_marked_wherever_it_is_shown(tmp_path: Path, tube: bytes) -> None:
    path = put(tmp_path, tube[:-24])
    with pytest.raises(FcsError, match="whole ones"):
        look(path)
    seen = look(path, salvage=True, verify=True)
    assert dict(seen.facts)["events"] == "58 of 60, 2 missing (salvaged)"
    assert CUT_SHORT in {finding.rule for finding in seen.findings}
    assert seen.to_csv().splitlines()[1].endswith("58 of 60 events")
    assert seen.to_html is not None
    page = seen.to_html().decode()
    assert "2 are missing" in page
    assert "cut short" in page


def test_a_note_of_the_second_engine_is_no_difference(tmp_path: Path, tube: bytes) -> None:
    agreed = look(put(tmp_path, tube), verify=True)
    assert dict(agreed.facts)["second engine"] == "agrees in every value"
    wide = odd()(rows=[(1, 2)], kind="I", bits="64").build()
    unknown = look(put(tmp_path, wide, "wide.fcs"), verify=True)
    assert dict(unknown.facts)["second engine"] == "could not confirm it, see below"


def test_a_packed_file_is_known_by_its_content(tmp_path: Path, tube: bytes) -> None:
    seen = look(put(tmp_path, gzip.compress(tube), "tube.fcs.gz"))
    assert seen.kind == "fcs"
    assert dict(seen.facts)["events"] == "60"


def test_the_page_holds_picture_channels_and_spillover_and_escapes(
    tmp_path: Path, tube: bytes
) -> None:
    seen = look(put(tmp_path, tube))
    assert seen.to_html is not None
    page = seen.to_html().decode()
    assert page == seen.to_html().decode()
    assert "60 events on FSC-A and SSC-A" in page
    assert "data:image/svg+xml" in page
    assert "pSTAT3 &lt;b&gt;" in page
    assert "25.0" in page
    assert "<script" not in page


def test_a_file_without_events_has_a_page_without_a_picture(tmp_path: Path) -> None:
    empty = odd()(
        rows=[(1, 2)], data=b"", words={"$TOT": "0", "$BEGINDATA": "0", "$ENDDATA": "0"}
    ).build()
    seen = look(put(tmp_path, empty))
    assert dict(seen.facts)["events"] == "0"
    assert seen.to_html is not None
    assert "data:image" not in seen.to_html().decode()
