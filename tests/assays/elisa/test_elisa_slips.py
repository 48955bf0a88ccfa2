"""Slips in layouts and folders are told, and do not change what counts together."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from assays.elisa.run import process_elisa
from assays.protocol import Elisa, Limits
from assays.results.elisa import ElisaRun
from plates.findings import Finding
from plates.layout import Layout, Role, WellContent
from plates.layouts.identify import read_layout
from plates.plateread import PlateRead
from plates.source import Source
from plates.well import FORMATS, Well

PROTOCOL = Elisa(limits=Limits(lloq=3.125, uloq=200.0))


def run_of(bench, protocol: Elisa = PROTOCOL) -> ElisaRun:
    return process_elisa([("plate.txt", bench.export())], bench.layout, protocol)


def told(run: ElisaRun, rule: str) -> list[Finding]:
    return [finding for finding in run.findings if finding.rule == rule]


def with_label(made, well: Well, **labels: str) -> None:
    content = made.contents["", well]
    made.contents["", well] = replace(content, labels={**content.labels, **labels})


def pair_of(bench, **labels: str):
    made = bench("pair").standards()
    first, second = made.add("CLL-03", 40.0, labels=labels)
    for name in "ab":
        made.add(name, 20.0, labels=labels)
    return made, first, second


def sample(run: ElisaRun, name: str = "CLL-03"):
    found = [one for one in run.plates[0].samples if one.sample == name]
    assert len(found) == 1, "the replicates were parted"
    return found[0]


def test_a_cell_density_that_differs_keeps_the_replicates_together_and_is_told(bench) -> None:
    made, first, second = pair_of(bench, cell_density="2e6 cells/mL")
    with_label(made, second, cell_density="1e6 cells/mL")
    run = run_of(made)
    one = sample(run)
    assert one.wells == (first, second)
    assert one.concentration == pytest.approx(40, rel=0.15)
    assert math.isfinite(one.cv_concentration_percent)
    assert math.isnan(one.per_cells)
    assert sample(run, "a").per_cells == pytest.approx(sample(run, "a").concentration / 2)
    (finding,) = told(run, "cell-density-differs")
    assert f"2e6 cells/mL in {first}; 1e6 cells/mL in {second}" in finding.message


def test_one_density_in_two_spellings_is_one(bench) -> None:
    made, _, second = pair_of(bench, cell_density="2e6 cells/mL")
    with_label(made, second, cell_density="2000000 cells/mL")
    run = run_of(made)
    assert not told(run, "cell-density-differs")
    assert sample(run).per_cells == pytest.approx(sample(run).concentration / 2)


def test_a_density_that_nobody_can_read_names_well_and_cell(bench) -> None:
    made, _, second = pair_of(bench, cell_density="2e6 cells/mL")
    with_label(made, second, cell_density="2 Mio")
    cells = {("", second, "cell_density"): "layout.xlsx: Layout!E69"}
    layout = Layout(made.layout.format, made.contents, "layout.xlsx", cells=cells)
    run = process_elisa([("plate.txt", made.export())], layout, PROTOCOL)
    assert len(sample(run).wells) == 2
    (finding,) = told(run, "cell-density-unreadable")
    assert f"'2 Mio' of {second} (layout.xlsx: Layout!E69)" in finding.message
    assert "2e6 cells/mL" in finding.message


def test_a_density_per_well_asks_for_the_volume(bench) -> None:
    made, _, _ = pair_of(bench, cell_density="1e5 cells/well")
    (finding,) = told(run_of(made), "cell-density-unreadable")
    assert "volume_ml under [elisa.cells]" in finding.message


def test_a_layout_knows_the_cell_of_each_property() -> None:
    text = "well,role,sample,cell density\nA1,sample,P1,2 Mio\n"
    layout = read_layout(Source.from_bytes("layout.csv", text.encode()))
    assert layout.cells["", Well(0, 0), "cell_density"] == "layout.csv:2"


def test_single_wells_that_only_a_label_keeps_apart_are_told(bench) -> None:
    made, first, second = pair_of(bench, treatment="DMSO")
    with_label(made, second, treatment="dmso")
    (finding,) = told(run_of(made), "replicates-parted")
    assert f"{first} has treatment DMSO; {second} has treatment dmso" in finding.message


def test_conditions_in_replicate_are_no_slip(bench) -> None:
    made = bench("conditions").standards()
    for dose in ("1", "10"):
        made.add("CLL-03", 40.0, labels={"dose": dose})
    assert not told(run_of(made), "replicates-parted")


def test_a_plate_that_came_twice_is_told(bench) -> None:
    made = bench("copy").standards()
    other = bench("other").standards()
    exports = [("a.txt", made.export()), ("b.txt", other.export()), ("c.txt", made.export())]
    run = process_elisa(exports, made.layout, PROTOCOL)
    (finding,) = told(run, "same-readings")
    assert "a.txt" in finding.message
    assert "c.txt" in finding.message
    assert "b.txt" not in finding.message


def test_a_standard_with_one_name_and_two_concentrations_is_told(bench) -> None:
    made = bench("names").standards()
    for (_, well), content in list(made.contents.items()):
        name = f"S{min(well.row, 5) + 1}"
        made.contents["", well] = replace(content, sample=name)
    run = run_of(made)
    (finding,) = told(run, "standard-name-twice")
    assert "Standard S6 has 3 concentrations: 6.25 in F1, F2; 3.125 in G1, G2" in finding.message


def test_one_name_for_the_whole_series_is_no_slip(bench) -> None:
    made = bench("series").standards()
    for key, content in list(made.contents.items()):
        made.contents[key] = replace(content, sample="Standard")
    assert not told(run_of(made), "standard-name-twice")


def test_a_grid_with_a_row_too_many_is_told_when_the_layout_is_for_96_wells(bench) -> None:
    made = bench("nine rows").standards()
    values = np.full((16, 24), math.nan)
    values[:8, :12] = made.values
    values[8, :12] = 0.1
    large = replace(made.read(), format=FORMATS[384], values=values)
    export = replace(made.export(), reads=(large,))
    run = process_elisa([("plate.txt", export)], made.layout, PROTOCOL)
    (finding,) = told(run, "plate-formats-differ")
    assert "384-well" in finding.message
    assert "12 readings (I1, I2" in finding.message
    assert not told(run_of(made), "plate-formats-differ")


def test_a_second_wavelength_that_nobody_declared_is_told(bench) -> None:
    made = bench("second").standards()
    second = PlateRead("Plate 1", 1, "2", FORMATS[96], "absorbance", "620", np.full((8, 12), 0.01))
    export = made.export(second)
    run = process_elisa([("p.txt", export)], made.layout, Elisa(signal_nm="450"))
    (finding,) = told(run, "reference-undeclared")
    assert "read at 620 nm as well" in finding.message
    assert 'reference_nm = "620"' in finding.message
    declared = Elisa(signal_nm="450", reference_nm="620")
    run = process_elisa([("p.txt", export)], made.layout, declared)
    assert not told(run, "reference-undeclared")


def test_that_no_reference_is_meant_can_be_said_and_subtracts_nothing(bench) -> None:
    made = bench("none meant").standards()
    second = PlateRead("Plate 1", 1, "2", FORMATS[96], "absorbance", "620", np.full((8, 12), 0.01))
    none = Elisa(signal_nm="450", reference_nm="none")
    run = process_elisa([("p.txt", made.export(second))], made.layout, none)
    assert not told(run, "reference-undeclared")
    assert run.plates[0].reference_nm == ""
    assert np.array_equal(run.plates[0].signal, made.values, equal_nan=True)


def test_an_empty_well_between_standards_needs_no_name(bench) -> None:
    made = bench("empty").standards()
    made.contents["", Well(7, 11)] = WellContent(Role.EMPTY)
    assert not told(run_of(made), "standard-name-twice")
