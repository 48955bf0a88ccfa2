"""A plate run that starts from an export takes over what it says, and nothing else."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from assays.protocol_text import parse
from assays.workflow import start as starting
from assays.workflow.start import start
from plates.errors import LayoutError
from plates.layout import Layout, Role, WellContent
from plates.layouts.identify import read_layout
from plates.plateread import Export, PlateRead
from plates.well import FORMATS, Well

READ = PlateRead("P", 1, "1", FORMATS[96], "absorbance", "450", np.full((8, 12), 0.1))


def begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, export: Export) -> Path:
    monkeypatch.setattr("plates.readers.identify.read", lambda place: export)
    start("elisa", tmp_path / "run", export=tmp_path / "export.txt")
    return tmp_path / "run"


def test_a_second_wavelength_is_offered_as_the_reference(tmp_path, monkeypatch) -> None:
    reads = (replace(READ, wavelength_nm="620"), READ)
    run = begun(tmp_path, monkeypatch, Export("SoftMax", "softmax", reads))
    text = (run / "assay.toml").read_text(encoding="utf-8")
    elisa = parse(text).elisa
    assert elisa is not None
    assert (elisa.signal_nm, elisa.reference_nm) == ("450", None)
    assert '# reference_nm = "620" ' in text
    taken = parse(text.replace('# reference_nm = "620"', 'reference_nm = "620"')).elisa
    assert taken is not None
    assert taken.reference_nm == "620"


def test_one_wavelength_changes_nothing(tmp_path, monkeypatch) -> None:
    run = begun(tmp_path, monkeypatch, Export("SoftMax", "softmax", (READ,)))
    assert (run / "assay.toml").read_text(encoding="utf-8") == starting._template("elisa.toml")


def test_a_multiplex_export_names_one_analyte_and_takes_its_standards(
    tmp_path, monkeypatch
) -> None:
    known = {"TNF": (500.0, "pg/mL"), "IL-6 (12)": (800.0, "pg/mL")}
    content = WellContent(Role.STANDARD, "S1", math.nan, "", nominals=known)
    reads = tuple(replace(READ, analyte=name, wavelength_nm="") for name in known)
    layout = Layout(FORMATS[96], {("P", Well(0, 0)): content})
    run = begun(tmp_path, monkeypatch, Export("Bio-Plex", "bioplex", reads, layout=layout))
    elisa = parse((run / "assay.toml").read_text(encoding="utf-8")).elisa
    assert elisa is not None
    assert elisa.analyte == "IL-6 (12)"
    found = read_layout(run / "layout.xlsx").contents["P", Well(0, 0)]
    assert (found.nominal, found.unit) == (800.0, "pg/mL")


def test_a_unit_that_the_export_does_not_name_stops_the_layout(tmp_path, monkeypatch) -> None:
    contents = {("P", Well(0, 0)): WellContent(Role.STANDARD, "S1", 2000.0)}
    export = Export("Gen5", "gen5", (READ,), layout=Layout(FORMATS[96], contents))
    run = begun(tmp_path, monkeypatch, export)
    with pytest.raises(LayoutError, match="no unit"):
        read_layout(run / "layout.xlsx")
