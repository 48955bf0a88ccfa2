"""Runs started from every export of the corpus: a form is never refused for its own making."""

from __future__ import annotations

from pathlib import Path

from assays.workflow.start import start
from plates.errors import LabError, LayoutError
from plates.layouts.identify import read_layout
from plates.readers.identify import read

ASKED = ("describes no well", "has no unit", "has no nominal concentration")
"""What only a person can fill in."""


def test_every_layout_taken_from_an_export_reads_back(corpus: Path, tmp_path: Path) -> None:
    started, said = 0, []
    for number, path in enumerate(sorted((corpus / "plates").rglob("*"))):
        if not path.is_file() or path.name.endswith((".expected.csv", ".md", ".json")):
            continue
        try:
            layout = read(path).layout
        except LabError:
            continue
        started += 1
        start("elisa", tmp_path / str(number), export=path)
        try:
            found = read_layout(tmp_path / str(number) / "layout.xlsx")
        except LayoutError as error:
            if not any(asked in str(error) for asked in ASKED):
                said.append(f"{path.name}: {error}")
            continue
        assert layout is not None
        roles = sorted(str(one.role) for one in layout.contents.values())
        assert sorted(str(one.role) for one in found.contents.values()) == roles, path.name
    assert not said
    assert started > 50
