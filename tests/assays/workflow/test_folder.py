"""A run folder: its files are told apart, and nothing outside it is touched."""

from __future__ import annotations

from pathlib import Path

import pytest

from assays.errors import ProtocolError
from assays.workflow.folder import open_folder
from plates.errors import LabError

ELISA = 'schema = 1\nkind = ["elisa"]\n[elisa]\n'
FLOW = """schema = 1
kind = ["flow"]
[flow]
compensation = "file"
gates = []
readouts = []
"""


def folder_with(tmp_path: Path, protocol: str, *names: str) -> Path:
    (tmp_path / "assay.toml").write_text(protocol)
    for name in names:
        place = tmp_path / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text("x")
    return tmp_path


def test_the_folders_own_files_are_taken_and_told_apart(tmp_path: Path) -> None:
    names = ["plate.txt", "layout.xlsx", "~$layout.xlsx", "README.md", ".hidden.txt", "truth.csv"]
    folder = open_folder(folder_with(tmp_path, ELISA, *names))
    assert [role for role, _ in folder.files] == ["protocol", "export", "layout"]
    assert [path.name for path in folder.exports] == ["plate.txt"]


def test_fcs_files_come_from_their_subfolder_in_order(tmp_path: Path) -> None:
    folder = open_folder(folder_with(tmp_path, FLOW, "samples.csv", "fcs/b.FCS", "fcs/a.fcs"))
    assert [folder.name_of(path) for path in folder.fcs] == ["fcs/a.fcs", "fcs/b.FCS"]


@pytest.mark.parametrize(
    ("protocol", "names", "message"),
    [
        (ELISA, ["layout.xlsx"], "no plate-reader export"),
        (ELISA, ["p.txt", "layout.xlsx", "layout.csv"], r"layout\.csv and layout\.xlsx"),
        (FLOW, ["fcs/a.fcs"], "needs a sample sheet"),
        (FLOW, ["samples.csv"], "no FCS file"),
        (ELISA + '[inputs]\nexports = ["*.txt"]\n', ["p.csv"], r"no file matches '\*\.txt'"),
        (ELISA + '[inputs]\nexports = ["../*.txt"]\n', ["p.txt"], "leaves the run folder"),
        (ELISA + '[inputs]\nlayout = "/etc/passwd"\n', ["p.txt"], "leaves the run folder"),
        (FLOW.replace('"file"', '"c.csv"'), ["samples.csv", "a.fcs"], "'c.csv' is neither"),
        (FLOW.replace('"file"', '"../c.csv"'), ["samples.csv", "a.fcs"], "leaves the run"),
    ],
)
def test_a_folder_that_cannot_be_a_run_is_told(
    tmp_path: Path, protocol: str, names: list[str], message: str
) -> None:
    with pytest.raises(ProtocolError, match=message):
        open_folder(folder_with(tmp_path, protocol, *names))


def test_a_folder_without_protocol_says_how_to_start_one(tmp_path: Path) -> None:
    with pytest.raises(LabError, match="assays init"):
        open_folder(tmp_path)


def test_a_link_that_leaves_the_folder_is_refused(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("x")
    (tmp_path / "run").mkdir()
    run = folder_with(tmp_path / "run", ELISA)
    (run / "plate.txt").symlink_to(secret)
    with pytest.raises(ProtocolError, match="link leaves"):
        open_folder(run)
