"""The first command of a newcomer: the example runs become reports."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

ELISA_TABLES = {"standards", "concentrations", "findings", "cohort"}
FLOW_TABLES = {"populations", "readings", "inhibition", "findings", "cohort", "donors", "miflowcyt"}
TABLES = {
    "il6_elisa": ELISA_TABLES,
    "il6_plates": ELISA_TABLES,
    "il6_blockade": FLOW_TABLES
    | {"dose_response", "combinations", "correlation", "positive_controls", "spillover"},
    "il6_signalling": FLOW_TABLES | {"calibration", "shifts", "kinetics", "single_stains"},
    "il6_viability": FLOW_TABLES | {"protection"},
    # One donor: nothing to compare between donors.
    "il6_nfkb": FLOW_TABLES - {"donors"} | {"dose_response", "kinetics", "positive_controls"},
}


def assays(*words: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "assays.cli", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("demo") / "runs"
    done = assays("demo", place)
    assert done.returncode == 0, done.stderr
    for name in TABLES:
        assert str(place / name / "results" / "report.html") in done.stdout
    assert "next: assays init" in done.stderr
    return place


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.mark.parametrize(("name", "tables"), TABLES.items())
def test_a_run_leaves_everything_that_the_folder_promises(
    demo: Path, name: str, tables: set[str]
) -> None:
    results = demo / name / "results"
    for file in ("report.html", "results.xlsx", "run.json", "execution.json"):
        assert (results / file).stat().st_size > 300, file
    assert tables <= {path.stem for path in (results / "tables").glob("*.csv")}
    assert list((results / "figures").glob("*.svg"))
    assert sum(len(data) for data in bytes_of(results).values()) < 40e6
    assert (results / "report.html").stat().st_size < 15e6


@pytest.mark.parametrize("name", ["il6_elisa", "il6_blockade"])
def test_a_second_run_elsewhere_gives_the_same_bytes(demo: Path, name: str, tmp_path: Path) -> None:
    # The demo shares its processes out by the cores; two for one run must give the same pictures.
    done = assays("run", demo / name, "--out", tmp_path / "again", "--jobs", "2")
    assert done.returncode == 0, done.stderr
    first, second = bytes_of(demo / name / "results"), bytes_of(tmp_path / "again")
    first.pop("execution.json"), second.pop("execution.json")
    assert first.keys() == second.keys()
    assert [file for file in first if first[file] != second[file]] == []


def test_the_same_run_again_changes_nothing(demo: Path) -> None:
    results = demo / "il6_elisa" / "results"
    before = {path: path.stat().st_mtime_ns for path in results.rglob("*")}
    done = assays("run", demo / "il6_elisa")
    assert "unchanged" in done.stdout
    assert {path: path.stat().st_mtime_ns for path in results.rglob("*")} == before


class Addresses(HTMLParser):
    """Whatever a page would load from elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [
            value or ""
            for name, value in attrs
            if name in ("src", "href", "data", "action", "poster", "srcset")
            and not (value or "").startswith(("#", "data:"))
        ]


@pytest.mark.parametrize("name", TABLES)
def test_the_report_is_one_file_that_asks_for_nothing(demo: Path, name: str) -> None:
    page = (demo / name / "results" / "report.html").read_text(encoding="utf-8")
    parser = Addresses()
    parser.feed(page)
    assert parser.found == []
    assert not re.search(r"url\(\s*['\"]?(?!data:|#)", page)
    assert "@import" not in page


@pytest.mark.parametrize("name", TABLES)
def test_the_record_names_every_input_and_agrees_with_the_tables(demo: Path, name: str) -> None:
    results = demo / name / "results"
    record = json.loads((results / "run.json").read_text(encoding="utf-8"))
    assert record["schema"] == 1
    assert len(record["run_id"]) == 64
    import hashlib

    for entry in record["inputs"]:
        data = (demo / name / entry["name"]).read_bytes()
        assert hashlib.sha256(data).hexdigest() == entry["sha256"]
    with (results / "tables" / "cohort.csv").open(encoding="utf-8-sig", newline="") as handle:
        rows = list(csv.DictReader(handle))
    assert rows
    assert {row["run_id"] for row in rows} == {record["run_id"]}


def test_a_copy_of_the_folder_is_the_same_run(demo: Path, tmp_path: Path) -> None:
    import shutil

    shutil.copytree(demo / "il6_elisa", tmp_path / "renamed")
    done = assays("run", tmp_path / "renamed")
    assert "renamed: " in done.stdout
    assert "unchanged" in done.stdout


def test_changed_choices_are_another_run(demo: Path, tmp_path: Path) -> None:
    import shutil

    place = tmp_path / "il6_elisa"
    shutil.copytree(demo / "il6_elisa", place)
    text = (place / "assay.toml").read_text(encoding="utf-8")
    changed = text.replace('model = "4pl"', 'model = "4pl"\nlevel = 0.9')
    assert changed != text
    (place / "assay.toml").write_text(changed, encoding="utf-8")
    refused = assays("run", place)
    assert refused.returncode == 1
    assert "another run" in refused.stderr
    done = assays("run", place, "--supersede", "interval at 90 %")
    assert done.returncode == 0, done.stderr
    execution = json.loads((place / "results" / "execution.json").read_text(encoding="utf-8"))
    assert execution["reason"] == "interval at 90 %"
    assert len(list((place / "runs").iterdir())) == 1


PAGE = Path(__file__).parents[2] / "docs" / "tutorials" / "the-examples.md"
FLOW_RUNS = [name for name, tables in TABLES.items() if "miflowcyt" in tables]


def shown() -> list[tuple[str, ...]]:
    """Rows of the page that say what is shown where: what, runs, heading and, if any, table."""
    text = (
        PAGE.read_text(encoding="utf-8").split("## Everything that is shown")[1].split("\n## ")[0]
    )
    rows = [tuple(cell.strip() for cell in line.strip("|").split("|"))
            for line in text.splitlines() if line.startswith("| ")]  # fmt: skip
    return [row for row in rows if row[1] != "run"]


@pytest.mark.parametrize("row", shown(), ids=lambda row: row[0][:50])
def test_what_the_page_promises_stands_in_report_and_workbook(
    demo: Path, row: tuple[str, ...]
) -> None:
    import html

    import openpyxl

    runs = re.findall(r"`(il6_\w+)`", row[1])
    if not runs:
        runs = [name for name in FLOW_RUNS if "signal" not in row[1] or name != "il6_viability"]
    (heading,) = re.findall(r"^\*(.+)\*$", row[2])
    for name in runs:
        results = demo / name / "results"
        page = (results / "report.html").read_text(encoding="utf-8")
        found = re.findall(r"<(h\d|summary)[^>]*>(.*?)</\1>", page, flags=re.DOTALL)
        told = [html.unescape(re.sub(r"<[^>]+>", "", text)).strip() for _, text in found]
        assert any(text.startswith(heading) for text in told), (name, heading)
        for table in re.findall(r"`(\w+)`", row[3] if len(row) > 3 else ""):
            assert (results / "tables" / f"{table}.csv").is_file(), (name, table)
            book = openpyxl.load_workbook(results / "results.xlsx", read_only=True)
            assert any(sheet.startswith(table) for sheet in book.sheetnames), (name, table)
            book.close()


def test_numbers_on_the_page_are_those_of_the_run(demo: Path) -> None:
    tables = demo / "il6_blockade" / "results" / "tables"
    with (tables / "inhibition.csv").open(encoding="utf-8-sig", newline="") as handle:
        (pair,) = [
            float(row["percent_inhibition"])
            for row in csv.DictReader(handle)
            if row["donor"] == "D03" and " + " in row["inhibitor"] and "p65" in row["readout"]
        ]
    assert f"({pair:.1f} % in D03)" in PAGE.read_text(encoding="utf-8")
