"""What cannot be understood ends in one sentence, exit code 1, and no results folder."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from assays.workflow.demo import examples_folder

Spoil = Callable[[Path], None]


def assays(*words: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "assays.cli", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def edited(name: str, old: str, new: str, count: int = 1) -> Spoil:
    def spoil(run: Path) -> None:
        text = (run / name).read_text(encoding="utf-8")
        assert old in text, f"{old!r} is not in {name}"
        (run / name).write_text(text.replace(old, new, count), encoding="utf-8")

    return spoil


def emptied(name: str) -> Spoil:
    return lambda run: (run / name).write_bytes(b"")


def removed(name: str) -> Spoil:
    return lambda run: (run / name).unlink()


def cut_in_half(name: str) -> Spoil:
    def spoil(run: Path) -> None:
        data = (run / name).read_bytes()
        (run / name).write_bytes(data[: len(data) // 2])

    return spoil


def replaced(name: str, data: bytes) -> Spoil:
    return lambda run: (run / name).write_bytes(data)


PLATE, LAYOUT = "il6_plate1.txt", "layout.csv"


def layout_as_csv(old: str, new: str, count: int = 1) -> Spoil:
    """The example's layout as a csv that somebody edited."""

    def spoil(run: Path) -> None:
        done = assays("read", run / "layout.xlsx", "--csv", run / LAYOUT)
        assert done.returncode == 0, done.stderr
        (run / "layout.xlsx").unlink()
        edited(LAYOUT, old, new, count)(run)

    return spoil


ELISA: dict[str, tuple[Spoil, str]] = {
    "no export": (removed(PLATE), "export"),
    "empty export": (emptied(PLATE), "il6_plate1.txt"),
    "export cut short": (cut_in_half(PLATE), "il6_plate1.txt"),
    "export of nobody": (replaced(PLATE, b"dear diary\n" * 40), "il6_plate1.txt"),
    "binary export": (replaced(PLATE, bytes(range(256)) * 20), "il6_plate1.txt"),
    "unknown key": (edited("assay.toml", "analyte =", "analite ="), "'analyte'"),
    "unknown wavelength": (edited("assay.toml", '"570"', '"571"'), "571"),
    "well off the plate": (layout_as_csv(",H10,", ",J10,"), "layout.csv:"),
    "unknown role": (layout_as_csv(",standard,", ",standrad,"), "'standard'"),
    "no standards": (layout_as_csv(",standard,", ",sample,", -1), "names no standards"),
    "no unit": (layout_as_csv("pg/mL", "", -1), "no unit"),
    "unknown unit": (layout_as_csv("pg/mL", "pg/ml serum", -1), "pg/mL"),
    "bare dilution below 1": (layout_as_csv(",,,8.0,", ",,,0.125,"), "confirm_fraction_dilutions"),
    "two layouts": (lambda run: (run / LAYOUT).write_text("well,role\n"), "layout.xlsx"),
    "cut workbook": (cut_in_half("layout.xlsx"), "layout.xlsx"),
    "unknown model": (edited("assay.toml", '"4pl"', '"4PL"'), "Did you mean '4pl'?"),
    "a letter beside the plate": (
        lambda run: (run / "notes.txt").write_text("hello Anna"),
        'exports = ["il6_plate1.txt"]',
    ),
    "no protocol": (removed("assay.toml"), "assay.toml"),
}

FLOW: dict[str, tuple[Spoil, str]] = {
    "unknown channel": (edited("assay.toml", '"CD5"', '"CD55"'), "'CD5"),
    "unknown parent": (
        edited("assay.toml", 'parent = "singlets"', 'parent = "singlet"'),
        "singlets",
    ),
    "readout in no population": (
        edited("assay.toml", 'population = "CLL"\ncofactor', 'population = "CLLs"\ncofactor'),
        "'CLL'",
    ),
    "absent file": (edited("samples.csv", "D01_", "D1_"), "samples.csv"),
}


@pytest.fixture(scope="module")
def blockade(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The flow example with the tubes of its first donor alone."""
    from assays.workflow.demo import copy_examples

    place = tmp_path_factory.mktemp("examples")
    copy_examples(place)
    run = place / "il6_blockade"
    for path in (run / "fcs").iterdir():
        if not path.name.startswith("D01"):
            path.unlink()
    lines = (run / "samples.csv").read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if line == lines[0] or "D01" in line]
    (run / "samples.csv").write_text("\n".join(kept) + "\n", encoding="utf-8")
    return run


def expect_refusal(run: Path, word: str) -> None:
    done = assays("run", run)
    assert done.returncode == 1, done.stdout + done.stderr
    assert word in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.count("assays: ") == 1
    assert not (run / "results").exists()
    assert [path.name for path in run.iterdir() if path.name.startswith(".results")] == []
    assert assays("check", run).returncode == 1


@pytest.mark.parametrize("case", ELISA)
def test_an_elisa_run_that_cannot_be_understood_is_refused(case: str, tmp_path: Path) -> None:
    run = tmp_path / "run"
    shutil.copytree(examples_folder() / "il6_elisa", run, ignore=shutil.ignore_patterns("results"))
    spoil, word = ELISA[case]
    spoil(run)
    expect_refusal(run, word)


@pytest.mark.parametrize("case", FLOW)
def test_a_flow_run_that_cannot_be_understood_is_refused(
    case: str, blockade: Path, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    shutil.copytree(blockade, run)
    spoil, word = FLOW[case]
    spoil(run)
    expect_refusal(run, word)


def test_a_truncated_fcs_file_is_refused(blockade: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    shutil.copytree(blockade, run)
    first = sorted((run / "fcs").iterdir())[0]
    cut_in_half(f"fcs/{first.name}")(run)
    expect_refusal(run, first.name)


def test_an_fcs_file_without_a_row_is_told_and_the_run_goes_on(
    blockade: Path, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    shutil.copytree(blockade, run)
    first = sorted((run / "fcs").iterdir())[0]
    shutil.copy(first, run / "fcs" / "forgotten.fcs")
    done = assays("run", run)
    assert done.returncode == 0, done.stderr
    findings = (run / "results" / "tables" / "findings.csv").read_text(encoding="utf-8-sig")
    assert "forgotten.fcs" in findings
