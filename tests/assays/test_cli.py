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


FLOW_RUN = """\
schema = 1
kind = ["flow"]
[flow]
compensation = "none"
[[flow.gates]]
population = "all cells"
parent = "root"
method = "interval"
channels = ["FSC-A"]
params = { low = -1e9, high = 1e9 }
[[flow.readouts]]
name = "p-p65"
channel = "PE-A"
population = "all cells"
"""


def test_a_copied_tube_is_told_by_check_by_run_and_in_the_record(tmp_path: Path) -> None:
    import numpy as np

    from assays.flow import fcs
    from assays.flow.events import Channel, Events

    channels = tuple(Channel(name, None, 262144.0) for name in ("FSC-A", "PE-A"))
    values = np.random.default_rng(7).normal(1000.0, 100.0, (400, 2)).astype("float32")
    rows = ["file,donor,role,stimulus,stimulus_dose,stimulus_unit,replicate"]
    for name, stimulus, shift in (("u1", "", 0), ("s1", "IL-6,10,ng/mL", 900)):
        moved = values + np.array([0, shift], dtype="float32")
        fcs.write(tmp_path / f"{name}.fcs", Events(moved, channels, name=f"{name}.fcs"))
        role = "stimulated" if stimulus else "unstimulated"
        rows.append(f"{name}.fcs,D1,{role},{stimulus or ',,'},1")
    (tmp_path / "s2.fcs").write_bytes((tmp_path / "s1.fcs").read_bytes())
    rows.append("s2.fcs,D1,stimulated,IL-6,10,ng/mL,2")
    (tmp_path / "samples.csv").write_text("\n".join(rows) + "\n")
    (tmp_path / "assay.toml").write_text(FLOW_RUN)

    checked = assays("check", tmp_path)
    assert checked.returncode == 0, checked.stderr
    why = "one file stands for several tubes of the sheet (s1.fcs)."
    assert f"Mend this before a run. Not to be used as it is: {why}" in checked.stderr
    assert " run " not in checked.stderr.splitlines()[-1]
    done = assays("run", tmp_path)
    assert done.returncode == 3, done.stderr
    assert f"Not to be used as it is: {why}" in done.stdout
    assert "stop s1.fcs and s2.fcs are the same file" in done.stdout
    record = json.loads((tmp_path / "results" / "run.json").read_text())["verdict"]
    assert (record["severity"], record["failed"]) == ("stop", True)
    assert [each["rule"] for each in record["stops"]] == ["same-file-twice"]
    assert "✖" in (tmp_path / "results" / "report.html").read_text()
