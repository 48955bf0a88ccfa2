"""What the reader's software printed is held beside ours, and never used."""

from __future__ import annotations

import math
import re
from dataclasses import replace

import pytest

from assays.elisa.prepare import prepare
from assays.elisa.printed import _is_concentration, compare_printed
from assays.elisa.run import process_elisa
from assays.protocol import Elisa, Limits
from plates.plateread import PrintedResult

PROTOCOL = Elisa(limits=Limits(lloq=3.125, uloq=200.0))


def test_printed_concentrations_that_agree_are_counted(bench) -> None:
    made = bench("printed").standards()
    made.add("a", 40.0)
    made.add("b", 80.0, dilution=4)
    export = made.export()
    plain = process_elisa([("p.txt", export)], made.layout, PROTOCOL)
    assert not [one for one in plain.findings if one.rule == "printed-results"]
    values = {well.well: well for well in plain.plates[0].wells if well.sample in ("a", "b")}
    printed = []
    for i, (well, own) in enumerate(values.items()):
        # The software printed b for the undiluted sample, and one well is 3 % off.
        value = own.concentration * own.dilution_factor * (1.03 if i == 0 else 1.001)
        printed.append(PrintedResult(1, well, "Result", value))
        printed.append(PrintedResult(1, well, "MeanResult", 7.0))
        printed.append(PrintedResult(2, well, "Result", 7.0))
    printed.append(PrintedResult(1, next(iter(values)), "Result", math.nan, "Range?"))
    beside = replace(export, printed=tuple(printed))
    run = process_elisa([("p.txt", beside)], made.layout, PROTOCOL)
    (finding,) = [one for one in run.findings if one.rule == "printed-results"]
    assert "printed 4 concentrations of wells ('Result'): 3 agree with ours" in finding.message
    assert repr(run.plates[0].samples) == repr(plain.plates[0].samples)  # NaN equals itself there


def test_printed_numbers_are_compared_in_the_unit_of_the_run(bench) -> None:
    made = bench("units").standards(unit="pg/mL")
    (first, _) = made.add("a", 40.0)
    printed = (PrintedResult(1, first, "Conc", 0.04),)
    own = {
        key: replace(one, nominal=one.nominal / 1000, unit="ng/mL")
        for key, one in made.contents.items()
    }
    layout = replace(made.layout, contents=own)
    export = replace(made.export(), printed=printed, layout=layout)
    run = process_elisa([("p.txt", export)], made.layout, PROTOCOL)
    (finding,) = [one for one in run.findings if one.rule == "printed-results"]
    found = re.search(r"Ours over theirs is ([\d.]+) in", finding.message)
    assert found is not None
    assert float(found[1]) == pytest.approx(1, abs=0.1)


def test_an_unknown_unit_of_the_export_stops_no_comparison_and_no_run(bench) -> None:
    made = bench("odd").standards()
    (first, _) = made.add("a", 40.0)
    own = {key: replace(one, unit="spoons") for key, one in made.contents.items()}
    plate = next(iter(prepare([("p.txt", made.export())], made.layout, PROTOCOL).plates))
    export = replace(
        made.export(),
        printed=(PrintedResult(1, first, "Conc", 40.0),),
        layout=replace(made.layout, contents=own),
    )
    assert compare_printed(replace(plate, export=export), plate.wells, "pg/mL") == []


@pytest.mark.parametrize(
    "name", ["Conc", "[Concentration]", "BackCalcConc", "Result", "Conc. [ng/ml]", "Obs Conc"]
)
def test_concentrations_of_wells_are_known_by_name(name: str) -> None:
    assert _is_concentration(name)


@pytest.mark.parametrize(
    "name", ["AvgConc", "MeanResult", "AdjConc", "CVresult", "% Recovery", "Log Alpha", ""]
)
def test_means_and_other_numbers_are_not(name: str) -> None:
    assert not _is_concentration(name)
