"""The command line: verbs, exit codes, and one sentence per mistake."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest


def assays(*words: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "assays.cli", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_help_names_every_verb_and_imports_nothing_heavy() -> None:
    done = assays("--help")
    assert done.returncode == 0
    for verb in ("demo", "init", "check", "run", "read", "doctor"):
        assert f" {verb} " in done.stdout
    code = (
        "import sys; sys.argv = ['assays', '--help']\n"
        "from assays.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print([m for m in ('numpy', 'scipy', 'pandas', 'matplotlib', 'openpyxl', 'pydantic')"
        " if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.rstrip().endswith("[]")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("runn",), 2),
        (("run",), 2),
        (("init", "western", "x"), 2),
        (("init", "elisa", "x", "--format", "97"), 2),
        (("run", "no-such-folder"), 1),
        (("read", "no-such-file.txt"), 1),
        (("check", "no-such-folder"), 1),
    ],
)
def test_mistakes_have_their_exit_code_and_one_message(
    words: tuple[str, ...], code: int, tmp_path: Path
) -> None:
    done = assays(*words)
    assert done.returncode == code
    assert done.stderr.strip()
    assert "Traceback" not in done.stderr
    if code == 1:
        assert done.stderr.count("assays: ") == 1


def test_a_run_is_started_checked_and_never_overwritten(tmp_path: Path) -> None:
    place = tmp_path / "my-run"
    done = assays("init", "elisa", place, "--format", "384")
    assert done.returncode == 0, done.stderr
    assert (place / "layout.xlsx").is_file()
    assert f"assays check {place}" in done.stderr
    again = assays("init", "elisa", place)
    assert again.returncode == 1
    assert "there already" in again.stderr
    checked = assays("check", place)
    assert checked.returncode == 1
    assert "no plate-reader export" in checked.stderr


def test_a_phospho_run_is_started_from_a_folder_of_fcs_files(tmp_path: Path) -> None:
    import numpy as np

    from assays.flow import fcs
    from assays.flow.events import Channel, Events

    channels = (Channel("FSC-A", None, 262144.0), Channel("BL1-A", "pSTAT3", 262144.0))
    values = np.ones((5, 2), dtype=np.float32)
    (tmp_path / "raw").mkdir()
    for name in ("a.fcs", "b.fcs"):
        fcs.write(tmp_path / "raw" / name, Events(values, channels))
    done = assays("init", "phospho", tmp_path / "run", "--from", tmp_path / "raw")
    assert done.returncode == 0, done.stderr
    assert "BL1-A (pSTAT3)" in (tmp_path / "run" / "assay.toml").read_text(encoding="utf-8")
    seen = assays("read", tmp_path / "run" / "samples.xlsx")
    assert seen.returncode == 1
    assert "the row of 'a.fcs' names no donor" in seen.stderr


def test_the_doctor_finds_this_installation_well() -> None:
    done = assays("doctor", "--json")
    checks = json.loads(done.stdout)
    assert [check["name"] for check in checks if not check["passed"]] == []
    assert done.returncode == 0


def test_machines_are_told_of_an_error_in_a_record_too(tmp_path: Path) -> None:
    done = assays("run", tmp_path / "absent", "--json")
    error = json.loads(done.stdout)["error"]
    assert done.returncode == 1
    assert error["kind"] == "ProtocolError"
    assert error["message"] in done.stderr
