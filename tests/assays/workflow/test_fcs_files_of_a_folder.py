"""FCS files of a folder: known by what they hold, and never twice the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from assays.errors import ProtocolError
from assays.samples import Tube, TubeRole
from assays.workflow.folder import is_fcs, open_folder
from assays.workflow.process import read_tubes
from assays.workflow.same_files import same_files
from assays.workflow.start import start
from plates.findings import Severity

FLOW = """schema = 1
kind = ["flow"]
[flow]
compensation = "file"
gates = []
readouts = []
"""
BEGINS = b"FCS3.0    "


@pytest.mark.parametrize("name", ["060909.001", "0877408774.B08", "tube", "a.fcs", "b.LMD"])
def test_an_fcs_file_is_known_by_what_it_holds(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(BEGINS)
    assert is_fcs(tmp_path / name)


@pytest.mark.parametrize(("name", "held"), [("a.json", b"{}"), ("FCS.txt", b"FCSx"), ("b", b"")])
def test_what_only_lies_beside_fcs_files_is_none(tmp_path: Path, name: str, held: bytes) -> None:
    (tmp_path / name).write_bytes(held)
    assert not is_fcs(tmp_path / name)
    assert not is_fcs(tmp_path / "absent.001")


def test_a_run_folder_takes_numbered_files_and_leaves_others(tmp_path: Path) -> None:
    (tmp_path / "assay.toml").write_text(FLOW)
    (tmp_path / "samples.csv").write_text("file,donor\n060909.001,P1\n060909.002,P1\n")
    (tmp_path / "fcs").mkdir()
    for name in ("060909.001", "060909.002", "a.fcs"):
        (tmp_path / "fcs" / name).write_bytes(BEGINS + name.encode())
    (tmp_path / "fcs" / "notes.txt").write_text("FACS at noon")
    folder = open_folder(tmp_path)
    assert [path.name for path in folder.fcs] == ["060909.001", "060909.002", "a.fcs"]
    tubes, findings = read_tubes(folder)
    assert [tube.file for tube in tubes] == ["060909.001", "060909.002"]
    assert [finding.rule for finding in findings] == ["file-without-row"]


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("nowhere", "there is no such file or folder"),
        ("empty", "the folder is empty"),
        ("others", "none among its 2 files"),
        ("one", "it holds a.txt alone"),
        ("others/a.txt", "this is no FCS file"),
    ],
)
def test_a_place_without_fcs_files_is_told_as_what_it_is(
    tmp_path: Path, place: str, said: str
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "others").mkdir()
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "a.txt").write_text("x")
    for name in ("a.txt", "b.txt"):
        (tmp_path / "others" / name).write_text("x")
    with pytest.raises(ProtocolError, match=said) as caught:
        start("phospho", tmp_path / "run", export=tmp_path / place)
    assert caught.value.where == str(tmp_path / place)
    assert not (tmp_path / "run").exists()


def row(file: str, donor: str = "D1") -> Tube:
    return Tube(file, donor, TubeRole.UNSTIMULATED)


def test_two_rows_that_share_one_measurement_are_told_with_both_names(tmp_path: Path) -> None:
    (tmp_path / "assay.toml").write_text(FLOW)
    (tmp_path / "samples.csv").write_text("file,donor\na.fcs,P1\nb.fcs,P2\nc.fcs,P2\n")
    for name, held in {"a.fcs": b"1", "b.fcs": b"1", "c.fcs": b"2"}.items():
        (tmp_path / name).write_bytes(BEGINS + held * 200_000)
    _, (finding,) = read_tubes(open_folder(tmp_path))
    assert (finding.rule, finding.severity) == ("same-file-twice", Severity.STOP)
    assert finding.where == "a.fcs"
    assert "a.fcs as unstimulated of donor P1; b.fcs as unstimulated of donor P2" in finding.message
    assert "n is too large" in finding.message


def test_files_that_differ_in_one_byte_are_two_and_a_spare_copy_is_a_note(tmp_path: Path) -> None:
    held = bytearray(b"x" * 300_000)
    (tmp_path / "a").write_bytes(held)
    held[-1] = 0
    (tmp_path / "b").write_bytes(held)
    (tmp_path / "c").write_bytes(held)
    paths = {name: tmp_path / name for name in ("a", "b")}
    assert same_files(paths, {name: row(name) for name in paths}) == ()
    paths["c"] = tmp_path / "c"
    (finding,) = same_files(paths, {"a": row("a"), "b": row("b")})
    assert finding.severity is Severity.NOTE
    assert "the run reads b" in finding.message
