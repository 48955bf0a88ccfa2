"""`assays read` of gating files: what a colleague sees before trusting somebody's gates."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from assays.errors import GatingError
from assays.workflow.look import look

SPACES = " ".join(
    f'xmlns:{prefix}="http://www.isac-net.org/std/Gating-ML/v2.0/{name}"'
    for prefix, name in (
        ("gating", "gating"), ("transforms", "transformations"), ("data-type", "datatypes"),
    )
)  # fmt: skip


def rectangle(channel: str, ends: str, more: str = "") -> str:
    return (
        f"<gating:RectangleGate {more}><gating:dimension {ends}>"
        f'<data-type:fcs-dimension data-type:name="{channel}"/></gating:dimension>'
        "</gating:RectangleGate>"
    )


CELLS = rectangle("A", 'gating:min="1"')
LIVE = rectangle("B", 'gating:max="9"')
CLL = rectangle("CD5", 'gating:min="2"', 'gating:id="CLL"')


def workspace(tmp_path: Path, name: str = "book.wsp") -> Path:
    samples = "".join(
        f'<Sample><DataSet uri="file:/data/tube_{n}.fcs" sampleID="{n}"/>'
        f'<SampleNode name="tube {n}" count="100" sampleID="{n}"><Subpopulations>'
        f'<Population name="cells" count="{50 + n}"><Gate>{CELLS}</Gate>'
        f'<Subpopulations><Population name="=live" count="-1"><Gate>'
        f"{LIVE}</Gate></Population></Subpopulations></Population>"
        "</Subpopulations></SampleNode></Sample>"
        for n in (1, 2)
    )
    place = tmp_path / name
    place.write_text(
        f'<Workspace version="20.0" flowJoVersion="10.8.1" {SPACES}>'
        '<Groups><GroupNode name="All Samples"><Group><SampleRefs><SampleRef sampleID="1"/>'
        f'<SampleRef sampleID="2"/></SampleRefs></Group></GroupNode></Groups>'
        f"<SampleList>{samples}</SampleList></Workspace>"
    )
    return place


def test_a_workspace_tells_its_samples_groups_gates_and_stored_counts(tmp_path: Path) -> None:
    seen = look(workspace(tmp_path))
    facts = dict(seen.facts)
    assert seen.kind == "gating"
    assert facts["program"] == "FlowJo 10.8.1"
    assert facts["samples"] == "2: tube 1 (tube_1.fcs), tube 2 (tube_2.fcs)"
    assert facts["groups"] == "All Samples (2)"
    assert facts["channels gated"] == "A, B"
    assert seen.columns == (
        "sample", "population", "kind", "channels", "stored count", "% of parent",
    )  # fmt: skip
    assert seen.rows[0] == ("tube 1", "root/cells", "interval", "A", "51", "51.00")
    assert seen.rows[1] == ("tube 1", "root/cells/=live", "interval", "B", "", "")
    json.dumps(seen.as_record())
    assert seen.as_record()["groups"] == {"All Samples": ["tube 1", "tube 2"]}


def test_the_csv_holds_the_gates_and_no_formula(tmp_path: Path) -> None:
    place = tmp_path / "gates.csv"
    look(workspace(tmp_path)).write_csv(place)
    rows = list(csv.DictReader(place.read_text().splitlines()))
    assert [row["stored_count"] for row in rows] == ["51", "", "52", ""]
    assert rows[0]["gate"] == "A ≥ 1"
    assert not any(value.startswith("=") for row in rows for value in row.values())


def test_the_page_escapes_what_the_file_says(tmp_path: Path) -> None:
    place = workspace(tmp_path)
    place.write_text(place.read_text().replace('name="=live"', 'name="&lt;img src=x&gt;"'))
    look(place).write_html(tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text()
    assert "<img src=x" not in page
    assert "root/cells/&lt;img src=x&gt;" in page


def test_a_gating_ml_file_serves_every_tube(tmp_path: Path) -> None:
    place = tmp_path / "gates.xml"
    place.write_text(f"<gating:Gating-ML {SPACES}>{CLL}</gating:Gating-ML>")
    seen = look(place)
    assert dict(seen.facts)["samples"] == "one strategy for every tube"
    assert seen.rows == (("CLL", "interval", "CD5"),)


def test_a_workspace_that_is_none_is_not_asked_of_the_plate_readers(tmp_path: Path) -> None:
    place = tmp_path / "broken.wsp"
    place.write_text("<html></html>")
    with pytest.raises(GatingError, match="no gating file that is known"):
        look(place)
